"""What a step of a driver does, when it is felt and how that is known: one wording for all pages.

"per 0.1 pp of service availability: +0.09 pp of checkout success (0.06 to 0.13), felt the same
day".
"""

import re
from dataclasses import dataclass

from kpi_engine.catalogue.links import Prior
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.mapping.contribution import Contribution
from kpi_engine.mapping.evidence import GRADE_WEIGHT
from kpi_engine.mapping.influence.grading import Finding
from kpi_engine.maths.intervals import Estimate
from kpi_engine.periods import month_label
from kpi_engine.services.influence import NO_EVIDENCE
from kpi_engine.services.per_step import PerStep
from kpi_engine.terms import EvidenceGrade, Grain, LinkKind
from kpi_engine.units import (
    MINUS,
    NO_CHANGE,
    THIN,
    format_change,
    format_step,
    lower_first,
    telling_decimals,
)
from kpi_engine.words.drivers import BEING_WORKED_OUT, FINDING_WORDS
from kpi_engine.words.judgement import EVIDENCE
from kpi_engine.words.lag import felt_after
from kpi_engine.words.reading import day_text

NO_CLEAR_EFFECT = "no clear effect"
COUNTED = "counted from events"
ARITHMETIC = "arithmetic"
MOVES_NOTHING = "counts work done, moves nothing by itself"
_USED = "All other figures use own data alone."
THEY_DISAGREE = "They disagree, so they are not mixed."
_UNIT_IN_LABEL = re.compile(r"^(minutes|hours|days) of ", re.IGNORECASE)
_TELLING = (Finding.STRONG, Finding.SEEN, Finding.CONTRADICTED)
"""Findings whose lag was found, not only declared."""


@dataclass(frozen=True, kw_only=True)
class Sides:
    """What was agreed, what own data say, and both together.

    Attributes:
        when: Whether it was agreed before data could be looked at, or else when; a label.
        together: Empty where the two lie too far apart to be mixed.
    """

    when: str
    agreed: str
    data: str
    together: str


def step_text(per: PerStep, *, currency: str = "$") -> str:
    """The step: "0.1 pp", "10 min"; "1 more" of what has no unit."""
    text = format_step(per.step, unit=per.unit, currency=currency)
    return text if THIN in text or text.startswith(currency) else f"{text} more"


def effect_text(effect: Estimate, outcome: Metric, *, currency: str = "$") -> str:
    """An effect with its range: "+0.09 pp (0.06 to 0.13)".

    Across zero the words come first: "no clear effect (−0.19 to +0.13 h)".
    """
    digits = telling_decimals(effect, unit=outcome.unit, decimals=outcome.decimals)
    low, mid, high = (
        format_change(end, unit=outcome.unit, decimals=digits, currency=currency).replace(
            NO_CHANGE, "0"
        )
        for end in (effect.low, effect.mid, effect.high)
    )
    if effect.spans_zero:
        return f"{NO_CLEAR_EFFECT} ({_number(low)} to {high})"
    return mid if effect.low == effect.high else f"{mid} ({_ends(low, high)})"


def range_only(effect: Estimate, outcome: Metric, *, currency: str = "$") -> str:
    """The ends of an effect, with their unit: "−0.30 and −0.22 pp"."""
    digits = telling_decimals(effect, unit=outcome.unit, decimals=outcome.decimals)
    low, high = (
        format_change(end, unit=outcome.unit, decimals=digits, currency=currency)
        for end in (effect.low, effect.high)
    )
    return f"{_number(low)} and {high}"


def per_step_text(per: PerStep, *, currency: str = "$") -> str:
    """Step and effect, where driver and outcome are named beside it.

    What is stepped is named only where it is not the driver: "per 10 min of downtime: −0.04 pp".
    """
    effect = effect_text(per.effect, per.outcome.metric, currency=currency)
    if per.is_driver:
        return f"per {step_text(per, currency=currency)}: {effect}"
    what, _, _where = _step_of(per, currency).partition(", ")
    return f"per {what}: {effect}"


def influence_sentence(per: PerStep, found: Contribution, *, currency: str = "$") -> str:
    """Step, driver, effect, outcome and delay in one, without a full stop.

    Where not even the direction is certain, nothing is said of when it is felt.
    """
    effect = effect_text(per.effect, per.outcome.metric, currency=currency)
    size, bracket, ends = effect.partition(" (")
    outcome = lower_first(per.outcome.label)
    start = f"per {_step_of(per, currency)}: {size}"
    if per.effect.spans_zero:
        return f"{start} on {outcome}{bracket}{ends}"
    return f"{start} of {outcome}{bracket}{ends}, felt {_clause(felt_text(found))}"


def felt_text(found: Contribution) -> str:
    """When the outcome feels the driver: as own data show it, else as it was declared."""
    return found_lag(found) or felt_after(found.link.lag_days)


def found_lag(found: Contribution) -> str:
    """The delay that own data show, "same day", "2 weeks"; empty where they show none."""
    influence = found.influence
    if influence is None or influence.estimate is None or influence.model is None:
        return ""
    if influence.verdict.finding not in _TELLING:
        return ""
    return _lag(influence.estimate.lag, influence.model.grain)


def own_data_text(found: Contribution, per: PerStep | None, *, currency: str = "$") -> str:
    """What own data say of a link: its effect where they earned it one, else why there is none."""
    influence = found.influence
    if influence is None:
        if found.link.sign == 0:
            return MOVES_NOTHING
        if per is not None:
            return per_step_text(per, currency=currency)
        return ARITHMETIC if found.link.kind is LinkKind.IDENTITY else COUNTED
    if influence.is_pending:
        return BEING_WORKED_OUT
    if influence.verdict.is_counted and per is not None:
        return per_step_text(per, currency=currency)
    return FINDING_WORDS[influence.verdict.finding]


def sides(found: Contribution, per: PerStep | None, *, currency: str = "$") -> Sides | None:
    """What was agreed and what own data say side by side; None without one of the two."""
    both_sides = found.influence.prior if found.influence else None
    if both_sides is None or per is None:
        return None
    outcome, both = per.outcome.metric, both_sides.both
    return Sides(
        when=agreed_label(found),
        agreed=effect_text(both_sides.prior, outcome, currency=currency),
        data=effect_text(both_sides.data, outcome, currency=currency),
        together=effect_text(both, outcome, currency=currency) if both else "",
    )


def prior_text(found: Contribution, per: PerStep | None, *, currency: str = "$") -> str:
    """What was agreed, beside the data and both together; empty without one."""
    prior = found.link.prior
    if prior is None or found.influence is None:
        return ""
    said = sides(found, per, currency=currency)
    if said is None:
        return f"{agreed_when(prior)}; there are no data yet to hold it against."
    together = f"Together: {said.together}. {_USED}" if said.together else THEY_DISAGREE
    when = f"{agreed_when(prior)}{_known_then(found)}"
    return f"{when}: {said.agreed}. Own data: {said.data}. {together}"


def agreed_label(found: Contribution) -> str:
    """Whether an effect was agreed before or after the data that the estimate rests on, or when."""
    prior, model = found.link.prior, found.influence.model if found.influence else None
    if prior is None or model is None or prior.agreed_on < model.first:
        return "Agreed before"
    if prior.agreed_on > model.last:
        return "Agreed (after data)"
    return f"Agreed {month_label(prior.agreed_on, short=True)}"


def _known_then(found: Contribution) -> str:
    """Since when own data were there to look at when an effect was agreed; empty if none were."""
    prior, model = found.link.prior, found.influence.model if found.influence else None
    if prior is None or model is None or prior.agreed_on < model.first:
        return ""
    return f", when own data since {month_label(model.first)} could be known"


def agreed_when(prior: Prior) -> str:
    """When an effect was agreed, and where it comes from."""
    return f"Agreed on {day_text(prior.agreed_on)} ({prior.source})"


def disagrees(found: Contribution) -> bool:
    """Whether what was agreed before and what own data say lie too far apart to be mixed."""
    influence = found.influence
    return influence is not None and influence.prior is not None and influence.prior.disagree


def why_grade(found: Contribution) -> str:
    """Why a link has the grade in force: what own data did to the declared one, and its reason."""
    declared, reason = found.link.grade, found.grade_reason
    finding = found.influence.verdict.finding if found.influence else None
    if finding is Finding.DOES_NOT_PREDICT:
        return f"{NO_EVIDENCE[finding]} Declared {EVIDENCE[declared]}: {lower_first(reason)}"
    if found.grade is declared:
        return reason
    was = f"Declared {EVIDENCE[declared]}: {lower_first(reason)}"
    if found.grade is EvidenceGrade.CONTRADICTED:
        return f"Own data say the opposite of what was expected. {was}"
    if GRADE_WEIGHT[found.grade] > GRADE_WEIGHT[declared]:
        far = "far more" if finding is Finding.STRONG else "more"
        return f"In own data the two go together, {far} than chance would make them. {was}"
    if found.influence and found.influence.verdict.finding is Finding.DOES_NOT_PREDICT:
        return f"What it forecast did not come, so it counts for less. {was}"
    return f"Its review is overdue, so it counts for less. {was}"


def _step_of(per: PerStep, currency: str) -> str:
    """A step and what is stepped: "0.1 s of page load time", "1 h from finished change to live"."""
    step = step_text(per, currency=currency)
    driver = _UNIT_IN_LABEL.sub("", lower_first(per.of))
    if driver.startswith("from "):
        return f"{step} {driver}"
    return f"{step} {'in' if step.endswith(' more') else 'of'} {driver}"


def _lag(periods: int, grain: Grain) -> str:
    if periods == 0:
        return f"same {grain.value}"
    return f"{periods} {grain.value}{'' if periods == 1 else 's'}"


def _clause(felt: str) -> str:
    """A delay to follow "felt": "the same day", "after 2 weeks", "within 2 months"."""
    if felt.startswith("same "):
        return f"the {felt}"
    return felt if felt.startswith("within ") else f"after {felt}"


def _number(text: str) -> str:
    return text.partition(THIN)[0]


def _ends(low: str, high: str) -> str:
    """Both ends without their unit; without a plus where both are above zero."""
    ends = [_number(text).removeprefix("+") for text in (low, high)]
    if any(end.startswith(MINUS) for end in ends):
        ends = [_number(text) for text in (low, high)]
    return " to ".join(ends)
