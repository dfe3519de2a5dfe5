"""What was estimated at a tick, kept so that nobody has to wait for it twice. Can be dropped."""

from collections.abc import Iterable

import sqlalchemy as sa

from kpi_engine.store.tables import estimate


def read_kept(connection: sa.Connection, *, as_of: int, fingerprint: str) -> dict[str, str]:
    """The kept answers by outcome: JSON.

    Args:
        connection: To the store.
        as_of: Tick.
        fingerprint: Of the definitions and the way of estimating.
    """
    query = sa.select(estimate.c.outcome, estimate.c.answer).where(
        estimate.c.as_of == as_of, estimate.c.fingerprint == fingerprint
    )
    return {row.outcome: row.answer for row in connection.execute(query)}


def read_kept_names(connection: sa.Connection, *, as_of: int, fingerprint: str) -> list[str]:
    """Outcomes of which an answer is kept; arguments as for :func:`read_kept`."""
    query = sa.select(estimate.c.outcome).where(
        estimate.c.as_of == as_of, estimate.c.fingerprint == fingerprint
    )
    return [row.outcome for row in connection.execute(query)]


def read_kept_of(connection: sa.Connection, *, outcome: str, fingerprint: str) -> list[str]:
    """One outcome's kept answers at any tick, the newest first.

    Args:
        connection: To the store.
        outcome: Its id.
        fingerprint: How it ends: with the way of estimating, by whatever definitions.
    """
    query = (
        sa.select(estimate.c.answer)
        .where(
            estimate.c.outcome == outcome,
            estimate.c.fingerprint.endswith(fingerprint, autoescape=True),
        )
        .order_by(estimate.c.as_of.desc())
    )
    return list(connection.execute(query).scalars())


def keep(
    connection: sa.Connection, *, as_of: int, fingerprint: str, outcome: str, answer: str
) -> None:
    """Keep one outcome's answer; one of the same key is replaced."""
    same = (
        estimate.c.as_of == as_of,
        estimate.c.fingerprint == fingerprint,
        estimate.c.outcome == outcome,
    )
    connection.execute(sa.delete(estimate).where(*same))
    connection.execute(
        estimate.insert().values(
            as_of=as_of, fingerprint=fingerprint, outcome=outcome, answer=answer
        )
    )


def forget(connection: sa.Connection, *, keep_ticks: Iterable[int]) -> None:
    """Drop what was kept for other ticks; it is estimated again when somebody asks."""
    connection.execute(sa.delete(estimate).where(estimate.c.as_of.not_in(list(keep_ticks))))
