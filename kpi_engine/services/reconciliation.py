"""Do the numbers agree with each other? What does not is a finding."""

from collections.abc import Iterable

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.models import Metric
from kpi_engine.findings import Finding
from kpi_engine.mapping.identity import RECONCILES_WITHIN
from kpi_engine.periods import month_label
from kpi_engine.services.look import Look
from kpi_engine.services.months import read_months
from kpi_engine.services.series import Point, read_series, wanted
from kpi_engine.terms import Fold, Severity

_MONTHS_CHECKED = 12


def read_reconciliation(look: Look) -> Iterable[Finding]:
    """Ratios of two metrics against those metrics, over the last twelve months shown.

    The value of an average order times the orders must be the revenue of the same month, or one
    of the three came in from another source with another rule.
    """
    catalogue = look.catalogue
    ratios = [metric for metric in catalogue.metrics.values() if _is_of_metrics(catalogue, metric)]
    months = read_months(look)[:_MONTHS_CHECKED]
    if not months or not ratios:
        return
    parts = [part for ratio in ratios for part in ratio.measure.parts]
    keys = [wanted(name) for name in dict.fromkeys([*(ratio.id for ratio in ratios), *parts])]
    series = read_series(look, keys, first=months[-1], last=months[0])
    for ratio in ratios:
        upper, lower = (series[wanted(part)] for part in ratio.measure.parts)
        for month in sorted(months):
            points = (series[wanted(ratio.id)].get(month), upper.get(month), lower.get(month))
            apart = _apart(ratio, *points)
            if apart is not None:
                yield Finding(
                    severity=Severity.WARNING,
                    place=ratio.label,
                    sentence=f"In {month_label(month)} it is not "
                    f"{catalogue.metric(ratio.measure.parts[0]).label.lower()} over "
                    f"{catalogue.metric(ratio.measure.parts[1]).label.lower()}: {apart:.2%} apart.",
                    next_step="Find out which of the three came from another source.",
                )


def _is_of_metrics(catalogue: Catalogue, metric: Metric) -> bool:
    """A plain ratio of two summed metrics."""
    measure = metric.measure
    is_plain = not (measure.complement or measure.minus_one or measure.numerator_minus)
    parts = [catalogue.metrics.get(part) for part in measure.parts]
    return (
        measure.fold is Fold.RATIO
        and is_plain
        and len(parts) > 1
        and all(part is not None and part.measure.fold is Fold.SUM for part in parts)
    )


def _apart(
    ratio: Metric, found: Point | None, upper: Point | None, lower: Point | None
) -> float | None:
    """How far a ratio is from its parts, relative to it; None when it agrees or is not known."""
    if found is None or upper is None or lower is None:
        return None
    if found.value is None or upper.value is None or not lower.value:
        return None
    expected = upper.value / lower.value * ratio.measure.scale
    difference = abs(found.value - expected)
    if difference <= RECONCILES_WITHIN * max(1.0, abs(expected)):
        return None
    return difference / max(abs(expected), RECONCILES_WITHIN)
