"""Tests of alpha fields."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.alpha import decode_alpha, decode_ucs2, encode_alpha, encode_ucs2
from impl.errors import MalformedError, TruncatedError, UnencodableError

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\uffff"), max_size=30)


@given(texts, st.integers(0, 5))
def test_texts_come_back_whatever_filler_is_behind_them(text: str, filler: int) -> None:
    assert decode_alpha(encode_alpha(text) + b"\xff" * filler) == text


@given(st.binary(max_size=30))
def test_octets_are_a_text_or_malformed(octets: bytes) -> None:
    try:
        text = decode_alpha(octets)
    except MalformedError:
        return
    assert isinstance(text, str)


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        ("", ""),
        ("ffffff", ""),
        ("4d4e4f2032ffff", "MNO 2"),
        ("0041", "@A"),  # TS 23.038: 00 is the commercial at
        ("800041009c", "A\x9c"),
        ("805de551777bb1900962e9", "工具箱选择"),
        ("8000ffff", "ÿ"),
        ("8000ffffffff", "ÿ"),
        ("8103135395a6ffff", "S\u0995\u09a6"),  # the examples of TS 102 221 annex A
        ("820505302d82d32d31", "-Բ\u0583-1"),
        ("820c0410878490808291928293899285", "ЗДРАВСТВУЙТЕ"),
        ("81021b65c1", "e\u0dc1"),
    ],
)
def test_each_coding_is_read(octets: str, text: str) -> None:
    assert decode_alpha(bytes.fromhex(octets)) == text


@pytest.mark.parametrize(
    "octets",
    [
        "41ff42",  # filler inside
        "4180",
        "80d800",  # lone surrogate
        "8004",  # half a character
        "8101d80180ff00",  # octets behind the counted character
        "8201ffc180",  # half page beyond UCS2
        "8201d80080",  # lone surrogate
    ],
)
def test_what_is_no_text_is_refused(octets: str) -> None:
    with pytest.raises(MalformedError):
        decode_alpha(bytes.fromhex(octets))


@pytest.mark.parametrize("octets", ["81", "8102", "820504", "82050530", "81051341"])
def test_fewer_characters_than_counted_are_refused(octets: str) -> None:
    with pytest.raises(TruncatedError):
        decode_alpha(bytes.fromhex(octets))


@pytest.mark.parametrize("text", ["ж\uffff", "\ud800"])
def test_a_text_that_would_not_come_back_is_not_written(text: str) -> None:
    with pytest.raises(UnencodableError):
        encode_alpha(text)


def test_ucs2_is_two_octets_a_character_and_goes_beyond_the_basic_plane() -> None:
    assert encode_ucs2("ж") == b"\x04\x36"
    assert decode_ucs2(encode_ucs2("😀")) == "😀"


def test_half_a_character_of_ucs2_is_refused() -> None:
    with pytest.raises(MalformedError):
        decode_ucs2(b"\x04")
