"""How counted things became money, in words: a margin is not revenue, and a page must say so."""

from collections.abc import Iterable

from kpi_engine.catalogue.models import Assumption
from kpi_engine.mapping.money import Valuation
from kpi_engine.services.outcomes import Explanation
from kpi_engine.units import DASH, THIN
from kpi_engine.words.reading import lower_first

_PER = " per "


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


def _range(assumption: Assumption, currency: str) -> str:
    low, high, unit = assumption.low, assumption.high, assumption.unit
    if unit == "share":
        return f"{low * 100:,g}{DASH}{high * 100:,g}{THIN}%"
    if unit.partition(_PER)[0] == "currency":
        return f"{currency}{low:,g}{DASH}{currency}{high:,g}"
    return f"{low:,g}{DASH}{high:,g} {unit}"
