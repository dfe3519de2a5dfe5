"""From a number to its rows: parts, facts, events, batch, file, and the query that finds them.

What is shown adds up: every answer carries what its rows fold to, beside the number that pages
print. A quarter or year is made of its months, each of which can be opened in turn.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import sqlalchemy as sa

from kpi_engine.catalogue.formula import formula
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.errors import NotAnswerableError
from kpi_engine.periods import MONTHS_IN
from kpi_engine.services import steps
from kpi_engine.services.askable import check_question
from kpi_engine.services.behind import PartBehind, Rows, RowsBehind
from kpi_engine.services.dwa import DWA, read_dwa, read_dwa_outages
from kpi_engine.services.filling import open_from
from kpi_engine.services.folding import folded
from kpi_engine.services.local_times import by_the_clock, instants_of
from kpi_engine.services.look import Look, utc
from kpi_engine.services.series import Point, point_from, points_by_period
from kpi_engine.store import behind, event_rows, slices
from kpi_engine.store.asked_rows import asked_facts
from kpi_engine.store.definitions import read_valid_from
from kpi_engine.store.event_rows import AMOUNT
from kpi_engine.store.parts import PAIRED, RANKED, has_stock_below, part_uses
from kpi_engine.store.reads import read_frame
from kpi_engine.store.slices import one_segment
from kpi_engine.store.spans import is_local_midnight
from kpi_engine.store.versions import Tick, read_tick
from kpi_engine.terms import LONGER_THAN_A_MONTH, Grain
from kpi_engine.workspace import Workspace

SHOWN = 200
"""Rows of a table shown at once; all of them are counted."""
MOST_ROWS = 100_000
"""Rows of a table that are handed on as a file."""
_ROLES = ("numerator", "own", "denominator")
_AROUND = 12
"""Periods before and after one that tell how many of its days are usual."""


def rows_behind(
    ws: Workspace,
    metric: str,
    *,
    period: date,
    grain: Grain = Grain.MONTH,
    segment: Mapping[str, str] | None = None,
    as_of: int | None = None,
    limit: int = SHOWN,
    offset: int = 0,
) -> RowsBehind:
    """The rows a number is made of.

    Args:
        ws: Where the data and the definitions are.
        metric: Its id.
        period: A day of the period.
        grain: Of the period.
        segment: Members; empty for all.
        as_of: The tick looked at; None for the newest.
        limit: Most rows of each table.
        offset: How many to leave out before.

    Raises:
        NotAnswerableError: There is no number in that period.
        UnknownNameError: No such metric or dimension is declared.
    """
    declared = ws.catalogue.metric(metric)
    members = dict(segment or {})
    check_question(declared, by=None, grain=grain, segment=members)
    start = steps.start_of(period, grain, ws.catalogue.organisation)
    with ws.reading() as connection:
        tick = read_tick(connection, as_of)
        is_newest = tick == read_tick(connection, None)
        look = Look(
            conn=connection,
            catalogue=ws.catalogue,
            as_of=tick.as_of,
            is_newest=is_newest,
        )
        return _Opened(
            look, tick, declared, grain, start, members, limit, offset, is_newest
        ).found()


@dataclass(frozen=True)
class _Opened:
    """One number while it is opened."""

    look: Look
    tick: Tick
    metric: Metric
    grain: Grain
    period: date
    segment: dict[str, str]
    limit: int
    offset: int
    is_newest: bool

    def found(self) -> RowsBehind:
        printed = self._printed()
        parts: tuple[PartBehind, ...] = ()
        months: tuple[tuple[date, Point], ...] = ()
        if self.metric.id == DWA:
            parts, adds_up_to = self._worked_out(printed)
        elif ranked := self._ranked():
            parts, adds_up_to = (ranked,), self._rank(ranked)
        else:
            parts = self._parts()
            adds_up_to = self._fold(parts)
            if not parts and self.grain in LONGER_THAN_A_MONTH:
                months = self._months()
                adds_up_to = self._fold_months(months, printed)
        names = [self.metric.id, *(part for part in self.metric.measure.parts)]
        defined = read_valid_from(self.look.conn, kind="metric", names=names)
        return RowsBehind(
            metric=self.metric,
            segment=self.segment,
            grain=self.grain,
            period=self.period,
            as_of=self.tick.as_of,
            value=printed.value,
            numerator=printed.numerator,
            denominator=printed.denominator,
            adds_up_to=adds_up_to,
            parts=parts,
            months=months,
            formula=formula(self.metric, self.look.catalogue),
            is_open=self._is_open(printed),
            defined_at=utc(defined) if defined else None,
        )

    @cached_property
    def _days(self) -> tuple[date, date]:
        return steps.days_of(self.period, self.grain, self.look.catalogue.organisation)

    @property
    def _zone(self) -> str:
        return self.look.catalogue.organisation.time_zone

    @property
    def _length(self) -> int:
        first, last = self._days
        return (last - first).days + 1

    def _printed(self) -> Point:
        """The number itself."""
        if self.metric.id == DWA:
            frame = read_dwa(self.look, first=self.period, last=self.period, segment=self.segment)
            points = points_by_period(frame)
        else:
            points = self._points(self.grain, (self.period, self.period))
        if not points:
            name = ", ".join([self.metric.label, *self.segment.values()])
            raise NotAnswerableError(
                f"There is no number of {name} for the {self.grain.value} of {self.period}.",
                hint="Open another period.",
            )
        return points[self.period]

    def _points(self, grain: Grain, between: tuple[date, date]) -> dict[date, Point]:
        rows = slices.read_slices(
            self.look.conn,
            self.metric,
            grain=grain,
            between=between,
            tick=self.tick,
            segments=one_segment(self.look.conn, self.segment),
        )
        return {period: point_from(*rest) for _, period, *rest in rows}

    def _is_open(self, printed: Point) -> bool:
        """Whether days of it are still to come; what is usual is told by the periods around it."""
        if self.metric.id == DWA:
            points = {self.period: printed}
            return open_from(self.look, DWA, self.grain, points) is not None
        first = steps.moved(self.period, self.grain, -_AROUND)
        points = self._points(self.grain, (first, steps.moved(self.period, self.grain, _AROUND)))
        since = open_from(self.look, self.metric.id, self.grain, points, is_part=bool(self.segment))
        return since is not None and self.period >= since

    def _whole(self) -> int:
        return one_segment(self.look.conn, self.segment)[0]

    def _parts(self) -> tuple[PartBehind, ...]:
        """Every part that counts, with its facts; none where the period is made of others."""
        if self.grain is Grain.YEAR:
            return ()
        used = behind.read_used(
            self.look.conn,
            self.look.catalogue,
            self.metric,
            grain=self.grain,
            period=self.period,
            days=self._days,
            tick=self.tick,
            whole=self._whole(),
        )
        counting = self._roles(used)
        ordered = sorted(used, key=lambda one: (_ROLES.index(one.role), -one.weight))
        return tuple(self._part(one) for one in ordered if one.role in counting)

    def _roles(self, used: Sequence[behind.Used]) -> set[str]:
        """What was counted for both parts of a share comes before what was imported for it."""
        there: dict[str, set[str]] = {}
        for one in used:
            there.setdefault(one.role, set()).add(one.component)
        if self.metric.measure.fold not in PAIRED:
            return set(there)
        needed: dict[str, set[str]] = {}
        for use in part_uses(self.look.catalogue, self.metric):
            needed.setdefault(use.role, set()).add(use.component)
        pair = {"numerator", "denominator"}
        whole = all(role in there and there[role] == needed.get(role) for role in pair)
        return pair if whole else {"own"}

    def _part(self, used: behind.Used) -> PartBehind:
        between = self._days
        query = behind.facts_of(used, period=self.period, days=between, tick=self.tick)
        spelled = behind.read_spelled(self.look.conn, used.segments)
        asked = asked_facts(used, period=self.period, days=between, segments=spelled)
        last = max((day for _, day in used.last_days), default=between[1])
        events = None
        if used.source == 0:
            name = used.parts[0]
            days = used.days if len(used.days) < self._length else ()
            listed = self._events(name, last=last, days=days, tick=self.tick)
            again = self._events(name, last=last, days=days, tick=None)
            if listed is not None and again is not None:
                events = self._rows(listed, again, AMOUNT, used.weight)
        return PartBehind(
            role=used.role,
            component=used.component,
            is_counted=used.source == 0,
            facts=self._rows(query, asked, "numerator", used.weight),
            events=events,
        )

    def _events(
        self, part: str, *, last: date, tick: Tick | None, days: Sequence[date] = ()
    ) -> sa.Select[Any] | None:
        return event_rows.events_of(
            self.look.catalogue,
            part,
            first=self._days[0],
            last=last,
            tick=tick,
            segment=self.segment,
            days=days,
        )

    def _rows(self, query: sa.Select[Any], asked: sa.Select[Any], amount: str, weight: int) -> Rows:
        """Some rows of a query, with how many there are and what all add up to.

        The views that ``asked`` reads hold the newest tick: of an earlier one nothing can be asked.
        """
        every = query.order_by(None).subquery()
        lower = every.c.get("denominator", sa.cast(None, sa.Double))
        frame = read_frame(self.look.conn, query.limit(self.limit).offset(self.offset))
        instants = instants_of(frame)
        count, total, paired, below, *midnights = self.look.conn.execute(
            sa.select(
                sa.func.count(),
                sa.func.fsum(every.c[amount]),
                sa.func.count(lower),
                sa.func.fsum(lower),
                *(sa.func.bool_and(is_local_midnight(every.c[at], self._zone)) for at in instants),
            ).select_from(every)
        ).one()
        days = [at for at, is_day in zip(instants, midnights, strict=True) if is_day]
        return Rows(
            frame=by_the_clock(frame, zone=self._zone, days=days),
            total=int(count),
            amount=weight * float(total or 0.0),
            below=float(below) if count and paired == count else None,
            sql=behind.sql_text(self.look.conn, asked) if self.is_newest else "",
        )

    def _ranked(self) -> PartBehind | None:
        """The events of which the middle is taken; None where it was imported."""
        part = self.metric.measure.value or ""
        if self.metric.measure.fold not in RANKED or not event_rows.is_ranked(
            self.look.catalogue, part
        ):
            return None
        query, asked = (self._ranked_query(part, tick) for tick in (self.tick, None))
        rows = self._rows(query, asked, AMOUNT, 1)
        if not rows.total:
            return None
        return PartBehind(
            role="ranked",
            component=part,
            is_counted=True,
            facts=None,
            events=Rows(frame=rows.frame, total=rows.total, amount=None, sql=rows.sql),
        )

    def _ranked_query(self, part: str, tick: Tick | None) -> sa.Select[Any]:
        query = self._events(part, last=self._days[1], tick=tick)
        if query is None:
            raise LookupError(part)
        return query

    def _rank(self, ranked: PartBehind) -> float | None:
        every = self._ranked_query(ranked.component, self.tick).order_by(None).subquery()
        share = self.metric.measure.quantile or 0.5
        values = [float(row[0]) for row in self.look.conn.execute(sa.select(every.c[AMOUNT]))]
        return float(np.quantile(values, share)) if values else None

    def _fold(self, parts: Sequence[PartBehind]) -> float | None:
        """What the facts fold to: sums first, divided last."""
        measure = self.metric.measure
        facts = {role: [p.facts for p in parts if p.role == role and p.facts] for role in _ROLES}
        total = {
            role: math.fsum(rows.amount or 0.0 for rows in of) for role, of in facts.items() if of
        }
        if not total:
            return None
        if measure.fold in RANKED:
            return total["own"] if sum(rows.total for rows in facts["own"]) == 1 else None
        if measure.fold not in PAIRED:
            value = total["numerator"]
            return value / (self._length / 7) if measure.per_week else value
        if "own" not in total:
            below = total["denominator"]
        elif any(rows.below is None for rows in facts["own"]):
            return total["own"] if sum(rows.total for rows in facts["own"]) == 1 else None
        else:
            below = math.fsum(rows.below or 0.0 for rows in facts["own"])
        above = total.get("numerator", total.get("own", 0.0))
        if "own" in total and measure.minus_one:
            above -= below
        return above / below * measure.scale if below else None

    def _months(self) -> tuple[tuple[date, Point], ...]:
        last = steps.moved(self.period, Grain.MONTH, MONTHS_IN[self.grain] - 1)
        return tuple(self._points(Grain.MONTH, (self.period, last)).items())

    def _fold_months(self, months: Sequence[tuple[date, Point]], printed: Point) -> float | None:
        if printed.value is None:
            return None
        return folded(
            [point for _, point in months],
            self.metric,
            stock_below=has_stock_below(self.look.catalogue, self.metric),
        )

    def _worked_out(self, printed: Point) -> tuple[tuple[PartBehind, ...], float | None]:
        """Availability by demand: what it lacks are the orders expected in outages."""
        frame = by_the_clock(
            read_dwa_outages(self.look, month=self.period, segment=self.segment), zone=self._zone
        )
        lost = float(frame[AMOUNT].sum())
        part = PartBehind(
            role="lacking",
            component="Orders expected in outages",
            is_counted=True,
            facts=None,
            events=Rows(
                frame=frame.iloc[self.offset : self.offset + self.limit],
                total=len(frame),
                amount=lost,
                sql="",
            ),
        )
        total = printed.denominator
        return (part,), max(0.0, total - lost) / total if total else None
