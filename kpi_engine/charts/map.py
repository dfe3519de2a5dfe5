"""Goals, outcomes and IT measures as boxes; dash and width of a line say how sure and how much."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import altair as alt

from kpi_engine.charts.map_layout import (
    BOX_HEIGHT,
    COLUMNS,
    EVIDENCE,
    FELT,
    HEADINGS_Y,
    HOW,
    WIDTH,
    Box,
    Curve,
    Layout,
    MapTexts,
    Note,
    laid_out,
)
from kpi_engine.charts.palette import (
    HAIRLINE,
    LINE,
    REFERENCE,
    SECONDARY,
    STATUS_SHAPES,
    STATUS_TONES,
    TEXT,
    WIDGET,
    Tone,
)
from kpi_engine.charts.theme import rows_chart, themed
from kpi_engine.services.map import LinkMap
from kpi_engine.terms import EvidenceGrade, Status

_WIDTHS = (1.2, 2.4, 4.4)
_AIR = 8.0
"""Between the edge of a box and what is written in it."""
_SHAPE_ROOM = 28.0
_LINE_HEIGHT = 13.0


@dataclass(frozen=True, kw_only=True)
class Look:
    """How the line of a grade is drawn: dashes and gaps in pixels, and whether it stands back."""

    dash: tuple[float, ...]
    is_dim: bool = False

    @property
    def tone(self) -> Tone:
        """Its colour, which says nothing that the dashes do not."""
        return REFERENCE if self.is_dim else LINE


LOOKS: Mapping[EvidenceGrade, Look] = {
    EvidenceGrade.A: Look(dash=()),
    EvidenceGrade.B: Look(dash=()),
    EvidenceGrade.C: Look(dash=(8, 3)),
    EvidenceGrade.D: Look(dash=(4, 3), is_dim=True),
    EvidenceGrade.E: Look(dash=(1.5, 3), is_dim=True),
    EvidenceGrade.CONTRADICTED: Look(dash=(8, 3, 1.5, 3), is_dim=True),
}


def map_chart(found: LinkMap, texts: MapTexts) -> alt.LayerChart:
    """The map of a month, a row for each link.

    Args:
        found: What stands on it.
        texts: What is written on it.
    """
    layout = laid_out(found, texts)
    x, y = _scales(layout)
    layers = [
        *_curves(layout.curves, x, y),
        *_boxes(layout.boxes, x, y),
        *_labels(layout.boxes, x, y),
        *_shapes(layout.boxes, x, y),
        *_notes(layout.notes, x, y),
        _headings(x, y),
    ]
    chart = themed(
        alt.LayerChart(layer=layers).properties(height=layout.height, width="container", padding=0)
    )
    # Else a page shows where in the drawing the pointer is, in pixels.
    chart.config.mark = alt.MarkConfig(tooltip=None)
    return chart


def _scales(layout: Layout) -> tuple[alt.X, alt.Y]:
    """Pixels across stretch with the page, pixels down do not."""
    across = alt.Scale(domain=[0, WIDTH], nice=False, zero=False)
    down = alt.Scale(domain=[0, layout.height], nice=False, zero=False, reverse=True)
    return (
        alt.X("x:Q", scale=across, axis=None),
        alt.Y("y:Q", scale=down, axis=None),
    )


def _curves(curves: Sequence[Curve], x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """One layer for each look: a line's width cannot depend on a field in this theme."""
    by_look: dict[tuple[EvidenceGrade | None, int], list[dict[str, object]]] = {}
    for number, curve in enumerate(curves):
        rows = by_look.setdefault((curve.grade, curve.weight), [])
        rows += [
            {"x": at, "y": height, "line": number, "step": step}
            for step, (at, height) in enumerate(curve.points)
        ]
    return [
        rows_chart(rows)
        .mark_line(
            color=LOOKS[grade].tone.css if grade else HAIRLINE.css,
            strokeDash=list(LOOKS[grade].dash) if grade else [],
            strokeWidth=_WIDTHS[weight],
            interpolate="monotone",
        )
        .encode(x=x, y=y, detail="line:N", order="step:O")
        for (grade, weight), rows in by_look.items()
    ]


def _boxes(boxes: Sequence[Box], x: alt.X, y: alt.Y) -> list[alt.Chart]:
    rows: dict[str, list[dict[str, float]]] = {}
    for box in boxes:
        kind = "gap" if box.is_gap else "repeat" if box.is_repeat else "box"
        left, half = box.column.left, BOX_HEIGHT / 2
        rows.setdefault(kind, []).append(
            {"x": left, "x2": left + box.column.width, "y": box.y - half, "y2": box.y + half}
        )
    return [
        rows_chart(found)
        .mark_rect(
            cornerRadius=3,
            fill=WIDGET.css if kind == "box" else None,
            stroke=STATUS_TONES[Status.OFF_TARGET].css if kind == "gap" else HAIRLINE.css,
            strokeDash=[4, 3] if kind == "gap" else [],
            strokeWidth=1.4 if kind == "gap" else 1,
        )
        .encode(x=x, x2="x2:Q", y=y, y2="y2:Q")
        for kind, found in rows.items()
    ]


def _labels(boxes: Sequence[Box], x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """Names in boxes, cut where a box ends; one layer a column, as their room differs."""
    columns = {box.column.name: box.column for box in boxes}
    return [
        rows_chart(
            [
                {"x": box.column.left, "y": box.y, "text": box.label}
                for box in boxes
                if box.column is column
            ]
        )
        .mark_text(
            align="left", baseline="middle", dx=_AIR, limit=column.width - _AIR - _SHAPE_ROOM
        )
        .encode(x=x, y=y, text="text:N")
        for column in columns.values()
    ]


def _shapes(boxes: Sequence[Box], x: alt.X, y: alt.Y) -> list[alt.Chart]:
    by_status: dict[Status, list[dict[str, float]]] = {}
    for box in boxes:
        if box.status is not None:
            right = box.column.left + box.column.width
            by_status.setdefault(box.status, []).append({"x": right, "y": box.y})
    return [
        rows_chart(rows)
        .mark_point(
            shape=STATUS_SHAPES[status],
            size=48,
            xOffset=-_SHAPE_ROOM / 2,
            stroke=STATUS_TONES[status].css,
            fill="transparent" if status is Status.NO_DATA else STATUS_TONES[status].css,
            opacity=1,
        )
        .encode(x=x, y=y)
        for status, rows in by_status.items()
    ]


def _notes(notes: Sequence[Note], x: alt.X, y: alt.Y) -> list[alt.Chart]:
    tones = {HOW.name: TEXT, FELT.name: SECONDARY, EVIDENCE.name: SECONDARY}
    return [
        rows_chart(
            [
                {"x": note.column.left, "y": _top(note), "text": "\n".join(note.lines)}
                for note in notes
                if note.column is column
            ]
        )
        .mark_text(
            align="left",
            baseline="middle",
            lineBreak="\n",
            lineHeight=_LINE_HEIGHT,
            color=tones[column.name].css,
        )
        .encode(x=x, y=y, text="text:N")
        for column in (HOW, FELT, EVIDENCE)
        if any(note.column is column for note in notes)
    ]


def _top(note: Note) -> float:
    """The middle of its first line, so that all of it is centred."""
    return note.y - (len(note.lines) - 1) * _LINE_HEIGHT / 2


def _headings(x: alt.X, y: alt.Y) -> alt.Chart:
    rows = [{"x": column.left, "y": HEADINGS_Y, "text": column.name} for column in COLUMNS]
    names: alt.Chart = (
        rows_chart(rows)
        .mark_text(align="left", baseline="middle", fontWeight=600)
        .encode(x=x, y=y, text="text:N")
    )
    return names
