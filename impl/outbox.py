"""What a node has to say until it is answered: kept with its state, sent again by a timer.

A message is put here in the transaction that makes it true, and dropped when its answer comes. A
node that dies in between says it again after its restart; receivers take it for what it is, because
everything they are told is idempotent.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)

from impl.events import Command, Interface, Peer, Send, SetTimer, StopTimer

TIMER = "outbox/"


def outbox_table(metadata: MetaData) -> Table:
    """Declare the table of one node's outbox."""
    return Table(
        "outbox",
        metadata,
        Column("name", String(96), primary_key=True),
        Column("interface", String(16), nullable=False),
        Column("peer", String(64), nullable=False),
        Column("octets", LargeBinary, nullable=False),
        Column("attempts", Integer, nullable=False),
    )


@dataclass(frozen=True, slots=True)
class Outbox:
    """The outbox of one node; each message waits twice as long as the time before."""

    table: Table
    first_wait_s: float = 10.0
    longest_wait_s: float = 3600.0

    def put(self, connection: Connection, name: str, target: Peer, octets: bytes) -> list[Command]:
        """Keep a message and send it now; one of that name that is kept gives way to it."""
        self.drop(connection, name)
        row = {
            "name": name,
            "interface": target.interface,
            "peer": target.name,
            "octets": octets,
            "attempts": 1,
        }
        connection.execute(insert(self.table), row)
        return [Send(target, octets), SetTimer(TIMER + name, self.first_wait_s)]

    def drop(self, connection: Connection, name: str) -> list[Command]:
        """Forget a message, because it was answered; nothing happens if it is not kept."""
        kept = self.table.c.name == name
        dropped = connection.execute(delete(self.table).where(kept)).rowcount
        return [StopTimer(TIMER + name)] if dropped else []

    def attempts(self, connection: Connection, name: str) -> int:
        """Return how often the message was sent, 0 if it is not kept."""
        query = select(self.table.c.attempts).where(self.table.c.name == name)
        return connection.execute(query).scalar() or 0

    def send_again(self, connection: Connection, name: str | None = None) -> list[Command]:
        """Send the message of that name, or all, and wait twice as long as before."""
        query = select(self.table).order_by(self.table.c.name)
        if name is not None:
            query = query.where(self.table.c.name == name)
        commands: list[Command] = []
        for row in connection.execute(query).all():
            wait_s = min(self.first_wait_s * 2**row.attempts, self.longest_wait_s)
            counted = update(self.table).where(self.table.c.name == row.name)
            connection.execute(counted.values(attempts=row.attempts + 1))
            target = Peer(Interface(row.interface), row.peer)
            commands += [Send(target, row.octets), SetTimer(TIMER + row.name, wait_s)]
        return commands
