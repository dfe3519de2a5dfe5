"""Which segment each event and each stated fact belongs to."""

import json
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from kpi_engine.catalogue.events import EventKind
from kpi_engine.store import tables
from kpi_engine.store.change import Change, leaf_table
from kpi_engine.store.segments import Members, members_text, number_segments, read_segments

_SPAN_KINDS = ("outage", "check")


def place_events(change: Change, kind: EventKind) -> None:
    """Number new combinations of a kind's dimensions, and stage which segment each one is.

    Combinations that are stored already have their segments; only staged events can bring new ones.
    """
    kinds = [kind]
    if kind.id in _SPAN_KINDS:
        kinds = [change.catalogue.events[name] for name in _SPAN_KINDS]
    numbers = stage_segments(change, _staged_combinations(change, kind))
    for one in kinds:
        leaf = leaf_table(change.staging, one)
        change.staging.create(change.connection, leaf)
        rows = [
            {**{name: members.get(name) for name in one.dimensions}, "segment_id": number}
            for members, number in ((json.loads(text), number) for text, number in numbers.items())
            if set(members) <= set(one.dimensions)
        ]
        change.connection.execute(leaf.insert(), rows)


def _staged_combinations(change: Change, kind: EventKind) -> list[Members]:
    staged = change.staged_events(kind)
    if staged is None or not kind.dimensions:
        return []
    query = sa.select(*(staged.c[name] for name in kind.dimensions)).distinct()
    rows = change.connection.execute(query).mappings().all()
    return [{k: str(v) for k, v in row.items() if v is not None} for row in rows]


def stage_segments(change: Change, combinations: Iterable[Members]) -> dict[str, int]:
    """Add new segments to the staging's copy of the segment tables.

    Returns:
        Ids of all segments by spelling.
    """
    connection, staging = change.connection, change.staging
    known = read_segments(connection, staging.like(tables.segment))
    if not known:
        for table in (tables.segment, tables.segment_part):
            names = [c.name for c in table.columns]
            copied = staging.like(table).insert().from_select(names, sa.select(*table.columns))
            connection.execute(copied)
        known = read_segments(connection, tables.segment)
    new, parts = number_segments(known, combinations)
    if new:
        rows = [{"id": number, "members": text} for text, number in new.items()]
        connection.execute(staging.like(tables.segment).insert(), rows)
        wholes = [{"segment_id": number, "whole_id": whole} for number, whole in parts]
        connection.execute(staging.like(tables.segment_part).insert(), wholes)
    return {**known, **new}


def place_named(
    change: Change, named: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], int | None]:
    """Segment ids of (metric, segment text) pairs; None where the text makes no sense."""
    members = {
        (metric, text): parse_segment(text, _dimensions(change, metric)) for metric, text in named
    }
    numbers = stage_segments(change, [m for m in members.values() if m is not None])
    return {
        pair: None if found is None else numbers[members_text(found)]
        for pair, found in members.items()
    }


def _dimensions(change: Change, metric: str) -> tuple[str, ...]:
    known = change.catalogue.metrics.get(metric)
    return known.dimensions if known else ()


def parse_segment(text: str, dimensions: Sequence[str]) -> Members | None:
    """A segment's members from its text in a file.

    Args:
        text: ``all``, ``dimension=member`` (several with ``;``), or a bare member where the metric
            has one dimension.
        dimensions: Those the metric may be sliced by.

    Returns:
        The members, empty for all; None when the text names no declared dimension.

    Examples:
        >>> parse_segment("service=Shop", ["service"])
        {'service': 'Shop'}
        >>> parse_segment("Shop", ["service"])
        {'service': 'Shop'}
        >>> parse_segment("Shop", []) is None
        True
    """
    plain = text.strip()
    if plain.lower() in ("", "all"):
        return {}
    if "=" not in plain:
        return {dimensions[0]: plain} if len(dimensions) == 1 else None
    members: dict[str, str] = {}
    for piece in plain.split(";"):
        name, _, member = (side.strip() for side in piece.partition("="))
        if name not in dimensions or not member:
            return None
        members[name] = member
    return members
