"""TUAK, the second example set for the functions f1 to f5* of authentication: TS 35.231 Rel-17.

Each function is a permutation of one state that begins with TOPc, the name of the function and
RAND. Operators choose sizes and how often the state is permuted; the defaults here give answers of
the sizes that MILENAGE gives, and permute once.

All octets stand in the state in reverse (clause 6.1), and so do those that come out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from impl.crypto.keccak import STATE_OCTETS, permute
from impl.crypto.milenage import Answer, Quintet
from impl.errors import UnencodableError
from impl.values import Secret

_NAME: Final = b"TUAK1.0"
_INPUT: Final = 96  # octets of the state that say something
_RATE: Final = 136
_NO_SQN: Final = bytes(8)  # with AMF

_F1, _F1_STAR, _F2_TO_F5, _F5_STAR, _TOPC = 0x00, 0x80, 0x40, 0xC0, 0x00
_LONG_K, _LONG_IK, _LONG_CK = 0x01, 0x02, 0x04
_SIZE_BITS: Final = {4: 0x00, 8: 0x08, 16: 0x10, 32: 0x20}
_KEY_SIZES: Final = (16, 32)


@dataclass(frozen=True, slots=True)
class TuakOptions:
    """Choices of an operator, sizes in octets.

    Raises:
        UnencodableError: one that clause 5 does not offer.
    """

    mac: int = 8
    """8, 16 or 32; AUTN and AUTS have room for 8."""
    res: int = 8
    """4, 8, 16 or 32."""
    ck: int = 16
    """16 or 32, as `ik`."""
    ik: int = 16
    iterations: int = 1

    def __post_init__(self) -> None:
        """Check each."""
        offered = (
            self.mac in {8, 16, 32}
            and self.res in _SIZE_BITS
            and self.ck in _KEY_SIZES
            and self.ik in _KEY_SIZES
            and self.iterations >= 1
        )
        if not offered:
            raise UnencodableError("TuakOptions", "hold a size that TUAK does not offer")


DEFAULTS: Final = TuakOptions()


class Tuak:
    """The functions for one subscriber: K of 16 or 32 octets, TOPc of 32.

    With the default options it takes the place of `Milenage`.
    """

    __slots__ = ("_k", "_options", "_topc")

    def __init__(self, k: Secret, topc: Secret, options: TuakOptions = DEFAULTS) -> None:
        _check_key(k)
        _check("TOPc", len(topc), 32)
        self._k = k
        self._topc = topc
        self._options = options

    def f1(self, rand: bytes, sqn: int, amf: bytes) -> bytes:
        """Return MAC-A: the network proves itself. Errors as for `quintet`."""
        return self._mac(_F1, rand, sqn, amf)

    def f1_star(self, rand: bytes, sqn: int, amf: bytes) -> bytes:
        """Return MAC-S: the card proves its SQN. Errors as for `quintet`."""
        return self._mac(_F1_STAR, rand, sqn, amf)

    def f2_to_f5(self, rand: bytes) -> Answer:
        """Return RES, CK, IK and AK; UnencodableError if RAND is not 16 octets."""
        options = self._options
        instance = _F2_TO_F5 | _SIZE_BITS[options.res]
        instance |= _LONG_CK * (options.ck == 32) | _LONG_IK * (options.ik == 32)
        out = self._run(instance, rand, _NO_SQN)
        return Answer(
            res=_taken(out, 0, options.res),
            ck=_taken(out, 32, options.ck),
            ik=_taken(out, 64, options.ik),
            ak=_taken(out, 96, 6),
        )

    def f5_star(self, rand: bytes) -> bytes:
        """Return the AK, 6 octets, of AUTS; UnencodableError if RAND is not 16 octets."""
        return _taken(self._run(_F5_STAR, rand, _NO_SQN), 96, 6)

    def quintet(self, rand: bytes, sqn: int, amf: bytes) -> Quintet:
        """Return the vector for one RAND, SQN and AMF.

        Raises:
            UnencodableError: RAND is not 16 octets, AMF not 2, or SQN does not fit in 48 bits.
        """
        mac, answer = self.f1(rand, sqn, amf), self.f2_to_f5(rand)
        hidden_sqn = (sqn ^ int.from_bytes(answer.ak, "big")).to_bytes(6, "big")
        return Quintet(rand, answer.res, answer.ck, answer.ik, hidden_sqn + amf + mac)

    def quintets(self, rands: Sequence[bytes], sqns: Sequence[int], amf: bytes) -> list[Quintet]:
        """Return the vectors for as many RAND as SQN; errors as for `quintet`."""
        return [self.quintet(rand, sqn, amf) for rand, sqn in zip(rands, sqns, strict=True)]

    def _mac(self, instance: int, rand: bytes, sqn: int, amf: bytes) -> bytes:
        _check("AMF", len(amf), 2)
        if sqn >> 48:
            raise UnencodableError("SQN", "does not fit in 48 bits")
        size = self._options.mac
        stamp = amf[::-1] + sqn.to_bytes(6, "little")
        return _taken(self._run(instance | _SIZE_BITS[size], rand, stamp), 0, size)

    def _run(self, instance: int, rand: bytes, stamp: bytes) -> bytes:
        _check("RAND", len(rand), 16)
        return _core(self._topc, self._k, instance, rand, stamp, self._options.iterations)


def topc_from(top: Secret, k: Secret, iterations: int = 1) -> Secret:
    """Return TOPc, the operator's TOP of 32 octets bound to one K (clause 6.2)."""
    _check("TOP", len(top), 32)
    _check_key(k)
    out = _core(top, k, _TOPC, bytes(16), _NO_SQN, iterations)
    return Secret(_taken(out, 0, 32))


def _core(  # noqa: PLR0913, PLR0917 - what the state holds
    top: Secret, k: Secret, instance: int, rand: bytes, stamp: bytes, iterations: int
) -> bytes:
    """Return the state after all its permutations, as far as anything is taken from it."""
    instance |= _LONG_K * (len(k) == 32)
    said = top.reveal()[::-1] + bytes((instance,)) + _NAME[::-1] + rand[::-1] + stamp
    said += k.reveal()[::-1].ljust(32, b"\0")
    if iterations == 1:  # padded as clause 6.1 does it, this is one block of SHAKE256
        return hashlib.shake_256(said).digest(_RATE)
    state = said + b"\x1f" + bytes(_RATE - _INPUT - 2) + b"\x80" + bytes(STATE_OCTETS - _RATE)
    for _ in range(iterations):
        state = permute(state)
    return state


def _taken(out: bytes, at: int, size: int) -> bytes:
    return out[at : at + size][::-1]


def _check_key(k: Secret) -> None:
    if len(k) not in _KEY_SIZES:
        raise UnencodableError("K", f"must be 16 or 32 octets, is {len(k)}")


def _check(what: str, size: int, wanted: int) -> None:
    if size != wanted:
        raise UnencodableError(what, f"must be {wanted} octets, is {size}")
