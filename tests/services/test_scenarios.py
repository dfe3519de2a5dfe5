"""What-ifs saved, compared and turned into initiatives."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
import yaml

from kpi_engine.actors import Actor
from kpi_engine.catalogue.load import BrokenCatalogueError
from kpi_engine.errors import DefinitionError, NotAllowedError, StoreError, UnknownNameError
from kpi_engine.services.definition_edits import entry_of
from kpi_engine.services.initiative_plans import Plan, expected_moves, preview_plan, save_plan
from kpi_engine.services.initiatives import read_initiatives
from kpi_engine.services.scenarios import (
    compare,
    drop_scenario,
    save_scenario,
    saved_scenarios,
)
from kpi_engine.services.whatif import Simulation, read_setting, simulate
from kpi_engine.store import tables
from kpi_engine.terms import Role
from kpi_engine.words.scenarios import UNCHANGED, since, table
from kpi_engine.workspace import Workspace
from tests.services.tiny import SOMEBODY, save, values

NOW, TODAY = datetime(2026, 11, 29, 9, 30, tzinfo=UTC), date(2026, 11, 29)
DOWN = "availability_to_tx_success"
PLAN = Plan(
    id="second_line",
    label="A second line to the shop",
    sentence="The shop gets a second line from another supplier.",
    starts=date(2027, 1, 1),
    due=date(2027, 6, 30),
    owner="Head of networks",
    business="Head of online sales",
    it="Head of IT operations",
)


@pytest.fixture
def ws(own_shop: Workspace) -> Workspace:
    """A shop with 90 minutes of downtime in October; 190 of 200 checkouts succeed."""
    return own_shop


def half(ws: Workspace, minutes: float = 45.0) -> Simulation:
    return simulate(ws, "biz.tx_success", {DOWN: minutes})


def test_a_saved_scenario_says_the_same_until_something_moves(ws: Workspace) -> None:
    found = half(ws)
    save_scenario(ws, found, name="Half the downtime", actor=SOMEBODY, now=NOW)
    (one,) = compare(ws, ["half the DOWNTIME"]).scenarios
    assert one.after == found.after
    assert one.money == found.money
    assert (one.has_moved, one.is_other_data, one.is_other_definitions) == (False, False, False)
    assert since(one, currency="$") == UNCHANGED


def test_numbers_that_moved_since_are_said_with_the_cause(ws: Workspace) -> None:
    save_scenario(ws, half(ws), name="Half", actor=SOMEBODY, now=NOW)
    fewer = [(f"late-{number}", "2026-10-20 10:00", "failed") for number in range(20)]
    save(ws, "checkout_id,started_at,completed", fewer, recipe="checkout_attempts")
    (one,) = compare(ws, ["Half"]).scenarios
    assert one.is_other_data
    assert one.has_moved
    assert one.now is not None
    assert one.now.after.mid < one.after.mid
    assert since(one, currency="$").startswith("data came in: now 8")


def test_data_that_change_nothing_are_no_news(ws: Workspace) -> None:
    save_scenario(ws, half(ws), name="Half", actor=SOMEBODY, now=NOW)
    values(
        ws,
        "biz.headcount" if "biz.headcount" in ws.catalogue.metrics else "base.headcount",
        {"2026-10": 9},
    )
    (one,) = compare(ws, ["Half"]).scenarios
    assert one.is_other_data
    assert not one.has_moved


def test_a_link_that_is_gone_leaves_what_was_said(ws: Workspace) -> None:
    save_scenario(ws, half(ws), name="Half", actor=SOMEBODY, now=NOW)
    link = {**entry_of(ws, "link", DOWN), "retired": {"since": TODAY, "because": "Counted twice."}}
    written = yaml.safe_dump({"links": [link]}, default_flow_style=False)
    (ws.home / "definitions" / "retired.yaml").write_text(written)
    ws.take_up()
    (one,) = compare(ws, ["Half"]).scenarios
    assert one.now is None
    assert one.is_other_definitions
    assert "cannot be worked out any more" in since(one, currency="$")
    _, rows = table(compare(ws, ["Half"]))
    assert ("Minutes of downtime", "45 (was 90)") in rows


def test_up_to_four_stand_beside_each_other_each_with_its_settings(ws: Workspace) -> None:
    for minutes in (0, 20, 45, 60, 80):
        save_scenario(ws, half(ws, minutes), name=f"{minutes}", actor=SOMEBODY, now=NOW)
    header, rows = table(compare(ws, ["60", "0", "20", "45"]))
    assert header == ("", "60", "0", "20", "45")
    settings = next(row for row in rows if row[0].startswith("Minutes of downtime"))
    assert [cell.split("\u202f")[0] for cell in settings[1:]] == ["60", "0", "20", "45"]
    with pytest.raises(StoreError, match="5 scenarios are too many"):
        compare(ws, ["0", "20", "45", "60", "80"])
    with pytest.raises(UnknownNameError, match="no scenario called '61'"):
        compare(ws, ["61"])


def test_nothing_saved_is_ever_changed_or_lost(ws: Workspace) -> None:
    save_scenario(ws, half(ws), name="Half", actor=SOMEBODY, now=NOW)
    save_scenario(ws, half(ws, 30.0), name="half", actor=SOMEBODY, now=NOW)
    (one,) = saved_scenarios(ws, outcome="biz.tx_success")
    assert (one.number, one.settings) == (2, {DOWN: 30.0})
    drop_scenario(ws, "Half", actor=SOMEBODY, now=NOW)
    assert saved_scenarios(ws) == ()
    with ws.reading() as connection:
        kept = connection.execute(sa.select(tables.scenario.c.number)).scalars().all()
    assert sorted(kept) == [1, 2, 3]
    save_scenario(ws, half(ws), name="Half", actor=SOMEBODY, now=NOW)
    assert [one.number for one in saved_scenarios(ws)] == [4]


def test_what_is_not_worth_keeping_is_refused(ws: Workspace) -> None:
    with pytest.raises(StoreError, match="no name"):
        save_scenario(ws, half(ws), name="  ", actor=SOMEBODY, now=NOW)
    with pytest.raises(StoreError, match="Nothing is changed"):
        save_scenario(ws, half(ws, 90.0), name="Same", actor=SOMEBODY, now=NOW)
    viewer = Actor(name="ann", roles=frozenset({Role.VIEWER}))
    with pytest.raises(NotAllowedError):
        save_scenario(ws, half(ws), name="Half", actor=viewer, now=NOW)
    with pytest.raises(NotAllowedError):
        drop_scenario(ws, "Half", actor=viewer, now=NOW)


def test_a_what_if_becomes_an_initiative_that_is_judged_once_it_has_begun(ws: Workspace) -> None:
    found = half(ws)
    save_plan(ws, found, PLAN, actor=SOMEBODY, now=NOW, today=TODAY)
    initiative = ws.catalogue.initiatives["second_line"]
    driver, outcome = initiative.moves
    assert (driver.metric, driver.segment, driver.sign) == (
        "it.availability",
        {},
        1,
    )
    assert driver.change is not None
    assert driver.change.low == driver.change.high == pytest.approx(45 / 44_640, rel=1e-3)
    assert outcome.change is not None
    expected = (found.after.low - 0.95, found.after.high - 0.95)
    assert (outcome.change.low, outcome.change.high) == pytest.approx(expected, rel=1e-3)
    assert initiative.agreed_on == TODAY
    assert [one.id for one in read_initiatives(ws, month=date(2026, 10, 1)).planned] == [
        "second_line"
    ]
    begun = read_initiatives(ws, month=date(2027, 1, 1))
    assert [one.initiative.id for one in begun.judged] == ["second_line"]
    with ws.reading() as connection:
        line = connection.execute(
            sa.select(tables.audit).order_by(tables.audit.c.id.desc())
        ).first()
    assert line is not None
    assert line.action == "initiative"
    assert line.detail.startswith("second_line (new): From a what-if on")


def test_where_it_may_rise_or_fall_only_the_direction_is_expected(ws: Workspace) -> None:
    found = half(ws)
    level = found.outcome.value
    assert level is not None
    unclear = replace(found, after=replace(found.after, low=level - 0.01))
    assert "change" not in expected_moves(unclear)[-1]


@pytest.mark.parametrize(
    ("plan", "error", "words"),
    [
        pytest.param(
            replace(PLAN, starts=TODAY), DefinitionError, "start after today", id="begun already"
        ),
        pytest.param(
            replace(PLAN, due=date(2027, 2, 1)), BrokenCatalogueError, "3 months", id="no time"
        ),
        pytest.param(replace(PLAN, id="A b"), BrokenCatalogueError, "small letters", id="name"),
    ],
)
def test_a_plan_that_could_not_be_judged_is_refused(
    ws: Workspace, plan: Plan, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        save_plan(ws, half(ws), plan, actor=SOMEBODY, now=NOW, today=TODAY)
    assert not (ws.home / "definitions" / "initiatives.yaml").exists()


def test_a_second_one_of_the_same_name_is_told(ws: Workspace) -> None:
    save_plan(ws, half(ws), PLAN, actor=SOMEBODY, now=NOW, today=TODAY)
    with pytest.raises(DefinitionError, match="Somebody has changed the initiative"):
        preview_plan(ws, half(ws), PLAN, today=TODAY)
    analyst = Actor(name="ann", roles=frozenset({Role.ANALYST}))
    other = replace(PLAN, id="third_line")
    with pytest.raises(NotAllowedError):
        save_plan(ws, half(ws), other, actor=analyst, now=NOW, today=TODAY)


def test_the_setting_of_the_scenario_is_of_its_own_month(ws: Workspace) -> None:
    save_scenario(ws, half(ws), name="Half", actor=SOMEBODY, now=NOW)
    (one,) = compare(ws, ["Half"]).scenarios
    assert one.saved.month == read_setting(ws, "biz.tx_success").explanation.outcome.month
