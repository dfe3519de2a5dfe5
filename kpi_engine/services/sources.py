"""Sources: what is known of each, and which measures its files count towards."""

from dataclasses import asdict, dataclass
from typing import Any

from kpi_engine.catalogue import events
from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.events import EventKind
from kpi_engine.catalogue.recipes import EventRecipe, TableRecipe
from kpi_engine.imports.matching import MEMBER, is_label, readable_fields
from kpi_engine.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Source:
    """What somebody may want to know about a source.

    Attributes:
        recipe: Id of its recipe.
        traps: What is known to go wrong with it, a sentence each.
        feeds: Labels of the measures that its files count towards.
        is_own: Added to this workspace.
    """

    recipe: str
    label: str
    traps: tuple[str, ...]
    feeds: tuple[str, ...]
    is_own: bool

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {**asdict(self), "traps": list(self.traps), "feeds": list(self.feeds)}


def read_source(ws: Workspace, recipe: str) -> Source:
    """What is known about a source.

    Raises:
        UnknownNameError: There is no such recipe.
    """
    known = ws.catalogue.recipe(recipe)
    return Source(
        recipe=known.id,
        label=known.label,
        traps=known.traps,
        feeds=_fed(ws.catalogue, known),
        is_own=known.id in ws.catalogue.own_recipes,
    )


def known_sources(ws: Workspace) -> tuple[tuple[str, str], ...]:
    """Ids and labels of the sources that are known, by label."""
    recipes = ws.catalogue.recipes.values()
    return tuple(sorted(((r.id, r.label) for r in recipes), key=lambda pair: pair[1]))


def meanings(ws: Workspace, recipe: str) -> dict[str, str]:
    """What a column of a source can mean: field to its label, needed ones first.

    Raises:
        UnknownNameError: There is no such recipe.
    """
    known = ws.catalogue.recipe(recipe)
    fields = readable_fields(known, ws.catalogue)
    if isinstance(known, EventRecipe):
        ordered = sorted(fields, key=lambda name: not known.fields[name].required)
        return {
            name: _in_words(name) + (" (needed)" * known.fields[name].required) for name in ordered
        }
    labels = {metric.id: metric.label for metric in ws.catalogue.metrics.values()}
    labels |= _OF_A_TABLE
    named = {name: labels.get(name) or _in_words(name.removeprefix(MEMBER)) for name in fields}
    return dict(sorted(named.items(), key=lambda pair: (not is_label(pair[0]), pair[1])))


_OF_A_TABLE = {
    "period": "Day or month",
    "metric": "Measure",
    "segment": "Part",
    "value": "Value",
    "numerator": "Numerator",
    "denominator": "Denominator",
}


def _in_words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _fed(catalogue: Catalogue, recipe: EventRecipe | TableRecipe) -> tuple[str, ...]:
    """Labels of the measures that a source's files count towards; none where any may be."""
    if isinstance(recipe, TableRecipe):
        named = set(recipe.metrics)
        metrics = [m for m in catalogue.metrics.values() if m.id in named]
        metrics += catalogue.metrics_using(named)
    else:
        kind = catalogue.events[recipe.event]
        counted = _counted(catalogue, recipe, kind)
        missing = {f"{kind.id}.{name}" for name in kind.counters} - counted
        metrics = [
            m for m in catalogue.metrics_using(counted) if not missing & set(m.measure.parts)
        ]
    return tuple(sorted({metric.label for metric in metrics}))


def _counted(catalogue: Catalogue, recipe: EventRecipe, kind: EventKind) -> set[str]:
    """The parts that a source's events can be counted into."""
    kinds = [kind, catalogue.events["outage"]] if kind.id == "check" else [kind]
    return {
        f"{one.id}.{name}"
        for one in kinds
        for name, counter in one.counters.items()
        if one is not kind or _fills(recipe, counter)
    }


def _fills(
    recipe: EventRecipe, counter: events.Counter | events.Stock | events.SpanMinutes
) -> bool:
    """Whether a recipe reads what a counter counts."""
    needed = events.counter_columns(counter)
    if isinstance(counter, events.Stock):
        return counter.opens in recipe.fields
    if isinstance(counter, events.SpanMinutes):
        return True
    needed -= {counter.times, *counter.minus}
    needed -= {name for name, test in counter.where.items() if test.is_not is not None}
    constants = {n: s.constant for n, s in recipe.fields.items() if s.constant is not None}
    return needed <= set(recipe.fields) and all(
        test.equals is None or name not in constants or _same(constants[name], test.equals)
        for name, test in counter.where.items()
    )


def _same(constant: str | None, value: object) -> bool:
    return constant == (str(value).lower() if isinstance(value, bool) else value)
