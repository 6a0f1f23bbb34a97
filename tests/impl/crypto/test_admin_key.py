"""Tests of keys made from admin codes."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from impl.crypto.admin_key import derive_keys
from impl.errors import UnencodableError
from impl.values import ICCID, Secret

CODE = Secret(b"12345678")
CARD = ICCID("8988211000000430010")


def test_both_ends_derive_the_same_keys() -> None:
    assert derive_keys(CODE, CARD, 2) == derive_keys(Secret(b"12345678"), ICCID(str(CARD)), 2)


def test_keys_are_those_of_the_documented_function() -> None:
    keys = derive_keys(CODE, CARD, 2)
    for label, key in ((b"KIc", keys.kic), (b"KID", keys.kid)):
        message = b"\x01" + label + b"\x00" + b"8988211000000430010" + b"\x02" + b"\x00\x80"
        assert key.reveal() == hmac.new(b"12345678", message, hashlib.sha256).digest()[:16]
    assert keys.version == 2


def test_every_input_separates_keys() -> None:
    keys = derive_keys(CODE, CARD, 2)
    others = [
        derive_keys(Secret(b"12345679"), CARD, 2),
        derive_keys(CODE, ICCID("8988211000000430028"), 2),
        derive_keys(CODE, CARD, 3),
    ]
    assert keys.kic != keys.kid
    assert len({keys.kic, keys.kid, *(other.kic for other in others)}) == 5


def test_keys_are_hidden() -> None:
    keys = derive_keys(CODE, CARD, 2)
    assert keys.kic.reveal().hex() not in repr(keys)


@pytest.mark.parametrize("version", [1, 15])
def test_every_version_that_a_packet_can_name_has_keys(version: int) -> None:
    assert derive_keys(CODE, CARD, version).version == version


@pytest.mark.parametrize("version", [0, 16, -1])
def test_a_version_that_no_packet_can_name_is_refused(version: int) -> None:
    with pytest.raises(UnencodableError):
        derive_keys(CODE, CARD, version)
