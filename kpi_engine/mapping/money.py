"""Money, only through named assumptions: an amount times prices somebody answers for."""

from dataclasses import dataclass, replace

from kpi_engine.catalogue.links import Assumption, Money
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.mapping.propagation import Factor, Product
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


def worth(
    amount: Product, money: Money, *, price: float | None = None, is_saved: bool = False
) -> Product | None:
    """What an amount is worth: times assumptions, times the measured price.

    Args:
        amount: Lost or won: orders, hours.
        money: Which assumptions and which measured price it is multiplied by.
        price: The month's value of ``money.metric``; ignored when there is no such metric.
        is_saved: What is positive was won, not lost.

    Returns:
        Negative for what was lost; None when the measured price is missing.
    """
    if money.metric is None:
        price = 1.0
    if price is None:
        return None
    sign = 1.0 if is_saved else -1.0
    factors = (*amount.factors, *(Factor(assumption=name) for name in money.assumptions))
    return replace(amount, factors=factors, price=amount.price * price * sign)
