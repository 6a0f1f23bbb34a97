"""The slot: the card answers as it does, and everything it is asked is heard."""

import pytest

from impl.errors import CardMuteError
from impl.runtime.card_slot import CardSlot

ATR = b"\x3b\x00"


class Card:
    """Answers 9000 while it has power, and goes mute on the second command."""

    def __init__(self):
        self.has_power = False
        self.commands = 0

    def power_on(self):
        self.has_power = True
        return ATR

    def power_off(self):
        self.has_power = False

    def transmit(self, command):
        self.commands += 1
        if not self.has_power or self.commands == 2:
            raise CardMuteError("mute")
        return command[:1] + b"\x90\x00"


@pytest.fixture
def heard():
    return []


@pytest.fixture
def slot(heard):
    return CardSlot(Card(), lambda command, response: heard.append((command, response)))


def test_power_comes_and_goes(slot):
    assert slot.power_on() == ATR
    assert slot.card.has_power
    slot.power_off()
    assert not slot.card.has_power


def test_an_exchange_is_the_cards_and_is_heard(slot, heard):
    slot.power_on()
    assert slot.transmit(b"\x80\xf2") == b"\x80\x90\x00"
    assert heard == [(b"\x80\xf2", b"\x80\x90\x00")]


def test_a_command_on_which_the_card_went_mute_is_heard_without_an_answer(slot, heard):
    slot.power_on()
    slot.transmit(b"\x00")
    with pytest.raises(CardMuteError):
        slot.transmit(b"\x01")
    assert heard[1:] == [(b"\x01", b"")]


def test_a_card_without_power_is_mute(slot, heard):
    with pytest.raises(CardMuteError):
        slot.transmit(b"\x00")
    assert heard == [(b"\x00", b"")]


def test_another_card_may_be_put_in(slot):
    slot.card = Card()
    assert slot.power_on() == ATR
    assert slot.card.has_power
