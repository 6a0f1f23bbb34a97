"""Tests of delivery receipts, with smpplib and a text of appendix B as the other side."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import smpplib.consts
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.receipt import WORDS, MessageState, Receipt, receipted
from impl.codec.smpp import DeliverSm, EsmClass, Parameter, Tag
from impl.errors import MalformedError

RECEIPT = Receipt(
    "0000000017",
    MessageState.EXPIRED,
    1_767_225_659.0,
    1_767_312_000.0,
    27,
    b"Where are you now, my dear?",
)
TEXT = (
    b"id:0000000017 sub:001 dlvrd:000 submit date:2601010000 done date:2601020000"
    b" stat:EXPIRED err:027 Text:Where are you now, m"
)
receipts = st.builds(
    Receipt,
    st.from_regex(r"[!-~]{1,64}", fullmatch=True),
    st.sampled_from(MessageState),
    st.integers(0, 3_000_000_000),
    st.integers(0, 3_000_000_000),
    st.integers(0, 127),
    st.binary(max_size=40),
)


def carrying(text: bytes = b"", *parameters: Parameter) -> DeliverSm:
    return DeliverSm(esm_class=EsmClass.DELIVERY_RECEIPT, short_message=text, parameters=parameters)


def test_the_text_is_the_one_of_appendix_b() -> None:
    assert RECEIPT.encode() == TEXT
    delivered = replace(RECEIPT, state=MessageState.DELIVERED, error=0, text=b"")
    assert b" dlvrd:001 " in delivered.encode()
    assert delivered.encode().endswith(b" stat:DELIVRD err:000 Text:")


def test_the_parameters_name_message_state_and_cause() -> None:
    assert RECEIPT.parameters() == (
        (Tag.RECEIPTED_MESSAGE_ID, b"0000000017\0"),
        (Tag.MESSAGE_STATE, b"\x03"),
        (Tag.NETWORK_ERROR_CODE, b"\x03\x00\x1b"),
    )
    assert len(replace(RECEIPT, error=0).parameters()) == 2


def test_smpplib_numbers_the_states_alike() -> None:
    theirs = {
        name.removeprefix("SMPP_MESSAGE_STATE_"): value
        for name, value in vars(smpplib.consts).items()
        if name.startswith("SMPP_MESSAGE_STATE_")
    }
    assert theirs
    for state in MessageState:
        assert theirs[state.name] == state


@given(receipts)
def test_text_and_parameters_tell_the_same_each_by_itself(receipt: Receipt) -> None:
    told = (receipt.message_id, receipt.state)
    assert receipted(carrying(receipt.encode())) == told
    assert receipted(carrying(b"", *receipt.parameters())) == told
    assert receipted(carrying(receipt.encode(), *receipt.parameters())) == told


def test_what_the_parameters_leave_out_the_text_tells() -> None:
    state = Parameter(Tag.MESSAGE_STATE, bytes((MessageState.DELIVERED,)))
    assert receipted(carrying(TEXT, state)) == ("0000000017", MessageState.DELIVERED)
    name = Parameter(Tag.RECEIPTED_MESSAGE_ID, b"9f\0")
    assert receipted(carrying(TEXT, name)) == ("9f", MessageState.EXPIRED)


@pytest.mark.parametrize(
    "pdu",
    [
        carrying(),
        carrying(b"Hello"),
        carrying(TEXT.replace(b"EXPIRED", b"EXPLODE")),
        carrying(re.sub(b"id:[0-9]*", b"id:", TEXT)),
        carrying(TEXT, Parameter(Tag.MESSAGE_STATE, b"\x09")),
        carrying(TEXT, Parameter(Tag.MESSAGE_STATE, b"")),
        carrying(TEXT, Parameter(Tag.RECEIPTED_MESSAGE_ID, b"\xff\0")),
        carrying(b"", Parameter(Tag.RECEIPTED_MESSAGE_ID, b"17\0")),
        carrying(b"", Parameter(Tag.MESSAGE_STATE, b"\x03")),
        carrying(
            b"", Parameter(Tag.MESSAGE_STATE, b"\x03"), Parameter(Tag.RECEIPTED_MESSAGE_ID, b"\0")
        ),
    ],
)
def test_a_receipt_of_nothing_is_malformed(pdu: DeliverSm) -> None:
    with pytest.raises(MalformedError):
        receipted(pdu)


def test_every_state_has_a_word_of_seven_letters() -> None:
    assert set(WORDS) == set(MessageState)
    assert all(len(word) == 7 for word in WORDS.values())
