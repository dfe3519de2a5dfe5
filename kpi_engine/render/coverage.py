"""Which months of which measures are complete: a table that also reads without colour."""

from dataclasses import dataclass

from kpi_engine.periods import month_label
from kpi_engine.render.addresses import catalogue_address
from kpi_engine.render.blocks import environment, styles
from kpi_engine.services.coverage_grid import Cell
from kpi_engine.services.health import Health
from kpi_engine.words.health import CELLS


@dataclass(frozen=True, kw_only=True)
class CoverageCell:
    """One month of a measure; ``said`` in full what its letter and colour say."""

    state: Cell
    letter: str
    said: str


@dataclass(frozen=True, kw_only=True)
class CoverageRow:
    """One measure; ``href`` leads to what it means."""

    label: str
    href: str
    cells: tuple[CoverageCell, ...]


def coverage_html(health: Health, *, alt: str) -> str:
    """One row a measure, one column a month, with its styles.

    Args:
        health: The months, oldest first.
        alt: The whole in a few sentences.
    """
    return (
        environment()
        .get_template("coverage.html.j2")
        .render(
            styles=styles("coverage"),
            alt=alt,
            months=[(f"{month:%b}", month_label(month)) for month in health.months],
            rows=[
                CoverageRow(
                    label=metric.label,
                    href=catalogue_address(metric.metric),
                    cells=tuple(
                        CoverageCell(
                            state=cell,
                            letter=CELLS[cell].letter,
                            said=f"{CELLS[cell].word}, {month_label(month)}",
                        )
                        for month, cell in zip(health.months, metric.cells, strict=True)
                    ),
                )
                for metric in health.metrics
            ],
        )
    )
