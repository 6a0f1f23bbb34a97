"""What a node has to say until it is answered: kept with its state, sent again by a timer.

A message is put here in the transaction that makes it true, and dropped when its answer comes. A
node that dies in between says it again after its restart; receivers take it for what it is, because
everything they are told is idempotent.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    delete,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from impl.events import Command, Interface, Peer, Send, SetTimer, StopTimer

TIMER = "outbox"
FIRST_WAIT_S = 10.0
LONGEST_WAIT_S = 3600.0
MOST_DOUBLINGS = 16


class Outbox:
    """The outbox of one kind of node; each message waits twice as long as the time before."""

    def __init__(self, metadata: MetaData) -> None:
        """Declare its table, and prepare what is asked of it."""
        table = self.table = Table(
            "outbox",
            metadata,
            Column("name", String(96), primary_key=True),
            Column("interface", String(16), nullable=False),
            Column("peer", String(64), nullable=False),
            Column("octets", LargeBinary, nullable=False),
            Column("attempts", Integer, nullable=False),
        )
        named = table.c.name == bindparam("wanted")
        # The clause is PostgreSQL's, and SQLite's as well.
        put = insert(table)
        renewed = {column: put.excluded[column.name] for column in table.columns}
        self._put = put.on_conflict_do_update(index_elements=[table.c.name], set_=renewed)
        self._drop = delete(table).where(named)
        # What another node over the same database is just sending again, or dropping, is its
        # affair. SQLite has one writer at a time anyway.
        claim = select(table).with_for_update(skip_locked=True)
        self._all = claim.order_by(table.c.name)
        self._claim = claim.where(named)
        self._one = select(table).where(named)
        self._count = update(table).where(named).values(attempts=table.c.attempts + 1)

    def put(self, connection: Connection, name: str, target: Peer, octets: bytes) -> list[Command]:
        """Keep a message and send it now; one of that name that is kept gives way to it."""
        row = {
            "name": name,
            "interface": target.interface,
            "peer": target.name,
            "octets": octets,
            "attempts": 1,
        }
        connection.execute(self._put, row)
        return [Send(target, octets), SetTimer(_timer(name), FIRST_WAIT_S)]

    def drop(self, connection: Connection, name: str) -> list[Command]:
        """Forget a message, because it was answered; nothing happens if it is not kept."""
        dropped = connection.execute(self._drop, {"wanted": name}).rowcount
        return [StopTimer(_timer(name))] if dropped else []

    def attempts(self, connection: Connection, name: str) -> int:
        """Return how often the message was sent, 0 if it is not kept."""
        row = connection.execute(self._one, {"wanted": name}).one_or_none()
        return row.attempts if row else 0

    def send_again(self, connection: Connection, name: str | None = None) -> list[Command]:
        """Send the message of that name, or all, and wait twice as long as before."""
        query, wanted = (self._all, {}) if name is None else (self._claim, {"wanted": name})
        commands: list[Command] = []
        for row in connection.execute(query, wanted).all():
            wait_s = min(FIRST_WAIT_S * 2 ** min(row.attempts, MOST_DOUBLINGS), LONGEST_WAIT_S)
            connection.execute(self._count, {"wanted": row.name})
            target = Peer(Interface(row.interface), row.peer)
            commands += [Send(target, row.octets), SetTimer(_timer(row.name), wait_s)]
        return commands


def _timer(name: str) -> str:
    return f"{TIMER}/{name}"
