"""A link being edited: what a form asks, and what was done."""

from collections.abc import Mapping

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.models import Link, Metric
from kpi_engine.services.definition_edits import EditPreview, FieldChange
from kpi_engine.terms import EvidenceGrade
from kpi_engine.units import change_parts, format_step, lower_first
from kpi_engine.words.judgement import EVIDENCE, EVIDENCE_MEANING

DIRECTION: Mapping[int, str] = {
    1: "The outcome rises with it",
    -1: "The outcome falls as it rises",
    0: "It does not move the outcome",
}
AGREED_BEFORE = (
    "The range is the joint judgement of both owners, kept with its date. The data may narrow it, "
    "never silently replace it."
)
COUNTED = "Its effect is counted from events; how is written in the file of links."
SECOND = "These doubts do not keep it from being saved: press Save again to keep it as it is."
_FIELDS: Mapping[str, str] = {
    "mechanism": "how one leads to the other",
    "sign": "direction",
    "lag_days": "when it is felt",
    "grade": "evidence",
    "reachable_grade": "evidence it can reach",
    "grade_reason": "how that is known",
    "prior": "the range agreed before",
    "money": "what it is worth",
    "agreed_by": "who agreed",
    "review_by": "when it is looked at again",
    "retired": "whether it counts",
}


def grade_text(grade: EvidenceGrade) -> str:
    """A grade to choose: "Assumed: the judgement of those who know"."""
    return f"{EVIDENCE[grade].capitalize()}: {EVIDENCE_MEANING[grade]}"


def link_name(link: Link, catalogue: Catalogue) -> str:
    """From what to what: "Page load time to visits that end in an order"."""
    driver, outcome = catalogue.metric(link.driver), catalogue.metric(link.outcome)
    parts = "".join(f", {member}" for member in link.driver_segment.values())
    retired = " (retired)" if link.retired else ""
    return f"{driver.label}{parts} to {lower_first(outcome.label)}{retired}"


def range_label(driver: Metric, outcome: Metric, *, currency: str) -> str:
    """What an agreed range is a range of, with its unit."""
    step = format_step(driver.natural_step, unit=driver.unit, currency=currency)
    before, _, behind = change_parts(outcome.unit, currency=currency)
    unit = (before or behind).strip()
    said = f"change of {lower_first(outcome.label)} for {step} more {lower_first(driver.label)}"
    return f"Agreed before looking at the data: {said}{f', {unit}' if unit else ''}"


def done_text(shown: EditPreview) -> str:
    """What was saved, and what happens now."""
    changed = [one.field for one in shown.changes]
    if "retired" in changed and shown.edit.content.get("retired"):
        what = "The link no longer counts"
    elif not shown.edit.seen:
        what = "The link is on the map"
    else:
        what = f"The link is changed: {', '.join(_FIELDS.get(one, one) for one in changed)}"
    return (
        f"{what}. It is written to {shown.file}; your name and reason stand in its history. What "
        "own data say of it is worked out again in the background."
    )


def change_text(one: FieldChange) -> str:
    """One change in a line: "when it is felt: [0, 7] → [0, 14]"."""
    before = "nothing" if one.before is None else one.before
    after = "nothing" if one.after is None else one.after
    return f"{_FIELDS.get(one.field, one.field)}: {before} → {after}"
