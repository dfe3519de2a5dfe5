import json
import re
from datetime import date

import pytest

from kpi_engine.charts.labels import spread
from kpi_engine.charts.palette import REFERENCE
from kpi_engine.charts.theme import axis_expression
from kpi_engine.charts.trend import trend_chart
from kpi_engine.charts.waterfall import movement_chart
from kpi_engine.mapping.contribution import DatedEvent
from kpi_engine.maths.intervals import Estimate
from kpi_engine.services.earlier import EarlierDefinition, MonthThen
from kpi_engine.terms import Direction, Unit
from tests.factories import LOWER, driver, explanation, metric, reading
from tests.marlow_finch import (
    OUTAGE,
    checkout,
    demos,
    satisfaction,
    shipped,
    time_to_market,
    unmeasured,
)

T = "\u202f"


def rows(spec, mark):
    """The data rows of every layer with that mark."""
    found = []
    for layer in spec["layer"]:
        if layer["mark"]["type"] == mark:
            data = layer.get("data") or spec["data"]
            found += data["values"] if "values" in data else spec["datasets"][data["name"]]
    return found


def layers(spec, mark):
    return [layer for layer in spec["layer"] if layer["mark"]["type"] == mark]


def texts(spec):
    return [row["text"] for row in rows(spec, "text") if "text" in row]


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(checkout().outcome, id="signal"),
        pytest.param(time_to_market().outcome, id="lower is better"),
        pytest.param(demos().outcome, id="watermelon"),
        pytest.param(shipped().outcome, id="provisional"),
        pytest.param(satisfaction().outcome, id="quarterly"),
        pytest.param(unmeasured().outcome, id="no data"),
        pytest.param(demos().drivers[1].reading, id="range"),
    ],
)
def test_every_reading_can_be_drawn_on_one_axis(one):
    spec = trend_chart(one).to_dict()
    domains = {
        tuple(channel["scale"]["domain"])
        for layer in spec["layer"]
        for name, channel in layer["encoding"].items()
        if name == "y" and "scale" in channel
    }
    assert len(domains) <= 1
    assert "resolve" not in spec


def test_the_trend_labels_value_target_and_range_directly():
    assert texts(trend_chart(checkout().outcome).to_dict()) == [
        f"96.2{T}%",
        f"target 97.5{T}%",
        "usual range",
    ]


def test_from_a_new_baseline_on_the_usual_range_is_another_band_and_its_start_is_named():
    spec = trend_chart(
        reading(0.98, past=[0.90, 0.91] * 6 + [0.97] * 11, baseline_ago=11)
    ).to_dict()
    first, second = rows(spec, "rect")
    assert (first["month"], first["end"]) == ("2024-11-01", "2025-11-01")
    assert (second["month"], second["end"]) == ("2025-11-01", "2026-10-01")
    assert first["high"] < second["low"]
    assert "1 Nov: new baseline" in texts(spec)


@pytest.mark.parametrize(("months", "opacity"), [(11, 0), (12, 1)])
def test_a_range_on_trial_is_outlined_only(months, opacity):
    spec = trend_chart(reading(0.97, past=([0.96, 0.97] * 6)[: months - 1])).to_dict()
    (band,) = layers(spec, "rect")
    assert band["mark"]["fillOpacity"] == opacity


def test_the_last_point_has_the_shape_and_colour_of_its_status():
    (point,) = layers(trend_chart(checkout().outcome).to_dict(), "point")
    assert point["mark"]["shape"] == "diamond"
    assert point["mark"]["fill"] == "light-dark(#8B0A2A, #EE6C80)"


def test_a_month_that_is_not_complete_is_hollow_and_its_step_broken():
    spec = trend_chart(shipped().outcome).to_dict()
    (point,) = layers(spec, "point")
    assert point["mark"]["fill"] == "light-dark(#FCFBF8, #14171B)"
    lines = [layer["mark"] for layer in layers(spec, "line")]
    assert sum(line.get("strokeDash") == [2, 3] for line in lines) == 1


def test_quarters_are_dots_joined_across_the_months_between():
    spec = trend_chart(satisfaction().outcome).to_dict()
    values = [row["value"] for row in rows(spec, "line") if "shown" in row]
    assert None not in values
    assert len(rows(spec, "circle")) >= len(values) - 1


def test_a_changed_target_is_drawn_as_it_stood():
    (target,) = [
        layer
        for layer in layers(trend_chart(checkout().outcome).to_dict(), "line")
        if layer["mark"].get("interpolate") == "step-after"
    ]
    assert target["mark"]["strokeDash"] == [4, 3]


def test_events_of_the_months_shown_are_named_and_others_left_out():
    spec = trend_chart(checkout().outcome, (OUTAGE,)).to_dict()
    assert "12 Oct: Checkout down 118 min" in texts(spec)
    old = type(OUTAGE)(day=OUTAGE.day.replace(year=2020), sentence="Long ago.")
    assert (
        trend_chart(checkout().outcome, (old,)).to_dict()["layer"]
        == (trend_chart(checkout().outcome).to_dict()["layer"])
    )


def test_only_the_two_events_that_cost_most_are_named_and_no_line_runs_through_their_names():
    small, large, middle, common = (
        DatedEvent(day=date(2026, 10, day), sentence=f"{name}.", short=short, weight=weight)
        for day, name, short, weight in (
            (3, "Small", "Small", 1.0),
            (7, "Large", "Large", 9.0),
            (9, "Middle", "Middle", 5.0),
            (5, "Common", "", 0.0),
        )
    )
    spec = trend_chart(checkout().outcome, (small, common, large, middle)).to_dict()
    named = [row["text"] for row in rows(spec, "text") if ": " in row["text"]]
    assert sorted(named) == ["7 Oct: Large", "9 Oct: Middle"]
    heights = [
        layer["encoding"]["y"]["value"]
        for layer in layers(spec, "text")
        if "value" in layer["encoding"]["y"]
    ]
    assert sorted(heights) == [-30, -15]


def test_months_are_cut_in_utc_so_that_no_reader_sees_the_month_before():
    spec = json.dumps(trend_chart(checkout().outcome).to_dict())
    assert '"type": "utc"' in spec


def test_charts_follow_the_theme_by_themselves():
    for chart in (
        trend_chart(checkout().outcome),
        movement_chart(checkout()),
    ):
        spec = chart.to_dict()
        assert spec["config"]["background"] == "transparent"
        alone = re.findall(r'"#[0-9A-Fa-f]{6}"', json.dumps(spec))
        assert alone == []


def test_the_waterfall_starts_and_ends_at_the_months_and_every_bar_follows_on():
    spec = movement_chart(checkout()).to_dict()
    bars, ticks = rows(spec, "bar"), rows(spec, "tick")
    assert [tick["name"] for tick in ticks] == ["Sep 2026", "Oct 2026"]
    path = [ticks[0]["end"], *(bar["end"] for bar in bars)]
    assert [bar["start"] for bar in bars] == pytest.approx(path[:-1])
    assert path[-1] == pytest.approx(ticks[1]["start"])


def test_the_waterfall_shows_ranges_signs_and_the_grey_rest():
    spec = movement_chart(checkout()).to_dict()
    bars = rows(spec, "bar")
    assert [bar["text"] for bar in bars] == [
        f"−0.36{T}pp",
        f"−0.15{T}pp",
        f"−0.02{T}pp",
        f"−0.07{T}pp",
    ]
    assert bars[-1]["name"] == "Other causes, not explained"
    assert bars[-1]["colour"] != bars[0]["colour"]
    whiskers = [row for row in rows(spec, "rule") if row.get("low") is not None]
    assert len(whiskers) == 2 * 3, "each on a lighter one, to be seen on its bar"
    assert whiskers[0]["low"] == pytest.approx(0.968 - 0.0047)
    assert whiskers[0]["high"] == pytest.approx(0.968 - 0.0026)


def test_a_change_of_which_nothing_was_counted_is_drawn_as_large_as_it_is_printed():
    days = metric("biz.ttm", unit=Unit.DAYS, direction=LOWER, decimals=0)
    moved = movement_chart(explanation(reading(34.4, of=days, previous=31)))
    assert [bar["text"] for bar in rows(moved.to_dict(), "bar")] == [f"+3{T}days"]
    still = movement_chart(explanation(reading(32.4, of=days, previous=32)))
    assert rows(still.to_dict(), "bar") == []


def test_harm_and_help_differ_for_both_directions():
    harm = rows(movement_chart(time_to_market()).to_dict(), "bar")[0]["colour"]
    help_ = rows(movement_chart(shipped()).to_dict(), "bar")[0]["colour"]
    assert "#8B0A2A" in harm
    assert "#0A6E78" in help_


def test_without_a_good_direction_bars_have_no_verdict():
    plain = metric(direction=Direction.NONE)
    found = explanation(
        reading(0.5, of=plain, previous=0.4),
        driver(reading(0.9), effect=checkout().drivers[0].contribution.effect),
    )
    bar = rows(movement_chart(found).to_dict(), "bar")[0]
    assert "#8B0A2A" not in bar["colour"]


def test_an_unknown_movement_is_not_drawn():
    with pytest.raises(ValueError, match="not known"):
        movement_chart(unmeasured())


@pytest.mark.parametrize(
    ("unit", "highest", "before", "number", "behind"),
    [
        pytest.param(Unit.PERCENT, 0.98, "", '100, ",.6~f"', f"{T}%", id="percent"),
        pytest.param(Unit.MILLISECONDS, 3000, "", '0.001, ",.6~f"', f"{T}s", id="seconds"),
        pytest.param(Unit.CURRENCY, 5e6, "$", '1, "~s"', "", id="much money"),
        pytest.param(Unit.DAYS, 34, "", '1, ",.6~f"', f"{T}days", id="days"),
    ],
)
def test_axes_carry_their_unit(unit, highest, before, number, behind):
    found = axis_expression(unit, highest=highest)
    expected = f"{json.dumps(before)} + format(datum.value * {number}) + {json.dumps(behind)}"
    assert found == expected


def test_labels_that_would_touch_are_moved_apart():
    assert spread([1.0, 1.2, 5.0], least=1.0) == pytest.approx([1.0, 2.0, 5.0])
    assert spread([1.0, 0.9], least=1.0) == pytest.approx([1.0, 0.0])
    crowded = spread([1.0, 1.0, 1.0, 1.0], least=1.0)
    assert sorted(b - a for a, b in zip(sorted(crowded), sorted(crowded)[1:], strict=False)) == (
        pytest.approx([1.0, 1.0, 1.0])
    )
    assert spread([], least=1.0) == []


def test_an_earlier_definition_has_its_own_line_up_to_the_break():
    one = reading(0.97, past=[0.96, 0.97] * 6)
    months = [
        MonthThen(month=point.month, then=point.value + 0.05, now=point.value)
        for point in one.history[:6]
    ]
    earlier = EarlierDefinition(
        since=None,
        until=date(2026, 5, 3),
        because="Repeated tries count once.",
        changes=(),
        months=(*months, MonthThen(month=one.history[6].month, then=None, now=0.96)),
        shift=Estimate(low=0.05, mid=0.05, high=0.05),
    )
    spec = trend_chart(one, earlier=[earlier]).to_dict()
    (line,) = [layer for layer in layers(spec, "line") if layer["mark"]["color"] == REFERENCE.css]
    data = spec["datasets"][line["data"]["name"]]
    assert [row["month"] for row in data] == [point.month.isoformat() for point in one.history[:6]]
    assert line["encoding"]["y"]["scale"]["domain"][1] > 1.02
    assert {"3 May: new definition", "earlier definition"} <= set(texts(spec))
