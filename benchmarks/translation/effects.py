"""Scenarios in which at least one driver does something."""

import numpy as np

from benchmarks.translation.scenarios import STANDARD, Draw, Driver, Kind, Scenarios
from benchmarks.translation.series import Floats, Maker

EFFECTS = Scenarios(Kind.EFFECT)


def moving(m: Maker, driver: Floats, errors: Floats, *, size: float = STANDARD) -> Draw:
    """One driver with a single lag beside errors of variance one."""
    lag = m.any_lag()
    outcome = size * m.felt(driver, lag) + errors
    sign = 1 if size > 0 else -1
    return Draw(outcome=outcome, drivers=(Driver(values=driver, effect=size, lag=lag, sign=sign),))


@EFFECTS.add("effect0", "standard effect, errors without memory")
def _among_forgetful(m: Maker) -> Draw:
    return moving(m, m.remembering(0.5), m.remembering(0))


@EFFECTS.add("effect0.6", "standard effect, errors 0.6", core=True)
def _among_remembering(m: Maker) -> Draw:
    return moving(m, m.remembering(0.5), m.remembering(0.6))


@EFFECTS.add("effect0.9", "standard effect, errors 0.9")
def _among_long_remembering(m: Maker) -> Draw:
    return moving(m, m.remembering(0.5), m.remembering(0.9))


@EFFECTS.add("opposite", "opposite to the declared sign, errors 0.6", core=True)
def _opposite(m: Maker) -> Draw:
    made = moving(m, m.remembering(0.5), m.remembering(0.6))
    (one,) = made.drivers
    turned = Driver(values=one.values, effect=one.effect, lag=one.lag, sign=-1)
    return Draw(outcome=made.outcome, drivers=(turned,))


@EFFECTS.add("fading", "effect that fades over periods, 1.3 as large", core=True)
def _fading(m: Maker) -> Draw:
    driver, size = m.remembering(0.5), 1.3 * STANDARD
    outcome = size * m.felt(driver, 0, fading=True) + m.remembering(0.5)
    return Draw(outcome=outcome, drivers=(Driver(values=driver, effect=size, lag=0),))


@EFFECTS.add("three", "three drivers that move along, one idle", core=True)
def _three(m: Maker) -> Draw:
    common = 0.4 * m.remembering(0.5)
    series = [0.8 * m.remembering(0.5) + common for _ in range(3)]
    lags = [m.any_lag(), m.any_lag()]
    sizes = [STANDARD, -STANDARD]
    outcome = m.remembering(0.5)
    for size, driver, lag in zip(sizes, series, lags, strict=False):
        outcome = outcome + size * m.felt(driver, lag)
    return Draw(
        outcome=outcome,
        drivers=(
            Driver(values=series[0], effect=sizes[0], lag=lags[0], name="first"),
            Driver(values=series[1], effect=sizes[1], lag=lags[1], sign=-1, name="second"),
            Driver(values=series[2], name="idle"),
        ),
    )


@EFFECTS.add("twins", "two drivers 0.9 correlated, one idle")
def _twins(m: Maker) -> Draw:
    common = np.sqrt(0.9) * m.remembering(0.5)
    real, idle = (common + np.sqrt(0.1) * m.remembering(0.5) for _ in range(2))
    lag = m.any_lag()
    outcome = STANDARD * m.felt(real, lag) + m.remembering(0.5)
    return Draw(
        outcome=outcome,
        drivers=(
            Driver(values=real, effect=STANDARD, lag=lag, name="real"),
            Driver(values=idle, name="idle"),
        ),
    )


@EFFECTS.add("effect-late", "standard effect, driver known no earlier than the outcome")
def _late(m: Maker) -> Draw:
    made = moving(m, m.remembering(0.5), m.remembering(0.6))
    (one,) = made.drivers
    late = Driver(values=m.without_past(one.values), effect=one.effect, lag=one.lag)
    return Draw(outcome=made.outcome, drivers=(late,))


@EFFECTS.add("uptime", "skewed driver, like hours down")
def _uptime(m: Maker) -> Draw:
    return moving(m, m.skewed(), m.remembering(0.5), size=-STANDARD)


@EFFECTS.add("effect-spikes", "standard effect, outliers and gaps in the outcome")
def _spikes(m: Maker) -> Draw:
    made = moving(m, m.remembering(0.5), m.remembering(0.5))
    return Draw(outcome=m.spoiled(made.outcome), drivers=made.drivers)


@EFFECTS.add("effect-dirty", "standard effect, the driver misread as well", kind=Kind.APART)
def _dirty(m: Maker) -> Draw:
    made = moving(m, m.remembering(0.5), m.remembering(0.5))
    (one,) = made.drivers
    # The driver's odd values are errors of measurement: the outcome did not feel them.
    spoiled = Driver(values=m.spoiled(one.values), effect=one.effect, lag=one.lag)
    return Draw(outcome=m.spoiled(made.outcome), drivers=(spoiled,))


@EFFECTS.add("effect-trend", "standard effect under a shared smooth trend and season")
def _under_trend(m: Maker) -> Draw:
    shared = m.smooth() + m.season()
    return moving(m, m.remembering(0.5) + shared, m.remembering(0.5) + shared)


@EFFECTS.add("effect-shift", "standard effect, the outcome's level jumps once")
def _with_shift(m: Maker) -> Draw:
    return moving(m, m.remembering(0.5), m.remembering(0.5) + m.shift())


@EFFECTS.add("effect-uneven", "standard effect, errors grow with the driver's distance")
def _uneven(m: Maker) -> Draw:
    driver = m.remembering(0.5)
    return moving(m, driver, m.remembering(0.3) * np.sqrt(0.25 + driver**2) / np.sqrt(1.25))


@EFFECTS.add("effect-tails", "standard effect, heavy tails")
def _tails(m: Maker) -> Draw:
    return moving(m, m.heavy_tailed(0.5), m.heavy_tailed(0.5))


@EFFECTS.add("effect-odds", "effect on the odds of a share of 25 to 80 cases")
def _odds(m: Maker) -> Draw:
    driver, lag, size = m.remembering(0.5), m.any_lag(), 0.5
    outcome = m.shares(1.5 + size * m.felt(driver, lag) + 0.3 * m.remembering(0.6))
    one = Driver(values=driver, effect=size, lag=lag)
    return Draw(outcome=outcome, drivers=(one,), scale="logit")


@EFFECTS.add("effect-counts", "a count with many zeros moves the outcome")
def _counts(m: Maker) -> Draw:
    driver = m.counts()
    return moving(m, driver / driver.std(), m.remembering(0.5))


@EFFECTS.add("effect-jumps", "standard effect of a driver with a few jumps")
def _jumps(m: Maker) -> Draw:
    return moving(m, m.jumping(), m.remembering(0.5))


@EFFECTS.add("effect-hole", "standard effect, a tenth of the outcome missing")
def _hole(m: Maker) -> Draw:
    made = moving(m, m.remembering(0.5), m.remembering(0.5))
    return Draw(outcome=m.with_hole(made.outcome), drivers=made.drivers)


@EFFECTS.add("effect-unreported", "standard effect, bad outcomes unreported", kind=Kind.APART)
def _unreported(m: Maker) -> Draw:
    made = moving(m, m.remembering(0.5), m.remembering(0.5))
    return Draw(outcome=m.without_bad(made.outcome), drivers=made.drivers)
