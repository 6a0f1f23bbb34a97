"""Tests of Keccak-f[1600], against the hash functions of the standard library that stand on it."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.crypto.keccak import STATE_OCTETS, permute
from impl.errors import UnencodableError

RATE = 136


def absorbed(message: bytes, suffix: int) -> bytes:
    """Return the state that takes one block of a sponge with a rate of 136 octets."""
    block = bytearray((message + bytes((suffix,))).ljust(RATE, b"\0"))
    block[-1] |= 0x80
    return bytes(block).ljust(STATE_OCTETS, b"\0")


@given(st.binary(max_size=RATE - 1))
def test_one_block_of_sha3_and_of_shake_is_one_permutation(message: bytes) -> None:
    assert permute(absorbed(message, 0x06))[:32] == hashlib.sha3_256(message).digest()
    assert permute(absorbed(message, 0x1F))[:RATE] == hashlib.shake_256(message).digest(RATE)


def test_a_permutation_of_a_permutation_is_squeezed_further() -> None:
    longer = hashlib.shake_256(b"").digest(2 * RATE)
    assert permute(permute(absorbed(b"", 0x1F)))[:RATE] == longer[RATE:]


def test_the_state_of_zeros_goes_where_the_reference_says() -> None:
    # The reference implementation's intermediate values for a state of zeros, first two lanes.
    assert permute(bytes(STATE_OCTETS))[:16].hex() == "e7dde140798f25f18a47c033f9ccd584"


@pytest.mark.parametrize("size", [0, 199, 201])
def test_a_state_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(UnencodableError):
        permute(bytes(size))
