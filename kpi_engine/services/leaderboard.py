"""Which segments moved a whole: each with its part of the change, all parts adding up to it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.mapping.mix import Fraction, shares_of_change
from kpi_engine.maths.comparison import difference
from kpi_engine.services.series import Point
from kpi_engine.store.parts import PAIRED, RANKED

MOST_ROWS = 50
"""Members listed one by one; what the others did is added up in one row."""
NOT_ASSIGNED, OTHERS = "not assigned", "others"
_ROUNDING = 1e-6
_WHY_NOT = {
    "ranked": "The middle of a whole does not follow from those of its members, so its change "
    "cannot be split. Members stand in the order of their own change.",
    "apart": "What the members' shares are divided by is not known, so the change cannot be "
    "split. Members stand in the order of their own change.",
    "overlap": "The members do not add up to the whole, so its change cannot be split. Members "
    "stand in the order of their own change.",
    "alone": "There is no value to compare with. Members stand in the order of their size.",
}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One segment in two periods.

    Attributes:
        member: Of the dimension; "not assigned" is what belongs to none, "others" is all that are
            not listed.
        part: What it did to the change of the whole, in the metric's unit; None where the change
            cannot be split.
        own: Of a ratio, what its own change did.
        shift: Of a ratio, what came from more or less of the whole standing in it.
        size: What its value is of: the denominator of a ratio, events ranked, or the value itself.
    """

    member: str
    now: float | None
    before: float | None
    part: float | None = None
    own: float | None = None
    shift: float | None = None
    size: float | None = None

    @property
    def change(self) -> float | None:
        """Its own change; None when either value is missing."""
        return difference(self.now, self.before)


@dataclass(frozen=True, kw_only=True)
class Leaderboard:
    """Segments of a dimension, those first that did most to the change between two periods.

    Attributes:
        members: How many segments have data in either period.
        reason: Why the change is not split, as a sentence; empty where the parts of all rows add
            up to the change of the whole.
    """

    dimension: str
    period: date
    compared_with: date
    now: float | None
    before: float | None
    rows: tuple[Standing, ...]
    members: int
    reason: str = ""

    @property
    def change(self) -> float | None:
        """The change of the whole; None when either value is missing."""
        return difference(self.now, self.before)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            **asdict(self),
            "period": self.period.isoformat(),
            "compared_with": self.compared_with.isoformat(),
            "change": self.change,
            "rows": [{**asdict(row), "change": row.change} for row in self.rows],
        }


Pair = tuple[Point | None, Point | None]
"""A segment now and before."""


def leaderboard(
    metric: Metric,
    dimension: str,
    *,
    period: date,
    compared_with: date,
    whole: Pair,
    members: Mapping[str, Pair],
) -> Leaderboard:
    """Segments in the order of what they did to a change."""
    rows, reason = _split(metric, whole, members)
    if reason:
        rows = [_standing(metric, name, pair) for name, pair in members.items()]
    ordered = sorted(rows, key=lambda row: _weight(row, reason), reverse=True)
    return Leaderboard(
        dimension=dimension,
        period=period,
        compared_with=compared_with,
        now=_value(whole[0]),
        before=_value(whole[1]),
        rows=tuple(_few(ordered)),
        members=len(members),
        reason=reason,
    )


def _split(metric: Metric, whole: Pair, members: Mapping[str, Pair]) -> tuple[list[Standing], str]:
    """Members with their parts, or why there are none."""
    if _value(whole[0]) is None or _value(whole[1]) is None:
        return [], _WHY_NOT["alone"]
    fold = metric.measure.fold
    if fold in RANKED:
        return [], _WHY_NOT["ranked"]
    return _of_ratio(metric, whole, members) if fold in PAIRED else _of_sum(metric, whole, members)


def _of_sum(metric: Metric, whole: Pair, members: Mapping[str, Pair]) -> tuple[list[Standing], str]:
    """Of what adds up, each did its difference; who has nothing in a period adds nothing to it."""
    now, before = _value(whole[0]) or 0.0, _value(whole[1]) or 0.0
    rows = [
        _standing(metric, name, pair, part=(_value(pair[0]) or 0.0) - (_value(pair[1]) or 0.0))
        for name, pair in members.items()
    ]
    rest_now = now - math.fsum(row.now or 0.0 for row in rows)
    rest_before = before - math.fsum(row.before or 0.0 for row in rows)
    scale = max(abs(now), abs(before), *(abs(row.now or 0.0) for row in rows), 1e-300)
    if max(abs(rest_now), abs(rest_before)) > _ROUNDING * scale:
        rows.append(
            Standing(
                member=NOT_ASSIGNED,
                now=rest_now,
                before=rest_before,
                part=rest_now - rest_before,
                size=rest_now,
            )
        )
    return rows, ""


def _of_ratio(
    metric: Metric, whole: Pair, members: Mapping[str, Pair]
) -> tuple[list[Standing], str]:
    sides: list[dict[str, Fraction]] = []
    for side in (0, 1):
        total = _fraction(whole[side])
        parts = {name: _fraction(pair[side]) for name, pair in members.items() if pair[side]}
        if total is None or None in parts.values():
            return [], _WHY_NOT["apart"]
        known = {name: part for name, part in parts.items() if part is not None}
        above = total[0] - math.fsum(part[0] for part in known.values())
        below = total[1] - math.fsum(part[1] for part in known.values())
        if below > _ROUNDING * total[1]:
            known[NOT_ASSIGNED] = above, below
        elif below < -_ROUNDING * total[1] or abs(above) > _ROUNDING * max(abs(total[0]), 1e-300):
            return [], _WHY_NOT["overlap"]
        sides.append(known)
    shares = shares_of_change(sides[1], sides[0])
    if shares is None:
        return [], _WHY_NOT["alone"]
    scale, rows = metric.measure.scale, []
    for name, share in shares.items():
        fraction = sides[0].get(name)
        earlier = sides[1].get(name)
        rows.append(
            Standing(
                member=name,
                now=_of(fraction, scale),
                before=_of(earlier, scale),
                part=share.both * scale,
                own=share.own * scale,
                shift=share.shift * scale,
                size=fraction[1] if fraction else 0.0,
            )
        )
    return rows, ""


def _standing(metric: Metric, name: str, pair: Pair, *, part: float | None = None) -> Standing:
    now = pair[0]
    is_of = metric.measure.fold in (*PAIRED, *RANKED)
    size = None if now is None else now.denominator if is_of else now.value
    return Standing(member=name, now=_value(now), before=_value(pair[1]), part=part, size=size)


def _few(rows: Sequence[Standing]) -> Sequence[Standing]:
    """The first ones, and all others as one where their parts are known."""
    if len(rows) <= MOST_ROWS:
        return rows
    rest = rows[MOST_ROWS:]
    if any(row.part is None for row in rest):
        return rows[:MOST_ROWS]
    is_ratio = rest[0].own is not None
    others = Standing(
        member=OTHERS,
        now=None if is_ratio else math.fsum(row.now or 0.0 for row in rest),
        before=None if is_ratio else math.fsum(row.before or 0.0 for row in rest),
        part=math.fsum(row.part or 0.0 for row in rest),
        own=math.fsum(row.own or 0.0 for row in rest) if is_ratio else None,
        shift=math.fsum(row.shift or 0.0 for row in rest) if is_ratio else None,
        size=math.fsum(row.size or 0.0 for row in rest),
    )
    return [*rows[:MOST_ROWS], others]


def _weight(row: Standing, reason: str) -> tuple[float, float]:
    did = row.part if not reason else row.change
    return abs(did or 0.0), abs(row.size or 0.0)


def _value(point: Point | None) -> float | None:
    return None if point is None else point.value


def _fraction(point: Point | None) -> Fraction | None:
    if point is None or point.numerator is None or point.denominator is None:
        return None
    return point.numerator, point.denominator


def _of(fraction: Fraction | None, scale: float) -> float | None:
    return fraction[0] / fraction[1] * scale if fraction and fraction[1] else None
