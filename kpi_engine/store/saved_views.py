"""Views that somebody named: added, never edited; the newest of an owner and name counts."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from kpi_engine.store import tables


@dataclass(frozen=True, kw_only=True)
class SavedView:
    """A view of a page.

    Attributes:
        page: Its name in the address.
        address: The query behind it.
        is_shared: Everybody who may open the page sees it; otherwise its owner alone.
        is_gone: It was taken back.
        saved_at: UTC, without a zone.
    """

    owner: str
    name: str
    page: str
    address: str
    is_shared: bool
    is_gone: bool
    saved_at: datetime


def read_saved_views(connection: sa.Connection, *, page: str) -> tuple[SavedView, ...]:
    """The newest version of every view of a page that is still there, by name."""
    view = tables.saved_view
    rank = sa.func.row_number().over(
        partition_by=[view.c.owner, view.c.name], order_by=view.c.saved_at.desc()
    )
    ranked = sa.select(view, rank.label("newest")).where(view.c.page == page).subquery("versions")
    rows = connection.execute(
        sa.select(*(ranked.c[c.name] for c in view.c))
        .where(ranked.c.newest == 1, ~ranked.c.is_gone)
        .order_by(ranked.c.name, ranked.c.owner)
    )
    return tuple(SavedView(**row._mapping) for row in rows)


def add_saved_view(connection: sa.Connection, view: SavedView) -> None:
    """Keep a version of a view."""
    connection.execute(tables.saved_view.insert().values(**vars(view)))
