"""What would it take: in sentences."""

import math

from kpi_engine.periods import month_label
from kpi_engine.services.goal_seek import GoalSeek, Needed
from kpi_engine.terms import Reach
from kpi_engine.units import format_value, lower_first
from kpi_engine.words.whatif import lever_text

_SET = 1e-6
"""Relative; settings that differ less are the same."""


def reached(found: GoalSeek, *, currency: str) -> str:
    """That the goal is reached as everything is set, the same for every driver; else empty."""
    if not found.is_reached:
        return ""
    at, low, high, goal = (
        _number(one, found, currency)
        for one in (found.as_set.mid, found.as_set.low, found.as_set.high, found.goal)
    )
    is_set = found.settings or _is_turned(found)
    where = f"would be at {at} with the measures as they are set" if is_set else f"is at {at}"
    doubt = "Nothing more has to change." if found.is_sure else f"Likely it is {low} to {high}."
    return f"{found.outcome.label} {where}: {goal} is reached already. {doubt}"


def sentence(found: GoalSeek, *, currency: str) -> str:
    """What a driver would have to be for the outcome to reach its goal, or that it cannot.

    Important words are between ``**``. Empty where :func:`reached` says all there is to say.
    """
    goal, small = _number(found.goal, found, currency), lower_first(found.outcome.label)
    if found.reach is Reach.ALREADY:
        return f"{_without_it(found, currency)} {_to_be_sure(found, currency)}".strip()
    lever = found.lever.label
    if found.likely.value is None:
        verdict = "is unlikely to" if _with_luck(found, currency) else "cannot"
        return f"**{lever} alone {verdict} bring {small} to {goal}.** {_at_best(found, currency)}"
    if found.is_reached and math.isclose(found.set_to, found.likely.value, rel_tol=_SET):
        return ""  # it is set so already
    value = _text(found.likely.value, found, currency)
    others = " with the other measures as they are set" if found.settings else ""
    said = (
        f"To bring {small} to {goal}{others}: **{lower_first(lever)} about {value}** "
        f"({_standing(found, currency)})."
    )
    parts = [said, _with_luck(found, currency), _to_be_sure(found, currency)]
    if found.reach is Reach.UNSEEN:
        parts.append(_never_seen(found, currency))
    return " ".join(part for part in parts if part)


def _is_turned(found: GoalSeek) -> bool:
    return found.set_to != found.lever.now


def _standing(found: GoalSeek, currency: str) -> str:
    """Where the driver was in its month, and where it is set."""
    now = _text(found.lever.now, found, currency)
    if not _is_turned(found):
        return f"now {now}"
    return f"set to {_text(found.set_to, found, currency)}, in {_month(found)} {now}"


def _without_it(found: GoalSeek, currency: str) -> str:
    """That a driver which is turned need not be; empty for one that is not."""
    if not _is_turned(found):
        return ""
    lever, now = lower_first(found.lever.label), _text(found.lever.now, found, currency)
    at, goal = (_number(one, found, currency) for one in (found.before.mid, found.goal))
    said = f"With {lever} at {now}, as in {_month(found)}, {lower_first(found.outcome.label)}"
    return f"{said} would be at {at}: {goal} is reached without turning it."


def _month(found: GoalSeek) -> str:
    return month_label(found.outcome.shown_month)


def _with_luck(found: GoalSeek, currency: str) -> str:
    best = found.best
    if best.value is None or best.reach is Reach.ALREADY or _is_same(best, found.likely):
        return ""
    unseen = ", where it never was" if best.reach is Reach.UNSEEN else ""
    return f"With luck {_text(best.value, found, currency)} will do{unseen}."


def _to_be_sure(found: GoalSeek, currency: str) -> str:
    sure = found.sure
    if sure.reach is Reach.ALREADY:
        return ""
    if sure.value is None:
        what = lower_first(found.lever.label) if found.reach is Reach.ALREADY else "it"
        return f"Nothing that {what} can be makes that sure."
    if _is_same(sure, found.likely) and found.reach is not Reach.ALREADY:
        return ""
    unseen = ", where it never was" if sure.reach is Reach.UNSEEN else ""
    what = f"{lower_first(found.lever.label)} of " if found.reach is Reach.ALREADY else ""
    return f"To be sure it takes {what}{_text(sure.value, found, currency)}{unseen}."


def _never_seen(found: GoalSeek, currency: str) -> str:
    low, high = (_text(end, found, currency) for end in found.lever.seen)
    return (
        f"That was never seen: in the data it went from {low} to {high}. Beyond that the effect "
        "is a guess."
    )


def _at_best(found: GoalSeek, currency: str) -> str:
    """How far it comes with the best that was seen; empty where turning it does no good."""
    if found.edge is None or found.at_edge is None:
        return "Turning it makes nothing better."
    low, mid, high = (
        _number(end, found, currency)
        for end in (found.at_edge.low, found.at_edge.mid, found.at_edge.high)
    )
    setting = _text(found.edge, found, currency)
    luck = _with_luck(found, currency)
    said = f"With {setting} it would be about {mid} (likely {low} to {high})."
    return f"{said} {luck}".strip()


def _is_same(one: Needed, other: Needed) -> bool:
    return one.value is not None and one.value == other.value


def _number(value: float, found: GoalSeek, currency: str) -> str:
    """With as many digits as tell it from the goal."""
    metric, bounds = found.outcome.metric, [found.goal]
    return format_value(
        value, unit=metric.unit, decimals=metric.decimals, currency=currency, bounds=bounds
    )


def _text(value: float, found: GoalSeek, currency: str) -> str:
    return lever_text(found.lever, value, currency=currency)
