"""Tests of toolkit text strings."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.toolkit_text import CodedText, TextCoding, decode_text, encode_text
from impl.errors import MalformedError, UnencodableError

gsm_texts = st.text("abz19 äΩ€[@£", max_size=40)
any_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(any_texts)
def test_plain_texts_come_back(text: str) -> None:
    assert decode_text(encode_text(text)) == text


@given(gsm_texts, st.sampled_from(TextCoding))
def test_coded_texts_come_back_in_their_coding(text: str, coding: TextCoding) -> None:
    try:
        octets = encode_text(CodedText(text, coding))
    except UnencodableError:
        assert coding is TextCoding.PACKED
        assert text.endswith("@")
        return
    back = decode_text(octets)
    assert isinstance(back, CodedText)
    assert (back, back.coding) == (text, coding)


@given(st.binary(max_size=40))
def test_octets_are_a_text_or_malformed(octets: bytes) -> None:
    try:
        text = decode_text(octets)
    except MalformedError:
        return
    assert isinstance(text, str)


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        ("", ""),
        ("04", ""),
        ("04456e746572202b", "Enter +"),
        ("004537bd2c07896022", 'Enter "0"'),
        ("0031d98c56b3dd00", "1234567"),
        ("0031d98c56b3dd70", "12345678"),
        ("08041704140420", "\u0417\u0414\u0420"),
        ("f441", "A"),  # message class 0, 8 bit
        ("f041", "A"),  # message class 0, GSM default alphabet
        ("1641", "A"),  # message class 2, 8 bit
    ],
)
def test_each_coding_is_read(octets: str, text: str) -> None:
    assert decode_text(bytes.fromhex(octets)) == text


@pytest.mark.parametrize(("text", "octets"), [("A", "0441"), ("\u0417", "080417"), ("", "")])
def test_a_plain_text_is_written_in_the_simplest_coding(text: str, octets: str) -> None:
    assert encode_text(text) == bytes.fromhex(octets)


@pytest.mark.parametrize("octets", ["0c41", "2041", "4041", "c041", "0480", "0804", "08d800"])
def test_what_is_no_text_is_refused(octets: str) -> None:
    with pytest.raises(MalformedError):
        decode_text(bytes.fromhex(octets))


@pytest.mark.parametrize("coding", [TextCoding.PACKED, TextCoding.UNPACKED])
def test_a_character_that_the_coding_lacks_is_not_written(coding: TextCoding) -> None:
    with pytest.raises(UnencodableError):
        encode_text(CodedText("\u0417", coding))


def test_a_last_at_sign_that_looks_like_spare_bits_is_not_packed() -> None:
    with pytest.raises(UnencodableError):
        encode_text(CodedText("1234567@", TextCoding.PACKED))
    assert decode_text(encode_text(CodedText("123456@", TextCoding.PACKED))) == "123456@"


def test_a_copy_keeps_the_coding() -> None:
    text = CodedText("yes", TextCoding.UCS2)
    assert copy.deepcopy(text).coding is TextCoding.UCS2
