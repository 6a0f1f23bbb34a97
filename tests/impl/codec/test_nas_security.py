"""Tests of the protection of EPS mobility management: who protected is known, and nothing twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.eps_mobility import (
    CAPABILITY,
    EmmStatus,
    SecurityModeCommand,
    SecurityModeComplete,
)
from impl.codec.nas_security import (
    ALGORITHMS,
    NasContext,
    ProtectedMessage,
    Protection,
    decode_nas,
    is_protected,
)
from impl.crypto.conversions import NasKey, nas_key
from impl.crypto.eia2 import eia2
from impl.errors import MacFailureError, MalformedError, UnencodableError
from impl.values import Secret

KEY = Secret(bytes(range(32)))
NETWORK, DEVICE = NasContext(KEY, is_network=True), NasContext(KEY, is_network=False)
COMMAND = SecurityModeCommand(ALGORITHMS, 0, CAPABILITY)
SEALED, _ = NETWORK.seal(COMMAND, Protection.INTEGRITY_NEW)


def test_a_protected_message_has_type_code_and_number_before_it() -> None:
    inner = COMMAND.encode()
    mac = eia2(nas_key(KEY.reveal(), NasKey.INTEGRITY, 2), 0, 0, 1, b"\0" + inner)
    assert b"\x37" + mac + b"\0" + inner == SEALED
    assert decode_nas(SEALED) == COMMAND
    assert is_protected(SEALED)
    assert not is_protected(inner)
    assert not is_protected(b"")


def test_what_one_end_protects_the_other_opens_in_turn() -> None:
    message, device = DEVICE.open(SEALED)
    assert message == COMMAND
    answer, device = device.seal(SecurityModeComplete(), Protection.CIPHERED_NEW)
    assert answer[0] == 0x47
    message, network = NETWORK.open(answer)
    assert message == SecurityModeComplete()
    assert (device.sent, device.received, network.received) == (1, 1, 1)


def test_nobody_opens_what_he_has_opened_before() -> None:
    _, device = DEVICE.open(SEALED)
    with pytest.raises(MacFailureError):
        device.open(SEALED)


def test_nobody_opens_what_he_protected_himself() -> None:
    with pytest.raises(MacFailureError):
        NETWORK.open(SEALED)


def test_nobody_opens_what_another_key_protects() -> None:
    with pytest.raises(MacFailureError):
        NasContext(Secret(bytes(32)), is_network=False).open(SEALED)


@given(st.integers(1, len(SEALED) - 1), st.integers(1, 255))
def test_a_changed_octet_is_noticed(at: int, change: int) -> None:
    altered = bytearray(SEALED)
    altered[at] ^= change
    with pytest.raises((MacFailureError, MalformedError)):
        DEVICE.open(bytes(altered))


def test_a_context_ends_with_its_last_number() -> None:
    last = replace(NETWORK, sent=255)
    _, used = last.seal(EmmStatus(1), Protection.INTEGRITY)
    with pytest.raises(UnencodableError):
        used.seal(EmmStatus(1), Protection.INTEGRITY)


@pytest.mark.parametrize("octets", ["", "27", "0760", "5700000000000760", "2500000000000760"])
def test_what_is_not_protected_is_no_protected_message(octets: str) -> None:
    with pytest.raises(MalformedError):
        ProtectedMessage.decode(bytes.fromhex(octets))


@given(st.binary(max_size=40))
def test_any_octets_are_read_or_malformed(octets: bytes) -> None:
    try:
        decode_nas(octets)
    except MalformedError:
        return


def test_a_context_does_not_show_its_key() -> None:
    assert KEY.reveal().hex() not in repr(NETWORK)
    assert "Secret(...)" in repr(NETWORK)
