"""Several months as one number: parts are added first and divided last."""

from collections.abc import Iterable, Sequence
from datetime import date

from kpi_engine.catalogue.models import Metric
from kpi_engine.periods import add_months, months_between
from kpi_engine.services.series import Point, Series, months_apart
from kpi_engine.terms import Fold


def year_to_date(
    series: Series, metric: Metric, month: date, *, year_starts_in: int, stock_below: bool
) -> float | None:
    """Folded over the fiscal year to ``month``; a sum with a missing month is not known."""
    start = add_months(month, -((month.month - year_starts_in) % 12))
    due = months_between(start, month)[:: -months_apart(metric)][::-1]
    points = [series[at] for at in due if at in series]
    is_short = metric.measure.fold is Fold.SUM and len(points) < len(due)
    if is_short or month not in series:
        return None
    return folded(points, metric, stock_below=stock_below)


def folded(points: Sequence[Point], metric: Metric, *, stock_below: bool) -> float | None:
    """Several months as one number, from their parts; None where that cannot be done.

    Sums are added, ratios re-summed, stocks keep their last; medians cannot be folded from
    medians. A stock in the denominator is averaged, so that hours per employee add up.

    Args:
        points: One a month, oldest first, every month present.
        metric: Says how.
        stock_below: The denominator is a stock, such as headcount.
    """
    fold = metric.measure.fold
    if not points or fold in (Fold.MEDIAN, Fold.QUANTILE):
        return None
    if fold is Fold.LAST:
        return points[-1].value
    upper = _total(point.numerator for point in points)
    if fold is Fold.SUM and not metric.measure.per_week:
        return _total(point.value for point in points)
    lower = _total(point.denominator for point in points)
    if upper is None or not lower:
        return None
    return upper / (lower / len(points) if stock_below else lower) * metric.measure.scale


def _total(values: Iterable[float | None]) -> float | None:
    """The sum; None as soon as one is missing, because missing is not zero."""
    total = 0.0
    for value in values:
        if value is None:
            return None
        total += value
    return total
