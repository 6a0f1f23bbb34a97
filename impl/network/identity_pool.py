"""The IMSI set and the AK set of a network: who has which identity, and which are free [033] [068].

Every function works within a transaction of its caller, so that an identity changes hands together
with whatever is said about it. What is found is locked until then, for registers that share a
database.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    Update,
    bindparam,
    delete,
    false,
    func,
    insert,
    literal_column,
    select,
    update,
)

from impl.crypto.vault import Vault
from impl.errors import MalformedError, NumberRangeError
from impl.network.records import Profile, SubscriberState, subscriber
from impl.ports import Surroundings
from impl.values import ICCID, IMSI, MSISDN, PLMN, Algorithm, Credentials, Secret


@dataclass(frozen=True, slots=True)
class NumberRange:
    """The identities that a network may give: `size` of them, an IMSI and a number each."""

    first_imsi: IMSI
    first_msisdn: MSISDN
    size: int

    def __post_init__(self) -> None:
        """Refuse a range that runs out of the digits of its first identity."""
        for first in (self.first_imsi, self.first_msisdn):
            if self.size < 1 or int(first) + self.size > 10 ** len(first):
                raise MalformedError("NumberRange", "does not hold as many identities")

    def imsi(self, index: int) -> IMSI:
        """Return the identity number `index`, from 0."""
        return IMSI(str(int(self.first_imsi) + index).zfill(len(self.first_imsi)))

    def msisdn(self, index: int) -> MSISDN:
        """Return the number that goes with identity number `index`, from 0."""
        return MSISDN(str(int(self.first_msisdn) + index).zfill(len(self.first_msisdn)))

    def index(self, imsi: IMSI) -> int:
        """Return which identity of the range `imsi` is, from 0."""
        return int(imsi) - int(self.first_imsi)

    def is_of(self, plmn: PLMN) -> bool:
        """Whether all identities of the range are of `plmn`."""
        return self.imsi(0).is_of(plmn) and self.imsi(self.size - 1).is_of(plmn)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One identity of the IMSI set, and what the register knows of it."""

    imsi: IMSI
    msisdn: MSISDN
    k: Secret
    opc: Secret
    algorithm: Algorithm
    sqn: int
    state: SubscriberState
    iccid: ICCID | None
    vlr: str | None
    profile: Profile
    waiting: bool

    @property
    def credentials(self) -> Credentials:
        """What makes a card a card of this subscriber."""
        return Credentials(self.imsi, self.k, self.opc, self.algorithm)


K_OCTETS = 16
ROWS_AT_ONCE = 1000
"""How many identities of a filling are in memory at a time."""
_FILLING = 0x696D7369
"""Under which number PostgreSQL keeps apart who fills one pool."""


def _setting(*names: str) -> Update:
    """Return the statement that sets these columns of the identity `key`."""
    values: dict[str, Any] = {name: bindparam(name) for name in names}
    return update(subscriber).where(subscriber.c.imsi == bindparam("key")).values(values)


# Made once: making a statement costs more than carrying it out.
# What every free identity has stands in the statement: a pool is filled row by row.
_PUT = insert(subscriber).values(
    sqn=literal_column("0"),
    state=literal_column(f"'{SubscriberState.FREE}'"),
    profile=literal_column(str(int(Profile.MT_SHORT_MESSAGES | Profile.MO_SHORT_MESSAGES))),
    waiting=false(),
)
_LAST = select(func.max(subscriber.c.imsi))
_COUNT = (
    select(func.count()).select_from(subscriber).where(subscriber.c.state == bindparam("state"))
)
_IS_FREE = subscriber.c.state == SubscriberState.FREE
_OF_IMSI = select(subscriber).where(subscriber.c.imsi == bindparam("wanted")).with_for_update()
_OF_CARD = select(subscriber).where(subscriber.c.iccid == bindparam("wanted")).with_for_update()
_OF_NUMBER = (
    select(subscriber)
    .where(subscriber.c.msisdn == bindparam("wanted"), subscriber.c.state == SubscriberState.ACTIVE)
    .with_for_update()
)
_LOCK_FILLING = select(func.pg_advisory_xact_lock(_FILLING))
_LONGEST_FREE = (
    select(subscriber.c.imsi)
    .where(_IS_FREE)
    .order_by(subscriber.c.since, subscriber.c.imsi)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_TAKE = (
    update(subscriber)
    .where(subscriber.c.imsi == _LONGEST_FREE.scalar_subquery())
    .values(state=bindparam("state"), since=bindparam("since"), iccid=bindparam("iccid"))
    .returning(subscriber)
)
_FORGET = (
    delete(subscriber)
    .where(subscriber.c.imsi == bindparam("wanted"))
    .returning(subscriber.c.msisdn)
)
_DRAIN = delete(subscriber).where(_IS_FREE)
_SET_STATE = _setting("state", "since")
_SET_VLR = _setting("vlr")
_SET_WAITING = _setting("waiting")
_SET_SQN = _setting("sqn")


class IdentityPool:
    """Gives identities, takes them back and finds them."""

    def __init__(
        self,
        numbers: NumberRange,
        surroundings: Surroundings,
        vault: Vault,
        algorithm: Algorithm = Algorithm.MILENAGE,
    ) -> None:
        """Give identities of `numbers`; new keys are for `algorithm`, and sealed by `vault`."""
        self._numbers = numbers
        self._surroundings = surroundings
        self._vault = vault
        self._algorithm = algorithm

    def fill(self, connection: Connection, count: int) -> None:
        """Provision the next `count` identities of the range, each with new K and OPc.

        Raises:
            NumberRangeError: the range holds fewer that were never provisioned. None were added.
        """
        if connection.dialect.name == "postgresql":
            connection.execute(_LOCK_FILLING)
        last = connection.execute(_LAST).scalar()
        start = 0 if last is None else self._numbers.index(IMSI(last)) + 1
        if start + count > self._numbers.size:
            raise NumberRangeError(available=self._numbers.size - start)
        for first in range(start, start + count, ROWS_AT_ONCE):
            indices = range(first, min(first + ROWS_AT_ONCE, start + count))
            connection.execute(_PUT, [self._free_row(index) for index in indices])

    def drain(self, connection: Connection) -> None:
        """Take every free identity out of the pool; what is given stays given."""
        connection.execute(_DRAIN)

    def take(
        self, connection: Connection, iccid: ICCID, state: SubscriberState
    ) -> Subscriber | None:
        """Give the identity that has been free for longest to the card; None if none is free."""
        values = {"state": state, "since": self._surroundings.now(), "iccid": iccid}
        row = connection.execute(_TAKE, values).one_or_none()
        return None if row is None else self._as_subscriber(row)

    def activate(self, connection: Connection, imsi: IMSI) -> None:
        """Make a reserved identity a subscriber's, for good."""
        values = {"key": imsi, "state": SubscriberState.ACTIVE, "since": self._surroundings.now()}
        connection.execute(_SET_STATE, values)

    def give_back(self, connection: Connection, imsi: IMSI) -> None:
        """Forget all that is known of an identity and make it free, with another K and OPc.

        A card that still holds the old pair cannot authenticate with it, whoever gets the identity
        next: a late personalization message makes no second card of one subscriber [B07].
        """
        row = connection.execute(_FORGET, {"wanted": imsi}).one()
        connection.execute(_PUT, self._row(imsi, MSISDN(row.msisdn)))

    def of_imsi(self, connection: Connection, imsi: IMSI) -> Subscriber | None:
        """Find an identity of the set, free ones too."""
        return self._find(connection, _OF_IMSI, imsi)

    def of_card(self, connection: Connection, iccid: ICCID) -> Subscriber | None:
        """Find the identity that a card has, reserved or active."""
        return self._find(connection, _OF_CARD, iccid)

    def of_number(self, connection: Connection, msisdn: MSISDN) -> Subscriber | None:
        """Find the subscriber whom a number reaches."""
        return self._find(connection, _OF_NUMBER, msisdn)

    def count(self, connection: Connection, state: SubscriberState) -> int:
        """Return how many identities are in that state."""
        return connection.execute(_COUNT, {"state": state}).scalar_one()

    def locate(self, connection: Connection, imsi: IMSI, vlr: str | None) -> None:
        """Keep where the device of a subscriber is."""
        connection.execute(_SET_VLR, {"key": imsi, "vlr": vlr})

    def set_waiting(self, connection: Connection, imsi: IMSI, *, waiting: bool) -> None:
        """Keep whether a short message waits for the device of a subscriber."""
        connection.execute(_SET_WAITING, {"key": imsi, "waiting": waiting})

    def advance(self, connection: Connection, imsi: IMSI, sqn: int) -> None:
        """Keep the sequence number of the last authentication vector."""
        connection.execute(_SET_SQN, {"key": imsi, "sqn": sqn})

    def _free_row(self, index: int) -> dict[str, Any]:
        return self._row(self._numbers.imsi(index), self._numbers.msisdn(index))

    def _row(self, imsi: IMSI, msisdn: MSISDN) -> dict[str, Any]:
        k = self._surroundings.random_octets(K_OCTETS)
        opc = self._surroundings.random_octets(self._algorithm.opc_octets)
        return {
            "imsi": imsi,
            "msisdn": msisdn,
            "secrets": self._vault.seal(k + opc, imsi),
            "algorithm": self._algorithm,
            "since": self._surroundings.now(),
        }

    def _find(self, connection: Connection, query: Select[Any], wanted: str) -> Subscriber | None:
        row = connection.execute(query, {"wanted": wanted}).one_or_none()
        return None if row is None else self._as_subscriber(row)

    def _as_subscriber(self, row: Row[Any]) -> Subscriber:
        secrets = self._vault.unseal(row.secrets, row.imsi)
        return Subscriber(
            imsi=IMSI(row.imsi),
            msisdn=MSISDN(row.msisdn),
            k=Secret(secrets[:K_OCTETS]),
            opc=Secret(secrets[K_OCTETS:]),
            algorithm=Algorithm(row.algorithm),
            sqn=row.sqn,
            state=SubscriberState(row.state),
            iccid=None if row.iccid is None else ICCID(row.iccid),
            vlr=row.vlr,
            profile=Profile(row.profile),
            waiting=row.waiting,
        )
