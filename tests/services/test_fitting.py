"""Each problem is fitted once, and no problem is given the fit of another."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from kpi_engine.mapping.influence.background import periods_from
from kpi_engine.mapping.influence.fit import Fit
from kpi_engine.services.fitting import FitBook
from kpi_engine.services.problems import Problem
from kpi_engine.terms import Grain
from tests.services.tiny import open_workspace


def test_problems_of_other_drivers_or_periods_have_fits_of_their_own(tmp_path: Path) -> None:
    ws = open_workspace(tmp_path / "home")
    catalogue = ws.catalogue
    ws.close()
    one, other = catalogue.links_to("biz.revenue")[:2]
    rng = np.random.default_rng(1)
    periods = tuple(periods_from(date(2022, 1, 1), 48, Grain.MONTH))
    problem = Problem(
        catalogue=catalogue,
        metric=catalogue.metric("biz.revenue"),
        grain=Grain.MONTH,
        periods=periods,
        outcome=rng.standard_normal(48),
        cases=np.ones(48),
        controls=None,
        control_names=(),
        asked=(one,),
        drivers=(one,),
        series=(rng.standard_normal(48),),
    )
    fits = FitBook()
    found = fits.fit(problem)
    assert isinstance(found, Fit)
    assert fits.fit(replace(problem)) is found
    assert fits.fit(problem.before(date(2026, 1, 1))) is found, "all of it was over by then"
    assert fits.fit(problem.before(date(2025, 10, 1))) is not found
    assert fits.fit(replace(problem, asked=(other,), drivers=(other,))) is not found
