"""The device's end of the card interface, against a card that answers by script."""

import pytest

from impl.codec.apdu import CommandApdu, ResponseApdu
from impl.device.card_session import TERMINAL_PROFILE, USIM_AID, CardRefusedError, CardSession
from impl.errors import CardMuteError


class ScriptedCard:
    """Answers commands in the order of the script; notes what it was asked."""

    def __init__(self, *answers: str) -> None:
        self.answers = [bytes.fromhex(answer) for answer in answers]
        self.asked: list[str] = []
        self.powered = False

    def power_on(self) -> bytes:
        self.powered = True
        return b"\x3b\x00"

    def power_off(self) -> None:
        self.powered = False

    def transmit(self, command: bytes) -> bytes:
        self.asked.append(command.hex())
        if not self.answers:
            raise CardMuteError("the card does not answer")
        return self.answers.pop(0)


SELECT = CommandApdu(0x00, 0xA4, 0x08, 0x04, bytes.fromhex("7fff6f07"), 256)


def test_an_answer_is_returned_whole():
    session = CardSession(ScriptedCard("0102 9000"))
    assert session.exchange(SELECT) == ResponseApdu(b"\x01\x02", 0x9000)


def test_what_waits_in_the_card_is_fetched_by_get_response():
    card = ScriptedCard("6102", "0102 9000")
    assert CardSession(card).command(SELECT) == b"\x01\x02"
    assert card.asked[1] == "00c0000002"


def test_what_waits_in_several_pieces_is_put_together():
    card = ScriptedCard("6102", "0102 6100", "03 9000")
    assert CardSession(card).command(SELECT) == b"\x01\x02\x03"
    assert card.asked[2] == "00c0000000"  # 00 asks for 256


def test_a_wrong_length_is_asked_again_with_the_right_one():
    card = ScriptedCard("6c09", "010203040506070809 9000")
    CardSession(card).command(CommandApdu(0x00, 0xB0, 0, 0, le=1))
    assert card.asked[1] == "00b0000009"
    card = ScriptedCard("6c00", "9000")
    CardSession(card).command(CommandApdu(0x00, 0xB0, 0, 0, le=1))
    assert card.asked[1] == "00b0000000"


def test_a_pending_proactive_command_is_remembered():
    session = CardSession(ScriptedCard("9110", "9000"))
    session.command(SELECT)
    assert session.pending == 0x10
    session.command(SELECT)
    assert session.pending == 0x10
    session = CardSession(ScriptedCard("9100"))
    session.command(SELECT)
    assert session.pending == 256


@pytest.mark.parametrize("status", ["6a82", "6982", "9404"])
def test_an_error_of_the_card_is_typed_and_says_which(status):
    with pytest.raises(CardRefusedError) as caught:
        CardSession(ScriptedCard(status)).command(SELECT)
    assert caught.value.sw == int(status, 16)


def test_an_error_does_not_say_what_was_sent():
    verify = CommandApdu(0x00, 0x20, 0, 0x01, b"1234\xff\xff\xff\xff")
    with pytest.raises(CardRefusedError) as caught:
        CardSession(ScriptedCard("63c2")).command(verify)
    assert "31323334" not in str(caught.value)
    assert "1234" not in str(caught.value)


def test_a_life_begins_with_the_usim_and_the_profile_and_ends_without_power():
    card = ScriptedCard("9000", "9120")
    session = CardSession(card)
    session.start()
    assert USIM_AID.hex() in card.asked[0]
    assert card.asked[1].startswith("80100000")
    assert card.asked[1].endswith(TERMINAL_PROFILE.hex())
    assert session.pending == 0x20
    session.stop()
    assert (card.powered, session.pending) == (False, 0)


def test_a_file_is_selected_before_it_is_read_or_updated():
    card = ScriptedCard("9000", "aabb 9000", "9000", "9000")
    session = CardSession(card)
    assert session.read("7fff6f07", 2) == b"\xaa\xbb"
    session.update("7fff6f7e", b"\x01")
    assert card.asked == [
        "00a4080c047fff6f07",
        "00b0000002",
        "00a4080c047fff6f7e",
        "00d600000101",
    ]


def test_a_mute_card_is_not_hidden():
    with pytest.raises(CardMuteError):
        CardSession(ScriptedCard()).command(SELECT)
