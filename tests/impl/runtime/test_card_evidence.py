"""Of an exchange with a card everything is shown that may be, and nothing that may not."""

import pytest

from impl.codec.apdu import CommandApdu, Ins
from impl.codec.authenticate import AuthenticationSuccess, encode_outcome
from impl.codec.file_control import FileControl, FileDescriptor, FileKind
from impl.codec.toolkit import DisplayText, MenuSelection, encode_envelope, encode_proactive
from impl.runtime.card_evidence import dissect_apdu
from impl.runtime.reading import WITHHELD
from impl.values import Secret

KEY, OTHER = b"kEyKeYkEyKeYkEy1", b"oPcOpCoPcOpCoPc2"


def test_an_exchange_with_the_card_is_two_messages():
    command = CommandApdu(0x00, Ins.READ_BINARY, 0, 0, le=2).encode()
    asked, answered = dissect_apdu(command, b"\x01\x02\x90\x00")
    assert (asked.name, asked.octets) == ("READ BINARY", command)
    assert (answered.name, answered.octets) == ("9000", b"\x01\x02\x90\x00")


def test_an_unknown_instruction_is_shown_by_its_number():
    asked, answered = dissect_apdu(CommandApdu(0x00, 0x0E, 0, 0).encode(), b"\x6d\x00")
    assert (asked.name, answered.name) == ("INS 0E", "6D00")


def test_what_the_device_tells_the_card_is_read(said):
    data = encode_envelope(MenuSelection(2))
    asked, answered = dissect_apdu(
        CommandApdu(0x80, Ins.ENVELOPE, 0, 0, data).encode(), b"\x90\x00"
    )
    assert asked.fields["envelope"] == "MENU SELECTION"
    assert (asked.fields["item"], said(asked, "item")) == ("2", b"\x90\x01\x02")
    assert answered.fields == {"sw": "9000 ok"}


def test_what_the_card_wants_is_read(said):
    wanted = encode_proactive(3, DisplayText("Hello"))
    command = CommandApdu(0x80, Ins.FETCH, 0, 0, le=len(wanted)).encode()
    asked, answered = dissect_apdu(command, wanted + b"\x90\x00")
    assert asked.fields["le"] == str(len(wanted))
    assert answered.fields["command"] == "DISPLAY TEXT"
    assert (said(answered, "number"), said(answered, "command")) == (b"\x03", b"\x21")
    assert said(answered, "text").endswith(b"Hello")
    assert (answered.fields["number"], answered.fields["text"]) == ("3", "Hello")


@pytest.mark.parametrize("ins", [Ins.ENVELOPE, Ins.FETCH])
def test_toolkit_messages_without_meaning_are_shown_with_the_reason(ins):
    is_asked = ins is Ins.ENVELOPE
    command = CommandApdu(
        0x80, ins, 0, 0, b"\xd3\x00" if is_asked else b"", None if is_asked else 2
    )
    answer = b"\x90\x00" if is_asked else b"\xd0\x00\x90\x00"
    asked, answered = dissect_apdu(command.encode(), answer)
    assert "why" in (asked if is_asked else answered).fields


@pytest.mark.parametrize("ins", [Ins.VERIFY_PIN, Ins.CHANGE_PIN, Ins.UNBLOCK_PIN])
@pytest.mark.parametrize("response", [b"\x90\x00", b"\x63\xc2", b""])
def test_a_pin_is_not_shown_whatever_the_card_answers(ins, response, shows_a_secret):
    command = CommandApdu(0x00, ins, 0, 1, b"98765432").encode()
    asked, answered = dissect_apdu(command, response)
    assert asked.octets == command[:5] + bytes(8)
    assert (asked.fields["data"], asked.withheld) == (WITHHELD, ((5, 13),))
    assert not shows_a_secret(asked, b"98765432")
    assert answered.octets == response


@pytest.mark.parametrize("ins", [Ins.AUTHENTICATE, Ins.GET_RESPONSE])
def test_session_keys_of_the_card_are_not_shown(ins, shows_a_secret):
    outcome = encode_outcome(AuthenticationSuccess(b"response", Secret(KEY), Secret(OTHER)))
    command = CommandApdu(0x00, ins, 0, 0, le=len(outcome)).encode()
    asked, answered = dissect_apdu(command, outcome + b"\x90\x00")
    assert asked.octets == command
    assert (answered.name, answered.octets) == ("9000", bytes(len(outcome)) + b"\x90\x00")
    assert not shows_a_secret(answered, KEY, OTHER)


FILE = FileControl(FileDescriptor(FileKind.LINEAR_FIXED, 28, 2), fid=0x6F42, size=56, sfi=0)


@pytest.mark.parametrize("ins", [Ins.SELECT, Ins.STATUS, Ins.GET_RESPONSE])
def test_what_the_card_says_of_a_file_is_told(ins, said):
    octets = FILE.encode()
    command = CommandApdu(0x00, ins, 0, 0, le=len(octets)).encode()
    _, answered = dissect_apdu(command, octets + b"\x90\x00")
    assert answered.octets == octets + b"\x90\x00"
    assert (answered.fields["descriptor.kind"], answered.fields["fid"]) == ("LINEAR_FIXED", "6F42")
    assert (answered.fields["descriptor.record_length"], answered.fields["size"]) == ("28", "56")
    assert said(answered, "fid") == bytes.fromhex("83026f42")
    assert said(answered, "size") == bytes.fromhex("80020038")
    assert answered.fields["sw"] == "9000 ok"


def test_keys_that_look_like_a_file_are_not_shown():
    """SRES and Kc may begin with any octet in class A0, which has no such templates."""
    octets = FILE.encode()
    command = CommandApdu(0xA0, Ins.GET_RESPONSE, 0, 0, le=len(octets)).encode()
    _, answered = dissect_apdu(command, octets + b"\x90\x00")
    assert answered.octets == bytes(len(octets)) + b"\x90\x00"
    assert answered.fields["data"] == WITHHELD


def test_of_a_template_that_says_no_file_only_the_octets_are_shown_and_behind_61xx_none():
    for ins, shown_octets in ((Ins.SELECT, b"\x62\x02\x83\x00"), (Ins.GET_RESPONSE, bytes(4))):
        command = CommandApdu(0x00, ins, 0, 0, le=4).encode()
        _, answered = dissect_apdu(command, b"\x62\x02\x83\x00\x90\x00")
        assert answered.octets == shown_octets + b"\x90\x00"
        assert "fid" not in answered.fields


def test_a_refused_challenge_has_nothing_to_hide():
    command = CommandApdu(0x00, Ins.AUTHENTICATE, 0, 0x81, bytes(34), 256).encode()
    _, answered = dissect_apdu(command, b"\x98\x62")
    assert answered.octets == b"\x98\x62"


def test_a_card_that_went_mute_gave_no_answer():
    command = CommandApdu(0x80, Ins.FETCH, 0, 0, le=4).encode()
    asked, answered = dissect_apdu(command, b"")
    assert (asked.name, asked.octets) == ("FETCH", command)
    assert (answered.name, answered.octets, answered.fields) == ("NO ANSWER", b"", {})


def test_of_what_is_no_command_only_the_header_is_shown():
    asked, answered = dissect_apdu(b"\x00\x20\x00\x01\x091234", b"\x67\x00")
    assert (asked.name, asked.octets) == ("MALFORMED", b"\x00\x20\x00\x01" + bytes(5))
    assert asked.fields["data"] == WITHHELD
    assert answered.name == "6700"


@pytest.mark.parametrize(
    ("command", "is_shown"),
    [
        ("00d6880021" + "05" + "aa" * 32, False),  # EF.Keys
        ("00d6890021" + "05" + "aa" * 32, False),  # EF.KeysPS
        ("00d6810009" + "aa" * 9, False),  # EF.Kc
        ("00dc01c436" + "aa" * 54, False),  # EF.EPSNSC
        ("00d68b000b" + "aa" * 11, True),  # EF.LOCI
        ("00d600000b" + "aa" * 11, True),
        ("00dc010436" + "aa" * 54, True),
        ("00b0880001", True),  # the number of the keys alone
    ],
)
def test_keys_that_the_device_keeps_in_the_card_are_not_shown(command, is_shown):
    asked, _ = dissect_apdu(bytes.fromhex(command), bytes.fromhex("9000"))
    octets = bytes.fromhex(command)
    assert asked.octets == (octets if is_shown else octets[:5] + bytes(len(octets) - 5))
    assert bool(asked.withheld) is not is_shown
