"""What changed in definitions, and when: every version kept, held against the one before (E1)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.counting import rests_on
from kpi_engine.catalogue.earlier import fields_of
from kpi_engine.store.definitions import Key, Version, read_versions
from kpi_engine.workspace import Workspace

_NOT_MEANT = ("recipe",)
"""How a file is read is no part of what a number means."""
_DATED = ("target", "baseline")


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """One field of a definition that reads otherwise.

    Attributes:
        field: Its name, with those of the fields it lies in before it: ``measure.fold``.
        before: As it was written; None where it was not there.
        after: As it is written now; None where it is not there any more.
    """

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, kw_only=True)
class DefinitionChange:
    """One definition that was added, changed or taken out.

    Attributes:
        kind: metric, link, target, baseline, assumption, event, initiative or organisation.
        metric: The measure that a target or a baseline is about; empty for other kinds.
        at: From when on it counts: UTC, without a zone.
        is_new: It was not declared before.
        is_gone: It is not declared any more.
        fields: What reads otherwise; of what is new or gone, everything it says or said.
    """

    kind: str
    id: str
    metric: str
    at: datetime
    is_new: bool
    is_gone: bool
    fields: tuple[FieldChange, ...]

    def day(self, zone: ZoneInfo) -> date:
        """The day from which on it counts, where the organisation is."""
        return self.at.replace(tzinfo=UTC).astimezone(zone).date()

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "kind": self.kind,
            "id": self.id,
            "at": self.at.isoformat(),
            "is_new": self.is_new,
            "is_gone": self.is_gone,
            "fields": [vars(field) for field in self.fields],
        }


def read_changes(ws: Workspace) -> tuple[DefinitionChange, ...]:
    """Every change of a definition since the first data came in, the newest first."""
    with ws.reading() as connection:
        return changes(read_versions(connection))


def changes(versions: Iterable[Version]) -> tuple[DefinitionChange, ...]:
    """What each version changed, the newest first; those of the first day changed nothing.

    Args:
        versions: The oldest first.
    """
    found, texts = list[DefinitionChange](), dict[Key, str]()
    first: datetime | None = None
    for one in versions:
        first = first or one.valid_from
        before, texts[one.key] = texts.get(one.key, ""), one.text
        if one.valid_from > first and one.kind not in _NOT_MEANT:
            found.append(_change(one, before))
    return tuple(found[::-1])


def changes_about(
    catalogue: Catalogue, metric: str, found: Iterable[DefinitionChange]
) -> tuple[DefinitionChange, ...]:
    """Those of a metric, of what it is made of, of its targets and of links from and to it."""
    about = set(rests_on(catalogue, metric))
    links = [*catalogue.links_to(metric), *catalogue.links_from(metric)]
    about |= {("link", link.id) for link in links}
    about |= {("assumption", name) for link in links for name in link.assumptions}
    return tuple(one for one in found if (one.kind, one.id) in about or one.metric == metric)


def links_changed_after(
    catalogue: Catalogue, outcome: str, day: date, found: Iterable[DefinitionChange]
) -> tuple[DefinitionChange, ...]:
    """Those after a day of the links to an outcome, and of what these assume."""
    links = catalogue.links_to(outcome)
    about = {("link", link.id) for link in links}
    about |= {("assumption", name) for link in links for name in link.assumptions}
    zone = catalogue.organisation.zone
    return tuple(one for one in found if (one.kind, one.id) in about and one.day(zone) > day)


def _change(one: Version, before: str) -> DefinitionChange:
    was, is_ = fields_of(before), fields_of(one.text)
    metric = (is_ or was).get("metric", "") if one.kind in _DATED else ""
    flat_was, flat_is = dict(_flat(was)), dict(_flat(is_))
    fields = [
        FieldChange(field=name, before=flat_was.get(name), after=flat_is.get(name))
        for name in dict.fromkeys([*flat_is, *flat_was])
        if flat_was.get(name) != flat_is.get(name)
    ]
    return DefinitionChange(
        kind=one.kind,
        id=one.id,
        metric=str(metric),
        at=one.valid_from,
        is_new=not before,
        is_gone=not one.text,
        fields=tuple(fields),
    )


def _flat(fields: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Fields that hold no others, each with its whole name; lists are one value."""
    for name, value in fields.items():
        whole = f"{path}{name}"
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{whole}.")
        else:
            yield whole, value
