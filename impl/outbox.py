"""What a node has to say until it is answered: kept with its state, sent again by a timer.

A message is put here in the transaction that makes it true, and dropped when its answer comes. A
node that dies in between says it again after its restart; receivers take it for what it is, because
everything they are told is idempotent.

Where several nodes share the database, each row says when it is due. Who sends a message moves that
on, so that of several whose timer runs out one sends; what stays overdue is another's that died.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from sqlalchemy import (
    Column,
    Connection,
    Executable,
    Float,
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
TAKEOVER_TIMER = "takeover"
"""Of nodes that share a database: after it they look for what another left undone."""
FIRST_WAIT_S = 10.0
LONGEST_WAIT_S = 3600.0
MOST_DOUBLINGS = 16
EARLY_S = 0.001
"""How much earlier than it is due a timer may run out: two clocks are never quite one."""
AT_ONCE = 500
"""How many overdue messages are taken over in one go."""


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
            Column("due", Float, nullable=False),  # to be sent again; seconds since the epoch
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
        self._claim = claim.where(named, table.c.due <= bindparam("by"))
        self._of_peer = self._all.where(
            table.c.interface == bindparam("interface"), table.c.peer == bindparam("peer")
        )
        self._one = select(table).where(named)
        self._overdue = (
            select(table.c.name)
            .where(table.c.due <= bindparam("by"))
            .order_by(table.c.due, table.c.name)
            .limit(AT_ONCE)
        )
        count = {"attempts": table.c.attempts + 1, "due": bindparam("again")}
        self._count = update(table).where(named).values(count)

    def put(
        self, connection: Connection, name: str, target: Peer, octets: bytes, now: float
    ) -> list[Command]:
        """Keep a message and send it now; one of that name that is kept gives way to it."""
        row = {
            "name": name,
            "interface": target.interface,
            "peer": target.name,
            "octets": octets,
            "attempts": 1,
            "due": now + FIRST_WAIT_S,
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

    def find(self, connection: Connection, name: str) -> bytes | None:
        """Return the message of that name, None if it is not kept."""
        row = connection.execute(self._one, {"wanted": name}).one_or_none()
        return row.octets if row else None

    def waits(self, connection: Connection, name: str, now: float) -> list[Command]:
        """Return the timer of a message that another node sent meanwhile; nothing if it is due."""
        row = connection.execute(self._one, {"wanted": name}).one_or_none()
        if row is None or row.due <= now + EARLY_S:
            return []
        return [SetTimer(_timer(name), row.due - now)]

    def overdue(self, connection: Connection, now: float, since_s: float) -> list[Command]:
        """Return timers that run out at once, of messages that nobody sent for so many seconds."""
        names = connection.execute(self._overdue, {"by": now - since_s}).scalars()
        return [SetTimer(_timer(name), 0.0) for name in names]

    def send_again(
        self,
        connection: Connection,
        now: float,
        name: str | None = None,
        *,
        is_shared: bool = False,
    ) -> list[Command]:
        """Send the message of that name, or all, and wait twice as long as before.

        In a database that `is_shared`, one that another node sent meanwhile is waited for.
        """
        if name is None:
            return self._send(connection, self._all, {}, now)
        wanted = {"wanted": name, "by": now + EARLY_S if is_shared else inf}
        commands = self._send(connection, self._claim, wanted, now)
        return commands or (self.waits(connection, name, now) if is_shared else [])

    def send_again_to(self, connection: Connection, target: Peer, now: float) -> list[Command]:
        """Send all that `target` has not answered, because the link to it is there again."""
        wanted = {"interface": target.interface, "peer": target.name}
        return self._send(connection, self._of_peer, wanted, now)

    def _send(
        self, connection: Connection, query: Executable, wanted: Mapping[str, object], now: float
    ) -> list[Command]:
        commands: list[Command] = []
        for row in connection.execute(query, wanted).all():
            wait_s = min(FIRST_WAIT_S * 2 ** min(row.attempts, MOST_DOUBLINGS), LONGEST_WAIT_S)
            connection.execute(self._count, {"wanted": row.name, "again": now + wait_s})
            target = Peer(Interface(row.interface), row.peer)
            commands += [Send(target, row.octets), SetTimer(_timer(row.name), wait_s)]
        return commands


def _timer(name: str) -> str:
    return f"{TIMER}/{name}"
