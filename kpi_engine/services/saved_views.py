"""Named views: an address with a name, for oneself or for everybody who explores."""

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from kpi_engine.actors import Actor
from kpi_engine.errors import NotAllowedError, StoreError, UnknownNameError
from kpi_engine.store import audit
from kpi_engine.store.engine import write
from kpi_engine.store.landing import utc_naive
from kpi_engine.store.saved_views import SavedView, add_saved_view, read_saved_views
from kpi_engine.terms import Role
from kpi_engine.workspace import Workspace

MOST_LETTERS = 80
_WHO = (Role.ANALYST, Role.STEWARD)


def saved_views(ws: Workspace, page: str, *, actor: Actor) -> tuple[SavedView, ...]:
    """Views of a page that somebody may see: their own, and those that are shared."""
    with ws.reading() as connection:
        found = read_saved_views(connection, page=page)
    return tuple(view for view in found if view.is_shared or view.owner == actor.name)


def save_view(
    ws: Workspace,
    page: str,
    name: str,
    *,
    address: str,
    is_shared: bool,
    actor: Actor,
    now: datetime,
) -> SavedView:
    """Give a view a name; one's own view of that name is replaced by it.

    Args:
        ws: Where it is kept.
        page: Name of the page in the address.
        name: What it is called.
        address: The query behind it.
        is_shared: For everybody who may open the page, or for the actor alone.
        actor: Needs the role analyst.
        now: When.

    Raises:
        NotAllowedError: The actor may not.
        StoreError: The name says nothing, or is too long.
    """
    actor.require(*_WHO, to="save a view")
    called = " ".join(name.split())
    if not called or len(called) > MOST_LETTERS:
        raise StoreError(
            "A view needs a name." if not called else "That name is too long.",
            hint=f"Give it one of at most {MOST_LETTERS} letters.",
        )
    view = SavedView(
        owner=actor.name,
        name=called,
        page=page,
        address=address,
        is_shared=is_shared,
        is_gone=False,
        saved_at=utc_naive(now),
    )
    return _keep(ws, view, actor=actor, action="save view")


def drop_view(
    ws: Workspace, page: str, name: str, *, owner: str, actor: Actor, now: datetime
) -> None:
    """Take a view back.

    Raises:
        NotAllowedError: It is somebody else's, and the actor is no steward.
        UnknownNameError: There is no such view.
    """
    actor.require(*_WHO, to="take back a view")
    mine = {v.name: v for v in saved_views(ws, page, actor=actor) if v.owner == owner}
    if name not in mine:
        raise UnknownNameError("view", name, mine)
    if owner != actor.name:
        try:
            actor.require(Role.STEWARD, to=f"take back a view of {owner}")
        except NotAllowedError as refused:
            raise NotAllowedError(refused.message, hint="Ask its owner or a steward.") from refused
    gone = replace(mine[name], is_gone=True, saved_at=utc_naive(now))
    _keep(ws, gone, actor=actor, action="take back view")


def _keep(ws: Workspace, view: SavedView, *, actor: Actor, action: str) -> SavedView:
    def save(connection: sa.Connection) -> None:
        add_saved_view(connection, view)
        whose = "shared" if view.is_shared else "private"
        detail = f"{view.name} ({whose}): {view.page}?{view.address}"
        audit.add_line(connection, at=view.saved_at, actor=actor.name, action=action, detail=detail)

    write(ws.engine, save)
    return view
