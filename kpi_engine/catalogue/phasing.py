"""A target of a quarter or a year spread over its months, so that they add up to it exactly."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.catalogue.targets import Target
from kpi_engine.fiscal import CALENDAR_MONTHS, FiscalCalendar
from kpi_engine.periods import MONTHS_IN, add_months, months_between
from kpi_engine.terms import Grain, Phasing

_FINER = 6
"""More digits than this are not tried to keep a red line apart from its target."""
_Ends = tuple[float, ...]


def months_of(target: Target) -> list[date]:
    """The months that a target of a quarter or a year is for."""
    return months_between(
        target.valid_from, add_months(target.valid_from, MONTHS_IN[target.period] - 1)
    )


def parts_of(target: Target, metric: Metric) -> int:
    """Into how many parts it is spread: months, or quarters of a measure that comes by the quarter.

    0 where the measure comes less often than that.
    """
    return MONTHS_IN[target.period] // _step(metric)


def target_of_month(
    target: Target, metric: Metric, month: date, calendar: FiscalCalendar = CALENDAR_MONTHS
) -> Target | None:
    """The target as it holds in one month; None after its quarter or year, and where it has none.

    A measure that comes by the quarter has that of its quarter.
    """
    if target.period is Grain.MONTH:
        return target
    months = months_of(target)
    if month not in months:
        return None
    place = months.index(month) // _step(metric)
    weights = _weights(target, metric, calendar)
    if weights[place] == 0:
        return None
    aims, lines = _ends(target.target), _ends(target.red_line)
    stretch = () if target.stretch is None else (target.stretch,)
    parts = [one[place] for one in _spread((*aims, *lines, *stretch), weights, metric.decimals)]
    aim, line = parts[: len(aims)], parts[len(aims) : len(aims) + len(lines)]
    return target.model_copy(
        update={
            "target": aim[0] if len(aim) == 1 else tuple(aim),
            "red_line": line[0] if len(line) == 1 else tuple(line),
            "stretch": parts[-1] if stretch else None,
        }
    )


def spread(whole: float, weights: Sequence[float], *, decimals: int) -> tuple[float, ...]:
    """A number in parts of given weights, each with at most so many digits, that add up to it.

    What rounding takes from one part is in the next ones.

    Examples:
        >>> spread(100.0, [1.0, 1.0, 1.0], decimals=0)
        (33.0, 34.0, 33.0)
    """
    exact, total = Decimal(str(whole)), sum(map(_decimal, weights))
    digits = max(decimals, -int(exact.normalize().as_tuple().exponent))
    step = Decimal(1).scaleb(-digits)
    reached, found, passed = Decimal(0), [], Decimal(0)
    for weight in weights:
        passed += _decimal(weight)
        until = (exact * passed / total).quantize(step)
        found.append(float(until - reached))
        reached = until
    return tuple(found)


@lru_cache(maxsize=512)
def _spread(wholes: _Ends, weights: tuple[float, ...], decimals: int) -> tuple[_Ends, ...]:
    """Several numbers in parts, with as many digits as keep those apart that differ."""
    for digits in range(decimals, decimals + _FINER + 1):
        found = tuple(spread(whole, weights, decimals=digits) for whole in wholes)
        columns = [
            column
            for column, weight in zip(zip(*found, strict=True), weights, strict=True)
            if weight
        ]
        if all(len(set(column)) == len(set(wholes)) for column in columns):
            return found
    return found


def _weights(target: Target, metric: Metric, calendar: FiscalCalendar) -> tuple[float, ...]:
    step, months = _step(metric), months_of(target)
    if target.phasing is Phasing.BY_SHARES:
        return target.shares
    if target.phasing is Phasing.BY_DAYS:
        days = [float(calendar.length(month)) for month in months]
        return tuple(sum(days[at : at + step]) for at in range(0, len(days), step))
    return (1.0,) * (len(months) // step)


def _step(metric: Metric) -> int:
    is_seldom = metric.cadence in (Grain.QUARTER, Grain.YEAR)
    return MONTHS_IN[metric.cadence] if is_seldom else 1


def _ends(bound: float | tuple[float, float]) -> _Ends:
    return bound if isinstance(bound, tuple) else (bound,)


def _decimal(number: float) -> Decimal:
    return Decimal(str(number))
