"""Rules about recipes: what they name must be there, and nobody gets in by name."""

import re
from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo, available_timezones

from kpi_engine.catalogue.declared import nearest
from kpi_engine.catalogue.draft import Draft
from kpi_engine.catalogue.recipes import EventRecipe, FieldSpec, TableRecipe
from kpi_engine.findings import Finding

_DATE_WORDS = ("iso", "iso_zone", "epoch", "epoch_milli", "excel")
_DATE_CODE = re.compile(r"(?:[^%]|%[YymdbBHIMSpzf])*%[YymdbBHIMSpzf](?:[^%]|%[YymdbBHIMSpzf])*")


def recipe_findings(draft: Draft) -> Iterator[Finding]:
    """Every mistake in what recipes name."""
    for key, recipe in draft.recipes.items():
        if isinstance(recipe, EventRecipe):
            yield from _event_findings(draft, key, recipe)
            yield from _named_findings(draft, key, recipe)
            yield from _clock_findings(draft, key, recipe)
        else:
            yield from _table_findings(draft, key, recipe)
        yield from _personal_findings(draft, key, recipe)
    yield from _known_findings(draft)


def _event_findings(draft: Draft, key: str, recipe: EventRecipe) -> Iterator[Finding]:
    """What is read has to be what its kind of event carries."""
    yield from draft.unknown("recipe", key, "event", recipe.event, wanted="event")
    event = draft.events.get(recipe.event)
    if event is None:
        return
    for field in sorted(set(recipe.fields) - set(event.columns) - _helpers(recipe)):
        known = ", ".join(event.columns)
        sentence = f"'{field}' is not a column of the event {event.id}. Columns: {known}."
        yield draft.error("recipe", key, "fields", sentence, value=field)
    for column in sorted(set(event.key) - set(recipe.fields)):
        sentence = f"'{column}' is missing. It is part of the key of the event {event.id}."
        yield draft.error("recipe", key, "fields", sentence, value=column)


def _named_findings(draft: Draft, key: str, recipe: EventRecipe) -> Iterator[Finding]:
    """Fields that a recipe names elsewhere have to be fields of it."""
    grouping = recipe.grouping
    named = [("grouping.order_by", name) for name in (grouping.order_by if grouping else ())]
    named += [("grouping.add", name) for name in (grouping.add if grouping else ())]
    for field, spec in recipe.fields.items():
        if spec.not_before:
            named.append((f"fields.{field}.not_before", spec.not_before))
    for place, name in named:
        if name not in recipe.fields:
            sentence = f"There is no field called '{name}'.{nearest(name, recipe.fields)}"
            yield draft.error("recipe", key, place, sentence, value=name)


def _clock_findings(draft: Draft, key: str, recipe: EventRecipe) -> Iterator[Finding]:
    """Zones and ways of writing dates have to be some that there are."""
    if recipe.time_zone is not None and not _is_zone(recipe.time_zone):
        close = nearest(recipe.time_zone, available_timezones())
        sentence = f"There is no time zone called '{recipe.time_zone}'.{close}"
        yield draft.error("recipe", key, "time_zone", sentence, value=recipe.time_zone)
    for pattern in recipe.date_patterns:
        if pattern not in _DATE_WORDS and not _DATE_CODE.fullmatch(pattern):
            sentence = (
                f"'{pattern}' is no way of writing dates. It is one of {', '.join(_DATE_WORDS)}, "
                "or parts such as %d/%m/%Y %H:%M."
            )
            yield draft.error("recipe", key, "date_patterns", sentence, value=pattern)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return False
    return True


def _table_findings(draft: Draft, key: str, recipe: TableRecipe) -> Iterator[Finding]:
    for metric in dict.fromkeys((*recipe.metrics, *recipe.scale)):
        yield from draft.unknown("recipe", key, "metrics", metric, wanted="metric")


def _personal_findings(
    draft: Draft, key: str, recipe: EventRecipe | TableRecipe
) -> Iterator[Finding]:
    """B10: what names people is read by no field, unless only a hash of it is kept."""
    personal = {_plain(name) for name in recipe.personal}
    for field, names in _columns(recipe).items():
        for column in names:
            if _plain(column) in personal:
                sentence = (
                    f"'{column}' is read, and stands among the columns that name people. They are "
                    "never read, unless 'hashed: true' keeps only what tells people apart."
                )
                yield draft.error("recipe", key, field, sentence, value=column)


def _columns(recipe: EventRecipe | TableRecipe) -> Mapping[str, tuple[str, ...]]:
    """Every column that is kept as it stands, by the place that names it."""
    if isinstance(recipe, TableRecipe):
        return {f"metrics.{name}": columns for name, columns in recipe.metrics.items()} | {
            f"members.{name}": columns for name, columns in recipe.members.items()
        }
    return {
        f"fields.{name}": (*spec.columns, *spec.beside)
        for name, spec in recipe.fields.items()
        if _is_kept(spec)
    }


def _is_kept(spec: FieldSpec) -> bool:
    return not spec.hashed and not spec.one_of


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _known_findings(draft: Draft) -> Iterator[Finding]:
    """Lists of what no export says: those that recipes look into, and those that there are."""
    asked: set[str] = set()
    for key, recipe in draft.recipes.items():
        fields = recipe.fields if isinstance(recipe, EventRecipe) else {}
        for name, member in (spec.known for spec in fields.values() if spec.known):
            asked.add(name)
            if member not in fields:
                sentence = f"There is no field called '{member}'.{nearest(member, fields)}"
                yield draft.error("recipe", key, "fields", sentence, value=member)
    said = draft.organisation.known if draft.organisation else {}
    for name in said:
        if name not in asked:
            sentence = f"No recipe looks for '{name}'.{nearest(name, asked)}"
            yield draft.error("organisation", "organisation", "known", sentence, value=name)


def _helpers(recipe: EventRecipe) -> set[str]:
    """Fields that are read to recognise, order or check rows and are not kept."""
    ordering = recipe.grouping.order_by if recipe.grouping else ()
    compared = {field.not_before for field in recipe.fields.values() if field.not_before}
    required = {name for name, field in recipe.fields.items() if field.required}
    return {*ordering, *compared, *required}
