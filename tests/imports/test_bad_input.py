"""Whatever is dropped: a sentence, or rows that add up; never a traceback, never a lost row."""

import csv
import io
from pathlib import Path

import pytest
import sqlalchemy as sa

from kpi_engine.errors import ImportRejectedError, ScorecardError
from kpi_engine.imports.overrides import Overrides
from kpi_engine.services import imports
from kpi_engine.store import tables
from kpi_engine.terms import RowFate
from tests.desk import ME, NOW, Desk, adds_up, fates

TIDY = "period,metric,segment,value\n"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"\n \n\n", "only blanks", id="blank lines"),
        pytest.param(TIDY.encode(), "a header and no rows", id="header only"),
        pytest.param(bytes(range(256)) * 40, "not a text file", id="binary"),
        pytest.param(b"\x1f\x8b\x08\x00cut off", "damaged or was cut off", id="broken gzip"),
        pytest.param(b"PK\x03\x04" + b"\0" * 60, "damaged or was cut off", id="broken archive"),
        pytest.param(b"colour,shape\nred,round\n", "No known source", id="unknown columns"),
        pytest.param(
            b"opened_at,resolved_at,priority\n2026-10-01 08:00,,1\n",
            "closest to ServiceNow incident export, but lacks number",
            id="a needed column is missing",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(
    desk: Desk, content: bytes, sentence: str
) -> None:
    with pytest.raises(ImportRejectedError, match=sentence) as refused:
        desk.preview(content)
    assert refused.value.hint, "the next step"


def test_every_mistake_is_listed_with_line_column_value_and_reason(desk: Desk) -> None:
    preview = desk.preview(
        TIDY + "2026-10,biz.orders,all,250\n"
        "2026-13,biz.orders,all,1\n"
        "2026-10,biz.nope,all,1\n"
        "2026-10,biz.aov,all,abc\n"
        "2031-10,biz.orders,all,5\n"
        "2026-09,biz.orders,planet=Mars,5\n"
        "2026-10\n"
        "2026-10,biz.tx_success,all,97.4\n"
        "2026-09,biz.orders,all,\n"
        "2026-10,base.headcount,all,-5\n"
        "2026-10,it.spend_var,all,-0.02\n"
        "2026-12,biz.orders,all,5\n"
    )
    found = {f.line: (f.place, f.value, f.sentence) for f in preview.findings}
    assert found == {
        3: ("period", "2026-13", "This is not a day, a week, a month or a quarter."),
        4: ("metric", "biz.nope", "No measure is called this."),
        5: ("value", "abc", "This cannot be read as a number."),
        6: ("period", "2031-10", "This lies in the future."),
        7: ("segment", "planet=Mars", "This does not name a part the measure is kept for."),
        8: ("whole line", "2026-10", "The line does not have as many columns as the header."),
        9: ("value", "97.4", "A share lies between 0 and 1."),
        10: ("value", "", "This cell is needed and empty."),
        11: ("value", "-5", "This cannot be negative."),
        13: ("period", "2026-12", "This lies in the future."),
    }
    assert fates(preview) == {"new": 2, "rejected": 10}
    assert adds_up(preview)
    assert all(finding.next_step for finding in preview.findings)


def test_rejected_rows_come_back_with_their_reason_and_without_formulas(desk: Desk) -> None:
    preview = desk.preview(
        TIDY + '2026-10,"=HYPERLINK(""x"")",all,1\n2026-10,biz.orders,all,2\nshort\n'
    )
    text = imports.rejected_csv(desk.ws, preview, actor=ME, now=NOW).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["line"] for row in rows] == ["2", "4"]
    assert rows[0]["metric"] == '\'=HYPERLINK("x")'
    assert "No measure is called this" in rows[0]["error"]
    assert rows[1]["period"] == "short"


def test_lines_are_counted_past_line_ends_in_cells_and_blank_lines(desk: Desk) -> None:
    header = "service,started_at,ended_at,reason\n"
    preview = desk.preview(
        header + 'Shop,2026-10-12 17:00,2026-10-12 18:00,"two\nlines"\n'
        "\n"
        "Shop,soon,2026-10-13 18:00,none\n"
    )
    (finding,) = preview.findings
    assert (finding.line, finding.place, finding.value) == (5, "started_at", "soon")


@pytest.mark.parametrize("at", [2, 3, 4])
def test_lines_are_counted_past_lines_that_cannot_be_split(desk: Desk, at: int) -> None:
    lines = ["2026-10,biz.orders,all,1", "2026-09,biz.orders,all,2", "2026-08,biz.orders,all,x"]
    lines.insert(at - 2, "torn")
    preview = desk.preview(TIDY + "\n".join(lines) + "\n")
    assert {f.line: f.place for f in preview.findings} == {at: "whole line", 5: "value"}
    assert adds_up(preview)


def test_five_megabytes_in_one_cell_keep_only_that_row_out(desk: Desk) -> None:
    preview = desk.preview(
        TIDY + f"2026-10,biz.orders,all,{'9' * 5_000_000}\n2026-09,biz.orders,all,3\n"
    )
    assert fates(preview) == {"new": 1, "rejected": 1}


def test_the_wrong_delimiter_is_seen_through(desk: Desk) -> None:
    assert fates(desk.preview("period;metric;value\n2026-10;biz.orders;5\n")) == {"new": 1}
    assert fates(desk.preview("period\tmetric\tvalue\n2026-10\tbiz.orders\t5\n")) == {"new": 1}


def test_duplicate_headers_are_said(desk: Desk) -> None:
    preview = desk.preview("period,metric,value,value\n2026-10,biz.orders,1,2\n")
    assert [f.place for f in preview.findings] == ["value"]
    desk.save("period,metric,value,value\n2026-10,biz.orders,1,2\n")
    assert list(desk.values("biz.orders").values()) == [1]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_other_encodings_are_read(desk: Desk, encoding: str) -> None:
    text = "service,started_at,ended_at\nCafé,2026-10-12 17:00,2026-10-12 18:00\n"
    desk.save(text.encode(encoding))
    assert list(desk.values("it.downtime", service="Café").values()) == [60]


def test_a_repeated_key_counts_once_and_is_counted(desk: Desk) -> None:
    preview = desk.preview(TIDY + "2026-10,biz.orders,all,1\n2026-10,biz.orders,all,2\n")
    assert fates(preview) == {"new": 1, "duplicate": 1}
    desk.save(TIDY + "2026-10,biz.orders,all,1\n2026-10,biz.orders,all,2\n")
    assert list(desk.values("biz.orders").values()) == [2]


def test_of_a_repeated_key_the_last_row_counts_whole(desk: Desk) -> None:
    desk.save(
        "period,metric,segment,value,numerator,denominator\n"
        "2026-10,biz.tx_success,all,,90,100\n2026-10,biz.tx_success,all,0.97,,\n"
    )
    assert list(desk.values("biz.tx_success").values()) == [0.97]
    with desk.ws.reading() as connection:
        kept = sa.select(tables.fact.c.numerator, tables.fact.c.denominator)
        assert connection.execute(kept).all() == [(0.97, None)]


def test_daily_shares_need_their_parts_and_monthly_ones_do_not(desk: Desk) -> None:
    daily = desk.preview(TIDY + "2026-10-01,biz.tx_success,all,0.97\n")
    assert fates(daily) == {"rejected": 1}
    desk.save(TIDY + "2026-10,biz.tx_success,all,0.97\n")
    assert list(desk.values("biz.tx_success").values()) == [0.97]


def test_wide_tables_say_which_columns_are_no_measure(desk: Desk) -> None:
    preview = desk.preview("date,biz.orders,Net revenue,weather\n2026-10-01,10,99.5,sunny\n")
    assert fates(preview) == {"new": 2}
    assert [f.place for f in preview.findings] == ["weather"]


def test_nothing_personal_is_kept(desk: Desk) -> None:
    path = Path(__file__).parent / "exports" / "servicenow.csv"
    preview = desk.open(path)
    assert {c.column: c.how for c in preview.columns}["caller_id"] == "personal, left out"
    desk.save_file(path)
    stored = (desk.ws.home / "plumbline.duckdb").read_bytes()
    assert b"Caller 1" not in stored


def test_a_column_that_names_people_cannot_be_said_to_mean_anything(desk: Desk) -> None:
    path = Path(__file__).parent / "exports" / "servicenow.csv"
    said = Overrides(columns={"team": "CALLER_ID"})
    with pytest.raises(ImportRejectedError, match="names people and is never stored") as refused:
        imports.preview(desk.ws, path, actor=ME, now=NOW, overrides=said)
    assert refused.value.hint == "Choose another column, or none."


def test_a_preview_saves_nothing_and_a_dropped_one_leaves_nothing(desk: Desk) -> None:
    preview = desk.preview(TIDY + "2026-10,biz.orders,all,1\n")
    assert desk.ws.newest() == 0
    imports.discard(desk.ws, preview, actor=ME)
    assert list(desk.ws.staging_folder.glob("*")) == []


def test_a_preview_shows_what_saving_then_does(desk: Desk) -> None:
    desk.save(TIDY + "2026-10,biz.orders,all,1\n")
    preview = desk.preview(TIDY + "2026-10,biz.orders,all,7\n2026-09,biz.orders,all,3\n")
    shown = {(i.metric, i.month.month): (i.stored, i.after) for i in preview.impacts}
    assert shown == {("biz.orders", 10): (1, 7), ("biz.orders", 9): (None, 3)}
    imports.commit(desk.ws, preview, actor=ME, now=NOW)
    after = {("biz.orders", day.month): value for day, value in desk.values("biz.orders").items()}
    assert after == {key: change[1] for key, change in shown.items()}
    assert preview.counts[RowFate.UPDATED] == 1


def test_a_store_that_moved_on_prepares_the_file_again(desk: Desk) -> None:
    preview = desk.preview(TIDY + "2026-10,biz.orders,all,7\n", "mine.csv")
    desk.save(TIDY + "2026-09,biz.orders,all,3\n", "other.csv")
    batch = imports.commit(desk.ws, preview, actor=ME, now=NOW)
    assert batch is not None
    assert sorted(desk.values("biz.orders").values()) == [3, 7]


def test_a_store_that_moved_on_where_it_matters_is_said(desk: Desk) -> None:
    preview = desk.preview(TIDY + "2026-10,biz.orders,all,7\n", "mine.csv")
    desk.save(TIDY + "2026-10,biz.orders,all,3\n", "other.csv")
    with pytest.raises(ScorecardError, match="Somebody else saved rows of the same kind"):
        imports.commit(desk.ws, preview, actor=ME, now=NOW)
    assert list(desk.values("biz.orders").values()) == [3]


def test_numbers_that_change_nothing_are_said(desk: Desk) -> None:
    desk.save(
        "number,opened_at,resolved_at,closed_at\n"
        "INC1,1/9/2026 00:00,1/9/2026 03:00,1/9/2026 03:00\n"
    )
    preview = desk.preview(TIDY + "2026-09,it.mttr,all,99\n2026-08,it.mttr,all,4\n")
    assert [(i.metric, i.month.month) for i in preview.impacts] == [("it.mttr", 8)]
    (notice,) = preview.findings
    assert notice.place == "Time to get people working again, Sep 2026"
    assert "kept, not used" in notice.sentence
