"""Mistakes in how months and working days are declared."""

from pathlib import Path

import pytest

from tests.unit.definitions import ORGANISATION, errors_of

PLACE = "organisation.yaml, organisation"


@pytest.mark.parametrize(
    ("lines", "field", "sentence"),
    [
        pytest.param(
            "weeks: {pattern: 4-4-6}",
            "weeks.pattern",
            "'4-4-6' is not one of 4-4-5, 4-5-4, 5-4-4. Did you mean '4-4-5'?",
            id="pattern",
        ),
        pytest.param(
            "weeks: {week_starts_on: monday}",
            "weeks.pattern",
            "Missing. Every organisation that has this part needs 'pattern'.",
            id="no pattern",
        ),
        pytest.param(
            "weeks: {pattern: 4-4-5, week_starts_on: Sundays}",
            "weeks.week_starts_on",
            "'Sundays' is not one of monday, tuesday, wednesday, thursday, friday, saturday, "
            "sunday. Did you mean 'sunday'?",
            id="weekday",
        ),
        pytest.param(
            "weeks: {pattern: 4-4-5, year_ends: first}",
            "weeks.year_ends",
            "'first' is not one of last, nearest.",
            id="year's end",
        ),
        pytest.param(
            "working_days: {country: GER}",
            "working_days",
            "no holidays are known of country 'GER': it is a code of ISO 3166, as US and DE are.",
            id="country",
        ),
        pytest.param(
            "working_days: {country: US, weekend: "
            "[monday, tuesday, wednesday, thursday, friday, saturday, sunday]}",
            "working_days",
            "the weekend leaves no day to work on.",
            id="weekend",
        ),
    ],
)
def test_a_mistake_is_named_with_the_whole_rule(
    tmp_path: Path, lines: str, field: str, sentence: str
) -> None:
    text = f"{ORGANISATION}  {lines}\n"
    assert errors_of(tmp_path, organisation=text) == [(f"{PLACE}, {field}", sentence)]


def test_a_fiscal_calendar_and_working_days_are_declared_in_six_lines(tmp_path: Path) -> None:
    text = (
        f"{ORGANISATION}  year_starts_in: 2\n"
        "  weeks: {pattern: 4-5-4, week_starts_on: sunday, year_ends: nearest}\n"
        "  working_days: {country: US, subdivision: CA, weekend: [saturday, sunday]}\n"
    )
    assert errors_of(tmp_path, organisation=text) == []
