"""Every number leads to its rows, and the rows fold to the number."""

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import pytest

from kpi_engine.errors import NotAnswerableError
from kpi_engine.periods import add_months
from kpi_engine.services import scorecard
from kpi_engine.services.readings import Reading
from kpi_engine.services.rows_behind import rows_behind
from kpi_engine.terms import Grain
from kpi_engine.words.rows_behind import rows_caption
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
    with sample.reading() as connection:
        for rows in (part.facts, part.events):
            every = connection.exec_driver_sql(rows.sql).mappings().all()
            assert len(every) == rows.total
            first = rows.frame.iloc[0]
            assert every[10]["batch"] == first["batch"]
            assert every[10]["file"] == first["file"]


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
            " AND service = 'Online shop' AND started_at BETWEEN '2026-10-12' AND '2026-10-14' ORDER BY started_at"
        ).scalars()
        at = next(iter(kept))
    for metric in ("it.downtime", "it.dwa"):
        rows = rows_behind(sample, metric, period=OCTOBER).parts[0].events
        assert rows is not None
        assert at + timedelta(hours=1) in [one.to_pydatetime() for one in rows.frame["started_at"]]
        said = rows_caption(rows, organisation, first=0)
        assert said.endswith(" Times are those of Europe/London.")


def test_a_period_without_a_number_is_refused(sample: Workspace) -> None:
    with pytest.raises(NotAnswerableError, match="no number of Net revenue for the month of 1999"):
        rows_behind(sample, "biz.revenue", period=date(1999, 1, 1))
