"""What do the numbers mean? Every definition with its targets, owners and links, searchable."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.formula import formula
from kpi_engine.catalogue.links import Assumption, Link
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.catalogue.targets import Target
from kpi_engine.findings import Finding
from kpi_engine.mapping.coverage import Coverage, mapping_coverage
from kpi_engine.services.definition_history import (
    DefinitionChange,
    changes_about,
    read_changes,
)
from kpi_engine.store.freshness import read_freshness
from kpi_engine.store.versions import read_tick
from kpi_engine.terms import Side
from kpi_engine.workspace import Workspace

_SIDES = (Side.BUSINESS, Side.IT, Side.BASE)


@dataclass(frozen=True, kw_only=True)
class LinkedMetric:
    """A link as it looks from one of its ends.

    Attributes:
        metric: The metric at the other end.
        label: Its label, with the part of the business the link is about.
    """

    link: Link
    metric: Metric
    label: str


@dataclass(frozen=True, kw_only=True)
class CatalogueEntry:
    """One metric with everything that is declared about it.

    Attributes:
        formula: How it is worked out, in words and signs.
        target: In force for all in the month asked for; None when there is none.
        targets: Every target ever set, newest first, those of segments included.
        counter_metric: What must not get worse while this one gets better.
        drivers: What moves it.
        outcomes: What it moves.
        changes: What was declared otherwise about it, newest first.
    """

    metric: Metric
    formula: str
    target: Target | None
    targets: tuple[Target, ...]
    counter_metric: Metric | None
    drivers: tuple[LinkedMetric, ...]
    outcomes: tuple[LinkedMetric, ...]
    changes: tuple[DefinitionChange, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            **self.metric.model_dump(mode="json"),
            "formula": self.formula,
            "target": self.target.model_dump(mode="json") if self.target else None,
            "targets": [target.model_dump(mode="json") for target in self.targets],
            "drivers": [_link_dict(linked) for linked in self.drivers],
            "outcomes": [_link_dict(linked) for linked in self.outcomes],
            "changes": [one.to_dict() for one in self.changes],
        }


@dataclass(frozen=True, kw_only=True)
class CataloguePage:
    """The definitions that a search found, and how well IT and the business are tied together.

    Attributes:
        entries: Outcomes in the order of the scorecard, the other outcomes, IT metrics, counts.
        total: How many metrics there are without the search.
        coverage: Over all metrics, whatever was searched for.
        findings: Warnings and notes of the check of the definitions.
        changes: Of all definitions, or of what was found, newest first.
        catalogue: Definitions in force.
    """

    organisation: Organisation
    search: str
    entries: tuple[CatalogueEntry, ...]
    total: int
    coverage: Coverage
    assumptions: tuple[Assumption, ...]
    findings: tuple[Finding, ...]
    changes: tuple[DefinitionChange, ...]
    catalogue: Catalogue

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "organisation": self.organisation.name,
            "search": self.search,
            "total": self.total,
            "entries": [entry.to_dict() for entry in self.entries],
            "coverage": self.coverage.to_dict(),
            "assumptions": [found.model_dump(mode="json") for found in self.assumptions],
            "findings": [found.to_dict() for found in self.findings],
            "changes": [one.to_dict() for one in self.changes],
        }


def read_catalogue(ws: Workspace, *, search: str = "", month: date | None = None) -> CataloguePage:
    """The catalogue, or the part of it that a search finds.

    Args:
        ws: The workspace.
        search: Words that must all occur in a metric's id, label, sentence or technical name.
        month: The month whose targets are in force; None takes the newest month with data, and
            the newest target where there are no data at all.
    """
    catalogue = ws.catalogue
    month = month or _newest_month(ws)
    found = [metric for metric in _ordered(catalogue) if _matches(metric, search)]
    outcomes = [m.id for m in catalogue.metrics.values() if m.side is Side.BUSINESS]
    changes = read_changes(ws)
    entries = tuple(_entry(catalogue, metric, month, changes) for metric in found)
    return CataloguePage(
        organisation=catalogue.organisation,
        search=search,
        entries=entries,
        total=len(catalogue.metrics),
        coverage=mapping_coverage(
            catalogue.metrics.values(), catalogue.links.values(), outcomes=outcomes
        ),
        assumptions=tuple(catalogue.assumptions.values()),
        findings=catalogue.findings,
        changes=tuple(
            one
            for one in changes
            if not search.strip() or any(one in entry.changes for entry in entries)
        ),
        catalogue=catalogue,
    )


def _newest_month(ws: Workspace) -> date:
    with ws.reading() as connection:
        through = read_freshness(connection, ws.catalogue, tick=read_tick(connection))[
            "data_through"
        ]
    return ws.catalogue.organisation.calendar.month_of(max(through)) if len(through) else date.max


def _ordered(catalogue: Catalogue) -> list[Metric]:
    rows = catalogue.organisation.scorecard
    place = {metric: position for position, metric in enumerate(rows)}
    return sorted(
        catalogue.metrics.values(),
        key=lambda metric: (_SIDES.index(metric.side), place.get(metric.id, len(rows))),
    )


def _matches(metric: Metric, search: str) -> bool:
    text = " ".join((metric.id, metric.label, metric.sentence, metric.origin or "")).casefold()
    return all(word in text for word in search.casefold().split())


def _entry(
    catalogue: Catalogue, metric: Metric, month: date, changes: Iterable[DefinitionChange]
) -> CatalogueEntry:
    targets = sorted(
        (target for target in catalogue.targets if target.metric == metric.id),
        key=lambda target: target.valid_from,
        reverse=True,
    )
    counter = metric.counter_metric
    return CatalogueEntry(
        metric=metric,
        formula=formula(metric, catalogue),
        target=catalogue.target_for(metric.id, month=month, segment={}),
        targets=tuple(targets),
        counter_metric=catalogue.metric(counter) if counter else None,
        drivers=_linked(catalogue, catalogue.links_to(metric.id), end="driver"),
        outcomes=_linked(catalogue, catalogue.links_from(metric.id), end="outcome"),
        changes=changes_about(catalogue, metric.id, changes),
    )


def _linked(catalogue: Catalogue, links: Iterable[Link], *, end: str) -> tuple[LinkedMetric, ...]:
    found = []
    for link in links:
        metric = catalogue.metric(getattr(link, end))
        members = link.driver_segment.values() if end == "driver" else ()
        label = ", ".join([metric.label, *members])
        found.append(LinkedMetric(link=link, metric=metric, label=label))
    return tuple(found)


def _link_dict(linked: LinkedMetric) -> dict[str, Any]:
    return {"label": linked.label, **linked.link.model_dump(mode="json")}
