"""The store cuts days into the same months as everybody else."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from kpi_engine.fiscal import FiscalCalendar
from kpi_engine.periods import MONTHS_IN, add_months, first_month, months_between
from kpi_engine.store import periods
from kpi_engine.terms import Grain
from tests.unit.test_fiscal import EVERY

EVERY = [*EVERY, pytest.param(FiscalCalendar(), id="calendar months")]
DAYS = [date(1998, 12, 20) + timedelta(days=step) for step in range(365 * 30)]


@pytest.fixture(scope="module")
def connection():
    with sa.create_engine("duckdb:///:memory:").connect() as opened:
        yield opened


def asked(connection, days, *columns):
    day = sa.cast(sa.func.unnest(sa.literal(days, sa.ARRAY(sa.Date))), sa.Date).label("day")
    rows = sa.select(day).subquery()
    return connection.execute(sa.select(*(column(rows.c.day) for column in columns))).all()


@pytest.mark.parametrize("calendar", EVERY)
def test_every_day_has_the_month_quarter_and_year_of_the_calendar(connection, calendar):
    grains = (Grain.MONTH, Grain.QUARTER, Grain.YEAR)
    found = asked(
        connection,
        DAYS,
        *(
            lambda day, grain=grain: periods.period_start(day, grain, calendar=calendar)
            for grain in grains
        ),
    )
    starts = calendar.year_starts_in
    assert found == [
        tuple(first_month(calendar.month_of(day), grain, year_starts_in=starts) for grain in grains)
        for day in DAYS
    ]


@pytest.mark.parametrize("calendar", EVERY)
def test_every_month_has_its_days(connection, calendar):
    months = months_between(date(1999, 1, 1), date(2035, 12, 1))
    grains = (Grain.MONTH, Grain.QUARTER, Grain.YEAR)
    found = asked(
        connection,
        months,
        lambda month: periods.first_day(month, calendar),
        *(
            lambda month, grain=grain: periods.period_days(month, grain, calendar)
            for grain in grains
        ),
    )
    assert found == [
        (
            calendar.first_day(month),
            *(
                calendar.length(add_months(month, MONTHS_IN[grain] - 1), months=MONTHS_IN[grain])
                for grain in grains
            ),
        )
        for month in months
    ]
