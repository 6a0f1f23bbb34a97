"""The durable queue of an SMSC: messages that were taken and are not delivered, by receiver."""

from __future__ import annotations

from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from impl.codec.smpp import ReceiptsAsked
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
    """As SMPP has it, whoever sent it; of a status report the whole TPDU."""
    expires: float
    """Seconds since the epoch."""
    id: int = 0
    """Given by the queue; never given again."""
    attempts: int = 0
    taken: float = 0.0
    """Seconds since the epoch."""
    receipts: ReceiptsAsked = ReceiptsAsked.NEVER
    """Of which ends its sender wants to hear."""
    reference: int | None = None
    """TP-MR where a device sent it, None where a server did."""
    is_single_shot: bool = False
    """Whether it is tried once only."""
    is_report: bool = False
    """Whether it is no message but SMS-STATUS-REPORT about one."""


_COLUMNS = tuple(one.name for one in fields(QueuedMessage))
_VALUES = attrgetter(*_COLUMNS)

# Made once: making a statement costs more than carrying it out.
_MESSAGES = select(*(short_message.c[name] for name in _COLUMNS))
_PUT = insert(short_message).returning(short_message.c.id)
_OF_DESTINATION = short_message.c.destination == bindparam("wanted")
_IS_EXPIRED = short_message.c.expires <= bindparam("now")
_FIRST_TWO = _MESSAGES.where(_OF_DESTINATION).order_by(short_message.c.id).limit(2)
_EXPIRED = _MESSAGES.where(_OF_DESTINATION, _IS_EXPIRED).order_by(short_message.c.id)
_FIRST_EXPIRY = select(func.min(short_message.c.expires)).where(_OF_DESTINATION)
_DESTINATIONS = select(short_message.c.destination).distinct().order_by(short_message.c.destination)
_DROP = delete(short_message).where(short_message.c.id == bindparam("wanted"))
_COUNT_ATTEMPT = (
    update(short_message)
    .where(short_message.c.id == bindparam("key"))
    .values(attempts=short_message.c.attempts + 1)
)
_TWIN = (
    select(short_message.c.id)
    .where(
        short_message.c.originator == bindparam("originator"),
        short_message.c.reference == bindparam("reference"),
        _OF_DESTINATION,
    )
    .limit(1)
)


def put(connection: Connection, message: QueuedMessage) -> int:
    """Keep a message; return its id."""
    values = dict(zip(_COLUMNS, _VALUES(message), strict=True))
    del values["id"]
    return int(connection.execute(_PUT, values).scalar_one())


def first_two(connection: Connection, destination: MSISDN) -> list[QueuedMessage]:
    """Return the message that has waited longest for this receiver, and the next; or fewer."""
    rows = connection.execute(_FIRST_TWO, {"wanted": destination})
    return [_as_message(row) for row in rows]


def drop(connection: Connection, message_id: int) -> None:
    """Forget a message: it was delivered, or never will be."""
    connection.execute(_DROP, {"wanted": message_id})


def expired(connection: Connection, destination: MSISDN, now: float) -> list[QueuedMessage]:
    """Return the messages for this receiver whose validity is over, oldest first."""
    rows = connection.execute(_EXPIRED, {"wanted": destination, "now": now})
    return [_as_message(row) for row in rows]


def first_expiry(connection: Connection, destination: MSISDN) -> float | None:
    """Return when the first of the messages for this receiver expires, None if none waits."""
    found = connection.execute(_FIRST_EXPIRY, {"wanted": destination}).scalar()
    return None if found is None else float(found)


def has_twin(connection: Connection, message: QueuedMessage) -> bool:
    """Whether one waits that this device sent to this receiver under this reference before."""
    wanted = {
        "originator": message.originator,
        "reference": message.reference,
        "wanted": message.destination,
    }
    return connection.execute(_TWIN, wanted).first() is not None


def count_attempt(connection: Connection, message_id: int) -> None:
    """Keep that a message was sent once more."""
    connection.execute(_COUNT_ATTEMPT, {"key": message_id})


def destinations(connection: Connection) -> list[MSISDN]:
    """Return for whom messages wait."""
    return [MSISDN(found) for found in connection.execute(_DESTINATIONS).scalars()]


def _as_message(row: Row[Any]) -> QueuedMessage:
    values = row._asdict()
    values["destination"] = MSISDN(row.destination)
    values["originator"] = MSISDN(row.originator)
    values["receipts"] = ReceiptsAsked(row.receipts)
    return QueuedMessage(**values)
