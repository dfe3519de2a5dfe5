"""What a metric is made of: names of facts, their roles, their origins."""

from collections.abc import Sequence
from dataclasses import dataclass

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.terms import Fold, Grain

PAIRED = (Fold.RATIO, Fold.WEIGHTED_MEAN)
RANKED = (Fold.MEDIAN, Fold.QUANTILE)


@dataclass(frozen=True, kw_only=True)
class PartUse:
    """One part a metric is made of.

    Attributes:
        metric: The metric.
        role: ``numerator``, ``denominator``, or ``own`` for facts imported for the metric itself.
        component: The part as the measure names it; its facts may have several origins.
        part: Name the facts are stored under.
        source: 0 for counted from events, 1 for imported.
        weight: -1 for what is taken off.
        keeps_last: The part is a stock: the last day counts, not the sum.
    """

    metric: str
    role: str
    component: str
    part: str
    source: int
    weight: int
    keeps_last: bool


def part_uses(catalogue: Catalogue, metric: Metric) -> list[PartUse]:
    """Every part of a metric, parts of parts included.

    A complement or a "minus one" is folded into the numerator (1 - a/b = (b - a)/b), so that every
    stored share is simply its numerator over its denominator.
    """
    measure = metric.measure
    if measure.fold not in PAIRED + RANKED:
        counted = _origins(catalogue, measure.value) if measure.value else []
        origins = [*counted, (metric.id, 1)]
        return _uses(catalogue, metric, "numerator", metric.id, 1, origins)
    uses = _uses(catalogue, metric, "own", metric.id, 1, [(metric.id, 1)])
    if measure.numerator and measure.denominator:
        top = {measure.numerator: -1 if measure.complement else 1}
        if measure.complement:
            top[measure.denominator] = 1
        if measure.minus_one:
            top[measure.denominator] = -1
        if measure.numerator_minus:
            top[measure.numerator_minus] = -1
        for part, weight in top.items():
            uses += _uses(catalogue, metric, "numerator", part, weight, _origins(catalogue, part))
        below = measure.denominator
        uses += _uses(catalogue, metric, "denominator", below, 1, _origins(catalogue, below))
    return uses


def has_stock_below(catalogue: Catalogue, metric: Metric) -> bool:
    """Whether the denominator is a stock, such as headcount: averaged over longer periods."""
    below = catalogue.metrics.get(metric.measure.denominator or "")
    return below is not None and below.measure.fold is Fold.LAST


def has_days(metric: Metric) -> bool:
    """Whether a metric folds to days at all.

    Medians and quantiles rank the events of longer periods; what is stated per week has weeks.
    """
    return metric.measure.fold not in RANKED and not metric.measure.per_week


def stands_for(metric: Metric) -> Grain:
    """How much of a quarter or year one month of data speaks for.

    A level that is taken by the quarter is known for a quarter from any month of it. A sum needs
    every month, however seldom it is reported.
    """
    is_seldom = metric.cadence in (Grain.QUARTER, Grain.YEAR)
    return metric.cadence if is_seldom and metric.measure.fold is not Fold.SUM else Grain.MONTH


def _origins(catalogue: Catalogue, part: str) -> list[tuple[str, int]]:
    """Names a part's facts are stored under, with their source."""
    inner = catalogue.metrics.get(part)
    if inner is None:
        return [(part, 0)]
    deeper = _origins(catalogue, inner.measure.value) if inner.measure.value else []
    return [*deeper, (part, 1)]


def _uses(
    catalogue: Catalogue,
    metric: Metric,
    role: str,
    component: str,
    weight: int,
    origins: Sequence[tuple[str, int]],
) -> list[PartUse]:
    inner = catalogue.metrics.get(component, metric)
    keeps_last = inner.measure.fold is Fold.LAST
    return [
        PartUse(
            metric=metric.id,
            role=role,
            component=component,
            part=part,
            source=source,
            weight=weight,
            keeps_last=keeps_last,
        )
        for part, source in origins
    ]
