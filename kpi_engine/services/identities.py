"""Identity parts of a movement, taken from the definitions themselves: they always reconcile."""

from collections.abc import Iterable, Sequence

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.mapping.contribution import IdentityPart
from kpi_engine.mapping.identity import product_parts, ratio_parts, reconciles
from kpi_engine.services.month_readings import MonthReadings
from kpi_engine.services.series import Point, Wanted, wanted
from kpi_engine.terms import Fold

_LONGEST_CHAIN = 4


def identity_keys(catalogue: Catalogue, outcome: Metric) -> tuple[Wanted, ...]:
    """Every metric that an identity of ``outcome`` may need, for one read of all."""
    return tuple(wanted(name) for chain in _chains(catalogue, outcome) for name in chain)


def identity_parts(
    catalogue: Catalogue, outcome: Metric, found: MonthReadings
) -> tuple[IdentityPart, ...]:
    """What an outcome's movement is made of by arithmetic.

    A ratio moves by its upper and its lower part. A sum that is the upper part of a declared
    ratio is that ratio times its lower part: revenue = orders x value of an order, and orders =
    visits x share that end in an order. The longest product that has data in both months and
    multiplies to the outcome is taken.

    Returns:
        Parts that add up to the movement; none when a month is missing or no identity holds.
    """
    key = wanted(outcome.id)
    now, before = found.now(key), found.before(key)
    if now is None or before is None or now.value is None or before.value is None:
        return ()
    if outcome.measure.fold is Fold.RATIO:
        return _of_ratio(catalogue, outcome, before=before, now=now)
    for chain in _chains(catalogue, outcome):
        parts = _of_product(catalogue, chain, found, before=before.value, now=now.value)
        if parts:
            return parts
    return ()


def _chains(catalogue: Catalogue, outcome: Metric) -> list[tuple[str, ...]]:
    """Products that make up a sum, longest first."""
    if outcome.measure.fold is not Fold.SUM:
        return []
    chains: list[tuple[str, ...]] = []
    factors: tuple[str, ...] = ()
    name = outcome.id
    while len(factors) < _LONGEST_CHAIN and (ratio := _ratio_over(catalogue, name, factors)):
        below = ratio.measure.denominator
        if below is None or below not in catalogue.metrics:
            break
        factors = (ratio.id, *factors)
        chains.insert(0, (below, *factors))
        name = below
    return chains


def _ratio_over(catalogue: Catalogue, name: str, taken: Iterable[str]) -> Metric | None:
    """The first plain ratio whose upper part is ``name``."""
    for metric in catalogue.metrics.values():
        measure = metric.measure
        is_plain = not (measure.complement or measure.minus_one or measure.numerator_minus)
        if measure.fold is Fold.RATIO and measure.numerator == name and is_plain:
            return None if metric.id in taken else metric
    return None


def _of_product(
    catalogue: Catalogue,
    chain: tuple[str, ...],
    found: MonthReadings,
    *,
    before: float,
    now: float,
) -> tuple[IdentityPart, ...]:
    earlier = _factors(catalogue, chain, [found.before(wanted(name)) for name in chain])
    later = _factors(catalogue, chain, [found.now(wanted(name)) for name in chain])
    if earlier is None or later is None:
        return ()
    effects = product_parts(earlier, later)
    if not reconciles(effects, now - before, size=max(abs(now), abs(before))):
        return ()
    return tuple(
        IdentityPart(
            metric=name,
            label=catalogue.metric(name).label,
            before=first * catalogue.metric(name).measure.scale,
            now=second * catalogue.metric(name).measure.scale,
            effect=effect,
        )
        for name, first, second, effect in zip(chain, earlier, later, effects, strict=True)
    )


def _factors(
    catalogue: Catalogue, chain: Sequence[str], points: Sequence[Point | None]
) -> list[float] | None:
    """Values of the factors without their scale (per 100 and the like); None if one is missing."""
    values = []
    for name, point in zip(chain, points, strict=True):
        if point is None or point.value is None:
            return None
        values.append(point.value / catalogue.metric(name).measure.scale)
    return values


def _of_ratio(
    catalogue: Catalogue, outcome: Metric, *, before: Point, now: Point
) -> tuple[IdentityPart, ...]:
    measure = outcome.measure
    earlier, later = _plain(outcome, before), _plain(outcome, now)
    if measure.numerator is None or measure.denominator is None or not earlier or not later:
        return ()
    parts = ratio_parts(earlier, later)
    if parts is None:
        return ()
    factor = -measure.scale if measure.complement else measure.scale
    upper = part_label(catalogue, measure.numerator)
    if measure.numerator_minus:
        upper = f"{upper} less {part_label(catalogue, measure.numerator_minus).lower()}"
    return tuple(
        IdentityPart(metric=name, label=label, before=first, now=second, effect=effect * factor)
        for name, label, first, second, effect in (
            (measure.numerator, upper, earlier[0], later[0], parts[0]),
            (
                measure.denominator,
                part_label(catalogue, measure.denominator),
                earlier[1],
                later[1],
                parts[1],
            ),
        )
    )


def _plain(outcome: Metric, point: Point) -> tuple[float, float] | None:
    """The parts as the definition names them: rollups hold a complement inside the upper part."""
    if point.numerator is None or point.denominator is None:
        return None
    upper, lower = point.numerator, point.denominator
    if outcome.measure.complement:
        return lower - upper, lower
    return (upper + lower if outcome.measure.minus_one else upper), lower


def part_label(catalogue: Catalogue, part: str) -> str:
    """A part in words: a metric's label, or what is counted of which events."""
    if part in catalogue.metrics:
        return catalogue.metric(part).label
    kind, _, counter = part.partition(".")
    said = catalogue.events[kind].counters[counter].label
    if said:
        return said
    plural = catalogue.events[kind].plural
    return f"{plural[:1].upper()}{plural[1:]}, {counter.replace('_', ' ')}"
