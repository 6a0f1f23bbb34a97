"""Durable tables of the application server. Secrets stand in them sealed (`vault`)."""

from __future__ import annotations

from hashlib import blake2b

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
from impl.ports import HISTORY
from impl.sealed import SealedColumn
from impl.values import ICCID

APPLICATION_SERVER = MetaData(info={HISTORY: "application_server"})

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
    Column(
        "key",
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("secrets", LargeBinary, nullable=False),  # admin code, KIc, KID
    Column("key_version", Integer, nullable=False),
    Column("plmn", String(6)),  # whose card it is now; none before its first subscription
    Column("msisdn", String(15)),
    Column("sent_counter", BigInteger, nullable=False),  # of the last packet to the card
    Column("seen_counter", BigInteger, nullable=False),  # of the last request of the card
)
# Cards that nobody has are the most, and have no number: the index leaves them out.
_HAS_NUMBER = card.c.msisdn.is_not(None)
Index("card_by_msisdn", card.c.msisdn, sqlite_where=_HAS_NUMBER, postgresql_where=_HAS_NUMBER)

change = Table(
    "change",
    APPLICATION_SERVER,
    # One row a change of subscription, kept for good.
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),  # by opening
    Column("transaction_id", String(8), nullable=False, unique=True),
    Column("card_key", BigInteger, nullable=False),
    Column("iccid", String(20), nullable=False),
    Column("source_plmn", String(6), nullable=False),
    Column("target_plmn", String(6), nullable=False),
    Column("state", String(12), nullable=False),
    Column("reason", String(24)),  # why it is released or was abandoned
    Column("open", Integer),  # 1, or null once it has ended: see the constraint
    Column("opened", Float, nullable=False),  # seconds since the epoch, as the next two
    Column("ended", Float),
    Column("due", Float),  # when its timer runs out
    Column("identity", LargeBinary),  # sealed MesN
    Column("attempts", Integer, nullable=False),  # how often MesP left
    Column("orders", Integer, nullable=False),  # how often the card was told to forget
    Column("first_order", BigInteger),  # counter of the first packet that told it so
    Column("report", Integer),  # last outcome that the card reported
    Column("joined_msisdn", String(15)),  # of MesN: the card's number once it has changed
    # At most one open change a card, whoever writes: nulls are never equal.
    UniqueConstraint("card_key", "open"),
)
_HAS_TIMER = change.c.due.is_not(None)
Index("change_by_due", change.c.due, sqlite_where=_HAS_TIMER, postgresql_where=_HAS_TIMER)
# Whoever joined long ago is found as the card of the number: the index leaves those out.
_IS_OPEN = change.c.open.is_not(None)
Index(
    "change_by_joined_msisdn",
    change.c.joined_msisdn,
    change.c.target_plmn,
    sqlite_where=_IS_OPEN,
    postgresql_where=_IS_OPEN,
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

installation = Table(
    "installation",
    APPLICATION_SERVER,
    # One row a card that the application was sent to [051].
    Column(
        "card_key",
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("iccid", String(20), nullable=False),
    Column("counter", BigInteger, nullable=False),  # of the packet that brought it
    Column("status", Integer),  # of the card's report, once it came
    Column("sw", Integer),  # status word of the script
)

OUTBOX = Outbox(APPLICATION_SERVER)

CARD_SECRETS = SealedColumn(card.c.key, card.c.secrets)

_EXACT_DIGITS = 19
_LARGEST = 2**63 - 1
_HASHED = 10**18 - 1
"""How many keys there are for identifiers without a key of their own."""


def card_key(iccid: ICCID) -> int:
    """Return the key of a card in tables: an integer of 64 bits, so that the index stays small.

    It is the number that the digits make. One of 20 digits loses its check digit, which follows
    from the others (ITU-T E.118), and is negative. What would meet another so, or is too large -
    with zeros in front, not beginning with 89, or of 20 digits with another check digit - has a
    hash instead, between the two.
    """
    exact = int(iccid[:_EXACT_DIGITS])
    if iccid[0] != "0" and exact <= _LARGEST:
        if len(iccid) <= _EXACT_DIGITS:
            return exact
        if iccid.has_valid_check_digit:
            return -exact
    hashed = int.from_bytes(blake2b(iccid.encode(), digest_size=8).digest())
    return -(hashed % _HASHED) - 1
