"""Segments: combinations of dimensions, and the wholes each counts towards."""

import json
from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from kpi_engine.store.tables import ALL_SEGMENT, segment

Members = Mapping[str, str]


def members_text(members: Members) -> str:
    """The one spelling of a combination, as stored.

    Examples:
        >>> members_text({"team": "Network", "service": "Shop"})
        '{"service": "Shop", "team": "Network"}'
    """
    return json.dumps(dict(sorted(members.items())), ensure_ascii=False)


def read_segments(connection: sa.Connection, table: sa.Table = segment) -> dict[str, int]:
    """Every segment's id by its spelling, of the store or of a staging copy."""
    rows = connection.execute(sa.select(table.c.members, table.c.id)).all()
    return {row.members: row.id for row in rows}


def read_segment_id(connection: sa.Connection, members: Members) -> int | None:
    """The id of a segment, or None when no fact was ever in it."""
    if not members:
        return ALL_SEGMENT
    query = sa.select(segment.c.id).where(segment.c.members == members_text(members))
    found = connection.execute(query).scalar()
    return None if found is None else int(found)


def wholes(members: Members) -> list[str]:
    """Spellings of everything a combination counts towards: itself, each single member, all."""
    singles = [members_text({name: member}) for name, member in members.items()]
    return list(dict.fromkeys([members_text(members), *singles, members_text({})]))


def spelled_segments() -> sa.Subquery:
    """One row a segment: id, and its text as files spell it."""
    known = segment.alias("known")
    spelled: sa.ColumnElement[str] = sa.literal_column(
        "array_to_string(list_transform(json_keys(known.members), lambda dimension:"
        " dimension || '=' || json_extract_string(known.members, '$.\"' || dimension || '\"')),"
        " ';')",
        sa.String,
    )
    text = sa.case((known.c.id == ALL_SEGMENT, sa.literal("all")), else_=spelled)
    return sa.select(known.c.id, text.label("segment")).subquery("segments")


def number_segments(
    known: Mapping[str, int], combinations: Iterable[Members]
) -> tuple[dict[str, int], list[tuple[int, int]]]:
    """Ids for new combinations and for the wholes they count towards.

    Returns:
        The ids of segments not in ``known``, and (segment id, whole id) for each new segment.
    """
    numbers = dict(known)
    new: dict[str, int] = {}
    following = max(numbers.values(), default=ALL_SEGMENT) + 1
    queue = [members_text(members) for members in combinations]
    for text in dict.fromkeys(t for q in queue for t in wholes(json.loads(q))):
        if text not in numbers:
            numbers[text] = new[text] = following
            following += 1
    parts = [
        (number, numbers[whole])
        for text, number in new.items()
        for whole in wholes(json.loads(text))
    ]
    return new, parts
