"""Authentication and key agreement at its two ends, the AuC and the USIM: TS 33.102 release 17.

An SQN is a number of 48 bits, SEQ and behind it IND, of 5 bits. IND says in which place of its
array the USIM compares: so vectors may arrive in another order than they were made, but none twice.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Final, Protocol

from impl.crypto.milenage import Answer
from impl.errors import (
    MacFailureError,
    SynchronizationFailureError,
    TrailingError,
    TruncatedError,
    UnencodableError,
)

IND_BITS: Final = 5
PLACES: Final = 1 << IND_BITS
FARTHEST_JUMP: Final = 1 << 28
"""Delta of annex C.2.1: no step to an SEQ farther ahead, lest the numbers be used up."""

_SQN_SIZE: Final = 6
_AMF_OF_AUTS: Final = b"\x00\x00"  # clause 6.3.3: so that AUTS need not carry AMF


class AkaFunctions(Protocol):
    """The functions f1 to f5* for one subscriber; octets and sizes as of `Milenage`."""

    def f1(self, rand: bytes, sqn: int, amf: bytes) -> bytes:
        """Return MAC-A."""

    def f1_star(self, rand: bytes, sqn: int, amf: bytes) -> bytes:
        """Return MAC-S."""

    def f2_to_f5(self, rand: bytes) -> Answer:
        """Return RES, CK, IK and AK."""

    def f5_star(self, rand: bytes) -> bytes:
        """Return the AK of AUTS."""


# The AuC


def next_sqn(sqn: int) -> int:
    """Return the SQN behind `sqn`: the next SEQ, in the next place (annex C.1.2).

    Raises:
        UnencodableError: the numbers are used up; the subscriber needs another K.
    """
    seq, ind = _split(sqn)
    following = (seq + 1) << IND_BITS | (ind + 1) % PLACES
    if following >> 8 * _SQN_SIZE:
        raise UnencodableError("SQN", "the last number was used")
    return following


def resynchronized(sqn_he: int, sqn_ms: int) -> int:
    """Return the SQN to go on from when the USIM has said its own in AUTS (clause 6.3.5).

    The AuC keeps its SQN if the next one is acceptable to the USIM: AUTS then answered an old
    vector. Else it takes over the USIM's.
    """
    ahead = _split(sqn_he)[0] + 1 - _split(sqn_ms)[0]
    return sqn_he if 0 < ahead <= FARTHEST_JUMP else sqn_ms


def open_auts(functions: AkaFunctions, rand: bytes, auts: bytes) -> int:
    """Return the SQN that the USIM answered to this RAND.

    Raises:
        MacFailureError: this subscriber's USIM did not make it for this RAND.
        MalformedError: not 14 octets.
    """
    _check_size("AUTS", auts, 14)
    sqn_ms = _xor(auts[:_SQN_SIZE], functions.f5_star(rand))
    expected = functions.f1_star(rand, sqn_ms, _AMF_OF_AUTS)
    if not hmac.compare_digest(expected, auts[_SQN_SIZE:]):
        raise MacFailureError("AUTS does not verify")
    return sqn_ms


# The USIM


@dataclass(frozen=True, slots=True)
class SequenceArray:
    """The highest SEQ that the USIM accepted in each place; a fresh K begins with zeros."""

    seqs: tuple[int, ...] = (0,) * PLACES

    @property
    def sqn_ms(self) -> int:
        """The highest SQN accepted so far."""
        return max(seq << IND_BITS | ind for ind, seq in enumerate(self.seqs))

    def accepts(self, sqn: int) -> bool:
        """Whether `sqn` is fresh in its place, and not too far ahead of all (annex C.2.2)."""
        seq, ind = _split(sqn)
        return seq > self.seqs[ind] and seq - max(self.seqs) <= FARTHEST_JUMP

    def having_accepted(self, sqn: int) -> SequenceArray:
        """Return the array that has `sqn` in its place."""
        seq, ind = _split(sqn)
        return SequenceArray((*self.seqs[:ind], seq, *self.seqs[ind + 1 :]))

    def encode(self) -> bytes:
        """Write 6 octets for each place, as the card stores them."""
        return b"".join([seq.to_bytes(_SQN_SIZE, "big") for seq in self.seqs])

    @classmethod
    def decode(cls, octets: bytes) -> SequenceArray:
        """Read 32 places of 6 octets; MalformedError if they are fewer or more."""
        _check_size("SequenceArray", octets, PLACES * _SQN_SIZE)
        starts = range(0, len(octets), _SQN_SIZE)
        return cls(tuple(int.from_bytes(octets[at : at + _SQN_SIZE], "big") for at in starts))


def authenticate(
    functions: AkaFunctions, rand: bytes, autn: bytes, array: SequenceArray
) -> tuple[Answer, SequenceArray]:
    """Check the network and answer it, as the USIM does (clause 6.3.3).

    Return RES, CK, IK and AK, and the array to keep from now on.

    Raises:
        MacFailureError: the network does not know K; the array stays as it is.
        SynchronizationFailureError: with the AUTS to send; the array stays as it is.
        MalformedError: RAND or AUTN is not 16 octets.
    """
    _check_size("AUTN", autn, 16)
    answer = functions.f2_to_f5(rand)
    sqn, amf, mac = _xor(autn[:6], answer.ak), autn[6:8], autn[8:]
    if not hmac.compare_digest(functions.f1(rand, sqn, amf), mac):
        raise MacFailureError("AUTN does not verify")
    if not array.accepts(sqn):
        raise SynchronizationFailureError(make_auts(functions, rand, array.sqn_ms))
    return answer, array.having_accepted(sqn)


def make_auts(functions: AkaFunctions, rand: bytes, sqn_ms: int) -> bytes:
    """Return AUTS: SQN_MS hidden by f5*, and MAC-S over it with an AMF of zeros (clause 6.3.3)."""
    hidden = (sqn_ms ^ int.from_bytes(functions.f5_star(rand), "big")).to_bytes(_SQN_SIZE, "big")
    return hidden + functions.f1_star(rand, sqn_ms, _AMF_OF_AUTS)


def _split(sqn: int) -> tuple[int, int]:
    return sqn >> IND_BITS, sqn % PLACES


def _xor(hidden_sqn: bytes, anonymity_key: bytes) -> int:
    return int.from_bytes(hidden_sqn, "big") ^ int.from_bytes(anonymity_key, "big")


def _check_size(what: str, octets: bytes, size: int) -> None:
    if len(octets) < size:
        raise TruncatedError(what, needed=size, present=len(octets))
    if len(octets) > size:
        raise TrailingError(what, surplus=len(octets) - size)
