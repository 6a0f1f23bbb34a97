"""The durable tables of one node, over SQLAlchemy Core: SQLite by default, any database by URL.

In memory the store lives as long as this object: a node that is started again over it finds what an
earlier life committed. `before_commit` and `after_commit` are where a test lets a node die.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any, Final
from weakref import finalize

from sqlalchemy import Connection, Engine, MetaData, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import StaticPool
from sqlalchemy.schema import CreateIndex, CreateTable

from impl.errors import StoreBusyError, StoreLostError, StoreUnavailableError
from impl.ports import HISTORY

IN_MEMORY: Final = "sqlite://"

_IDLE: Final[dict[MetaData, list[Engine]]] = defaultdict(list)
"""Engines of closed stores in memory, empty again. An engine compiles each statement once: a world
that had to make new ones would spend most of its time on that."""
_WAIT_S: Final = 10
"""How long a transaction waits for another that is in its way."""
_RACES: Final = frozenset({"23505", "40001", "40P01", "55P03"})
"""SQLSTATEs of PostgreSQL: another was faster (unique violation, serialization), or in the way."""
_OPTIONS: Final = f"-c lock_timeout={_WAIT_S}s -c idle_in_transaction_session_timeout=60s"
"""For PostgreSQL: nobody waits for ever for a process that stands still."""
_EMPTY: Final[dict[MetaData, bytes]] = {}
"""The database image with the tables and nothing in them."""


class SqlStore:
    """Transactions on the tables of one `MetaData`."""

    def __init__(self, metadata: MetaData, url: str = IN_MEMORY) -> None:
        """Open the database; its tables are made, or brought to the newest version.

        Raises:
            StoreUnavailableError: there is no such database, or it does not let us in.
            StoreVersionError: its tables are not of a version that this release knows.
        """
        self._metadata = metadata
        self._in_memory = url == IN_MEMORY
        self.before_commit: Callable[[], None] | None = None
        self.after_commit: Callable[[], None] | None = None
        if self._in_memory:
            self._engine = _IDLE[metadata].pop() if _IDLE[metadata] else _open_in_memory()
            self.reset()
        else:
            self._engine = _open(url)
            # Who only looks something up lets go of a store without closing it.
            finalize(self, self._engine.dispose)
        self._connection: Connection | None = None
        if not self._in_memory:
            self._make_tables()
        # SQLite has one user, the node: its connection stays open, since to take one from a pool
        # and to give it back costs more than a transaction.
        is_sqlite = self._engine.dialect.name == "sqlite"
        if is_sqlite:
            self._connection = self._engine.connect()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Open a transaction: committed at the end of the block, rolled back if it raises.

        Raises:
            StoreBusyError: another transaction was in the way. Nothing was written.
            StoreLostError: the connection broke. What was written is there wholly or not at all.
        """
        connection = self._connection or self._connect()
        try:
            with connection.begin():
                _begin(connection)
                yield connection
                if self.before_commit:
                    self.before_commit()
        except (DBAPIError, sqlite3.OperationalError) as error:
            if _is_race(error):
                raise StoreBusyError from error
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise StoreLostError from error
            raise
        finally:
            if self._connection is None:
                connection.close()
        if self.after_commit:
            self.after_commit()

    def _connect(self) -> Connection:
        try:
            return self._engine.connect()
        except OperationalError as error:
            raise StoreLostError from error

    @property
    def written(self) -> int | None:
        """How many rows were ever written over the one connection, None if there are more of them.

        As long as it stays what it is, whatever was read would be read again as it was.
        """
        if self._connection is None:
            return None
        source: Any = self._connection.connection.driver_connection
        rows: int = source.total_changes
        return rows

    def backup(self, path: str) -> None:
        """Write a copy to the file `path` as of one moment, while others go on reading and writing.

        Raises:
            StoreUnavailableError: the copy cannot be written, or this is no SQLite: PostgreSQL has
                tools of its own (docs/operations.md).
        """
        if self._connection is None:
            raise StoreUnavailableError(path, "only SQLite is copied so; use pg_dump")
        source: Any = self._connection.connection.driver_connection
        try:
            with closing(sqlite3.connect(path)) as copy:
                source.backup(copy)
        except sqlite3.Error as error:
            raise StoreUnavailableError(path, _first_line(error)) from None

    def _make_tables(self) -> None:
        where = self._engine.url.render_as_string(hide_password=True)
        history = self._metadata.info.get(HISTORY)
        try:
            with self.begin() as connection:
                if history is None:
                    self._metadata.create_all(connection)
                else:
                    # Not at the top: what lives in memory has no need of alembic, and of its time.
                    from impl.runtime import schema  # noqa: PLC0415

                    schema.upgrade(connection, history)
        except (DBAPIError, sqlite3.DatabaseError, StoreLostError) as error:
            self._engine.dispose()
            raise StoreUnavailableError(where, _first_line(error)) from None
        except BaseException:
            self._engine.dispose()
            raise

    def reset(self) -> None:
        """Empty every table; what a database in memory counted begins anew as well."""
        if self._in_memory:
            raw = self._engine.raw_connection()
            raw.driver_connection.deserialize(_empty_image(self._metadata))  # type: ignore[union-attr]  # sqlite3
            raw.close()
            return
        with self.begin() as connection:
            for table in reversed(self._metadata.sorted_tables):
                connection.execute(table.delete())

    def close(self) -> None:
        """Let go of the database; what was in one in memory is gone."""
        if self._connection is not None:
            self._connection.close()
        if self._in_memory:
            self.reset()
            _IDLE[self._metadata].append(self._engine)
        else:
            self._engine.dispose()


def _empty_image(metadata: MetaData) -> bytes:
    if metadata not in _EMPTY:
        engine = _open_in_memory()
        raw = engine.raw_connection()
        database: Any = raw.driver_connection
        database.executescript(_script(metadata, engine))
        _EMPTY[metadata] = database.serialize()
        raw.close()
        engine.dispose()
    return _EMPTY[metadata]


def _script(metadata: MetaData, engine: Engine) -> str:
    """Return the statements that create the tables."""
    elements: list[CreateTable | CreateIndex] = []
    for table in metadata.sorted_tables:
        elements.append(CreateTable(table))
        elements += map(CreateIndex, sorted(table.indexes, key=str))
    return ";\n".join(str(element.compile(engine)) for element in elements)


def _open_in_memory() -> Engine:
    arguments = {"check_same_thread": False}
    engine = create_engine(
        IN_MEMORY, poolclass=StaticPool, connect_args=arguments, hide_parameters=True
    )
    event.listen(engine, "connect", _open_by_hand)
    return engine


def _open(url: str) -> Engine:
    try:
        is_sqlite = make_url(url).get_backend_name() == "sqlite"
        # A statement's parameters may be keys: an error's text does not show them.
        engine = create_engine(
            url,
            hide_parameters=True,
            connect_args={"timeout": _WAIT_S} if is_sqlite else {"options": _OPTIONS},
        )
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise StoreUnavailableError("of this URL", type(error).__name__) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _open_by_hand)
        event.listen(engine, "connect", _be_durable)
    return engine


def _open_by_hand(connection: Any, _record: object) -> None:
    # sqlite3 would open transactions by itself, and only before it writes: what was read before
    # could then have changed. Transactions are opened by `_begin` instead.
    connection.isolation_level = None


def _be_durable(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


def _begin(connection: Connection) -> None:
    # Not as a listener of the engine: it would then call listeners around every statement.
    if connection.dialect.name == "sqlite":
        connection.connection.cursor().execute("BEGIN IMMEDIATE")


def _is_race(error: DBAPIError | sqlite3.OperationalError) -> bool:
    """Whether the same transaction may well succeed when it is made again."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        # Raised by the module itself an error has no code.
        return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
    return getattr(cause, "sqlstate", None) in _RACES


def _first_line(error: DBAPIError | sqlite3.Error | StoreLostError) -> str:
    cause = error.__cause__ if isinstance(error, StoreLostError) else error
    cause = cause.orig if isinstance(cause, DBAPIError) else cause
    return str(cause).partition("\n")[0]
