"""How counted things became money, in words: a margin is not revenue, and a page must say so."""

from collections.abc import Iterable

from kpi_engine.catalogue.links import Assumption
from kpi_engine.mapping.money import Valuation
from kpi_engine.services.outcomes import Explanation
from kpi_engine.units import DASH, THIN, lower_first

_PER = " per "
_SHARE = "share"


def valuations_of(rows: Iterable[Explanation]) -> tuple[Valuation, ...]:
    """Every way in which some outcomes' amounts became money, each once."""
    found: list[Valuation] = []
    for row in rows:
        found += [one for one in row.valuations if one not in found]
    return tuple(found)


def valuation_text(valuations: Iterable[Valuation], *, currency: str = "$") -> str:
    """What money rests on, by the assumptions that were used; empty without money.

    "Money is not net revenue: lost orders count at margin on an order (34–42 %) times value of
    an average order; lost hours count at cost of one working hour ($28–$40)."
    """
    given = tuple(valuations)
    if not given:
        return ""
    wholes = dict.fromkeys(lower_first(one.whole.label) for one in given if one.whole)
    start = f"Money is not {' or '.join(wholes)}: " if wholes else "Money: "
    clauses = [_clause(one, currency) for one in given]
    return f"{start}{'; '.join(clauses)}."


def _clause(valuation: Valuation, currency: str) -> str:
    factors = [_factor(one, currency) for one in valuation.assumptions]
    if valuation.price:
        factors.append(lower_first(valuation.price.label))
    return f"{valuation.noun} count at {' times '.join(factors)}"


def _factor(assumption: Assumption, currency: str) -> str:
    return f"{lower_first(assumption.label)} ({_range(assumption, currency)})"


def assumption_text(assumption: Assumption, *, currency: str = "$") -> str:
    """The range somebody answers for and what is most likely: "34–42 %, most likely 38 %"."""
    likely = _in_unit(assumption.mid, assumption.unit, currency)
    return f"{_range(assumption, currency)}, most likely {likely}"


def _range(assumption: Assumption, currency: str) -> str:
    low, high = (_number(end, assumption.unit) for end in (assumption.low, assumption.high))
    if _is_money(assumption.unit):
        return f"{currency}{low}{DASH}{currency}{high}"
    return f"{low}{DASH}{_in_unit(assumption.high, assumption.unit, currency)}"


def _in_unit(value: float, unit: str, currency: str) -> str:
    number = _number(value, unit)
    if _is_money(unit):
        return f"{currency}{number}"
    return f"{number}{THIN}%" if unit == _SHARE else f"{number} {unit}"


def _number(value: float, unit: str) -> str:
    return f"{value * 100 if unit == _SHARE else value:,g}"


def _is_money(unit: str) -> bool:
    return unit.partition(_PER)[0] == "currency"
