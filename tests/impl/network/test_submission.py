"""Tests of what an SMSC keeps, of servers and of devices."""

from __future__ import annotations

from dataclasses import replace

import pytest

from impl.codec.address import Address
from impl.codec.gsm7 import encode_gsm7
from impl.codec.short_message import InformationElement, Submit
from impl.codec.smpp import CommandStatus, Parameter, ReceiptsAsked, SubmitSm, Tag
from impl.network.submission import (
    DeviceRefusedError,
    SubmitRefusedError,
    as_kept,
    as_queued,
    of_device,
)
from impl.values import MSISDN

SERVER, SUBSCRIBER = MSISDN("33700"), MSISDN("33600000001")
PDU = SubmitSm(
    source_addr=SERVER,
    destination_addr=SUBSCRIBER,
    esm_class=0x40,
    protocol_id=0x7F,
    data_coding=0xF6,
    short_message=b"\x02\x70\x00\x01",
)


def test_a_message_is_kept_as_it_was_submitted() -> None:
    message = as_queued(PDU, SERVER, now=1000.0, validity_s=500.0)
    assert (message.originator, message.destination) == (SERVER, SUBSCRIBER)
    assert (message.esm_class, message.protocol_id, message.data_coding) == (0x40, 0x7F, 0xF6)
    assert message.user_data == PDU.short_message
    assert (message.taken, message.expires) == (1000.0, 1500.0)
    assert (message.receipts, message.reference) == (ReceiptsAsked.NEVER, None)


@pytest.mark.parametrize("asked", ReceiptsAsked)
def test_receipts_are_asked_for(asked: ReceiptsAsked) -> None:
    pdu = replace(PDU, registered_delivery=asked)
    assert as_queued(pdu, SERVER, now=1000.0, validity_s=500.0).receipts is asked


@pytest.mark.parametrize(
    ("period", "expires"),
    [("", 1500.0), ("000000000100000R", 1060.0), ("000001000000000R", 1500.0)],
)
def test_a_validity_period_counts_up_to_the_longest(period: str, expires: float) -> None:
    pdu = replace(PDU, validity_period=period)
    assert as_queued(pdu, SERVER, now=1000.0, validity_s=500.0).expires == expires


@pytest.mark.parametrize(
    "pdu",
    [
        replace(PDU, source_addr=""),
        replace(PDU, esm_class=0x43),
        replace(PDU, dest_addr_ton=0, dest_addr_npi=0),
        replace(PDU, priority_flag=1),
        replace(
            PDU,
            short_message=b"",
            parameters=(Parameter(Tag.MESSAGE_PAYLOAD, PDU.short_message),),
        ),
    ],
)
def test_what_means_the_same_is_taken_too(pdu: SubmitSm) -> None:
    message = as_queued(pdu, SERVER, 0.0, 1.0)
    assert (message.originator, message.user_data) == (SERVER, PDU.short_message)


@pytest.mark.parametrize(
    ("pdu", "status"),
    [
        (replace(PDU, source_addr="33609"), CommandStatus.RINVSRCADR),
        (replace(PDU, destination_addr=""), CommandStatus.RINVDSTADR),
        (replace(PDU, destination_addr="operator"), CommandStatus.RINVDSTADR),
        (replace(PDU, dest_addr_ton=5), CommandStatus.RINVDSTADR),
        (replace(PDU, dest_addr_npi=3), CommandStatus.RINVDSTADR),
        (replace(PDU, esm_class=0x41), CommandStatus.RINVESMCLASS),
        (replace(PDU, esm_class=0x44), CommandStatus.RINVESMCLASS),
        (replace(PDU, registered_delivery=3), CommandStatus.RINVREGDLVFLG),
        (replace(PDU, registered_delivery=0x05), CommandStatus.RINVREGDLVFLG),
        (replace(PDU, registered_delivery=0x11), CommandStatus.RINVREGDLVFLG),
        (replace(PDU, replace_if_present_flag=1), CommandStatus.RINVREPFLAG),
        (replace(PDU, sm_default_msg_id=1), CommandStatus.RINVDFTMSGID),
        (replace(PDU, schedule_delivery_time="000000000100000R"), CommandStatus.RINVSCHED),
        (replace(PDU, validity_period="000000000000000R"), CommandStatus.RINVEXPIRY),
        (replace(PDU, validity_period="240101000000000+"), CommandStatus.RINVEXPIRY),
        (replace(PDU, validity_period="2401010000000xx+"), CommandStatus.RINVEXPIRY),
        (replace(PDU, short_message=bytes(141)), CommandStatus.RINVMSGLEN),
        (replace(PDU, short_message=b"\x09\x70"), CommandStatus.RINVMSGLEN),
        (
            replace(PDU, parameters=(Parameter(Tag.MESSAGE_PAYLOAD, b"x"),)),
            CommandStatus.RINVOPTPARSTREAM,
        ),
    ],
)
def test_a_field_that_is_not_served_is_refused_with_its_status(
    pdu: SubmitSm, status: CommandStatus
) -> None:
    with pytest.raises(SubmitRefusedError) as caught:
        as_queued(pdu, SERVER, now=1_767_225_600.0, validity_s=500.0)
    assert caught.value.status == status


SUBMIT = Submit(
    Address(SUBSCRIBER),
    b"\x01\x02",
    dcs=0xF4,
    reference=7,
    header=(InformationElement(5, b"\x0b\x84\x0b\x84"),),
)
SENDER = MSISDN("33600000002")


def test_a_message_of_a_device_is_kept_as_one_of_a_server_would_be() -> None:
    message = as_kept(SUBMIT, SENDER, now=1000.0, validity_s=500.0)
    assert (message.originator, message.destination) == (SENDER, SUBSCRIBER)
    assert message.user_data == bytes.fromhex("0605040b840b84") + b"\x01\x02"
    assert (message.esm_class, message.data_coding, message.reference) == (0x40, 0xF4, 7)
    assert (message.taken, message.expires) == (1000.0, 1500.0)
    assert (message.receipts, message.is_single_shot) == (ReceiptsAsked.NEVER, False)


def test_text_of_a_device_is_kept_a_character_an_octet() -> None:
    octets, septets = encode_gsm7("Hello you", 0)
    submit = Submit(Address(SUBSCRIBER), octets, septets=septets)
    assert of_device(submit, SENDER, 0.0).user_data == b"Hello you"


def test_a_device_asks_for_a_report_and_for_a_single_shot() -> None:
    submit = replace(
        SUBMIT, status_report=True, validity=b"\x40" + bytes(6), validity_is_enhanced=True
    )
    message = as_kept(submit, SENDER, now=1000.0, validity_s=500.0)
    assert (message.receipts, message.is_single_shot) == (ReceiptsAsked.ALWAYS, True)
    assert message.expires == 1500.0


@pytest.mark.parametrize(("validity", "expires"), [(b"\x00", 1300.0), (b"\xff", 1500.0)])
def test_a_validity_period_of_a_device_counts_up_to_the_longest(
    validity: bytes, expires: float
) -> None:
    submit = replace(SUBMIT, validity=validity)
    assert as_kept(submit, SENDER, now=1000.0, validity_s=500.0).expires == expires


@pytest.mark.parametrize(
    ("submit", "failure_cause"),
    [
        (replace(SUBMIT, pid=0x7F), 0xC4),
        (replace(SUBMIT, destination=Address("0600000001", international=False)), 0xC3),
        (replace(SUBMIT, validity=bytes.fromhex("07101000000000")), 0xC7),
        (replace(SUBMIT, validity=bytes.fromhex("07311000000000")), 0xC7),
    ],
)
def test_what_a_device_may_not_ask_has_its_cause(submit: Submit, failure_cause: int) -> None:
    with pytest.raises(DeviceRefusedError) as caught:
        as_kept(submit, SENDER, now=1000.0, validity_s=500.0)
    assert caught.value.failure_cause == failure_cause
