"""Durable tables of the application server. Secrets stand in them sealed (`vault`)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from impl.outbox import Outbox
from impl.values import ICCID

APPLICATION_SERVER = MetaData()

agreement = Table(
    "agreement",
    APPLICATION_SERVER,
    # One row an operator that agreed on subscription change [059].
    Column("plmn", String(6), primary_key=True),
    Column("name", String(64), nullable=False),
)

card = Table(
    "card",
    APPLICATION_SERVER,
    # One row a card of the manufacturer's files [060]; see `card_key`.
    Column("key", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("secrets", LargeBinary, nullable=False),  # admin code, KIc, KID
    Column("key_version", Integer, nullable=False),
    Column("plmn", String(6)),  # whose card it is now; none before its first subscription
    Column("msisdn", String(15)),
    Column("sent_counter", BigInteger, nullable=False),  # of the last packet to the card
    Column("seen_counter", BigInteger, nullable=False),  # of the last request of the card
    Index("card_by_msisdn", "msisdn"),
)

change = Table(
    "change",
    APPLICATION_SERVER,
    # One row a change of subscription, kept for good.
    Column("transaction_id", String(8), primary_key=True),
    Column("card_key", BigInteger, nullable=False),
    Column("iccid", String(20), nullable=False),
    Column("source_plmn", String(6), nullable=False),
    Column("target_plmn", String(6), nullable=False),
    Column("state", String(12), nullable=False),
    Column("reason", String(24)),  # why it is released or was abandoned
    Column("open", Integer),  # 1, or null once it has ended: see the constraint
    Column("opened", Float, nullable=False),  # seconds since the epoch
    Column("due", Float),  # when its timer runs out
    Column("identity", LargeBinary),  # sealed MesN
    Column("attempts", Integer, nullable=False),  # how often MesP left
    Column("orders", Integer, nullable=False),  # how often the card was told to forget
    Column("report", Integer),  # last outcome that the card reported
    # At most one open change a card, whoever writes: nulls are never equal.
    UniqueConstraint("card_key", "open"),
    Index("change_by_open", "open"),
)

refusal = Table(
    "refusal",
    APPLICATION_SERVER,
    # One row a request that was not taken.
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Float, nullable=False),
    Column("iccid", String(20)),
    Column("plmn", String(6)),
    Column("sender", String(64), nullable=False),
    Column("reason", String(24), nullable=False),
)

OUTBOX = Outbox(APPLICATION_SERVER)

_LONGEST_INTEGER_KEY = 19


def card_key(iccid: ICCID) -> int:
    """Return the key of a card in tables: its digits as a number, so that the index stays small.

    Identifiers of 20 digits do not fit in 63 bits: they lose their check digit, which follows from
    the others (ITU-T E.118), and are negative so that they meet no shorter one.
    """
    if len(iccid) <= _LONGEST_INTEGER_KEY:
        return int(iccid)
    return -int(iccid[:_LONGEST_INTEGER_KEY])
