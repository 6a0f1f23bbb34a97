"""The operator's side of a change of subscription: reserve, confirm, release, let go (S2, S5).

The commit point is the first UpdateLocation with a reserved identity: up to it the identity can be
released, from it on never (docs/architecture.md). Both are decided within a transaction of the
store, so that of a release and an UpdateLocation that race one wins, and both endings are safe.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from impl.codec.gsup import CancelType, Gsup, GsupType
from impl.codec.operator import encode_operator
from impl.events import Command, Interface, Peer, SetTimer, StopTimer
from impl.messages import (
    ConfirmChange,
    IdentityInUse,
    IdentityNotice,
    IdentityReleased,
    InformLeft,
    Noted,
    OperatorMessage,
    Refusal,
    RefusalReason,
    ReleaseIdentity,
    ReserveIdentity,
)
from impl.network.identity_pool import IdentityPool, Subscriber
from impl.network.records import OUTBOX, ChangeState, SubscriberState, change, departure, subscriber
from impl.outbox import AT_ONCE
from impl.ports import Surroundings
from impl.values import ICCID, IMSI, MSISDN, TransactionId

APPLICATION_SERVER = Peer(Interface.OPERATOR, "application-server")
LEASE_TIMER = "lease"

Answer = tuple[OperatorMessage, list[Command]]

# Made once: making a statement costs more than carrying it out.
_OF_NAME = change.c.transaction_id == bindparam("wanted")
_FIND = select(change).where(_OF_NAME).with_for_update()
# The row of the identity is the lock of its change: an UpdateLocation knows only the identity.
_LOCK = (
    select(subscriber.c.imsi)
    .where(subscriber.c.imsi == select(change.c.imsi).where(_OF_NAME).scalar_subquery())
    .with_for_update()
)
_FIND_RESERVED = select(change.c.transaction_id).where(
    change.c.imsi == bindparam("wanted"), change.c.state == ChangeState.RESERVED
)
_PUT = insert(change)
_PROVIDED = select(func.count()).select_from(change).where(change.c.imsi.is_not(None))
_LEASED = (
    select(change.c.transaction_id, subscriber.c.since)
    .join(subscriber, subscriber.c.imsi == change.c.imsi)
    .where(change.c.state == ChangeState.RESERVED)
    .order_by(change.c.transaction_id)
)
_ENDED = _LEASED.where(subscriber.c.since <= bindparam("by")).limit(AT_ONCE)
_DEPART = insert(departure)
_FIND_DEPARTURE = select(departure.c.iccid).where(departure.c.transaction_id == bindparam("wanted"))
_FIND_DEPARTED = select(departure.c.iccid).where(departure.c.iccid == bindparam("wanted"))
_SET_STATE = (
    update(change)
    .where(change.c.transaction_id == bindparam("key"))
    .values(state=bindparam("state"))
)


class Subscriptions:
    """Answers the application server, and tells it what became certain."""

    def __init__(
        self,
        pool: IdentityPool,
        surroundings: Surroundings,
        service_centre: MSISDN,
        lease_s: float,
    ) -> None:
        self._pool = pool
        self._surroundings = surroundings
        self._service_centre = service_centre
        self._lease_s = lease_s

    def reserve(self, connection: Connection, message: ReserveIdentity) -> Answer:
        """Give a free identity for this change (S2, [068] [069]); said again, the same one."""
        known = _find(connection, message.transaction)
        if known is not None:
            return self._reserve_again(connection, message, known), []
        holder = self._pool.of_card(connection, message.iccid)
        if holder is not None:
            is_active = holder.state is SubscriberState.ACTIVE
            reason = (
                RefusalReason.ALREADY_SUBSCRIBED if is_active else RefusalReason.CHANGE_UNDER_WAY
            )
            return Refusal(id=message.id, reason=reason), []
        taken = self._pool.take(connection, message.iccid, SubscriberState.RESERVED)
        if taken is None:
            return Refusal(id=message.id, reason=RefusalReason.NO_FREE_IDENTITY), []
        self._record(connection, message.transaction, ChangeState.RESERVED, taken)
        return self._notice(message, taken), [SetTimer(_lease(message.transaction), self._lease_s)]

    def release(self, connection: Connection, message: ReleaseIdentity) -> Answer:
        """Take the identity of this change back, unless a device ever attached with it.

        A change that is not known is remembered as released: its reservation may still be on the
        way, and must not be granted then.
        """
        known = _find(connection, message.transaction)
        if known is None:
            self._record(connection, message.transaction, ChangeState.RELEASED, None)
        elif known.state == ChangeState.CONFIRMED:
            return IdentityInUse(id=message.id, transaction=message.transaction), []
        commands = self.end_lease(connection, message.transaction)
        return IdentityReleased(id=message.id, transaction=message.transaction), commands

    def end_lease(self, connection: Connection, transaction: TransactionId) -> list[Command]:
        """Release what is still reserved for this change: its time is over, or it was given up."""
        known = _find(connection, transaction)
        if known is None or known.state != ChangeState.RESERVED:
            return []
        _set_state(connection, transaction, ChangeState.RELEASED)
        self._pool.give_back(connection, IMSI(known.imsi))
        return [StopTimer(_lease(transaction))]

    def confirm(self, connection: Connection, imsi: IMSI) -> list[Command]:
        """Make the change certain for which `imsi` is reserved, and tell the application server."""
        found = connection.execute(_FIND_RESERVED, {"wanted": imsi}).scalar_one()
        transaction = TransactionId(found)
        self._pool.activate(connection, imsi)
        _set_state(connection, transaction, ChangeState.CONFIRMED)
        name = _confirmation(transaction)
        message = encode_operator(ConfirmChange(id=name, transaction=transaction))
        now = self._surroundings.now()
        told = OUTBOX.put(connection, name, APPLICATION_SERVER, message, now)
        return [StopTimer(_lease(transaction)), *told]

    def note(self, connection: Connection, message: Noted) -> list[Command]:
        """The application server knows that the change is certain: stop telling it."""
        return OUTBOX.drop(connection, _confirmation(message.transaction))

    def let_go(self, connection: Connection, message: InformLeft) -> Answer:
        """Delete the subscriber with this card: IMSI, K and OPc (S5, [078]).

        Said again, nothing more is deleted, though the card may have come back meanwhile.
        """
        noted = Noted(id=message.id, transaction=message.transaction)
        known = connection.execute(_FIND_DEPARTURE, {"wanted": message.transaction})
        if known.first() is not None:
            return noted, []
        row = {"transaction_id": message.transaction, "iccid": message.iccid}
        connection.execute(_DEPART, row)
        leaving = self._pool.of_card(connection, message.iccid)
        if leaving is None or leaving.state is not SubscriberState.ACTIVE:
            return noted, []
        self._pool.give_back(connection, leaving.imsi)
        if leaving.vlr is None:
            return noted, []
        kind = CancelType.WITHDRAW
        return noted, self.cancel_location(connection, leaving.imsi, leaving.vlr, kind)

    def cancel_location(
        self, connection: Connection, imsi: IMSI, vlr: str, kind: CancelType
    ) -> list[Command]:
        """Tell a VLR, until it answers, that this subscriber is not its any more."""
        request = Gsup(GsupType.LOCATION_CANCEL_REQUEST, imsi=imsi, cancel_type=kind).encode()
        target, now = Peer(Interface.GSUP, vlr), self._surroundings.now()
        return OUTBOX.put(connection, cancellation(imsi, vlr), target, request, now)

    def has_let_go(self, connection: Connection, iccid: ICCID) -> bool:
        """Whether the operator was ever told that the user of this card left it."""
        return connection.execute(_FIND_DEPARTED, {"wanted": iccid}).first() is not None

    def provided(self, connection: Connection) -> int:
        """Return how many identities were ever given for changes."""
        return connection.execute(_PROVIDED).scalar_one()

    def arm_leases(self, connection: Connection) -> list[Command]:
        """Set the timers of all reservations anew, with what is left of their time."""
        now = self._surroundings.now()
        return [
            SetTimer(
                _lease(TransactionId(row.transaction_id)), max(0.0, row.since + self._lease_s - now)
            )
            for row in connection.execute(_LEASED)
        ]

    def overdue(self, connection: Connection, since_s: float) -> list[Command]:
        """Return timers that run out at once, of leases that ended so many seconds ago."""
        by = self._surroundings.now() - self._lease_s - since_s
        return [
            SetTimer(_lease(TransactionId(row.transaction_id)), 0.0)
            for row in connection.execute(_ENDED, {"by": by})
        ]

    def _reserve_again(
        self, connection: Connection, message: ReserveIdentity, known: Row[Any]
    ) -> OperatorMessage:
        if known.state == ChangeState.RELEASED:
            return Refusal(id=message.id, reason=RefusalReason.UNKNOWN_TRANSACTION)
        if known.iccid != message.iccid:
            return Refusal(id=message.id, reason=RefusalReason.NOT_AUTHORIZED)
        if known.state == ChangeState.CONFIRMED:  # its keys leave the register no more
            return IdentityInUse(id=message.id, transaction=message.transaction)
        reserved = self._pool.of_imsi(connection, IMSI(known.imsi))
        assert reserved is not None
        return self._notice(message, reserved)

    def _notice(self, message: ReserveIdentity, reserved: Subscriber) -> IdentityNotice:
        return IdentityNotice(
            id=message.id,
            transaction=message.transaction,
            iccid=message.iccid,
            imsi=reserved.imsi,
            algorithm=reserved.algorithm,
            k=reserved.k,
            opc=reserved.opc,
            msisdn=reserved.msisdn,
            service_centre=self._service_centre,
        )

    @staticmethod
    def _record(
        connection: Connection,
        transaction: TransactionId,
        state: ChangeState,
        taken: Subscriber | None,
    ) -> None:
        row = {
            "transaction_id": transaction,
            "iccid": taken and taken.iccid,
            "imsi": taken and taken.imsi,
            "state": state,
        }
        connection.execute(_PUT, row)


def cancellation(imsi: IMSI, vlr: str) -> str:
    """Return the name in the outbox of a LocationCancel."""
    return f"cancel/{imsi}/{vlr}"


def _confirmation(transaction: TransactionId) -> str:
    return f"confirm:{transaction}"


def _lease(transaction: TransactionId) -> str:
    return f"{LEASE_TIMER}/{transaction}"


def _find(connection: Connection, transaction: TransactionId) -> Row[Any] | None:
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"wanted": transaction})
    return connection.execute(_FIND, {"wanted": transaction}).one_or_none()


def _set_state(connection: Connection, transaction: TransactionId, state: ChangeState) -> None:
    connection.execute(_SET_STATE, {"key": transaction, "state": state})
