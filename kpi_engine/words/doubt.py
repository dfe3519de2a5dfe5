"""Links that something speaks against, or that own data cannot judge: which, and why."""

from collections.abc import Mapping
from dataclasses import dataclass

from kpi_engine.mapping.influence.config import DEFAULT_GRADING
from kpi_engine.mapping.influence.grading import Finding
from kpi_engine.mapping.influence.link_estimate import OutcomeEstimate
from kpi_engine.services.influence import NO_EVIDENCE
from kpi_engine.services.map import LinkMap, MapLink, MapOutcome
from kpi_engine.terms import EvidenceGrade
from kpi_engine.words.influence import disagrees, sides
from kpi_engine.words.reading import day_text

_CONTRADICTED = "Contradicted"
_DISAGREE = "Agreed and own data disagree"
_TOO_SHORT = "Not enough data"
_OVERDUE = "Review overdue"
_FOUND: Mapping[Finding, str] = {
    Finding.CONTRADICTED: _CONTRADICTED,
    Finding.BACKWARDS: "Direction in doubt",
    Finding.INSEPARABLE: "Cannot be told apart",
    Finding.ONE_PERIOD: "Rests on one period",
    Finding.STILL: "Hardly moved",
    Finding.TOO_SHORT: _TOO_SHORT,
}
_ORDER = tuple(dict.fromkeys((_CONTRADICTED, _DISAGREE, *_FOUND.values(), _OVERDUE)))
"""What is listed, the gravest first; that nothing was seen is no doubt, it stands at the link."""


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """Links into one outcome that are in doubt for the same reason.

    Attributes:
        title: The kind of doubt in a few words.
        outcome: Its label.
        measures: Labels of the IT measures.
        why: In a sentence or two.
    """

    title: str
    outcome: str
    measures: tuple[str, ...]
    why: str


def doubts(found: LinkMap) -> tuple[Doubt, ...]:
    """Links that are contradicted, disputed, overdue or cannot be judged, the gravest first."""
    currency = found.organisation.currency
    told = [doubt for outcome in found.outcomes for doubt in _doubts_of(outcome, currency)]
    return tuple(sorted(told, key=lambda doubt: _ORDER.index(doubt.title)))


def _doubts_of(outcome: MapOutcome, currency: str) -> list[Doubt]:
    by_reason: dict[tuple[str, str], list[str]] = {}
    for one in outcome.links:
        for reason in _reasons(one, outcome, currency):
            by_reason.setdefault(reason, []).append(one.reading.label)
    return [
        Doubt(title=title, outcome=outcome.reading.label, measures=tuple(measures), why=why)
        for (title, why), measures in by_reason.items()
    ]


def _reasons(one: MapLink, outcome: MapOutcome, currency: str) -> list[tuple[str, str]]:
    """Title and sentence of everything that makes a link doubtful."""
    reasons = [
        _found(one, outcome),
        _disputed(one, currency),
        (_OVERDUE, f"It was due on {day_text(one.link.review_by)}, so it counts for less.")
        if one.is_overdue
        else None,
    ]
    return [reason for reason in reasons if reason is not None]


def _found(one: MapLink, outcome: MapOutcome) -> tuple[str, str] | None:
    influence, grade = one.contribution.influence, one.contribution.grade
    if influence is None or (grade is EvidenceGrade.CONTRADICTED and influence.is_pending):
        is_contradicted = grade is EvidenceGrade.CONTRADICTED
        return (_CONTRADICTED, one.contribution.grade_reason) if is_contradicted else None
    finding = influence.verdict.finding
    if influence.is_pending or finding not in _FOUND:
        return None
    why = NO_EVIDENCE.get(finding, "")
    if finding is Finding.TOO_SHORT:
        why = _too_short(influence.model, outcome)
    return _FOUND[finding], why


def _disputed(one: MapLink, currency: str) -> tuple[str, str] | None:
    said = sides(one.contribution, one.per_step, currency=currency)
    if said is None or not disagrees(one.contribution):
        return None
    return _DISAGREE, f"{said.when}: {said.agreed}. Own data: {said.data}."


def _too_short(model: OutcomeEstimate | None, outcome: MapOutcome) -> str:
    """How much there is, and how much it would take."""
    if model is None or model.periods == 0:
        return "There are no data yet."
    least, grain = DEFAULT_GRADING.fewest_periods[model.grain], model.grain.value
    count = model.periods
    have = f"1 {grain} has data" if count == 1 else f"{count} {grain}s have data"
    if count < least:
        return f"{have}; it takes at least {least} to tell."
    asked = sum(one.contribution.influence is not None for one in outcome.links)
    return f"{have}, too few to tell {asked} measures apart." if asked > 1 else f"{have}, too few."
