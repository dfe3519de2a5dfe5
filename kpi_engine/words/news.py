"""Which outcome is news, and which needs attention: the order of things said.

A placeholder target, a provisional month or a change inside the usual range is never news.
"""

from kpi_engine.maths.variation import IN_A_ROW
from kpi_engine.services.outcomes import Explanation
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.terms import Direction, Status, Variation
from kpi_engine.words.judgement import STATUS
from kpi_engine.words.reading import has_changed
from kpi_engine.words.variation import is_signal


def headline_row(scorecard: Scorecard) -> Explanation | None:
    """The outcome the headline names: the worst signal, else the best; None without any."""
    signals = [row for row in fit_to_lead(scorecard) if is_signal(row.outcome.verdict)]
    return min(signals, key=_news_value) if signals else None


def fit_to_lead(scorecard: Scorecard) -> list[Explanation]:
    """Rows with a complete month, a value and a target that somebody agreed."""
    return [
        row
        for row in scorecard.rows
        if row.outcome.value is not None
        and row.outcome.freshness.is_complete
        and not row.outcome.judgement.is_placeholder
    ]


def _news_value(row: Explanation) -> tuple[int, int, int, float, float]:
    """Smaller leads: worse first, then off target, then what costs most, then what is lowest."""
    outcome, money = row.outcome, row.money
    return (
        {Variation.WORSE: 0, Variation.UNUSUAL: 1}.get(outcome.verdict.variation, 2),
        STATUS[outcome.judgement.status].attention,
        0 if moved_as_signalled(row) else 1,
        min(0.0, money.mid) if money else 0.0,
        10.0 if outcome.judgement.score is None else outcome.judgement.score,
    )


def moved_as_signalled(row: Explanation) -> bool:
    """Whether this month's change goes the way the signal does and is not an old shift."""
    outcome = row.outcome
    if outcome.change is None or not has_changed(outcome) or outcome.verdict.run >= IN_A_ROW:
        return False
    is_up = outcome.change > 0
    if outcome.verdict.variation is Variation.UNUSUAL:
        return True
    is_good = is_up is (outcome.metric.direction is Direction.HIGHER_IS_BETTER)
    return is_good is (outcome.verdict.variation is Variation.BETTER)


def by_attention(scorecard: Scorecard) -> tuple[Explanation, ...]:
    """The rows, those that need attention first: status, then signals, then the lowest score."""
    return tuple(sorted(scorecard.rows, key=_attention))


def misses_target(row: Explanation) -> bool:
    """Whether an outcome is off its target or near it."""
    return row.outcome.judgement.status in (Status.OFF_TARGET, Status.NEAR_TARGET)


def needs_attention(row: Explanation) -> bool:
    """Whether an outcome misses its target or is not as usual."""
    return misses_target(row) or is_signal(row.outcome.verdict)


def _attention(row: Explanation) -> tuple[int, int, float]:
    outcome = row.outcome
    is_worse = outcome.verdict.variation is Variation.WORSE
    score = outcome.judgement.score
    return (
        STATUS[outcome.judgement.status].attention,
        0 if is_worse else 1,
        10.0 if score is None else score,
    )
