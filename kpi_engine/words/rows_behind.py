"""The rows behind a number, in words: what they add up to, and which are shown."""

import math
from collections.abc import Mapping

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.services.behind import PartBehind, Rows, RowsBehind
from kpi_engine.services.local_times import instants_of
from kpi_engine.terms import Fold, Unit
from kpi_engine.units import MINUS, format_count, format_value, lower_first
from kpi_engine.words.explore import GRAINS, in_period, name_of, value_text
from kpi_engine.words.reading import day_text

_ROLES = {
    "numerator": "Upper part",
    "denominator": "Lower part",
    "own": "As imported",
    "ranked": "Ranked",
    "lacking": "Lacking",
}
_UNITS: Mapping[Unit, str] = {
    unit: unit.value for unit in (Unit.MILLISECONDS, Unit.MINUTES, Unit.HOURS, Unit.DAYS)
}
"""Units that rows do not say themselves; pages print 2,800 milliseconds as 2.8 s."""


def headline(found: RowsBehind, organisation: Organisation) -> str:
    """The number, and how its rows make it."""
    currency = organisation.currency
    name = lower_first(name_of(found.metric, dict(found.segment)))
    value = value_text(found.value, found.metric, currency=currency)
    when = in_period(found.period, found.grain, organisation)
    when += " so far" if found.is_open and found.value is not None else ""
    said = f"{name[:1].upper()}{name[1:]} was {value} {when}"
    if found.value is None and found.denominator == 0:
        return f"{name[:1].upper()}{name[1:]} has no value {when}: there was nothing to divide by."
    if found.value is None:
        return f"{said}: its {GRAINS[found.grain][0]} is not complete, so it has no value yet."
    if found.is_reconciled:
        return f"{said}, {_made(found)}."
    folded = value_text(found.adds_up_to, found.metric, currency=currency)
    return f"{said}, but the rows below fold to {folded}: please tell your administrator."


def _made(found: RowsBehind) -> str:
    """How rows make the number, where they do."""
    measure, roles = found.metric.measure, {part.role for part in found.parts}
    if not roles:
        return "and the months below give exactly that"
    if "lacking" in roles:
        return "and the orders below are exactly what it lacks"
    if "ranked" in roles:
        if measure.fold is Fold.MEDIAN:
            return "which is the middle of the rows below"
        share = format_value(measure.quantile, unit=Unit.PERCENT, decimals=0)
        return f"and {share} of the rows below are at or below that"
    if measure.per_week:
        return (
            "and the rows below, added up and divided by the weeks of the period, give exactly that"
        )
    if found.denominator is not None:
        return "and the rows below, added up and divided, give exactly that"
    if [part.facts.total for part in found.parts if part.facts] == [1]:
        return "as the row below says"
    return "and the rows below add up to exactly that"


def how(found: RowsBehind) -> str:
    """How it is worked out, since when, as of which batch, and from which two numbers."""
    said = [f"Worked out as {found.formula}."]
    if found.defined_at:
        since = day_text(found.defined_at.date())
        said.append(f"This definition came in on {since}; months before it go by it too.")
    said.append(f"As of batch {found.as_of}.")
    if found.numerator is not None and found.denominator is not None:
        said.append(_divided(found, found.numerator, found.denominator))
    return " ".join(said)


def _divided(found: RowsBehind, above: float, below: float) -> str:
    metric = found.metric
    upper, lower = _number(above), _number(below)
    if metric.unit is Unit.PERCENT and 0 <= above <= below:
        return f"Here: {upper} of {lower}."
    scale = metric.measure.scale
    times = "" if scale == 1 else f", times {scale:,.10g}"
    unit = f" gives {_UNITS[metric.unit]}" if metric.unit in _UNITS else ""
    return f"Here: {upper} divided by {lower}{times}{unit}."


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


def rows_caption(
    part: PartBehind, rows: Rows, found: RowsBehind, organisation: Organisation, *, first: int
) -> str:
    """How many rows there are, which are shown, what all of them make, and by which clock."""
    shown = len(rows.frame)
    said = rows_text(rows.total)
    if shown < rows.total:
        said += f", {first + 1:,} to {first + shown:,} shown"
    said = f"{said}; {_together(part, rows, found)}."
    if part.role == "lacking":
        said += " Worked out from outages and the orders of each hour: no file and no query stands"
        said += " for it."
    if instants_of(rows.frame):
        said += f" Times are those of {organisation.time_zone.replace('_', ' ')}."
    return said


def _together(part: PartBehind, rows: Rows, found: RowsBehind) -> str:
    if rows.amount is None:
        unit = _UNITS.get(found.metric.unit)
        return "they are ranked by counts_for" + (f", in {unit}" if unit else "")
    total = _number(rows.amount)
    if rows.below is not None:
        return f"all numerators add up to {total}, all denominators to {_number(rows.below)}"
    if part.role == "lacking":
        return f"all of them add up to {total} of the {_number(found.denominator or 0)} expected"
    return f"all of them add up to {total}"


def rows_text(count: int) -> str:
    """How many rows: "1 row", "1,260 rows"."""
    return f"{format_count(count)} {'row' if count == 1 else 'rows'}"


def _number(value: float) -> str:
    """With six digits, and no fewer than two behind the mark; whole numbers are printed whole."""
    if value == 0:
        return "0"
    before = math.floor(math.log10(abs(value))) + 1
    text = f"{value:,.{max(2, 6 - before)}f}"
    return text.rstrip("0").rstrip(".").replace("-", MINUS)
