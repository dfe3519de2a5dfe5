"""What was tested about an estimate, how it came out, and what would have spoken against it."""

from collections.abc import Iterator
from dataclasses import dataclass

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.mapping.influence.config import DEFAULT_GRADING
from kpi_engine.mapping.influence.grading import Finding
from kpi_engine.mapping.influence.link_estimate import LinkEstimate
from kpi_engine.services.method import LinkMethod
from kpi_engine.services.outcomes import Explanation
from kpi_engine.terms import Grain
from kpi_engine.units import format_count, lower_first
from kpi_engine.words.influence import effect_text
from kpi_engine.words.reading import day_text

_RARE = 1 / 2000
_NOTICED_INFLATION = 2.5
"""From here a range is so much wider, for a driver that moves along, that it is worth a word."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was tested, and how it came out.

    Attributes:
        passed: Nothing speaks against the link.
        bar: What would have spoken against it.
    """

    title: str
    passed: bool
    sentence: str
    bar: str

    @property
    def mark(self) -> str:
        """Shape and word: never colour alone."""
        return "● Passed" if self.passed else "◆ Speaks against it"


def checks(
    link: LinkMethod,
    explanation: Explanation,
    estimate: LinkEstimate,
    grain: Grain,
    catalogue: Catalogue,
) -> Iterator[Check]:
    """What was tested about an estimate; nothing where it claims nothing."""
    if estimate.p > DEFAULT_GRADING.claim_p and estimate.finding is not Finding.INSEPARABLE:
        return
    bars, found = DEFAULT_GRADING, estimate.checks
    leant_on = _period_text(estimate, grain)
    yield Check(
        title="One period alone",
        passed=estimate.p_without_one <= bars.lean_p,
        sentence=f"Without {leant_on}, on which it leans most, chance alone would do it in "
        f"{chance_text(estimate.p_without_one)}.",
        bar=f"chance alone in more than {_cases(bars.lean_p)}",
    )
    yield Check(
        title="The wrong way round",
        passed=found.lead_p >= bars.lead_p,
        sentence=f"The measure's next {grain.value} explains the outcome no better than chance "
        f"({chance_text(found.lead_p)})."
        if found.lead_p >= bars.lead_p
        else f"The measure's next {grain.value} goes with the outcome too: the outcome may move "
        "the measure, or something moves both.",
        bar=f"chance alone in less than {_cases(bars.lead_p)}",
    )
    yield Check(
        title="A straight line",
        passed=found.curve_p >= bars.curve_p,
        sentence=f"A bent line fits no better than chance would make it "
        f"({chance_text(found.curve_p)})."
        if found.curve_p >= bars.curve_p
        else "A bent line fits better: what large changes do may differ from what small ones do.",
        bar=f"chance alone in less than {_cases(bars.curve_p)}",
    )
    if estimate.twin:
        yield _twin_check(link, explanation, estimate, catalogue)
    if estimate.placebos:
        yield _placebo_check(estimate, catalogue)


def chance_text(p: float) -> str:
    """A probability as cases: "about 1 of 250 cases".

    Examples:
        >>> chance_text(0.004), chance_text(0.31), chance_text(1e-9)
        ('about 1 of 250 cases', 'about 31 of 100 cases', 'fewer than 1 of 2,000 cases')
    """
    if p < _RARE:
        return f"fewer than 1 of {format_count(round(1 / _RARE))} cases"
    if p < 0.2:
        return f"about 1 of {format_count(round(1 / p))} cases"
    return f"about {round(p * 100)} of 100 cases"


def _twin_check(
    link: LinkMethod, explanation: Explanation, estimate: LinkEstimate, catalogue: Catalogue
) -> Check:
    twin = lower_first(catalogue.metric(catalogue.links[estimate.twin].driver).label)
    inflation = estimate.checks.inflation
    is_apart = inflation <= DEFAULT_GRADING.inseparable and not estimate.checks.is_replaceable
    if not is_apart:
        said = (
            f"It moves so closely with {twin} that nobody can tell which of the two did it."
            f"{_together_text(link, explanation, catalogue)}"
        )
    elif inflation > _NOTICED_INFLATION:
        said = f"It moves partly with {twin}; the range is {inflation**0.5:.1f} times as wide."
    else:
        said = f"It moves by itself; {twin} comes closest and costs hardly any certainty."
    return Check(
        title="Moving along with another",
        passed=is_apart,
        sentence=said,
        bar=f"a range more than {DEFAULT_GRADING.inseparable**0.5:.1f} times as wide, or the other "
        "would do nearly as well in its place",
    )


def _together_text(link: LinkMethod, explanation: Explanation, catalogue: Catalogue) -> str:
    if link.together is None:
        return ""
    currency = catalogue.organisation.currency
    both = effect_text(link.together, explanation.outcome.metric, currency=currency)
    return f" A step of both together: {both}."


def _placebo_check(estimate: LinkEstimate, catalogue: Catalogue) -> Check:
    labels = {name: lower_first(catalogue.metric(name).label) for name in estimate.placebos}
    moved = [labels[name] for name, p in estimate.placebos.items() if p < DEFAULT_GRADING.placebo_p]
    if moved:
        said = (
            f"It seems to move {' and '.join(moved)} as well, which nobody says it does: something "
            "else may move them all."
        )
    else:
        said = f"It moves none of {', '.join(labels.values())}, with which it has nothing to do."
    return Check(
        title="Outcomes it cannot move",
        passed=not moved,
        sentence=said,
        bar=f"chance alone in less than {_cases(DEFAULT_GRADING.placebo_p)}",
    )


def _cases(p: float) -> str:
    """A bar as cases: "1 of 100"."""
    return f"1 of {format_count(round(1 / p))}"


def _period_text(estimate: LinkEstimate, grain: Grain) -> str:
    day = day_text(estimate.leans_on)
    return {Grain.DAY: day, Grain.WEEK: f"the week of {day}"}.get(grain, day.partition(" ")[2])
