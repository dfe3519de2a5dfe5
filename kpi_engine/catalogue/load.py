"""Definitions from YAML files into one frozen catalogue."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.checks import check_catalogue
from kpi_engine.catalogue.declared import Declared
from kpi_engine.catalogue.draft import Draft
from kpi_engine.catalogue.entry import Owners
from kpi_engine.catalogue.events import EventKind
from kpi_engine.catalogue.files import Declarations, Folder
from kpi_engine.catalogue.initiatives import Initiative
from kpi_engine.catalogue.links import Assumption, Link
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.catalogue.mistakes import model_findings
from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.catalogue.recipes import EventRecipe, Recipe, TableRecipe, Unusable
from kpi_engine.catalogue.targets import Baseline, Target
from kpi_engine.errors import DefinitionError
from kpi_engine.findings import Finding
from kpi_engine.terms import Severity

_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_RECIPE: TypeAdapter[EventRecipe | TableRecipe | Unusable] = TypeAdapter(Recipe)
_MODELS: dict[str, type[BaseModel]] = {
    "metric": Metric,
    "link": Link,
    "target": Target,
    "baseline": Baseline,
    "assumption": Assumption,
    "event": EventKind,
    "initiative": Initiative,
    "organisation": Organisation,
}
_Owned = TypeVar("_Owned", Metric, Link, Target, Baseline, Initiative)
_Answered = TypeVar("_Answered", Assumption, Initiative)


class BrokenCatalogueError(DefinitionError):
    """Definitions hold mistakes.

    Attributes:
        findings: All of them, with the warnings, in the order in which they were found.
    """

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        errors = [found for found in self.findings if found.severity is Severity.ERROR]
        count = "1 mistake" if len(errors) == 1 else f"{len(errors)} mistakes"
        super().__init__(
            f"The definitions hold {count}. The first: {errors[0].place}: {errors[0].sentence}",
            hint="All of them: python -m kpi_engine check --home and the data folder.",
        )


def load_catalogue(*folders: Path, recipes: Path, own_recipes: Iterable[Path] = ()) -> Catalogue:
    """Read, check and freeze everything that is declared.

    Args:
        folders: Folders of definition files. An entry of a later folder replaces the entry of the
            same id of an earlier one (a target, a baseline: of the same metric, segment and
            month); the fields of a later organisation replace the same fields of an earlier one.
        recipes: Folder of recipes, one to a file.
        own_recipes: Folders of an organisation's own, which replace those of the same id.

    Returns:
        The catalogue, with warnings and notes in ``findings``. Where the organisation says who
        fills a role, owners are people already.

    Raises:
        BrokenCatalogueError: There are mistakes; it carries all of them, not just the first.
    """
    return _loaded(
        tuple(map(Folder.read, folders)), Folder.read(recipes), tuple(map(Folder.read, own_recipes))
    )


@lru_cache(maxsize=8)
def _loaded(
    folders: tuple[Folder, ...], recipes: Folder, own_recipes: tuple[Folder, ...]
) -> Catalogue:
    """The same files give the same catalogue, which nobody changes: it is made once."""
    declarations = Declarations()
    for folder in folders:
        declarations.take_definitions(folder)
    declarations.take_recipes(recipes)
    own = {name for folder in own_recipes for name in declarations.take_recipes(folder)}
    built, findings = _built(declarations.entries.values())
    draft = _draft(declarations.entries, built)
    findings = [*declarations.findings, *findings, *check_catalogue(draft)]
    if any(found.severity is Severity.ERROR for found in findings):
        # Notes say what is not linked or used; with entries missing they would mislead.
        raise BrokenCatalogueError(f for f in findings if f.severity is not Severity.NOTE)
    texts = {
        key: yaml.dump(entry.content, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
        for key, entry in declarations.entries.items()
    }
    catalogue = _catalogue(draft, findings, texts, fingerprint=declarations.digest.hexdigest())
    retired = {
        key: entry
        for (kind, key), entry in built.items()
        if kind == "link" and entry.retired is not None
    }
    return replace(catalogue, own_recipes=frozenset(own), retired=retired)


def _built(entries: Iterable[Declared]) -> tuple[dict[tuple[str, str], Any], list[Finding]]:
    """Every entry that is right by itself, and the mistakes of the others."""
    built: dict[tuple[str, str], Any] = {}
    findings: list[Finding] = []
    for entry in entries:
        model = _MODELS.get(entry.kind) or _recipe_model(entry)
        try:
            if entry.kind == "recipe":
                built[entry.kind, entry.key] = _RECIPE.validate_python(entry.content)
            else:
                built[entry.kind, entry.key] = model.model_validate(entry.content)
        except ValidationError as error:
            findings += model_findings(entry, model, error)
    return built, findings


def _recipe_model(entry: Declared) -> type[BaseModel]:
    """The model of a recipe by its type; a table's where the type is none that is known."""
    models: dict[object, type[BaseModel]] = {"events": EventRecipe, "unusable": Unusable}
    return models.get(entry.content.get("type"), TableRecipe)


def _draft(
    entries: Mapping[tuple[str, str], Declared], built: Mapping[tuple[str, str], Any]
) -> Draft:
    def of(kind: str) -> dict[str, Any]:
        return {key: entry for (its_kind, key), entry in built.items() if its_kind == kind}

    return Draft(
        organisation=of("organisation").get("organisation"),
        metrics=of("metric"),
        links={key: link for key, link in of("link").items() if link.retired is None},
        targets=of("target"),
        baselines=of("baseline"),
        assumptions=of("assumption"),
        events=of("event"),
        initiatives=of("initiative"),
        recipes={k: r for k, r in of("recipe").items() if not isinstance(r, Unusable)},
        unusable=tuple(r for r in of("recipe").values() if isinstance(r, Unusable)),
        declared=entries,
    )


def _catalogue(
    draft: Draft,
    findings: Iterable[Finding],
    texts: Mapping[tuple[str, str], str],
    *,
    fingerprint: str,
) -> Catalogue:
    if draft.organisation is None:
        raise AssertionError("check_catalogue lets no draft without organisation through")
    people = draft.organisation.people
    return Catalogue(
        organisation=draft.organisation,
        metrics={key: _named(metric, "owners", people) for key, metric in draft.metrics.items()},
        links={key: _named(link, "agreed_by", people) for key, link in draft.links.items()},
        targets=tuple(_named(target, "agreed_by", people) for target in draft.targets.values()),
        baselines=tuple(_named(one, "agreed_by", people) for one in draft.baselines.values()),
        assumptions={
            key: _owned(assumption, people) for key, assumption in draft.assumptions.items()
        },
        events=draft.events,
        initiatives={
            key: _owned(_named(initiative, "agreed_by", people), people)
            for key, initiative in draft.initiatives.items()
        },
        recipes=draft.recipes,
        unusable=draft.unusable,
        fingerprint=fingerprint,
        texts=texts,
        findings=tuple(findings),
    )


def _named(entry: _Owned, field: str, people: Mapping[str, str]) -> _Owned:
    """The entry with people in place of the roles they fill."""
    owners: Owners | None = getattr(entry, field)
    if owners is None:
        return entry
    business = people.get(owners.business, owners.business)
    it = people.get(owners.it, owners.it)
    return entry.model_copy(update={field: Owners(business=business, it=it)})


def _owned(entry: _Answered, people: Mapping[str, str]) -> _Answered:
    """The entry with a person in place of the role that answers for it."""
    return entry.model_copy(update={"owner": people.get(entry.owner, entry.owner)})
