"""The authentication centre makes the vectors by which a card is known: TS 33.102 6.3.2, Rel-17.

For GSM they are triplets. For access whose vectors no other may use, as EPS has it, the separation
bit of AMF is 1 (annex H), and there is nothing for GSM beside.
"""

from __future__ import annotations

from dataclasses import dataclass

from impl.codec.gsup import AuthTuple, RatType
from impl.crypto.aka import AkaFunctions, next_sqn, open_auts, resynchronized
from impl.crypto.algorithms import aka_functions, gsm_answer
from impl.crypto.conversions import c2, c3
from impl.crypto.milenage import Milenage, Quintet
from impl.crypto.tuak import Tuak
from impl.errors import MacFailureError, SecurityContextError, UnencodableError
from impl.network.identity_pool import Subscriber
from impl.ports import Surroundings
from impl.values import Secret

AMF = b"\x00\x00"
"""Authentication management field of a network that has no use of its own for it."""
SEPARATION_BIT = 0x80
"""Of the first octet of AMF (annex H)."""


@dataclass(frozen=True, slots=True)
class Resynchronization:
    """What a card answered that had seen a higher sequence number (TS 33.102 clause 6.3.5)."""

    rand: bytes
    auts: bytes


class AuthenticationCentre:
    """Makes authentication vectors for subscribers of the register."""

    def __init__(self, surroundings: Surroundings, amf: bytes = AMF) -> None:
        """Take the network's own AMF.

        Raises:
            UnencodableError: not 2 octets, or the separation bit is set, which is no choice.
        """
        if len(amf) != len(AMF) or amf[0] & SEPARATION_BIT:
            raise UnencodableError("AMF", "must be 2 octets with the separation bit 0")
        self._surroundings = surroundings
        self._amf = amf

    def vectors(
        self,
        subscriber: Subscriber,
        count: int,
        rat: int | None = None,
        asked: Resynchronization | None = None,
    ) -> tuple[tuple[AuthTuple, ...], int]:
        """Return `count` vectors, and the sequence number that has to be kept before they are used.

        An AUTS that this subscriber's card did not make leaves the sequence number as it is
        (clause 6.3.5: vectors are sent all the same).

        Args:
            subscriber: whose card is challenged.
            count: how many.
            rat: for which access (`RatType`); None serves GSM and UMTS.
            asked: for vectors that follow what the card has seen.

        Raises:
            SecurityContextError: a card of GSM alone cannot be authenticated in EPS.
            UnencodableError: the sequence numbers of this K are used up. Nothing was made.
        """
        rands = [self._surroundings.random_octets(16) for _ in range(count)]
        functions = _functions(subscriber, rat)
        if functions is None:
            return _triplets(subscriber, rands), subscriber.sqn
        sqn = subscriber.sqn
        if asked is not None:
            sqn = _after_resynchronization(functions, sqn, asked)
        sqns = []
        for _ in rands:
            sqn = next_sqn(sqn)
            sqns.append(sqn)
        if rat == RatType.EUTRAN:
            made = functions.quintets(rands, sqns, _separated(self._amf))
            return tuple(_as_separated(quintet) for quintet in made), sqn
        made = functions.quintets(rands, sqns, self._amf)
        return tuple(_as_tuple(quintet) for quintet in made), sqn


def _functions(subscriber: Subscriber, rat: int | None) -> Milenage | Tuak | None:
    """Return what makes quintets; None where triplets are asked, or all that can be had."""
    try:
        functions = aka_functions(subscriber.algorithm, subscriber.k, subscriber.opc)
    except SecurityContextError:
        if rat == RatType.EUTRAN:
            raise
        return None
    return None if rat == RatType.GERAN else functions


def _separated(amf: bytes) -> bytes:
    return bytes((amf[0] | SEPARATION_BIT,)) + amf[1:]


def _after_resynchronization(functions: AkaFunctions, sqn: int, asked: Resynchronization) -> int:
    try:
        return resynchronized(sqn, open_auts(functions, asked.rand, asked.auts))
    except MacFailureError:
        return sqn


def _triplets(subscriber: Subscriber, rands: list[bytes]) -> tuple[AuthTuple, ...]:
    """Return RAND, SRES and Kc, as often as there are RAND (TS 43.020 clause 3.3)."""
    made = []
    for rand in rands:
        sres, kc = gsm_answer(subscriber.algorithm, subscriber.k, subscriber.opc, rand)
        made.append(AuthTuple(rand=rand, sres=Secret(sres), kc=Secret(kc)))
    return tuple(made)


def _as_separated(quintet: Quintet) -> AuthTuple:
    return AuthTuple(
        rand=quintet.rand,
        ik=Secret(quintet.ik),
        ck=Secret(quintet.ck),
        autn=quintet.autn,
        res=Secret(quintet.xres),
    )


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
