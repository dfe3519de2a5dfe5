"""Twenty-four months on a line, as coordinates: the template draws them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from kpi_engine.maths.variation import UsualRange
from kpi_engine.periods import add_months
from kpi_engine.services.readings import Reading
from kpi_engine.terms import Grain, Status

WIDTH, HEIGHT = 388.0, 40.0
MONTHS = 24
_LEFT, _RIGHT, _TOP, _BOTTOM = 7.0, 7.0, 6.0, 6.0
_SPARSE = (Grain.QUARTER, Grain.YEAR)

Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Band:
    """Where one usual range is drawn."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Sparkline:
    """Where things are drawn, in the units of a ``WIDTH`` × ``HEIGHT`` box.

    Attributes:
        lines: SVG paths of the values; a gap in the data is a gap in the line.
        targets: SVG paths of the target as it stood month by month, in steps.
        bands: Usual ranges; a new baseline begins another.
        dots: Months that are not as usual (every month, for sparse measures).
        last: The newest month that has a value; None without any.
        status: Gives the last point its shape.
        is_open: The newest month is not complete: its point is hollow, its line broken.
    """

    lines: tuple[str, ...]
    targets: tuple[str, ...]
    bands: tuple[Band, ...]
    dots: tuple[Point, ...]
    last: Point | None
    status: Status
    is_open: bool


def sparkline(reading: Reading) -> Sparkline:
    """The last 24 months of a reading, drawn against the same calendar for every measure."""
    first = add_months(reading.month, 1 - MONTHS)
    history = [point for point in reading.history if point.month >= first]
    stretches = [one for one in reading.usual_stretches if one[1] >= first]
    upper, status = _upper_target(reading), reading.judgement.status
    seen = [p.value for p in history if p.value is not None]
    seen += [p.target for p in history if p.target is not None]
    seen += [end for _, _, usual in stretches for end in (usual.low, usual.high)]
    seen += [upper] if upper is not None else []
    scale = _Scale.around(seen, first)
    known = [(point.month, point.value) for point in history if point.value is not None]
    is_sparse = reading.metric.cadence in _SPARSE
    dots = [
        scale.at(point.month, point.value)
        for point in history
        if point.value is not None and (is_sparse or point.causes)
    ]
    if not known:
        return Sparkline(
            lines=(), targets=(), bands=(), dots=(), last=None, status=status, is_open=False
        )
    last = scale.at(*known[-1])
    targets = [_steps(scale, [(p.month, p.target) for p in history if p.target is not None])]
    targets += [_steps(scale, [(p.month, upper) for p in history])] if upper is not None else []
    return Sparkline(
        lines=_lines(scale, known, is_sparse=is_sparse),
        targets=tuple(path for path in targets if path),
        bands=tuple(
            scale.band(max(start, first), reading.month if one is stretches[-1] else end, usual)
            for one in stretches
            for start, end, usual in (one,)
        ),
        dots=tuple(dot for dot in dots if dot != last),
        last=last,
        status=status,
        is_open=not reading.freshness.is_complete,
    )


@dataclass(frozen=True, kw_only=True)
class _Scale:
    """Months to x, values to y."""

    first: date
    low: float
    high: float

    @classmethod
    def around(cls, seen: Sequence[float], first: date) -> "_Scale":
        low, high = (min(seen), max(seen)) if seen else (0.0, 1.0)
        return cls(first=first, low=low, high=high)

    def x(self, month: date) -> float:
        steps = (month.year - self.first.year) * 12 + month.month - self.first.month
        return round(_LEFT + steps * (WIDTH - _LEFT - _RIGHT) / (MONTHS - 1), 1)

    def y(self, value: float) -> float:
        span, room = self.high - self.low, HEIGHT - _TOP - _BOTTOM
        if span == 0:
            return round(_TOP + room / 2, 1)
        return round(_TOP + (self.high - value) / span * room, 1)

    def band(self, start: date, end: date, usual: UsualRange) -> Band:
        """Limits over some months, out to the edge of the box at either end."""
        left = 0.0 if start == self.first else self.x(start)
        right = WIDTH if end == add_months(self.first, MONTHS - 1) else self.x(add_months(end, 1))
        top, bottom = self.y(usual.high), self.y(usual.low)
        return Band(x=left, y=top, width=round(right - left, 1), height=round(bottom - top, 1))

    def at(self, month: date, value: float) -> Point:
        return self.x(month), self.y(value)


def _lines(
    scale: _Scale, known: Sequence[tuple[date, float]], *, is_sparse: bool
) -> tuple[str, ...]:
    """Neighbouring months joined; sparse measures are joined across the months between."""
    runs: list[list[tuple[date, float]]] = []
    for month, value in known:
        follows = runs and (is_sparse or add_months(runs[-1][-1][0], 1) == month)
        if follows:
            runs[-1].append((month, value))
        else:
            runs.append([(month, value)])
    return tuple("M" + "L".join(_xy(scale.at(*point)) for point in run) for run in runs)


def _steps(scale: _Scale, targets: Sequence[tuple[date, float]]) -> str:
    """A level line over the whole width that steps where the target was changed."""
    if not targets:
        return ""
    path = [f"M{0 if len(targets) == MONTHS else scale.x(targets[0][0])} {scale.y(targets[0][1])}"]
    for (_, before), (month, now) in pairwise(targets):
        if now != before:
            path.append(f"H{scale.x(month)}V{scale.y(now)}")
    return "".join([*path, f"H{WIDTH:g}"])


def _upper_target(reading: Reading) -> float | None:
    target = reading.judgement.target
    return target[1] if isinstance(target, tuple) else None


def _xy(point: Point) -> str:
    return f"{point[0]:g} {point[1]:g}"
