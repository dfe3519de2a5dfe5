import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kpi_engine.maths.intervals import Estimate
from kpi_engine.maths.status import kpi_status
from kpi_engine.terms import Direction, Unit
from kpi_engine.units import (
    effect_decimals,
    format_amount,
    format_change,
    format_count,
    format_distance,
    format_effect,
    format_effect_range,
    format_estimate,
    format_money,
    format_range,
    format_share,
    format_target,
    format_value,
    money_words,
    rounds_to_zero,
)

HIGHER, LOWER = Direction.HIGHER_IS_BETTER, Direction.LOWER_IS_BETTER
T = "\u202f"  # thin, unbreakable


def estimate(low, mid, high):
    return Estimate(low=low, mid=mid, high=high)


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "text"),
    [
        pytest.param(0.962, Unit.PERCENT, 1, f"96.2{T}%", id="percent"),
        pytest.param(2900, Unit.MILLISECONDS, 1, f"2.9{T}s", id="milliseconds print as seconds"),
        pytest.param(1.78, Unit.HOURS, 2, f"1.78{T}h", id="hours"),
        pytest.param(1.78, Unit.HOURS_PER_EMPLOYEE, 2, f"1.78{T}h", id="hours per employee"),
        pytest.param(4.08, Unit.CURRENCY, 2, "$4.08", id="money"),
        pytest.param(5_210_334.4, Unit.CURRENCY, 0, "$5,210,334", id="much money"),
        pytest.param(-4.08, Unit.CURRENCY, 2, "−$4.08", id="negative money"),
        pytest.param(34, Unit.DAYS, 0, f"34{T}days", id="days"),
        pytest.param(1, Unit.DAYS, 0, f"1{T}day", id="one day"),
        pytest.param(1.0, Unit.DAYS, 1, f"1.0{T}days", id="one point nought days"),
        pytest.param(73, Unit.POINTS, 0, "73", id="points need no word"),
        pytest.param(6.1, Unit.PER_WEEK, 1, "6.1", id="per week stands in the label"),
        pytest.param(1240, Unit.COUNT, 0, "1,240", id="count"),
        pytest.param(142, Unit.MINUTES, 0, f"142{T}min", id="minutes"),
        pytest.param(-0.0001, Unit.PERCENT, 1, f"0.0{T}%", id="no negative zero"),
        pytest.param(32.5, Unit.DAYS, 0, f"33{T}days", id="halves go up, as in a spreadsheet"),
        pytest.param(33.5, Unit.DAYS, 0, f"34{T}days", id="those of odd numbers too"),
        pytest.param(2.675, Unit.HOURS, 2, f"2.68{T}h", id="a half that a float holds as less"),
        pytest.param(-2.5, Unit.COUNT, 0, "−3", id="halves below zero go away from it"),
        pytest.param(None, Unit.PERCENT, 1, "no data", id="missing is not zero"),
        pytest.param(float("nan"), Unit.COUNT, 0, "no data", id="not a number is missing"),
    ],
)
def test_a_value_prints_with_its_unit(value, unit, decimals, text):
    assert format_value(value, unit=unit, decimals=decimals) == text


@pytest.mark.parametrize(
    ("change", "unit", "decimals", "text"),
    [
        pytest.param(-0.006, Unit.PERCENT, 1, f"−0.6{T}pp", id="shares change by points"),
        pytest.param(400, Unit.MILLISECONDS, 1, f"+0.4{T}s", id="own unit"),
        pytest.param(1, Unit.DAYS, 0, f"+1{T}day", id="one day"),
        pytest.param(5, Unit.DAYS, 0, f"+5{T}days", id="days"),
        pytest.param(1, Unit.POINTS, 0, f"+1{T}point", id="one point"),
        pytest.param(-0.05, Unit.CURRENCY, 2, "−$0.05", id="sign before the currency"),
        pytest.param(-1.2, Unit.PER_WEEK, 1, "−1.2", id="no unit word"),
        pytest.param(0.0004, Unit.PERCENT, 1, "no change", id="rounds to zero"),
        pytest.param(-0.0004, Unit.PERCENT, 1, "no change", id="rounds to minus zero"),
        pytest.param(0.0, Unit.COUNT, 0, "no change", id="zero"),
        pytest.param(None, Unit.COUNT, 0, "no data", id="unknown"),
    ],
)
def test_a_change_is_always_signed(change, unit, decimals, text):
    assert format_change(change, unit=unit, decimals=decimals) == text


def test_a_distance_drops_the_sign():
    assert format_distance(-0.006, unit=Unit.PERCENT, decimals=1) == f"0.6{T}pp"
    assert format_distance(-0.05, unit=Unit.CURRENCY, decimals=2) == "$0.05"


@pytest.mark.parametrize(
    ("unit", "decimals", "shown"),
    [
        pytest.param(Unit.DAYS, 0, 1, id="one more"),
        pytest.param(Unit.PERCENT, 1, 2, id="one more, up to two"),
        pytest.param(Unit.PERCENT, 2, 2, id="at most two"),
        pytest.param(Unit.PERCENT, 3, 3, id="never fewer than the outcome"),
        pytest.param(Unit.CURRENCY, 0, 0, id="whole money stays whole"),
        pytest.param(Unit.COUNT, 0, 0, id="whole things stay whole"),
        pytest.param(Unit.CURRENCY, 2, 2, id="cents stay cents"),
    ],
)
def test_an_effect_has_one_digit_more_at_most_two(unit, decimals, shown):
    assert effect_decimals(unit, decimals) == shown


def test_effects_print_with_their_range_unless_counted():
    ranged = estimate(-0.0047, -0.0036, -0.0026)
    text = format_effect_range(ranged, unit=Unit.PERCENT, decimals=1)
    assert text == f"−0.36{T}pp (−0.47{T}pp to −0.26{T}pp)"
    exact = format_effect_range(Estimate.exact(1.1), unit=Unit.DAYS, decimals=0)
    assert exact == format_effect(1.1, unit=Unit.DAYS, decimals=0) == f"+1.1{T}days"


@pytest.mark.parametrize(
    ("target", "unit", "decimals", "direction", "text"),
    [
        pytest.param(0.975, Unit.PERCENT, 1, HIGHER, f"≥{T}97.5{T}%", id="at least"),
        pytest.param(1.5, Unit.HOURS, 2, LOWER, f"≤{T}1.50{T}h", id="at most"),
        pytest.param(0.9995, Unit.PERCENT, 1, HIGHER, f"≥{T}99.95{T}%", id="all its digits"),
        pytest.param((0.2, 0.7), Unit.PERCENT, 0, Direction.IN_RANGE, f"20–70{T}%", id="range"),
        pytest.param(
            (-0.05, 0.05),
            Unit.PERCENT,
            1,
            Direction.IN_RANGE,
            f"−5.0{T}% to 5.0{T}%",
            id="range across zero",
        ),
        pytest.param(4.2, Unit.CURRENCY, 2, LOWER, f"≤{T}$4.20", id="money"),
    ],
)
def test_a_target_shows_which_way_is_better(target, unit, decimals, direction, text):
    assert format_target(target, unit=unit, decimals=decimals, direction=direction) == text


@pytest.mark.parametrize(
    ("mid", "text"),
    [
        pytest.param(1238, "about 1,240 orders", id="three digits when the first is one"),
        pytest.param(2238, "about 2,200 orders", id="two digits otherwise"),
        pytest.param(69, "about 69 orders", id="two digits"),
        pytest.param(996, "about 1,000 orders", id="rounds up a digit"),
        pytest.param(-521, "about 520 orders", id="the sign is in the noun"),
        pytest.param(1.2, "about 1 order", id="one of them"),
        pytest.param(0.2, "hardly any orders", id="less than one"),
    ],
)
def test_an_estimated_count_keeps_two_digits(mid, text):
    assert format_estimate(estimate(mid - 0.1, mid, mid + 0.1), "orders") == text


def test_a_counted_number_is_not_about():
    assert format_estimate(Estimate.exact(1238), "orders") == "1,238 orders"
    assert format_estimate(Estimate.exact(1), "failed orders") == "1 failed order"
    assert format_estimate(Estimate.exact(0), "orders") == "no orders"


def test_a_count_whose_direction_is_open_says_so():
    assert format_estimate(estimate(-3, 1, 4), "orders") == "no clear number of orders"


@pytest.mark.parametrize(
    ("money", "text"),
    [
        pytest.param(86_312, "$86k", id="thousands"),
        pytest.param(-112_400, "$112k", id="three digits when the first is one"),
        pytest.param(5_240, "$5.2k", id="two digits"),
        pytest.param(4_990, "$5k", id="no idle nought"),
        pytest.param(900, "$900", id="hundreds"),
        pytest.param(999.6, "$1k", id="rounds into the next unit"),
        pytest.param(1_940_000, "$1.94m", id="millions"),
        pytest.param(2_340_000_000, "$2.3bn", id="billions"),
        pytest.param(0, "$0", id="nothing"),
    ],
)
def test_money_is_rounded_to_two_digits(money, text):
    assert format_amount(money) == text


@pytest.mark.parametrize(
    ("money", "text"),
    [
        pytest.param((-112e3, -86e3, -62e3), "about $86k lost ($62k–$112k)", id="lost"),
        pytest.param((2e3, 6e3, 11e3), "about $6k saved ($2k–$11k)", id="saved"),
        pytest.param(
            (-10e3, -4e3, 900), "no clear cost ($10k lost to $900 saved)", id="cost across zero"
        ),
        pytest.param(
            (-900, 4e3, 10e3), "no clear saving ($900 lost to $10k saved)", id="saving across zero"
        ),
        pytest.param((-5e3, -5e3, -5e3), "$5k lost", id="counted"),
        pytest.param((0, 0, 0), "no cost", id="nothing"),
    ],
)
def test_money_says_lost_or_saved_and_gives_its_range(money, text):
    assert format_money(estimate(*money)) == text


def test_in_sentences_the_range_is_likely_and_the_currency_is_ours():
    text = format_money(estimate(-112e3, -86e3, -62e3), currency="€", likely=True)
    assert text == "about €86k lost (likely €62k–€112k)"


def test_counts_and_shares():
    assert format_count(1408) == "1,408"
    assert format_count(-3) == "−3"
    assert format_share(0.878) == f"88{T}%"
    assert rounds_to_zero(0.00049, unit=Unit.PERCENT, decimals=1)
    assert not rounds_to_zero(0.0006, unit=Unit.PERCENT, decimals=1)


FRACTIONS = st.floats(-2, 2).map(lambda number: round(number, 7))


@given(
    FRACTIONS,
    st.integers(-2000, 2000).map(lambda number: number / 1000),
    st.integers(1, 500).map(lambda number: number / 1000),
    st.integers(0, 2),
    st.sampled_from([HIGHER, LOWER]),
)
def test_a_printed_value_never_contradicts_its_status(value, target, room, decimals, direction):
    red_line = target - room if direction is HIGHER else target + room
    status = kpi_status(value, target=target, red_line=red_line, direction=direction)
    text = format_value(value, unit=Unit.PERCENT, decimals=decimals, bounds=(target, red_line))
    printed = float(text.split(T)[0].replace("−", "-").replace(",", "")) / 100
    assert kpi_status(printed, target=target, red_line=red_line, direction=direction) is status


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9), st.floats(0, 1e9))
def test_a_money_range_names_the_smaller_end_first(mid, below, above):
    money = estimate(mid - below, mid, mid + above)
    assume(not money.low < 0 < money.high)
    low, high = (_amount(end) for end in format_range(money).split("–"))
    assert low <= high


@given(st.floats(0.01, 1e11))
def test_rounding_to_two_digits_is_off_by_at_most_five_percent(size):
    assume(size >= 1)
    assert _amount(format_amount(size)) == pytest.approx(size, rel=0.05, abs=0.5)


@given(st.floats(-1e8, 1e8), st.floats(1, 1e8))
def test_a_range_across_zero_never_prints_a_single_number(mid, reach):
    money = estimate(mid - reach, mid, mid + reach)
    assume(money.spans_zero)
    assert money_words(money) in ("no clear cost", "no clear saving")


def _amount(text):
    steps = {"k": 1e3, "m": 1e6, "n": 1e9}
    number = text.lstrip("$").rstrip("kmbn")
    return float(number) * steps.get(text[-1], 1)
