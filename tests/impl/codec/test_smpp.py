"""Tests of the SMPP PDUs, with smpplib as the other side."""

from __future__ import annotations

from typing import Any

import pytest
import smpplib.smpp
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.smpp import (
    PDUS,
    RESPONSES,
    BindTransceiver,
    BindTransceiverResp,
    CommandStatus,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    EsmClass,
    GenericNack,
    Parameter,
    Pdu,
    ShortMessagePdu,
    SubmitSm,
    SubmitSmResp,
    Tag,
    Unbind,
    UnbindResp,
    decode_smpp,
    moment_s,
    refuse,
)
from impl.errors import MalformedError, TrailingError, TruncatedError, UnencodableError
from impl.values import Secret

PACKET = bytes.fromhex("027000") + bytes(range(137))
SUBMIT = SubmitSm(
    sequence_number=7,
    source_addr="33700",
    destination_addr="33612345678",
    esm_class=EsmClass.UDHI,
    protocol_id=0x7F,
    data_coding=0xF6,
    short_message=PACKET,
)


def text(longest: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(codec="ascii", exclude_characters="\0"), max_size=longest - 1)


octet = st.integers(0, 255)
head = {"command_status": st.integers(0, 0xFFFFFFFF), "sequence_number": st.integers(0, 0xFFFFFFFF)}
success = {"command_status": st.just(0), "sequence_number": st.integers(0, 0xFFFFFFFF)}
moments = st.just("") | st.from_regex(r"[0-9]{15}[-+R]", fullmatch=True)
parameters = st.lists(
    st.builds(Parameter, st.integers(0, 0xFFFF), st.binary(max_size=300)), max_size=3
).map(tuple)
short_message = {
    **head,
    "service_type": text(6),
    "source_addr_ton": octet,
    "source_addr_npi": octet,
    "source_addr": text(21),
    "dest_addr_ton": octet,
    "dest_addr_npi": octet,
    "destination_addr": text(21),
    "esm_class": octet,
    "protocol_id": octet,
    "priority_flag": octet,
    "schedule_delivery_time": moments,
    "validity_period": moments,
    "registered_delivery": octet,
    "replace_if_present_flag": octet,
    "data_coding": octet,
    "sm_default_msg_id": octet,
    "short_message": st.binary(max_size=255),
    "parameters": parameters,
}
pdus: st.SearchStrategy[Pdu] = st.one_of(
    st.builds(
        BindTransceiver,
        **head,
        system_id=text(16),
        password=text(9).map(lambda word: Secret(word.encode())),
        system_type=text(13),
        interface_version=octet,
        addr_ton=octet,
        addr_npi=octet,
        address_range=text(41),
    ),
    st.builds(BindTransceiverResp, **success, system_id=text(16), parameters=parameters),
    st.builds(SubmitSm, **short_message),
    st.builds(DeliverSm, **short_message),
    st.builds(SubmitSmResp, **success, message_id=text(65)),
    st.builds(DeliverSmResp, **success, message_id=text(65)),
    *(
        st.builds(kind, **head)
        for kind in (
            BindTransceiverResp,
            SubmitSmResp,
            DeliverSmResp,
            EnquireLink,
            EnquireLinkResp,
            Unbind,
            UnbindResp,
            GenericNack,
        )
    ),
)


class Numbers:
    """What smpplib asks of its client beside the socket."""

    sequence = 0

    def next_sequence(self) -> int:
        return 1


def by_smpplib(octets: bytes) -> Any:
    return smpplib.smpp.parse_pdu(octets, client=Numbers(), allow_unknown_opt_params=True)


@given(pdus)
def test_every_pdu_is_read_as_it_was_written(pdu: Pdu) -> None:
    assert decode_smpp(pdu.encode()) == pdu


@given(st.sampled_from(list(PDUS)), st.binary(max_size=100))
def test_any_body_is_read_or_refused_as_malformed(command_id: int, body: bytes) -> None:
    octets = (len(body) + 12).to_bytes(4, "big") + command_id.to_bytes(4, "big") + body
    try:
        pdu = decode_smpp(octets)
    except MalformedError:
        refuse(octets)
        return
    assert type(pdu).command_id == command_id


def test_a_submit_sm_of_ours_is_what_smpplib_reads() -> None:
    theirs = by_smpplib(SUBMIT.encode())
    assert theirs.command == "submit_sm"
    assert theirs.sequence == 7
    assert theirs.source_addr == b"33700"
    assert theirs.destination_addr == b"33612345678"
    assert (theirs.esm_class, theirs.protocol_id, theirs.data_coding) == (0x40, 0x7F, 0xF6)
    assert theirs.short_message == PACKET


def test_a_submit_sm_of_smpplib_is_what_we_read() -> None:
    theirs = smpplib.smpp.make_pdu(
        "submit_sm",
        client=Numbers(),
        source_addr_ton=1,
        source_addr_npi=1,
        source_addr="33700",
        dest_addr_ton=1,
        dest_addr_npi=1,
        destination_addr="33612345678",
        esm_class=0x40,
        protocol_id=0x7F,
        data_coding=0xF6,
        short_message=PACKET,
        validity_period="000000001000000R",
    )
    theirs.sequence = 7
    ours = decode_smpp(theirs.generate())
    assert isinstance(ours, SubmitSm)
    assert ours.short_message == PACKET
    assert (ours.esm_class, ours.protocol_id, ours.data_coding) == (0x40, 0x7F, 0xF6)
    assert (ours.source_addr, ours.destination_addr) == ("33700", "33612345678")
    assert moment_s(ours.validity_period, now=100.0) == 700.0


def test_a_bind_of_smpplib_is_what_we_read() -> None:
    theirs = smpplib.smpp.make_pdu(
        "bind_transceiver", client=Numbers(), system_id="as", password="secret", system_type="ota"
    )
    ours = decode_smpp(theirs.generate())
    assert isinstance(ours, BindTransceiver)
    assert (ours.system_id, ours.system_type) == ("as", "ota")
    assert ours.password == Secret(b"secret")
    assert "secret" not in repr(ours)


@pytest.mark.parametrize(
    ("ours", "command"),
    [
        (BindTransceiverResp(sequence_number=3, system_id="smsc"), "bind_transceiver_resp"),
        (SubmitSmResp(sequence_number=3, message_id="42"), "submit_sm_resp"),
        (SubmitSmResp(CommandStatus.RINVSRCADR, 3), "submit_sm_resp"),
        (DeliverSmResp(sequence_number=3), "deliver_sm_resp"),
        (EnquireLink(sequence_number=3), "enquire_link"),
        (EnquireLinkResp(sequence_number=3), "enquire_link_resp"),
        (Unbind(sequence_number=3), "unbind"),
        (UnbindResp(sequence_number=3), "unbind_resp"),
        (GenericNack(CommandStatus.RINVCMDID, 3), "generic_nack"),
    ],
)
def test_smpplib_reads_our_other_pdus(ours: Pdu, command: str) -> None:
    theirs = by_smpplib(ours.encode())
    assert (theirs.command, theirs.sequence, theirs.status) == (command, 3, ours.command_status)


@pytest.mark.parametrize("command", ["enquire_link", "unbind", "generic_nack", "unbind_resp"])
def test_we_read_the_other_pdus_of_smpplib(command: str) -> None:
    theirs = smpplib.smpp.make_pdu(command, client=Numbers())
    theirs.sequence = 9
    assert decode_smpp(theirs.generate()).sequence_number == 9


def test_a_response_with_an_error_goes_without_body() -> None:
    response = SubmitSmResp(CommandStatus.RINVSRCADR, 3, message_id="42")
    assert response.encode().hex() == "00000010800000040000000a00000003"


def test_a_message_may_come_in_its_optional_parameter() -> None:
    pdu = SubmitSm(parameters=(Parameter(Tag.MESSAGE_PAYLOAD, PACKET),))
    assert pdu.user_data == PACKET
    assert SUBMIT.user_data == PACKET


@pytest.mark.parametrize(
    "pdu",
    [
        SubmitSm(short_message=b"a", parameters=(Parameter(Tag.MESSAGE_PAYLOAD, b"b"),)),
        DeliverSm(parameters=(Parameter(Tag.MESSAGE_PAYLOAD, b"b"),) * 2),
    ],
)
def test_two_messages_in_one_pdu_are_refused(pdu: ShortMessagePdu) -> None:
    with pytest.raises(MalformedError, match="more than one message"):
        _ = pdu.user_data


@pytest.mark.parametrize(
    ("octets", "error"),
    [
        ("", TruncatedError),
        ("0000000f0000001500000000000000", TruncatedError),
        ("00000011000000150000000000000001", MalformedError),  # length of another PDU
        ("00000010000000770000000000000001", MalformedError),  # no such id
        ("000000110000001500000000000000010a", TrailingError),
        ("000000120000000900000000000000014100", TruncatedError),
        ("00000010000000040000000000000001", TruncatedError),  # a request without its body
        ("000000118000000400000000000000014a", TruncatedError),  # no zero behind the text
        ("00000012800000040000000000000001ff00", MalformedError),  # no ASCII
        ("000000158000000900000000000000010002100005", TruncatedError),
    ],
)
def test_octets_without_meaning_are_refused(octets: str, error: type[MalformedError]) -> None:
    with pytest.raises(error):
        decode_smpp(bytes.fromhex(octets))


def test_a_pdu_does_not_read_another() -> None:
    with pytest.raises(MalformedError, match="another PDU"):
        SubmitSm.decode(EnquireLink().encode())


@pytest.mark.parametrize(
    "pdu",
    [
        BindTransceiver(system_id="x" * 16),
        BindTransceiver(password=Secret(b"123456789")),
        BindTransceiver(password=Secret(b"\xff")),
        SubmitSm(short_message=bytes(256)),
        SubmitSm(validity_period="1"),
        SubmitSm(source_addr="\u00e9"),
        SubmitSm(data_coding=256),
        EnquireLink(sequence_number=1 << 32),
    ],
)
def test_values_that_fit_no_field_are_not_written(pdu: Pdu) -> None:
    with pytest.raises(UnencodableError):
        pdu.encode()


def test_a_time_is_empty_or_16_characters() -> None:
    octets = bytearray(SubmitSm(validity_period="0" * 15 + "R").encode())
    at = octets.index(b"0" * 15 + b"R")
    del octets[at : at + 1]
    octets[3] -= 1
    with pytest.raises(MalformedError, match="16 characters"):
        decode_smpp(bytes(octets))


@pytest.mark.parametrize("request_kind", list(RESPONSES))
def test_a_malformed_request_gets_its_own_response(request_kind: type[Pdu]) -> None:
    whole = request_kind(sequence_number=5).encode()
    octets = (len(whole) + 1).to_bytes(4, "big") + whole[4:] + b"\x77"
    answer = refuse(octets)
    assert isinstance(answer, RESPONSES[request_kind])
    assert (answer.command_status, answer.sequence_number) == (CommandStatus.RSYSERR, 5)


def test_an_unknown_request_gets_generic_nack() -> None:
    answer = refuse(bytes.fromhex("00000010000000770000000000000005"))
    assert answer == GenericNack(CommandStatus.RINVCMDID, 5)


@pytest.mark.parametrize(
    ("octets", "number"), [("", 0), ("00000010", 0), ("00000099000000150000000000000005", 5)]
)
def test_a_length_that_does_not_hold_gets_generic_nack(octets: str, number: int) -> None:
    assert refuse(bytes.fromhex(octets)) == GenericNack(CommandStatus.RINVCMDLEN, number)


@pytest.mark.parametrize(
    "octets", ["000000118000000400000000000000014a", "00000010800000770000000000000001"]
)
def test_a_malformed_response_is_not_answered(octets: str) -> None:
    assert refuse(bytes.fromhex(octets)) is None


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("000000000030000R", 1030.0),
        ("000002010101000R", 1000 + 2 * 86400 + 3600 + 60 + 1),
        ("000100000000000R", 1000 + 30 * 86400),
        ("010000000000000R", 1000 + 365 * 86400),
        ("240229120000000+", 1709208000.0),
        ("240229120000508+", 1709208000.5 - 7200),
        ("240229120000008-", 1709208000.0 + 7200),
    ],
)
def test_a_time_of_16_characters_is_a_moment(moment: str, expected: float) -> None:
    assert moment_s(moment, now=1000.0) == expected


@pytest.mark.parametrize(
    "moment",
    [
        "",
        "00000000003000R",
        "0000000000x0000R",
        "000000000030000Z",
        "241301120000000+",
        "240001120000000+",
        "230229120000000+",
        "240100120000000+",
        "240101240000000+",
        "240101126000000+",
        "240101120060000+",
        "240101120000049+",
        "\u0661" * 15 + "R",
    ],
)
def test_what_is_on_no_calendar_is_no_moment(moment: str) -> None:
    with pytest.raises(MalformedError):
        moment_s(moment, now=0.0)


@given(st.text(max_size=17))
def test_any_text_is_a_moment_or_malformed(moment: str) -> None:
    try:
        moment_s(moment, now=0.0)
    except MalformedError:
        return


def test_the_fields_of_a_pdu_stand_behind_length_and_id() -> None:
    octets = SubmitSm(sequence_number=7, service_type="WAP", short_message=b"xyz").encode()
    places = {name: octets[begin:end] for name, begin, end in SubmitSm.places(octets)}
    assert places["sequence_number"] == b"\0\0\0\7"
    assert (places["service_type"], places["short_message"]) == (b"WAP\0", b"\3xyz")
    assert "parameters" not in places


def test_an_answer_without_a_body_has_the_fields_of_the_header_only() -> None:
    octets = SubmitSmResp(command_status=8, sequence_number=7).encode()
    names = [name for name, _, _ in SubmitSmResp.places(octets)]
    assert names == ["command_status", "sequence_number"]
