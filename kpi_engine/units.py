"""Numbers with units as text. Every surface prints through these functions.

A number and its unit are held together by a thin space that never breaks; minus is U+2212.
Fractions of PERCENT print as percent, MILLISECONDS as seconds: ``decimals`` counts digits in
the unit shown.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Protocol

from kpi_engine.terms import Direction, Unit

THIN = "\u202f"
MINUS = "\u2212"
DASH = "\u2013"
NO_VALUE = "no data"
NO_CHANGE = "no change"

_NOISE = 1e-9
_MOST_DECIMALS = 15


class Ranged(Protocol):
    """An estimate: a likely value and the ends of its 90 % range."""

    @property
    def low(self) -> float:
        """Lower end."""

    @property
    def mid(self) -> float:
        """Likely value."""

    @property
    def high(self) -> float:
        """Upper end."""


@dataclass(frozen=True, kw_only=True)
class _Style:
    """How one unit prints: what it is multiplied by, and the word behind values and changes."""

    factor: float = 1.0
    behind: str = ""
    behind_change: str = ""
    counts: bool = False
    """The word behind is a noun: "1 day", "2 days"."""


_STYLES: Mapping[Unit, _Style] = {
    Unit.PERCENT: _Style(factor=100, behind="%", behind_change="pp"),
    Unit.COUNT: _Style(),
    Unit.CURRENCY: _Style(),
    Unit.MINUTES: _Style(behind="min", behind_change="min"),
    Unit.HOURS: _Style(behind="h", behind_change="h"),
    Unit.DAYS: _Style(behind="day", behind_change="day", counts=True),
    Unit.MILLISECONDS: _Style(factor=0.001, behind="s", behind_change="s"),
    Unit.POINTS: _Style(behind_change="point", counts=True),
    Unit.PER_WEEK: _Style(),
    Unit.PER_100_USERS: _Style(),
    Unit.HOURS_PER_EMPLOYEE: _Style(behind="h", behind_change="h"),
}


def format_value(
    value: float | None,
    *,
    unit: Unit,
    decimals: int,
    currency: str = "$",
    bounds: Iterable[float] = (),
) -> str:
    """A value with its unit.

    Args:
        value: As stored; None prints as "no data", never as zero.
        unit: What it counts.
        decimals: Digits after the mark, fixed per measure.
        currency: Printed before amounts.
        bounds: Target and red line: where rounding would carry the value across one of them,
            more digits are printed, so that the number cannot contradict its status.

    Examples:
        >>> format_value(0.962, unit=Unit.PERCENT, decimals=1)
        '96.2\u202f%'
        >>> format_value(0.97496, unit=Unit.PERCENT, decimals=1, bounds=[0.975])
        '97.496\u202f%'
    """
    if value is None or math.isnan(value):
        return NO_VALUE
    style = _STYLES[unit]
    digits = value_decimals(value, unit=unit, decimals=decimals, bounds=bounds)
    return _with_unit(
        value * style.factor, digits, unit=unit, currency=currency, behind=style.behind
    )


def value_decimals(value: float, *, unit: Unit, decimals: int, bounds: Iterable[float]) -> int:
    """Fewest digits, at least ``decimals``, with which a value stays on its side of all bounds."""
    factor = _STYLES[unit].factor
    return _telling_decimals(value * factor, [bound * factor for bound in bounds], decimals)


def format_change(change: float | None, *, unit: Unit, decimals: int, currency: str = "$") -> str:
    """A change, always signed; shares change by percentage points.

    Examples:
        >>> format_change(-0.006, unit=Unit.PERCENT, decimals=1)
        '−0.6\u202fpp'
        >>> format_change(0.0002, unit=Unit.PERCENT, decimals=1)
        'no change'
    """
    if change is None or math.isnan(change):
        return NO_VALUE
    style = _STYLES[unit]
    shown = change * style.factor
    if rounds_to_zero(change, unit=unit, decimals=decimals):
        return NO_CHANGE
    text = _with_unit(
        abs(shown), decimals, unit=unit, currency=currency, behind=style.behind_change
    )
    return f"{MINUS if shown < 0 else '+'}{text}"


def format_distance(change: float, *, unit: Unit, decimals: int, currency: str = "$") -> str:
    """The size of a change without its sign, for "fell 0.6 pp" and "missed by 1.3 pp"."""
    text = format_change(change, unit=unit, decimals=decimals, currency=currency)
    return text.lstrip(f"+{MINUS}")


def effect_decimals(unit: Unit, decimals: int) -> int:
    """An effect carries one digit more than its outcome, at most two (or the outcome's own).

    Whole numbers of things and of money stay whole: nobody needs the cents of a revenue.
    """
    if decimals == 0 and unit in (Unit.COUNT, Unit.CURRENCY):
        return 0
    return max(decimals, min(decimals + 1, 2))


def format_effect(effect: float, *, unit: Unit, decimals: int, currency: str = "$") -> str:
    """An effect on an outcome, with one digit more than the outcome has.

    Examples:
        >>> format_effect(-0.0036, unit=Unit.PERCENT, decimals=1)
        '−0.36\u202fpp'
    """
    digits = effect_decimals(unit, decimals)
    return format_change(effect, unit=unit, decimals=digits, currency=currency)


def format_effect_range(effect: Ranged, *, unit: Unit, decimals: int, currency: str = "$") -> str:
    """An effect with its range: "−0.36 pp (−0.47 to −0.26 pp)"; a counted one without."""
    mid = format_effect(effect.mid, unit=unit, decimals=decimals, currency=currency)
    if effect.low == effect.high:
        return mid
    low, high = (
        format_effect(end, unit=unit, decimals=decimals, currency=currency).replace(NO_CHANGE, "0")
        for end in (effect.low, effect.high)
    )
    return f"{mid} ({low} to {high})"


def format_step(step: float, *, unit: Unit, currency: str = "$") -> str:
    """As much of a measure as people speak of at once, with every digit it has.

    Examples:
        >>> format_step(0.001, unit=Unit.PERCENT), format_step(1, unit=Unit.COUNT)
        ('0.1\u202fpp', '1')
    """
    digits = _exact_decimals(step * _STYLES[unit].factor, 0)
    return format_distance(step, unit=unit, decimals=digits, currency=currency)


def telling_decimals(effect: Ranged, *, unit: Unit, decimals: int) -> int:
    """Digits with which the larger end of a small effect keeps two that tell something.

    Examples:
        >>> from kpi_engine.maths.intervals import Estimate
        >>> telling_decimals(
        ...     Estimate(low=-0.00055, mid=-0.00046, high=-0.00037), unit=Unit.PERCENT, decimals=1
        ... )
        3
    """
    largest = max(abs(effect.low), abs(effect.high)) * _STYLES[unit].factor
    least = effect_decimals(unit, decimals)
    if largest == 0:
        return least
    return min(_MOST_DECIMALS, max(least, 1 - math.floor(math.log10(largest))))


def rounds_to_zero(change: float, *, unit: Unit, decimals: int) -> bool:
    """Whether a change would print as nothing but zeros."""
    return _rounded(change * _STYLES[unit].factor, decimals) == 0


def format_target(
    target: float | tuple[float, float],
    *,
    unit: Unit,
    decimals: int,
    direction: Direction,
    currency: str = "$",
) -> str:
    """A target with the sign that shows which way is better; every digit it was set with.

    Examples:
        >>> format_target(0.975, unit=Unit.PERCENT, decimals=1, direction=Direction.IN_RANGE)
        '97.5\u202f%'
    """
    style = _STYLES[unit]

    def text(bound: float) -> str:
        shown = bound * style.factor
        digits = _exact_decimals(shown, decimals)
        return _with_unit(shown, digits, unit=unit, currency=currency, behind=style.behind)

    if isinstance(target, tuple):
        low, high = text(target[0]), text(target[1])
        if min(target) < 0 or unit is Unit.CURRENCY:
            return f"{low} to {high}"
        return f"{low.split(THIN)[0]}{DASH}{high}"
    signs = {Direction.HIGHER_IS_BETTER: f"≥{THIN}", Direction.LOWER_IS_BETTER: f"≤{THIN}"}
    return signs.get(direction, "") + text(target)


def axis_parts(unit: Unit, *, currency: str = "$") -> tuple[str, float, str]:
    """How an axis prints a unit: what stands before, the factor, and what stands behind."""
    style = _STYLES[unit]
    if unit is Unit.CURRENCY:
        return currency, style.factor, ""
    word = f"{style.behind}s" if style.counts and style.behind else style.behind
    return "", style.factor, f"{THIN}{word}" if word else ""


def change_parts(unit: Unit, *, currency: str = "$") -> tuple[str, float, str]:
    """How a change prints, as ``axis_parts`` does: shares change by percentage points."""
    before, factor, behind = axis_parts(unit, currency=currency)
    return before, factor, f"{THIN}pp" if unit is Unit.PERCENT else behind


def format_count(number: int) -> str:
    """A whole number that was counted: "1,408"."""
    return f"{number:,}".replace("-", MINUS)


def format_number(value: float, decimals: int) -> str:
    """A number whose unit stands beside it: "28.5"."""
    return _with_unit(value, decimals, unit=Unit.COUNT, currency="", behind="")


def format_share(share: float) -> str:
    """A share without decimals: "88 %"."""
    return format_value(share, unit=Unit.PERCENT, decimals=0)


def format_estimate(estimate: Ranged, noun: str) -> str:
    """An estimated number of things; its direction is said by the noun, not by a sign.

    Args:
        estimate: How many.
        noun: What, in the plural.

    Examples:
        >>> from kpi_engine.maths.intervals import Estimate
        >>> format_estimate(Estimate(low=900, mid=1238, high=1500), "failed orders")
        'about 1,240 failed orders'
    """
    if estimate.low < 0 < estimate.high:
        return f"no clear number of {noun}"
    is_counted = estimate.low == estimate.high
    size = round(abs(estimate.mid) if is_counted else _significant(abs(estimate.mid)))
    if size == 0:
        return f"hardly any {noun}" if estimate.mid else f"no {noun}"
    things = re.sub(r"(\w*[^\Ws])s\b", r"\1", noun, count=1) if size == 1 else noun
    return f"{'' if is_counted else 'about '}{size:,} {things}"


def format_amount(money: float, *, currency: str = "$") -> str:
    """The size of a rounded sum of money: 2 significant digits, 3 if the first is 1.

    Examples:
        >>> format_amount(-86_312), format_amount(112_400), format_amount(1_999_999)
        ('$86k', '$112k', '$2m')
    """
    rounded = _significant(abs(money))
    for step, letter in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if rounded >= step:
            return f"{currency}{rounded / step:.10g}{letter}"
    return f"{currency}{rounded:.0f}"


def format_range(money: Ranged, *, currency: str = "$") -> str:
    """The 90 % range of a sum of money, smaller amount first.

    Across zero both ends are named: "$10k lost to $900 saved".
    """
    if money.low < 0 < money.high:
        lost, saved = (format_amount(end, currency=currency) for end in (money.low, money.high))
        return f"{lost} lost to {saved} saved"
    ends = sorted((abs(money.low), abs(money.high)))
    return DASH.join(format_amount(end, currency=currency) for end in ends)


def money_words(money: Ranged, *, currency: str = "$") -> str:
    """Money lost (negative) or saved, without its range: "about $86k lost"."""
    if money.low < 0 < money.high:
        return "no clear cost" if money.mid <= 0 else "no clear saving"
    if money.mid == 0:
        return "no cost"
    about = "" if money.low == money.high else "about "
    way = "lost" if money.mid < 0 else "saved"
    return f"{about}{format_amount(money.mid, currency=currency)} {way}"


def format_money(money: Ranged, *, currency: str = "$", likely: bool = False) -> str:
    """Money with its range.

    Args:
        money: Negative when lost.
        currency: Printed before amounts.
        likely: In sentences the range is introduced by that word.

    Examples:
        >>> from kpi_engine.maths.intervals import Estimate
        >>> format_money(Estimate(low=-112_000, mid=-86_000, high=-62_000))
        'about $86k lost ($62k–$112k)'
        >>> format_money(Estimate(low=-10_000, mid=-4_000, high=900))
        'no clear cost ($10k lost to $900 saved)'
    """
    words = money_words(money, currency=currency)
    if money.low == money.high:
        return words
    return f"{words} ({'likely ' if likely else ''}{format_range(money, currency=currency)})"


def _with_unit(shown: float, digits: int, *, unit: Unit, currency: str, behind: str) -> str:
    rounded = _rounded(abs(shown), digits)
    number = f"{rounded:,f}"
    sign = MINUS if shown < 0 and rounded != 0 else ""
    if unit is Unit.CURRENCY:
        return f"{sign}{currency}{number}"
    if not behind:
        return f"{sign}{number}"
    plural = "s" if _STYLES[unit].counts and number != "1" else ""
    return f"{sign}{number}{THIN}{behind}{plural}"


def _rounded(shown: float, digits: int) -> Decimal:
    """Rounded as people and spreadsheets do: 32.5 to 33, 2.675 to 2.68.

    A float says no more than 15 digits of a decimal number; what lies behind them would turn halves
    either way.
    """
    with localcontext(prec=400):
        step = Decimal(1).scaleb(-digits)
        return Decimal(f"{shown:.15g}").quantize(step, rounding=ROUND_HALF_UP)


def _telling_decimals(shown: float, bounds: list[float], least: int) -> int:
    """Fewest digits, at least ``least``, with which rounding crosses none of ``bounds``."""
    for digits in range(least, _MOST_DECIMALS):
        rounded = float(_rounded(shown, digits))
        if all(_side(rounded, bound) == _side(shown, bound) for bound in bounds):
            return digits
    return _MOST_DECIMALS


def _exact_decimals(shown: float, least: int) -> int:
    """Fewest digits, at least ``least``, that say the number in full."""
    for digits in range(least, _MOST_DECIMALS):
        if math.isclose(float(_rounded(shown, digits)), shown, rel_tol=1e-9, abs_tol=1e-9):
            return digits
    return _MOST_DECIMALS


def _side(number: float, bound: float) -> int:
    if math.isclose(number, bound, rel_tol=_NOISE, abs_tol=1e-12):
        return 0
    return 1 if number > bound else -1


def _significant(size: float) -> float:
    """Rounded to 2 significant digits, 3 when the first digit is a 1."""
    digits = 3 if f"{size:e}".startswith("1") else 2
    return float(f"{size:.{digits}g}")


def lower_first(label: str) -> str:
    """A label inside a sentence: its first letter small, unless the word is all capitals.

    Examples:
        >>> lower_first("Page load time"), lower_first("SLA attainment")
        ('page load time', 'SLA attainment')
    """
    first = label.split(" ", 1)[0]
    return label if len(first) > 1 and first.isupper() else label[:1].lower() + label[1:]
