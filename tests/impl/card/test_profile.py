"""What the manufacturer and the first operator write in a card."""

from __future__ import annotations

from typing import Any

import pytest

from impl.card import image
from impl.card.memory import Memory
from impl.card.profile import personalize
from impl.card.uicc import Uicc
from impl.codec.digits import encode_iccid, encode_imsi
from impl.errors import MalformedError
from impl.values import IMSI, PLMN, Credentials, OtaKeys, Secret


def test_a_new_card_is_a_card_of_its_first_network(terminal: Any, first: Credentials) -> None:
    assert terminal.read("2fe2") == encode_iccid(terminal.profile.iccid)
    assert terminal.imsi == encode_imsi(first.imsi)
    assert terminal.read("7fff6fad") == b"\0\0\0\x02"
    assert terminal.read("7fff6f46")[1:4] == b"One"
    assert terminal.read("7fff6f7e").hex() == "ffffffffffffff0000ff01"
    assert terminal.authenticate(first).data[:1] == b"\xdb"


def test_a_new_card_is_not_a_card_of_another(terminal: Any, second: Credentials) -> None:
    assert terminal.authenticate(second).sw == 0x9862


def test_an_image_is_all_that_a_card_is(terminal: Any, first: Credentials) -> None:
    copy = Uicc(Memory(terminal.memory.image))
    terminal.card = copy
    terminal.start()
    assert terminal.imsi == encode_imsi(first.imsi)


def test_a_profile_says_the_same_card_twice(terminal: Any) -> None:
    assert personalize(terminal.profile).image == personalize(terminal.profile).image


@pytest.mark.parametrize(
    "changes",
    [
        {"admin_code": Secret(b"1234567")},
        {"ota_keys": OtaKeys(0, Secret(bytes(16)), Secret(bytes(16)))},
        {"ota_keys": OtaKeys(16, Secret(bytes(16)), Secret(bytes(16)))},
        {"ota_keys": OtaKeys(1, Secret(bytes(8)), Secret(bytes(16)))},
        {"guess_limit": 0},
        {"guess_limit": 256},
        {"pin": Secret(b"123")},
        {"pin": Secret(b"123456789")},
        {"unblock_code": Secret(b"12a4")},
        {"plmn": PLMN("20802")},
        {"credentials": Credentials(IMSI("208021"), Secret(bytes(16)), Secret(bytes(16)))},
        {"operators": (("x" * 300, PLMN("20801"), "1"),)},
        {"operators": tuple(("\u0416" * 30, PLMN("20801"), "1") for _ in range(4))},
    ],
)
def test_a_profile_that_no_card_can_hold_is_refused(
    new_terminal: Any, changes: dict[str, Any]
) -> None:
    with pytest.raises(MalformedError):
        new_terminal(**changes)


def test_a_profile_shows_no_secret(terminal: Any) -> None:
    shown = repr(terminal.profile)
    assert "12345678" not in shown
    assert "K1K1" not in shown


def test_ten_thousand_cards_fit_in_a_hundred_megabytes(terminal: Any) -> None:
    assert 10_000 * len(terminal.memory.image) < 100_000_000


@pytest.mark.parametrize("has_application", [True, False])
def test_the_application_is_there_at_manufacture_or_comes_later(
    new_terminal: Any,
    has_application: bool,  # noqa: FBT001 - a parameter
) -> None:
    terminal = new_terminal(has_application=has_application)
    installed = image.APPLICATION.number(terminal.memory) == image.INSTALLED
    assert installed is has_application
