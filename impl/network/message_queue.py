"""The durable queue of an SMSC: messages that were taken and are not delivered, by receiver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from impl.network.records import short_message
from impl.values import MSISDN


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """One message, as its sender submitted it."""

    destination: MSISDN
    originator: MSISDN
    esm_class: int
    protocol_id: int
    data_coding: int
    user_data: bytes
    expires: float
    """Seconds since the epoch."""
    id: int = 0
    """Given by the queue; never given again."""
    attempts: int = 0


# Made once: making a statement costs more than carrying it out.
_PUT = insert(short_message).returning(short_message.c.id)
_FIRST_TWO = (
    select(short_message)
    .where(short_message.c.destination == bindparam("wanted"))
    .order_by(short_message.c.id)
    .limit(2)
)
_DESTINATIONS = select(short_message.c.destination).distinct().order_by(short_message.c.destination)
_DROP = delete(short_message).where(short_message.c.id == bindparam("wanted"))
_DROP_EXPIRED = delete(short_message).where(
    short_message.c.destination == bindparam("wanted"),
    short_message.c.expires <= bindparam("now"),
)
_COUNT_ATTEMPT = (
    update(short_message)
    .where(short_message.c.id == bindparam("key"))
    .values(attempts=short_message.c.attempts + 1)
)


def put(connection: Connection, message: QueuedMessage) -> int:
    """Keep a message; return its id."""
    values = {
        "destination": message.destination,
        "originator": message.originator,
        "esm_class": message.esm_class,
        "protocol_id": message.protocol_id,
        "data_coding": message.data_coding,
        "user_data": message.user_data,
        "expires": message.expires,
        "attempts": 0,
    }
    return int(connection.execute(_PUT, values).scalar_one())


def first_two(connection: Connection, destination: MSISDN) -> list[QueuedMessage]:
    """Return the message that has waited longest for this receiver, and the next; or fewer."""
    rows = connection.execute(_FIRST_TWO, {"wanted": destination})
    return [_as_message(row) for row in rows]


def drop(connection: Connection, message_id: int) -> None:
    """Forget a message: it was delivered, or never will be."""
    connection.execute(_DROP, {"wanted": message_id})


def drop_expired(connection: Connection, destination: MSISDN, now: float) -> None:
    """Forget the messages for this receiver whose validity is over."""
    connection.execute(_DROP_EXPIRED, {"wanted": destination, "now": now})


def count_attempt(connection: Connection, message_id: int) -> None:
    """Keep that a message was sent once more."""
    connection.execute(_COUNT_ATTEMPT, {"key": message_id})


def destinations(connection: Connection) -> list[MSISDN]:
    """Return for whom messages wait."""
    return [MSISDN(found) for found in connection.execute(_DESTINATIONS).scalars()]


def _as_message(row: Row[Any]) -> QueuedMessage:
    return QueuedMessage(
        destination=MSISDN(row.destination),
        originator=MSISDN(row.originator),
        esm_class=row.esm_class,
        protocol_id=row.protocol_id,
        data_coding=row.data_coding,
        user_data=row.user_data,
        expires=row.expires,
        id=row.id,
        attempts=row.attempts,
    )
