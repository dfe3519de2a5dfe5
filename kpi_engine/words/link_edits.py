"""A link being edited: what a form asks, and what was done."""

from collections.abc import Mapping
from typing import Any

from annotated_types import MinLen
from pydantic import BaseModel

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.entry import Owners
from kpi_engine.catalogue.links import Link, Prior
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.services.definition_edits import EditPreview, FieldChange
from kpi_engine.terms import EvidenceGrade, Side
from kpi_engine.units import MINUS, change_parts, format_step, lower_first
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
NEW_RANGE = (
    "This range is new: say where it comes from, and below who agreed it. It is kept with the day "
    "of today."
)
COUNTED = "Its effect is counted from events. How it is counted is not changed here."
SECOND = "These doubts do not keep it from being saved: press Save again to keep it as it is."
_FIELDS: Mapping[str, str] = {
    "mechanism": "how one leads to the other",
    "sign": "direction",
    "lag_days": "when it is felt",
    "grade": "evidence",
    "reachable_grade": "evidence it can reach",
    "grade_reason": "how that is known",
    "prior": "the agreed range",
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
    return f"Agreed by both owners: {said}{f', {unit}' if unit else ''}"


def mistakes(
    said: Mapping[str, Any], driver: Metric, outcome: Metric, *, currency: str
) -> dict[str, str]:
    """What somebody who fills in the form has to mend, by field, in the words of the form.

    Whatever else may be wrong the definitions themselves say once these are mended.

    Args:
        said: What stands in the form, by field of a link.
        driver: The link's, as ``outcome``.
        outcome: In its unit stands an agreed range.
        currency: Printed before amounts.
    """
    found = {
        "mechanism": _too_short("How one leads to the other", Link, "mechanism", said),
        "grade_reason": _too_short("How that is known", Link, "grade_reason", said),
        "lag_days": _days_mistake(*said["lag_days"]),
        "prior": _range_mistake(said, driver, outcome, currency=currency),
        "agreed_by": _agreement_mistake(said["agreed_by"]),
    }
    return {field: one for field, one in found.items() if one}


def _too_short(label: str, model: type[BaseModel], field: str, said: Mapping[str, Any]) -> str:
    rules = model.model_fields[field].metadata
    least = next(one.min_length for one in rules if isinstance(one, MinLen))
    text = str(said.get(field) or "").strip()
    if len(text) >= least:
        return ""
    return f"{label} {'is too short' if text else 'is missing'}: say it in a few words."


def _days_mistake(first: int, last: int) -> str:
    if first <= last:
        return ""
    return f"At least {first} days is longer than at most {last} days: exchange them."


def _range_mistake(
    said: Mapping[str, Any], driver: Metric, outcome: Metric, *, currency: str
) -> str:
    prior = said.get("prior")
    if not prior:
        return ""
    low, high = prior.get("low"), prior.get("high")
    if low is None or high is None:
        return "The range has one end only: fill in From and To, or neither."
    start, end = (_typed(one, outcome, currency) for one in (low, high))
    if low >= high:
        return f"From {start} to {end} is no range: From has to be the lower end."
    sign = said["sign"]
    if sign and max(low * sign, high * sign) <= 0:
        chosen, way = lower_first(DIRECTION[sign]), "rises" if sign < 0 else "falls"
        return (
            f"{start} to {end} says that {lower_first(outcome.label)} {way} with more "
            f"{lower_first(driver.label)}. The direction chosen above says the opposite: {chosen}."
        )
    return _too_short("Where the range comes from", Prior, "source", prior)


def _agreement_mistake(agreed_by: Mapping[str, str] | None) -> str:
    if not agreed_by or len(agreed_by) == len(Owners.model_fields):
        return ""
    other = "IT" if Side.BUSINESS.value in agreed_by else "the business"
    return f"Nobody has agreed for {other} yet: name both sides, or neither."


def _typed(value: float, outcome: Metric, currency: str) -> str:
    """An end of a range as it was typed: "0.01 pp"."""
    before, factor, behind = change_parts(outcome.unit, currency=currency)
    return f"{before}{value * factor:.6g}{behind}".replace("-", MINUS)


def retiring_text(name: str) -> str:
    """What goes with a link that no longer counts, before it does."""
    return (
        f"{name} goes from the map, from the outcome's page and from every what-if, and its share "
        "of money is no longer counted. It stays on file and can be brought back. Press the button "
        "again if that is what you want."
    )


def done_text(shown: EditPreview, *, reason: str, actor: str, at: str) -> str:
    """What was saved, why, by whom and when, where that stands, and what happens now."""
    changed = [one.field for one in shown.changes]
    if "retired" in changed and shown.edit.content.get("retired"):
        what = "The link no longer counts"
    elif not shown.edit.seen:
        what = "The link is on the map"
    else:
        what = f"The link is changed: {', '.join(_FIELDS.get(one, one) for one in changed)}"
    return (
        f"{what}: “{' '.join(reason.split())}” ({actor}, {at}). The Catalogue lists it under "
        f"Changes; it is written to {shown.file}. What own data say is worked out again in the "
        "background."
    )


def change_text(one: FieldChange) -> str:
    """One change in a line: "when it is felt: [0, 7] → [0, 14]"."""
    before = "nothing" if one.before is None else one.before
    after = "nothing" if one.after is None else one.after
    return f"{_FIELDS.get(one.field, one.field)}: {before} → {after}"
