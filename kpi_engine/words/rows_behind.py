"""The rows behind a number, in words: what they add up to, and which are shown."""

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.models import Organisation
from kpi_engine.services.behind import PartBehind, Rows, RowsBehind
from kpi_engine.services.local_times import instants_of
from kpi_engine.units import MINUS, format_count, lower_first
from kpi_engine.words.explore import GRAINS, in_period, name_of, value_text

_ROLES = {
    "numerator": "Upper part",
    "denominator": "Lower part",
    "own": "As imported",
    "ranked": "Ranked",
}


def headline(found: RowsBehind, organisation: Organisation) -> str:
    """The number, and whether its rows fold to it."""
    currency = organisation.currency
    name = lower_first(name_of(found.metric, dict(found.segment)))
    value = value_text(found.value, found.metric, currency=currency)
    when = in_period(found.period, found.grain, organisation)
    said = f"{name[:1].upper()}{name[1:]} was {value} {when}"
    if found.value is None:
        return f"{said}: its {GRAINS[found.grain][0]} is not complete, so it has no value yet."
    if found.is_reconciled:
        return f"{said}, and the rows below add up to exactly that."
    folded = value_text(found.adds_up_to, found.metric, currency=currency)
    return f"{said}, but the rows below fold to {folded}: please tell your administrator."


def how(found: RowsBehind) -> str:
    """How it is worked out, since when, and as of which batch."""
    since = f", defined so since {found.defined_at:%Y-%m-%d}" if found.defined_at else ""
    said = f"Worked out as {found.formula}{since}. As of batch {found.as_of}."
    if found.numerator is None or found.denominator is None:
        return said
    return f"{said} Here: {found.numerator:,.10g} of {found.denominator:,.10g}."


def part_title(part: PartBehind, found: RowsBehind, catalogue: Catalogue) -> str:
    """What a part is: its place in the formula, and what is counted."""
    kind, _, counter = part.component.partition(".")
    if part.component in catalogue.metrics:
        what = catalogue.metrics[part.component].label
    elif kind in catalogue.events and counter:
        label = catalogue.events[kind].counters[counter].label
        what = label or f"{catalogue.events[kind].plural} ({counter.replace('_', ' ')})"
    else:
        what = part.component
    is_ratio = len({one.role for one in found.parts}) > 1
    return f"{_ROLES[part.role]}: {lower_first(what)}" if is_ratio else what


def rows_caption(rows: Rows, organisation: Organisation, *, first: int) -> str:
    """How many rows there are, which are shown, what all of them add up to, and by which clock."""
    said = _counted(rows, first=first)
    if not instants_of(rows.frame):
        return said
    return f"{said} Times are those of {organisation.time_zone.replace('_', ' ')}."


def _counted(rows: Rows, *, first: int) -> str:
    shown = len(rows.frame)
    said = f"{format_count(rows.total)} {'row' if rows.total == 1 else 'rows'}"
    if shown < rows.total:
        said += f", {first + 1:,} to {first + shown:,} shown"
    if rows.amount is None:
        return f"{said}; the middle of their values is the number."
    total = f"{rows.amount:,.10g}".replace("-", MINUS)
    return f"{said}; all of them add up to {total}."
