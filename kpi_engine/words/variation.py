"""A month against its history, in words: the verdict, what sets it apart, what to do about it."""

from collections.abc import Mapping

from kpi_engine.maths.variation import IN_A_ROW, VariationVerdict
from kpi_engine.terms import Assurance, Grain, SpecialCause, Status, Variation
from kpi_engine.words.reading import joined

VARIATION: Mapping[Variation, tuple[str, str]] = {
    Variation.USUAL: ("usual variation", "usual variation"),
    Variation.BETTER: ("better than usual", "better for {run} {periods}"),
    Variation.WORSE: ("worse than usual", "worse for {run} {periods}"),
    Variation.UNUSUAL: ("unusual", "unusual for {run} {periods}"),
    Variation.NOT_JUDGED: ("too little history", "too little history"),
}
"""What is said of a month, and of one that has been set apart for seven or more."""

CAUSES: Mapping[SpecialCause, tuple[str, str]] = {
    SpecialCause.OUTSIDE: ("above its usual range", "below its usual range"),
    SpecialCause.TREND: (
        f"part of a rise over {IN_A_ROW} or more {{periods}} in a row",
        f"part of a fall over {IN_A_ROW} or more {{periods}} in a row",
    ),
    SpecialCause.NEAR_LIMIT: (
        "one of 2 in 3 {periods} near the upper end of its usual range",
        "one of 2 in 3 {periods} near the lower end of its usual range",
    ),
    SpecialCause.SHIFT: (
        f"one of {IN_A_ROW} or more {{periods}} in a row above its mean",
        f"one of {IN_A_ROW} or more {{periods}} in a row below its mean",
    ),
}
"""What sets a month apart, upwards and downwards."""

ASSURANCE: Mapping[Assurance, tuple[str, str]] = {
    Assurance.MET: ("always met", "As it is, it meets its target in every usual {period}."),
    Assurance.MISSED: (
        "always missed",
        "As it is, it misses its target in every usual {period}: only a change in how the work is "
        "done can meet it.",
    ),
    Assurance.HIT_AND_MISS: (
        "hit and miss",
        "As it is, it meets its target in some usual {periods} and misses it in others, by chance.",
    ),
    Assurance.NOT_JUDGED: ("", ""),
}
"""Whether the target lies within the usual range: beside the target, and as a sentence."""

INSTRUCTION: Mapping[tuple[bool, bool], str] = {
    (True, False): "On target and as usual: leave it alone.",
    (True, True): "On target but not as usual: find out what changed.",
    (False, False): (
        "Misses its target within its usual variation: change how the work is done; no single "
        "{period} has a cause to be found."
    ),
    (False, True): "Misses its target and is not as usual: look for what happened.",
}
"""What to do, by whether the target is met and whether the variation is special."""

BUT_BETTER = "Misses its target but is better than usual: find out what changed, and go on with it."
_PERIODS: Mapping[Grain, tuple[str, str]] = {
    Grain.QUARTER: ("quarter", "quarters"),
    Grain.YEAR: ("year", "years"),
}

_LASTING = 2
"""From so many periods on, a signal has a length."""


def verdict_text(verdict: VariationVerdict, *, cadence: Grain = Grain.MONTH) -> str:
    """A verdict as it stands under a change: "worse than usual", "worse for 9 months"."""
    once, sustained = VARIATION[verdict.variation]
    said = sustained if verdict.run >= IN_A_ROW else once
    trial = ", on trial" if verdict.is_trial else ""
    return said.format(run=verdict.run, periods=periods_of(cadence)[1]) + trial


def lasting_text(verdict: VariationVerdict, *, cadence: Grain = Grain.MONTH) -> str:
    """A verdict with its length, without a verb: "worse than usual for 4 months"."""
    said = verdict_text(verdict, cadence=cadence)
    if verdict.run < _LASTING or verdict.run >= IN_A_ROW:
        return said
    return f"{said} for {verdict.run} {periods_of(cadence)[1]}"


def causes_text(verdict: VariationVerdict, *, cadence: Grain = Grain.MONTH) -> str:
    """What sets the newest value apart: "below its usual range"; empty for usual variation."""
    place = 0 if verdict.way > 0 else 1
    said = [CAUSES[cause][place] for cause in verdict.causes]
    return joined(said).format(periods=periods_of(cadence)[1]) if said else ""


def assurance_word(found: Assurance) -> str:
    """Beside the target: "hit and miss"; empty when nothing can be said."""
    return ASSURANCE[found][0]


def assurance_sentence(found: Assurance, *, cadence: Grain = Grain.MONTH) -> str:
    """Whether the target will be met if all goes on; empty when nothing can be said."""
    period, periods = periods_of(cadence)
    return ASSURANCE[found][1].format(period=period, periods=periods)


def instruction(status: Status, verdict: VariationVerdict, *, cadence: Grain = Grain.MONTH) -> str:
    """What to do about a month, one of four; empty where status or variation is not judged."""
    is_known = status in (Status.ON_TARGET, Status.NEAR_TARGET, Status.OFF_TARGET)
    if not is_known or verdict.variation is Variation.NOT_JUDGED or verdict.is_trial:
        return ""
    is_met = status is Status.ON_TARGET
    if not is_met and is_signal(verdict) and verdict.variation is Variation.BETTER:
        return BUT_BETTER
    said = INSTRUCTION[is_met, is_signal(verdict)]
    return said.format(period=periods_of(cadence)[0])


def periods_of(cadence: Grain) -> tuple[str, str]:
    """What one value of a measure stands for, one and several: "month", "months"."""
    return _PERIODS.get(cadence, ("month", "months"))


def is_signal(verdict: VariationVerdict) -> bool:
    """Whether a change is news: usual variation is none, nor is what limits on trial say."""
    return verdict.is_signal
