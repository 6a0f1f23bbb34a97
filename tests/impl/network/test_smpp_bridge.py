"""Tests of short messages between SMPP and TS 23.040."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.address import Address
from impl.codec.gsm7 import encode_unpacked
from impl.codec.receipt import MessageState, Receipt, receipted
from impl.codec.short_message import Deliver, InformationElement, StatusReport, Submit
from impl.codec.smpp import DeliverSm, EsmClass
from impl.errors import MalformedError
from impl.network.message_queue import QueuedMessage
from impl.network.smpp_bridge import (
    as_deliver,
    as_deliver_sm,
    as_receipt,
    as_status_report,
    as_tpdu,
    beginning,
)
from impl.values import MSISDN

SERVER, SUBSCRIBER = MSISDN("33700"), MSISDN("33600000001")
STAMP = bytes.fromhex("42101021000000")
PACKET = bytes(range(100))
COMMAND = InformationElement(0x70, b"")
SUBMITTED = QueuedMessage(
    SUBSCRIBER, SERVER, EsmClass.UDHI, 0x7F, 0xF6, b"\x02\x70\x00" + PACKET, 0.0
)


def test_octets_header_pid_and_dcs_reach_the_device_unchanged() -> None:
    deliver = as_deliver(SUBMITTED, STAMP)
    assert deliver == Deliver(
        Address(SERVER), PACKET, pid=0x7F, dcs=0xF6, timestamp=STAMP, header=(COMMAND,)
    )
    assert Deliver.decode(deliver.encode()) == deliver


def test_octets_header_pid_and_dcs_reach_the_server_unchanged() -> None:
    submit = Submit(Address(SERVER), PACKET, pid=0x7F, dcs=0xF6, header=(COMMAND,))
    assert as_deliver_sm(5, SUBSCRIBER, submit) == DeliverSm(
        sequence_number=5,
        source_addr=SUBSCRIBER,
        destination_addr=SERVER,
        esm_class=EsmClass.UDHI,
        protocol_id=0x7F,
        data_coding=0xF6,
        short_message=b"\x02\x70\x00" + PACKET,
    )


def test_without_header_there_is_no_header_indicator() -> None:
    submit = Submit(Address(SERVER), PACKET, dcs=0xF6)
    assert as_deliver_sm(5, SUBSCRIBER, submit).esm_class == 0
    plain = as_deliver(replace(SUBMITTED, esm_class=0), STAMP)
    assert (plain.header, plain.user_data) == ((), SUBMITTED.user_data)


@given(st.text("abc {}@", max_size=60), st.sampled_from([(), (InformationElement(0, b"\1\2\1"),)]))
def test_text_is_packed_on_the_radio_path_only(
    text: str, header: tuple[InformationElement, ...]
) -> None:
    octets = (b"\x05\x00\x03\x01\x02\x01" if header else b"") + encode_unpacked(text)
    esm_class = EsmClass.UDHI if header else 0
    message = replace(SUBMITTED, data_coding=0, esm_class=esm_class, user_data=octets)
    deliver = Deliver.decode(as_deliver(message, STAMP).encode())
    submit = Submit(
        Address(SERVER), deliver.user_data, header=deliver.header, septets=deliver.septets
    )
    back = as_deliver_sm(1, SUBSCRIBER, submit)
    assert (back.short_message, back.esm_class) == (octets, esm_class)


def test_160_characters_fit_and_161_do_not() -> None:
    text = replace(SUBMITTED, data_coding=0, esm_class=0, user_data=b"a" * 160)
    assert as_deliver(text, STAMP).septets == 160
    with pytest.raises(MalformedError):
        as_deliver(replace(text, user_data=b"a" * 161), STAMP)


@pytest.mark.parametrize(
    "message",
    [
        replace(SUBMITTED, user_data=b"\x02\x70\x00" + bytes(138)),
        replace(SUBMITTED, user_data=b""),
        replace(SUBMITTED, user_data=b"\x09\x70\x00"),
        replace(SUBMITTED, esm_class=0, data_coding=0, user_data=b"\x80"),
    ],
)
def test_what_fits_in_no_short_message_is_refused(message: QueuedMessage) -> None:
    with pytest.raises(MalformedError):
        as_deliver(message, STAMP)


def test_a_tpdu_says_whether_more_messages_wait() -> None:
    for has_more in (True, False):
        deliver = Deliver.decode(as_tpdu(SUBMITTED, 0.0, has_more=has_more))
        assert (deliver.more_messages, deliver.user_data) == (has_more, PACKET)
        report = as_status_report(SUBMITTED, MessageState.EXPIRED, 0, 5.0, 10.0)
        told = StatusReport.decode(as_tpdu(report, 0.0, has_more=has_more))
        assert (told.more_messages, told.status) == (has_more, 0x46)


def test_a_status_report_goes_back_to_who_sent_the_message_and_asks_for_none() -> None:
    report = as_status_report(
        replace(SUBMITTED, reference=5), MessageState.DELIVERED, 0, now=5.0, validity_s=10.0
    )
    assert (report.destination, report.expires) == (SERVER, 15.0)
    assert (report.receipts, report.reference, report.is_report) == (0, None, True)


def test_a_receipt_comes_from_the_device_to_which_the_message_went() -> None:
    receipt = Receipt("0000000001", MessageState.DELIVERED, 0.0, 60.0)
    pdu = as_receipt(4, SUBSCRIBER, SERVER, receipt)
    assert (pdu.source_addr, pdu.destination_addr) == (SUBSCRIBER, SERVER)
    assert (pdu.sequence_number, pdu.esm_class) == (4, EsmClass.DELIVERY_RECEIPT)
    assert receipted(pdu) == ("0000000001", MessageState.DELIVERED)


def test_only_text_has_a_beginning_that_can_be_repeated() -> None:
    assert beginning(SUBMITTED) == b""
    text = replace(SUBMITTED, data_coding=0, user_data=b"\x02\x70\x00Hello")
    assert beginning(text) == b"Hello"
    assert beginning(replace(text, esm_class=0, user_data=b"Hi")) == b"Hi"
