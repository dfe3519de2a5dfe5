"""What would it take: in sentences."""

from kpi_engine.services.goal_seek import GoalSeek, Needed
from kpi_engine.terms import Reach
from kpi_engine.units import lower_first
from kpi_engine.words.reading import number_text
from kpi_engine.words.whatif import lever_text


def sentence(found: GoalSeek, *, currency: str) -> str:
    """What a driver would have to be for the outcome to reach its goal, or that it cannot.

    Important words are between ``**``.
    """
    label, goal = found.outcome.label, _number(found.goal, found, currency)
    small = lower_first(label)
    if found.reach is Reach.ALREADY:
        others = ", with the other measures as they are set," if found.settings else ""
        said = f"{label} is{others} at {goal} already."
        return f"{said} {_to_be_sure(found, currency)}".strip()
    lever = found.lever.label
    if found.likely.value is None:
        verdict = "is unlikely to" if _with_luck(found, currency) else "cannot"
        return f"**{lever} alone {verdict} bring {small} to {goal}.** {_at_best(found, currency)}"
    value, now = (_text(one, found, currency) for one in (found.likely.value, found.lever.now))
    others = " with the other measures as they are set" if found.settings else ""
    said = (
        f"To bring {small} to {goal}{others}: **{lower_first(lever)} about {value}** (now {now})."
    )
    parts = [said, _with_luck(found, currency), _to_be_sure(found, currency)]
    if found.reach is Reach.UNSEEN:
        parts.append(_never_seen(found, currency))
    return " ".join(part for part in parts if part)


def _with_luck(found: GoalSeek, currency: str) -> str:
    best = found.best
    if best.value is None or best.reach is Reach.ALREADY or _is_same(best, found.likely):
        return ""
    unseen = ", where it never was" if best.reach is Reach.UNSEEN else ""
    return f"With luck {_text(best.value, found, currency)} will do{unseen}."


def _to_be_sure(found: GoalSeek, currency: str) -> str:
    sure = found.sure
    if sure.reach is Reach.ALREADY:
        return "Nothing more has to change."
    if sure.value is None:
        return "Nothing that it can be makes that sure."
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
    return number_text(value, found.outcome.metric, currency=currency)


def _text(value: float, found: GoalSeek, currency: str) -> str:
    return lever_text(found.lever, value, currency=currency)
