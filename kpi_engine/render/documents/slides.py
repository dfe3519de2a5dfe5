"""The parts of a slide: a title, paragraphs, tables with hairlines, a line chart; all editable."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pptx.chart.chart import Chart
from pptx.chart.data import CategoryChartData
from pptx.chart.series import LineSeries
from pptx.dml.color import RGBColor
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
)
from pptx.enum.dml import MSO_LINE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.oxml.xmlchemy import OxmlElement
from pptx.shapes.graphfrm import GraphicFrame
from pptx.slide import Slide
from pptx.table import _Cell
from pptx.text.text import _Paragraph
from pptx.util import Emu, Inches, Pt

from kpi_engine.charts import palette
from kpi_engine.charts.trend import value_domain
from kpi_engine.render.documents.cells import value
from kpi_engine.services.readings import Reading
from kpi_engine.terms import Status

WIDTH, HEIGHT = 13.333, 7.5
"""Of a slide, in inches, like everything here."""
MARGIN = 0.55
SANS, SERIF = "Calibri", "Georgia"
_NO_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
_MONTHS_A_LABEL = "3"
_MARKERS = {
    Status.ON_TARGET: XL_MARKER_STYLE.CIRCLE,
    Status.NEAR_TARGET: XL_MARKER_STYLE.TRIANGLE,
    Status.OFF_TARGET: XL_MARKER_STYLE.DIAMOND,
}


@dataclass(frozen=True, kw_only=True)
class Box:
    """Where something stands on a slide."""

    left: float
    top: float
    width: float
    height: float

    @property
    def emu(self) -> tuple[Emu, Emu, Emu, Emu]:
        """As the file wants it."""
        return Inches(self.left), Inches(self.top), Inches(self.width), Inches(self.height)


@dataclass(frozen=True, kw_only=True)
class Run:
    """Some text in one look."""

    text: str
    tone: palette.Tone = palette.TEXT
    is_bold: bool = False


@dataclass(frozen=True, kw_only=True)
class _Line:
    """One line of a chart; its width in points."""

    name: str
    values: Sequence[float | None]
    tone: palette.Tone
    width: float
    is_dashed: bool = False


def set_title(slide: Slide, said: str) -> None:
    """The slide's title: a sentence, set smaller the longer it is."""
    shape = slide.shapes.title
    shape.left, shape.top, shape.width, shape.height = Box(
        left=MARGIN, top=0.35, width=WIDTH - 2 * MARGIN, height=0.95
    ).emu
    frame = shape.text_frame
    frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.MIDDLE
    frame.margin_left = frame.margin_right = 0
    frame.paragraphs[0].alignment = PP_ALIGN.LEFT
    size = 26 if len(said) <= 80 else 22 if len(said) <= 140 else 18
    _fill(frame.paragraphs[0], [Run(text=said, is_bold=True)], size=size, font=SERIF)


def add_text(slide: Slide, box: Box, paragraphs: Sequence[Sequence[Run]], *, size: float) -> None:
    """Paragraphs in a box."""
    frame = slide.shapes.add_textbox(*box.emu).text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    for place, runs in enumerate(paragraphs):
        paragraph = frame.add_paragraph() if place else frame.paragraphs[0]
        paragraph.space_after = Pt(size * 0.4)
        _fill(paragraph, runs, size=size)


def add_table(
    slide: Slide,
    box: Box,
    rows: Sequence[Sequence[Run]],
    *,
    shares: Sequence[float],
    right: frozenset[int],
    name: str,
) -> None:
    """A table whose first row is its head.

    Args:
        slide: Where it goes.
        box: Rows share its height.
        rows: As many cells each as there are ``shares``.
        shares: Of the width, a column each.
        right: Columns that are set flush right.
        name: What it is, for those who do not see it.
    """
    frame = slide.shapes.add_table(len(rows), len(shares), *box.emu)
    _describe(frame, name)
    table = frame.table
    table.horz_banding = False
    frame._element.find(f".//{qn('a:tableStyleId')}").text = _NO_STYLE
    for column, share in zip(table.columns, shares, strict=True):
        column.width = Inches(box.width * share / sum(shares))
    size = 12 if box.height / len(rows) >= 0.36 else 10
    for place, cells in enumerate(rows):
        table.rows[place].height = Inches(box.height / len(rows))
        for column, run in enumerate(cells):
            cell = table.cell(place, column)
            cell.vertical_anchor = MSO_ANCHOR.MIDDLE
            cell.margin_top = cell.margin_bottom = Inches(0.02)
            cell.margin_left = cell.margin_right = Inches(0.06)
            paragraph = cell.text_frame.paragraphs[0]
            paragraph.alignment = PP_ALIGN.RIGHT if column in right else PP_ALIGN.LEFT
            _fill(paragraph, [run], size=size if place else size - 1.5)
            _underline(cell, palette.HAIRLINE if place else palette.SECONDARY)


def add_trend(slide: Slide, box: Box, reading: Reading, *, currency: str, said: str) -> None:
    """Two years of a measure as a chart whose numbers can be edited.

    Args:
        slide: Where it goes.
        box: Where on it.
        reading: Its history, target and usual range.
        currency: Printed before amounts.
        said: The chart in words, for those who do not see it.
    """
    form = value(None, reading, currency=currency).form
    lines = _lines(reading)
    data = CategoryChartData(number_format=form)
    data.categories = [point.month for point in reading.history]
    for line in lines:
        data.add_series(line.name, line.values)
    frame = slide.shapes.add_chart(XL_CHART_TYPE.LINE, *box.emu, data)
    _describe(frame, said)
    chart = frame.chart
    chart.font.size, chart.font.name = Pt(11), SANS
    chart.font.color.rgb = _rgb(palette.SECONDARY)
    chart.has_title, chart.has_legend = False, True
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    _set_axes(chart, reading, form)
    for series, line in zip(chart.plots[0].series, lines, strict=True):
        series.smooth = False
        series.marker.style = XL_MARKER_STYLE.NONE
        series.format.line.color.rgb, series.format.line.width = _rgb(line.tone), Pt(line.width)
        series.format.line.dash_style = MSO_LINE.DASH if line.is_dashed else None
    _mark_last(chart.plots[0].series[0], reading)


def _lines(reading: Reading) -> tuple[_Line, ...]:
    """The values first, then what they are held against."""
    history, target = reading.history, reading.judgement.target
    aimed = {"Target": [point.target for point in history]}
    if isinstance(target, tuple):
        aimed["Target, upper end"] = [target[1]] * len(history)
    usual = {
        "Usual range, low": [point.usual.low if point.usual else None for point in history],
        "Usual range, high": [point.usual.high if point.usual else None for point in history],
    }
    values = [point.value for point in history]
    return (
        _Line(name=reading.label, values=values, tone=palette.LINE, width=2.0),
        *(
            _Line(name=name, values=ends, tone=palette.ACCENT, width=1.5, is_dashed=True)
            for name, ends in aimed.items()
        ),
        *(
            _Line(name=name, values=ends, tone=palette.REFERENCE, width=0.75)
            for name, ends in usual.items()
        ),
    )


def _set_axes(chart: Chart, reading: Reading, form: str) -> None:
    values, months = chart.value_axis, chart.category_axis
    step, low, high = _round_steps(*value_domain(reading))
    values.minimum_scale, values.maximum_scale, values.major_unit = low, high, step
    values.has_major_gridlines = False
    values.tick_labels.number_format, values.tick_labels.number_format_is_linked = form, False
    for axis in (values, months):
        axis.format.line.color.rgb = _rgb(palette.HAIRLINE)
    months.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    months.tick_labels.number_format = "mmm yyyy"
    months.tick_labels.number_format_is_linked = False
    base = months._element.find(qn("c:baseTimeUnit"))
    base.set("val", "months")
    for tag, found in (("c:majorTimeUnit", "months"), ("c:majorUnit", _MONTHS_A_LABEL)):
        element = OxmlElement(tag)
        element.set("val", found)
        base.addnext(element)


def _round_steps(low: float, high: float) -> tuple[float, float, float]:
    """About five round steps that cover a stretch: the step, the first and the last."""
    rough = (high - low) / 5
    unit = 10 ** math.floor(math.log10(rough))
    step = next(unit * size for size in (1, 2, 5, 10) if unit * size >= rough)
    return step, math.floor(low / step) * step, math.ceil(high / step) * step


def _mark_last(series: LineSeries, reading: Reading) -> None:
    known = [place for place, point in enumerate(reading.history) if point.value is not None]
    if not known:
        return
    status = reading.judgement.status
    marker = series.points[known[-1]].marker
    marker.style, marker.size = _MARKERS.get(status, XL_MARKER_STYLE.CIRCLE), 10
    marker.format.fill.solid()
    marker.format.fill.fore_color.rgb = _rgb(palette.STATUS_TONES[status])
    marker.format.line.color.rgb = _rgb(palette.STATUS_TONES[status])


def _describe(frame: GraphicFrame, said: str) -> None:
    """What those hear who do not see it."""
    frame._element.nvGraphicFramePr.cNvPr.set("descr", said)


def _fill(paragraph: _Paragraph, runs: Sequence[Run], *, size: float, font: str = SANS) -> None:
    for one in runs:
        run = paragraph.add_run()
        run.text = one.text
        run.font.size, run.font.name, run.font.bold = Pt(size), font, one.is_bold
        run.font.color.rgb = _rgb(one.tone)


def _underline(cell: _Cell, tone: palette.Tone) -> None:
    """A line below a cell, which the library has no word for."""
    line, fill, colour = map(OxmlElement, ("a:lnB", "a:solidFill", "a:srgbClr"))
    line.set("w", str(Pt(0.75)))
    colour.set("val", tone.light.lstrip("#"))
    fill.append(colour)
    line.append(fill)
    cell._tc.get_or_add_tcPr().append(line)


def _rgb(tone: palette.Tone) -> RGBColor:
    return RGBColor.from_string(tone.light.lstrip("#"))
