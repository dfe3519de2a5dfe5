"""Which scenarios are run by which grain, over how many periods."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from benchmarks.translation.effects import EFFECTS
from benchmarks.translation.nulls import NULLS
from benchmarks.translation.scenarios import Draw, Scenario
from benchmarks.translation.series import LONGEST_LAG, PAST, Maker
from kpi_engine.mapping.influence.background import Floats, periods_from
from kpi_engine.mapping.influence.scales import on_scale
from kpi_engine.terms import Grain

_COUNTS = {Grain.MONTH: (24, 36, 60), Grain.WEEK: (156,), Grain.DAY: (365, 730, 1095)}
_OTHERS = {True: 60, False: 36}
"""Months over which a scenario that is not core is run: with an effect, and without."""
_FIRST = date(2021, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One scenario over so many periods."""

    scenario: Scenario
    grain: Grain
    count: int

    @property
    def key(self) -> str:
        return f"{self.scenario.name} {self.count} {self.grain.value}s"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One draw as the product meets it: on the outcome's scale, what is not known is NaN."""

    draw: Draw
    grain: Grain
    periods: tuple[date, ...]
    outcome: Floats
    drivers: tuple[Floats, ...]
    controls: Floats | None


def every_cell() -> Iterator[Cell]:
    """The whole benchmark: by month first, then by week, then by day."""
    for grain, counts in _COUNTS.items():
        for scenario in (*NULLS, *EFFECTS):
            for count in counts:
                others = _OTHERS[scenario in EFFECTS.every]
                if scenario.is_core or (grain is Grain.MONTH and count == others):
                    yield Cell(scenario=scenario, grain=grain, count=count)


CELLS = {cell.key: cell for cell in every_cell()}


def problem(cell: Cell, draw: int) -> Problem:
    """The series of one draw; the same number always gives the same."""
    seed = [draw, cell.count, *cell.scenario.name.encode()]
    maker = Maker(rng=np.random.default_rng(seed), count=cell.count, grain=cell.grain)
    made = cell.scenario.make(maker)
    before = LONGEST_LAG[cell.grain]
    shown = slice(PAST - before, None)
    outcome = on_scale(made.outcome, made.scale)[shown].copy()
    outcome[:before] = np.nan
    return Problem(
        draw=made,
        grain=cell.grain,
        periods=tuple(periods_from(_FIRST, cell.count + before, cell.grain)),
        outcome=outcome,
        drivers=tuple(one.values[shown] for one in made.drivers),
        controls=None if made.controls is None else made.controls[shown],
    )
