"""Tests of the GSM 7 bit default alphabet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.gsm7 import decode_gsm7, decode_unpacked, encode_gsm7, encode_unpacked, is_gsm7
from impl.errors import MalformedError, TrailingError, TruncatedError, UnencodableError

VECTORS: list[dict[str, Any]] = yaml.load(
    (Path(__file__).parents[2] / "vectors" / "gsm7.yaml").read_bytes(), yaml.CSafeLoader
)["vectors"]
SIGNS = "".join(decode_unpacked(bytes((code,))) for code in range(128) if code != 0x1B)
EXTENDED = "\f^{}\\[~]|€"

texts = st.text(SIGNS + EXTENDED, max_size=170)
fills = st.integers(0, 6)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_a_vector_is_packed_and_unpacked(vector: dict[str, Any]) -> None:
    octets = bytes.fromhex(vector["octets"])
    assert encode_gsm7(vector["text"]) == (octets, vector["septets"])
    assert decode_gsm7(octets, vector["septets"]) == vector["text"]


@given(texts, fills)
def test_texts_come_back_as_they_were_packed(text: str, fill_bits: int) -> None:
    octets, septets = encode_gsm7(text, fill_bits)
    assert decode_gsm7(octets, septets, fill_bits) == text


@given(texts)
def test_texts_come_back_as_they_were_written_unpacked(text: str) -> None:
    assert is_gsm7(text)
    assert decode_unpacked(encode_unpacked(text)) == text


@given(st.binary(max_size=30), st.integers(0, 40), fills)
def test_octets_unpack_or_are_malformed(octets: bytes, septets: int, fill_bits: int) -> None:
    try:
        text = decode_gsm7(octets, septets, fill_bits)
    except MalformedError:
        return
    assert len(text) <= septets


def test_fill_bits_stand_before_the_first_septet() -> None:
    assert encode_gsm7("a", fill_bits=1) == (b"\xc2", 1)
    assert encode_gsm7("a", fill_bits=2) == (b"\x84\x01", 1)


def test_an_extended_character_takes_two_septets() -> None:
    assert encode_unpacked("€") == b"\x1b\x65"
    assert encode_gsm7("€")[1] == 2


@pytest.mark.parametrize(
    ("octets", "text"),
    [(b"\x1b\x41", "A"), (b"A\x1b", "A "), (b"\x1b\x1b", " "), (b"\x1b\x1b\x65", " e")],
)
def test_an_escape_before_nothing_it_extends_is_shown_as_the_standard_says(
    octets: bytes, text: str
) -> None:
    assert decode_unpacked(octets) == text


@pytest.mark.parametrize("text", ["`", "ç", "ж", "\x1b", "😀"])
def test_a_character_outside_the_alphabet_is_not_written(text: str) -> None:
    assert not is_gsm7(text)
    with pytest.raises(UnencodableError):
        encode_unpacked(text)
    with pytest.raises(UnencodableError):
        encode_gsm7(text)


def test_an_octet_that_is_no_septet_is_refused() -> None:
    with pytest.raises(MalformedError):
        decode_unpacked(b"\x80")


def test_octets_that_do_not_fit_the_number_of_septets_are_refused() -> None:
    with pytest.raises(TruncatedError):
        decode_gsm7(b"\xe8", 2)
    with pytest.raises(TrailingError):
        decode_gsm7(b"\xe8\x32\x00", 2)
