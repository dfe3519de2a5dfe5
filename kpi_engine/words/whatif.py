"""What would happen if: a simulated month in sentences."""

from kpi_engine.catalogue.models import Assumption
from kpi_engine.maths.intervals import Estimate
from kpi_engine.maths.status import kpi_status
from kpi_engine.services.levers import Lever
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
from kpi_engine.words.reading import number_text


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
    """A sentence for each setting that lies outside anything seen."""
    return [
        f"{lever.label}: {lever_text(lever, value, currency=currency)} was never seen. In the data "
        f"it went from {lever_text(lever, lever.seen[0], currency=currency)} to "
        f"{lever_text(lever, lever.seen[1], currency=currency)}; beyond that the effect is a guess."
        for part in found.parts
        if (lever := part.lever) in found.outside
        for value in (part.value,)
    ]


def now_and_seen(levers: tuple[Lever, ...], *, currency: str) -> str:
    """Where every lever stands, and between what it was ever seen."""
    said = [
        f"{lever.label}: now {lever_text(lever, lever.now, currency=currency)}, seen "
        f"{lever_text(lever, lever.seen[0], currency=currency)} to "
        f"{lever_text(lever, lever.seen[1], currency=currency)}"
        for lever in levers
    ]
    return "; ".join(said) + "." if said else ""


def narrows_most(found: Simulation) -> str:
    """What would make the range narrower than anything else (N14); empty where there is none."""
    if not found.swings:
        return ""
    widest = found.swings[0]
    share = widest.width / max(sum(one.width for one in found.swings), 1e-300)
    how_much = "Most" if share > 0.5 else "The largest part"
    what = lower_first(widest.label)
    cure = (
        "knowing it better would narrow the range most"
        if widest.assumption
        else "more months of data would narrow the range most"
    )
    return f"{how_much} of the doubt is in the {what}: {cure}."


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


def change_text(change: Estimate, outcome: Reading, *, currency: str) -> str:
    """A change of the outcome with its sign: "+0.36 pp"."""
    return format_effect(
        change.mid, unit=outcome.metric.unit, decimals=outcome.metric.decimals, currency=currency
    )


def swing_source(assumption: Assumption | None) -> str:
    """Where an unknown of the tornado comes from."""
    return f"assumed, {assumption.owner}" if assumption else "own data"


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
