"""What is worth knowing about a prepared file as a whole; it keeps no row out."""

from dataclasses import replace
from datetime import date

import sqlalchemy as sa

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.recipes import EventRecipe
from kpi_engine.findings import Finding
from kpi_engine.imports.lines import line_numbers, physical_lines
from kpi_engine.periods import month_label
from kpi_engine.services.import_results import UNKNOWN_COLUMNS
from kpi_engine.services.preparing import Prepared
from kpi_engine.services.unfamiliar import read_unfamiliar
from kpi_engine.store import impact
from kpi_engine.store.classify import may_tie, read_older, read_tied
from kpi_engine.store.parts import stands_for
from kpi_engine.store.stated import read_contradictions
from kpi_engine.store.swallowed import read_swallowed
from kpi_engine.terms import Grain, Severity
from kpi_engine.units import format_count


def read_notices(
    connection: sa.Connection, prepared: Prepared, catalogue: Catalogue
) -> list[Finding]:
    """Columns and numbers that are not used, repeated, contradicted or unlike others."""
    return [
        *_swappable_dates(prepared),
        *_swallowed(connection, prepared),
        *_older(connection, prepared),
        *_tied(connection, prepared),
        *_unknown_columns(prepared),
        *_repeated_columns(prepared),
        *_contradictions(connection, prepared, catalogue),
        *_weeks(connection, prepared),
        *_quarters(connection, prepared, catalogue),
        *_unused_numbers(connection, prepared, catalogue),
        *read_unfamiliar(connection, prepared, catalogue),
    ]


def _swappable_dates(prepared: Prepared) -> list[Finding]:
    return [
        _notice(column, doubt, "Compare a few dates with the source before saving.")
        for column, doubt in prepared.plan.doubts
    ]


def _swallowed(connection: sa.Connection, prepared: Prepared) -> list[Finding]:
    """Rows that were taken for text of another row."""
    file, refused = prepared.sniffed.file, [line for line, _, _ in prepared.refused]
    if physical_lines(file) == file.lines_before + prepared.split + len(refused):
        return []
    found = read_swallowed(connection, prepared.staging, file)
    if found is None:
        return []
    row, lines = found
    at = line_numbers(file, [row], total=prepared.split, refused=refused)
    many = f"{format_count(lines)} lines that look like rows stand"
    notice = _notice(
        "whole line",
        f"{'1 line that looks like a row stands' if lines == 1 else many} inside a cell: a quote "
        "before is not closed.",
        "Close the quote or leave it out, and add the file again.",
    )
    return [replace(notice, line=at.get(row))]


def _older(connection: sa.Connection, prepared: Prepared) -> list[Finding]:
    recipe = prepared.match.recipe
    if not isinstance(recipe, EventRecipe) or not (recipe.grouping and recipe.grouping.order_by):
        return []
    count = read_older(connection, prepared.staging)
    if not count:
        return []
    return [
        _notice(
            "whole file",
            f"{count} {'row is' if count == 1 else 'rows are'} older than what is stored.",
            "They change nothing; undo the newer import if it was wrong.",
        )
    ]


def _tied(connection: sa.Connection, prepared: Prepared) -> list[Finding]:
    """Rows of one event that say different things, none of them newer than the others."""
    recipe, kind = prepared.match.recipe, prepared.kind
    if not isinstance(recipe, EventRecipe) or kind is None or not may_tie(kind, recipe.grouping):
        return []
    count, one = read_tied(connection, prepared.staging)
    if not count:
        return []
    others = f", and {format_count(count - 1)} more like it" if count > 1 else ""
    return [
        _notice(
            f"{one}{others}",
            "Several rows tell of it and differ, and nothing says which is the newest: the last "
            "row counts.",
            "Leave the wrong rows out, if it is not the last that is right.",
        )
    ]


def _unknown_columns(prepared: Prepared) -> list[Finding]:
    if prepared.match.recipe.type != "wide":
        return []
    used = {p for positions in prepared.match.positions.values() for p in positions}
    ignored = [n for i, n in enumerate(prepared.sniffed.file.header) if i not in used and n]
    if not ignored:
        return []
    return [
        _notice(
            ", ".join(ignored)[:200],
            UNKNOWN_COLUMNS,
            "Name a column after a measure of the catalogue to use it.",
        )
    ]


def _repeated_columns(prepared: Prepared) -> list[Finding]:
    """Columns that are read and stand there again; what is not read may repeat as it likes."""
    header = prepared.sniffed.file.header
    read = {header[p] for positions in prepared.match.positions.values() for p in positions}
    recipe = prepared.match.recipe
    expected = recipe.repeats if isinstance(recipe, EventRecipe) else ()
    twice = sorted(name for name in read - {*expected, ""} if header.count(name) > 1)
    if not twice:
        return []
    return [
        _notice(
            ", ".join(twice)[:200],
            "These columns stand in the header more than once; the first counts.",
            "Remove or rename the others if they matter.",
        )
    ]


def _contradictions(
    connection: sa.Connection, prepared: Prepared, catalogue: Catalogue
) -> list[Finding]:
    """Rows that say different things about the same measure, part and period."""
    if prepared.kind is not None or prepared.overrides.adds:
        return []
    found = read_contradictions(connection, prepared.problems)
    if not found:
        return []
    metric, grain, day, numbers = found[0]
    named = f"{numbers} numbers for {catalogue.metric(metric).label}, {_named(day, grain)}"
    others = f", and {format_count(len(found) - 1)} more like this" if len(found) > 1 else ""
    return [
        _notice(
            named + others,
            "These rows contradict each other about the same measure, part and period; the last "
            "row counts.",
            "If they are parts of one number, let them be added up, or name the part in a column.",
        )
    ]


def _named(day: date, grain: Grain) -> str:
    return month_label(day) if grain is Grain.MONTH else f"{day.day} {day:%B %Y}"


def _weeks(connection: sa.Connection, prepared: Prepared) -> list[Finding]:
    if prepared.kind is not None or not impact.has_weeks(connection, prepared.staging):
        return []
    return [
        _notice(
            "whole file",
            "Weeks reach across months, so no month is worked out from them.",
            "Give days or months for the scorecard.",
        )
    ]


def _quarters(connection: sa.Connection, prepared: Prepared, catalogue: Catalogue) -> list[Finding]:
    """Quarters of measures that are shown by the month."""
    if prepared.kind is not None:
        return []
    stated = impact.read_stated_quarters(connection, prepared.staging)
    metrics = [catalogue.metric(name) for name in stated if name in catalogue.metrics]
    return [
        _notice(
            metric.label,
            "A quarter says nothing about its months, and the scorecard shows months.",
            "Give months for the scorecard; the quarters are kept as they are.",
        )
        for metric in metrics
        if stands_for(metric) is Grain.MONTH
    ]


def _unused_numbers(
    connection: sa.Connection, prepared: Prepared, catalogue: Catalogue
) -> list[Finding]:
    """Numbers that are kept beside better ones and change no figure."""
    if prepared.kind is not None:
        return []
    found = []
    calendar = catalogue.organisation.calendar
    for metric, first, last in impact.read_unused(connection, prepared.staging, calendar):
        until = "" if first == last else f" to {month_label(last, short=True)}"
        months = f"{month_label(first, short=True)}{until}"
        found.append(
            _notice(
                f"{catalogue.metric(metric).label}, {months}",
                "Counted or daily figures of these months come first, so this is kept, not used.",
                "Leave these rows out, or undo the other figures if they are wrong.",
            )
        )
    return found


def _notice(place: str, sentence: str, next_step: str) -> Finding:
    return Finding(severity=Severity.WARNING, place=place, sentence=sentence, next_step=next_step)
