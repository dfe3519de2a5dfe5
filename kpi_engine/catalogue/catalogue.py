"""Everything that is declared, loaded and frozen: what services look names up in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from hashlib import sha256
from typing import TypeVar

from kpi_engine.catalogue.events import EventKind
from kpi_engine.catalogue.initiatives import Initiative
from kpi_engine.catalogue.links import Assumption, Link
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.catalogue.phasing import target_of_month
from kpi_engine.catalogue.recipes import EventRecipe, TableRecipe, Unusable
from kpi_engine.catalogue.targets import Baseline, Target
from kpi_engine.errors import UnknownNameError
from kpi_engine.findings import Finding

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """All definitions of one organisation.

    Attributes:
        links: Those in force.
        retired: Links that no longer count; nothing else reads them.
        unusable: Tables that are known and cannot be read.
        own_recipes: Ids of recipes that the organisation added itself.
        fingerprint: Changes whenever any definition changes; part of every cache key.
        texts: Each definition's YAML text by kind and id, for the definition history.
        findings: Warnings and notes of the check; errors never get this far.
    """

    organisation: Organisation
    metrics: Mapping[str, Metric]
    links: Mapping[str, Link]
    targets: tuple[Target, ...]
    baselines: tuple[Baseline, ...]
    assumptions: Mapping[str, Assumption]
    events: Mapping[str, EventKind]
    initiatives: Mapping[str, Initiative]
    recipes: Mapping[str, EventRecipe | TableRecipe]
    fingerprint: str
    texts: Mapping[tuple[str, str], str]
    findings: tuple[Finding, ...] = ()
    retired: Mapping[str, Link] = field(default_factory=dict)
    unusable: tuple[Unusable, ...] = ()
    own_recipes: frozenset[str] = frozenset()

    @cached_property
    def fingerprint_of_numbers(self) -> str:
        """Changes whenever a definition does that a number may rest on: any but initiatives."""
        found = sha256()
        for (kind, name), text in sorted(self.texts.items()):
            if kind != "initiative":
                found.update("\0".join((kind, name, text, "")).encode())
        return found.hexdigest()

    def metric(self, metric_id: str) -> Metric:
        """The metric of that id.

        Raises:
            UnknownNameError: None is declared.
        """
        return _known("metric", metric_id, self.metrics)

    def recipe(self, recipe_id: str) -> EventRecipe | TableRecipe:
        """The recipe of that id.

        Raises:
            UnknownNameError: None is declared.
        """
        return _known("recipe", recipe_id, self.recipes)

    def assumption(self, assumption_id: str) -> Assumption:
        """The assumption of that id.

        Raises:
            UnknownNameError: None is declared.
        """
        return _known("assumption", assumption_id, self.assumptions)

    def links_to(self, outcome: str) -> tuple[Link, ...]:
        """Links into an outcome, in the order of the file."""
        return tuple(link for link in self.links.values() if link.outcome == outcome)

    def links_from(self, driver: str) -> tuple[Link, ...]:
        """Links out of a driver, in the order of the file."""
        return tuple(link for link in self.links.values() if link.driver == driver)

    def target_for(self, metric: str, *, month: date, segment: Mapping[str, str]) -> Target | None:
        """The target in force for a segment in a month, or None.

        A segment without targets of its own has none: a target for all says nothing about a part.
        Of a target of a quarter or a year it is the part of that month.
        """
        candidates = [
            target
            for target in self.targets
            if target.metric == metric
            and dict(target.segment) == dict(segment)
            and target.valid_from <= month
        ]
        newest = max(candidates, key=lambda target: target.valid_from, default=None)
        calendar = self.organisation.calendar
        return newest and target_of_month(newest, self.metric(metric), month, calendar)

    def baselines_of(self, metric: str, *, segment: Mapping[str, str]) -> tuple[Baseline, ...]:
        """The new baselines of a segment's usual range, oldest first."""
        found = [
            one
            for one in self.baselines
            if one.metric == metric and dict(one.segment) == dict(segment)
        ]
        return tuple(sorted(found, key=lambda one: one.valid_from))

    def metrics_using(self, parts: Iterable[str]) -> tuple[Metric, ...]:
        """Metrics whose measure names one of ``parts``, directly or through another metric."""
        wanted = set(parts)
        found: dict[str, Metric] = {}
        while True:
            more = {
                metric.id: metric
                for metric in self.metrics.values()
                if metric.id not in found and wanted & set(metric.measure.parts)
            }
            if not more:
                return tuple(found.values())
            found |= more
            wanted |= set(more)


def _known(kind: str, name: str, known: Mapping[str, T]) -> T:
    if name not in known:
        raise UnknownNameError(kind, name, known)
    return known[name]
