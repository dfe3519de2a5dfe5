"""Why did this one move? The outcome page's sentences."""

from kpi_engine.maths.comparison import share_explained
from kpi_engine.maths.variation import BASELINE_POINTS
from kpi_engine.periods import month_label
from kpi_engine.services.outcomes import Explanation
from kpi_engine.services.readings import Reading
from kpi_engine.terms import Direction, Grain, Status, Variation
from kpi_engine.units import NO_CHANGE, format_count, format_effect, format_share, lower_first
from kpi_engine.words.drivers import OTHER_CAUSES, driver_line, remainder_text, usual_text
from kpi_engine.words.extents import length_sentence
from kpi_engine.words.judgement import UNCERTAIN
from kpi_engine.words.open_month import NOT_EXPLAINED, so_far_sentence
from kpi_engine.words.reading import (
    distance_text,
    has_changed,
    joined,
    number_text,
    previous_label,
    restated_before_sentence,
    stretch_sentence,
    target_sentence,
    value_text,
)
from kpi_engine.words.variation import (
    assurance_sentence,
    causes_text,
    instruction,
    is_signal,
    lasting_text,
    periods_of,
)

STILL_WORKED_OUT = "What IT did to it is still being worked out: costs and shares are not complete."
_TOO_LITTLE = "with too little history to say whether that is unusual"
THE_MONTH, METHOD = "The month", "How this is worked out"
"""The two sides of an outcome's page."""
TREND_TITLE = "Two years, with target and usual range"
BEHIND = "IT measures behind this outcome"
HAPPENED = "What happened"


def headline(explanation: Explanation, *, currency: str = "$") -> str:
    """What the outcome did this month, and whether that is news."""
    outcome = explanation.outcome
    if outcome.value is None:
        return f"There is no data on {lower_first(outcome.label)} for {month_label(outcome.month)}."
    if outcome.is_open:
        return so_far_sentence(outcome, currency=currency)
    moved = movement_clause(outcome, currency=currency)
    if outcome.verdict.run > 1 and is_signal(outcome.verdict):
        return (
            f"{moved}; it has been {lasting_text(outcome.verdict, cadence=outcome.metric.cadence)}."
        )
    return f"{moved}, {_beside_history(outcome)}."


def _beside_history(outcome: Reading) -> str:
    """Where the value lies beside those before it: a verdict is one on the level, not the step."""
    verdict, cadence = outcome.verdict, outcome.metric.cadence
    if verdict.variation is Variation.USUAL:
        return "within its usual variation"
    if verdict.is_trial and verdict.causes:
        return f"{causes_text(verdict, cadence=cadence)}, though that rests on few values yet"
    return causes_text(verdict, cadence=cadence) if is_signal(verdict) else _TOO_LITTLE


def movement_clause(outcome: Reading, *, currency: str = "$") -> str:
    """What a reading did, without a verdict: "Checkout success fell 0.6 pp to 96.2 %"."""
    now = value_text(outcome, currency=currency)
    if outcome.change is None:
        return f"{outcome.label} came to {now}"
    if not has_changed(outcome):
        return f"{outcome.label} stayed at {now}"
    way = "rose" if outcome.change > 0 else "fell"
    size = distance_text(outcome.change, outcome.metric, currency=currency)
    return f"{outcome.label} {way} {size} to {now}"


def status_sentences(explanation: Explanation, *, currency: str = "$") -> str:
    """Target, usual range and meaning, to stand behind the status badge."""
    outcome = explanation.outcome
    said = [target_sentence(outcome, currency=currency)]
    said += [stretch] if (stretch := stretch_sentence(outcome, currency=currency)) else []
    if outcome.judgement.is_uncertain:
        said.append(f"Given its number of cases the value is {UNCERTAIN}.")
    if outcome.judgement.is_placeholder:
        said.append("Nobody has agreed this target yet.")
    if outcome.is_open:
        said.append(_coverage(outcome))
    if lengths := length_sentence(outcome):
        said.append(lengths)
    if outcome.usual_range is not None:
        low = number_text(outcome.usual_range.low, outcome.metric, currency=currency)
        high = number_text(outcome.usual_range.high, outcome.metric, currency=currency)
        said.append(f"Usual range {low} to {high}{_rests_on(outcome)}.")
    said += _against_history(outcome)
    said += [restated] if (restated := restated_before_sentence(outcome, currency=currency)) else []
    said.append(outcome.metric.sentence)
    return " ".join(said)


def has_story(explanation: Explanation) -> bool:
    """Whether there is a change to explain, or links whose shares cancel each other out."""
    counted = any(driver.contribution.effect for driver in explanation.drivers)
    return counted or has_changed(explanation.outcome)


def movement_title(explanation: Explanation) -> str:
    """Between which months the movement lies."""
    outcome = explanation.outcome
    now = month_label(outcome.shown_month, short=True)
    return f"What changed between {previous_label(outcome)} and {now}"


def no_movement_text(explanation: Explanation) -> str:
    """Why there is no chart of the movement; empty where there is one."""
    if explanation.outcome.is_open:
        return NOT_EXPLAINED
    if explanation.outcome.value is None:
        return "There is no value of this month yet to compare."
    if explanation.movement is None:
        return "There is no earlier value to compare this month with."
    if not has_story(explanation):
        return "No change that would show in the figures, so there is nothing to explain."
    return ""


def movement_caption(explanation: Explanation) -> str:
    """How the chart of the movement is read."""
    said = "Each bar is a share of the change; thin lines: its 90 % range."
    capped = [d.reading.label for d in explanation.drivers if d.contribution.is_capped]
    if capped:
        many = joined(lower_first(name) for name in capped)
        said += f" Cut where the change ends: what {many} came to by itself is more."
    if not explanation.usual:
        return f"{said} The grey bar is what the linked measures cannot explain."
    return (
        f"{said} Time of year and trend did what they do every year; the measures are held against "
        f"what is left. {OTHER_CAUSES.partition(',')[0]}: what nothing here explains."
    )


def mix_sentences(explanation: Explanation, *, currency: str = "$") -> list[str]:
    """What the segments did, a sentence a dimension; the alarming ones first.

    "Every channel rose, and yet the whole fell: more of it came from channels with a lower value
    (own changes +0.10 pp, shift between them −0.30 pp)."
    """
    metric, movement = explanation.outcome.metric, explanation.movement
    said = []
    for one in sorted(explanation.mix, key=lambda one: not one.is_reversed):
        own, shift = (
            format_effect(
                part, unit=metric.unit, decimals=metric.decimals, currency=currency
            ).replace(NO_CHANGE, "nothing")
            for part in (one.own, one.shift)
        )
        if one.is_reversed and movement:
            each, whole = ("rose", "fell") if movement < 0 else ("fell", "rose")
            level = "lower" if movement < 0 else "higher"
            said.append(
                f"Every {one.dimension} {each}, and yet the whole {whole}: more of it came from "
                f"where the value is {level} (own changes {own}, shift between them {shift})."
            )
        else:
            said.append(
                f"By {one.dimension}: own changes {own}, shift between the {one.members} {shift}."
            )
    return said


def explained_share(explanation: Explanation) -> str:
    """How much of the change the links account for: "88 %"; empty when that means nothing."""
    effects = [d.contribution.effect for d in explanation.drivers if d.contribution.effect]
    share = share_explained(sum(e.mid for e in effects), explanation.away)
    if not effects or share is None or share < 0 or not has_changed(explanation.outcome):
        return ""
    return format_share(min(1.0, share))


def beyond_target(explanation: Explanation) -> str:
    """That what IT cost is more than what is missing to the target; empty where it is not.

    "97 orders are missing to the target. What is counted here comes to 105: without it the target
    would be met."
    """
    outcome = explanation.outcome
    target, cases = outcome.judgement.target, outcome.denominator
    lost = [
        (one.amount_unit.removeprefix("lost "), one.amount.mid)
        for one in (driver.contribution for driver in explanation.drivers)
        if one.amount is not None and one.amount.low > 0 and not one.same_as
    ]
    is_missed = outcome.judgement.status in (Status.OFF_TARGET, Status.NEAR_TARGET)
    is_higher_good = outcome.metric.direction is Direction.HIGHER_IS_BETTER
    if not (is_missed and is_higher_good and lost and cases) or isinstance(target, tuple):
        return ""
    if target is None or outcome.value is None or len({noun for noun, _ in lost}) > 1:
        return ""
    missing = (target - outcome.value) * cases / outcome.metric.measure.scale
    cost = sum(amount for _, amount in lost)
    if missing <= 0 or round(cost) <= round(missing):
        return ""
    return (
        f"{format_count(round(missing))} {lost[0][0]} are missing to the target. What is counted "
        f"here comes to {format_count(round(cost))}: without it the target would be met."
    )


def explained_of(explanation: Explanation, *, currency: str = "$") -> str:
    """Of which part of the change the share is, where time of year and trend are taken off it."""
    away, metric = explanation.away, explanation.outcome.metric
    taken_off = usual_text(explanation, currency=currency)
    if away is None or not taken_off or not explained_share(explanation):
        return ""
    said = format_effect(away, unit=metric.unit, decimals=metric.decimals, currency=currency)
    return f"of {said}, time of year taken off"


def trend_alt(reading: Reading, *, currency: str = "$") -> str:
    """The trend chart in one sentence, for those who do not see it."""
    shown = [point for point in reading.history if point.value is not None]
    outside = sum(bool(point.causes) for point in shown)
    if not shown:
        return f"{reading.label}: no data in the months shown."
    first, last = shown[0], shown[-1]
    start = number_text(first.value, reading.metric, currency=currency)
    end = number_text(last.value, reading.metric, currency=currency)
    return (
        f"{reading.label} from {start} in {month_label(first.month)} to {end} in "
        f"{month_label(last.month)}. {target_sentence(reading, currency=currency)} "
        f"{outside} of {len(shown)} months not as usual."
    )


def movement_alt(explanation: Explanation, *, currency: str = "$") -> str:
    """The movement chart in one sentence, for those who do not see it."""
    outcome = explanation.outcome
    if explanation.movement is None:
        return f"The change of {lower_first(outcome.label)} is not known."
    before = number_text(outcome.previous, outcome.metric, currency=currency)
    now = month_label(outcome.shown_month, short=True)
    lines = [
        f"{driver.reading.label} {driver_line(driver, outcome.metric, currency=currency).share}"
        for driver in explanation.drivers
        if driver.contribution.effect
    ]
    if usual := usual_text(explanation, currency=currency):
        lines.append(f"time of year and trend {usual}")
    rest = remainder_text(explanation, currency=currency)
    parts = [*lines, f"other causes {rest}"] if rest else lines
    return (
        f"{outcome.label} went from {before} in {previous_label(outcome)} to "
        f"{value_text(outcome, currency=currency)} in {now}"
        f"{': ' if parts else ''}{', '.join(parts)}."
    )


def instruction_text(explanation: Explanation) -> str:
    """What to do about the month, in a few words; empty where it cannot be judged."""
    outcome = explanation.outcome
    return instruction(outcome.judgement.status, outcome.verdict, cadence=outcome.metric.cadence)


def _against_history(outcome: Reading) -> list[str]:
    """What sets the month apart, what its target can expect, and since when it is another."""
    cadence = outcome.metric.cadence
    said = []
    if causes := causes_text(outcome.verdict, cadence=cadence):
        said.append(f"This {periods_of(cadence)[0]} is {causes}.")
    said.append(assurance_sentence(outcome.assurance, cadence=cadence))
    said += [
        f"New baseline from {month_label(one.valid_from)}: {one.because.rstrip('.')} (agreed by "
        f"{one.agreed_by.business} and {one.agreed_by.it})."
        for one in outcome.baselines
    ]
    return [one for one in said if one]


def _rests_on(outcome: Reading) -> str:
    if outcome.usual_months is None or outcome.usual_range is None:
        return ""
    first, last = (month_label(month, short=True) for month in outcome.usual_months)
    if outcome.usual_range.is_trial:
        known, periods = outcome.usual_range.points, periods_of(outcome.metric.cadence)[1]
        return (
            f", on trial: it rests on {known} {periods}, and moves until they are {BASELINE_POINTS}"
        )
    return f", as it was from {first} to {last}"


def _coverage(outcome: Reading) -> str:
    fresh = outcome.freshness
    month = month_label(outcome.shown_month)
    span = f"the quarter to {month}" if outcome.metric.cadence is Grain.QUARTER else month
    if fresh.days_covered is None:
        return f"{span[:1].upper()}{span[1:]} is not complete."
    return f"Provisional: {fresh.days_covered} of {fresh.days_due} days of {span} have data."
