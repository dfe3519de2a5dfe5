"""What the links into an outcome contributed to its movement: counted, shared, and the rest."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.links import DisturbedShare, Link, LostHours, LostOrders
from kpi_engine.mapping.contribution import Contribution
from kpi_engine.mapping.influence.grading import grade_in_force
from kpi_engine.mapping.money import Valuation
from kpi_engine.mapping.propagation import Product
from kpi_engine.mapping.sharing import Shares, share_movement
from kpi_engine.services.counted import Counted
from kpi_engine.services.counting import count_link, price_metric
from kpi_engine.services.estimates import Estimates
from kpi_engine.services.losses import LossLedger, service_key
from kpi_engine.services.month_readings import MonthReadings
from kpi_engine.services.series import Wanted, wanted
from kpi_engine.terms import LinkKind, Unit

_OPEN = "Its share of the change is worked out once the month is complete."
_UNKNOWN = "Its share of the change is not known: the change itself is not."
_CAPPED = "It came to more than the whole change; its share stops there."


def contribution_keys(link: Link) -> tuple[Wanted, ...]:
    """Metrics a link's numbers need beside its outcome."""
    needs_price = link.money is not None or isinstance(link.counting, LostOrders)
    price = (wanted(price_metric(link)),) if needs_price else ()
    return wanted(link.driver, link.driver_segment), *price


def count_links(
    catalogue: Catalogue,
    links: tuple[Link, ...],
    found: MonthReadings,
    ledger: LossLedger,
    estimates: Estimates,
    *,
    usual: float,
) -> tuple[tuple[Contribution, ...], float | None]:
    """Contributions of all links into one outcome, and what they leave unexplained.

    Two links that count the very same events share them: the first carries the number. Two that
    count outages of different services share the minutes in which both were down. Together they
    never exceed the movement away from the usual course.

    Args:
        catalogue: Definitions in force.
        links: Into one outcome.
        found: The month's readings.
        ledger: Of lost orders.
        estimates: What own data say of influences.
        usual: What season and trend alone did to the outcome.

    Returns:
        One contribution a link, in the order given, and the remainder (None without movement).
    """
    if not links:
        return (), None
    counted: list[Counted] = []
    seen: dict[tuple[str, ...], Link] = {}
    for link in links:
        key = counting_key(link)
        if key is not None and key in seen:
            name = catalogue.metric(seen[key].driver).label.lower()
            counted.append(Counted(reason=f"Counted under {name} already."))
            continue
        counted.append(count_link(catalogue, link, found, ledger, among=links, estimates=estimates))
        if key is not None:
            seen[key] = link
    outcome = found.readings[wanted(links[0].outcome)]
    away = None if outcome.movement is None else outcome.movement - usual
    if outcome.is_open or outcome.movement is None:
        why = _OPEN if outcome.is_open else _UNKNOWN
        counted = [
            replace(one, effect=None, reason=why if one.effect else one.reason) for one in counted
        ]
    shares = share_movement([one.effect for one in counted], away)
    today = ledger.look.today
    return _contributions(catalogue, links, counted, shares, today=today), shares.remainder


def counting_key(link: Link) -> tuple[str, ...] | None:
    """What a link counts: links with the same key count the same things; None counts nothing."""
    if isinstance(link.counting, LostOrders):
        return ("lost_orders", service_key(link.counting))
    if isinstance(link.counting, LostHours):
        return ("lost_hours", link.driver, str(sorted(link.driver_segment.items())))
    if isinstance(link.counting, DisturbedShare):
        members = str(sorted(link.driver_segment.items()))
        return ("disturbed_share", link.driver, members, link.outcome)
    if link.kind is LinkKind.IDENTITY and link.money:
        return ("identity", link.driver, str(sorted(link.driver_segment.items())))
    if link.kind is LinkKind.INFLUENCE and link.money:
        priced = link.money.metric or ""
        return ("influence", link.driver, str(sorted(link.driver_segment.items())), priced)
    return None


def counted_above(catalogue: Catalogue, link: Link) -> str:
    """Label of an outcome higher up on the scorecard under which the same things are counted."""
    key = counting_key(link)
    for name in catalogue.organisation.scorecard:
        if name == link.outcome or key is None:
            return ""
        if any(counting_key(other) == key for other in catalogue.links_to(name)):
            return catalogue.metric(name).label
    return ""


def money_once(
    catalogue: Catalogue,
    links: Iterable[Link],
    found: MonthReadings,
    ledger: LossLedger,
    estimates: Estimates,
) -> tuple[Product, ...]:
    """Money of many links, to any outcomes, that may be added up.

    What several links count is counted once, under the first that puts a value on it; a minute in
    which several services were down is shared between them, whichever outcomes they stand under.
    """
    first: dict[tuple[str, ...], Link] = {}
    for link in links:
        key = counting_key(link)
        if key is not None:
            first.setdefault(key, link)
    among = tuple(first.values())
    counted = (
        count_link(catalogue, one, found, ledger, among=among, estimates=estimates).amount
        for one in among
    )
    return tuple(one.worth for one in counted if one is not None and one.worth is not None)


def valuations(
    catalogue: Catalogue, contributions: tuple[Contribution, ...]
) -> tuple[Valuation, ...]:
    """How the contributions that have a value in money came to it, each way once."""
    found: list[Valuation] = []
    for one in contributions:
        if one.money is None or one.link.money is None:
            continue
        price = catalogue.metrics.get(one.link.money.metric or "")
        whole = catalogue.metrics.get((price.measure.numerator if price else None) or "")
        valued = Valuation(
            noun=f"lost {one.amount_unit}" if one.link.counting else one.amount_unit,
            assumptions=tuple(catalogue.assumption(name) for name in one.link.money.assumptions),
            price=price,
            whole=whole if whole and whole.unit is Unit.CURRENCY else None,
        )
        if valued not in found:
            found.append(valued)
    return tuple(found)


def _contributions(
    catalogue: Catalogue,
    links: tuple[Link, ...],
    counted: list[Counted],
    shares: Shares,
    *,
    today: date,
) -> tuple[Contribution, ...]:
    return tuple(
        Contribution(
            link=link,
            effect=effect,
            counted=one.effect,
            is_capped=is_capped,
            amount=one.amount.total if one.amount else None,
            amount_unit=one.amount.unit if one.amount else "",
            money=one.amount.money if one.amount else None,
            lost=one.amount.made_of if one.amount else None,
            worth=one.amount.worth if one.amount else None,
            assumptions=link.assumptions if one.amount else (),
            events=one.events,
            reason=f"{one.reason} {_CAPPED}".strip() if is_capped else one.reason,
            grade=one.influence.verdict.grade if one.influence else grade_in_force(link, today),
            grade_reason=link.grade_reason,
            influence=one.influence,
            same_as=counted_above(catalogue, link) if one.amount else "",
        )
        for link, one, effect, is_capped in zip(
            links, counted, shares.effects, shares.is_capped, strict=True
        )
    )
