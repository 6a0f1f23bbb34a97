"""Tests of short messages between SMPP and TS 23.040."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.address import Address
from impl.codec.gsm7 import encode_unpacked
from impl.codec.short_message import Deliver, InformationElement, Submit
from impl.codec.smpp import DeliverSm, EsmClass
from impl.errors import MalformedError
from impl.network.message_queue import QueuedMessage
from impl.network.smpp_bridge import as_deliver, as_deliver_sm
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
