"""Which IT measures move which outcomes, and how sure are we? The map in words."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from kpi_engine.catalogue.links import Link
from kpi_engine.mapping.coverage import Coverage
from kpi_engine.services.map import LinkMap, MapLink, MapOutcome
from kpi_engine.terms import EvidenceGrade
from kpi_engine.units import format_amount
from kpi_engine.words.influence import (
    Sides,
    agreed_when,
    disagrees,
    felt_text,
    found_lag,
    own_data_text,
    per_step_text,
    sides,
    why_grade,
)
from kpi_engine.words.judgement import EVIDENCE
from kpi_engine.words.lag import felt_after
from kpi_engine.words.reading import day_text, joined

HOW_TO_READ = (
    "Read from left to right: what the business wants, how it knows, what in IT moves it, and how. "
    "Line style shows how well we know it, width how much money it moved this month. "
    "A box opens its numbers."
)
GAP_OUTCOME = "Gap: no IT measure linked yet"
GAP_MEASURE = "Gap: serves no outcome. Link it or stop reporting it"
ACTIVITY = "Counts work done; it serves no outcome by itself"
NO_GOAL = "No goal named"
NO_LINKS = "No link is declared yet, so nothing says which IT measure moves which outcome."
NOT_WORKED_OUT = (
    "**What own data say of some links could not be worked out.** They stand as they were "
    "declared. The log says why; it is tried again after the next import."
)
EFFECTS_OPEN = "Underlined effects open to how they were worked out."
NONE_SO_KNOWN = "No link leads there with that evidence this month."
_EXPECTED: Mapping[int, str] = {
    1: "the outcome rises with it",
    -1: "the outcome falls as it rises",
    0: "the outcome is not moved by it",
}
LINES: Mapping[str, str] = {
    "strong": "solid line",
    "moderate": "long dashes",
    "weak": "short dashes",
    "assumed": "dots",
    "contradicted": "dash and dot",
}
"""How the line of each evidence word is drawn, as the legend says it; the best evidence first."""


@dataclass(frozen=True, kw_only=True)
class LinkLine:
    """One link as it reads across, in the map, in the table and on the command line.

    Attributes:
        expected: What the outcome does when the driver rises, as declared.
        felt: When it is felt: as found in own data, else as declared.
        felt_declared: As declared; empty where nothing else was found.
        effect: Of one step of the driver, with its range; empty where nothing says so.
        own_data: What own data say, or how else it is known; empty where ``effect`` says it all.
        agreed_before: When an effect was agreed before looking, and by whom; empty without one.
        sides: That effect beside own data; None where there are not both.
        disagrees: They lie too far apart.
        evidence: The word of its grade.
        grade: The letter, or the word where there is none.
        why: Why it has that evidence.
        agreed: Who agreed the link.
        review: By when it is looked at again.
    """

    id: str
    measure: str
    outcome: str
    mechanism: str
    expected: str
    felt: str
    felt_declared: str
    effect: str
    own_data: str
    agreed_before: str
    sides: Sides | None
    disagrees: bool
    evidence: str
    grade: str
    why: str
    agreed: str
    review: str
    is_overdue: bool


def coverage_parts(coverage: Coverage) -> tuple[str, str]:
    """How much of IT serves a business outcome, and which outcomes nothing stands behind (N10).

    Two clauses without a full stop: "16 of 19 IT measures serve a business outcome", "1 outcome
    has no IT measure behind it".
    """
    mapped, untied = len(coverage.mapped), len(coverage.without_driver)
    total = mapped + len(coverage.orphans)
    measures = "IT measure serves" if total == 1 else "IT measures serve"
    said = f"{mapped or 'None'} of {total} {measures} a business outcome"
    if not total:
        said = "No IT measure is declared"
    if untied == 0:
        return said, "every outcome has an IT measure behind it"
    outcomes, them = ("outcome has", "it") if untied == 1 else ("outcomes have", "them")
    return said, f"{untied} {outcomes} no IT measure behind {them}"


def headline(found: LinkMap) -> str:
    """The coverage as two sentences."""
    served, untied = coverage_parts(found.coverage)
    return f"{served}. {untied[:1].upper()}{untied[1:]}."


def coverage_line(coverage: Coverage) -> str:
    """The same as one line below other things."""
    return f"{'; '.join(coverage_parts(coverage))}."


def how_sure(found: LinkMap) -> str:
    """How many links there are by evidence, the best first: "38 links: 4 strong, 4 moderate"."""
    counts = Counter(EVIDENCE[one.contribution.grade] for one in found.links)
    total = sum(counts.values())
    if not total:
        return NO_LINKS
    said = ", ".join(f"{counts[word]} {word}" for word in LINES if counts[word])
    return f"Evidence of {'the one link' if total == 1 else f'the {total} links'}: {said}."


def worked_out(done: int, total: int) -> str:
    """While own data are being asked what they say of the links of ``total`` outcomes."""
    return (
        f"**Links are being worked out: {done} of {total} outcomes.** What own data say of the "
        "others appears here by itself; until then they stand as they were declared, and what they "
        "cost is left out."
    )


def legend(found: LinkMap) -> str:
    """What dashes, widths and boxes mean; only what there is to see."""
    words = dict.fromkeys(EVIDENCE[one.contribution.grade] for one in found.links)
    dashes = ", ".join(f"{line} {word}" for word, line in LINES.items() if word in words)
    measures = [(one.reading.metric.id, *one.reading.segment.items()) for one in found.links]
    parts = [
        f"Evidence: {dashes}." if dashes else "",
        _widths(found),
        "A box without ground: the measure stands further up already."
        if len(set(measures)) < len(measures)
        else "",
        "Dashed box: gap." if found.orphans or found.without_driver else "",
    ]
    return " ".join(part for part in parts if part)


def alt(found: LinkMap) -> str:
    """The map in a few sentences, for those who do not see it."""
    said = [headline(found)]
    for outcome in found.outcomes:
        drivers = [
            f"{one.reading.label} ({EVIDENCE[one.contribution.grade]})" for one in outcome.links
        ]
        moved = f"moved by {joined(drivers)}" if drivers else "no IT measure linked"
        said.append(f"{outcome.reading.label}: {moved}.")
    return " ".join(said)


def lines(found: LinkMap) -> tuple[LinkLine, ...]:
    """Every link as it reads across, in the order of the map."""
    currency = found.organisation.currency
    return tuple(
        link_line(one, outcome, currency=currency)
        for outcome in found.outcomes
        for one in outcome.links
    )


def link_line(one: MapLink, outcome: MapOutcome, *, currency: str) -> LinkLine:
    """One link as it reads across."""
    link, contribution = one.link, one.contribution
    declared = felt_after(link.lag_days)
    effect = per_step_text(one.per_step, currency=currency) if one.per_step else ""
    own_data = own_data_text(contribution, one.per_step, currency=currency)
    return LinkLine(
        id=link.id,
        measure=one.reading.label,
        outcome=outcome.reading.label,
        mechanism=link.mechanism,
        expected=_EXPECTED[link.sign],
        felt=felt_text(contribution),
        felt_declared=declared if found_lag(contribution) not in ("", declared) else "",
        effect=effect,
        own_data="" if own_data == effect else own_data,
        agreed_before=agreed_when(link.prior) if link.prior else "",
        sides=sides(contribution, one.per_step, currency=currency),
        disagrees=disagrees(contribution),
        evidence=EVIDENCE[contribution.grade],
        grade="" if contribution.grade is EvidenceGrade.CONTRADICTED else contribution.grade.value,
        why=why_grade(contribution),
        agreed=_agreed(link),
        review=_review(one),
        is_overdue=one.is_overdue,
    )


def _agreed(link: Link) -> str:
    by = link.agreed_by
    return f"{by.business} and {by.it}" if by else "nobody yet"


def _review(one: MapLink) -> str:
    day = day_text(one.link.review_by)
    return f"overdue since {day}" if one.is_overdue else f"by {day}"


def _widths(found: LinkMap) -> str:
    steps, currency = found.money_steps, found.organisation.currency
    if steps is None:
        return "No link could be valued this month, so all lines are thin." if found.links else ""
    some, much = (format_amount(step, currency=currency) for step in steps)
    return f"Width: this month's effect under {some}, {some} to {much}, over {much}."
