import gzip
import io
import zipfile
from pathlib import Path

import duckdb
import pytest

from kpi_engine.errors import ImportRejectedError
from kpi_engine.imports.decoding import decode
from kpi_engine.imports.opening import open_tables
from kpi_engine.imports.overrides import Overrides
from kpi_engine.imports.sniff import Sniffed, sniff
from kpi_engine.services import imports
from tests.desk import ME, NOW, Desk, fates

TIDY = "period,metric,value\n2026-10,biz.orders,5\n"


def zipped(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/"), text)
    return out.getvalue()


def understood(folder: Path, content: bytes, **said: str | int) -> Sniffed:
    path = folder / "file.csv"
    path.write_bytes(content)
    return sniff(path, scratch=folder / "scratch", overrides=Overrides(**said))  # type: ignore[arg-type]


def test_packed_files_are_unpacked_however_they_are_called(desk: Desk) -> None:
    packed = gzip.compress(zipped(inner=TIDY))
    preview = desk.preview(packed)
    assert fates(preview) == {"new": 1}
    assert preview.decisions[:2] == ("Unpacked from gzip.", "Unpacked from file.csv.")


def test_of_several_tables_the_one_that_is_known_is_read_and_the_others_are_named(
    desk: Desk,
) -> None:
    packed = zipped(**{"notes.csv": "colour,shape\nred,round\n", "orders.csv": TIDY})
    preview = desk.preview(packed)
    assert fates(preview) == {"new": 1}
    assert preview.decisions[0] == "This is the table orders.csv; the file also holds notes.csv."
    assert preview.tables == ("notes.csv", "orders.csv")


def test_what_systems_leave_in_archives_is_no_table(desk: Desk) -> None:
    packed = zipped(**{"__MACOSX__._a.csv": "x", ".DS_Store": "x", "a.csv": TIDY})
    assert desk.preview(packed).tables == ("",)


def test_a_locked_archive_is_refused_with_a_sentence(tmp_path: Path) -> None:
    content = bytearray(zipped(**{"a.csv": TIDY}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path = tmp_path / "locked.zip"
    path.write_bytes(bytes(content))
    with pytest.raises(ImportRejectedError, match="locked with a password"):
        open_tables(path, path.name, scratch=tmp_path / "scratch")


def test_parquet_is_read(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "numbers.parquet"
    duckdb.sql(
        "COPY (SELECT DATE '2026-10-01' AS period, 'biz.orders' AS metric, 5.5::DOUBLE AS value) "
        f"TO '{path}' (FORMAT parquet)"
    )
    assert fates(desk.preview(path.read_bytes())) == {"new": 1}


@pytest.mark.parametrize(
    ("content", "header", "line"),
    [
        (b"a,b\r1,2\r3,4\r", ("a", "b"), 1),
        (b"sep=;\na;b\n1;2\n", ("a", "b"), 2),
        (b"# a report\n# of something\n\na,b,c\n1,2,3\n4,5,6\n", ("a", "b", "c"), 4),
        (b"Report for October,,\n\na,b,c\n1,2,3\n4,5,6\n", ("a", "b", "c"), 3),
        (b"'a, x'|'b'\n'1'|'2'\n", ("a, x", "b"), 1),
        (b'a,b\n"x \\" y",1\n"z",2\n', ("a", "b"), 1),
        ("a;b\nJosé;1,5\n".encode("cp1252"), ("a", "b"), 1),
        ("名前,年齢\n太郎,20\n次郎,30\n三郎,40\n".encode("cp932"), ("名前", "年齢"), 1),
        ("a\tb\n1\t2\n".encode("utf-16-le"), ("a", "b"), 1),
    ],
)
def test_letters_dialect_and_header_are_told(
    tmp_path: Path, content: bytes, header: tuple[str, ...], line: int
) -> None:
    found = understood(tmp_path, content)
    assert found.file.header == header
    assert found.file.lines_before == line


def test_what_somebody_says_comes_first(tmp_path: Path) -> None:
    assert understood(tmp_path, b"a,b\n1,2\n", delimiter=";").file.header == ("a,b",)
    assert understood(tmp_path, b"x,y\na,b\n1,2\n", header_line=2).file.header == ("a", "b")
    greek = understood(tmp_path, "όνομα,x\nΆννα,1\n".encode("iso8859-7"), encoding="iso8859-7")
    assert greek.file.header == ("όνομα", "x")


def test_a_few_broken_letters_in_utf8_are_replaced_and_said_where(tmp_path: Path) -> None:
    path = tmp_path / "torn.csv"
    path.write_bytes("name\nÉmile\nZoë\nÅsa\nØre\nÇelik\n".encode() + b"Jos\xe9\n")
    found = decode(path, path.name, scratch=tmp_path / "scratch")
    assert found.encoding == "utf-8"
    assert [finding.line for finding in found.findings] == [7]
    assert "Jos\N{REPLACEMENT CHARACTER}" in found.path.read_text(encoding="utf-8")


def test_empty_bytes_are_left_out_and_said(tmp_path: Path) -> None:
    found = understood(tmp_path, b"a,b\n1,\x002\n3,4\n")
    assert found.samples[0] == ("1", "2")
    assert "NUL" in found.findings[0].sentence


STACKED = """# Report
# Start date: 20261001

colour,shape,size
red,round,5
blue,square,6

period,metric,value
2026-10,biz.orders,5
2026-09,biz.orders,many

Total,2
"""


def test_tables_that_stand_one_below_the_other_are_offered_one_by_one(desk: Desk) -> None:
    preview = desk.preview(STACKED)
    assert preview.tables == ("lines 4 to 6", "lines 8 to 12")
    assert preview.table == "lines 8 to 12"
    assert fates(preview) == {"new": 1, "rejected": 2}
    assert [(f.line, f.value) for f in preview.findings] == [(10, "many"), (12, "Total,2")]
    with pytest.raises(ImportRejectedError, match="colour, shape, size"):
        imports.preview(
            desk.ws,
            preview.path,
            actor=ME,
            now=NOW,
            overrides=Overrides(table="lines 4 to 6"),
        )


def test_blank_rows_inside_a_table_do_not_part_it(desk: Desk) -> None:
    preview = desk.preview("period,metric,value\n2026-10,biz.orders,5\n\n2026-09,biz.orders,6\n")
    assert preview.tables == ("",)
    assert fates(preview) == {"new": 2}


def test_a_way_of_packing_that_nobody_here_knows_is_named(desk: Desk) -> None:
    content = bytearray(zipped(**{"a.csv": TIDY}))
    for mark, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = content.index(mark) + place
        content[at : at + 2] = (97).to_bytes(2, "little")
    with pytest.raises(ImportRejectedError, match="packed in a way that cannot be unpacked here"):
        desk.preview(bytes(content), "odd.zip")
