"""What would happen if: a simulated month in sentences."""

from kpi_engine.maths.intervals import Estimate
from kpi_engine.maths.status import kpi_status
from kpi_engine.services.levers import Lever
from kpi_engine.services.outcomes import Explanation
from kpi_engine.services.readings import Reading
from kpi_engine.services.whatif import Simulation
from kpi_engine.terms import Direction, Status
from kpi_engine.units import (
    format_effect,
    format_estimate,
    format_range,
    format_value,
    lower_first,
    money_words,
)
from kpi_engine.words.reading import joined, number_text

_WORTH_KNOWING = 0.05
"""Of the width of a range: what takes away less is not worth finding out first."""


def sentence(found: Simulation, *, currency: str) -> str:
    """Where the outcome would stand, what that is in orders or hours, and in money."""
    outcome = found.outcome
    if not found.parts:
        return "Nothing is changed yet: turn a measure to see what the outcome would be."
    after = number_text(found.after.mid, outcome.metric, currency=currency)
    low, high = (
        number_text(end, outcome.metric, currency=currency)
        for end in (found.after.low, found.after.high)
    )
    said = f"{outcome.label} would be about {after} (likely {low} to {high})"
    said = ", ".join(part for part in (said, _against_target(found, currency=currency)) if part)
    worth = _worth(found, currency=currency)
    return f"{said}. {worth}".strip()


def warnings(found: Simulation, *, currency: str) -> list[str]:
    """A sentence for each setting that lies outside anything seen, or within another."""
    said = [
        f"{lever.label}: {lever_text(lever, value, currency=currency)} was never seen. In the data "
        f"it went from {lever_text(lever, lever.seen[0], currency=currency)} to "
        f"{lever_text(lever, lever.seen[1], currency=currency)}; beyond that the effect is a guess."
        for part in found.parts
        if (lever := part.lever) in found.outside
        for value in (part.value,)
    ]
    return said + [
        f"{part.lever.label} is a part of {lower_first(part.within)}: its effect is held in that "
        "already, and is not added."
        for part in found.parts
        if part.within
    ]


def now_and_seen(levers: tuple[Lever, ...], *, currency: str) -> str:
    """Where every lever stands, and between what it was ever seen."""
    said = [
        f"{lever.label}: now {lever_text(lever, lever.now, currency=currency)}, seen "
        f"{lever_text(lever, lever.seen[0], currency=currency)} to "
        f"{lever_text(lever, lever.seen[1], currency=currency)}"
        for lever in levers
    ]
    if not said:
        return ""
    below = [lower_first(lever.label) for lever in levers if lever.reach[0] < lever.seen[0]]
    why = "what they do is counted, not estimated" if below[1:] else "it is counted, not estimated"
    less = [f"A value below those seen is no guess for {joined(below)}: {why}."] if below else []
    return " ".join([f"{'; '.join(said)}.", *less])


def narrows_most(found: Simulation, *, currency: str) -> str:
    """Which missing fact would narrow the range most, and how far (N14); empty without a range."""
    if not found.narrowings:
        return ""
    best = found.narrowings[0]
    if best.share < _WORTH_KNOWING:
        return "No single fact would narrow the range much: the doubt is spread over many."
    what = lower_first(best.label)
    then, now = (_range(one, found, currency=currency) for one in (best.then, best.now))
    tail = f"would narrow the range most: to {then}, from {now}."
    if best.assumption:
        return f"Knowing the {what} exactly {tail} {best.owner} answers for it."
    return f"Knowing the {what} exactly {tail} That takes more months of data."


def _range(of: Estimate, found: Simulation, *, currency: str) -> str:
    if of.low == of.high:
        return "a single number"
    if found.money:
        return format_range(of, currency=currency)
    metric = found.outcome.metric
    low, high = (
        format_effect(end, unit=metric.unit, decimals=metric.decimals, currency=currency)
        for end in (of.low, of.high)
    )
    return f"{low} to {high}"


def not_counted(found: Simulation) -> str:
    """Measures that are linked and cannot be turned; empty where all can."""
    if not found.not_counted:
        return ""
    *most, last = [lower_first(name) for name in dict.fromkeys(found.not_counted)]
    names = f"{', '.join(most)} and {last}" if most else last
    return f"Cannot be turned, because their effect is not known: {names}."


def lever_text(lever: Lever, value: float, *, currency: str) -> str:
    """A lever's setting with its unit."""
    return format_value(value, unit=lever.unit, decimals=lever.decimals, currency=currency)


def nothing_to_turn(explanation: Explanation) -> str:
    """Why there are no sliders: a month is still open, or no effect is known."""
    if explanation.outcome.is_open:
        return (
            "**Nothing can be turned before the month is complete.** What its IT measures did to "
            "it is worked out then."
        )
    return (
        "**Nothing can be turned here yet.** No linked measure has both a value this month and an "
        "effect that is known: counted from events, or seen in own data."
    )


def change_text(change: Estimate, outcome: Reading, *, currency: str) -> str:
    """A change of the outcome with its sign: "+0.36 pp"."""
    return format_effect(
        change.mid, unit=outcome.metric.unit, decimals=outcome.metric.decimals, currency=currency
    )


def _against_target(found: Simulation, *, currency: str) -> str:
    outcome, target = found.outcome, found.outcome.judgement.target
    if target is None or isinstance(target, tuple):
        return ""
    direction = outcome.metric.direction
    goal = number_text(target, outcome.metric, currency=currency)
    status = kpi_status(found.after.mid, target=target, red_line=None, direction=direction)
    was = outcome.judgement.status is Status.ON_TARGET
    if status is Status.ON_TARGET:
        return f"{'still' if was else 'then'} on its target of {goal}"
    side = "below" if direction is Direction.HIGHER_IS_BETTER else "above"
    return f"{'then' if was else 'still'} {side} its target of {goal}"


def _worth(found: Simulation, *, currency: str) -> str:
    parts = []
    counted = found.amount
    if counted is not None:
        noun, lost = counted
        is_gain = lost.mid < 0
        size = lost * -1.0 if is_gain else lost
        fewer = "lost" if not is_gain else "won back"
        parts.append(format_estimate(size, f"{noun} {fewer} a month"))
    if found.money is not None:
        words = money_words(found.money, currency=currency)
        parts.append(f"worth {words} (likely {format_range(found.money, currency=currency)})")
    if not parts:
        return "Nobody has said what that is worth in money."
    return f"That is {', '.join(parts)}."
