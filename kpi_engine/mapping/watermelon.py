"""IT on target while the business is not, and the reverse (N2): where the two sides disagree."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kpi_engine.mapping.evidence import GRADE_WEIGHT, strongest
from kpi_engine.maths.status import SCORE_AT_TARGET
from kpi_engine.terms import EvidenceGrade, Status, Variation
from kpi_engine.units import lower_first

MONTHS_LOOKED_AT = 3
MONTHS_ON_TARGET = 2
"""On target in so many of the months looked at counts as on target."""

_SHORTFALL_UNSCORED = 0.5
"""Shortfall of an outcome that is worse than usual but carries no score."""


class Disagreement(StrEnum):
    """How IT and business disagree."""

    ALL_DRIVERS_ON_TARGET = "all_drivers_on_target"
    MAIN_DRIVER_ON_TARGET = "main_driver_on_target"
    DRIVERS_OFF_TARGET = "drivers_off_target"
    """The reverse: IT misses its targets and the business does not notice."""


@dataclass(frozen=True, kw_only=True)
class DriverRecord:
    """A linked IT measure's last months against its target.

    Attributes:
        statuses: Up to three months, oldest first, this one last.
        allows: What its target would let through: "99.5 % allows 223 minutes of downtime a
            month"; empty when that cannot be said.
        has_helped: It moved the outcome the good way this month, so it is not to blame.
        name: The measure alone, without its segment; short enough for a tag.
    """

    label: str
    grade: EvidenceGrade
    statuses: Sequence[Status]
    allows: str = ""
    has_helped: bool = False
    name: str = ""

    @property
    def is_judged(self) -> bool:
        """Whether this month was held against a target."""
        return bool(self.statuses) and self.statuses[-1] in _JUDGED

    @property
    def is_silent(self) -> bool:
        """Whether this month has no data: a missing number is neither fine nor at fault."""
        return bool(self.statuses) and self.statuses[-1] is Status.NO_DATA

    @property
    def is_on_target(self) -> bool:
        """On target this month and in at least two of the last three."""
        return _lastingly(self.statuses, Status.ON_TARGET)

    @property
    def is_off_target(self) -> bool:
        """Off target this month and in at least two of the last three."""
        return _lastingly(self.statuses, Status.OFF_TARGET)


@dataclass(frozen=True, kw_only=True)
class OutcomeRecord:
    """An outcome's month.

    Attributes:
        target: As printed, "97.5 %"; empty when there is none.
        score: 0 to 10, 6.7 at the target; None when not judged.
    """

    metric: str
    label: str
    status: Status
    variation: Variation
    target: str
    score: float | None


@dataclass(frozen=True, kw_only=True)
class Watermelon:
    """One outcome on which IT and business disagree.

    Attributes:
        rank: Shortfall of the outcome (0 to 1) x weight of the best evidence; larger first. The
            reverse ranks below all others.
        sentence: What the disagreement means, in one sentence.
        missing: Linked IT measures without data this month; they say nothing either way.
        driver: The one measure that is on target while others are not; empty otherwise.
    """

    metric: str
    disagreement: Disagreement
    rank: float
    sentence: str
    missing: int = 0
    driver: str = ""


_JUDGED = (Status.ON_TARGET, Status.NEAR_TARGET, Status.OFF_TARGET)


def watermelon(outcome: OutcomeRecord, drivers: Sequence[DriverRecord]) -> Watermelon | None:
    """Whether IT and business disagree about an outcome, and how.

    Args:
        outcome: The outcome's month.
        drivers: Its linked IT measures in catalogue order; the first is the main one.

    Returns:
        None when they agree, or when no driver is held against a target this month.
    """
    judged = [driver for driver in drivers if driver.is_judged]
    disagreement = _disagreement(outcome, drivers, judged)
    if disagreement is None:
        return None
    missing = sum(driver.is_silent for driver in drivers)
    weight = GRADE_WEIGHT[strongest(driver.grade for driver in judged) or EvidenceGrade.E]
    return Watermelon(
        metric=outcome.metric,
        disagreement=disagreement,
        rank=_shortfall(outcome) * weight,
        sentence=_sentence(outcome, judged, disagreement, missing=missing),
        missing=missing,
        driver=drivers[0].name if disagreement is Disagreement.MAIN_DRIVER_ON_TARGET else "",
    )


def ranked(found: Iterable[Watermelon]) -> tuple[Watermelon, ...]:
    """The worst first: shortfall x evidence, then the outcome's id so that order never wavers."""
    return tuple(sorted(found, key=lambda one: (-one.rank, one.metric)))


def _disagreement(
    outcome: OutcomeRecord, drivers: Sequence[DriverRecord], judged: Sequence[DriverRecord]
) -> Disagreement | None:
    if not judged:
        return None
    is_off = outcome.status is Status.OFF_TARGET
    is_worse = outcome.variation is Variation.WORSE
    if (is_off or is_worse) and all(driver.is_on_target for driver in judged):
        return Disagreement.ALL_DRIVERS_ON_TARGET
    if is_off and drivers[0].is_on_target and not drivers[0].has_helped:
        return Disagreement.MAIN_DRIVER_ON_TARGET
    is_fine = outcome.status is Status.ON_TARGET and not is_worse
    if is_fine and all(driver.is_off_target for driver in judged):
        return Disagreement.DRIVERS_OFF_TARGET
    return None


def _shortfall(outcome: OutcomeRecord) -> float:
    """How far below its target the outcome is on the score scale: 0 at the target, 1 at worst."""
    if outcome.status is Status.ON_TARGET:
        return 0.0
    if outcome.score is None:
        worse = outcome.variation is Variation.WORSE or outcome.status is Status.OFF_TARGET
        return _SHORTFALL_UNSCORED if worse else 0.0
    return max(0.0, SCORE_AT_TARGET - outcome.score) / SCORE_AT_TARGET


def _sentence(
    outcome: OutcomeRecord,
    judged: Sequence[DriverRecord],
    disagreement: Disagreement,
    *,
    missing: int,
) -> str:
    if disagreement is Disagreement.DRIVERS_OFF_TARGET:
        return (
            f"{_targets(judged)} missed, yet the outcome is on target: the IT target may be "
            "stricter than the business needs, or the link is wrong."
        )
    if disagreement is Disagreement.MAIN_DRIVER_ON_TARGET:
        return _malower_first(judged[0], outcome)
    what = "off target" if outcome.status is Status.OFF_TARGET else "worse than usual"
    return (
        f"{_fine(len(judged), missing)}, yet the outcome is {what}: what moves it is not being "
        "measured yet."
    )


def _fine(count: int, missing: int) -> str:
    """How many measures are on target, and how many cannot say."""
    if missing == 0:
        return {
            1: "The only linked IT measure is on target",
            2: "Both linked IT measures are on target",
        }.get(count, f"All {count} linked IT measures are on target")
    has_none = "one has none" if missing == 1 else f"{missing} have none"
    fine = {
        1: "The only linked IT measure that has data this month is on target",
        2: "Both linked IT measures that have data this month are on target",
    }.get(count, f"All {count} linked IT measures that have data this month are on target")
    return f"{fine} ({has_none})"


def _malower_first(main: DriverRecord, outcome: OutcomeRecord) -> str:
    if main.allows and outcome.target:
        target = f"{lower_first(outcome.label)} target of {outcome.target}"
        return f"{main.allows}, too much for a {target}."
    return f"The target for {lower_first(main.label)} is met, yet the outcome is off target."


def _targets(drivers: Sequence[DriverRecord]) -> str:
    *most, last = [lower_first(driver.label) for driver in drivers]
    if not most:
        return f"The target for {last} is"
    return f"The targets for {', '.join(most)} and {last} are"


def _lastingly(statuses: Sequence[Status], wanted: Status) -> bool:
    recent = statuses[-MONTHS_LOOKED_AT:]
    months = sum(status is wanted for status in recent)
    return months >= MONTHS_ON_TARGET and recent[-1] is wanted
