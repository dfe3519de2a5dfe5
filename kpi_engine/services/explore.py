"""Any measure by any of its dimensions, at any grain, over any time.

Only rollups are read: a chart gets a few thousand points, however many facts there are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.errors import NotAnswerableError
from kpi_engine.services import steps
from kpi_engine.services.askable import check_question
from kpi_engine.services.completeness import arrivals
from kpi_engine.services.dwa import DWA, read_dwa
from kpi_engine.services.explored import Answer, Slice, SlicePoint
from kpi_engine.services.filling import open_from
from kpi_engine.services.leaderboard import Leaderboard, Pair, leaderboard
from kpi_engine.services.look import Look
from kpi_engine.services.series import Point, point_from, points_by_period
from kpi_engine.store import slices
from kpi_engine.store.slices import Segments, one_segment
from kpi_engine.store.versions import Tick, read_tick
from kpi_engine.terms import Comparison, Fold, Grain
from kpi_engine.workspace import Workspace

SHOWN = {Grain.DAY: 92, Grain.WEEK: 104, Grain.MONTH: 36, Grain.QUARTER: 12, Grain.YEAR: 10}
"""How many periods are shown unless somebody says from when to when."""
MOST_PERIODS = 2_000
"""More are no chart any more."""
MOST_POINTS = 5_000
MOST_LINES = 12
"""Segments drawn one by one; all of them are counted."""


def query(
    ws: Workspace,
    metric: str,
    *,
    by: str | None = None,
    grain: Grain = Grain.MONTH,
    first: date | None = None,
    last: date | None = None,
    segment: Mapping[str, str] | None = None,
    compare: Comparison | None = None,
    as_of: int | None = None,
) -> Answer:
    """A metric over time, whole and by the members of a dimension.

    Args:
        ws: Where the data and the definitions are.
        metric: Its id.
        by: Dimension to slice by; None for the whole alone.
        grain: Of the periods; years are fiscal.
        first: A day of the earliest period; None shows as many as ``SHOWN`` says.
        last: A day of the latest; None for the newest with data.
        segment: Only these members.
        compare: The periods before, the same a year earlier, or the target.
        as_of: The tick looked at; None for the newest.

    Raises:
        NotAnswerableError: The metric has no such periods or slices, there are no data, or there
            would be more periods than a chart can show.
        UnknownNameError: No such metric is declared, or it has no such dimension.
    """
    declared = ws.catalogue.metric(metric)
    members = dict(segment or {})
    check_question(declared, by=by, grain=grain, segment=members)
    with ws.reading() as connection:
        tick = read_tick(connection, as_of)
        look = Look(
            conn=connection,
            catalogue=ws.catalogue,
            as_of=tick.as_of,
            is_newest=as_of is None,
        )
        return _Asked(look, tick, declared, by, grain, members, compare).answer(first, last)


@dataclass(frozen=True)
class _Asked:
    """One question while it is answered."""

    look: Look
    tick: Tick
    metric: Metric
    by: str | None
    grain: Grain
    segment: dict[str, str]
    compare: Comparison | None

    def answer(self, first: date | None, last: date | None) -> Answer:
        start, end = self._stretch(first, last)
        points = self._read_whole(start, end)
        if last is None and points:
            end = max(points)
        is_placed = self.by or self.compare
        periods = steps.periods_between(start, end, self.grain) if is_placed else []
        against, remarks = self._held_against(periods)
        since = open_from(self.look, self.metric.id, self.grain, points, is_part=bool(self.segment))
        whole = self._slice("", self.segment, points, against, since)
        board, lines = self._by_member(periods, points, since) if self.by else (None, ())
        return Answer(
            metric=self.metric,
            grain=self.grain,
            first=start,
            last=end,
            segment=self.segment,
            by=self.by,
            compare=self.compare,
            as_of=self.tick.as_of,
            whole=whole,
            lines=lines,
            board=board,
            remarks=remarks,
        )

    def _stretch(self, first: date | None, last: date | None) -> tuple[date, date]:
        """First days of the earliest and latest period asked for."""
        if last is None:
            last = self._newest_day()
        organisation = self.look.catalogue.organisation
        end = steps.start_of(last, self.grain, organisation)
        if first is None:
            start = steps.moved(end, self.grain, 1 - SHOWN[self.grain])
        else:
            start = steps.start_of(first, self.grain, organisation)
        if start > end:
            raise NotAnswerableError(
                f"The time asked for ends on {last} before it begins on {first}.",
                hint="Say from when to when, earlier first.",
            )
        if steps.moved(start, self.grain, MOST_PERIODS) <= end:
            raise NotAnswerableError(
                f"That is more than {MOST_PERIODS:,} periods, which no chart can show.",
                hint="Ask for a shorter time, or longer periods.",
            )
        return start, end

    def _newest_day(self) -> date:
        if self.metric.id == DWA:
            arrival = arrivals(self.look).get(DWA)
            found = (arrival.first_day, arrival.data_through) if arrival else None
        else:
            found = slices.read_newest_period(
                self.look.conn,
                self.metric,
                grain=self.grain,
                tick=self.tick,
                segments=one_segment(self.look.conn, self.segment),
            )
        if found is None:
            what = ", ".join([self.metric.label, *self.segment.values()])
            raise NotAnswerableError(
                f"There are no data of {what} by the {self.grain.value}.",
                hint="Ask for another measure, another part of it, or other periods.",
            )
        return steps.end_of(found[1], self.grain)

    def _read_whole(self, first: date, last: date) -> dict[date, Point]:
        """The metric over all that the segment leaves, by period."""
        if self.metric.id == DWA:
            frame = read_dwa(self.look, first=first, last=last, segment=self.segment)
            return points_by_period(frame)
        return next(
            iter(
                self._read(
                    one_segment(self.look.conn, self.segment), between=(first, last)
                ).values()
            ),
            {},
        )

    def _read(
        self,
        segments: Segments,
        *,
        between: tuple[date, date] | None = None,
        periods: tuple[date, ...] | None = None,
    ) -> dict[int, dict[date, Point]]:
        """Points by segment and period."""
        rows = slices.read_slices(
            self.look.conn,
            self.metric,
            grain=self.grain,
            between=between,
            periods=periods,
            tick=self.tick,
            segments=segments,
        )
        found: dict[int, dict[date, Point]] = {}
        for number, period, *rest in rows:
            found.setdefault(number, {})[period] = point_from(*rest)
        return found

    def _held_against(
        self, periods: list[date]
    ) -> tuple[dict[date, float | None], tuple[str, ...]]:
        """What each period is laid over, and what must be said of it."""
        if self.compare is None or not periods:
            return {}, ()
        if self.compare is Comparison.TARGET:
            return self._targets(periods)
        earlier = {period: self._earlier(period, len(periods)) for period in periods}
        found = self._read_whole(min(earlier.values()), max(earlier.values()))
        against = {
            period: found[before].value for period, before in earlier.items() if before in found
        }
        if against:
            return against, ()
        return {}, ("There are no data of the time it would be held against.",)

    def _earlier(self, period: date, count: int) -> date:
        if self.compare is Comparison.LAST_YEAR:
            return steps.year_before(period, self.grain)
        return steps.moved(period, self.grain, -count)

    def _targets(self, periods: list[date]) -> tuple[dict[date, float | None], tuple[str, ...]]:
        """The target that held in each period; sums are aimed for by the month."""
        own = {Grain.MONTH, self.metric.cadence}
        if self.metric.measure.fold is Fold.SUM and self.grain not in own:
            said = f"Targets of {self.metric.label} are set for months: no other period has one."
            return {}, (said,)
        found: dict[date, float | None] = {}
        catalogue = self.look.catalogue
        for period in periods:
            month = steps.month_aimed_for(period, self.grain, catalogue.organisation)
            target = catalogue.target_for(self.metric.id, month=month, segment=self.segment)
            if target is not None:
                bound = target.target
                found[period] = bound[0] if isinstance(bound, tuple) else bound
        return found, () if found else (f"Nothing is aimed for with {self.metric.label}.",)

    def _by_member(
        self, periods: list[date], whole: Mapping[date, Point], since: date | None
    ) -> tuple[Leaderboard | None, tuple[Slice, ...]]:
        """What members did to the newest change, and the few that did most over time."""
        by = self.by or ""
        names = slices.read_members_by(self.look.conn, by, self.segment)
        over = [p for p in periods if p in whole and (since is None or p < since)]
        now = over[-1] if over else periods[-1]
        before = (
            steps.year_before(now, self.grain)
            if self.compare is Comparison.LAST_YEAR
            else steps.moved(now, self.grain, -1)
        )
        mine = slices.segments_by(by, self.segment)
        found = self._read(slices.ids_of(mine), periods=(now, before))
        if not found:
            within = f" within {', '.join(self.segment.values())}" if self.segment else ""
            raise NotAnswerableError(
                f"There are no data of {self.metric.label} by {by}{within} then.",
                hint="Totals are kept by one dimension, and as they came in by all at once.",
            )
        known = whole if before in whole else {**self._read_whole(before, before), **whole}
        members: dict[str, Pair] = {
            names[number]: (points.get(now), points.get(before)) for number, points in found.items()
        }
        board = leaderboard(
            self.metric,
            by,
            period=now,
            compared_with=before,
            whole=(known.get(now), known.get(before)),
            members=members,
        )
        most = max(1, min(MOST_LINES, MOST_POINTS // len(periods)))
        drawn = [row.member for row in board.rows if row.member in members][:most]
        numbers = {name: number for number, name in names.items()}
        series = self._read([numbers[name] for name in drawn], between=(periods[0], periods[-1]))
        lines = tuple(
            self._slice(
                name,
                {**self.segment, by: name},
                series.get(numbers[name], {}),
                {},
                since,
            )
            for name in drawn
        )
        return board, lines

    def _slice(
        self,
        member: str,
        segment: Mapping[str, str],
        points: Mapping[date, Point],
        against: Mapping[date, float | None],
        since: date | None,
    ) -> Slice:
        return Slice(
            member=member,
            segment=segment,
            points=tuple(
                SlicePoint(
                    period=period,
                    value=point.value,
                    numerator=point.numerator,
                    denominator=point.denominator,
                    held_against=against.get(period),
                    is_open=since is not None and period >= since,
                )
                for period, point in sorted(points.items())
            ),
        )
