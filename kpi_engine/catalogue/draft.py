"""Everything that is declared and right by itself, not yet checked against each other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kpi_engine.catalogue.declared import Declared, nearest
from kpi_engine.catalogue.events import Counter, EventKind, SpanMinutes, Stock
from kpi_engine.catalogue.initiatives import Initiative
from kpi_engine.catalogue.links import Assumption, Link
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.catalogue.recipes import EventRecipe, TableRecipe, Unusable
from kpi_engine.catalogue.targets import Baseline, Target
from kpi_engine.findings import Finding
from kpi_engine.terms import Severity


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What the cross-file rules look at.

    Attributes:
        organisation: None when none is declared, or not rightly.
        targets: By metric, segment and first month.
        baselines: By metric, segment and first month.
        declared: Every entry by kind and key, also those that are wrong by themselves, so that
            one wrong metric is not reported once more by everything that names it.
    """

    organisation: Organisation | None
    metrics: Mapping[str, Metric]
    links: Mapping[str, Link]
    targets: Mapping[str, Target]
    baselines: Mapping[str, Baseline]
    assumptions: Mapping[str, Assumption]
    events: Mapping[str, EventKind]
    initiatives: Mapping[str, Initiative]
    recipes: Mapping[str, EventRecipe | TableRecipe]
    unusable: tuple[Unusable, ...]
    declared: Mapping[tuple[str, str], Declared]

    def names(self, kind: str) -> tuple[str, ...]:
        """Every declared name of a kind, right or wrong."""
        return tuple(key for its_kind, key in self.declared if its_kind == kind)

    def error(
        self, kind: str, key: str, field: str, sentence: str, *, value: object = None
    ) -> Finding:
        """A mistake in a field of an entry."""
        return self.declared[kind, key].finding(Severity.ERROR, field, sentence, value=value)

    def warning(self, kind: str, key: str, field: str, sentence: str, *, cure: str) -> Finding:
        """Something in an entry that its author should look at."""
        return self.declared[kind, key].finding(Severity.WARNING, field, sentence, cure=cure)

    def note(self, kind: str, key: str, sentence: str, *, cure: str) -> Finding:
        """Something about an entry that is as it is, and worth knowing."""
        return self.declared[kind, key].finding(Severity.NOTE, "", sentence, cure=cure)

    def unknown(self, kind: str, key: str, field: str, name: str, *, wanted: str) -> list[Finding]:
        """A finding when ``name`` is not a declared ``wanted``; nothing when it is."""
        known = self.names(wanted)
        if name in known:
            return []
        sentence = f"There is no {wanted} called '{name}'.{nearest(name, known)}"
        return [self.error(kind, key, field, sentence, value=name)]

    def counter(self, part: str) -> Counter | Stock | SpanMinutes | None:
        """The counter a part names, or None when it names none."""
        kind, _, name = part.partition(".")
        event = self.events.get(kind)
        return event.counters.get(name) if event else None

    def dimensions_of(self, part: str) -> tuple[str, ...] | None:
        """What a part can be sliced by; None when it is not known."""
        if part in self.metrics:
            return self.metrics[part].dimensions
        event = self.events.get(part.partition(".")[0])
        return event.dimensions if event else None

    def undeclared_dimensions(self, metric: str, segment: Iterable[str]) -> list[str]:
        """The dimensions of a segment that a metric cannot be sliced by."""
        found = self.metrics.get(metric)
        return [dim for dim in segment if found and dim not in found.dimensions]
