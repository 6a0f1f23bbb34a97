"""MILENAGE, the example set for the functions f1 to f5* of authentication: TS 35.206 release 17.

Octets in and out, SQN a number of 48 bits. Inside, blocks are numbers of 128 bits, and the blocks
that one RAND needs go through AES in one call, because a call costs more than a block does.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from impl.errors import UnencodableError
from impl.values import Secret

_BLOCK: Final = (1 << 128) - 1
_SQN_BITS: Final = 48
_THREE_TIMES: Final = 1 << 256 | 1 << 128 | 1
_FOUR_TIMES: Final = 1 << 384 | _THREE_TIMES


class Quintet(NamedTuple):
    """An authentication vector, TS 33.102 clause 6.3.2: RAND, CK, IK and AUTN 16 octets, XRES 8."""

    rand: bytes
    xres: bytes
    ck: bytes
    ik: bytes
    autn: bytes


class Answer(NamedTuple):
    """Outputs of f2, f3, f4 and f5: RES 8 octets, CK and IK 16, AK 6."""

    res: bytes
    ck: bytes
    ik: bytes
    ak: bytes


class Milenage:
    """The functions for one subscriber, whose K and OPc are 16 octets each.

    Not for two threads at once: objects of the same K share a cipher.
    """

    __slots__ = ("_encrypt", "_opc", "_opc_four_times")

    def __init__(self, k: Secret, opc: Secret) -> None:
        _check("OPc", len(opc), 16)
        self._encrypt = _encryptor(k.reveal()).update
        self._opc = int.from_bytes(opc.reveal(), "big")
        self._opc_four_times = self._opc * _FOUR_TIMES

    def f1(self, rand: bytes, sqn: int, amf: bytes) -> bytes:
        """Return MAC-A, 8 octets: the network proves itself. Errors as for `quintet`."""
        return self._out1(rand, sqn, amf)[:8]

    def f1_star(self, rand: bytes, sqn: int, amf: bytes) -> bytes:
        """Return MAC-S, 8 octets: the card proves its SQN. Errors as for `quintet`."""
        return self._out1(rand, sqn, amf)[8:]

    def f2_to_f5(self, rand: bytes) -> Answer:
        """Return RES, CK, IK and AK; UnencodableError if RAND is not 16 octets."""
        blocks = _in2_to_in4(self._temp(rand) ^ self._opc)
        mask = self._opc * _THREE_TIMES
        out = self._encrypt(blocks.to_bytes(48, "big"))
        out = (int.from_bytes(out, "big") ^ mask).to_bytes(48, "big")
        return Answer(res=out[8:16], ck=out[16:32], ik=out[32:], ak=out[:6])

    def f5_star(self, rand: bytes) -> bytes:
        """Return the AK, 6 octets, of AUTS; UnencodableError if RAND is not 16 octets."""
        mixed = self._temp(rand) ^ self._opc
        rotated = (mixed << 96 | mixed >> 32) & _BLOCK
        return self._out(rotated ^ 8)[:6]

    def quintet(self, rand: bytes, sqn: int, amf: bytes) -> Quintet:
        """Return the vector for one RAND, SQN and AMF.

        Raises:
            UnencodableError: RAND is not 16 octets, AMF not 2, or SQN does not fit in 48 bits.
        """
        _check("AMF", len(amf), 2)
        _check_sqn(sqn)
        blocks = _in1_to_in4(self._temp(rand), self._opc, sqn, amf)
        return self._quintet(rand, sqn, amf, self._encrypt(blocks))

    def quintets(self, rands: Sequence[bytes], sqns: Sequence[int], amf: bytes) -> list[Quintet]:
        """Return the vectors for as many RAND as SQN, with two calls of AES for all of them.

        Raises:
            UnencodableError: as for `quintet`.
        """
        _check("AMF", len(amf), 2)
        for rand, sqn in zip(rands, sqns, strict=True):
            _check("RAND", len(rand), 16)
            _check_sqn(sqn)
        opc, count = self._opc, len(rands)
        mask = opc * (((1 << 128 * count) - 1) // _BLOCK)
        masked = int.from_bytes(b"".join(rands), "big") ^ mask
        temps = self._encrypt(masked.to_bytes(16 * count, "big"))
        blocks = [
            _in1_to_in4(int.from_bytes(temps[at : at + 16], "big"), opc, sqn, amf)
            for at, sqn in zip(range(0, 16 * count, 16), sqns, strict=True)
        ]
        outs = self._encrypt(b"".join(blocks))
        return [
            self._quintet(rand, sqn, amf, outs[at : at + 64])
            for at, rand, sqn in zip(range(0, 64 * count, 64), rands, sqns, strict=True)
        ]

    def _quintet(self, rand: bytes, sqn: int, amf: bytes, ciphered: bytes) -> Quintet:
        out = (int.from_bytes(ciphered, "big") ^ self._opc_four_times).to_bytes(64, "big")
        hidden_sqn = (sqn ^ int.from_bytes(out[16:22], "big")).to_bytes(6, "big")
        return Quintet(rand, out[24:32], out[32:48], out[48:], hidden_sqn + amf + out[:8])

    def _temp(self, rand: bytes) -> int:
        _check("RAND", len(rand), 16)
        masked = int.from_bytes(rand, "big") ^ self._opc
        return int.from_bytes(self._encrypt(masked.to_bytes(16, "big")), "big")

    def _out(self, block: int) -> bytes:
        ciphered = self._encrypt(block.to_bytes(16, "big"))
        return (int.from_bytes(ciphered, "big") ^ self._opc).to_bytes(16, "big")

    def _out1(self, rand: bytes, sqn: int, amf: bytes) -> bytes:
        _check("AMF", len(amf), 2)
        _check_sqn(sqn)
        return self._out(self._temp(rand) ^ _rotated_in1(self._opc, sqn, amf))


def opc_from(op: Secret, k: Secret) -> Secret:
    """Return OPc, the operator's OP bound to one K, 16 octets each (TS 35.206 clause 4.1)."""
    _check("OP", len(op), 16)
    ciphered = _encryptor(k.reveal()).update(op.reveal())
    mixed = int.from_bytes(ciphered, "big") ^ int.from_bytes(op.reveal(), "big")
    return Secret(mixed.to_bytes(16, "big"))


def _rotated_in1(opc: int, sqn: int, amf: bytes) -> int:
    """Return IN1 with OPc, rotated by r1 = 64 bits; c1 is zero."""
    half = sqn << 16 | int.from_bytes(amf, "big")
    mixed = (half << 64 | half) ^ opc
    return (mixed << 64 | mixed >> 64) & _BLOCK


def _in2_to_in4(mixed: int) -> int:
    """Return 3 blocks: TEMP with OPc, rotated by 0, 32 and 64 bits, with c2, c3 and c4."""
    twice = mixed << 128 | mixed
    return (mixed ^ 1) << 256 | (twice >> 96 & _BLOCK ^ 2) << 128 | twice >> 64 & _BLOCK ^ 4


def _in1_to_in4(temp: int, opc: int, sqn: int, amf: bytes) -> bytes:
    blocks = (temp ^ _rotated_in1(opc, sqn, amf)) << 384 | _in2_to_in4(temp ^ opc)
    return blocks.to_bytes(64, "big")


# Making a cipher costs as much as 25 of its calls. 1,024 of them hold about a megabyte.
@lru_cache(maxsize=1024)
def _encryptor(k: bytes) -> CipherContext:
    _check("K", len(k), 16)
    return Cipher(AES(k), ECB()).encryptor()  # noqa: S305 - E_K of single blocks


def _check(what: str, size: int, wanted: int) -> None:
    if size != wanted:
        raise UnencodableError(what, f"must be {wanted} octets, is {size}")


def _check_sqn(sqn: int) -> None:
    if sqn >> _SQN_BITS:
        raise UnencodableError("SQN", f"does not fit in {_SQN_BITS} bits")
