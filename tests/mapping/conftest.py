from collections.abc import Callable
from datetime import date, datetime, timedelta

import pandas as pd
import pytest

OrderHours = Callable[[date, date, Callable[[datetime], float]], pd.DataFrame]
DownSpans = Callable[..., pd.DataFrame]


@pytest.fixture
def order_hours() -> OrderHours:
    """Frame with one row per hour in which the given function is not 0."""

    def build(first: date, last: date, orders: Callable[[datetime], float]) -> pd.DataFrame:
        start = datetime.combine(first, datetime.min.time())
        hours = [start + timedelta(hours=step) for step in range(24 * ((last - first).days + 1))]
        rows = [(hour, orders(hour)) for hour in hours if orders(hour)]
        return pd.DataFrame(
            {
                "hour": pd.to_datetime([hour for hour, _ in rows]),
                "orders": [count for _, count in rows],
            }
        )

    return build


@pytest.fixture
def down_spans() -> DownSpans:
    """Frame with service, start and end of each outage."""

    def build(*spans: tuple[str, str, str]) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "service": [service for service, _, _ in spans],
                "started_at": pd.to_datetime([start for _, start, _ in spans]),
                "ended_at": pd.to_datetime([end for _, _, end in spans]),
            }
        )

    return build
