"""How is that known? A link's data, model, delay, chance and checks, in plain words."""

from collections.abc import Iterator
from datetime import date

from kpi_engine.catalogue.links import Link
from kpi_engine.mapping.influence.config import DEFAULT_LEDGER
from kpi_engine.mapping.influence.link_estimate import LinkEstimate, OutcomeEstimate, ShapeBelief
from kpi_engine.mapping.influence.scales import ScaleName
from kpi_engine.maths.intervals import Estimate
from kpi_engine.periods import month_label
from kpi_engine.services.method import MOST_POINTS, LinkMethod
from kpi_engine.services.outcomes import Explanation
from kpi_engine.services.per_step import PerStep
from kpi_engine.terms import Grain
from kpi_engine.units import format_count, format_share, lower_first
from kpi_engine.words.checks import chance_text
from kpi_engine.words.drivers import FINDING_WORDS
from kpi_engine.words.forecasts import record_sentence
from kpi_engine.words.influence import (
    agreed_label,
    influence_sentence,
    prior_text,
    range_only,
    step_text,
    why_grade,
)
from kpi_engine.words.judgement import EVIDENCE
from kpi_engine.words.reading import day_text

_SCALE: dict[ScaleName, str] = {
    "plain": "",
    "log": "Changes count in per cent of the value, not in units: twice is as far up as half is "
    "down. ",
    "logit": "A share cannot pass 100 %, so the same push moves it less the closer it is: changes "
    "count on the scale of the odds. ",
}
_SEASON = {
    Grain.DAY: "the day of the week, the time of year and slow movements",
    Grain.WEEK: "the time of year and slow movements",
    Grain.MONTH: "the time of year, the trend and slow movements over years",
}
_NOTICED_RHO = 0.05


def lead(link: LinkMethod, *, currency: str) -> str:
    """The link in one sentence, as it would be told to somebody who pays for it."""
    found = link.driver.contribution
    if link.per_step is None:
        reason = found.reason or found.grade_reason
        return f"No number is claimed. {reason}"
    told = influence_sentence(link.per_step, found, currency=currency)
    influence = found.influence
    if influence is not None and not influence.verdict.is_counted:
        return f"Not counted: {FINDING_WORDS[influence.verdict.finding]}. Estimated {told}."
    return f"{told[:1].upper()}{told[1:]}."


def steps(link: LinkMethod, *, currency: str) -> Iterator[tuple[str, str]]:
    """Title and sentences of everything that leads to a link's number."""
    found = link.driver.contribution
    yield "Why it should", found.link.mechanism
    influence = found.influence
    if influence is not None and influence.model is not None and influence.estimate is not None:
        model, estimate = influence.model, influence.estimate
        yield "Data", data_text(model)
        yield "Model", model_text(model)
        yield "Delay", delay_text(estimate, model.grain)
        yield "Chance", chance_sentence(estimate)
        if link.per_step is not None and link.per_step_wide is not None:
            yield "Range", range_text(link.per_step, link.per_step_wide, currency=currency)
    elif influence is not None and influence.model is not None:
        yield "Data", data_text(influence.model)
    if influence is not None and influence.record is not None and influence.record.scored:
        yield "Forecasts", record_sentence(influence.record, DEFAULT_LEDGER)
    if prior := prior_text(found, link.per_step, currency=currency):
        yield agreed_label(found), prior
    grade = EVIDENCE[found.grade].capitalize()
    yield "Evidence", f"{grade}. {why_grade(found)} {_agreed(found.link)}"
    if found.reason and link.per_step is not None:
        yield "This month", found.reason


def remainder_reckoned(explanation: Explanation) -> str:
    """How what nothing explains is reckoned."""
    if explanation.usual is not None:
        return (
            "It is the change less what time of year and trend usually do and less every number "
            "above; it is never spread over the links."
        )
    return (
        "It is the change less every number above; it is never spread over the links. What time of "
        "year and trend do is not known of this month, so it is in it."
    )


def range_text(per: PerStep, wide: Estimate, *, currency: str) -> str:
    """Both ranges of what a step does."""
    metric, step = per.outcome.metric, step_text(per, currency=currency)
    likely = range_only(per.effect, metric, currency=currency)
    wider = range_only(wide, metric, currency=currency)
    return (
        f"Per {step} the truth lies between {likely} in nine cases of ten, and between {wider} in "
        "nineteen of twenty."
    )


def _at(day: date, grain: Grain) -> str:
    return month_label(day) if grain is Grain.MONTH else day_text(day)


def data_text(model: OutcomeEstimate) -> str:
    """How many periods, from when to when, and which were left out."""
    word = model.grain.value
    if model.too_short:
        free = "" if model.free else ", which leaves nothing to judge by"
        return (
            f"Only {_count(model.periods, model.grain)} in which all measures are known{free}: "
            "not enough to tell."
        )
    text = (
        f"{_count(model.periods, model.grain)} in which all measures are known, from "
        f"{_at(model.first, model.grain)} to {_at(model.last, model.grain)}."
    )
    if not model.set_aside:
        return text
    odd = ", ".join(_at(one, model.grain) for one in model.set_aside[:5])
    more = f" and {len(model.set_aside) - 5} more" if len(model.set_aside) > 5 else ""
    many = f"{len(model.set_aside)} {word}s" if len(model.set_aside) > 1 else f"One {word}"
    verb = "were" if len(model.set_aside) > 1 else "was"
    return f"{text} {many} far out of line with the rest {verb} set aside ({odd}{more})."


def model_text(model: OutcomeEstimate) -> str:
    """What is taken out before, and what is fitted together."""
    controls = f", and {', '.join(map(lower_first, model.controls))}" if model.controls else ""
    together = (
        f"The {len(model.links)} drivers of this outcome are fitted together, so that none is "
        "given what another did. "
        if len(model.links) > 1
        else ""
    )
    word = model.grain.value
    carried = (
        f"What is left of one {word} carries over to the next ({model.rho:.2f} of it); ranges are "
        "wider for that."
        if model.rho >= _NOTICED_RHO
        else f"What is left of one {word} does not carry over to the next."
    )
    return (
        f"{_SEASON[model.grain].capitalize()} are taken out of both sides{controls}. {together}"
        f"{_SCALE[model.scale]}{carried} Delays and memories of the errors are averaged over by "
        f"how well each fits; {format_count(model.free)} degrees of freedom are left."
    )


def delay_text(estimate: LinkEstimate, grain: Grain) -> str:
    """Delays that are believed, the most believed first."""
    told = [
        f"{shape_text(shape, grain)} ({format_share(shape.weight)})"
        for shape in estimate.shapes[:4]
        if shape.weight >= 0.01
    ]
    return (
        "Every delay that was declared possible was tried, as far as the data reach, as one step "
        f"and as an effect that fades. Most believable: {'; '.join(told)}."
    )


def shape_text(shape: ShapeBelief, grain: Grain) -> str:
    """When an effect is first felt, and whether it fades."""
    start = f"the same {grain.value}" if shape.lag == 0 else f"after {_count(shape.lag, grain)}"
    return start if shape.decay == 0 else f"{start}, {format_share(shape.decay)} of it kept each"


def chance_sentence(estimate: LinkEstimate) -> str:
    """How easily chance alone would have made the link look as clear."""
    return (
        "If there were no link at all, the best of all delays would look as clear in "
        f"{chance_text(estimate.p)}. That many delays were tried is paid for in this."
    )


def points_caption(link: LinkMethod, grain: Grain, *, periods: int) -> str:
    """How the chart of what an estimate rests on is read."""
    shown = (
        f" The newest {format_count(MOST_POINTS)} of {format_count(periods)} are shown."
        if periods > len(link.points)
        else ""
    )
    return (
        f"Each dot is a {grain.value}: how far the measure and the outcome were from what season, "
        f"trend and the other measures let expect. The line is the estimate.{shown}"
    )


def points_alt(link: LinkMethod, explanation: Explanation) -> str:
    """The chart in a sentence, for those who do not see it."""
    way = "falls" if link.slope < 0 else "rises"
    return (
        f"{format_count(len(link.points))} dots; {lower_first(explanation.outcome.label)} {way} "
        f"as {lower_first(link.driver.reading.label)} rises."
    )


def _agreed(link: Link) -> str:
    owners = link.agreed_by
    by = (
        f"Agreed by {owners.business} and {owners.it}; to" if owners else "Agreed by nobody yet; to"
    )
    return f"{by} be looked at again by {day_text(link.review_by)}."


def _count(periods: int, grain: Grain) -> str:
    return f"{format_count(periods)} {grain.value}{'' if periods == 1 else 's'}"
