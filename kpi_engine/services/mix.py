"""The movement of a share across the segments it is made of (Simpson check)."""

from dataclasses import dataclass
from typing import Any

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.mapping.mix import Fraction, rate_and_mix
from kpi_engine.periods import add_months
from kpi_engine.services.look import Look
from kpi_engine.services.readings import Reading
from kpi_engine.store import reads
from kpi_engine.terms import Fold, Grain

_MOST_MEMBERS = 40
"""A dimension with more members is nothing to read in a sentence."""
_UNASSIGNED = "not assigned"
_ROUNDING = 1e-6


@dataclass(frozen=True, kw_only=True)
class DimensionMix:
    """A movement taken apart by one dimension, in the outcome's unit.

    Attributes:
        own: What the members' own changes did.
        shift: What the shift between them did; with ``own`` it is the whole movement.
        is_reversed: Every member moved against the whole.
        members: How many there are.
    """

    dimension: str
    own: float
    shift: float
    is_reversed: bool
    members: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "dimension": self.dimension,
            "own": self.own,
            "shift": self.shift,
            "is_reversed": self.is_reversed,
            "members": self.members,
        }


def read_mix(look: Look, outcome: Reading) -> tuple[DimensionMix, ...]:
    """Take an outcome's movement apart by each of its dimensions.

    Args:
        look: At the store.
        outcome: A month of a ratio; anything else has no mix.

    Returns:
        One for each dimension of which both months are known.
    """
    metric = outcome.metric
    if metric.measure.fold is not Fold.RATIO or outcome.movement is None:
        return ()
    whole = _fractions(look, metric, outcome, {})
    if any(fraction is None for fraction in whole):
        return ()
    found = (_by_dimension(look, outcome, name, whole) for name in metric.dimensions)
    return tuple(one for one in found if one is not None)


def _by_dimension(
    look: Look, outcome: Reading, dimension: str, whole: tuple[Fraction | None, Fraction | None]
) -> DimensionMix | None:
    metric = outcome.metric
    members = reads.read_members(look.conn, metric=metric.id, dimension=dimension, as_of=look.as_of)
    if not 1 < len(members) <= _MOST_MEMBERS:
        return None
    before: dict[str, Fraction] = {}
    now: dict[str, Fraction] = {}
    for member in members:
        pair = _fractions(look, metric, outcome, {dimension: member})
        for side, fraction in zip((before, now), pair, strict=True):
            if fraction is not None:
                side[member] = fraction
    for side, total in zip((before, now), whole, strict=True):
        rest = _rest(side, total)
        if rest is not None:
            side[_UNASSIGNED] = rest
    mix = (
        rate_and_mix(before, now)
        if _adds_up(before, whole[0]) and _adds_up(now, whole[1])
        else None
    )
    if mix is None:
        return None
    return DimensionMix(
        dimension=dimension,
        own=mix.own * metric.measure.scale,
        shift=mix.shift * metric.measure.scale,
        is_reversed=mix.is_reversed,
        members=len(members),
    )


def _fractions(
    look: Look, metric: Metric, outcome: Reading, segment: dict[str, str]
) -> tuple[Fraction | None, Fraction | None]:
    """The month before and the month, each None where it is not known."""
    month = outcome.shown_month
    frame = reads.read_values(
        look.conn,
        metrics=[metric.id],
        grain=Grain.MONTH,
        first=add_months(month, -1),
        last=month,
        as_of=look.as_of,
        segment=segment,
    )
    known = {
        row.period: (float(row.numerator), float(row.denominator))
        for row in frame.dropna(subset=["numerator", "denominator"]).itertuples(index=False)
    }
    return known.get(add_months(month, -1)), known.get(month)


def _rest(parts: dict[str, Fraction], whole: Fraction | None) -> Fraction | None:
    """What belongs to no member; None where nothing does."""
    if whole is None:
        return None
    above = whole[0] - sum(part[0] for part in parts.values())
    below = whole[1] - sum(part[1] for part in parts.values())
    return (above, below) if below > _ROUNDING * whole[1] else None


def _adds_up(parts: dict[str, Fraction], whole: Fraction | None) -> bool:
    """Whether members are parts of the whole; those that overlap are not."""
    below = sum(part[1] for part in parts.values())
    return whole is not None and abs(below - whole[1]) <= 2 * _ROUNDING * whole[1]
