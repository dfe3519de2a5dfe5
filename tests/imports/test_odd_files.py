"""Files as damage, haste and old programs leave them: nothing raises, nothing goes in silence."""

import gzip
import io
import shutil
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kpi_engine.errors import ImportRejectedError
from kpi_engine.imports import opening
from kpi_engine.services import comparing, imports
from kpi_engine.services.import_results import Preview
from kpi_engine.workspace import Workspace
from tests.desk import ME, Desk, adds_up, fates

HEAD, ONE, TWO = b"period,metric,value\n", b"2026-10,biz.orders,5\n", b"2026-09,biz.orders,6\n"
TABLE = HEAD + ONE + TWO
TICKETS = b"number,opened_at,resolved_at,closed_at,assignment_group,short_description\n"


def ticket(number: int, said: bytes) -> bytes:
    day = b"2026-10-0%d" % number
    return b"INC%d,%b 10:00,%b 12:00,%b 12:00,Desk,%b\n" % (number, day, day, day, said)


def zipped(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as archive:
        warnings.simplefilter("ignore")  # of two members of one name
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


@pytest.fixture(scope="module")
def reader(empty_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk at which files are looked at and never saved."""
    folder = tmp_path_factory.mktemp("odd")
    shutil.copytree(empty_home, folder / "home")
    ws = Workspace.open(folder / "home")
    with pytest.MonkeyPatch.context() as patch:
        # What is read is what counts here; to fold it takes half of the time.
        patch.setattr(comparing, "fold_again", lambda *_: None)
        yield Desk(ws, folder / "dropped")
    assert list(ws.staging_folder.glob("*")) == []
    ws.close()


def look(reader: Desk, content: bytes) -> Preview:
    shown = reader.preview(content)
    imports.discard(reader.ws, shown, actor=ME)
    assert adds_up(shown)
    return shown


def said(shown: Preview) -> str:
    return " ".join([*shown.decisions, *(found.sentence for found in shown.findings)])


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(TICKETS + ticket(1, b'"he said ""no"""') + ticket(2, b"x"), id="doubled"),
        pytest.param(TICKETS + ticket(1, b'"said \\"no\\" to"') + ticket(2, b'"a, b"'), id="bars"),
        pytest.param(TICKETS + ticket(1, b'5" disk') + ticket(2, b'a "b" c'), id="stray quotes"),
        pytest.param(TICKETS + ticket(1, b'"one\ntwo"') + ticket(2, b"x"), id="line in a cell"),
        pytest.param(TICKETS + ticket(1, b'"one\r\ntwo"') + ticket(2, b"x"), id="CRLF in a cell"),
        pytest.param(TICKETS + ticket(1, b'"one\rtwo"') + ticket(2, b"x"), id="return in a cell"),
        pytest.param(TABLE[:-1], id="no last line end"),
        pytest.param(TABLE.replace(b"\n", b"\r"), id="returns alone"),
        pytest.param(TABLE.decode().replace("\n", "\r").encode("utf-16"), id="wide returns alone"),
        pytest.param(TABLE.decode().encode("utf-16-be"), id="wide without a mark"),
        pytest.param(TABLE.decode().encode("utf-32"), id="four bytes a letter"),
        pytest.param(b"\xef\xbb\xbf\xef\xbb\xbf" + TABLE, id="marked twice"),
        pytest.param(TABLE.replace(b",", b"^"), id="carets"),
        pytest.param(TABLE.replace(b"\n2", b",\n2").replace(b"6\n", b"6,\n"), id="commas at ends"),
        pytest.param(b"a,b,c\n1,2,3\n4,5,6\n\n" + TABLE, id="another table above"),
        pytest.param(b"Report,October\nBy,Ann, Smith\n\n" + TABLE, id="commas above"),
        pytest.param(b"\xef\xbb\xbfsep=;\r\n" + TABLE.replace(b",", b";"), id="sep and mark"),
        pytest.param(gzip.compress(HEAD + ONE) + gzip.compress(TWO), id="gzip twice"),
        pytest.param(gzip.compress(zipped(("a.zip", zipped(("b.csv", TABLE))))), id="nested"),
        pytest.param(
            b'[\n {"period": "2026-10", "metric": "biz.orders", "value": 5},'
            b'{"period": "2026-09", "metric": "biz.orders", "value": 6}]',
            id="a list of JSON",
        ),
    ],
)
def test_what_can_be_read_is_read(reader: Desk, content: bytes) -> None:
    assert fates(look(reader, content)) == {"new": 2}


ENDS = (b"\n", b"\r\n", b"\r")


@pytest.mark.parametrize("first", ENDS)
@pytest.mark.parametrize("second", ENDS)
def test_lines_may_end_in_several_ways(reader: Desk, first: bytes, second: bytes) -> None:
    content = HEAD.rstrip() + first + ONE.rstrip() + second + TWO.rstrip() + first
    assert fates(look(reader, content)) == {"new": 2}


@pytest.mark.parametrize(
    "above",
    [
        pytest.param(b'"A report\nof two lines"\n', id="a title of two lines"),
        pytest.param(b'A report of 5" disks\n', id="a title with a quote"),
        pytest.param(b"A report\r\n\r\n", id="a title with other line ends"),
        pytest.param(b"", id="nothing above"),
    ],
)
@pytest.mark.parametrize(
    ("inside", "end"), [(b"\n", b"\n"), (b"\n", b"\r\n"), (b"\r\n", b"\r\n"), (b"\r", b"\n")]
)
def test_no_row_is_lost_below_a_head_whose_lines_can_be_counted_in_several_ways(
    reader: Desk, above: bytes, inside: bytes, end: bytes
) -> None:
    """DuckDB counts rows where others count lines: a name of two lines used to cost a row."""
    head = b'period,metric,value,"a' + inside + b'note"' + end
    rows = b"2026-10,biz.orders,5,x" + end + b"2026-09,biz.orders,many,y" + end
    shown = look(reader, above + head + rows)
    assert fates(shown) == {"new": 1, "rejected": 1}
    title = above.replace(b"\r\n", b"\n").count(b"\n")
    assert [found.line for found in shown.findings if found.line] == [title + 2 + 2]


@pytest.mark.parametrize(
    ("content", "expected", "sentence"),
    [
        pytest.param(
            TICKETS + ticket(1, b'"never closed') + ticket(2, b"x"),
            {"rejected": 1},
            "not closed or not doubled. 1 line below it was taken for a part of it.",
            id="a quote never closed",
        ),
        pytest.param(
            TICKETS
            + ticket(1, b'"broken')
            + ticket(2, b"x")
            + ticket(3, b'say x"')
            + ticket(4, b'"a, b\nlist, with, as, many, commas, in, it"'),
            {"new": 2},
            "2 lines that look like rows stand inside a cell",
            id="a quote closed rows later",
        ),
        pytest.param(
            HEAD + ONE + HEAD + TWO,
            {"new": 2, "rejected": 1},
            "cannot be read as a number",
            id="the header again",
        ),
        pytest.param(
            HEAD + ONE + TWO.replace(b",", b";"),
            {"new": 1, "rejected": 1},
            "not have as many columns as the header",
            id="one row with another delimiter",
        ),
        pytest.param(
            HEAD + ONE + b"2026-09,biz.orders,6,extra,more\n",
            {"new": 1, "rejected": 1},
            "not have as many columns as the header",
            id="a longer row",
        ),
        pytest.param(
            HEAD + ONE + b",,\n" + TWO,
            {"new": 2, "rejected": 1},
            "This row is empty.",
            id="a row of empty cells",
        ),
        pytest.param(
            HEAD + b"2026-10,biz\x00.orders,5\n" + TWO,
            {"new": 2},
            "Empty bytes (NUL) were left out, 1 in all.",
            id="empty bytes",
        ),
        pytest.param(
            TABLE + b"\x1a",
            {"new": 2, "rejected": 1},
            "not have as many columns as the header",
            id="an old end of file",
        ),
        pytest.param(
            "period,metric,segment,value\n2026-10,biz.orders,channel=Köln,5\n".encode()
            + b"2026-09,biz.orders,channel=K\xf6ln,6\n",
            {"new": 2},
            "Some letters are written in UTF-8 and others in cp1252",
            id="two encodings",
        ),
        pytest.param(
            HEAD + b"26-10,biz.orders,5\nOct 26,biz.orders,5\n10/26,biz.orders,5\n" + TWO,
            {"new": 1, "rejected": 3},
            "not a day, a week, a month or a quarter",
            id="years of two digits",
        ),
        pytest.param(
            HEAD + b"10/2026,biz.orders,5\n09.2026,biz.orders,5\n45870,biz.orders,5\n",
            {"new": 3},
            "45870 is read as days counted by a spreadsheet",
            id="months before years, and days that are counted",
        ),
        pytest.param(
            HEAD + b"2026-10-01,biz.orders,5\n1790812800,base.carts,5\n45931,base.sessions,7\n",
            {"new": 3},
            "1790812800 as seconds since 1970 (UTC); 45931 as days counted by a spreadsheet",
            id="several ways of writing days",
        ),
        pytest.param(
            HEAD + b"2026-10,biz.orders,0x10\n2026-09,biz.orders,inf\n2026-08,biz.orders,1e3\n",
            {"new": 1, "rejected": 2},
            "cannot be read as a number",
            id="numbers of programmers",
        ),
        pytest.param(
            TICKETS.replace(b"short_description", b"reopen_count")
            + ticket(1, b"2.6")
            + ticket(2, b"1"),
            {"new": 1, "rejected": 1},
            "cannot be read as a whole number",
            id="a part of what is counted",
        ),
        pytest.param(
            zipped(("a.csv", TABLE), ("a.csv", HEAD + ONE)),
            {"new": 2},
            "This is the table a.csv; the file also holds a.csv (2).",
            id="two members of one name",
        ),
        pytest.param(
            zipped(("a.csv", TABLE), ("b.pdf", b"%PDF-1.7")),
            {"new": 2},
            "b.pdf is a PDF",
            id="a member that is no table",
        ),
    ],
)
def test_what_cannot_be_read_is_said(
    reader: Desk, content: bytes, expected: dict[str, int], sentence: str
) -> None:
    shown = look(reader, content)
    assert fates(shown) == expected
    assert sentence in said(shown)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"<html><table><tr><td>period</td></tr></table>", "is a web page", id="html"),
        pytest.param(b'\xef\xbb\xbf\n<?xml version="1.0"?><a/>', "is XML", id="xml"),
        pytest.param(b"%PDF-1.7\n1 0 obj\n", "is a PDF", id="pdf"),
        pytest.param(b"{\\rtf1 period}", "is a text document", id="rtf"),
        pytest.param(b'[{"period": "2026-', "is JSON, but cannot be read as a list", id="json"),
        pytest.param(b'{\n "period": "2026-10",\n', "is JSON, but cannot", id="one object"),
        pytest.param(zipped(), "holds no table", id="an empty archive"),
        pytest.param(zipped(("../evil.csv", TABLE)), "holds no table", id="out of the archive"),
        pytest.param(gzip.compress(TABLE * 99)[:-20], "damaged or was cut off", id="gzip cut off"),
        pytest.param(gzip.compress(TABLE) + b"and more", "damaged", id="gzip with a rest"),
        pytest.param(b"\x00" * 5000, "is not a text file", id="nothing but empty bytes"),
        pytest.param(bytes(range(256)) * 50, "is not a text file", id="no text"),
        pytest.param(b"value\n5\n6\n", "No known source has these columns", id="one column"),
        pytest.param(HEAD.replace(b"\n", b"\r\n"), "has a header and no rows", id="no rows"),
        pytest.param(
            zipped(("a", zipped(("b", zipped(("c", zipped(("d", TABLE)))))))),
            "is packed more than three times",
            id="nested for ever",
        ),
    ],
)
def test_what_is_no_table_is_refused_with_what_it_is(
    reader: Desk, content: bytes, sentence: str
) -> None:
    with pytest.raises(ImportRejectedError, match=sentence):
        look(reader, content)


def test_an_archive_that_lies_about_its_size_is_refused(reader: Desk) -> None:
    content = bytearray(zipped(("a.csv", TABLE)))
    size = content.index(b"PK\x01\x02") + 24
    content[size : size + 4] = (10).to_bytes(4, "little")
    with pytest.raises(ImportRejectedError, match="damaged or was cut off"):
        look(reader, bytes(content))


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        pytest.param("_MOST_UNPACKED", 50, "unpacks to more than can be read", id="too much"),
        pytest.param("_SPARE", 1 << 60, "not enough room on the disk", id="no room"),
    ],
)
@pytest.mark.parametrize(
    "content", [gzip.compress(TABLE), zipped(("a.csv", TABLE))], ids=["gzip", "zip"]
)
def test_what_is_packed_never_fills_the_machine(
    reader: Desk,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes,
    name: str,
    value: int,
    sentence: str,
) -> None:
    monkeypatch.setattr(opening, name, value)
    with pytest.raises(ImportRejectedError, match=sentence):
        look(reader, content)
