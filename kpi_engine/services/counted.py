"""What one link counted by itself."""

from dataclasses import dataclass, field

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.links import Link
from kpi_engine.mapping.contribution import DatedEvent
from kpi_engine.mapping.influence.link_estimate import Influence
from kpi_engine.mapping.money import worth
from kpi_engine.mapping.propagation import Product, product
from kpi_engine.maths.intervals import Estimate


@dataclass(frozen=True, kw_only=True)
class Amount:
    """This month's total of what a link counts.

    Attributes:
        made_of: The amount, as what data give times assumptions.
        unit: What is counted, in the plural: "orders".
        total: The amount with its range.
        worth: The amount times what one is worth, negative when lost; None without a price.
        money: The same with its range.
    """

    made_of: Product
    unit: str
    total: Estimate
    worth: Product | None
    money: Estimate | None


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What one link counted by itself, before links share the movement."""

    effect: Estimate | None = None
    amount: Amount | None = None
    events: tuple[DatedEvent, ...] = field(default_factory=tuple)
    reason: str = ""
    influence: Influence | None = None


def amount_of(
    catalogue: Catalogue,
    link: Link,
    made_of: Product,
    *,
    unit: str,
    price: float | None = None,
    is_saved: bool = False,
) -> Amount:
    """An amount and what it is worth, drawn from the same assumptions.

    Args:
        catalogue: Definitions in force.
        link: Whose money says what one is worth.
        made_of: The amount.
        unit: What is counted, in the plural.
        price: The month's value of the link's measured price, if it names one.
        is_saved: What is positive was won, not lost.
    """
    known = catalogue.assumptions
    valued = None
    if link.money is not None:
        valued = worth(made_of, link.money, price=price, is_saved=is_saved)
    return Amount(
        made_of=made_of,
        unit=unit,
        total=product(made_of, known),
        worth=valued,
        money=product(valued, known) if valued else None,
    )
