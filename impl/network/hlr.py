"""The home location register of a network, with its authentication centre and identity pool [033].

Over OPERATOR the application server reserves and releases identities and informs of leavers; over
GSUP the VLRs authenticate and locate subscribers, and short messages are routed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from impl.codec import gsup
from impl.codec.operator import answer_to_unread, decode_operator, encode_operator, is_answer
from impl.crypto.vault import Vault
from impl.errors import AlreadySubscribedError, MalformedError, NoFreeIdentityError
from impl.events import (
    Arrived,
    Command,
    Event,
    Expired,
    Interface,
    Peer,
    Send,
    SetTimer,
    Started,
)
from impl.messages import (
    InformLeft,
    Noted,
    OperatorMessage,
    Refusal,
    RefusalReason,
    ReleaseIdentity,
    ReserveIdentity,
)
from impl.network.auc import AMF, AuthenticationCentre
from impl.network.gsup_hub import GsupHub
from impl.network.identity_pool import IdentityPool, NumberRange, Subscriber
from impl.network.records import OUTBOX, SUBSCRIBER_SECRETS, SubscriberState
from impl.network.reversible import Reversible, transaction
from impl.network.subscriptions import APPLICATION_SERVER, LEASE_TIMER, Subscriptions
from impl.outbox import TAKEOVER_TIMER
from impl.outbox import TIMER as OUTBOX_TIMER
from impl.ports import Store, Surroundings
from impl.values import ICCID, MSISDN, PLMN, Algorithm, Credentials, TransactionId


@dataclass(frozen=True, slots=True)
class HomeRegisterConfig:
    """What distinguishes the register of one network from another's."""

    plmn: PLMN
    service_centre: MSISDN
    """Number of the SMSC, that a card of this network sends its short messages to."""
    numbers: NumberRange
    lease_s: float = 259_200.0
    """Seconds after which a reservation ends by itself; 3 days are beyond any resending."""
    takeover_s: float | None = None
    """Seconds after which a register does what another over the same database has left undone, and
    how often it looks for that; None where no other uses the database."""
    algorithm: Algorithm = Algorithm.MILENAGE
    """What the keys of its cards are for."""
    amf: bytes = AMF
    """Authentication management field, 2 octets; whether its first bit is set, the access says."""

    def __post_init__(self) -> None:
        """Refuse a range of another network, and a time that is none."""
        if not self.numbers.is_of(self.plmn):
            raise MalformedError("HomeRegisterConfig.numbers", "are not of this network")
        if self.takeover_s is not None and self.takeover_s <= 0:
            raise MalformedError("HomeRegisterConfig.takeover_s", "must be above 0")


class HomeRegister:
    """The node. Its store holds the tables `records.HOME_REGISTER`."""

    def __init__(
        self,
        config: HomeRegisterConfig,
        store: Store,
        surroundings: Surroundings,
        vault: Vault,
        pool: IdentityPool | None = None,
    ) -> None:
        """Prepare; a `pool` stands in for one that is of this register alone.

        The `vault` seals K and OPc. It brings its own randomness, apart from that of keys.
        """
        self._store = store
        self._surroundings = surroundings
        self._vault = vault
        self._takeover_s = config.takeover_s
        self._pool = pool or IdentityPool(config.numbers, surroundings, vault, config.algorithm)
        self._subscriptions = Subscriptions(
            self._pool, surroundings, config.service_centre, config.lease_s
        )
        centre = AuthenticationCentre(surroundings, config.amf)
        self._hub = GsupHub(self._pool, centre, self._subscriptions)
        self._memories: list[Reversible[Any, Any]] = [self._hub.memory]

    def handle(self, event: Event) -> list[Command]:
        """Take one event; state and outgoing messages are in the store before this returns.

        If the store fails nothing has happened.
        """
        with transaction(self._store, self._memories) as connection:
            return self._take(connection, event)

    def fill_pool(self, count: int) -> None:
        """Provision `count` more free identities, each with its own new K and OPc.

        Raises:
            NumberRangeError: the number range has fewer left. None were added.
        """
        with self._store.begin() as connection:
            self._pool.fill(connection, count)

    def drain_pool(self) -> None:
        """Take every free identity out of the pool; those that are given stay given."""
        with self._store.begin() as connection:
            self._pool.drain(connection)

    def subscribe(self, iccid: ICCID) -> tuple[Credentials, MSISDN]:
        """Make a card a subscriber's before it is handed out (S0, [061] [062]).

        Return what has to be written in the card.

        Raises:
            AlreadySubscribedError: the card has an identity here. Nothing changed.
            NoFreeIdentityError: the pool is exhausted. Nothing changed.
        """
        with self._store.begin() as connection:
            if self._pool.of_card(connection, iccid) is not None:
                raise AlreadySubscribedError
            taken = self._pool.take(connection, iccid, SubscriberState.ACTIVE)
            if taken is None:
                raise NoFreeIdentityError
            return taken.credentials, taken.msisdn

    def demand_keys(self) -> None:
        """Make sure, before anything is said, that the vault opens what is in the database.

        Raises:
            UnsealError: its keys are not those of this database. Nothing changed.
        """
        SUBSCRIBER_SECRETS.demand_keys(self._store, self._vault)

    def reseal(self) -> int:
        """Seal all K and OPc anew that are not under the newest key; return of how many identities.

        The register serves meanwhile; afterwards no older key is needed any more.
        """
        return SUBSCRIBER_SECRETS.reseal(self._store, self._vault)

    def knows(self, iccid: ICCID) -> bool:
        """Whether the user of this card is a subscriber: the register holds its IMSI and K."""
        with self._store.begin() as connection:
            found = self._pool.of_card(connection, iccid)
            return found is not None and found.state is SubscriberState.ACTIVE

    def record(self, iccid: ICCID) -> Subscriber | None:
        """Return the identity of this card and what is known of it; None if it has none here."""
        with self._store.begin() as connection:
            return self._pool.of_card(connection, iccid)

    def number(self, iccid: ICCID) -> MSISDN | None:
        """Return the number under which the user of this card is reached."""
        with self._store.begin() as connection:
            found = self._pool.of_card(connection, iccid)
            return found.msisdn if found else None

    def location(self, iccid: ICCID) -> str | None:
        """Return the VLR where the device with this card is, by the name of its link [033]."""
        with self._store.begin() as connection:
            found = self._pool.of_card(connection, iccid)
            return found.vlr if found else None

    def was_told_of_leaving(self, iccid: ICCID) -> bool:
        """Whether the operator was ever informed that the user of this card left it [078]."""
        with self._store.begin() as connection:
            return self._subscriptions.has_let_go(connection, iccid)

    def count(self, state: SubscriberState) -> int:
        """Return how many identities are free, reserved or active."""
        with self._store.begin() as connection:
            return self._pool.count(connection, state)

    def provided(self) -> int:
        """Return how many identities were ever given to the application server."""
        with self._store.begin() as connection:
            return self._subscriptions.provided(connection)

    def _take(self, connection: Connection, event: Event) -> list[Command]:
        match event:
            case Started():
                leases = self._subscriptions.arm_leases(connection)
                told = OUTBOX.send_again(connection, self._surroundings.now())
                return [*leases, *told, *self._look_again()]
            case Arrived(Peer(Interface.OPERATOR) as source, octets):
                return self._take_operator(connection, source, octets)
            case Arrived(Peer(Interface.GSUP, name), octets):
                return self._take_gsup(connection, name, octets)
            case Expired(timer):
                return self._expire(connection, timer)
        return []

    def _take_operator(self, connection: Connection, source: Peer, octets: bytes) -> list[Command]:
        try:
            message = decode_operator(octets)
        except MalformedError as error:
            return [Send(source, encode_operator(answer_to_unread(error)))]
        if source != APPLICATION_SERVER:
            return _refuse(source, message)
        match message:
            case ReserveIdentity():
                return self._reserve(connection, message)
            case ReleaseIdentity():
                said, commands = self._subscriptions.release(connection, message)
            case InformLeft():
                said, commands = self._subscriptions.let_go(connection, message)
            case Noted():
                return self._subscriptions.note(connection, message)
            case _:
                return _refuse(source, message)
        return [answer(said), *commands]

    def _reserve(self, connection: Connection, message: ReserveIdentity) -> list[Command]:
        said, commands = self._subscriptions.reserve(connection, message)
        return [answer(said), *commands]

    def _take_gsup(self, connection: Connection, source: str, octets: bytes) -> list[Command]:
        try:
            message = gsup.decode_gsup(octets)
        except MalformedError:
            refusal = gsup.refuse(octets)
            return [Send(Peer(Interface.GSUP, source), refusal.encode())] if refusal else []
        return self._route(connection, source, message)

    def _route(self, connection: Connection, source: str, message: gsup.Gsup) -> list[Command]:
        return self._hub.take(connection, source, message)

    def _expire(self, connection: Connection, timer: str) -> list[Command]:
        kind, _, name = timer.partition("/")
        now = self._surroundings.now()
        if kind == LEASE_TIMER:
            return self._subscriptions.end_lease(connection, TransactionId(name))
        if kind == OUTBOX_TIMER:
            is_shared = self._takeover_s is not None
            return OUTBOX.send_again(connection, now, name, is_shared=is_shared)
        if kind == TAKEOVER_TIMER and self._takeover_s is not None:
            commands = self._subscriptions.overdue(connection, self._takeover_s)
            commands += OUTBOX.overdue(connection, now, self._takeover_s)
            return commands + self._look_again()
        return []

    def _look_again(self) -> list[Command]:
        """Set the timer after which this register looks for what others left undone."""
        after_s = self._takeover_s
        return [] if after_s is None else [SetTimer(TAKEOVER_TIMER, after_s)]


def answer(message: OperatorMessage) -> Send:
    """Say something to the application server."""
    return Send(APPLICATION_SERVER, encode_operator(message))


def _refuse(source: Peer, message: OperatorMessage) -> list[Command]:
    """Answer a request that the sender may not make of a register."""
    if is_answer(message):
        return []
    refusal = Refusal(id=message.id, reason=RefusalReason.NOT_AUTHORIZED)
    return [Send(source, encode_operator(refusal))]
