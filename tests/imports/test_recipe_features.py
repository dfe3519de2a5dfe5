"""What a recipe can say about a source, each on a source made up for it."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from kpi_engine.catalogue.recipes import EventRecipe
from kpi_engine.errors import ImportRejectedError
from kpi_engine.imports.privacy import read_salt
from kpi_engine.store.durations import read_duration
from kpi_engine.terms import Grain
from tests.desk import Desk, adds_up, fates

SURVEY: Mapping[str, Any] = {
    "id": "made_up",
    "version": 1,
    "label": "Made up",
    "source": "made_up",
    "event": "survey_response",
    "fields": {
        "survey": {"constant": "tools"},
        "response_id": {"columns": ["E-mail"], "required": True, "hashed": True},
        "answered_at": {"columns": ["When"], "required": True},
        "score": {"columns": ["Mark"], "required": True},
    },
}


def teach(desk: Desk, **said: Any) -> None:
    """Let the desk know one more source."""
    recipe = EventRecipe.model_validate({**SURVEY, **said})
    recipes = {**desk.ws.catalogue.recipes, recipe.id: recipe}
    desk.ws.catalogue = replace(desk.ws.catalogue, recipes=recipes)


def test_a_header_may_take_two_rows(desk: Desk) -> None:
    teach(desk, header_rows=2)
    preview = desk.preview("E-mail,When,Mark\n,Date,1 to 5\na@b.c,2026-10-01,4\n")
    assert fates(preview) == {"new": 1}
    bad = desk.preview("E-mail,When,Mark\n,Date,1 to 5\na@b.c,soon,4\n")
    assert [finding.line for finding in bad.findings] == [3]


def test_rows_that_are_no_data_are_listed_as_left_out(desk: Desk) -> None:
    teach(desk, skip={"E-mail": ["Averages", "Sum*"]})
    text = "E-mail,When,Mark\na@b.c,2026-10-01,4\nAverages,,4\nSum of all,,4\n"
    preview = desk.preview(text)
    assert fates(preview) == {"new": 1, "rejected": 2}
    assert adds_up(preview)
    assert {finding.sentence for finding in preview.findings} == {
        "Rows like this are no data in this source, so it is left out."
    }


def test_people_are_told_apart_and_not_named(desk: Desk) -> None:
    teach(desk)
    desk.save("E-mail,When,Mark\na@b.c,2026-10-01,4\nA@b.d,2026-10-01,5\na@b.c,2026-10-02,5\n")
    with desk.ws.reading() as connection:
        kept = connection.execute(sa.text("SELECT response_id FROM event_survey_response")).all()
    assert len(kept) == 2
    store = (desk.ws.home / "plumbline.duckdb").read_bytes()
    assert b"a@b.c" not in store
    assert list(desk.values("biz.tool_sat", grain=Grain.QUARTER).values()) == [1]


def test_the_salt_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    salt = read_salt(tmp_path)
    assert len(salt) == 64
    assert read_salt(tmp_path) == salt
    assert (tmp_path / "salt").stat().st_mode & 0o077 == 0


def test_days_may_be_counted_from_a_day_above_the_header(desk: Desk) -> None:
    fields = {**SURVEY["fields"], "answered_at": {"columns": ["Nth"], "days_after": "Start date"}}
    teach(desk, fields=fields)
    table = "E-mail,Nth,Mark\na@b.c,0000,4\nd@e.f,0031,5\n"
    preview = desk.preview(f"# Report\n# Start date: 20260901\n# End date: 20261001\n\n{table}")
    assert (str(preview.first_day), str(preview.last_day)) == ("2026-09-01", "2026-10-02")
    with pytest.raises(ImportRejectedError, match="does not stand above them"):
        desk.preview(table)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("26:30:00", 26.5),
        ("0:30", 0.5),
        ("1.02:00:00", 26),
        ("2 days 1:00:00", 49),
        ("2h 30m", 2.5),
        ("3 hrs, 15 mins", 3.25),
        ("90 minutes", 1.5),
        ("1.5", 1.5),
        ("soon", None),
        ("", None),
    ],
)
def test_durations_are_read_as_tools_write_them(text: str, hours: float | None) -> None:
    with sa.create_engine("duckdb:///:memory:").connect() as connection:
        value = sa.cast(sa.literal(text), sa.String)
        assert connection.execute(sa.select(read_duration(value, unit="hours"))).scalar() == hours
