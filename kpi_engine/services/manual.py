"""Figures that no system exports, typed in: made a file of, and taken in like any file (B11)."""

import csv
import math
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from kpi_engine.actors import Actor
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.errors import ImportRejectedError, StoreError, UnknownNameError
from kpi_engine.imports.overrides import Overrides
from kpi_engine.periods import add_months, month_label, quarter_label
from kpi_engine.services import imports
from kpi_engine.services.import_results import Preview
from kpi_engine.services.look import Look
from kpi_engine.services.months import read_newest_month
from kpi_engine.store.reads import read_values
from kpi_engine.terms import BatchKind, Grain, Role
from kpi_engine.units import MINUS, axis_parts
from kpi_engine.workspace import Workspace

_HEADER = ("period", "metric", "value")
_MONTHS = 2
_MONTHS_BACK = 24


@dataclass(frozen=True, kw_only=True)
class Line:
    """One figure that may be typed in.

    Attributes:
        metric: Its id.
        unit: What the figure is typed in: "%", "hours"; empty for a plain count.
        period: First day of the month or quarter.
        period_text: The period as a file says it: "2026-10", "2026-Q3".
        period_label: The same for a person.
        stored: What is stored, in ``unit``; None when nothing is.
        decimals: Digits behind its mark that pages print.
        least: What it cannot be less than, in ``unit``; minus infinity where it can be anything.
        most: What it cannot be more than.
        owners: Who answers for the metric.
    """

    metric: str
    label: str
    unit: str
    period: date
    period_text: str
    period_label: str
    stored: float | None
    decimals: int
    least: float
    most: float
    owners: tuple[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {**asdict(self), "period": self.period.isoformat(), "owners": list(self.owners)}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What somebody typed for one line.

    Attributes:
        metric: Its id.
        period_text: As its line says it.
        value: In the unit of its line; None when there is none.
        is_missing: There is no figure for this period; ``reason`` says why.
        evidence: A link to where the figure can be checked.
    """

    metric: str
    period_text: str
    value: float | None = None
    is_missing: bool = False
    reason: str = ""
    evidence: str = ""


def is_typed(metric: Metric) -> bool:
    """Whether a metric's figures are stated: neither counted nor worked out from others."""
    return not metric.measure.parts and not metric.worked_out


def months(ws: Workspace, *, today: date) -> tuple[date, ...]:
    """Months that figures are typed for, newest first, two years back.

    The newest is the one after the newest that the scorecard shows, if it has ended.
    """
    newest = _newest_month(ws, today)
    return tuple(add_months(newest, -back) for back in range(_MONTHS_BACK))


def lines(ws: Workspace, *, today: date, month: date | None = None) -> tuple[Line, ...]:
    """Figures of a month and the one before, newest first; of quarters the last ended by then.

    Args:
        ws: The workspace.
        today: In the organisation's zone.
        month: Its first day; None for the newest of ``months``.
    """
    newest = month or _newest_month(ws, today)
    return _lines(ws, [add_months(newest, -back) for back in range(_MONTHS)], [_quarter(newest)])


def _lines(ws: Workspace, months: Sequence[date], quarters: Sequence[date]) -> tuple[Line, ...]:
    metrics = sorted((m for m in ws.catalogue.metrics.values() if is_typed(m)), key=_label)
    stored = _stored(ws, metrics, [*months, *quarters])
    monthly = [(m, one, Grain.MONTH) for one in months for m in metrics if not _quarterly(m)]
    quarterly = [(m, one, Grain.QUARTER) for one in quarters for m in metrics if _quarterly(m)]
    return tuple(
        _line(metric, period, grain, stored.get((metric.id, grain, period)), ws)
        for metric, period, grain in [*monthly, *quarterly]
    )


def _quarter(month: date) -> date:
    """The last quarter that has ended with a month."""
    after = add_months(month, 1)
    return add_months(date(after.year, (after.month - 1) // 3 * 3 + 1, 1), -3)


def preview(
    ws: Workspace,
    entries: Sequence[Entry],
    *,
    actor: Actor,
    now: datetime,
    today: date,
) -> Preview:
    """Work out what saving typed figures would change; ``imports.commit`` saves it.

    Args:
        ws: The workspace.
        entries: What was typed, of one month or several; lines with neither a figure nor "not
            available" are left out.
        actor: Needs the role contributor.
        now: When (aware).
        today: As given to :func:`lines`.

    Raises:
        ImportRejectedError: Nothing was typed, or "not available" lacks its reason.
        NotAllowedError: The actor may not.
        UnknownNameError: There is no such line.
    """
    actor.require(Role.CONTRIBUTOR, Role.STEWARD, to="type figures in")
    whole = [*months(ws, today=today), add_months(_newest_month(ws, today), -_MONTHS_BACK)]
    offered = _lines(ws, whole, list(dict.fromkeys(map(_quarter, whole[:-1]))))
    known = {(line.metric, line.period_text): line for line in offered}
    filled = [e for e in entries if e.value is not None or e.is_missing]
    for entry in filled:
        _check(entry, known)
    if not filled:
        raise ImportRejectedError(
            "Nothing was typed in.", hint="Type a value, or say that there is none and why."
        )
    newest = max(known[entry.metric, entry.period_text].period for entry in filled)
    figures = [entry for entry in filled if not entry.is_missing]
    path = _written(ws, figures or filled[:1])
    try:
        shown = imports.preview(
            ws,
            path,
            actor=actor,
            file_name=f"manual entry {newest:%Y-%m}.csv",
            recipe="tidy",
            now=now,
            overrides=Overrides(decimal=".", delimiter=","),
        )
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    if not figures:
        shown = _without_rows(shown)
    return replace(
        shown,
        kind=BatchKind.MANUAL,
        missing=sum(entry.is_missing for entry in filled),
        note=_note(filled, known),
    )


def _without_rows(shown: Preview) -> Preview:
    """A file must have a row: where there are only reasons, its one row is no row of anybody's."""
    nothing = dict.fromkeys(shown.counts, 0)
    return replace(shown, rows_read=0, counts=nothing, findings=(), finding_counts=())


def _check(entry: Entry, known: dict[tuple[str, str], Line]) -> None:
    line = known.get((entry.metric, entry.period_text))
    if line is None:
        raise UnknownNameError(
            "line", f"{entry.metric} {entry.period_text}", (" ".join(key) for key in known)
        )
    place = f"{line.label}, {line.period_label}"
    if entry.is_missing and entry.value is not None:
        raise ImportRejectedError(
            f"{place}: there is a value, and it is said not to be available.",
            hint="Clear one of the two.",
        )
    if entry.is_missing and not entry.reason.strip():
        raise ImportRejectedError(
            f"{place}: it is not said why there is no value.",
            hint="Give the reason in a few words.",
        )
    can_be = entry.value is None or (
        math.isfinite(entry.value) and line.least <= entry.value <= line.most
    )
    if entry.value is not None and not can_be:
        raise ImportRejectedError(
            f"{place}: it cannot be {_said(entry.value, line)}.",
            hint=_ends_text(line),
        )


def _ends_text(line: Line) -> str:
    if math.isinf(line.most):
        return f"It cannot be less than {_said(line.least, line)}."
    return f"It lies between {line.least:g} and {_said(line.most, line)}."


def _said(value: float, line: Line) -> str:
    return f"{value:.15g} {line.unit}".strip().replace("-", MINUS)


def _note(entries: Sequence[Entry], known: dict[tuple[str, str], Line]) -> str:
    """Reasons and evidence, one sentence a line."""
    said = []
    for entry in entries:
        line = known[entry.metric, entry.period_text]
        words = [f"not available: {entry.reason.strip()}"] if entry.is_missing else []
        words += [f"see {entry.evidence.strip()}"] if entry.evidence.strip() else []
        if words:
            said.append(f"{line.label}, {line.period_label}: {', '.join(words)}.")
    return " ".join(said)


def _written(ws: Workspace, entries: Sequence[Entry]) -> Path:
    """The typed figures as a tidy file, in the units that facts are stored in."""
    ws.incoming_folder.mkdir(parents=True, exist_ok=True)
    path = ws.incoming_folder / f"{secrets.token_hex(8)}.upload"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADER)
        for entry in entries:
            _, factor, _ = axis_parts(ws.catalogue.metric(entry.metric).unit)
            typed = None if entry.value is None else Decimal(repr(entry.value))
            value = "n/a" if typed is None else typed / Decimal(repr(factor))
            writer.writerow((entry.period_text, entry.metric, value))
    return path


def _newest_month(ws: Workspace, today: date) -> date:
    ended = add_months(ws.catalogue.organisation.calendar.month_of(today), -1)
    with ws.reading() as connection:
        look = Look(conn=connection, catalogue=ws.catalogue, as_of=ws.newest())
        try:
            return min(ended, add_months(read_newest_month(look), 1))
        except StoreError:
            return ended


def _stored(
    ws: Workspace, metrics: Sequence[Metric], periods: Sequence[date]
) -> dict[tuple[str, Grain, date], float]:
    found = {}
    for grain in (Grain.MONTH, Grain.QUARTER):
        with ws.reading() as connection:
            values = read_values(
                connection,
                metrics=[metric.id for metric in metrics],
                grain=grain,
                first=min(periods),
                last=max(periods),
                as_of=ws.newest(),
                segment={},
            )
        for row in values.itertuples(index=False):
            if pd.notna(row.value):
                found[str(row.metric), grain, pd.Timestamp(row.period).date()] = float(row.value)
    return found


def _line(metric: Metric, period: date, grain: Grain, stored: float | None, ws: Workspace) -> Line:
    organisation = ws.catalogue.organisation
    before, factor, behind = axis_parts(metric.unit, currency=organisation.currency)
    quarter = f"{period.year}-Q{(period.month + 2) // 3}"
    return Line(
        metric=metric.id,
        label=metric.label,
        unit=(before or behind).strip(),
        period=period,
        period_text=quarter if grain is Grain.QUARTER else f"{period:%Y-%m}",
        period_label=_period_label(period, grain, organisation),
        stored=None if stored is None else stored * factor,
        decimals=metric.decimals,
        least=metric.ends[0] * factor,
        most=metric.ends[1] * factor,
        owners=(metric.owners.business, metric.owners.it),
    )


def _period_label(period: date, grain: Grain, organisation: Organisation) -> str:
    if grain is Grain.QUARTER:
        return quarter_label(period, year_starts_in=organisation.year_starts_in)
    return month_label(period, short=True)


def _quarterly(metric: Metric) -> bool:
    return metric.cadence is Grain.QUARTER


def _label(metric: Metric) -> str:
    return metric.label
