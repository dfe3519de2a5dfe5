"""Several months as one number: parts are added first and divided last."""

from collections.abc import Iterable, Sequence
from datetime import date

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.periods import MONTHS_IN, first_month, months_between
from kpi_engine.services.series import Point, Series, months_apart
from kpi_engine.store.parts import stands_for
from kpi_engine.terms import Fold, Grain


def year_to_date(
    series: Series, metric: Metric, month: date, *, year_starts_in: int, stock_below: bool
) -> float | None:
    """Folded over the fiscal year to ``month``, by the rule of every longer period.

    With a month missing it is not known, whatever is folded; a stock needs only ``month``.
    """
    start = first_month(month, Grain.YEAR, year_starts_in=year_starts_in)
    step = max(months_apart(metric), MONTHS_IN[stands_for(metric)])
    due = months_between(start, month)[::-step][::-1]
    if metric.measure.fold is Fold.LAST:
        due = due[-1:]
    points = [series[at] for at in due if at in series and _is_known(series[at])]
    return folded(points, metric, stock_below=stock_below) if len(points) == len(due) else None


def months_there(
    months: Iterable[date], metric: Metric, *, grain: Grain, year_starts_in: int
) -> dict[date, int]:
    """How many months of each quarter or year are there, by its first.

    Args:
        months: Those with data.
        metric: A month of one that is taken by the quarter speaks for three.
        grain: Quarter or year.
        year_starts_in: First month of the fiscal year.
    """
    each = stands_for(metric)
    said: dict[date, set[date]] = {}
    for month in months:
        period = first_month(month, grain, year_starts_in=year_starts_in)
        speaks_from = first_month(month, each, year_starts_in=year_starts_in)
        said.setdefault(period, set()).add(speaks_from)
    most = MONTHS_IN[grain]
    return {period: min(most, len(parts) * MONTHS_IN[each]) for period, parts in said.items()}


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


def _is_known(point: Point) -> bool:
    """Nothing to divide by is known too: such a month adds nothing."""
    return point.value is not None or point.denominator == 0


def _total(values: Iterable[float | None]) -> float | None:
    """The sum; None as soon as one is missing, because missing is not zero."""
    total = 0.0
    for value in values:
        if value is None:
            return None
        total += value
    return total
