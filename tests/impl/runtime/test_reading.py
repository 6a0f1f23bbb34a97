"""Readings: fields by name, the octets of each, and none of what is secret."""

from dataclasses import dataclass, replace

import pytest

from impl.codec.address import Address
from impl.codec.apdu import CommandApdu, Ins
from impl.codec.personalization import encode_request
from impl.codec.secured_packet import SecurityParameters, Spi1, Spi2, seal_command
from impl.codec.short_message import Deliver
from impl.codec.smpp import EsmClass, SubmitSm
from impl.codec.terminal_response import TerminalResponse
from impl.codec.tlv import ComprehensionTlv, encode_comprehension
from impl.codec.toolkit_values import CommandType, GeneralResult, Tag
from impl.codec.user_data import InformationElement, UserData
from impl.errors import MalformedError
from impl.events import Interface
from impl.messages import ChangeRequest
from impl.runtime.card_evidence import dissect_apdu
from impl.runtime.evidence import dissect
from impl.runtime.reading import WITHHELD, Reading, flat, without_typed, words
from impl.values import ICCID, PLMN, OtaKeys, Secret

CENTRE = Address("33609")


@dataclass(frozen=True)
class LoudAlarm:
    level: int
    address: Address = CENTRE
    code: Secret | None = None


def test_a_record_is_called_as_standards_call_messages():
    assert words(LoudAlarm(1)) == "LOUD ALARM"


def test_a_field_in_a_record_in_a_record_has_a_dotted_name_and_what_is_absent_none():
    found = dict(flat(LoudAlarm(1)))
    assert found["level"] == "1"
    assert found["address.digits"] == "33609"
    assert "code" not in found


def test_a_field_without_a_place_stands_where_that_does_which_holds_it():
    reading = Reading()
    reading.add(LoudAlarm(1), [("address", 2, 5)], at=10, within="a.")
    assert reading.spans == {
        "a.address.digits": (12, 15),
        "a.address.ton": (12, 15),
        "a.address.npi": (12, 15),
    }


def test_of_two_places_of_one_field_the_first_counts():
    reading = Reading()
    reading.add(LoudAlarm(1), [("level", 0, 1), ("level", 4, 5)])
    assert reading.spans["level"] == (0, 1)


def test_where_secrets_stand_is_told_only_if_all_of_them_can_be_told():
    placed, unplaced = Reading(), Reading()
    placed.add(LoudAlarm(1, code=Secret(b"1234")), [("code", 3, 7)])
    unplaced.add(LoudAlarm(1, code=Secret(b"1234")), [("level", 0, 1)])
    assert placed.texts["code"] == unplaced.texts["code"] == WITHHELD
    assert placed.withheld() == ((3, 7),)
    assert unplaced.withheld() is None
    assert Reading().withheld() == ()


def test_a_field_that_is_told_in_detail_is_not_told_twice():
    reading = Reading()
    reading.say("content", "00ff", 4, 6)
    assert reading.drop("content") == 6
    assert (reading.texts, reading.spans) == ({}, {})


def test_a_short_message_is_read_where_it_stands():
    header = (InformationElement(0x00, b"\x01\x02\x02"),)
    octets = Deliver(Address("33609"), b"rest", dcs=0xF6, header=header).encode()
    reading = Reading()
    assert reading.add_tpdu(octets, 100, from_network=True) == "DELIVER"
    assert reading.spans["tpdu.user_data"] == (96, 100)
    assert reading.spans["tpdu.header.1.data"] == (90, 96)
    assert reading.spans["tpdu.pid"][0] == 100 - len(octets) + 1 + 5


def test_what_is_no_short_message_leaves_a_reading_as_it_was():
    reading = Reading()
    with pytest.raises(MalformedError):
        reading.add_tpdu(b"\x00\x0b", 2, from_network=True)
    assert reading.texts == {}


@pytest.mark.parametrize("octets", [b"", b"\x00", b"\xe0\x00"])
def test_what_the_method_does_not_say_is_no_template(octets):
    reading = Reading()
    reading.add_template(octets, 0)
    assert reading.texts == {}


def test_the_code_in_a_template_is_withheld_where_it_stands():
    forget = bytes.fromhex("e100c10104c8040badcafec60a98330100000000001007c2083132333435363738")
    forget = b"\xe1" + bytes((len(forget) - 2,)) + forget[2:]
    reading = Reading()
    reading.add_template(forget, 20)
    assert reading.texts["Forget.admin_code"] == WITHHELD
    assert reading.withheld() == ((20 + len(forget) - 10, 20 + len(forget)),)


def test_a_request_in_a_packet_is_read_where_it_stands_and_a_ciphered_one_is_not(said):
    keys = OtaKeys(1, Secret(b"c" * 16), Secret(b"d" * 16))
    request = encode_request(ChangeRequest(iccid=ICCID("8933010000000000017"), plmn=PLMN("26202")))
    clear = SecurityParameters(Spi1.CC, Spi2(0), 0x12, 0x12, b"\xbf\xff\x02", 7)
    ciphered = replace(clear, spi1=Spi1.CC | Spi1.CIPHERED)
    shown_, hidden = (
        packet_in_a_message(seal_command(one, request, keys)) for one in (clear, ciphered)
    )
    assert shown_.fields["ChangeRequest.plmn"] == "26202"
    assert said(shown_, "ChangeRequest.plmn") == b"\xc7\x03\x62\xf2\x20"
    assert said(shown_, "packet.counter") == (7).to_bytes(5, "big")
    assert said(shown_, "packet.tar") == said(hidden, "packet.tar") == b"\xbf\xff\x02"
    assert not {"ChangeRequest.plmn", "packet.counter"} & set(hidden.fields)


@pytest.mark.parametrize("packet", [b"", b"\x00", b"\x00\x03\x00", b"\xff" * 40])
def test_what_only_claims_to_be_a_packet_is_user_data(packet):
    dissection = packet_in_a_message(packet)
    assert dissection.name == "submit_sm"
    assert "packet.counter" not in dissection.fields


def packet_in_a_message(packet):
    content = UserData((InformationElement(0x70),), packet).encode()
    message = SubmitSm(esm_class=EsmClass.UDHI, short_message=content)
    return dissect(Interface.SMPP, message.encode(), from_network=False)


@pytest.mark.parametrize("typed", [None, "4711"])
def test_a_terminal_response_is_read_without_what_the_user_typed(typed):
    response = TerminalResponse(3, CommandType.GET_INPUT, 0, GeneralResult(0x20), b"\x01", typed)
    apdu = CommandApdu(0x80, Ins.TERMINAL_RESPONSE, 0, 0, response.encode()).encode()
    asked, _ = dissect_apdu(apdu, b"\x90\x00")

    def said(name):
        begin, end = asked.spans[name]
        return asked.octets[begin:end]

    assert (asked.fields["number"], said("number")) == ("3", b"\x03")
    assert said("command_type") == bytes([CommandType.GET_INPUT])
    assert said("result") == b"\x20"
    assert (asked.fields["additional"], said("additional")) == ("01", b"\x01")
    assert asked.fields.get("text") == (typed and WITHHELD)
    assert len(asked.octets) == len(apdu)
    assert (asked.octets == apdu) is (typed is None)
    assert b"4711" not in asked.octets


TYPED = TerminalResponse(3, CommandType.GET_INPUT, 0, GeneralResult(0), text="4711").encode()


def test_of_a_terminal_response_that_is_none_nothing_is_shown_that_may_be_typed():
    apdu = CommandApdu(0x80, Ins.TERMINAL_RESPONSE, 0, 0, TYPED[3:]).encode()
    asked, _ = dissect_apdu(apdu, b"\x90\x00")
    assert asked.fields["data"] == WITHHELD
    assert asked.fields["why"]
    assert asked.octets == apdu[:5] + bytes(len(TYPED) - 3)


def test_a_second_text_of_a_terminal_response_is_withheld_as_the_first():
    text = ComprehensionTlv(Tag.TEXT_STRING, b"\x040815")
    data = TYPED + encode_comprehension([text])
    apdu = CommandApdu(0x80, Ins.TERMINAL_RESPONSE, 0, 0, data).encode()
    asked, _ = dissect_apdu(apdu, b"\x90\x00")
    assert b"4711" in apdu
    assert b"0815" in apdu
    assert b"4711" not in asked.octets
    assert b"0815" not in asked.octets
    assert asked.fields["text"] == asked.fields["text.2"] == WITHHELD


@pytest.mark.parametrize("begin", [0, 3])
def test_without_what_was_typed_a_terminal_response_is_as_long_as_it_was(begin):
    octets = without_typed(TYPED[begin:])
    assert len(octets) == len(TYPED) - begin
    assert b"4711" not in octets
    assert any(octets) is (begin == 0)  # what is no terminal response is zeros


def test_a_terminal_response_with_nothing_typed_is_as_it_was():
    response = TerminalResponse(3, CommandType.GET_INPUT, 0, GeneralResult(0x20)).encode()
    assert without_typed(response) == response
