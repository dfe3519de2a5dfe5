"""Every number leads to its rows, and the rows fold to the number."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from kpi_engine.actors import Actor
from kpi_engine.errors import NotAnswerableError
from kpi_engine.periods import add_months
from kpi_engine.services import scorecard, sql
from kpi_engine.services.readings import Reading
from kpi_engine.services.rows_behind import rows_behind
from kpi_engine.store.event_rows import AMOUNT
from kpi_engine.terms import Grain, Role
from kpi_engine.words.rows_behind import headline, how, rows_caption
from kpi_engine.workspace import Workspace
from tests.services.tiny import open_workspace, save

OCTOBER = date(2026, 10, 1)


def cells(
    readings: Iterable[Reading],
) -> dict[tuple[str, tuple[tuple[str, str], ...], date], float]:
    """Every number that the scorecard prints as a value or compares with, by measure and month."""
    found = {}
    for reading in readings:
        back = 3 if reading.metric.cadence is Grain.QUARTER else 1
        shown = reading.shown_month
        for month, value in (
            (shown, reading.value),
            (add_months(shown, -back), reading.previous),
            (add_months(shown, -12), reading.year_ago),
        ):
            if value is not None:
                found[reading.metric.id, tuple(sorted(reading.segment.items())), month] = value
    return found


def test_the_rows_of_every_cell_of_the_scorecard_fold_to_the_printed_number(
    sample: Workspace,
) -> None:
    card = scorecard.read(sample)
    readings = [row.outcome for row in card.rows]
    readings += [driver.reading for row in card.rows for driver in row.drivers]
    asked = cells(readings)
    assert len(asked) > 80
    wrong = []
    for (name, members, month), value in asked.items():
        metric = sample.catalogue.metric(name)
        grain = Grain.QUARTER if metric.cadence is Grain.QUARTER else Grain.MONTH
        found = rows_behind(sample, name, period=month, grain=grain, segment=dict(members), limit=1)
        if found.value != pytest.approx(value, rel=1e-12) or not found.is_reconciled:
            wrong.append((name, members, month, value, found.value, found.adds_up_to))
    assert wrong == []


@pytest.mark.parametrize(
    ("metric", "segment", "grain"),
    [
        ("it.mttr", {}, Grain.WEEK),
        ("it.mttr", {"team": "Service desk"}, Grain.YEAR),
        ("it.bandwidth_p95", {}, Grain.QUARTER),
        ("it.backlog_aged", {"service": "Online shop"}, Grain.WEEK),
        ("it.availability", {"service": "Online shop"}, Grain.DAY),
        ("it.downtime", {}, Grain.WEEK),
        ("it.deploy_freq", {"service": "Online shop"}, Grain.MONTH),
        ("it.sla", {"service": "Online shop", "team": "Applications"}, Grain.MONTH),
        ("biz.revenue", {"country": "France"}, Grain.DAY),
        ("biz.revenue", {}, Grain.QUARTER),
        ("biz.lost_hours", {}, Grain.YEAR),
        ("biz.nps", {}, Grain.MONTH),
        ("biz.abandon", {}, Grain.WEEK),
        ("biz.expected_loss", {}, Grain.QUARTER),
    ],
)
def test_rows_fold_to_the_number_by_any_segment_and_grain(
    sample: Workspace, metric: str, segment: dict[str, str], grain: Grain
) -> None:
    period = date(2026, 9, 16)
    found = rows_behind(sample, metric, period=period, grain=grain, segment=segment)
    assert found.value is not None
    assert found.is_reconciled, (found.value, found.adds_up_to)
    assert found.parts or found.months


def test_events_count_for_what_their_facts_say(sample: Workspace) -> None:
    """Counted, weighed, open at the end, and minutes of a state."""
    for metric in ("biz.nps", "it.backlog_aged", "it.downtime", "it.availability", "biz.revenue"):
        found = rows_behind(sample, metric, period=OCTOBER)
        counted = [part for part in found.parts if part.is_counted]
        assert counted, metric
        for part in counted:
            assert part.events is not None
            assert part.facts is not None
            assert part.events.amount == pytest.approx(part.facts.amount), (metric, part.component)


def test_rows_come_with_batch_and_file_and_the_query_that_finds_them(sample: Workspace) -> None:
    found = rows_behind(sample, "biz.revenue", period=OCTOBER, limit=5, offset=10)
    (part,) = found.parts
    assert part.facts is not None
    assert part.events is not None
    assert len(part.events.frame) == 5 < part.events.total
    assert list(part.events.frame.columns[:2]) == ["order_id", "ordered_at"]
    assert set(part.events.frame.columns[-3:]) == {"counts_for", "batch", "file"}
    for rows in (part.facts, part.events):
        every = asked(sample, rows.sql)
        assert len(every) == min(rows.total, sql.LIMITS.rows)
        shown = rows.frame.iloc[0]
        assert (every["batch"][10], every["file"][10]) == (shown["batch"], shown["file"])


@pytest.mark.parametrize(
    ("metric", "segment"),
    [
        ("it.backlog_aged", {"service": "Online shop"}),
        ("it.mttr", {"team": "Service desk"}),
        ("it.availability", {}),
        ("it.sla", {"service": "Online shop", "team": "Applications"}),
        ("base.headcount", {}),
    ],
)
def test_the_query_behind_rows_is_answered_by_the_page_sql(
    sample: Workspace, metric: str, segment: dict[str, str]
) -> None:
    found = rows_behind(sample, metric, period=date(2026, 9, 1), segment=segment, limit=5)
    for part in found.parts:
        for rows, amount in ((part.events, AMOUNT), (part.facts, "numerator")):
            if rows is not None:
                every = asked(sample, rows.sql)
                assert len(every) == rows.total > 0
                total = abs(rows.amount) if rows.amount is not None else every[amount].sum()
                assert every[amount].sum() == pytest.approx(total)


def asked(ws: Workspace, text: str) -> pd.DataFrame:
    """The rows of a query as the page SQL answers it."""
    analyst = Actor(name="ann@example.com", roles=frozenset({Role.ANALYST}))
    return sql.run(ws, text, actor=analyst, now=datetime(2026, 11, 5, tzinfo=UTC)).frame()


def test_a_quarter_leads_to_its_months(sample: Workspace) -> None:
    found = rows_behind(sample, "biz.orders", period=date(2026, 8, 1), grain=Grain.QUARTER)
    assert [month for month, _ in found.months] == [date(2026, m, 1) for m in (7, 8, 9)]
    assert sum(point.value or 0 for _, point in found.months) == found.value


def test_what_does_not_count_is_not_among_the_rows(tmp_path: Path) -> None:
    """A stated total counts before its parts; a later file replaces a day of it."""
    ws = open_workspace(tmp_path / "home")
    header = "period,metric,segment,value"
    save(ws, header, [("2026-10-01", "biz.orders", "", 10), ("2026-10-02", "biz.orders", "", 20)])
    save(ws, header, [("2026-10-01", "biz.orders", "country=France", 4)])
    save(ws, header, [("2026-10-02", "biz.orders", "", 21)])
    found = rows_behind(ws, "biz.orders", period=OCTOBER)
    (part,) = found.parts
    assert part.facts is not None
    assert list(part.facts.frame["numerator"]) == [10, 21]
    assert list(part.facts.frame["batch"]) == [1, 3]
    assert found.value == found.adds_up_to == 31
    earlier = rows_behind(ws, "biz.orders", period=OCTOBER, as_of=2)
    assert earlier.parts[0].facts is not None
    assert not earlier.parts[0].facts.sql, "the views know the newest tick only"
    assert earlier.value == earlier.adds_up_to == 30
    france = rows_behind(ws, "biz.orders", period=OCTOBER, segment={"country": "France"})
    assert france.adds_up_to == 4
    ws.close()


def test_shares_imported_with_and_without_their_parts_lead_to_their_facts(tmp_path: Path) -> None:
    ws = open_workspace(tmp_path / "home")
    header = "period,metric,segment,numerator,denominator"
    rows = [("2026-10-01", "biz.demo_ok", "", 9, 10), ("2026-10-02", "biz.demo_ok", "", 5, 10)]
    save(ws, header, rows)
    save(ws, "period,metric,segment,value", [("2026-10", "it.license_use", "", 0.8)])
    demos = rows_behind(ws, "biz.demo_ok", period=OCTOBER)
    assert demos.adds_up_to == pytest.approx(14 / 20)
    assert demos.is_reconciled
    bare = rows_behind(ws, "it.license_use", period=OCTOBER)
    assert bare.adds_up_to == 0.8
    save(ws, "period,metric,segment,value", [("2026-10", "it.mttr", "", 5)])
    ranked_elsewhere = rows_behind(ws, "it.mttr", period=OCTOBER)
    assert ranked_elsewhere.adds_up_to == 5
    for one in (bare, ranked_elsewhere):
        assert headline(one, ws.catalogue.organisation).endswith(", as the row below says.")
    ws.close()


def test_times_of_rows_are_by_the_clock_of_the_organisation(sample: Workspace) -> None:
    """A milestone due on a day in summer time is kept as eleven in the evening before, in UTC."""
    organisation = sample.catalogue.organisation
    found = rows_behind(sample, "it.on_time", period=date(2026, 9, 1), limit=3)
    part = found.parts[0]
    assert part.events is not None
    assert all(type(day) is date and day.month == 9 for day in part.events.frame["due_at"])
    with sample.reading() as connection:
        kept = connection.exec_driver_sql(
            "SELECT started_at FROM event_outage WHERE state = 'down'"
            " AND service = 'Online shop'"
            " AND started_at BETWEEN '2026-10-12' AND '2026-10-14' ORDER BY started_at"
        ).scalars()
        at = next(iter(kept))
    for metric in ("it.downtime", "it.dwa"):
        found = rows_behind(sample, metric, period=OCTOBER)
        rows = found.parts[0].events
        assert rows is not None
        assert at + timedelta(hours=1) in [one.to_pydatetime() for one in rows.frame["started_at"]]
        said = rows_caption(found.parts[0], rows, found, organisation, first=0)
        assert said.endswith(" Times are those of Europe/London.")


@pytest.mark.parametrize(
    ("metric", "grain", "period", "said"),
    [
        ("biz.orders", Grain.MONTH, OCTOBER, "and the rows below add up to exactly that."),
        ("biz.ttm", Grain.MONTH, OCTOBER, "which is the middle of the rows below."),
        (
            "it.bandwidth_p95",
            Grain.QUARTER,
            date(2026, 7, 1),
            "and 95\u202f% of the rows below are at or below",
        ),
        ("it.sla", Grain.MONTH, OCTOBER, "and the rows below, added up and divided, give exactly"),
        ("it.deploy_freq", Grain.MONTH, OCTOBER, "added up and divided by the weeks of the period"),
        ("biz.orders", Grain.QUARTER, date(2026, 7, 1), "and the months below give exactly that."),
        ("it.dwa", Grain.MONTH, OCTOBER, "and the orders below are exactly what it lacks."),
    ],
)
def test_it_is_said_how_the_rows_make_the_number(
    sample: Workspace, metric: str, grain: Grain, period: date, said: str
) -> None:
    found = rows_behind(sample, metric, period=period, grain=grain, limit=1)
    assert found.is_reconciled
    assert said in headline(found, sample.catalogue.organisation)


def test_what_stands_for_no_file_says_so_and_how_it_is_worked_out(sample: Workspace) -> None:
    found = rows_behind(sample, "it.dwa", period=OCTOBER)
    assert "1 − orders expected in outages ÷ all orders expected" in how(found)
    assert "imported" not in how(found)
    (part,) = found.parts
    assert part.events is not None
    said = rows_caption(part, part.events, found, sample.catalogue.organisation, first=0)
    assert "no file and no query stands for it" in said


def test_both_totals_of_a_ratio_are_given_and_its_unit(sample: Workspace) -> None:
    found = rows_behind(sample, "it.page_load", period=OCTOBER)
    (part,) = found.parts
    assert part.facts is not None
    said = rows_caption(part, part.facts, found, sample.catalogue.organisation, first=0)
    assert "; all numerators add up to " in said
    assert ", all denominators to " in said
    assert " divided by " in how(found)
    assert how(found).endswith(" gives milliseconds.")
    assert set(part.facts.frame["segment"]) == {"everything"}
    share = how(rows_behind(sample, "it.sla", period=OCTOBER))
    assert " of " in share.partition("Here: ")[2]
    assert " came in on " in share
    assert " 2026; months before it" in share


def test_a_period_without_a_number_is_refused(sample: Workspace) -> None:
    with pytest.raises(NotAnswerableError, match="no number of Net revenue for the month of 1999"):
        rows_behind(sample, "biz.revenue", period=date(1999, 1, 1))


def test_a_share_of_nothing_says_so(sample: Workspace) -> None:
    """Nobody answered the survey that day."""
    found = rows_behind(sample, "biz.tool_sat", period=date(2026, 10, 31), grain=Grain.DAY)
    assert (found.value, found.denominator) == (None, 0)
    said = headline(found, sample.catalogue.organisation)
    assert said.endswith("has no value on 31 Oct 2026: there was nothing to divide by.")
