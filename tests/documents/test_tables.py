"""Workbook and CSV, read back: raw numbers that equal the service's, and text that stays text."""

import csv
import io
from dataclasses import replace
from datetime import datetime

import pytest
from openpyxl import Workbook, load_workbook

from kpi_engine.render.documents.formats import Format, document
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.terms import Unit
from kpi_engine.words.judgement import EVIDENCE, STATUS
from tests.documents.cards import HOSTILE, hostile
from tests.factories import explanation, landing, metric, reading, scorecard
from tests.marlow_finch import checkout, october, time_to_market


def workbook(card: Scorecard) -> Workbook:
    return load_workbook(io.BytesIO(document(card, Format.EXCEL)))


def sheet_rows(book: Workbook, name: str) -> list[dict]:
    head, *rows = book[name].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def form_of(card: Scorecard, title: str) -> str:
    """The number format of the first outcome's cell in a column."""
    head, first, *_ = workbook(card)["Scorecard"].iter_rows()
    return first[[cell.value for cell in head].index(title)].number_format


def csv_rows(card: Scorecard) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(document(card, Format.CSV).decode("utf-8-sig"))))


@pytest.fixture(scope="module")
def book() -> Workbook:
    return workbook(october())


def test_the_numbers_are_those_of_the_service(book: Workbook) -> None:
    for found, row in zip(sheet_rows(book, "Scorecard"), october().rows, strict=True):
        outcome = row.outcome
        points = 100 if outcome.metric.unit is Unit.PERCENT else 1
        change = None if outcome.change is None else pytest.approx(outcome.change * points)
        assert found["Id"] == outcome.metric.id
        assert found["Value"] == outcome.value
        assert found["Target"] == outcome.judgement.target
        assert found["Status"] == STATUS[outcome.judgement.status].word
        assert found["Change"] == change
        assert found["Month"].date() == outcome.shown_month


def test_what_drivers_did_stands_in_columns_of_its_own(book: Workbook) -> None:
    drivers = [driver for row in october().rows for driver in row.drivers]
    rows = sheet_rows(book, "Drivers")
    for found, driver in zip(rows, drivers, strict=True):
        money = driver.contribution.money
        likely = (money.low, money.mid, money.high) if money else (None, None, None)
        assert found["Value"] == driver.reading.value
        assert found["Evidence"] == EVIDENCE[driver.contribution.grade]
        assert tuple(found[f"Money this month, {end}"] for end in ("low", "likely", "high")) == (
            pytest.approx(likely)
        )
    shares = [rows[0][f"Share of the change, {end}"] for end in ("low", "likely", "high")]
    assert shares == pytest.approx([-0.47, -0.36, -0.26])
    assert rows[0]["Share in"] == "pp"
    used = next(row for row in rows if row["Id"] == "it.bandwidth_p95")
    assert (used["Target"], used["Target, upper end"]) == (0.2, 0.7)


def test_goals_and_the_year_are_there_in_numbers_and_in_words() -> None:
    found = landing(0.96, 0.97, target=0.975)
    card = scorecard(replace(checkout(), landing=found), time_to_market())
    book = workbook(card)
    first, second = sheet_rows(book, "Scorecard")
    ends = [first[f"Year ends at, {end}"] for end in ("low", "likely", "high")]
    assert ends == pytest.approx([0.96, 0.965, 0.97])
    assert first["Year's target"] == 0.975
    assert "is likely to end at" in first["The year"]
    assert second["Year ends at, low"] is None
    assert not second["The year"]
    goals = sheet_rows(book, "Goals")
    assert [row["Goal"] for row in goals] == [goal.name for goal in card.goals]
    assert goals[0]["Score, 0 to 10"] == pytest.approx(card.goals[0].standing.score)


def test_history_has_every_month_as_a_date(book: Workbook) -> None:
    card = october()
    rows = sheet_rows(book, "History")
    readings = [r for row in card.rows for r in (row.outcome, *(d.reading for d in row.drivers))]
    assert len(rows) == sum(len(reading.history) for reading in readings)
    first = card.rows[0].outcome
    mine = [row for row in rows if row["Id"] == first.metric.id]
    assert [row["Value"] for row in mine] == [point.value for point in first.history]
    assert [row["Month"].date() for row in mine] == [point.month for point in first.history]


def test_it_says_what_the_numbers_mean_and_of_when_they_are(book: Workbook) -> None:
    meanings = {row["Id"]: row["What it says"] for row in sheet_rows(book, "Definitions")}
    assert meanings["biz.tx_success"] == october().rows[0].outcome.metric.sentence
    about = {row["About"]: row["Says"] for row in sheet_rows(book, "About")}
    assert about["Organisation"] == "Marlow & Finch"
    assert about["As of batch"] == 7
    assert about["Edition"] == "Draft, latest data, as of batch 7."
    assert about["Data to"] == datetime(2026, 10, 31)  # noqa: DTZ001 - spreadsheets know no zones


def test_heads_are_frozen(book: Workbook) -> None:
    assert [sheet.freeze_panes for sheet in book] == ["C2", "B2", "C2", "B2", "B2", "B2"]


@pytest.mark.parametrize(
    ("unit", "value", "decimals", "form"),
    [
        pytest.param(Unit.PERCENT, 0.962, 1, '#,##0.0"\u202f"%', id="a fraction"),
        pytest.param(Unit.MILLISECONDS, 2900, 1, '#,##0.0,"\u202fs"', id="seconds from thousands"),
        pytest.param(Unit.CURRENCY, 4.08, 2, "\\$#,##0.00", id="currency in front"),
        pytest.param(Unit.DAYS, 34, 0, '#,##0"\u202fdays"', id="days"),
        pytest.param(Unit.COUNT, 1408, 0, "#,##0", id="a bare count"),
    ],
)
def test_a_number_format_follows_the_unit(
    unit: Unit, value: float, decimals: int, form: str
) -> None:
    of = metric("biz.one", unit=unit, decimals=decimals)
    card = scorecard(explanation(reading(value, of=of, target=value, red_line=value / 2)))
    assert form_of(card, "Value").split(";")[0] == form


def test_a_number_shows_the_digits_that_its_status_needs() -> None:
    near = reading(0.97496, target=0.975, red_line=0.96)
    assert form_of(scorecard(explanation(near)), "Value") == '#,##0.000"\u202f"%'


def test_a_half_is_shown_in_full_since_spreadsheets_round_it_up() -> None:
    days = metric("biz.ttm", unit=Unit.DAYS, decimals=0)
    half = scorecard(explanation(reading(32.5, of=days, target=30, red_line=36, previous=32)))
    assert form_of(half, "Value").startswith('#,##0.0"')
    assert form_of(half, "Change").startswith('+#,##0.0"')


def test_no_name_becomes_a_formula() -> None:
    book, rows = workbook(hostile()), csv_rows(hostile())
    assert not [cell for sheet in book for row in sheet for cell in row if cell.data_type == "f"]
    assert sheet_rows(book, "Scorecard")[0]["Measure"] == HOSTILE
    assert rows[0]["Measure"] == f"'{HOSTILE}"
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "@"))]


def test_the_table_has_a_row_an_outcome_and_one_for_each_of_its_measures() -> None:
    card, rows = october(), csv_rows(october())
    kinds = [kind for row in card.rows for kind in ("outcome", *["IT measure"] * len(row.drivers))]
    assert [row["Row"] for row in rows] == kinds
    outcomes = [row for row in rows if row["Row"] == "outcome"]
    for found, row in zip(outcomes, card.rows, strict=True):
        value = row.outcome.value
        assert found["Value"] == ("" if value is None else f"{value:.12g}")
        assert found["As of batch"] == "7"
    assert (outcomes[0]["Change"], outcomes[0]["Change in"]) == ("-0.6", "pp")
    assert (outcomes[0]["Month"], outcomes[0]["Unit"]) == ("2026-10", "fraction")


def test_an_outcome_without_measures_makes_every_table() -> None:
    card = scorecard(explanation(reading(None)))
    assert workbook(card).sheetnames == [
        "Scorecard",
        "Goals",
        "Drivers",
        "History",
        "Definitions",
        "About",
    ]
    assert csv_rows(card)[0]["Status"] == "No data"


def test_while_links_are_worked_out_the_row_says_so() -> None:
    card = scorecard(replace(checkout(), missing_estimates=True), time_to_market())
    first, other = (row["In words"] for row in csv_rows(card) if row["Row"] == "outcome")
    assert first.endswith("is still being worked out: costs and shares are not complete.")
    assert "worked out" not in other
