"""Goals, outcomes and IT measures as boxes that lead on, and the lines between them."""

from dataclasses import dataclass
from datetime import date

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.periods import month_label
from kpi_engine.render.addresses import catalogue_address, outcome_address, rows_address
from kpi_engine.render.blocks import environment, styles
from kpi_engine.render.link_lines import LINK_LOOKS
from kpi_engine.render.map_layout import (
    BOX_HEIGHT,
    COLUMNS,
    HEADINGS_Y,
    MEASURES,
    WIDTH,
    Box,
    Column,
    Curve,
    MapTexts,
    Note,
    laid_out,
)
from kpi_engine.services.map import LinkMap
from kpi_engine.services.readings import Reading
from kpi_engine.terms import Side, Status
from kpi_engine.words.judgement import STATUS


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A box or a text beside one; ``left`` and ``width`` in per cent, ``y`` in pixels.

    Attributes:
        kind: Its classes.
        href: Where a click on it leads; empty for what leads nowhere.
        title: Its text in full, and where it leads.
        status: None where nothing is judged; ``word`` says the same.
    """

    kind: str
    left: float
    width: float
    y: float
    text: str
    title: str
    href: str = ""
    status: Status | None = None
    word: str = ""


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A line as an SVG path; ``weight`` 0 to 2 is its width."""

    path: str
    weight: int
    dash: str = ""
    kind: str = "goal"


def map_html(found: LinkMap, texts: MapTexts, *, alt: str, leads_to_rows: bool = False) -> str:
    """The map of a month with its styles, a row for each link.

    Args:
        found: What stands on it.
        texts: What is written on it.
        alt: The whole in a few sentences.
        leads_to_rows: Whether a measure leads to the rows behind its number; else, and without a
            number, to its definition.
    """
    layout = laid_out(found, texts)
    outcomes = {*found.organisation.scorecard, *(one.reading.metric.id for one in found.outcomes)}

    def placed(one: Box | Note) -> Placed:
        if isinstance(one, Note):
            kind = f"note {one.column.name.split()[0].lower()}"
            return _placed(one.column, one.y, kind, one.text.removesuffix("."), title=one.text)
        href, where = _way(one.of, found.month, outcomes, leads_to_rows=leads_to_rows)
        status = one.of.judgement.status if isinstance(one.of, Reading) else None
        word = STATUS[status].word if status else ""
        kind = "gap" if one.is_gap else "repeat" if one.is_repeat else "ground"
        said = ". ".join(part for part in (one.label, word, where) if part)
        return _placed(
            one.column, one.y, f"box {kind}", one.label, title=said, href=href, status=status
        )

    return (
        environment()
        .get_template("map.html.j2")
        .render(
            styles=styles("map"),
            alt=alt,
            width=f"{WIDTH:g}",
            height=f"{layout.height:g}",
            box_height=f"{BOX_HEIGHT:g}",
            headings=[_placed(one, HEADINGS_Y, "heading", _heading(one, found)) for one in COLUMNS],
            curves=[_drawn(curve) for curve in layout.curves],
            placed=[placed(one) for one in layout.placed],
        )
    )


def _placed(
    column: Column,
    y: float,
    kind: str,
    text: str,
    *,
    title: str = "",
    href: str = "",
    status: Status | None = None,
) -> Placed:
    return Placed(
        kind=kind,
        left=round(100 * column.left / WIDTH, 3),
        width=round(100 * column.width / WIDTH, 3),
        y=y,
        text=text,
        title=title,
        href=href,
        status=status,
        word=STATUS[status].word if status else "",
    )


def _heading(column: Column, found: LinkMap) -> str:
    """A column's name; an outcome that moves another stands among the IT measures."""
    has_outcomes = any(one.reading.metric.side is Side.BUSINESS for one in found.links)
    return f"{column.name} or outcome" if column is MEASURES and has_outcomes else column.name


def _way(
    of: Reading | Metric | None, month: date, outcomes: set[str], *, leads_to_rows: bool
) -> tuple[str, str]:
    """Where a box leads, as an address and in words; an outcome that drives another to its page."""
    if of is None:
        return "", ""
    metric = of.metric if isinstance(of, Reading) else of
    if metric.id in outcomes:
        return outcome_address(metric.id, month), f"Opens {month_label(month)}"
    rows = rows_address(of) if isinstance(of, Reading) and leads_to_rows else ""
    if rows:
        return rows, "Opens the rows behind its number"
    return catalogue_address(metric.id), "Opens what it means"


def _drawn(curve: Curve) -> Drawn:
    """A cubic whose control points stand at thirds: a smooth step from one height to the other."""
    (x, y), (end, to) = curve.start, curve.end
    third = (end - x) / 3
    path = f"M{x:g} {y:g}C{x + third:g} {y:g} {end - third:g} {to:g} {end:g} {to:g}"
    if curve.grade is None:
        return Drawn(path=path, weight=curve.weight)
    look = LINK_LOOKS[curve.grade]
    kind = "link dim" if look.is_dim else "link"
    return Drawn(path=path, weight=curve.weight, dash=look.dash, kind=kind)
