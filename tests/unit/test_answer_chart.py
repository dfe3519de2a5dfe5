"""The answer to a query as a chart."""

import altair as alt
import pytest

from kpi_engine.charts.answer import MOST_POINTS, Along, Mark, answer_chart

POINTS = [("2026-09-01", 1.5), ("2026-10-01", None), ("2026-11-01", float("inf"))]


def drawn(mark: Mark, along: Along) -> dict:
    chart = answer_chart(POINTS, x="period", y="value", along=along, mark=mark)
    return chart.to_dict()["layer"][0]


def numbers(chart: alt.LayerChart) -> list[float | None]:
    (rows,) = chart.to_dict()["datasets"].values()
    return [row["y"] for row in rows]


@pytest.mark.parametrize("along", ["time", "number", "name"])
def test_bars_keep_their_zero_and_lines_need_not(along: Along) -> None:
    assert drawn("bar", along)["encoding"]["y"]["scale"] == {"zero": True}
    assert drawn("line", along)["encoding"]["y"]["scale"] == {"zero": False}


def test_names_have_room_for_a_sentence() -> None:
    assert drawn("bar", "name")["encoding"]["x"]["axis"]["labelLimit"] >= 300


def test_names_keep_the_order_of_the_answer() -> None:
    assert drawn("bar", "name")["encoding"]["x"]["sort"] is None
    assert drawn("bar", "number")["encoding"]["x"]["type"] == "nominal"
    assert drawn("line", "time")["encoding"]["x"]["type"] == "temporal"


def test_what_is_no_number_leaves_a_gap_and_too_many_points_are_not_drawn() -> None:
    chart = answer_chart(POINTS, x="period", y="value", along="time", mark="line")
    assert numbers(chart) == [1.5, None, None]
    many = answer_chart(
        [(number, 1.0) for number in range(MOST_POINTS + 5)],
        x="a",
        y="b",
        along="number",
        mark="line",
    )
    assert len(numbers(many)) == MOST_POINTS


def test_several_lines_are_told_apart_by_colour_and_by_dash() -> None:
    points = [("2026-09-01", 1.0), ("2026-09-01", 5.0), ("2026-10-01", 2.0), ("2026-10-01", 6.0)]
    chart = answer_chart(
        points, x="period", y="value", along="time", mark="line", of=["a", "b", "a", "b"]
    )
    encoding = chart.to_dict()["layer"][0]["encoding"]
    for way in ("color", "strokeDash"):
        assert encoding[way]["field"] == "of"
        assert encoding[way]["scale"]["domain"] == ["a", "b"]
        assert len({str(one) for one in encoding[way]["scale"]["range"]}) == 2
    assert "color" not in drawn("line", "time")["encoding"]


def x_axis(points: list[tuple[str, float]]) -> dict:
    chart = answer_chart(points, x="month", y="value", along="time", mark="line")
    return chart.to_dict()["layer"][0]["encoding"]["x"]["axis"]


def test_a_few_dates_are_each_named_with_their_year() -> None:
    months = [(f"2026-{month:02d}-01T00:00:00", 1.0) for month in (10, 8, 9, 8)]
    axis = x_axis(months)
    assert axis["format"] == "%-d %b %Y"
    assert [(at["year"], at["month"], at["date"]) for at in axis["values"]] == [
        (2026, 8, 1),
        (2026, 9, 1),
        (2026, 10, 1),
    ]


def test_a_few_instants_are_named_with_their_time_and_by_their_zone() -> None:
    axis = x_axis([("2026-10-12T00:30:00+00:00", 1.0), ("2026-10-12T02:52:00+00:00", 2.0)])
    assert axis["format"].endswith("%H:%M")
    assert axis["values"] == [1791765000000, 1791773520000]


def test_many_dates_have_ticks_at_round_times() -> None:
    days = [(f"2026-10-{day:02d}T00:00:00", 1.0) for day in range(1, 31)]
    assert "values" not in x_axis(days)
    assert "values" not in drawn("line", "name")["encoding"]["x"]["axis"]
