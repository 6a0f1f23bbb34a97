"""The changes in the server's tables: rows read and written, each call in the caller's transaction.

One open change a card is the table's own constraint, so that whoever writes is held to it. Where
several servers share the database, the row of the card is the lock of all its changes: who reads
one in order to move it on has that row locked first. SQLite has one writer at a time anyway.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, Update, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from impl.application_server.change import CERTAIN, State
from impl.application_server.records import card, card_key, change
from impl.outbox import AT_ONCE
from impl.values import ICCID, MSISDN, PLMN, TransactionId


class ChangeRow(NamedTuple):
    """One row: the columns of `records.change`, in their order."""

    number: int
    transaction_id: str
    card_key: int
    iccid: str
    source_plmn: str
    target_plmn: str
    state: str
    reason: str | None
    open: int | None
    opened: float
    ended: float | None
    due: float | None
    identity: bytes | None
    attempts: int
    orders: int
    first_order: int | None
    report: int | None
    joined_msisdn: str | None


TOLD = CERTAIN | {State.ASKING}
"""States of a change in which the left operator knows of it: asked, or certain."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes an operator asks for."""

    states: tuple[State, ...] = tuple(State)
    iccid: ICCID | None = None
    before: int | None = None
    """Only those with a lower number: the page after one that ended with this."""
    limit: int = 50


# Made once: making a statement costs more than carrying it out. The clause of the first is
# PostgreSQL's, and SQLite's as well.
_INSERT = insert(change).on_conflict_do_nothing().inline().execution_options(preserve_rowcount=True)
_ALL = select(change).order_by(change.c.number)
_OF_CARD = _ALL.where(change.c.card_key == bindparam("wanted"))
_OF_NAME = change.c.transaction_id == bindparam("wanted")
_FIND = select(change).where(_OF_NAME).with_for_update()
_CARD_OF_CHANGE = select(change.c.card_key).where(_OF_NAME).scalar_subquery()
_LOCK_OF_CHANGE = select(card.c.key).where(card.c.key == _CARD_OF_CHANGE).with_for_update()
_LOCK_OF_CARD = select(card.c.key).where(card.c.key == bindparam("wanted")).with_for_update()
_LOCK_OF_NUMBER = (
    select(card.c.key)
    .where(card.c.msisdn == bindparam("msisdn"), card.c.plmn == bindparam("plmn"))
    .with_for_update()
)
_UNDER_WAY = _OF_CARD.where(change.c.open.is_not(None))
_NEWEST = (
    select(change)
    .where(change.c.card_key == bindparam("wanted"))
    .order_by(change.c.number.desc())
    .limit(1)
)
_NEWEST_OF_NUMBER = (
    select(change)
    .join(card, card.c.key == change.c.card_key)
    .where(card.c.msisdn == bindparam("msisdn"), card.c.plmn == bindparam("plmn"))
    .order_by(change.c.number.desc())
    .limit(1)
)
_IS_JOINED_BY = (
    change.c.joined_msisdn == bindparam("msisdn"),
    change.c.target_plmn == bindparam("plmn"),
    change.c.open.is_not(None),
)
_JOINED = select(change).where(*_IS_JOINED_BY).order_by(change.c.number.desc()).limit(1)
_LOCK_OF_JOINED = (
    select(card.c.key)
    .where(card.c.key.in_(select(change.c.card_key).where(*_IS_JOINED_BY)))
    .with_for_update()
)
_LATER_STATES = select(change.c.state).where(
    change.c.card_key == bindparam("wanted"), change.c.number > bindparam("number")
)
_SEALED = select(change.c.transaction_id).where(change.c.identity.is_not(None))
_DUE = _ALL.where(change.c.due.is_not(None))
_OVERDUE = (
    select(change.c.transaction_id)
    .where(change.c.due <= bindparam("by"))
    .order_by(change.c.due, change.c.number)
    .limit(AT_ONCE)
)


def put(connection: Connection, **columns: Any) -> bool:
    """Write a new change; False if its name is taken, or another of its card is open."""
    return connection.execute(_INSERT, columns).rowcount > 0


def write(connection: Connection, row: ChangeRow, **columns: Any) -> None:
    """Write some columns of a change anew."""
    connection.execute(_setting(*columns), {"wanted": row.number, **columns})


def find(connection: Connection, transaction: TransactionId) -> ChangeRow | None:
    """Return the change of that name."""
    _lock(connection, _LOCK_OF_CHANGE, wanted=transaction)
    return _one(connection, _FIND, wanted=transaction)


def newest(connection: Connection, iccid: ICCID) -> ChangeRow | None:
    """Return the change of this card that was opened last."""
    _lock(connection, _LOCK_OF_CARD, wanted=card_key(iccid))
    return _one(connection, _NEWEST, wanted=card_key(iccid))


def newest_of_number(connection: Connection, plmn: PLMN, msisdn: MSISDN) -> ChangeRow | None:
    """Return the same of the card that has this number in this network now."""
    _lock(connection, _LOCK_OF_NUMBER, plmn=plmn, msisdn=msisdn)
    return _one(connection, _NEWEST_OF_NUMBER, plmn=plmn, msisdn=msisdn)


def joined_as(connection: Connection, plmn: PLMN, msisdn: MSISDN) -> ChangeRow | None:
    """Return the open change that gives its card this number in this network."""
    _lock(connection, _LOCK_OF_JOINED, plmn=plmn, msisdn=msisdn)
    return _one(connection, _JOINED, plmn=plmn, msisdn=msisdn)


def is_under_way(connection: Connection, iccid: ICCID) -> bool:
    """Whether a change of this card is open."""
    _lock(connection, _LOCK_OF_CARD, wanted=card_key(iccid))
    return _one(connection, _UNDER_WAY, wanted=card_key(iccid)) is not None


def later_states(connection: Connection, row: ChangeRow) -> set[State]:
    """Return the states of all changes of the same card that were opened after this one."""
    wanted = {"wanted": row.card_key, "number": row.number}
    return {State(state) for state in connection.execute(_LATER_STATES, wanted).scalars()}


def due(connection: Connection) -> list[ChangeRow]:
    """Return the changes that have a timer, oldest first."""
    return [ChangeRow._make(found) for found in connection.execute(_DUE).all()]


def overdue(connection: Connection, by: float) -> list[TransactionId]:
    """Return changes whose timer should have run out by then, the oldest of all first."""
    return [TransactionId(found) for found in connection.execute(_OVERDUE, {"by": by}).scalars()]


def sealed(connection: Connection) -> list[TransactionId]:
    """Return the changes whose MesN is kept."""
    return [TransactionId(found) for found in connection.execute(_SEALED).scalars()]


def every(connection: Connection, iccid: ICCID | None = None) -> list[ChangeRow]:
    """Return all changes, or those of one card, oldest first."""
    if iccid is None:
        rows = connection.execute(_ALL).all()
    else:
        rows = connection.execute(_OF_CARD, {"wanted": card_key(iccid)}).all()
    return [ChangeRow._make(found) for found in rows]


def shown_to(
    connection: Connection, plmn: PLMN, wanted: Wanted
) -> tuple[list[ChangeRow], int | None]:
    """Return changes that are an operator's affair, newest first, and where the next page begins.

    Those to its network are from their beginning; those away from it once it was told of them.
    """
    leaves = (change.c.source_plmn == plmn) & change.c.state.in_(TOLD)
    query = select(change).where((change.c.target_plmn == plmn) | leaves)
    query = query.where(change.c.state.in_(wanted.states))
    if wanted.iccid is not None:
        same_card = change.c.card_key == card_key(wanted.iccid)
        query = query.where(same_card, change.c.iccid == wanted.iccid)
    if wanted.before is not None:
        query = query.where(change.c.number < wanted.before)
    query = query.order_by(change.c.number.desc()).limit(wanted.limit + 1)
    rows = [ChangeRow._make(found) for found in connection.execute(query)]
    has_more, rows = len(rows) > wanted.limit, rows[: wanted.limit]
    return rows, rows[-1].number if has_more else None


@cache
def _setting(*names: str) -> Update:
    """Return the statement that sets these columns of the change `wanted`."""
    values: dict[str, Any] = {name: bindparam(name) for name in names}
    return update(change).where(change.c.number == bindparam("wanted")).values(values)


def _lock(connection: Connection, query: Select[Any], **wanted: object) -> None:
    """Lock a card by a statement of its own, so that the next one sees what others committed."""
    if connection.dialect.name == "postgresql":
        connection.execute(query, wanted)


def _one(connection: Connection, query: Select[Any], **wanted: object) -> ChangeRow | None:
    found = connection.execute(query, wanted).one_or_none()
    return ChangeRow._make(found) if found else None
