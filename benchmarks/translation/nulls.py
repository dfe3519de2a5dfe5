"""Scenarios in which no driver does anything, however much it looks like it."""

import numpy as np

from benchmarks.translation.scenarios import Draw, Driver, Kind, Scenarios
from benchmarks.translation.series import Floats, Maker
from kpi_engine.mapping.influence.scales import ScaleName

NULLS = Scenarios(Kind.NULL)


def nothing(
    outcome: Floats, driver: Floats, *, controls: Floats | None = None, scale: ScaleName = "plain"
) -> Draw:
    """An outcome and a driver that does nothing to it."""
    return Draw(outcome=outcome, drivers=(Driver(values=driver),), controls=controls, scale=scale)


@NULLS.add("ar0", "independent, no memory")
def _forgetful(m: Maker) -> Draw:
    return nothing(m.remembering(0), m.remembering(0))


@NULLS.add("ar0.6", "independent, autocorrelation 0.6", core=True)
def _remembering(m: Maker) -> Draw:
    return nothing(m.remembering(0.6), m.remembering(0.6))


@NULLS.add("ar0.9", "independent, autocorrelation 0.9")
def _long_remembering(m: Maker) -> Draw:
    return nothing(m.remembering(0.9), m.remembering(0.9))


@NULLS.add("walks", "independent random walks", core=True)
def _walks(m: Maker) -> Draw:
    return nothing(m.walk(), m.walk())


@NULLS.add("walk-noise", "random walks seen through noise")
def _noisy_walks(m: Maker) -> Draw:
    one, other = (0.5 * m.walk() + m.remembering(0) for _ in range(2))
    return nothing(one, other)


@NULLS.add("cycles", "independent drifting cycles")
def _cycles(m: Maker) -> Draw:
    return nothing(m.cycle(), m.cycle())


@NULLS.add("trend", "shared straight trend", core=True)
def _trend(m: Maker) -> Draw:
    side = m.rng.choice([-1, 1])
    return nothing(m.remembering(0.5) + 4 * m.at, m.remembering(0.5) + side * 4 * m.at)


@NULLS.add("smooth", "shared smooth trend", core=True)
def _smooth(m: Maker) -> Draw:
    shared = m.smooth()
    return nothing(m.remembering(0.5) + shared, m.remembering(0.5) + shared)


@NULLS.add("season", "shared season", core=True)
def _season(m: Maker) -> Draw:
    shared = m.season()
    return nothing(m.remembering(0.5) + shared, m.remembering(0.5) + shared)


@NULLS.add("adoption", "shared adoption curve", core=True)
def _adoption(m: Maker) -> Draw:
    shared = m.adoption()
    return nothing(m.remembering(0.5) + shared, m.remembering(0.5) + shared)


@NULLS.add("dirty", "outliers and gaps in both", core=True)
def _dirty(m: Maker) -> Draw:
    return nothing(m.spoiled(m.remembering(0.5)), m.spoiled(m.remembering(0.5)))


@NULLS.add("control", "something moves both, given as control", core=True)
def _control(m: Maker) -> Draw:
    common = m.remembering(0.6)
    outcome, driver = m.remembering(0.5) + common, m.remembering(0.5) + common
    return nothing(outcome, driver, controls=common[:, None])


@NULLS.add("feedback", "the outcome moves the driver", core=True)
def _feedback(m: Maker) -> Draw:
    outcome = m.remembering(0.5) * np.sqrt(4 / 3)
    before = np.concatenate([[0.0], outcome[:-1]])
    driver = 0.5 * before + m.rng.standard_normal(m.length)
    for place in range(1, m.length):
        driver[place] += 0.3 * driver[place - 1]
    return nothing(outcome, driver)


@NULLS.add("hidden", "something moves both, not told", core=True, kind=Kind.APART)
def _hidden(m: Maker) -> Draw:
    common = 0.8 * m.remembering(0.6)
    return nothing(m.remembering(0.5) + common, m.remembering(0.5) + common)


@NULLS.add("idle", "three drivers that do nothing")
def _idle(m: Maker) -> Draw:
    common = 0.4 * m.remembering(0.5)
    drivers = [0.8 * m.remembering(0.5) + common for _ in range(3)]
    return Draw(
        outcome=m.remembering(0.6),
        drivers=tuple(
            Driver(values=one, name=name)
            for one, name in zip(drivers, ("first", "second", "third"), strict=True)
        ),
    )


@NULLS.add("late", "autocorrelation 0.6, driver known no earlier than the outcome")
def _late(m: Maker) -> Draw:
    return nothing(m.remembering(0.6), m.without_past(m.remembering(0.6)))


@NULLS.add("shifts", "each level jumps once, at its own time")
def _shifts(m: Maker) -> Draw:
    return nothing(m.remembering(0.5) + m.shift(), m.remembering(0.5) + m.shift())


@NULLS.add("shared-shift", "both levels jump at the same time by chance", kind=Kind.APART)
def _shared_shift(m: Maker) -> Draw:
    at = m.rng.uniform(0.2, 0.8)
    return nothing(m.remembering(0.5) + m.shift(at=at), m.remembering(0.5) + m.shift(at=at))


@NULLS.add("uneven", "errors grow with the driver's distance")
def _uneven(m: Maker) -> Draw:
    driver = m.remembering(0.5)
    return nothing(m.remembering(0.3) * np.sqrt(0.25 + driver**2), driver)


@NULLS.add("louder", "both three times as loud at the end")
def _louder(m: Maker) -> Draw:
    size = 1 + 2 * np.clip(m.at, 0, 1)
    return nothing(m.remembering(0.5) * size, m.remembering(0.5) * size)


@NULLS.add("tails", "heavy tails (t with 3 degrees of freedom) in both")
def _tails(m: Maker) -> Draw:
    return nothing(m.heavy_tailed(0.5), m.heavy_tailed(0.5))


@NULLS.add("shares", "a share of 25 to 80 cases, plain scale")
def _few_cases(m: Maker) -> Draw:
    return nothing(m.shares(2.5 + 0.5 * m.remembering(0.6)), m.remembering(0.5))


@NULLS.add("shares-odds", "the same by its odds")
def _few_cases_by_odds(m: Maker) -> Draw:
    outcome = m.shares(2.5 + 0.5 * m.remembering(0.6))
    return nothing(outcome, m.remembering(0.5), scale="logit")


@NULLS.add("counts", "counts with many zeros in both")
def _counts(m: Maker) -> Draw:
    return nothing(m.counts(), m.counts())


@NULLS.add("jumps", "a driver that stands still but for a few jumps")
def _jumps(m: Maker) -> Draw:
    return nothing(m.remembering(0.5), m.jumping())


@NULLS.add("hole", "a tenth of the outcome missing in one stretch")
def _hole(m: Maker) -> Draw:
    return nothing(m.with_hole(m.remembering(0.6)), m.remembering(0.6))


@NULLS.add("unreported", "bad values of both often unreported")
def _unreported(m: Maker) -> Draw:
    return nothing(m.without_bad(m.remembering(0.5)), m.without_bad(m.remembering(0.5)))
