"""Durable tables of the nodes of a network. A store creates those of its node before it starts."""

from __future__ import annotations

from enum import IntFlag, StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    false,
    text,
)

from impl.outbox import Outbox
from impl.ports import HISTORY
from impl.sealed import SealedColumn


class SubscriberState(StrEnum):
    """Where an identity of the IMSI set stands [033] [068]."""

    FREE = "free"  # nobody's: unknown to every VLR
    RESERVED = "reserved"  # given for a change; the first UpdateLocation makes it active
    ACTIVE = "active"  # a subscriber's


class ChangeState(StrEnum):
    """What became of the reservation for one change of subscription."""

    RESERVED = "reserved"
    CONFIRMED = "confirmed"  # UpdateLocation came: never released again
    RELEASED = "released"  # given up, or its lease ran out: never reserved again


class Profile(IntFlag):
    """Services of a subscription (TS 22.003 annex A: teleservices 21 and 22)."""

    MT_SHORT_MESSAGES = 1
    MO_SHORT_MESSAGES = 2


HOME_REGISTER = MetaData(info={HISTORY: "home_register"})
"""Tables of `HomeRegister`."""

subscriber = Table(
    "subscriber",
    HOME_REGISTER,
    # One row an identity of the IMSI set: the key makes sure that none is given twice.
    Column("imsi", String(15), primary_key=True),
    Column("msisdn", String(15), nullable=False, unique=True),
    Column("secrets", LargeBinary, nullable=False),  # K and OPc, sealed for the IMSI
    Column("algorithm", Integer, nullable=False),  # what K is for: `impl.values.Algorithm`
    Column("sqn", BigInteger, nullable=False),
    Column("state", String(8), nullable=False),
    Column("since", Float, nullable=False),  # seconds since the epoch: when `state` began
    Column("iccid", String(20), unique=True),  # a card has at most one identity here
    Column("vlr", String(64)),  # the VLR where the device is, by the name of its link
    Column("profile", Integer, nullable=False),
    Column("waiting", Boolean, nullable=False),  # a short message waits for the device
    Index("subscriber_by_state", "state", "since", "imsi"),
)

change = Table(
    "change",
    HOME_REGISTER,
    # One row a transaction, kept for good, so that what is said again changes nothing.
    Column("transaction_id", String(8), primary_key=True),
    Column("iccid", String(20)),  # none where a release came for a change never heard of
    Column("imsi", String(15)),
    Column("state", String(9), nullable=False),
    Index("change_by_imsi", "imsi", "state"),
)

departure = Table(
    "departure",
    HOME_REGISTER,
    # One row a change by which a card left this network, kept for good.
    Column("transaction_id", String(8), primary_key=True),
    Column("iccid", String(20), nullable=False),
    Index("departure_by_iccid", "iccid"),
)

OUTBOX = Outbox(HOME_REGISTER)

SUBSCRIBER_SECRETS = SealedColumn(subscriber.c.imsi, subscriber.c.secrets)

SHORT_MESSAGE_CENTRE = MetaData(info={HISTORY: "short_message_centre"})
"""Tables of `Smsc`."""

short_message = Table(
    "short_message",
    SHORT_MESSAGE_CENTRE,
    # One row a message that was taken and is not delivered, in the order in which they came.
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("destination", String(15), nullable=False),
    Column("originator", String(15), nullable=False),
    Column("esm_class", Integer, nullable=False),
    Column("protocol_id", Integer, nullable=False),
    Column("data_coding", Integer, nullable=False),
    Column("user_data", LargeBinary, nullable=False),
    Column("expires", Float, nullable=False),  # seconds since the epoch
    Column("attempts", Integer, nullable=False),
    Column("taken", Float, nullable=False, server_default=text("0")),  # seconds since the epoch
    Column("receipts", Integer, nullable=False, server_default=text("0")),  # of which ends
    Column("reference", Integer),  # TP-MR, where a device sent it
    Column("is_single_shot", Boolean, nullable=False, server_default=false()),
    Column("is_report", Boolean, nullable=False, server_default=false()),
    Index("short_message_by_destination", "destination", "id"),
    sqlite_autoincrement=True,  # an id is never used again, so that a late answer finds nothing
)
# Those of servers are the most, and are never looked for so.
_IS_OF_DEVICE = short_message.c.reference.is_not(None)
Index(
    "short_message_by_originator",
    short_message.c.originator,
    short_message.c.reference,
    sqlite_where=_IS_OF_DEVICE,
    postgresql_where=_IS_OF_DEVICE,
)

receipt = Table(
    "receipt",
    SHORT_MESSAGE_CENTRE,
    # One row a message of a server that ended and that the server has not yet been told of.
    Column("id", Integer, primary_key=True, autoincrement=False),  # the message's
    Column("receiver", String(15), nullable=False),  # the number of the server
    Column("sender", String(15), nullable=False),  # the device to which the message was
    Column("state", Integer, nullable=False),
    Column("error", Integer, nullable=False),
    Column("submitted", Float, nullable=False),  # seconds since the epoch, as the next two
    Column("done", Float, nullable=False),
    Column("expires", Float, nullable=False),
    Column("text", LargeBinary, nullable=False),
    Index("receipt_by_receiver", "receiver", "id"),
)
