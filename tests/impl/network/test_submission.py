"""Tests of what an SMSC takes from an ESME."""

from __future__ import annotations

from dataclasses import replace

import pytest

from impl.codec.smpp import CommandStatus, Parameter, SubmitSm, Tag
from impl.network.submission import SubmitRefusedError, as_queued
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
    assert message.expires == 1500.0


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
        (replace(PDU, registered_delivery=1), CommandStatus.RINVREGDLVFLG),
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
