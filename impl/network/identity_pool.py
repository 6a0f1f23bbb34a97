"""The IMSI set and the AK set of a network: who has which identity, and which are free [033] [068].

Every function works within a transaction of its caller, so that an identity changes hands together
with whatever is said about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from impl.errors import MalformedError, NumberRangeError
from impl.network.records import Profile, SubscriberState, subscriber
from impl.ports import Surroundings
from impl.values import ICCID, IMSI, MSISDN, PLMN, Credentials, Secret


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
    sqn: int
    state: SubscriberState
    iccid: ICCID | None
    vlr: str | None
    profile: Profile
    waiting: bool

    @property
    def credentials(self) -> Credentials:
        """What makes a card a card of this subscriber."""
        return Credentials(self.imsi, self.k, self.opc)


class IdentityPool:
    """Gives identities, takes them back and finds them."""

    def __init__(self, numbers: NumberRange, surroundings: Surroundings) -> None:
        self._numbers = numbers
        self._surroundings = surroundings

    def fill(self, connection: Connection, count: int) -> None:
        """Provision the next `count` identities of the range, each with new K and OPc.

        Raises:
            NumberRangeError: the range holds fewer that were never provisioned. None were added.
        """
        last = connection.execute(select(func.max(subscriber.c.imsi))).scalar()
        start = 0 if last is None else self._numbers.index(IMSI(last)) + 1
        if start + count > self._numbers.size:
            raise NumberRangeError(available=self._numbers.size - start)
        if count:
            rows = [self._free_row(index) for index in range(start, start + count)]
            connection.execute(insert(subscriber), rows)

    def drain(self, connection: Connection) -> None:
        """Take every free identity out of the pool; what is given stays given."""
        connection.execute(delete(subscriber).where(subscriber.c.state == SubscriberState.FREE))

    def take(
        self, connection: Connection, iccid: ICCID, state: SubscriberState
    ) -> Subscriber | None:
        """Give the identity that has been free for longest to the card; None if none is free."""
        longest_free = (
            select(subscriber.c.imsi)
            .where(subscriber.c.state == SubscriberState.FREE)
            .order_by(subscriber.c.since, subscriber.c.imsi)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        row = connection.execute(
            update(subscriber)
            .where(subscriber.c.imsi == longest_free)
            .values(state=state, since=self._surroundings.now(), iccid=iccid)
            .returning(subscriber)
        ).one_or_none()
        return None if row is None else _as_subscriber(row)

    def activate(self, connection: Connection, imsi: IMSI) -> None:
        """Make a reserved identity a subscriber's, for good."""
        state = SubscriberState.ACTIVE
        self._set(connection, imsi, state=state, since=self._surroundings.now())

    def give_back(self, connection: Connection, imsi: IMSI) -> None:
        """Forget all that is known of an identity and make it free, with another K and OPc.

        A card that still holds the old pair cannot authenticate with it, whoever gets the identity
        next (design.md section 4, decision 2): no two cards ever have one IMSI and one K.
        """
        row = connection.execute(
            delete(subscriber).where(subscriber.c.imsi == imsi).returning(subscriber.c.msisdn)
        ).one()
        connection.execute(insert(subscriber), self._row(imsi, MSISDN(row.msisdn)))

    def of_imsi(self, connection: Connection, imsi: IMSI) -> Subscriber | None:
        """Find an identity of the set, free ones too."""
        return self._find(connection, subscriber.c.imsi == imsi)

    def of_card(self, connection: Connection, iccid: ICCID) -> Subscriber | None:
        """Find the identity that a card has, reserved or active."""
        return self._find(connection, subscriber.c.iccid == iccid)

    def of_number(self, connection: Connection, msisdn: MSISDN) -> Subscriber | None:
        """Find the subscriber whom a number reaches."""
        is_active = subscriber.c.state == SubscriberState.ACTIVE
        return self._find(connection, subscriber.c.msisdn == msisdn, is_active)

    def count(self, connection: Connection, state: SubscriberState) -> int:
        """Return how many identities are in that state."""
        query = select(func.count()).select_from(subscriber).where(subscriber.c.state == state)
        return connection.execute(query).scalar_one()

    def locate(self, connection: Connection, imsi: IMSI, vlr: str | None) -> None:
        """Keep where the device of a subscriber is."""
        self._set(connection, imsi, vlr=vlr)

    def set_waiting(self, connection: Connection, imsi: IMSI, *, waiting: bool) -> None:
        """Keep whether a short message waits for the device of a subscriber."""
        self._set(connection, imsi, waiting=waiting)

    def advance(self, connection: Connection, imsi: IMSI, sqn: int) -> None:
        """Keep the sequence number of the last authentication vector."""
        self._set(connection, imsi, sqn=sqn)

    def _set(self, connection: Connection, imsi: IMSI, **values: Any) -> None:
        connection.execute(update(subscriber).where(subscriber.c.imsi == imsi).values(**values))

    def _find(self, connection: Connection, *conditions: Any) -> Subscriber | None:
        row = connection.execute(select(subscriber).where(*conditions)).one_or_none()
        return None if row is None else _as_subscriber(row)

    def _free_row(self, index: int) -> dict[str, Any]:
        return self._row(self._numbers.imsi(index), self._numbers.msisdn(index))

    def _row(self, imsi: IMSI, msisdn: MSISDN) -> dict[str, Any]:
        return {
            "imsi": imsi,
            "msisdn": msisdn,
            "k": self._surroundings.random_octets(16),
            "opc": self._surroundings.random_octets(16),
            "sqn": 0,
            "state": SubscriberState.FREE,
            "since": self._surroundings.now(),
            "iccid": None,
            "vlr": None,
            "profile": Profile.MT_SHORT_MESSAGES | Profile.MO_SHORT_MESSAGES,
            "waiting": False,
        }


def _as_subscriber(row: Row[Any]) -> Subscriber:
    return Subscriber(
        imsi=IMSI(row.imsi),
        msisdn=MSISDN(row.msisdn),
        k=Secret(row.k),
        opc=Secret(row.opc),
        sqn=row.sqn,
        state=SubscriberState(row.state),
        iccid=None if row.iccid is None else ICCID(row.iccid),
        vlr=row.vlr,
        profile=Profile(row.profile),
        waiting=row.waiting,
    )
