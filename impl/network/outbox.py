"""What a node has to say until it is answered: kept with its state, sent again by a timer.

A message is put here in the transaction that makes it true, and dropped when its answer comes. A
node that dies in between says it again after its restart; the receivers take it for what it is,
because everything they are told is idempotent.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from impl.events import Command, Interface, Peer, Send, SetTimer, StopTimer
from impl.network.records import outbox

TIMER = "outbox"
FIRST_WAIT_S = 10.0
LONGEST_WAIT_S = 3600.0
MOST_DOUBLINGS = 16

_DROP = delete(outbox).where(outbox.c.name == bindparam("wanted"))
_PUT = insert(outbox)


def put(connection: Connection, name: str, target: Peer, octets: bytes) -> list[Command]:
    """Keep a message and send it now; one of that name that is kept gives way to it."""
    drop(connection, name)
    row = {
        "name": name,
        "interface": target.interface,
        "peer": target.name,
        "octets": octets,
        "attempts": 1,
    }
    connection.execute(_PUT, row)
    return [Send(target, octets), SetTimer(_timer(name), FIRST_WAIT_S)]


def drop(connection: Connection, name: str) -> list[Command]:
    """Forget a message, because it was answered; nothing happens if it is not kept."""
    dropped = connection.execute(_DROP, {"wanted": name}).rowcount
    return [StopTimer(_timer(name))] if dropped else []


def send_again(connection: Connection, name: str | None = None) -> list[Command]:
    """Send the message of that name, or all, and wait twice as long as before for an answer."""
    query = select(outbox).order_by(outbox.c.name)
    kept = connection.execute(query if name is None else query.where(outbox.c.name == name)).all()
    commands: list[Command] = []
    for row in kept:
        wait_s = min(FIRST_WAIT_S * 2 ** min(row.attempts, MOST_DOUBLINGS), LONGEST_WAIT_S)
        connection.execute(
            update(outbox).where(outbox.c.name == row.name).values(attempts=row.attempts + 1)
        )
        target = Peer(Interface(row.interface), row.peer)
        commands += [Send(target, row.octets), SetTimer(_timer(row.name), wait_s)]
    return commands


def _timer(name: str) -> str:
    return f"{TIMER}/{name}"
