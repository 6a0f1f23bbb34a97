"""The durable tables of one node, over SQLAlchemy Core: SQLite by default, any database by URL.

In memory the store lives as long as this object: a node that is started again over it finds what an
earlier life committed. `before_commit` and `after_commit` are where a test lets a node die.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.pool import StaticPool
from sqlalchemy.schema import CreateIndex, CreateTable

IN_MEMORY: Final = "sqlite://"

_IDLE: Final[dict[MetaData, list[Engine]]] = defaultdict(list)
"""Engines of closed stores in memory, empty again. An engine compiles each statement once: a world
that had to make new ones would spend most of its time on that."""
_EMPTY: Final[dict[MetaData, bytes]] = {}
"""The database image with the tables and nothing in them."""


class SqlStore:
    """Transactions on the tables of one `MetaData`."""

    def __init__(self, metadata: MetaData, url: str = IN_MEMORY) -> None:
        """Open the database and create the tables that are missing."""
        self._metadata = metadata
        self._in_memory = url == IN_MEMORY
        self.before_commit: Callable[[], None] | None = None
        self.after_commit: Callable[[], None] | None = None
        if self._in_memory:
            self._engine = _IDLE[metadata].pop() if _IDLE[metadata] else _open_in_memory()
            self.reset()
        else:
            self._engine = _open(url)
            metadata.create_all(self._engine)
        # SQLite has one user, the node: its connection stays open, since to take one from a pool
        # and to give it back costs more than a transaction.
        is_sqlite = self._engine.dialect.name == "sqlite"
        self._connection = self._engine.connect() if is_sqlite else None

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Open a transaction: committed at the end of the block, rolled back if it raises."""
        connection = self._connection or self._engine.connect()
        try:
            with connection.begin():
                _begin(connection)
                yield connection
                if self.before_commit:
                    self.before_commit()
        finally:
            if self._connection is None:
                connection.close()
        if self.after_commit:
            self.after_commit()

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
    # A statement's parameters may be keys: an error's text does not show them.
    engine = create_engine(url, hide_parameters=True)
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
