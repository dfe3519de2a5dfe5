"""Why did this one move? One outcome's month: identity parts, links, events, remainder."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.links import Assumption, Link
from kpi_engine.mapping.contribution import Contribution, DatedEvent, IdentityPart
from kpi_engine.mapping.money import Valuation
from kpi_engine.mapping.propagation import total
from kpi_engine.mapping.watermelon import Disagreement, Watermelon
from kpi_engine.maths.intervals import Estimate
from kpi_engine.services.completeness import arrivals
from kpi_engine.services.contributions import contribution_keys, count_links, valuations
from kpi_engine.services.dated_events import (
    in_order,
    is_about_releases,
    read_calendar,
    read_release_events,
)
from kpi_engine.services.earlier import EarlierDefinition, read_earlier
from kpi_engine.services.estimates import Estimates, read_estimates
from kpi_engine.services.identities import identity_keys, identity_parts
from kpi_engine.services.influence import usual_course
from kpi_engine.services.landing import Landing, year_landing
from kpi_engine.services.look import Look
from kpi_engine.services.losses import LossLedger
from kpi_engine.services.mix import DimensionMix, read_mix
from kpi_engine.services.month_readings import MonthReadings, read_month
from kpi_engine.services.months import read_newest_month
from kpi_engine.services.readings import Reading
from kpi_engine.services.series import Wanted, wanted
from kpi_engine.services.watermelons import find_watermelon
from kpi_engine.services.year_so_far import YearSoFar, year_so_far
from kpi_engine.terms import LinkKind, Side
from kpi_engine.units import effect_decimals, rounds_to_zero
from kpi_engine.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Driver:
    """An IT metric linked to an outcome, with what it contributed this month."""

    reading: Reading
    contribution: Contribution


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """One outcome's month explained.

    Attributes:
        movement: This month less the month before, in the outcome's unit; None when unknown, and
            while the month is open.
        identity: Exact arithmetic parts, shown beside the links; they reconcile to the movement.
        drivers: Linked IT metrics in catalogue order.
        usual: What season and trend alone did; None where that is not known: before an outcome has
            links that could be estimated, and in a month that the estimate does not rest on.
        remainder: The movement less the usual course and every counted contribution: what nothing
            explains. It is there whenever the movement is.
        events: Dated events of the month, oldest first.
        assumptions: Every assumption that the amounts and the money rest on.
        is_watermelon: IT on target while the outcome is off target (N2).
        watermelon_sentence: Why, in one sentence; empty otherwise.
        disagreement: Any way in which IT and business disagree, the weaker form (only the main
            driver on target) and the reverse included, with its rank.
        money: All valued drivers together, the unclear ones too; None when nothing was valued.
        valuations: How the amounts became money.
    """

    outcome: Reading
    as_of: int
    movement: float | None
    identity: tuple[IdentityPart, ...]
    drivers: tuple[Driver, ...]
    usual: float | None
    remainder: float | None
    events: tuple[DatedEvent, ...]
    assumptions: tuple[Assumption, ...]
    is_watermelon: bool
    watermelon_sentence: str
    disagreement: Watermelon | None = None
    money: Estimate | None = None
    valuations: tuple[Valuation, ...] = ()
    missing_estimates: bool = False
    """Its influences are being worked out; what they say is not in yet."""
    mix: tuple[DimensionMix, ...] = ()
    """How its segments moved; only where one outcome alone is explained."""
    landing: Landing | None = None
    """Where its year will end."""
    so_far: YearSoFar | None = None
    """Its year up to this month; None where it lacks a month, or does not fold."""
    earlier: tuple[EarlierDefinition, ...] = ()
    """Definitions by which its months read otherwise; only where one outcome alone is explained."""

    @property
    def away(self) -> float | None:
        """The movement less what season and trend did, as far as either is known."""
        return None if self.movement is None else self.movement - (self.usual or 0.0)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "outcome": self.outcome.to_dict(),
            "as_of": self.as_of,
            "movement": self.movement,
            "identity": [
                {
                    "metric": part.metric,
                    "label": part.label,
                    "before": part.before,
                    "now": part.now,
                    "effect": part.effect,
                }
                for part in self.identity
            ],
            "drivers": [
                {"reading": d.reading.to_dict(), "contribution": d.contribution.to_dict()}
                for d in self.drivers
            ],
            "mix": [one.to_dict() for one in self.mix],
            "landing": self.landing.to_dict() if self.landing else None,
            "so_far": self.so_far.to_dict() if self.so_far else None,
            "earlier": [one.to_dict() for one in self.earlier],
            "usual": self.usual,
            "remainder": self.remainder,
            "missing_estimates": self.missing_estimates,
            "events": [{"day": e.day.isoformat(), "sentence": e.sentence} for e in self.events],
            "assumptions": [a.model_dump(mode="json") for a in self.assumptions],
            "is_watermelon": self.is_watermelon,
            "watermelon_sentence": self.watermelon_sentence,
            "disagreement": self.disagreement.disagreement.value if self.disagreement else None,
        }


def explain(
    ws: Workspace, outcome: str, *, month: date | None = None, as_of: int | None = None
) -> Explanation:
    """Why an outcome moved in a month: identity parts, links, dated events and the remainder.

    Args:
        ws: Where the data and the definitions are.
        outcome: Id of any metric; without links all of its movement is remainder.
        month: None for the newest month of the scorecard.
        as_of: The tick looked at; None for the newest.

    Raises:
        UnknownNameError: No such metric is declared.
        StoreError: There are no data at all and no month was given.
    """
    ws.catalogue.metric(outcome)
    tick = ws.newest() if as_of is None else as_of
    with ws.reading() as conn:
        look = Look(conn=conn, catalogue=ws.catalogue, as_of=tick)
        shown = month or read_newest_month(look)
        ledger = LossLedger(look=look, month=shown)
        (found,), _ = read_explanations(look, [outcome], ledger=ledger)
        found = with_mix(look, found)
    return with_earlier(ws, found)


def with_earlier(ws: Workspace, explanation: Explanation) -> Explanation:
    """The explanation with what its months would read by earlier definitions."""
    found = read_earlier(ws, explanation.outcome, as_of=explanation.as_of)
    return replace(explanation, earlier=tuple(one for one in found if one.differs))


def with_mix(look: Look, explanation: Explanation) -> Explanation:
    """The explanation with what its segments did (Simpson check)."""
    return replace(explanation, mix=read_mix(look, explanation.outcome))


def read_explanations(
    look: Look,
    outcomes: Sequence[str],
    *,
    ledger: LossLedger,
    also: Iterable[Wanted] = (),
) -> tuple[tuple[Explanation, ...], MonthReadings]:
    """One explanation an outcome, from one read of everything they need.

    Args:
        look: At the store.
        outcomes: Metric ids, in the order wanted.
        ledger: Of lost orders; says which month is explained.
        also: Further metrics to read along.
    """
    catalogue = look.catalogue
    keys = [key for outcome in outcomes for key in _keys(catalogue, outcome)]
    month = ledger.month
    found = read_month(look, [*keys, *also], month=month)
    first, last = look.calendar.bounds(month)
    calendar = read_calendar(look, first=first, last=last)
    releases = read_release_events(look, month)
    estimates, arrived = read_estimates(look), arrivals(look)
    rows = []
    for outcome in outcomes:
        links, key = _drivers_of(catalogue, outcome), wanted(outcome)
        about_releases = any(is_about_releases(catalogue, link) for link in links)
        row = _explanation(
            catalogue,
            found.readings[key],
            links,
            found,
            ledger,
            estimates,
            events=(*calendar, *releases) if about_releases else calendar,
        )
        landing = year_landing(catalogue, row.outcome, found.series[key], arrived.get(outcome))
        so_far = year_so_far(catalogue, row.outcome, found.series[key])
        rows.append(replace(row, landing=landing, so_far=so_far))
    return tuple(rows), found


def _explanation(
    catalogue: Catalogue,
    outcome: Reading,
    links: tuple[Link, ...],
    found: MonthReadings,
    ledger: LossLedger,
    estimates: Estimates,
    *,
    events: tuple[DatedEvent, ...],
) -> Explanation:
    name = outcome.metric.id
    usual = _usual(catalogue, outcome, estimates, found)
    contributions, remainder = count_links(
        catalogue, links, found, ledger, estimates, usual=usual or 0.0
    )
    if not links and outcome.movement is not None:
        remainder = outcome.movement - (usual or 0.0)
    drivers = tuple(
        Driver(reading=found.readings[_driver_key(one.link)], contribution=one)
        for one in contributions
    )
    disagreement = (
        None
        if outcome.is_open
        else find_watermelon(
            catalogue, outcome, [(one.contribution, one.reading) for one in drivers]
        )
    )
    is_watermelon = (
        disagreement is not None and disagreement.disagreement is Disagreement.ALL_DRIVERS_ON_TARGET
    )
    used = dict.fromkeys(name for one in contributions for name in one.assumptions)
    return Explanation(
        outcome=outcome,
        as_of=ledger.look.as_of,
        movement=outcome.movement,
        identity=() if outcome.is_open else identity_parts(catalogue, outcome.metric, found),
        drivers=drivers,
        usual=usual,
        remainder=remainder,
        events=in_order([*events, *(event for one in contributions for event in one.events)]),
        assumptions=tuple(catalogue.assumption(name) for name in used),
        is_watermelon=is_watermelon,
        watermelon_sentence=disagreement.sentence if disagreement and is_watermelon else "",
        disagreement=disagreement,
        money=total([one.worth for one in contributions if one.worth], catalogue.assumptions),
        valuations=valuations(catalogue, contributions),
        missing_estimates=name in estimates.missing,
    )


def _usual(
    catalogue: Catalogue, outcome: Reading, estimates: Estimates, found: MonthReadings
) -> float | None:
    """What season and trend alone did; 0 where it would not show in the figures."""
    metric = outcome.metric
    if outcome.is_open:
        return None
    usual = usual_course(catalogue, metric.id, estimates.model(metric.id), found)
    decimals = effect_decimals(metric.unit, metric.decimals)
    if usual is None or rounds_to_zero(usual, unit=metric.unit, decimals=decimals):
        return None if usual is None else 0.0
    return usual


def _drivers_of(catalogue: Catalogue, outcome: str) -> tuple[Link, ...]:
    """Links shown as drivers; an identity between business metrics is shown as its parts."""
    return tuple(
        link
        for link in catalogue.links_to(outcome)
        if link.kind is not LinkKind.IDENTITY or catalogue.metric(link.driver).side is Side.IT
    )


def _keys(catalogue: Catalogue, outcome: str) -> list[Wanted]:
    keys = [wanted(outcome), *identity_keys(catalogue, catalogue.metric(outcome))]
    for link in _drivers_of(catalogue, outcome):
        keys += contribution_keys(link)
    return keys


def _driver_key(link: Link) -> Wanted:
    return wanted(link.driver, link.driver_segment)
