"""Axes of Explore: names stand where periods are, and nowhere else."""

from datetime import date
from typing import Any

import pytest

from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.charts.explore import limits_chart, line_chart
from kpi_engine.services.explored import Answer, Slice, SlicePoint
from kpi_engine.services.limits import LimitPoint, Limits
from kpi_engine.services.steps import moved
from kpi_engine.terms import Grain
from tests.factories import metric

ORGANISATION = Organisation(name="Marlow & Finch")


def answer(grain: Grain, first: date, values: list[float | None]) -> Answer:
    points = tuple(
        SlicePoint(period=moved(first, grain, n), value=value, numerator=value, denominator=None)
        for n, value in enumerate(values)
    )
    return Answer(
        metric=metric(),
        grain=grain,
        first=points[0].period,
        last=points[-1].period,
        segment={},
        by=None,
        compare=None,
        as_of=1,
        whole=Slice(member="", segment={}, points=points),
    )


def axis(found: Answer) -> dict[str, Any]:
    chart = line_chart(found, ORGANISATION).to_dict()
    return chart["layer"][0]["encoding"]["x"]["axis"]


def ticks(found: Answer) -> list[date]:
    return [date(at["year"], at["month"], at["date"]) for at in axis(found)["values"]]


@pytest.mark.parametrize("grain", list(Grain))
@pytest.mark.parametrize("count", [1, 2, 3, 8, 12])
def test_a_few_periods_have_a_tick_each(grain: Grain, count: int) -> None:
    found = answer(grain, date(2026, 2, 2), [1.0] * count)
    assert ticks(found) == [point.period for point in found.whole.points]


@pytest.mark.parametrize(
    ("grain", "first", "count", "shown"),
    [
        pytest.param(
            Grain.MONTH,
            date(2023, 11, 1),
            36,
            [moved(date(2024, 1, 1), Grain.QUARTER, n) for n in range(12)],
            id="months by Januaries",
        ),
        pytest.param(
            Grain.DAY,
            date(2026, 8, 1),
            31,
            [date(2026, 8, day) for day in (3, 10, 17, 24, 31)],
            id="days by Mondays",
        ),
        pytest.param(
            Grain.QUARTER,
            date(2023, 2, 1),
            14,
            [moved(date(2023, 2, 1), Grain.QUARTER, 2 * n) for n in range(7)],
            id="quarters of a year that starts in February",
        ),
    ],
)
def test_of_many_periods_some_have_one(
    grain: Grain, first: date, count: int, shown: list[date]
) -> None:
    assert ticks(answer(grain, first, [1.0] * count)) == shown


@pytest.mark.parametrize("grain", list(Grain))
def test_ticks_are_few_and_stand_at_periods(grain: Grain) -> None:
    for count in range(13, 40):
        found = answer(grain, date(2026, 2, 2), [1.0] * count)
        assert 2 <= len(ticks(found)) <= 12
        assert set(ticks(found)) <= {point.period for point in found.whole.points}


def test_days_of_more_than_a_year_are_named_by_month() -> None:
    found = axis(answer(Grain.DAY, date(2025, 1, 1), [1.0] * 400))
    assert "values" not in found
    assert found["format"] == "%b %y"


def test_an_axis_has_no_room_for_a_year_that_is_not_known() -> None:
    found = answer(Grain.YEAR, date(2023, 1, 1), [None, 2.0, None, 3.0])
    years = [date(year, 1, 1) for year in (2024, 2025, 2026)]
    assert ticks(found) == years
    ranges = Limits(
        answer=found,
        shares=None,
        points=tuple(
            LimitPoint(period=point.period, value=point.value, low=None, high=None, middle=None)
            for point in found.whole.points
        ),
    )
    for chart in (line_chart(found, ORGANISATION), limits_chart(ranges, ORGANISATION)):
        spec = chart.to_dict()
        named = [layer["data"].get("name") for layer in spec["layer"]]
        drawn = [spec["datasets"][name] for name in named if name]
        several = next(rows for rows in drawn if len(rows) > 1)
        assert [row["period"] for row in several] == [str(year) for year in years]
