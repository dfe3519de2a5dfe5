"""What an estimate makes of a link: its evidence grade, and the reason. The bars are data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from scipy import stats

from kpi_engine.catalogue.links import Link
from kpi_engine.mapping.evidence import GRADE_WEIGHT
from kpi_engine.mapping.influence.checks import Checks
from kpi_engine.mapping.influence.config import GradingConfig
from kpi_engine.mapping.influence.estimate import DriverEffect
from kpi_engine.mapping.influence.record import FAILS, Predicts
from kpi_engine.terms import EvidenceGrade, LinkKind


class Finding(StrEnum):
    """What own data say of a link."""

    STRONG = "strong"
    """They go together, far more than chance would make them."""
    SEEN = "seen"
    """They go together more than chance would make them."""
    HINT = "hint"
    """They lean the expected way; chance could do that too."""
    NOT_SEEN = "not_seen"
    """No more than chance."""
    CONTRADICTED = "contradicted"
    """They go together the other way."""
    TOO_SHORT = "too_short"
    """Too few periods to say anything."""
    STILL = "still"
    """The driver hardly moved."""
    INSEPARABLE = "inseparable"
    """Another driver moves along so closely that nobody can tell whose effect it is."""
    ONE_PERIOD = "one_period"
    """Without a single period nothing would be seen."""
    BACKWARDS = "backwards"
    """The driver's next value explains the outcome: which moves which is in doubt."""
    DOES_NOT_PREDICT = "does_not_predict"
    """They go together, but forecasts come closer without it, or miss too often with it."""


_EARNS = {Finding.STRONG, Finding.SEEN}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a link may claim.

    Attributes:
        finding: What own data say.
        grade: In force: earned from own data, or as declared.
        is_counted: Whether its effect may stand in a sum or in money.
    """

    finding: Finding
    grade: EvidenceGrade
    is_counted: bool


def judge_effect(
    found: DriverEffect,
    checks: Checks,
    *,
    sign: int,
    periods: int,
    config: GradingConfig,
    fewest_periods: int,
) -> Finding:
    """What own data say of a link.

    Args:
        found: The estimate.
        checks: What was tested about it.
        sign: The direction expected, 1 or -1.
        periods: That the estimate rests on.
        config: The bars.
        fewest_periods: Without which nothing is said at this grain.
    """
    free = found.posterior.free
    if found.is_still:
        return Finding.STILL
    if periods < fewest_periods or free < config.fewest_free:
        return Finding.TOO_SHORT
    if _is_claim(found, config):
        return _claim(found, checks, is_expected=found.effect * sign > 0, config=config)
    if checks.inflation > config.inseparable:
        return Finding.INSEPARABLE
    is_hint = found.p <= config.hint_p and found.effect * sign > 0
    return Finding.HINT if is_hint else Finding.NOT_SEEN


def _is_claim(found: DriverEffect, config: GradingConfig) -> bool:
    low, high = found.wide
    return found.p <= config.claim_p and (low > 0 or high < 0)


def _claim(
    found: DriverEffect, checks: Checks, *, is_expected: bool, config: GradingConfig
) -> Finding:
    """What stands against a claim, the gravest first; otherwise how strong it is."""
    if found.p_without_one > config.lean_p:
        return Finding.ONE_PERIOD
    if checks.inflation > config.inseparable or checks.is_replaceable:
        return Finding.INSEPARABLE
    if checks.lead_p < config.lead_p:
        return Finding.BACKWARDS
    if not is_expected:
        return Finding.CONTRADICTED
    is_strong = found.p <= config.strong_p and found.posterior.free >= config.strong_free
    return Finding.STRONG if is_strong else Finding.SEEN


def strong_among_many(p_values: Sequence[float], *, config: GradingConfig) -> list[bool]:
    """Which of many links may be called strong, however many there are to be lucky among.

    At most ``strong_rate`` of those called so are expected to be so by chance (Benjamini &
    Hochberg 1995).
    """
    if not p_values:
        return []
    adjusted = stats.false_discovery_control(p_values)
    return [float(one) <= config.strong_rate for one in adjusted]


def held_to_forecasts(finding: Finding, predicts: Predicts) -> Finding:
    """What is left of a finding once its forecasts came true, or did not.

    Only a claim can fail: a link of which nothing is claimed has nothing to lose.
    """
    return Finding.DOES_NOT_PREDICT if finding in _EARNS and predicts in FAILS else finding


def verdict(
    finding: Finding,
    *,
    declared: EvidenceGrade,
    reachable: EvidenceGrade,
    is_overdue: bool,
) -> Verdict:
    """The grade in force.

    Own data raise a link to C at most (to what its author said can be reached), and contradict
    it. Without them it stays as declared, D at most, one grade weaker once its review is overdue.

    Args:
        finding: What own data say.
        declared: By whoever wrote the link.
        reachable: The best that own data could make of it, as its author said.
        is_overdue: Its review date has passed.
    """
    if finding is Finding.CONTRADICTED:
        return Verdict(finding=finding, grade=EvidenceGrade.CONTRADICTED, is_counted=False)
    if finding in _EARNS:
        earned = min(EvidenceGrade.C, reachable, key=lambda grade: GRADE_WEIGHT[grade])
        best = max(earned, declared, key=lambda grade: GRADE_WEIGHT[grade])
        return Verdict(finding=finding, grade=best, is_counted=earned is EvidenceGrade.C)
    grade = weaker(declared) if is_overdue else declared
    grade = min(grade, EvidenceGrade.D, key=lambda grade: GRADE_WEIGHT[grade])
    return Verdict(finding=finding, grade=grade, is_counted=False)


def grade_in_force(link: Link, today: date) -> EvidenceGrade:
    """The grade of a link that is counted or judged: as declared, until its review is overdue.

    Arithmetic does not age.
    """
    is_overdue = link.review_by < today and link.kind is not LinkKind.IDENTITY
    return weaker(link.grade) if is_overdue else link.grade


def weaker(grade: EvidenceGrade) -> EvidenceGrade:
    """One grade down: what was not looked at again in time is believed less."""
    order = [EvidenceGrade.A, EvidenceGrade.B, EvidenceGrade.C, EvidenceGrade.D, EvidenceGrade.E]
    if grade not in order:
        return grade
    return order[min(order.index(grade) + 1, len(order) - 1)]
