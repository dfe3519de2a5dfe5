"""A change of one definition: looked at as a whole before, written whole or not at all (E1).

The YAML in the data folder is the truth. What changes is one entry of it; the organisation's
definitions as they would then be are checked like those of a start, and only if nothing is wrong
the file is written, and the new version kept with who, when and why.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
import yaml

from kpi_engine.actors import Actor
from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.editing import plain, with_entry
from kpi_engine.catalogue.files import SECTIONS, parsed
from kpi_engine.catalogue.load import BrokenCatalogueError
from kpi_engine.errors import DefinitionError, EditConflictError
from kpi_engine.findings import Finding
from kpi_engine.services.redefining import follow_the_files
from kpi_engine.store.audit import add_line
from kpi_engine.store.definitions import read_newest_change, record_definitions
from kpi_engine.store.engine import write
from kpi_engine.store.landing import utc_naive
from kpi_engine.terms import Role, Severity
from kpi_engine.workspace import Workspace

_SECTION = {kind: section for section, kind in SECTIONS.items()}
_FEWEST_LETTERS = 10
"""A reason in fewer says nothing."""


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One entry as it should stand.

    Attributes:
        kind: ``link`` or ``initiative``.
        key: Its id.
        content: All its fields, as in a file.
        seen: Its text when whoever edits it opened it; empty where there was none.
    """

    kind: str
    key: str
    content: Mapping[str, Any]
    seen: str


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """One field that says something else; None where it said nothing, or says nothing any more."""

    field: str
    before: Any
    after: Any

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {"field": self.field, "before": self.before, "after": self.after}


@dataclass(frozen=True, kw_only=True)
class EditPreview:
    """What an edit would do.

    Attributes:
        file: The file of the data folder that it is written to.
        raw: That file as it would be.
        changes: Field by field, in the order of the entry; empty where nothing changes.
        findings: Mistakes, which keep it from being saved, and warnings that it would bring.
        catalogue: Everything as it would be; None while there are mistakes.
    """

    edit: Edit
    file: str
    raw: bytes
    changes: tuple[FieldChange, ...]
    findings: tuple[Finding, ...]
    catalogue: Catalogue | None

    @property
    def mistakes(self) -> tuple[Finding, ...]:
        """What keeps it from being saved."""
        return tuple(one for one in self.findings if one.severity is Severity.ERROR)

    def by_field(self) -> dict[str, tuple[Finding, ...]]:
        """Findings by the field of the entry they are about; under "" what is about another."""
        own = f"{self.file}, {self.edit.key}, "
        found: dict[str, tuple[Finding, ...]] = {}
        for one in self.findings:
            is_own = one.place.startswith(own)
            field = one.place.removeprefix(own).partition(".")[0] if is_own else ""
            field = "money" if field == "assumptions" else field
            known = field if field in self.edit.content or field in _WHOLE else ""
            found[known] = (*found.get(known, ()), one)
        return found

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "kind": self.edit.kind,
            "id": self.edit.key,
            "file": self.file,
            "changes": [one.to_dict() for one in self.changes],
            "findings": [one.to_dict() for one in self.findings],
        }


_WHOLE = ("agreed_by", "prior", "money", "retired", "driver_segment")
"""Fields that a mistake may be about while the entry has none."""


def entry_of(ws: Workspace, kind: str, key: str) -> dict[str, Any]:
    """One entry as it stands in the files, days as text; empty where there is none."""
    text = ws.catalogue.texts.get((kind, key))
    return dict(yaml.safe_load(text)) if text else {}


def seen_text(ws: Workspace, kind: str, key: str) -> str:
    """What an editor of an entry has to hand in as what he saw; empty where there is none."""
    return ws.catalogue.texts.get((kind, key), "")


def preview_edit(ws: Workspace, edit: Edit) -> EditPreview:
    """Look what an edit would do; nothing is written.

    Args:
        ws: Where the definitions are. What stands in its files counts, also what was changed there
            by hand since they were loaded.
        edit: The entry as it should stand.

    Raises:
        BrokenCatalogueError: The files are broken as they are, before any edit.
        DefinitionError: The file is written in a way that cannot be changed here.
        EditConflictError: Somebody has changed the entry since the editor opened it.
    """
    before = ws.load_definitions()
    now = before.texts.get((edit.kind, edit.key), "")
    if now != edit.seen:
        raise EditConflictError(edit.kind, edit.key)
    file = _file_of(ws, edit)
    raw = file.read_bytes() if file.exists() else b""
    said = with_entry(
        raw, file.name, section=_SECTION[edit.kind], key=edit.key, content=edit.content
    )
    catalogue, findings = _as_it_would_be(ws, file.name, said)
    known = {(one.place, one.sentence) for one in before.findings}
    return EditPreview(
        edit=edit,
        file=file.name,
        raw=said,
        changes=_changes(dict(yaml.safe_load(now)) if now else {}, edit.content),
        findings=tuple(
            one
            for one in findings
            if one.severity is not Severity.NOTE and (one.place, one.sentence) not in known
        ),
        catalogue=catalogue,
    )


def save_edit(
    ws: Workspace, edit: Edit, *, reason: str, actor: Actor, now: datetime
) -> EditPreview:
    """Write an edit to its file, keep the new version, and let it count from now on.

    Args:
        ws: Where the definitions are.
        edit: The entry as it should stand.
        reason: Why; kept with the version.
        actor: Needs the role steward.
        now: When (aware).

    Raises:
        BrokenCatalogueError: Something would be wrong; all of it is listed, nothing is written.
        DefinitionError: There is no reason, nothing changes, or the file cannot be changed here.
        EditConflictError: Somebody has changed the entry since the editor opened it.
        NotAllowedError: The actor may not.
    """
    actor.require(Role.STEWARD, to="change definitions")
    why = checked_reason(reason)
    with ws.writing:
        shown = preview_edit(ws, edit)
        if shown.mistakes:
            raise BrokenCatalogueError(shown.findings)
        if not shown.changes or shown.catalogue is None:
            raise DefinitionError(
                "Nothing was changed.", hint="What stands there says the same already."
            )
        follow_the_files(ws, now=now)
        at, texts = _after_the_newest(ws, now), shown.catalogue.texts
        fields = ", ".join(one.field for one in shown.changes)
        detail = f"{edit.key} ({fields if edit.seen else 'new'}): {why}"

        def keep(connection: sa.Connection) -> None:
            record_definitions(connection, texts, at=at)
            add_line(connection, at=at, actor=actor.name, action=edit.kind, detail=detail)
            ws.write_definitions(shown.file, shown.raw)  # last: what fails before leaves the file

        write(ws.engine, keep)
        ws.take_up()
    return shown


def checked_reason(reason: str) -> str:
    """Why something is changed, on one line.

    Raises:
        DefinitionError: It is missing, or so short that it says nothing.
    """
    why = " ".join(reason.split())
    if len(why) < _FEWEST_LETTERS:
        raise DefinitionError(
            "The reason is missing or too short.",
            hint="Say in a sentence why, for those who ask in a year.",
        )
    return why


def _after_the_newest(ws: Workspace, now: datetime) -> datetime:
    """When a version counts from; a clock that was set back must not put it before another."""
    with ws.reading() as connection:
        newest = read_newest_change(connection)
    return max(utc_naive(now), newest + timedelta(seconds=1)) if newest else utc_naive(now)


def _file_of(ws: Workspace, edit: Edit) -> Path:
    """Where an entry stands among the organisation's own; where none does, where the others do."""
    own, section = ws.home / "definitions", _SECTION[edit.kind]
    home = own / f"{section}.yaml"
    for file in sorted(own.glob("*.yaml"), reverse=True):
        content = parsed(file.read_text(encoding="utf-8-sig"))[1]
        entries = content.get(section) if isinstance(content, dict) else None
        if not isinstance(entries, list):
            continue
        if any(isinstance(one, dict) and one.get("id") == edit.key for one in entries):
            return file
        home = file
    return home


def _as_it_would_be(
    ws: Workspace, file: str, raw: bytes
) -> tuple[Catalogue | None, tuple[Finding, ...]]:
    """The definitions with one file in place of what it is, and everything to say about them."""
    ws.staging_folder.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="stage_", dir=ws.staging_folder) as folder:
        fresh = Path(folder)
        for one in (ws.home / "definitions").glob("*.yaml"):
            (fresh / one.name).write_bytes(one.read_bytes())
        (fresh / file).write_bytes(raw)
        try:
            catalogue = ws.load_definitions(fresh)
        except BrokenCatalogueError as broken:
            return None, broken.findings
    return catalogue, catalogue.findings


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    said = plain(after)
    names = dict.fromkeys((*said, *before))
    return tuple(
        FieldChange(field=name, before=before.get(name), after=said.get(name))
        for name in names
        if before.get(name) != said.get(name)
    )
