"""Keccak-f[1600], the permutation under SHA-3: NIST FIPS 202 section 3."""

from __future__ import annotations

from typing import Final

from impl.errors import UnencodableError

STATE_OCTETS: Final = 200

_LANE: Final = (1 << 64) - 1


def permute(state: bytes) -> bytes:
    """Return the state, 200 octets, after its 24 rounds; UnencodableError for another size."""
    if len(state) != STATE_OCTETS:
        raise UnencodableError("Keccak state", f"must be {STATE_OCTETS} octets, is {len(state)}")
    lanes = [int.from_bytes(state[at : at + 8], "little") for at in range(0, STATE_OCTETS, 8)]
    for constant in _ROUND_CONSTANTS:
        lanes = _round(lanes, constant)
    return b"".join([lane.to_bytes(8, "little") for lane in lanes])


def _round(lanes: list[int], constant: int) -> list[int]:
    """Return the 25 lanes after theta, rho and pi, chi, and iota; lane (x, y) is number x + 5 y."""
    parity = [
        lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)
    ]
    spread = [parity[x - 1] ^ _rotated(parity[(x + 1) % 5], 1) for x in range(5)]
    moved = [_rotated(lanes[source] ^ spread[source % 5], offset) for source, offset in _MOVES]
    mixed = [
        lane ^ (~moved[row + (x + 1) % 5] & moved[row + (x + 2) % 5])
        for row in range(0, 25, 5)
        for x, lane in enumerate(moved[row : row + 5])
    ]
    mixed[0] ^= constant
    return mixed


def _rotated(lane: int, offset: int) -> int:
    return (lane << offset | lane >> 64 - offset) & _LANE


def _moves() -> tuple[tuple[int, int], ...]:
    """Return for each lane from which it comes, and how far it is rotated (rho and pi)."""
    offsets = [0] * 25
    x, y = 1, 0
    for step in range(24):
        offsets[x + 5 * y] = (step + 1) * (step + 2) // 2 % 64
        x, y = y, (2 * x + 3 * y) % 5
    sources = [(x + 3 * y) % 5 + 5 * x for y in range(5) for x in range(5)]
    return tuple((source, offsets[source]) for source in sources)


def _round_constants() -> tuple[int, ...]:
    """Return what iota adds: bit 2^j - 1 of round i is bit 7 i + j of a shift register."""
    register, bits = 1, []
    for _ in range(7 * 24):
        bits.append(register & 1)
        register <<= 1
        if register & 0x100:
            register ^= 0x171  # x^8 + x^6 + x^5 + x^4 + 1
    return tuple(sum(bits[7 * index + j] << (1 << j) - 1 for j in range(7)) for index in range(24))


_MOVES: Final = _moves()
_ROUND_CONSTANTS: Final = _round_constants()
