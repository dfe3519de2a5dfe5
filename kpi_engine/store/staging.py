"""Staging: a database of its own beside the store, where an import is prepared.

Everything an import will change is worked out there first; saving moves it into the store in one
transaction. A staging file that nobody commits is removed with the next start.
"""

import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.schema import CreateTable, DropTable

from kpi_engine.catalogue.events import EventKind
from kpi_engine.store.engine import apart
from kpi_engine.store.tables import event_table, fact, hour_fact, rollup, segment, segment_part

_TOKEN = re.compile(r"stage_[0-9a-f]{12}")

_ANY = "stage"
"""The schema of every staging table in statements; a connection says which area it stands for."""

_Shape = tuple[str, tuple[tuple[str, str], ...]]
_TABLES: dict[_Shape, sa.Table] = {}
"""Tables of one name and the same columns are one object: their statements are compiled once."""


@dataclass(frozen=True, kw_only=True)
class Staging:
    """One attached staging database.

    Attributes:
        token: Its name in SQL and its file name; only letters, digits and underscores.
        tables: ``event_<kind>``, ``fact``, ``rollup``, ``segment``, ``segment_part`` and what the
            import adds by name, each with the columns it has in the store.
    """

    token: str
    path: Path
    tables: dict[str, sa.Table] = field(default_factory=dict)

    @property
    def scratch(self) -> Path:
        """A folder for converted copies of the file; it goes when the staging area goes."""
        return self.path.with_suffix("")

    def table(self, name: str, columns: Iterable[sa.Column[Any]] = ()) -> sa.Table:
        """The staging table of that name; ``columns`` declare it the first time."""
        if name not in self.tables:
            declared = list(columns)
            shape = (name, tuple((column.name, str(column.type)) for column in declared))
            if shape not in _TABLES:
                _TABLES[shape] = sa.Table(name, sa.MetaData(), *declared, schema=_ANY)
            self.tables[name] = _TABLES[shape]
        return self.tables[name]

    def on(self, connection: sa.Connection) -> sa.Connection:
        """The connection, on which staging tables are those of this area from now on."""
        return connection.execution_options(schema_translate_map={_ANY: self.token})

    def like(self, source: sa.Table) -> sa.Table:
        """The staging table with a store table's name and columns."""
        return self.table(source.name, (sa.Column(c.name, c.type) for c in source.columns))

    def changes(self, source: sa.Table) -> sa.Table:
        """Like :meth:`like`, with what comparing found: whether new, how many rows behind it."""
        declared: dict[str, Any] = {c.name: c.type for c in source.columns}
        declared |= {"is_new": sa.Boolean, "n_rows": sa.BigInteger}
        return self.table(source.name, (sa.Column(name, of) for name, of in declared.items()))

    def create(self, connection: sa.Connection, *tables: sa.Table) -> None:
        """Make tables, empty; a table left from an earlier attempt is replaced."""
        self.on(connection)
        for table in tables:
            connection.execute(DropTable(table, if_exists=True))
            connection.execute(CreateTable(table))


def open_staging(engine: sa.Engine, folder: Path, *, token: str, large: bool = False) -> Staging:
    """Attach a staging database: in memory, or for large files in a file of its own.

    Raises:
        ValueError: The token was not made by the staging rule.
    """
    if not _TOKEN.fullmatch(token):
        raise ValueError(f"not a staging token: {token}")
    path = folder / f"{token}.duckdb"
    folder.mkdir(parents=True, exist_ok=True)
    place = str(path).replace("'", "''") if large else ":memory:"
    with engine.connect() as connection:
        connection.exec_driver_sql(f"ATTACH IF NOT EXISTS '{place}' AS {token}")
        connection.commit()
    return Staging(token=token, path=path)


def is_open(engine: sa.Engine, token: str) -> bool:
    """Whether a staging database is still attached: one that was dropped or restarted is not."""
    with engine.connect() as connection:
        known = sa.text("SELECT count(*) FROM duckdb_databases() WHERE database_name = :token")
        return bool(connection.execute(known, {"token": token}).scalar())


def close_staging(engine: sa.Engine, staging: Staging) -> None:
    """Detach a staging database and remove its file, if it has one."""
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DETACH DATABASE IF EXISTS {staging.token}")
        connection.commit()
    _remove(staging.path)
    _remove(staging.path.with_name(staging.path.name + ".wal"))
    _remove(staging.scratch)


def sweep_staging(folder: Path) -> None:
    """Remove staging files that an earlier process left behind; none may be attached."""
    for path in folder.glob("stage_*"):
        _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def prepare_tables(engine: sa.Engine, staging: Staging, kind: EventKind | None) -> None:
    """Make the tables every import fills: events of its kind, facts, rollups, segments."""
    wanted = declared_tables(staging, kind)
    apart(engine, lambda connection: staging.create(connection, *wanted))


def declared_tables(staging: Staging, kind: EventKind | None) -> list[sa.Table]:
    """Name the tables every import fills, in a staging area made now or earlier."""
    compared = [fact] if kind is None else [fact, event_table(kind)]
    plain = [staging.like(table) for table in (rollup, hour_fact, segment, segment_part)]
    return [*(staging.changes(table) for table in compared), *plain]
