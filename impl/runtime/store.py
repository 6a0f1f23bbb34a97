"""The durable tables of one node, over SQLAlchemy Core: SQLite by default, any database by URL.

In memory the store lives as long as this object: a node that is started again over it finds what an
earlier life committed. `before_commit` and `after_commit` are where a test lets a node die.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.pool import StaticPool
from sqlalchemy.schema import CreateIndex, CreateTable

IN_MEMORY = "sqlite://"


class SqlStore:
    """Transactions on the tables of one `MetaData`."""

    def __init__(self, metadata: MetaData, url: str = IN_MEMORY) -> None:
        """Open the database and create the tables that are missing."""
        self._metadata = metadata
        self._engine = _open(url)
        self.before_commit: Callable[[], None] | None = None
        self.after_commit: Callable[[], None] | None = None
        if url == IN_MEMORY:
            self._create_at_once()
        else:
            metadata.create_all(self._engine)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Open a transaction: committed at the end of the block, rolled back if it raises."""
        with self._engine.begin() as connection:
            yield connection
            if self.before_commit:
                self.before_commit()
        if self.after_commit:
            self.after_commit()

    def reset(self) -> None:
        """Empty every table."""
        with self._engine.begin() as connection:
            for table in reversed(self._metadata.sorted_tables):
                connection.execute(table.delete())

    def close(self) -> None:
        """Let go of the database; one in memory is gone."""
        self._engine.dispose()

    def _create_at_once(self) -> None:
        # create_all() asks for every table whether it is there: in a new memory none is.
        raw = self._engine.raw_connection()
        try:
            raw.driver_connection.executescript(_script(self._metadata))  # type: ignore[union-attr]  # sqlite3
        finally:
            raw.close()


@lru_cache(maxsize=16)
def _script(metadata: MetaData) -> str:
    """Return the statements that create the tables, for SQLite."""
    dialect = create_engine(IN_MEMORY).dialect
    elements: list[CreateTable | CreateIndex] = []
    for table in metadata.sorted_tables:
        elements.append(CreateTable(table))
        elements += map(CreateIndex, sorted(table.indexes, key=str))
    return ";\n".join(str(element.compile(dialect=dialect)) for element in elements)


def _open(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url)
    memory = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
    engine = create_engine(url, **(memory if url == IN_MEMORY else {}))
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _configure(connection: Any, _record: object) -> None:
    # sqlite3 would open transactions by itself, and only before it writes: what was read before
    # could then have changed. Transactions are opened by `_begin` instead.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
