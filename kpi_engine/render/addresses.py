"""Where links lead to: pages of Plumbline with what they are asked to show."""

from datetime import date
from urllib.parse import urlencode

from kpi_engine.periods import add_months
from kpi_engine.services.readings import Reading
from kpi_engine.terms import Grain


def outcome_address(outcome: str, month: date, **more: str) -> str:
    """The page of an outcome's month.

    Examples:
        >>> outcome_address("biz.orders", date(2026, 10, 1))
        'outcome?outcome=biz.orders&month=2026-10'
    """
    return f"outcome?{urlencode({'outcome': outcome, 'month': f'{month:%Y-%m}', **more})}"


def catalogue_address(metric: str) -> str:
    """What a measure means, with its target and owners.

    Examples:
        >>> catalogue_address("it.availability")
        'catalogue?metric=it.availability'
    """
    return f"catalogue?{urlencode({'metric': metric})}"


def rows_address(reading: Reading) -> str:
    """The rows behind a number in Explore; empty where there is no number."""
    return "" if reading.value is None else f"explore?{urlencode(rows_query(reading))}"


def rows_query(reading: Reading) -> dict[str, str]:
    """What Explore is asked for the rows behind a number: those of its month, or its quarter."""
    is_quarterly = reading.metric.cadence is Grain.QUARTER
    grain = Grain.QUARTER if is_quarterly else Grain.MONTH
    only = ";".join(f"{name}={member}" for name, member in reading.segment.items())
    start = add_months(reading.shown_month, -2) if is_quarterly else reading.shown_month
    return {
        "metric": reading.metric.id,
        "only": only or "none",
        "look": "rows",
        "grain": grain.value,
        "at": start.isoformat(),
    }
