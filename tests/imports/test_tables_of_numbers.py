"""Numbers in tables as people make them: wide, a column a month, year and quarter, any marks."""

from datetime import date

import pytest

from kpi_engine.errors import UnknownHeaderError
from kpi_engine.imports.overrides import Overrides
from kpi_engine.services import imports
from kpi_engine.terms import Grain, Severity
from tests.desk import ME, NOW, Desk, adds_up, fates

OCTOBER, SEPTEMBER = date(2026, 10, 1), date(2026, 9, 1)


def test_a_column_a_month_with_names_people_use(desk: Desk) -> None:
    text = "Measure;Sep 2026;Oct 2026;Total\nOrders;1.200;1.350,0;2.550\nbiz.aov;78,5;;\n"
    preview = desk.preview(text)
    assert fates(preview) == {"new": 3}
    desk.save(text)
    assert desk.values("biz.orders") == {SEPTEMBER: 1200, OCTOBER: 1350}
    assert desk.values("biz.aov") == {SEPTEMBER: 78.5}


def test_rows_of_a_month_table_are_rejected_one_by_one(desk: Desk) -> None:
    preview = desk.preview("metric,2026-09,2026-10\nbiz.orders,5,many\nbiz.nope,1,2\n")
    assert fates(preview) == {"new": 1, "rejected": 3}
    assert adds_up(preview)
    assert [(f.line, f.place, f.value) for f in preview.findings] == [
        (2, "2026-10", "many"),
        (3, "metric", "biz.nope"),
        (3, "metric", "biz.nope"),
    ]


def test_year_and_quarter_in_two_columns(desk: Desk) -> None:
    desk.save("year,quarter,metric,value\n2026,Q2,base.sessions,10\n2026,3,base.sessions,20\n")
    assert desk.values("base.sessions", grain=Grain.QUARTER) == {
        date(2026, 4, 1): 10,
        date(2026, 7, 1): 20,
    }


def test_year_and_month_in_two_columns_of_a_wide_table(desk: Desk) -> None:
    desk.save("year,month,Orders\n2026,9,1200\n2026,10,1350\n")
    assert desk.values("biz.orders") == {SEPTEMBER: 1200, OCTOBER: 1350}


def test_days_as_a_spreadsheet_abroad_writes_them(desk: Desk) -> None:
    desk.save("Date;Orders\n30.09.2026;1.000\n01.10.2026;1.500,5\n")
    assert desk.values("biz.orders") == {SEPTEMBER: 1000, OCTOBER: 1500.5}


def test_hidden_small_counts_stay_missing_and_are_said(desk: Desk) -> None:
    preview = desk.preview("period,metric,value\n2026-09,biz.orders,<=5\n2026-10,biz.orders,12\n")
    assert fates(preview) == {"new": 1, "rejected": 1}
    assert "hidden because it is small" in preview.findings[-1].sentence
    wide = desk.preview("date,Orders\n2026-09-01,<5\n2026-10-01,12\n")
    assert fates(wide) == {"new": 1, "rejected": 1}
    assert "hidden because it is small" in wide.findings[-1].sentence


def test_percent_signs_and_parentheses(desk: Desk) -> None:
    desk.save("period,metric,value\n2026-09,biz.tx_success,97.5%\n2026-10,biz.tx_success,98 %\n")
    assert desk.values("biz.tx_success") == {SEPTEMBER: 0.975, OCTOBER: 0.98}


def test_columns_that_say_nothing_are_read_once_somebody_names_them(desk: Desk) -> None:
    path = desk.write("ds,y\n2026-09-01,1200\n2026-10-01,1350\n")
    with pytest.raises(UnknownHeaderError):
        desk.open(path)
    named = Overrides(columns={"period": "ds", "biz.orders": "y"})
    preview = imports.preview(desk.ws, path, actor=ME, now=NOW, recipe="wide", overrides=named)
    imports.commit(desk.ws, preview, actor=ME, now=NOW)
    assert desk.values("biz.orders") == {SEPTEMBER: 1200, OCTOBER: 1350}


def test_a_wide_cell_that_cannot_be_is_shown_with_its_column(desk: Desk) -> None:
    preview = desk.preview("date,Orders,Content customers\n2026-09,120,82.5\n2026-10,130,0.8\n")
    (finding,) = [f for f in preview.findings if f.severity is Severity.ERROR]
    assert (finding.place, finding.line, finding.value) == ("Content customers", 2, "82.5")
    assert finding.sentence == "A share lies between 0 and 1."
    assert preview.finding_counts == (("Content customers: A share lies between 0 and 1.", 1),)


def test_a_day_somebody_names_takes_the_place_of_year_and_month(desk: Desk) -> None:
    path = desk.write("dteday,yr,mnth,cnt\n2026-09-01,26,9,120\n2026-09-02,26,9,130\n")
    said = Overrides(columns={"period": "dteday", "biz.orders": "cnt"})
    shown = imports.preview(desk.ws, path, actor=ME, now=NOW, recipe="wide", overrides=said)
    assert fates(shown) == {"new": 2}
    assert shown.days == ((date(2026, 9, 1), 1), (date(2026, 9, 2), 1))
