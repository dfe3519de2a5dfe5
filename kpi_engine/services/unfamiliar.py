"""Values that are saved but worth a look: a count with a fraction, a name never seen before."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

import sqlalchemy as sa

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.events import EventKind
from kpi_engine.catalogue.recipes import EventRecipe
from kpi_engine.findings import Finding
from kpi_engine.imports.lines import line_numbers
from kpi_engine.services.preparing import Prepared
from kpi_engine.store.firsts import (
    Fraction,
    NewNames,
    read_fractions,
    read_new_members,
    read_new_values,
)
from kpi_engine.store.versions import read_tick
from kpi_engine.terms import Fold, Severity, Unit
from kpi_engine.units import format_count, lower_first

_NAMED = 5
"""New names that get a finding each; of more, one finding says how many."""


def read_unfamiliar(
    connection: sa.Connection, prepared: Prepared, catalogue: Catalogue
) -> list[Finding]:
    """What in the good rows of a file is unlike anything stored; it keeps no row out."""
    tick = read_tick(connection, prepared.base)
    kind, recipe = prepared.kind, prepared.match.recipe
    if kind is not None and isinstance(recipe, EventRecipe):
        columns = _named_columns(kind, recipe)
        found = read_new_values(connection, prepared.staging, kind, columns, tick=tick)
        return [finding for names in found for finding in _of_column(prepared, names)]
    counts = [
        metric.id
        for metric in catalogue.metrics.values()
        if metric.unit is Unit.COUNT and metric.measure.fold in (Fold.SUM, Fold.LAST)
    ]
    fractions = read_fractions(connection, prepared.problems, counts)
    members = read_new_members(connection, prepared.staging, tick=tick)
    return [
        *_of_counts(prepared, catalogue, fractions),
        *(finding for names in members for finding in _of_metric(catalogue, names)),
    ]


def _named_columns(kind: EventKind, recipe: EventRecipe) -> Sequence[str]:
    """Columns one may slice by, and those whose words or levels have a meaning here."""
    coded = [name for name, spec in recipe.fields.items() if spec.words or spec.first_number]
    return list(
        dict.fromkeys([*kind.dimensions, *(name for name in coded if name in kind.columns)])
    )


def _of_column(prepared: Prepared, names: NewNames) -> Iterable[Finding]:
    at = prepared.match.positions.get(names.name, ())
    place = prepared.sniffed.file.header[at[0]] if at else names.name
    return _findings(place, names, sentence="was never seen here before")


def _of_metric(catalogue: Catalogue, names: NewNames) -> Iterable[Finding]:
    label = catalogue.metric(names.of).label
    return _findings(
        f"{label}, {names.name}", names, sentence=f"was never seen in {lower_first(label)} before"
    )


def _findings(place: str, names: NewNames, *, sentence: str) -> Iterable[Finding]:
    if len(names.new) > _NAMED:
        yield _warning(
            place,
            f"{format_count(len(names.new))} names were never seen here before, such as "
            f"{', '.join(names.new[:_NAMED])}.",
            "Check that this is the column you mean, and how names are written.",
        )
        return
    lower = {name.lower(): name for name in names.known}
    for new in names.new:
        close = get_close_matches(new.lower(), lower, n=1)
        step = "Check how it is written; it is saved as it stands."
        if close:
            step = f"If {lower[close[0]]} is meant, write it so; it is saved as it stands."
        yield _warning(place, f"{new} {sentence}.", step, value=new)


def _of_counts(
    prepared: Prepared, catalogue: Catalogue, fractions: Sequence[Fraction]
) -> Iterable[Finding]:
    lines = line_numbers(
        prepared.sniffed.file,
        [one.row for one in fractions],
        total=prepared.split,
        refused=[line for line, _, _ in prepared.refused],
    )
    for one in fractions:
        rows = "1 row has" if one.rows == 1 else f"{format_count(one.rows)} rows have"
        label = catalogue.metric(one.metric).label
        yield _warning(
            label,
            f"{label} counts whole things, and {rows} a fraction.",
            "Give the number itself; a share of something belongs to another measure.",
            line=lines.get(one.row),
            value=f"{one.value:.15g}",
        )


def _warning(
    place: str, sentence: str, next_step: str, *, line: int | None = None, value: str | None = None
) -> Finding:
    return Finding(
        severity=Severity.WARNING,
        place=place,
        sentence=sentence,
        next_step=next_step,
        line=line,
        value=value,
    )
