"""The over-the-air keys of the card."""

from __future__ import annotations

from typing import Any

import pytest

from impl.card.keyset import command_keys, factory_keys, write_factory_keys
from impl.card.profile import AdminCodeMode
from impl.codec.ota_profile import KEYING_VERSION
from impl.crypto.admin_key import derive_keys
from impl.values import OtaKeys, Secret


@pytest.mark.parametrize("size", [16, 24, 32])
def test_keys_of_every_length_come_back(terminal: Any, size: int) -> None:
    keys = OtaKeys(3, Secret(b"a" * size), Secret(b"b" * size))
    write_factory_keys(terminal.memory, keys)
    assert factory_keys(terminal.memory) == keys
    assert command_keys(terminal.memory) == keys


def test_shorter_keys_leave_nothing_of_longer_ones(terminal: Any) -> None:
    write_factory_keys(terminal.memory, OtaKeys(1, Secret(b"L" * 32), Secret(b"L" * 32)))
    write_factory_keys(terminal.memory, OtaKeys(1, Secret(b"s" * 16), Secret(b"s" * 16)))
    assert b"L" not in terminal.memory.image


def test_where_the_admin_code_is_a_key_orders_come_under_it(new_terminal: Any) -> None:
    terminal = new_terminal(admin_code_mode=AdminCodeMode.KEYING)
    profile = terminal.profile
    derived = derive_keys(profile.admin_code, profile.iccid, KEYING_VERSION)
    assert command_keys(terminal.memory) == derived
    assert factory_keys(terminal.memory) == profile.ota_keys
