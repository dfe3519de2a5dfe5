"""Do the links predict? Every forecast that was kept, with what came of it (N4)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.links import Link
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.mapping.influence.config import DEFAULT_LEDGER, LedgerConfig
from kpi_engine.mapping.influence.grading import Finding, held_to_forecasts
from kpi_engine.mapping.influence.record import ALONE, Entry, TrackRecord
from kpi_engine.services.estimates import Estimates, read_estimates
from kpi_engine.services.look import Look
from kpi_engine.terms import LinkKind
from kpi_engine.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Hits:
    """How many forecasts held.

    Attributes:
        inside: Those whose value lies in the 80 % range.
        inside_wide: Those whose value lies in the 95 % range.
        scored: All of which the value is in.
    """

    inside: int
    inside_wide: int
    scored: int


@dataclass(frozen=True, kw_only=True)
class LinkLedger:
    """What one link forecast of its outcome, or what the outcome's own past did.

    Attributes:
        link: None for the outcome's own past.
        label: The driver's, with its segment; empty for the outcome's own past.
        outcome: Its metric.
        record: What the forecasts amount to.
        entries: Every forecast, oldest month first.
        fails: Own data show the link, but its forecasts speak against it: it counts for less.
    """

    link: Link | None
    label: str
    outcome: Metric
    record: TrackRecord
    entries: tuple[Entry, ...]
    fails: bool

    @property
    def next(self) -> Entry | None:
        """The newest month forecast that is not in yet; None if all are."""
        return next((one for one in reversed(self.entries) if one.value is None), None)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "link": self.link.id if self.link else None,
            "label": self.label,
            "fails": self.fails,
            "record": self.record.to_dict(),
            "entries": [one.to_dict() for one in self.entries],
        }


@dataclass(frozen=True, kw_only=True)
class OutcomeLedger:
    """One outcome: its own past, and every link that forecasts it, in the catalogue's order."""

    outcome: Metric
    alone: LinkLedger
    links: tuple[LinkLedger, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "outcome": self.outcome.id,
            "alone": self.alone.to_dict(),
            "links": [one.to_dict() for one in self.links],
        }


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """Every forecast up to a tick.

    Attributes:
        outcomes: Those of which anything was forecast; those of the scorecard first.
        missing: Labels of outcomes whose forecasts are being worked out.
        config: What is forecast and how it is judged.
    """

    organisation: Organisation
    as_of: int
    outcomes: tuple[OutcomeLedger, ...]
    missing: tuple[str, ...]
    config: LedgerConfig = DEFAULT_LEDGER

    @property
    def rows(self) -> tuple[LinkLedger, ...]:
        """Every outcome's own past, followed by its links."""
        return tuple(row for one in self.outcomes for row in (one.alone, *one.links))

    @property
    def made_before(self) -> Hits:
        """Forecasts that were made before their month was in."""
        return _hits(self._entries(is_retrospective=False))

    @property
    def made_afterwards(self) -> Hits:
        """Forecasts that were made afterwards, from data of before."""
        return _hits(self._entries(is_retrospective=True))

    def narrowed(self, outcomes: Collection[str]) -> "Ledger":
        """The same of some outcomes only."""
        kept = tuple(one for one in self.outcomes if one.outcome.id in outcomes)
        return replace(self, outcomes=kept)

    def _entries(self, *, is_retrospective: bool) -> list[Entry]:
        every = (entry for row in self.rows for entry in row.entries)
        return [entry for entry in every if entry.is_retrospective is is_retrospective]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "as_of": self.as_of,
            "likely": self.config.likely,
            "wide": self.config.wide,
            "made_before": _plain(self.made_before),
            "made_afterwards": _plain(self.made_afterwards),
            "missing": list(self.missing),
            "outcomes": [one.to_dict() for one in self.outcomes],
        }


def read_ledger(ws: Workspace, *, outcome: str | None = None, as_of: int | None = None) -> Ledger:
    """What was forecast, and what came.

    Args:
        ws: Where the data and the definitions are.
        outcome: Only this one; None for all.
        as_of: The tick looked at; None for the newest. Forecasts made later do not count.

    Raises:
        UnknownNameError: No such metric is declared.
    """
    if outcome is not None:
        ws.catalogue.metric(outcome)
    tick = ws.newest() if as_of is None else as_of
    with ws.reading() as conn:
        estimates = read_estimates(Look(conn=conn, catalogue=ws.catalogue, as_of=tick))
    return ledger_of(ws.catalogue, estimates, as_of=tick, outcome=outcome)


def ledger_of(
    catalogue: Catalogue, estimates: Estimates, *, as_of: int, outcome: str | None = None
) -> Ledger:
    """The ledger of what is worked out at a tick."""
    names = dict.fromkeys([*catalogue.organisation.scorecard, *estimates.entries])
    shown = [name for name in names if outcome in (None, name)]
    return Ledger(
        organisation=catalogue.organisation,
        as_of=as_of,
        outcomes=tuple(
            _outcome_ledger(catalogue, name, estimates)
            for name in shown
            if estimates.entries.get(name)
        ),
        missing=tuple(
            catalogue.metric(name).label for name in estimates.missing if outcome in (None, name)
        ),
    )


def _outcome_ledger(catalogue: Catalogue, name: str, estimates: Estimates) -> OutcomeLedger:
    metric = catalogue.metric(name)

    def of(link: Link | None) -> LinkLedger:
        key = link.id if link else ALONE
        record = estimates.record_of(name, key)
        return LinkLedger(
            link=link,
            label=_label(catalogue, link) if link else "",
            outcome=metric,
            record=record,
            entries=estimates.forecasts_of(name, key),
            fails=link is not None and _fails(link, record, estimates),
        )

    links = [of(link) for link in catalogue.links_to(name)]
    return OutcomeLedger(
        outcome=metric, alone=of(None), links=tuple(one for one in links if one.entries)
    )


def _fails(link: Link, record: TrackRecord, estimates: Estimates) -> bool:
    pair = estimates.of_link(link.outcome, link.id)
    if pair is None or link.kind is not LinkKind.INFLUENCE:
        return False
    return held_to_forecasts(pair[1].finding, record.predicts) is Finding.DOES_NOT_PREDICT


def _label(catalogue: Catalogue, link: Link) -> str:
    return ", ".join([catalogue.metric(link.driver).label, *link.driver_segment.values()])


def _hits(entries: Iterable[Entry]) -> Hits:
    scored = [one for one in entries if one.value is not None]
    return Hits(
        inside=sum(one.is_inside is True for one in scored),
        inside_wide=sum(one.is_inside_wide is True for one in scored),
        scored=len(scored),
    )


def _plain(hits: Hits) -> dict[str, int]:
    return {"inside": hits.inside, "inside_wide": hits.inside_wide, "scored": hits.scored}
