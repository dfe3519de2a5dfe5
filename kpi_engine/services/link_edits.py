"""Links added, changed and retired by those who answer for both of their ends (C3)."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from kpi_engine.actors import Actor
from kpi_engine.catalogue.links import Link
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.errors import UnknownNameError
from kpi_engine.findings import Finding
from kpi_engine.services.definition_edits import (
    Edit,
    EditPreview,
    entry_of,
    preview_edit,
    save_edit,
    seen_text,
)
from kpi_engine.services.estimates import estimated_outcomes, missing_estimates
from kpi_engine.store.segments import read_segments
from kpi_engine.terms import EvidenceGrade, LinkKind, Severity, Side, Unit
from kpi_engine.workspace import Workspace

_FIRST_YEARS = 1
"""Of a new link: so long until it is looked at again, unless somebody says otherwise."""
_STRENGTH = tuple(grade.value for grade in EvidenceGrade)


@dataclass(frozen=True, kw_only=True)
class LinkDraft:
    """What somebody who edits a link starts from.

    Attributes:
        id: None for a link that is not there yet.
        content: Its entry as it stands in the files, days as text; what a new one starts with.
        seen: To be handed in with the edit, so that whoever comes second is told.
        is_retired: It no longer counts; saving it brings it back.
    """

    id: str | None
    content: Mapping[str, Any]
    seen: str
    is_retired: bool

    @property
    def is_counted(self) -> bool:
        """Its effect is counted or arithmetic: how is written in the file, not in a form."""
        return LinkKind(self.content["kind"]) is not LinkKind.INFLUENCE


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What an editor of links chooses from.

    Attributes:
        drivers: IT measures, then outcomes that move others.
        outcomes: What a link may lead to.
        assumptions: Label by id.
        prices: Measures in money.
        people: Who may agree, by side, as they stand in the files.
        retired: Links that no longer count, by id.
    """

    drivers: tuple[Metric, ...]
    outcomes: tuple[Metric, ...]
    assumptions: Mapping[str, str]
    prices: tuple[Metric, ...]
    people: Mapping[Side, tuple[str, ...]]
    links: tuple[Link, ...]
    retired: tuple[Link, ...]


def choices(ws: Workspace) -> Choices:
    """What there is to choose from."""
    catalogue = ws.catalogue
    metrics = catalogue.metrics.values()
    business = tuple(one for one in metrics if one.side is Side.BUSINESS)
    owners = [one.owners for one in metrics]
    return Choices(
        drivers=(*(one for one in metrics if one.side is Side.IT and not one.activity), *business),
        outcomes=business,
        assumptions={key: one.label for key, one in catalogue.assumptions.items()},
        prices=tuple(one for one in metrics if one.unit is Unit.CURRENCY),
        people={
            Side.BUSINESS: tuple(sorted({one.business for one in owners})),
            Side.IT: tuple(sorted({one.it for one in owners})),
        },
        links=tuple(catalogue.links.values()),
        retired=tuple(catalogue.retired.values()),
    )


def read_parts(ws: Workspace, metric: str) -> tuple[Mapping[str, str], ...]:
    """Parts of a measure that data were ever seen of, one dimension each: a service, a site."""
    dimensions = ws.catalogue.metric(metric).dimensions
    with ws.reading() as connection:
        members = [json.loads(text) for text in read_segments(connection)]
    found = [one for one in members if len(one) == 1 and set(one) <= set(dimensions)]
    return tuple(sorted(found, key=lambda one: [*one.items()]))


def read_draft(ws: Workspace, link: str | None, *, today: date) -> LinkDraft:
    """What to start from: a link as it stands, or a new one.

    Args:
        ws: Where the definitions are.
        link: Its id; None for a new one.
        today: From which a new one's review is reckoned.

    Raises:
        UnknownNameError: There is no such link.
    """
    if link is None:
        fresh = {
            "kind": LinkKind.INFLUENCE.value,
            "sign": 1,
            "lag_days": [0, 31],
            "grade": EvidenceGrade.E.value,
            "reachable_grade": EvidenceGrade.C.value,
            "review_by": today.replace(year=today.year + _FIRST_YEARS, day=min(today.day, 28)),
        }
        return LinkDraft(id=None, content=fresh, seen="", is_retired=False)
    content = entry_of(ws, "link", link)
    if not content:
        raise UnknownNameError("link", link, (*ws.catalogue.links, *ws.catalogue.retired))
    return LinkDraft(
        id=link,
        content=content,
        seen=seen_text(ws, "link", link),
        is_retired="retired" in content,
    )


def edit_of(ws: Workspace, draft: LinkDraft, said: Mapping[str, Any], *, today: date) -> Edit:
    """An edit from what somebody said of a link.

    A likely range that is new or changed is dated ``today``, whatever else was said: it cannot have
    been agreed earlier. What is retired comes back.

    Args:
        ws: Where the definitions are.
        draft: What was started from.
        said: Fields of a link with their values; None takes one out.
        today: The day of the edit.
    """
    content = {**draft.content, **said}
    content = {key: one for key, one in content.items() if one not in (None, {}, "")}
    content.pop("retired", None)
    content = {"id": draft.id or _new_id(ws, content), **content}
    _fit_grade(content)
    prior, before = content.get("prior"), draft.content.get("prior")
    if isinstance(prior, Mapping) and _range(prior) != _range(before or {}):
        content["prior"] = {**prior, "agreed_on": today}
    elif prior is not None:
        content["prior"] = {**(before or {}), **prior, "agreed_on": (before or {})["agreed_on"]}
    return Edit(kind="link", key=content["id"], content=content, seen=draft.seen)


def retirement_of(draft: LinkDraft, *, because: str, today: date) -> Edit:
    """An edit after which a link no longer counts; it stays on file with the reason.

    Args:
        draft: What was started from.
        because: Why.
        today: From when on.
    """
    content = {**draft.content, "retired": {"since": today, "because": " ".join(because.split())}}
    return Edit(kind="link", key=str(draft.id), content=content, seen=draft.seen)


def preview(ws: Workspace, edit: Edit) -> EditPreview:
    """Look what an edit would do, with a doubt where a range comes after the data.

    Args:
        ws: Where the definitions are.
        edit: The link as it should stand.

    Raises:
        BrokenCatalogueError: The files are broken as they are, before any edit.
        DefinitionError: The file is written in a way that cannot be changed here.
        EditConflictError: Somebody has changed the link since the editor opened it.
    """
    shown = preview_edit(ws, edit)
    changed = {one.field: one for one in shown.changes}
    outcome = edit.content.get("outcome")
    is_worked_out = outcome in {*estimated_outcomes(ws.catalogue)} - {*missing_estimates(ws)}
    if not edit.seen or "prior" not in changed or not is_worked_out:
        return shown
    late = Finding(
        severity=Severity.WARNING,
        place=f"{shown.file}, {edit.key}, prior",
        sentence="What own data say of this link is known already: a range agreed now was not "
        "agreed before anybody looked. It is kept with the day of today.",
    )
    return replace(shown, findings=(*shown.findings, late))


def save(ws: Workspace, edit: Edit, *, reason: str, actor: Actor, now: datetime) -> EditPreview:
    """Write a link to its file; from now on everybody sees it, and its estimate is worked out.

    Args:
        ws: Where the definitions are.
        edit: The link as it should stand.
        reason: Why; kept with the version.
        actor: Needs the role steward.
        now: When (aware).

    Raises:
        BrokenCatalogueError: Something would be wrong; all of it is listed, nothing is written.
        DefinitionError: There is no reason, nothing changes, or the file cannot be changed here.
        EditConflictError: Somebody has changed the link since the editor opened it.
        NotAllowedError: The actor may not.
    """
    return save_edit(ws, edit, reason=reason, actor=actor, now=now)


def _new_id(ws: Workspace, content: Mapping[str, Any]) -> str:
    """From what to what, and a number where that is taken."""
    ends = [str(content.get(end, "")).rpartition(".")[2] for end in ("driver", "outcome")]
    parts: Sequence[str] = [str(one) for one in content.get("driver_segment", {}).values()]
    words = "_".join([*parts, ends[0], "to", ends[1]])
    name = re.sub(r"[^a-z0-9]+", "_", words.casefold()).strip("_")
    name = name if name[:1].isalpha() else f"link_{name}"
    taken = {*ws.catalogue.links, *ws.catalogue.retired}
    numbers = (f"{name}_{number}" for number in range(2, len(taken) + 3))
    return next(one for one in (name, *numbers) if one not in taken)


def _fit_grade(content: dict[str, Any]) -> None:
    """What moves nothing is contradicted; what can be reached is no weaker than what is."""
    if content.get("sign") == 0:
        content["grade"] = EvidenceGrade.CONTRADICTED.value
    grade, reachable = content.get("grade"), content.get("reachable_grade")
    known = grade in _STRENGTH and reachable in _STRENGTH
    if known and _STRENGTH.index(str(reachable)) > _STRENGTH.index(str(grade)):
        content["reachable_grade"] = grade


def _range(prior: Mapping[str, Any]) -> tuple[Any, Any]:
    return prior.get("low"), prior.get("high")
