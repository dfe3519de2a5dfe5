"""Rules about links: their ends, what they rest on, and that nothing is counted twice."""

from collections.abc import Iterator

from kpi_engine.catalogue.draft import Draft
from kpi_engine.catalogue.links import Link, LostOrders
from kpi_engine.findings import Finding
from kpi_engine.terms import EvidenceGrade, LinkKind, Side, Unit

_STRENGTH = [grade.value for grade in EvidenceGrade if grade is not EvidenceGrade.CONTRADICTED]


def link_findings(draft: Draft) -> Iterator[Finding]:
    """Every mistake in links."""
    for key, link in draft.links.items():
        yield from _ends(draft, key, link)
        yield from _segments(draft, key, link)
        for name in link.assumptions:
            yield from draft.unknown("link", key, "assumptions", name, wanted="assumption")
        if link.money and link.money.metric:
            yield from draft.unknown(
                "link", key, "money.metric", link.money.metric, wanted="metric"
            )
        yield from _grade(draft, key, link)
        yield from _prior(draft, key, link)
        yield from _arithmetic(draft, key, link)
        yield from _in_proportion(draft, key, link)
        yield from _no_service(draft, key, link)
    yield from _counted_twice(draft)


def _ends(draft: Draft, key: str, link: Link) -> Iterator[Finding]:
    for field in ("driver", "outcome"):
        yield from draft.unknown("link", key, field, getattr(link, field), wanted="metric")
    driver, outcome = draft.metrics.get(link.driver), draft.metrics.get(link.outcome)
    if driver and driver.side is Side.BASE:
        rule = "A driver is an IT metric, or a business outcome that moves the next one."
        yield draft.error("link", key, "driver", f"{driver.id} is a count. {rule}", value=driver.id)
    if outcome and outcome.side is not Side.BUSINESS:
        rule = "A link leads to a business outcome."
        sentence = f"{outcome.id} is on the side '{outcome.side}'. {rule}"
        yield draft.error("link", key, "outcome", sentence, value=outcome.id)
    if link.driver == link.outcome:
        rule = "A metric cannot move itself."
        yield draft.error("link", key, "outcome", rule, value=link.outcome)


def _segments(draft: Draft, key: str, link: Link) -> Iterator[Finding]:
    for dimension in draft.undeclared_dimensions(link.driver, link.driver_segment):
        sentence = f"{link.driver} cannot be sliced by '{dimension}'."
        yield draft.error("link", key, "driver_segment", sentence, value=dimension)
    outage = draft.events.get("outage")
    if isinstance(link.counting, LostOrders) and outage:
        for dimension in set(link.counting.service) - set(outage.dimensions):
            sentence = f"Outages cannot be sliced by '{dimension}'."
            yield draft.error("link", key, "counting.service", sentence, value=dimension)


def _grade(draft: Draft, key: str, link: Link) -> Iterator[Finding]:
    contradicted = link.grade is EvidenceGrade.CONTRADICTED
    if (link.sign == 0) is not contradicted:
        rule = "Sign 0 says that one does not move the other: it goes with the grade contradicted."
        yield draft.error("link", key, "sign", rule, value=link.sign)
    driver = draft.metrics.get(link.driver)
    if driver and driver.activity and link.sign != 0:
        rule = "An activity moves no outcome by itself: sign 0, grade contradicted."
        yield draft.error("link", key, "sign", f"{link.driver} counts activity. {rule}")
    reachable = link.reachable_grade
    if contradicted or reachable is EvidenceGrade.CONTRADICTED:
        return
    if _STRENGTH.index(reachable) > _STRENGTH.index(link.grade):
        sentence = f"{reachable} is weaker than the grade it has, {link.grade}."
        yield draft.error("link", key, "reachable_grade", sentence, value=reachable.value)


def _prior(draft: Draft, key: str, link: Link) -> Iterator[Finding]:
    """A prior that says the opposite of the sign was not agreed by the same people."""
    prior = link.prior
    if prior is not None and link.sign and max(prior.low * link.sign, prior.high * link.sign) <= 0:
        way = "up" if link.sign > 0 else "down"
        rule = f"With sign {link.sign} more of the driver moves the outcome {way}."
        sentence = f"{prior.low:g} to {prior.high:g} is on the other side of zero. {rule}"
        yield draft.error("link", key, "prior", sentence)


def _arithmetic(draft: Draft, key: str, link: Link) -> Iterator[Finding]:
    """An identity has to say how it reconciles."""
    outcome = draft.metrics.get(link.outcome)
    if link.kind is not LinkKind.IDENTITY or outcome is None or link.money:
        return
    if link.driver not in outcome.measure.parts:
        rule = "the driver is a part of the outcome's measure, or money says how it becomes that."
        yield draft.error("link", key, "kind", f"An identity is arithmetic: {rule}")


def _in_proportion(draft: Draft, key: str, link: Link) -> Iterator[Finding]:
    """Shares go with shares, times with times."""
    driver, outcome = draft.metrics.get(link.driver), draft.metrics.get(link.outcome)
    units = {
        "disturbed_share": (Unit.PERCENT,),
        "part_of_duration": (Unit.MILLISECONDS, Unit.MINUTES, Unit.HOURS, Unit.DAYS),
    }.get(link.counting.kind if link.counting else "")
    if link.counting is None or units is None or driver is None or outcome is None:
        return
    for field, metric in (("driver", driver), ("outcome", outcome)):
        if metric.unit not in units:
            rule = f"{' or '.join(units)} is what it counts with."
            sentence = f"{metric.id} is in {metric.unit}: with '{link.counting.kind}', {rule}"
            yield draft.error("link", key, field, sentence, value=metric.id)


def _no_service(draft: Draft, key: str, link: Link) -> Iterator[Finding]:
    """Not every service that is watched stops orders when it is down."""
    if isinstance(link.counting, LostOrders) and not link.counting.service:
        yield draft.note(
            "link",
            key,
            "It does not say which service orders depend on; it counts only where one is watched.",
            cure="Add service to counting, such as service: {service: Shop}.",
        )


def _counted_twice(draft: Draft) -> Iterator[Finding]:
    first: dict[tuple[object, ...], str] = {}
    for key, link in draft.links.items():
        if link.counting is None:
            continue
        service = getattr(link.counting, "service", {})
        if link.counting.kind in ("disturbed_share", "part_of_duration"):
            service = {"driver": link.driver, **link.driver_segment}
        counted = (link.outcome, link.counting.kind, *sorted(service.items()))
        before = first.setdefault(counted, key)
        if link.counting.kind == "lost_hours":
            yield from _valued_within(draft, key, link)
        if before != key:
            sentence = (
                f"{link.counting.kind} into {link.outcome} is counted by {before} already. "
                "What one mechanism costs is counted once; make this an influence."
            )
            yield draft.error("link", key, "counting", sentence)


def _valued_within(draft: Draft, key: str, whole: Link) -> Iterator[Finding]:
    """All hours lost to problems are counted once; what makes some of them longer is within."""
    for other, link in draft.links.items():
        if link.outcome == whole.outcome and link.kind is LinkKind.INFLUENCE and link.money:
            sentence = (
                f"The hours of {link.outcome} are valued by {key} already, all of them. "
                "An influence on them changes that number and adds none: leave money out."
            )
            yield draft.error("link", other, "money", sentence)
