"""From a matched header to the fields that are loaded: types, date patterns, zones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kpi_engine.catalogue.events import ColumnType, EventKind
from kpi_engine.catalogue.recipes import EventRecipe, FieldSpec
from kpi_engine.imports.matching import Match
from kpi_engine.store.loading import ISO, ISO_ZONE, Field

_TIDY: dict[str, ColumnType] = {
    "period": "text",
    "metric": "text",
    "segment": "text",
    "value": "number",
    "numerator": "number",
    "denominator": "number",
}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is loaded from a file, and what was decided about it.

    Attributes:
        fields: Every field of the staged rows.
        decisions: How dates and zones are read, with the evidence.
        doubts: Column, and what about its dates no sampled row can settle.
    """

    fields: tuple[Field, ...]
    decisions: tuple[str, ...]
    doubts: tuple[tuple[str, str], ...] = ()


def plan_events(
    match: Match,
    recipe: EventRecipe,
    kind: EventKind,
    samples: Sequence[Sequence[str]],
    *,
    header: Sequence[str],
    zone: str,
) -> Plan:
    """Fields of an event file; an instant's patterns are chosen from sample rows."""
    source_zone = recipe.time_zone or zone
    fields: list[Field] = []
    decisions: list[str] = []
    doubts: list[tuple[str, str]] = []
    for name, spec in recipe.fields.items():
        if name not in match.positions and spec.constant is None and spec.otherwise is None:
            continue
        of = field_type(name, recipe, kind)
        positions = match.positions.get(name, ())
        patterns: tuple[str, ...] = ()
        if of in ("instant", "day") and positions:
            cells = [row[positions[0]] for row in samples if positions[0] < len(row)]
            patterns, evidence, doubt = choose_pattern(recipe.date_patterns, cells, recipe.missing)
            column = header[positions[0]]
            decisions += [f"{column}: {evidence}"] if evidence else []
            doubts += [(column, doubt)] if doubt else []
        fields.append(
            Field(
                name=name,
                of=of,
                spec=spec,
                positions=positions,
                patterns=patterns,
                zone=source_zone,
            )
        )
    if any(field.of == "instant" and ISO_ZONE not in field.patterns for field in fields):
        decisions.append(f"Times without a zone are read as {source_zone}.")
    return Plan(fields=tuple(fields), decisions=tuple(decisions), doubts=tuple(doubts))


def plan_stated(match: Match) -> Plan:
    """Fields of a tidy file; those it does not have stay empty."""
    fields = []
    for name, of in _TIDY.items():
        required = name in ("period", "metric")
        fields.append(
            Field(
                name=name,
                of=of,
                spec=FieldSpec(required=required),
                positions=match.positions.get(name, ()),
            )
        )
    return Plan(fields=tuple(fields), decisions=())


def field_type(name: str, recipe: EventRecipe, kind: EventKind) -> ColumnType:
    """A field's type: as the event kind declares it; what only orders rows is an instant."""
    if name in kind.columns:
        return kind.columns[name]
    ordering = recipe.grouping.order_by if recipe.grouping else ()
    return "instant" if name in ordering else "text"


def choose_pattern(
    patterns: Sequence[str], cells: Sequence[str], missing: Sequence[str]
) -> tuple[tuple[str, ...], str, str]:
    """The pattern that reads most sample cells, earlier ones first, and why.

    Returns:
        The pattern; the evidence, empty when there was nothing to read; and the doubt, empty
        unless day and month could be swapped.
    """
    texts = [text for text in (cell.strip() for cell in cells) if text and text not in missing]
    if not texts:
        return tuple(patterns), "", ""
    counts = {pattern: sum(reads(text, pattern) for text in texts) for pattern in patterns}
    best = max(patterns, key=lambda pattern: counts[pattern])
    if counts[best] == 0:
        return (best,), f"no way of writing dates fits, for example {texts[0]}.", ""
    swapped = [p for p in patterns if _day_first(p) == (not _day_first(best))]
    shown = f"{texts[0]} is read {_in_words(best)}"
    if _day_first(best) is None:
        return (best,), f"{shown}.", ""
    if any(counts[p] == counts[best] for p in swapped):
        day = datetime.strptime(texts[0], best)  # noqa: DTZ007  # only its day is shown
        doubt = f"Day and month could be swapped: {texts[0]} is read as {day.day} {day:%B}."
        return (best,), f"{shown}.", doubt
    against = len(texts) - max((counts[p] for p in swapped), default=0)
    return (best,), f"{shown}; {against} of the first {len(texts)} can only be read so.", ""


def reads(text: str, pattern: str) -> bool:
    """Whether a cell fits a pattern."""
    try:
        if pattern in (ISO, ISO_ZONE):
            moment = datetime.fromisoformat(text)
            return (moment.tzinfo is not None) == (pattern == ISO_ZONE)
        datetime.strptime(text, pattern)  # noqa: DTZ007  # only the fit is asked
    except ValueError:
        return False
    return True


def _day_first(pattern: str) -> bool | None:
    """True for day before month, False for month before day, None where the year leads."""
    if pattern.startswith("%d"):
        return True
    return False if pattern.startswith("%m") else None


def _in_words(pattern: str) -> str:
    return {True: "day first", False: "month first", None: "year first"}[_day_first(pattern)]
