"""MILENAGE quintets a second, against bare code over the same AES.

The floors check nothing and know the card's values as numbers beforehand: TEMP in one call of AES,
the other four blocks in a second, XOR and rotations on whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import cycle

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from measure import compare, show

from impl.crypto.milenage import Milenage, Quintet
from impl.values import Secret

BLOCK = (1 << 128) - 1
FOUR = 1 << 384 | 1 << 256 | 1 << 128 | 1
AMF = b"\x80\x00"
RAND = bytes(range(16))
SQN = 0x20
BATCH = 32
CARDS = 4096  # more than the ciphers that are kept: each K is new again when it comes back

Encrypt = Callable[[bytes], bytes]


def cipher(k: bytes) -> Encrypt:
    """Make the cipher of a card."""
    return Cipher(AES(k), ECB()).encryptor().update


def blocks_of(temp: int, opc: int, sqn: int) -> bytes:
    """Return what the second call ciphers: f1, f2 and f5, f3, f4."""
    half = sqn << 16 | 0x8000
    mixed = (half << 64 | half) ^ opc
    first = temp ^ ((mixed << 64 | mixed >> 64) & BLOCK)
    other = temp ^ opc
    twice = other << 128 | other
    third, fourth = twice >> 96 & BLOCK ^ 2, twice >> 64 & BLOCK ^ 4
    return (first << 384 | (other ^ 1) << 256 | third << 128 | fourth).to_bytes(64, "big")


def vector(rand: bytes, sqn: int, ciphered: bytes, mask: int) -> tuple[bytes, ...]:
    """Return RAND, XRES, CK, IK and AUTN."""
    out = (int.from_bytes(ciphered, "big") ^ mask).to_bytes(64, "big")
    hidden = (sqn ^ int.from_bytes(out[16:22], "big")).to_bytes(6, "big")
    return rand, out[24:32], out[32:48], out[48:], hidden + AMF + out[:8]


def floor(encrypt: Encrypt, opc: int, mask: int) -> tuple[bytes, ...]:
    """Make one vector with two calls of AES."""
    masked = (int.from_bytes(RAND, "big") ^ opc).to_bytes(16, "big")
    temp = int.from_bytes(encrypt(masked), "big")
    return vector(RAND, SQN, encrypt(blocks_of(temp, opc, SQN)), mask)


def floor_of_batch(
    encrypt: Encrypt, opc: int, mask: int, rands: Sequence[bytes], sqns: Sequence[int]
) -> list[tuple[bytes, ...]]:
    """Make vectors with two calls of AES for all."""
    number = int.from_bytes
    masked = b"".join([(number(rand, "big") ^ opc).to_bytes(16, "big") for rand in rands])
    temps = encrypt(masked)
    blocks = [
        blocks_of(number(temps[at : at + 16], "big"), opc, sqn)
        for at, sqn in zip(range(0, len(temps), 16), sqns, strict=True)
    ]
    outs = encrypt(b"".join(blocks))
    return [
        vector(rand, sqn, outs[at : at + 64], mask)
        for at, rand, sqn in zip(range(0, len(outs), 64), rands, sqns, strict=True)
    ]


def main() -> None:
    """Print the ratios."""
    k, opc = bytes(range(16)), bytes(range(16, 32))
    opc_number = int.from_bytes(opc, "big")
    mask = opc_number * FOUR
    kept = cipher(k)
    secret_opc = Secret(opc)
    milenage = Milenage(Secret(k), secret_opc)
    keys = [number.to_bytes(16, "big") for number in range(CARDS)]
    ours_next, floor_next = cycle([Secret(key) for key in keys]), cycle(keys)
    rands = [bytes((number,)) * 16 for number in range(BATCH)]
    sqns = [32 * number for number in range(1, BATCH + 1)]

    def fresh() -> Quintet:
        return Milenage(next(ours_next), secret_opc).quintet(RAND, SQN, AMF)

    assert milenage.quintet(RAND, SQN, AMF) == floor(kept, opc_number, mask)
    assert milenage.quintets(rands, sqns, AMF) == floor_of_batch(
        kept, opc_number, mask, rands, sqns
    )
    timings = compare(
        {
            "quintet, card not met before": fresh,
            "floor B, new cipher": lambda: floor(cipher(next(floor_next)), opc_number, mask),
            "quintet, card known": lambda: milenage.quintet(RAND, SQN, AMF),
            "floor B, cipher kept": lambda: floor(kept, opc_number, mask),
            "32 quintets at once": lambda: milenage.quintets(rands, sqns, AMF),
            "floor C, cipher kept": lambda: floor_of_batch(kept, opc_number, mask, rands, sqns),
        }
    )
    for name, against, target in (
        ("quintet, card not met before", "floor B, new cipher", 0.75),
        ("quintet, card known", "floor B, cipher kept", 0.7),
        ("32 quintets at once", "floor C, cipher kept", 0.65),
    ):
        show(name, timings, name, against, target)


if __name__ == "__main__":
    main()
