"""What can be asked of a measure: its periods, its dimensions and their members."""

from collections.abc import Mapping

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.errors import NotAnswerableError, UnknownNameError
from kpi_engine.services.completeness import arrivals
from kpi_engine.services.dwa import DWA
from kpi_engine.services.look import Look
from kpi_engine.store import reads
from kpi_engine.store.parts import RANKED, has_days
from kpi_engine.terms import Grain, Side
from kpi_engine.workspace import Workspace


def check_question(
    metric: Metric, *, by: str | None, grain: Grain, segment: Mapping[str, str]
) -> None:
    """Whether a metric can be asked for so.

    Raises:
        NotAnswerableError: It has no such periods.
        UnknownNameError: It has no such dimension.
    """
    for name in [*segment, *([by] if by else [])]:
        if name not in metric.dimensions:
            raise UnknownNameError(f"dimension of {metric.id}", name, metric.dimensions)
    if by in segment:
        raise NotAnswerableError(
            f"All of it is {segment[by or '']}, so there is nothing to slice by {by}.",
            hint="Slice by another dimension, or leave the filter out.",
        )
    if metric.id == DWA and grain is not Grain.MONTH:
        raise NotAnswerableError(
            f"{metric.label} is worked out by the month.", hint="Ask for months."
        )
    if grain is Grain.DAY and metric.measure.fold in RANKED:
        raise NotAnswerableError(
            f"{metric.label} is the middle of what happened in a week or more: of single days "
            "there are too few to rank.",
            hint="Ask for weeks or longer.",
        )
    if grain is Grain.DAY and not has_days(metric):
        raise NotAnswerableError(
            f"{metric.label} is counted per week.", hint="Ask for weeks or longer."
        )


def choices(ws: Workspace, metric: str, *, as_of: int | None = None) -> dict[str, tuple[str, ...]]:
    """Members of each dimension for which a metric has a value in any month.

    Raises:
        UnknownNameError: No such metric is declared.
    """
    declared = ws.catalogue.metric(metric)
    tick = ws.newest() if as_of is None else as_of
    with ws.reading() as connection:
        found = {
            name: reads.read_members(connection, metric=metric, dimension=name, as_of=tick)
            for name in declared.dimensions
        }
    return {name: members for name, members in found.items() if members}


def measures(ws: Workspace) -> tuple[Metric, ...]:
    """Metrics with data: outcomes in the order of the scorecard, other outcomes, IT, counts."""
    with ws.reading() as connection:
        look = Look(conn=connection, catalogue=ws.catalogue, as_of=ws.newest())
        there = arrivals(look)
    card = list(ws.catalogue.organisation.scorecard)
    sides = (Side.BUSINESS, Side.IT, Side.BASE)
    found = [metric for name, metric in ws.catalogue.metrics.items() if name in there]
    return tuple(
        sorted(
            found,
            key=lambda one: (
                sides.index(one.side),
                card.index(one.id) if one.id in card else len(card),
            ),
        )
    )
