"""Outcomes that a driver has nothing to do with: if it "moves" them too, its link proves little."""

import numpy as np

from kpi_engine.mapping.influence.background import Floats
from kpi_engine.mapping.influence.config import GradingConfig
from kpi_engine.mapping.influence.scales import on_scale
from kpi_engine.services.problems import Problem
from kpi_engine.services.series import wanted
from kpi_engine.services.tracks import TrackBook

_MOST_PLACEBOS = 4


def unrelated(
    problem: Problem, place: int, *, book: TrackBook, grading: GradingConfig
) -> dict[str, Floats]:
    """Outcomes that nobody says a driver moves, on their scale, one value a period of the problem.

    Outcomes of the same goal are no test: they move each other.

    Args:
        problem: The driver's.
        place: Of the driver.
        book: Of tracks.
        grading: Says how many periods are the fewest.
    """
    link, catalogue = problem.drivers[place], book.look.catalogue
    linked = {one.outcome for one in catalogue.links_from(link.driver)} | {problem.metric.id}
    found: dict[str, Floats] = {}
    for name in catalogue.organisation.scorecard:
        metric = catalogue.metric(name)
        is_near = name in linked or metric.goal == problem.metric.goal
        if is_near or len(found) == _MOST_PLACEBOS:
            continue
        track = book.track(wanted(name), problem.grain)
        values = on_scale(track.on(problem.periods), metric.moves)
        if np.count_nonzero(~np.isnan(values)) >= grading.fewest_periods[problem.grain]:
            found[name] = values
    return found
