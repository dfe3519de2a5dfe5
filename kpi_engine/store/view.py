"""What a view is that may be asked with SQL: a name, what one row is, and every column in words."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from kpi_engine.catalogue.events import ColumnType
from kpi_engine.store.tables import column_type
from kpi_engine.store.versions import Tick

Said = tuple[str, ColumnType, str]
SEGMENT: Said = ("segment", "text", "all, or dimension=member; several with ; between.")


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a view.

    Attributes:
        of: What it holds; an ``instant`` is UTC without a zone mark, unless its sentence says else.
    """

    name: str
    of: ColumnType
    sentence: str


@dataclass(frozen=True, kw_only=True)
class View:
    """One view.

    Attributes:
        sentence: What one row is.
        select: What it shows at a tick, columns in the same order.
    """

    name: str
    sentence: str
    columns: tuple[Column, ...]
    select: Callable[[Tick], sa.Select[Any]]


def columns(*said: Said) -> tuple[Column, ...]:
    """Columns: name, what it holds, and a sentence."""
    return tuple(Column(name=name, of=of, sentence=sentence) for name, of, sentence in said)


def listed(name: str, sentence: str, *said: Said, rows: Iterable[Sequence[Any]]) -> View:
    """A view of definitions: they come with the query, as they are now."""
    cells = [tuple(row) for row in rows]
    of = columns(*said)

    def select(_tick: Tick) -> sa.Select[Any]:
        kinds = [column_type(one.of) for one in of]
        if not cells:
            nothing = (
                sa.cast(sa.null(), kind).label(one.name)
                for one, kind in zip(of, kinds, strict=True)
            )
            return sa.select(*nothing).where(sa.false())
        declared = (sa.column(one.name, kind) for one, kind in zip(of, kinds, strict=True))
        table = sa.values(*declared, name="listed").data(cells)
        return sa.select(
            *(
                sa.cast(table.c[one.name], kind).label(one.name)
                for one, kind in zip(of, kinds, strict=True)
            )
        )

    return View(name=name, sentence=sentence, columns=of, select=select)
