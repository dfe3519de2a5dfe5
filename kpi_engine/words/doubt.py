"""Links that own data speak against, or that they cannot judge: which, and why."""

from collections.abc import Mapping
from dataclasses import dataclass

from kpi_engine.mapping.influence.config import DEFAULT_GRADING
from kpi_engine.mapping.influence.grading import Finding
from kpi_engine.mapping.influence.link_estimate import OutcomeEstimate
from kpi_engine.services.influence import NO_EVIDENCE
from kpi_engine.services.map import LinkMap, MapLink, MapOutcome
from kpi_engine.terms import EvidenceGrade

_TITLES: Mapping[Finding, str] = {
    Finding.CONTRADICTED: "Contradicted",
    Finding.BACKWARDS: "Direction in doubt",
    Finding.INSEPARABLE: "Cannot be told apart",
    Finding.ONE_PERIOD: "Rests on one period",
    Finding.STILL: "Hardly moved",
    Finding.TOO_SHORT: "Not enough data",
}
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
    """Links that are contradicted or cannot be judged, the gravest first."""
    kinds = list(_TITLES)
    told = [
        (kinds.index(kind), doubt)
        for outcome in found.outcomes
        for kind, doubt in _doubts_of(outcome)
    ]
    return tuple(doubt for _, doubt in sorted(told, key=lambda pair: pair[0]))


def _doubts_of(outcome: MapOutcome) -> list[tuple[Finding, Doubt]]:
    by_reason: dict[tuple[Finding, str], list[str]] = {}
    for one in outcome.links:
        kind = _kind(one)
        if kind is not None:
            by_reason.setdefault((kind, _why(kind, one, outcome)), []).append(one.reading.label)
    return [
        (
            kind,
            Doubt(
                title=_TITLES[kind],
                outcome=outcome.reading.label,
                measures=tuple(measures),
                why=why,
            ),
        )
        for (kind, why), measures in by_reason.items()
    ]


def _kind(one: MapLink) -> Finding | None:
    influence = one.contribution.influence
    if one.contribution.grade is EvidenceGrade.CONTRADICTED:
        return Finding.CONTRADICTED
    if influence is None or influence.is_pending:
        return None
    finding = influence.verdict.finding
    return finding if finding in _TITLES else None


def _why(kind: Finding, one: MapLink, outcome: MapOutcome) -> str:
    influence = one.contribution.influence
    if kind is Finding.TOO_SHORT:
        return _too_short(influence.model if influence else None, outcome)
    if influence is None or influence.verdict.finding is not kind:
        return one.contribution.grade_reason
    return NO_EVIDENCE[kind]


def _too_short(model: OutcomeEstimate | None, outcome: MapOutcome) -> str:
    """How much there is, and how much it would take."""
    if model is None:
        return "There are no data yet."
    least, grain = DEFAULT_GRADING.fewest_periods[model.grain], model.grain.value
    count = model.periods
    have = f"1 {grain} has data" if count == 1 else f"{count} {grain}s have data"
    if count < least:
        return f"{have}; it takes at least {least} to tell."
    asked = sum(one.contribution.influence is not None for one in outcome.links)
    return f"{have}, too few to tell {asked} measures apart." if asked > 1 else f"{have}, too few."
