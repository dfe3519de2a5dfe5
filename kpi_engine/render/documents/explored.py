"""What an analyst sees, as files: its numbers as CSV and Excel, its drawing as SVG and PNG."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import altair as alt
import pandas as pd

from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.render.documents.cells import DAY, Cell, text
from kpi_engine.render.documents.excel import workbook
from kpi_engine.render.documents.plain import table_csv
from kpi_engine.render.documents.stills import chart_png, chart_svg
from kpi_engine.render.documents.tables import Row, Table
from kpi_engine.services.behind import RowsBehind
from kpi_engine.services.explored import Answer
from kpi_engine.services.leaderboard import Leaderboard, Standing
from kpi_engine.services.limits import Limits
from kpi_engine.services.pairs import Pair
from kpi_engine.words.imprint import source_text

WIDTH = 900
"""Of a drawing's plot, in pixels."""
_DIGITS = 12
"""Of a number; those behind them are what arithmetic leaves over."""
_MIMES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "svg": "image/svg+xml",
    "png": "image/png",
}
LABELS = {"csv": "CSV", "xlsx": "Excel", "svg": "Drawing (SVG)", "png": "Picture (PNG)"}


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What is on the page.

    Attributes:
        title: What it is called; files are named after it.
        said: The sentence above it.
        notes: What stands below its drawing: what a dashed line is, what was left out.
        tables: The numbers behind it, the most telling first.
        chart: None where nothing is drawn.
    """

    title: str
    said: str
    tables: tuple[Table, ...]
    chart: alt.LayerChart | alt.VConcatChart | None = None
    notes: tuple[str, ...] = ()

    @property
    def forms(self) -> tuple[str, ...]:
        """Kinds of file it can be handed on as."""
        return tuple(_MIMES) if self.chart is not None else ("csv", "xlsx")


def seen_file(
    seen: Seen, form: str, *, organisation: Organisation, as_of: int, now: datetime
) -> bytes:
    """What is seen as a file, which says what it shows, of whom, and as of which batch.

    Args:
        seen: What is on the page.
        form: One of its forms.
        organisation: Whose it is.
        as_of: The tick that was looked at.
        now: When the file is made.
    """
    if form == "csv":
        return table_csv(seen.tables[0])
    said = (seen.said, *seen.notes, source_text(organisation, as_of=as_of, now=now))
    if form == "xlsx":
        about = Table(
            name="About",
            rows=tuple({"What": text(seen.title), "Says": text(one)} for one in said),
        )
        return workbook(
            [*seen.tables, about],
            title=seen.title,
            company=organisation.name,
            comments=seen.said,
            created=now,
        )
    if seen.chart is None:
        raise LookupError("nothing is drawn")
    if form == "svg":
        return chart_svg(seen.chart, width=WIDTH, title=seen.title, said=said).encode()
    return chart_png(seen.chart, width=WIDTH, title=seen.title, said=said)


def seen_mime(form: str) -> str:
    """What browsers call a kind of file."""
    return _MIMES[form]


def file_name(seen: Seen, form: str) -> str:
    """What the file is called: "net-revenue-by-country.csv"."""
    return f"{re.sub(r'[^a-z0-9]+', '-', seen.title.lower()).strip('-')}.{form}"


def answer_table(answers: Sequence[Answer]) -> Table:
    """One row a measure, segment and period: value and its parts as stored."""
    rows = [
        {
            "Measure": text(answer.metric.id),
            "Name": text(answer.metric.label),
            "Unit": text(answer.metric.unit.value),
            "Segment": text("; ".join(f"{k}={v}" for k, v in line.segment.items()) or "all"),
            "Period": Cell(value=point.period, form=DAY),
            "Value": _number(point.value),
            "Numerator": _number(point.numerator),
            "Denominator": _number(point.denominator),
            "Held against": Cell(value=point.held_against, form="General"),
            "So far": text("yes" if point.is_open else ""),
        }
        for answer in answers
        for line in (answer.whole, *answer.lines)
        for point in line.points
    ]
    return Table(name="Values", rows=tuple(rows))


def board_table(board: Leaderboard) -> Table:
    """One row a segment: what it was, is, and did to the change."""
    return Table(
        name="Change",
        rows=tuple(
            {
                board.dimension.capitalize(): text(row.member),
                "Now": _number(row.now),
                "Before": _number(row.before),
                "Own change": _number(row.change, *_scale(row)),
                "Part of the change": _number(row.part, *_scale(row)),
                "By its own change": _number(row.own, *_scale(row)),
                "By its weight": _number(row.shift, *_scale(row)),
            }
            for row in board.rows
        ),
    )


def limits_table(limits: Limits) -> Table:
    """One row a period: value, limits, and what sets it apart."""
    return Table(
        name="Usual range",
        rows=tuple(
            {
                "Period": Cell(value=point.period, form=DAY),
                "Value": _number(point.value),
                "Lower limit": _number(point.low),
                "Mean": _number(point.middle),
                "Upper limit": _number(point.high),
                "Set apart by": text(", ".join(cause.value for cause in point.causes)),
            }
            for point in limits.points
        ),
    )


def pair_tables(pair: Pair) -> tuple[Table, ...]:
    """Pairs of periods, and every delay."""
    driver, outcome = (
        "; ".join([metric.id, *(f"{name}={member}" for name, member in segment.items())])
        for metric, segment in zip((pair.driver, pair.outcome), pair.segments, strict=True)
    )
    pairs = Table(
        name="Pairs",
        rows=tuple(
            {
                "Period": Cell(value=point.period, form=DAY),
                driver: _number(point.driver),
                outcome: _number(point.outcome),
            }
            for point in pair.points
        ),
    )
    if pair.scan is None:
        return (pairs,)
    delays = Table(
        name="Delays",
        rows=tuple(
            {
                "Later by": Cell(value=float(point.lag), form="0"),
                "Correlation": Cell(value=point.correlation, form="0.000"),
                "Chance gives up to": Cell(value=pair.scan.band, form="0.000"),
                "Pairs": Cell(value=float(point.pairs), form="0"),
            }
            for point in pair.scan.points
        ),
    )
    return (pairs, delays)


def _scale(row: Standing) -> tuple[float | None, float | None]:
    """What its differences are of."""
    return row.now, row.before


def _number(value: float | None, *of: float | None) -> Cell:
    """A number without the crumbs of arithmetic.

    Args:
        value: As worked out.
        of: The numbers that it is a difference of: it is known no finer than they are.
    """
    size = max((abs(one) for one in (value, *of) if one), default=0.0)
    if value is None or size == 0.0 or not math.isfinite(size):
        return Cell(value=value, form="General")
    places = _DIGITS - 1 - math.floor(math.log10(size))
    return Cell(value=round(value, places), form="General")


def rows_tables(found: RowsBehind) -> tuple[Table, ...]:
    """Every table of rows behind a number, those shown."""
    tables = []
    for place, part in enumerate(found.parts, start=1):
        for kind, rows in (("events", part.events), ("facts", part.facts)):
            if rows is not None:
                tables.append(frame_table(f"{place} {kind}", rows.frame))
    if found.months:
        tables.append(
            Table(
                name="Months",
                rows=tuple(
                    {
                        "Month": Cell(value=month, form=DAY),
                        "Value": Cell(value=point.value, form="General"),
                        "Numerator": Cell(value=point.numerator, form="General"),
                        "Denominator": Cell(value=point.denominator, form="General"),
                    }
                    for month, point in found.months
                ),
            )
        )
    return tuple(tables)


def frame_table(name: str, frame: pd.DataFrame) -> Table:
    """A frame as a table; instants as text, so that nothing shifts them."""
    return Table(name=name, rows=tuple(_row(row) for row in frame.to_dict("records")))


def _row(values: Mapping[str, object]) -> Row:
    return {str(name): _cell(value) for name, value in values.items()}


def _cell(value: object) -> Cell:
    if value is None or value is pd.NaT or (isinstance(value, float) and pd.isna(value)):
        return Cell(value=None)
    if isinstance(value, datetime):
        return text(value.isoformat(sep=" "))
    if isinstance(value, date):
        return Cell(value=value, form=DAY)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return text(str(value))
    return Cell(value=float(value), form="General")


def joined_tables(tables: Iterable[Table]) -> tuple[Table, ...]:
    """Those with rows."""
    return tuple(table for table in tables if table.rows)
