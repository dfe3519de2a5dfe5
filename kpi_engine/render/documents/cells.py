"""Single values as a spreadsheet holds them: raw numbers, and how each is to be shown."""

import math
from dataclasses import dataclass
from datetime import date

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.services.readings import Reading
from kpi_engine.terms import Unit
from kpi_engine.units import MINUS, axis_parts, change_parts, effect_decimals
from kpi_engine.words.reading import digits

MONTH, DAY, COUNT, SCORE = "yyyy-mm", "yyyy-mm-dd", "#,##0", "0.0"
_VALUE_UNITS = {Unit.PERCENT: "fraction", Unit.MILLISECONDS: "ms"}
_CHANGE_UNITS = {Unit.PERCENT: "pp", Unit.MILLISECONDS: "ms"}
_POINTS = 100
"""A change of a share is given in percentage points: no number format turns it into them."""


_DIGITS = 12
"""Of a difference; those behind them are what arithmetic leaves over."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One value.

    Attributes:
        value: None leaves the cell empty.
        form: The spreadsheet's number format; empty for text.
    """

    value: str | float | date | None
    form: str = ""


EMPTY = Cell(value=None)


def text(said: str) -> Cell:
    """Text, which stays text whatever it begins with."""
    return Cell(value=said)


def month(day: date) -> Cell:
    """A month as its first day."""
    return Cell(value=day, form=MONTH)


def value(number: float | None, reading: Reading, *, currency: str) -> Cell:
    """A value of a measure as it is stored: a fraction for percent, milliseconds for seconds."""
    before, factor, behind = axis_parts(reading.metric.unit, currency=currency)
    places = _places(number, factor, digits(reading))
    if reading.metric.unit is Unit.PERCENT:
        return Cell(value=number, form=f'{places}"{behind[:-1]}"%')
    if reading.metric.unit is Unit.MILLISECONDS:
        places += ","  # shows thousands
    return Cell(value=number, form=_signed(before, f"{places}{_quoted(behind)}", plus=""))


def change(number: float | None, metric: Metric, *, currency: str) -> Cell:
    """A change of a measure; of a percentage, in percentage points."""
    return _difference(number, metric, metric.decimals, currency)


def effect(number: float | None, metric: Metric, *, currency: str) -> Cell:
    """An effect on an outcome, with as many digits as effects have."""
    return _difference(number, metric, effect_decimals(metric.unit, metric.decimals), currency)


def money(amount: float | None, *, currency: str) -> Cell:
    """An amount of money, negative when lost."""
    return Cell(value=amount, form=_signed(currency, COUNT, plus=""))


def value_unit(metric: Metric, *, currency: str) -> str:
    """What a raw value counts."""
    if metric.unit is Unit.CURRENCY:
        return currency
    return _VALUE_UNITS.get(metric.unit, metric.unit.value.replace("_", " "))


def change_unit(metric: Metric, *, currency: str) -> str:
    """What a raw change counts."""
    return _CHANGE_UNITS.get(metric.unit, value_unit(metric, currency=currency))


def _difference(number: float | None, metric: Metric, decimals: int, currency: str) -> Cell:
    before, factor, behind = change_parts(metric.unit, currency=currency)
    places = _places(number, factor, decimals)
    if metric.unit is Unit.MILLISECONDS:
        places += ","
    if metric.unit is Unit.PERCENT and number is not None:
        number *= _POINTS
    shown = None if number is None else float(f"{number:.{_DIGITS}g}")
    return Cell(value=shown, form=_signed(before, f"{places}{_quoted(behind)}", plus="+"))


def _places(number: float | None, factor: float, decimals: int) -> str:
    """Digits behind the mark; one more for a half, which spreadsheets do not round as we do."""
    scaled = abs(number or 0.0) * factor * 10**decimals
    shown = decimals + math.isclose(scaled % 1, 0.5, abs_tol=1e-6)
    return f"{COUNT}.{'0' * shown}" if shown else COUNT


def _quoted(behind: str) -> str:
    return f'"{behind}"' if behind else ""


def _signed(before: str, number: str, *, plus: str) -> str:
    """A format for positive numbers, negative ones and zero."""
    symbol = "".join(f"\\{letter}" for letter in before)
    return f'{plus}{symbol}{number};"{MINUS}"{symbol}{number};{symbol}{number}'
