"""The authentication centre makes the vectors by which a card is known: TS 33.102 6.3.2, Rel-17."""

from __future__ import annotations

from dataclasses import dataclass

from impl.codec.gsup import AuthTuple
from impl.crypto.aka import next_sqn, open_auts, resynchronized
from impl.crypto.conversions import c2, c3
from impl.crypto.milenage import Milenage, Quintet
from impl.errors import MacFailureError
from impl.network.identity_pool import Subscriber
from impl.ports import Surroundings
from impl.values import Secret

AMF = b"\x00\x00"
"""Authentication management field of GSM and UMTS vectors (TS 33.102 annex H: separation bit 0)."""


@dataclass(frozen=True, slots=True)
class Resynchronization:
    """What a card answered that had seen a higher sequence number (TS 33.102 clause 6.3.5)."""

    rand: bytes
    auts: bytes


class AuthenticationCentre:
    """Makes authentication vectors for subscribers of the register."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    def vectors(
        self, subscriber: Subscriber, count: int, asked: Resynchronization | None = None
    ) -> tuple[tuple[AuthTuple, ...], int]:
        """Return `count` vectors, and the sequence number that has to be kept before they are used.

        An AUTS that this subscriber's card did not make leaves the sequence number as it is
        (clause 6.3.5: vectors are sent all the same).

        Raises:
            UnencodableError: the sequence numbers of this K are used up. Nothing was made.
        """
        functions = Milenage(subscriber.k, subscriber.opc)
        sqn = subscriber.sqn
        if asked is not None:
            sqn = _after_resynchronization(functions, sqn, asked)
        sqns = []
        for _ in range(count):
            sqn = next_sqn(sqn)
            sqns.append(sqn)
        rands = [self._surroundings.random_octets(16) for _ in sqns]
        return tuple(_as_tuple(made) for made in functions.quintets(rands, sqns, AMF)), sqn


def _after_resynchronization(functions: Milenage, sqn: int, asked: Resynchronization) -> int:
    try:
        return resynchronized(sqn, open_auts(functions, asked.rand, asked.auts))
    except MacFailureError:
        return sqn


def _as_tuple(quintet: Quintet) -> AuthTuple:
    """Write a quintet as UMTS and as GSM understand it (TS 33.102 clause 6.8.1.2)."""
    return AuthTuple(
        rand=quintet.rand,
        sres=Secret(c2(quintet.xres)),
        kc=Secret(c3(quintet.ck, quintet.ik)),
        ik=Secret(quintet.ik),
        ck=Secret(quintet.ck),
        autn=quintet.autn,
        res=Secret(quintet.xres),
    )
