# ruff: noqa: S608  # every query is written out here
"""Twenty questions of an analyst: the answer behind each address equals a query written by hand."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import duckdb
import pytest

from kpi_engine.periods import last_day, parse_month
from kpi_engine.services.explore import query
from kpi_engine.services.explored import Answer
from kpi_engine.services.rows_behind import rows_behind
from kpi_engine.terms import Comparison, Grain
from kpi_engine.workspace import Workspace
from tests.desk import Desk

ROOT = Path(__file__).parents[2]
PUBLIC = ROOT.parent / "shared" / "data" / "public"
ASKED = dict(
    re.findall(r"^\| (\d+) \| .+? \| `(.+?)` \|$", (ROOT / "docs" / "explore.md").read_text(), re.M)
)
TICKETS = (
    "(SELECT * FROM event_ticket "
    "QUALIFY row_number() OVER (PARTITION BY number ORDER BY batch_id DESC) = 1)"
)
LONDON = "CAST(({0} AT TIME ZONE 'UTC') AT TIME ZONE 'Europe/London' AS DATE)"


def answer(ws: Workspace, number: int) -> Answer:
    """What the page at a question's address asks for."""
    asked = dict(parse_qsl(ASKED[str(number)]))
    only = asked.get("only", "none")
    name, _, member = only.partition("=")
    return query(
        ws,
        asked["metric"],
        by=None if asked.get("by", "none") == "none" else asked["by"],
        grain=Grain(asked["grain"]),
        first=parse_month(asked["from"]) if "from" in asked else None,
        last=last_day(parse_month(asked["to"])),
        segment={} if only == "none" else {name: member},
        compare=Comparison(asked["compare"]) if "compare" in asked else None,
    )


def sql(ws: Workspace, text: str) -> dict[Any, float]:
    """Key and number of each row of a query against events."""
    with ws.reading() as connection:
        return {row[0]: float(row[1]) for row in connection.exec_driver_sql(text)}


def newest(found: Answer) -> dict[str, float]:
    """Each member's newest value."""
    return {line.member: line.points[-1].value for line in found.lines}


def over_time(found: Answer) -> dict[date, float]:
    return {p.period: p.value for p in found.whole.points if p.value is not None}


def month(column: str, first: str) -> str:
    return f"date_trunc('month', {LONDON.format(column)}) = DATE '{first}'"


def test_twenty_are_written_down() -> None:
    assert list(ASKED) == [str(number) for number in range(1, 21)]


def test_1_sales_by_country(sample: Workspace) -> None:
    expected = sql(
        sample,
        "SELECT country, sum(amount - coalesce(refunded, 0)) FROM event_transaction WHERE "
        "is_cancelled IS DISTINCT FROM true AND is_refunded IS DISTINCT FROM true AND "
        f"{month('ordered_at', '2026-10-01')} GROUP BY 1",
    )
    assert newest(answer(sample, 1)) == pytest.approx(expected)


def test_2_who_changed_orders(sample: Workspace) -> None:
    counted = (
        "SELECT country, count(*) FROM event_transaction WHERE NOT is_return AND "
        "is_cancelled IS DISTINCT FROM true AND {0} GROUP BY 1"
    )
    now, before = (
        sql(sample, counted.format(month("ordered_at", first)))
        for first in ("2026-10-01", "2026-09-01")
    )
    board = answer(sample, 2).board
    assert board is not None
    parts = {row.member: row.part for row in board.rows}
    assert parts == pytest.approx({name: now[name] - before[name] for name in now})
    assert list(parts) == sorted(parts, key=lambda name: -abs(parts[name] or 0))
    assert board.change == sum(now.values()) - sum(before.values())


def test_3_orders_by_the_day(sample: Workspace) -> None:
    expected = sql(
        sample,
        f"SELECT {LONDON.format('ordered_at')}, count(*) FROM event_transaction WHERE "
        "NOT is_return AND is_cancelled IS DISTINCT FROM true AND "
        f"{month('ordered_at', '2026-10-01')} GROUP BY 1",
    )
    assert over_time(answer(sample, 3)) == expected
    assert len(expected) == 31


def test_4_average_order_on_last_year(sample: Workspace) -> None:
    mean = (
        "SELECT country, sum(CASE WHEN is_refunded IS DISTINCT FROM true THEN "
        "amount - coalesce(refunded, 0) END) / count(*) FILTER (NOT is_return) FROM "
        "event_transaction WHERE is_cancelled IS DISTINCT FROM true AND {0} GROUP BY 1"
    )
    board = answer(sample, 4).board
    assert board is not None
    for first, side in (("2026-10-01", "now"), ("2025-10-01", "before")):
        expected = sql(sample, mean.format(month("ordered_at", first)))
        assert {r.member: getattr(r, side) for r in board.rows} == pytest.approx(expected)
    assert sum(row.part or 0 for row in board.rows) == pytest.approx(board.change)


def test_5_checkouts_by_the_week(sample: Workspace) -> None:
    """The sample's checkouts come in as counts of each day."""
    expected = sql(
        sample,
        "SELECT CAST(date_trunc('week', day) AS DATE), sum(numerator) / sum(denominator) FROM fact "
        "WHERE part = 'biz.tx_success' GROUP BY 1",
    )
    found = over_time(answer(sample, 5))
    assert found == pytest.approx({at: expected[at] for at in found})
    assert len(found) > 15


def test_6_middle_of_hours_by_team(sample: Workspace) -> None:
    quarter = LONDON.format("resolved_at")
    expected = sql(
        sample,
        "SELECT team, median(epoch_us(resolved_at) - epoch_us(opened_at)) / 3.6e9 FROM "
        f"{TICKETS} WHERE {quarter} BETWEEN DATE '2026-07-01' AND DATE '2026-09-30' GROUP BY 1",
    )
    assert newest(answer(sample, 6)) == pytest.approx(expected)


def test_7_promises_by_service(sample: Workspace) -> None:
    expected = sql(
        sample,
        f"SELECT service, avg(made_sla::INT) FROM {TICKETS} WHERE made_sla IS NOT NULL AND "
        f"{month('closed_at', '2026-10-01')} GROUP BY 1",
    )
    assert newest(answer(sample, 7)) == pytest.approx(expected)


def test_8_problems_that_come_back_by_the_year(sample: Workspace) -> None:
    expected = sql(
        sample,
        f"SELECT CAST(date_trunc('year', {LONDON.format('resolved_at')}) AS DATE), "
        f"avg((reopen_count >= 1)::INT) FROM {TICKETS} WHERE reopen_count IS NOT NULL AND "
        "resolved_at IS NOT NULL GROUP BY 1",
    )
    assert expected.pop(date(2023, 1, 1)), "two months of 2023 are no year: it has no value"
    assert over_time(answer(sample, 8)) == pytest.approx(expected)


def test_9_downtime_by_service(sample: Workspace) -> None:
    """Outages of the sample lie apart from each other and from maintenance."""
    minutes = "sum(epoch_us(ended_at) - epoch_us(started_at)) / 6e7"
    expected = sql(
        sample,
        f"SELECT service, {minutes} FROM event_outage WHERE state = 'down' AND "
        f"{month('started_at', '2026-10-01')} GROUP BY 1",
    )
    found = newest(answer(sample, 9))
    assert {name: minutes for name, minutes in found.items() if minutes} == pytest.approx(expected)


def test_10_releases_that_had_to_be_undone(sample: Workspace) -> None:
    expected = sql(
        sample,
        "SELECT service, avg(caused_incident::INT) FROM event_deployment WHERE "
        "environment = 'production' AND caused_incident IS NOT NULL AND "
        f"{LONDON.format('finished_at')} >= DATE '2026-01-01' GROUP BY 1",
    )
    assert newest(answer(sample, 10)) == pytest.approx(expected)


def behind(ws: Workspace, number: int):
    asked = dict(parse_qsl(ASKED[str(number)]))
    return rows_behind(
        ws,
        asked["metric"],
        grain=Grain(asked["grain"]),
        period=date.fromisoformat(asked["at"]),
        limit=10_000,
    )


def test_11_problems_open_for_long(sample: Workspace) -> None:
    opened, gone = LONDON.format("opened_at"), LONDON.format("coalesce(resolved_at, closed_at)")
    expected = sql(
        sample,
        f"SELECT number, 1 FROM {TICKETS} WHERE {opened} + 31 <= DATE '2026-09-30' AND "
        f"coalesce({gone} > DATE '2026-09-30', is_finished IS DISTINCT FROM true)",
    )
    found = behind(sample, 11)
    (part,) = found.parts
    assert part.events is not None
    assert set(part.events.frame["number"]) == set(expected)
    assert found.value == len(expected) > 0


def test_12_answers_one_by_one(sample: Workspace) -> None:
    expected = sql(
        sample,
        "SELECT 'nps', 100 * (avg((score >= 9)::INT) - avg((score <= 6)::INT)) FROM "
        "event_survey_response WHERE survey = 'recommend' AND "
        f"{month('answered_at', '2026-10-01')}",
    )
    found = behind(sample, 12)
    assert found.value == pytest.approx(expected["nps"])
    assert found.is_reconciled


def test_13_lines_at_their_busiest(sample: Workspace) -> None:
    expected = sql(
        sample,
        "SELECT link, quantile_cont(used_share, 0.95) FROM event_traffic_sample WHERE "
        f"{month('sampled_at', '2026-09-01')} GROUP BY 1",
    )
    assert newest(answer(sample, 13)) == pytest.approx(expected)


def test_14_urgent_problems_of_a_team(sample: Workspace) -> None:
    week = f"CAST(date_trunc('week', {LONDON.format('opened_at')}) AS DATE)"
    expected = sql(
        sample,
        f"SELECT {week}, count(*) FROM {TICKETS} WHERE priority <= 2 AND team = 'Applications' "
        "GROUP BY 1",
    )
    found = {at: value for at, value in over_time(answer(sample, 14)).items() if value}
    assert found == {at: count for at, count in expected.items() if at >= min(found)}


def slices(pattern: str) -> Callable[..., Any]:
    """Where the public slices lie beside the clone."""
    there = sorted(PUBLIC.glob(pattern))
    return pytest.mark.skipif(not there, reason="no public slices beside this clone")


def read(pattern: str, text: str) -> dict[Any, float]:
    """Key and number of each row of a query against a file itself."""
    (path,) = PUBLIC.glob(pattern)
    with duckdb.connect() as connection:
        connection.execute(
            f"CREATE VIEW file AS SELECT *, row_number() OVER () AS line FROM "
            f"read_csv('{path}', all_varchar = true, nullstr = '?')"
        )
        return {row[0]: float(row[1]) for row in connection.execute(text).fetchall()}


SERVICENOW, RETAIL = "itsm/servicenow*.csv.gz", "orders/uci_online*.csv.gz"
INCIDENTS = (
    "(SELECT * REPLACE (strptime(opened_at, '%-d/%-m/%Y %H:%M') AS opened_at, "
    "strptime(resolved_at, '%-d/%-m/%Y %H:%M') AS resolved_at, "
    "strptime(closed_at, '%-d/%-m/%Y %H:%M') AS closed_at) FROM file "
    "QUALIFY row_number() OVER (PARTITION BY number ORDER BY line DESC) = 1)"
)
INVOICES = (
    "(SELECT InvoiceNo, any_value(Country) AS country, "
    "min(CAST(InvoiceDate AS TIMESTAMP)) AS sold_at, "
    "sum(CAST(Quantity AS DOUBLE) * CAST(UnitPrice AS DOUBLE)) AS amount FROM file GROUP BY 1)"
)


@pytest.fixture(scope="module")
def tickets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    yield from opened(tmp_path_factory, SERVICENOW)


@pytest.fixture(scope="module")
def retail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    yield from opened(tmp_path_factory, RETAIL)


def opened(factory: pytest.TempPathFactory, pattern: str) -> Iterator[Workspace]:
    folder = factory.mktemp("slice")
    ws = Workspace.open(folder / "home")
    (path,) = PUBLIC.glob(pattern)
    Desk(ws, folder / "dropped").save_file(path)
    yield ws
    ws.close()


@slices(SERVICENOW)
def test_15_closed_by_team(tickets: Workspace) -> None:
    expected = read(
        SERVICENOW,
        f"SELECT assignment_group, count(*) FROM {INCIDENTS} WHERE assignment_group IS NOT NULL "
        "AND date_trunc('month', closed_at) = DATE '2016-03-01' GROUP BY 1",
    )
    board = answer(tickets, 15).board
    assert board is not None
    rows = {row.member: row.now for row in board.rows if row.member in expected}
    assert rows == {name: expected[name] for name in rows}
    assert len(rows) > 20


@slices(SERVICENOW)
def test_16_hours_of_a_week(tickets: Workspace) -> None:
    expected = read(
        SERVICENOW,
        "SELECT 'week', median(epoch(resolved_at) - epoch(opened_at)) / 3600 FROM "
        f"{INCIDENTS} WHERE date_trunc('week', resolved_at) = DATE '2016-03-07'",
    )
    assert over_time(answer(tickets, 16))[date(2016, 3, 7)] == pytest.approx(expected["week"])


@slices(SERVICENOW)
def test_17_promises_by_the_day(tickets: Workspace) -> None:
    expected = read(
        SERVICENOW,
        f"SELECT CAST(closed_at AS DATE), avg((made_sla = 'true')::INT) FROM {INCIDENTS} WHERE "
        "date_trunc('month', closed_at) = DATE '2016-03-01' GROUP BY 1",
    )
    assert over_time(answer(tickets, 17)) == pytest.approx(expected)


@slices(RETAIL)
def test_18_sales_by_country(retail: Workspace) -> None:
    expected = read(
        RETAIL,
        f"SELECT country, sum(amount) FROM {INVOICES} WHERE "
        "date_trunc('month', sold_at) = DATE '2011-01-01' GROUP BY 1",
    )
    board = answer(retail, 18).board
    assert board is not None
    rows = {row.member: row.now for row in board.rows if row.now}
    assert rows == pytest.approx(expected)


@slices(RETAIL)
def test_19_orders_by_the_day(retail: Workspace) -> None:
    expected = read(
        RETAIL,
        f"SELECT CAST(sold_at AS DATE), count(*) FROM {INVOICES} WHERE "
        "NOT starts_with(InvoiceNo, 'C') AND "
        "date_trunc('month', sold_at) = DATE '2010-12-01' GROUP BY 1",
    )
    found = {at: value for at, value in over_time(answer(retail, 19)).items() if value}
    assert found == expected


@slices(RETAIL)
def test_20_what_moved_the_average_order(retail: Workspace) -> None:
    mean = (
        "SELECT 'all', sum(amount) / count(*) FILTER (NOT starts_with(InvoiceNo, 'C')) FROM "
        f"{INVOICES} WHERE date_trunc('month', sold_at) = DATE '"
    )
    now, before = (read(RETAIL, f"{mean}{at}'")["all"] for at in ("2011-02-01", "2011-01-01"))
    board = answer(retail, 20).board
    assert board is not None
    assert board.change == pytest.approx(now - before)
    assert board.reason == ""
    assert sum(row.part or 0 for row in board.rows) == pytest.approx(now - before)
