"""Ten questions of an analyst, beside the query somebody would write by hand on the facts."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.facts import store_of
from benchmarks.measure import Cost, Stopwatch, in_own_process, median
from benchmarks.report import Line
from kpi_engine.services.explore import query
from kpi_engine.services.explored import Answer
from kpi_engine.terms import Comparison, Grain
from kpi_engine.workspace import Workspace

_RUNS = 7
_LARGE = 100_000_000
LAST = date(2026, 10, 31)


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question: how it is called, and what is asked.

    Attributes:
        first: Of the earliest period.
        asked: The other arguments of ``explore.query``.
    """

    what: str
    metric: str
    grain: Grain
    first: date
    asked: dict[str, Any]


def _of(what: str, metric: str, grain: Grain, first: date, **asked: Any) -> Question:
    return Question(what=what, metric=metric, grain=grain, first=first, asked=asked)


_BY = {"by": "service"}
_ONE = {"segment": {"service": "Service 00000"}}
QUESTIONS = (
    _of("revenue, 36 months", "biz.revenue", Grain.MONTH, date(2023, 11, 1)),
    _of("revenue, 92 days", "biz.revenue", Grain.DAY, date(2026, 8, 1)),
    _of("checkout success, 104 weeks", "biz.tx_success", Grain.WEEK, date(2024, 11, 4)),
    _of("orders, years", "biz.orders", Grain.YEAR, date(2023, 11, 1)),
    _of("failed requests, 1,096 days", "it.error_rate", Grain.DAY, date(2023, 11, 1)),
    _of("promises kept by service, 36 months", "it.sla", Grain.MONTH, date(2023, 11, 1), **_BY),
    _of("downtime by service, 52 weeks", "it.downtime", Grain.WEEK, date(2025, 11, 3), **_BY),
    _of(
        "failed requests by service, 31 days", "it.error_rate", Grain.DAY, date(2026, 10, 1), **_BY
    ),
    _of(
        "availability of one service, days", "it.availability", Grain.DAY, date(2025, 11, 1), **_ONE
    ),
    _of(
        "urgent problems by service on last year",
        "it.critical_incidents",
        Grain.MONTH,
        date(2025, 11, 1),
        **_BY,
        compare=Comparison.LAST_YEAR,
    ),
)


def measure_explore(folder: Path, *, sizes: Sequence[int]) -> Iterator[Line]:
    """Each question at each size: the service's processor time over that of the query by hand."""
    for facts in sizes:
        home = store_of(folder, facts)
        for number, question in enumerate(QUESTIONS):
            service = in_own_process(answered, home, number)
            by_hand = in_own_process(written, home, number)
            yield Line(
                what=f"explore: {question.what}, {facts / 1e6:g} M facts",
                measured=service.cpu / by_hand.cpu,
                unit="×",
                limit=1.5 if facts >= _LARGE else None,
                how=f"processor time over the query by hand on the facts; {service.cpu * 1000:.0f} "
                f"and {by_hand.cpu * 1000:.0f} ms, medians of {_RUNS}, warm",
            )


def answered(home: Path, number: int) -> Cost:
    """What the service takes."""
    ws = Workspace.open(home)
    cost = _repeated(lambda: ask(ws, QUESTIONS[number]))
    ws.close()
    return cost


def written(home: Path, number: int) -> Cost:
    """What the query by hand takes, rows fetched."""
    ws = Workspace.open(home)
    cost = _repeated(lambda: by_hand(ws, QUESTIONS[number]))
    ws.close()
    return cost


def ask(ws: Workspace, question: Question) -> Answer:
    """The question through the service."""
    return query(
        ws,
        question.metric,
        grain=question.grain,
        first=question.first,
        last=LAST,
        **question.asked,
    )


def by_hand(ws: Workspace, question: Question) -> list[Any]:
    """Segment, period, and sums of the facts: as somebody would write it who knows the tables.

    It looks at no versions and no undone batches, of which the store has none.
    """
    by = "segment_id" if question.asked.get("by") else "0"
    only = question.asked.get("segment")
    where = ""
    if only:
        where = (
            "AND segment_id IN (SELECT id FROM segment WHERE "
            "json_extract_string(members, '$.service') = 'Service 00000')"
        )
    text = f"""
        SELECT {by} AS part, CAST(date_trunc('{question.grain.value}', day) AS DATE) AS period,
            sum(numerator) AS numerator, sum(denominator) AS denominator
        FROM fact
        WHERE part = '{question.metric}' AND grain = 'day'
            AND day BETWEEN '{question.first}' AND '{LAST}' {where}
        GROUP BY ALL
    """  # noqa: S608 - names and days of this module
    with ws.reading() as connection:
        return list(connection.execute(sa.text(text)).all())


def _repeated(work: Callable[[], object]) -> Cost:
    work()
    costs = []
    for _ in range(_RUNS):
        with Stopwatch() as watch:
            work()
        costs.append(watch.cost)
    return median(costs)
