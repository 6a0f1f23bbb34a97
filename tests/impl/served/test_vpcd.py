import socket
import threading

import pytest

from impl.errors import CardMuteError, MalformedError
from impl.served.vpcd import CardInReader, Control


class Card:
    """A card that answers 9000 and notes its power."""

    def __init__(self):
        self.power = []

    def power_on(self):
        self.power.append("on")
        return b"\x3b\x00"

    def power_off(self):
        self.power.append("off")

    def transmit(self, command):
        if command[1] == 0xFF:
            raise CardMuteError("mute")
        return b"\x90\x00"


@pytest.fixture
def card():
    return Card()


def test_an_apdu_is_answered(card):
    assert CardInReader(card).answer(bytes(4)) == b"\x90\x00"


def test_a_mute_card_answers_with_nothing(card):
    assert CardInReader(card).answer(b"\0\xff\0\0") == b""


def test_the_answer_to_reset_is_told_and_powers_a_card_without_power(card):
    reader = CardInReader(card)
    assert reader.answer(bytes([Control.TELL_ATR])) == b"\x3b\x00"
    assert reader.answer(bytes([Control.TELL_ATR])) == b"\x3b\x00"
    assert card.power == ["on"]


def test_power_and_reset_are_obeyed_without_an_answer(card):
    reader = CardInReader(card)
    for control in (Control.POWER_ON, Control.RESET, Control.POWER_OFF):
        assert reader.answer(bytes([control])) is None
    assert card.power == ["on", "on", "off"]


@pytest.mark.parametrize("octets", [b"", b"\x03", b"\x00\xa4", bytes(70_000)], ids=len)
def test_what_is_neither_control_nor_apdu_is_refused(card, octets):
    with pytest.raises(MalformedError):
        CardInReader(card).answer(octets)
    assert not card.power


def test_a_card_is_in_the_reader_until_that_is_gone(card):
    with socket.create_server(("127.0.0.1", 0)) as driver:
        port = driver.getsockname()[1]
        thread = threading.Thread(target=CardInReader(card).run, args=("127.0.0.1", port))
        thread.start()
        slot, _ = driver.accept()
        with slot:
            slot.sendall(b"\0")
            slot.sendall(b"\1\4\0\4" + b"\0\xa4\0\0")
            answer = b""
            while len(answer) < 8:
                answer += slot.recv(100)
            assert answer == b"\0\2\x3b\0" + b"\0\2\x90\0"
        thread.join(5)
    assert not thread.is_alive()
    assert card.power == ["on", "off"]


def test_without_a_reader_the_card_says_so(card):
    with pytest.raises(OSError, match="refused"):
        CardInReader(card).run("127.0.0.1", 9)


def test_a_frame_of_no_octets_is_refused_and_not_taken_for_the_end(card):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        driver = socket.create_connection(listener.getsockname())
        slot, _ = listener.accept()
    with driver, slot:
        driver.sendall(b"\0\0")
        with pytest.raises(MalformedError, match="0 octets"):
            CardInReader(card).serve(slot)
    assert not card.power


def test_a_reader_that_goes_in_the_middle_of_a_frame_takes_the_power(card):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        driver = socket.create_connection(listener.getsockname())
        slot, _ = listener.accept()
    with slot:
        driver.sendall(b"\0\4\0\xa4")
        driver.close()
        CardInReader(card).serve(slot)
    assert card.power == ["off"]
