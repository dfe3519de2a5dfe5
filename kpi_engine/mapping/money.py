"""Money, only through named assumptions: an amount times prices somebody answers for."""

from collections.abc import Mapping
from dataclasses import dataclass

from kpi_engine.catalogue.models import Assumption, Metric, Money
from kpi_engine.errors import UnknownNameError
from kpi_engine.maths.intervals import Estimate


@dataclass(frozen=True, kw_only=True)
class Valuation:
    """How what was counted becomes money, so that a reader can tell margin from revenue.

    Attributes:
        noun: What is valued, in the plural: "lost orders".
        assumptions: What it is multiplied by.
        price: The measured price it is multiplied by too; None without one.
        whole: What the price is an average of (net revenue): what the money is not.
    """

    noun: str
    assumptions: tuple[Assumption, ...]
    price: Metric | None = None
    whole: Metric | None = None


def assumed(assumption: Assumption) -> Estimate:
    """An assumption as the range it may lie in."""
    return Estimate(low=assumption.low, mid=assumption.mid, high=assumption.high)


def money_lost(
    amount: Estimate,
    money: Money,
    assumptions: Mapping[str, Assumption],
    *,
    price: float | None = None,
) -> Estimate | None:
    """What a lost amount is worth, negative: amount x assumptions x measured price.

    Args:
        amount: What was lost, positive: orders, hours.
        money: Which assumptions and which measured price it is multiplied by.
        assumptions: All that are declared.
        price: The month's value of ``money.metric``; ignored when there is no such metric.

    Returns:
        The product by its exact corners; None when the measured price is missing.

    Raises:
        UnknownNameError: An assumption is not declared.
    """
    if money.metric is not None and price is None:
        return None
    worth = amount * -1.0
    for name in money.assumptions:
        if name not in assumptions:
            raise UnknownNameError("assumption", name, assumptions)
        worth = worth.times(assumed(assumptions[name]))
    return worth if money.metric is None or price is None else worth * price


def money_saved(
    amount: Estimate,
    money: Money,
    assumptions: Mapping[str, Assumption],
    *,
    price: float | None = None,
) -> Estimate | None:
    """What a saved amount is worth, positive; otherwise as ``money_lost``."""
    return money_lost(amount * -1.0, money, assumptions, price=price)
