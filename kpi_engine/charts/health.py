"""Which months of which measures are complete: a grid that also reads without colour."""

from collections.abc import Mapping
from dataclasses import dataclass

import altair as alt

from kpi_engine.charts.palette import ACCENT, BAND, PAGE, STATUS_TONES, TEXT, Tone
from kpi_engine.charts.theme import rows_chart, themed
from kpi_engine.periods import month_label
from kpi_engine.services.coverage_grid import Cell
from kpi_engine.services.health import Health
from kpi_engine.terms import Status

ROW_PIXELS = 20
_AXIS_PIXELS = 40
_NAME_PIXELS = 260


@dataclass(frozen=True, kw_only=True)
class CellLook:
    """One state of a month: its letter, the letter's colour, and what it stands on."""

    letter: str
    ink: Tone
    ground: Tone


LOOKS: Mapping[Cell, CellLook] = {
    "complete": CellLook(letter="", ink=TEXT, ground=BAND),
    "late": CellLook(letter="L", ink=TEXT, ground=BAND),
    "restated": CellLook(letter="R", ink=PAGE, ground=ACCENT),
    "changed": CellLook(letter="C", ink=TEXT, ground=BAND),
    "partial": CellLook(letter="P", ink=PAGE, ground=STATUS_TONES[Status.NEAR_TARGET]),
    "missing": CellLook(letter="×", ink=PAGE, ground=STATUS_TONES[Status.OFF_TARGET]),
    "not_due": CellLook(letter="–", ink=TEXT, ground=PAGE),
}


def coverage_chart(health: Health) -> alt.LayerChart:
    """One row a measure, one column a month; letters say what colours repeat."""
    rows = [
        {
            "measure": metric.label,
            "month": month.isoformat(),
            "when": month_label(month),
            "state": cell.replace("_", " "),
            "letter": LOOKS[cell].letter,
            "ink": LOOKS[cell].ink.css,
            "ground": LOOKS[cell].ground.css,
        }
        for metric in health.metrics
        for month, cell in zip(health.months, metric.cells, strict=True)
    ]
    labels = [metric.label for metric in health.metrics]
    x = alt.X(
        "month:O",
        title=None,
        axis=alt.Axis(
            orient="top",
            labelAngle=0,
            labelExpr="utcFormat(toDate(datum.value), '%b')",
            domain=False,
            ticks=False,
        ),
    )
    y = alt.Y(
        "measure:N",
        title=None,
        sort=labels,
        axis=alt.Axis(domain=False, ticks=False, labelLimit=_NAME_PIXELS, labelColor=TEXT.css),
    )
    grid = rows_chart(rows)
    tooltip = [
        alt.Tooltip("measure:N", title="Measure"),
        alt.Tooltip("when:N", title="Month"),
        alt.Tooltip("state:N", title="State"),
    ]
    cells = grid.mark_rect(stroke=PAGE.css, strokeWidth=2).encode(
        x=x, y=y, color=alt.Color("ground:N", scale=None, legend=None), tooltip=tooltip
    )
    letters = grid.mark_text(fontWeight=600, fontSize=11).encode(
        x=x, y=y, text="letter:N", color=alt.Color("ink:N", scale=None, legend=None)
    )
    return themed(
        alt.LayerChart(layer=[cells, letters]).properties(
            height=ROW_PIXELS * max(1, len(labels)) + _AXIS_PIXELS, width="container"
        )
    )
