"""Tests of the information elements of layer 3 messages."""

from __future__ import annotations

from typing import Annotated

import pytest

from impl.codec.layer3 import (
    Between,
    Grammar,
    LengthValue,
    Nibble,
    OptionalElement,
    OptionalNibble,
    elements,
    skip_unknown,
)
from impl.codec.layout import Layout, Octets
from impl.errors import MalformedError, TrailingError, TruncatedError, UnencodableError


class _Message(Layout):
    half: Annotated[int, Nibble()]
    counted: Annotated[bytes, LengthValue(Between(1, 3))]
    first: Annotated[bytes | None, OptionalElement(0x20, Octets(2))] = None
    second: Annotated[bytes | None, OptionalElement(0x21, Between(1, 2))] = None


def test_every_row_is_written_and_read() -> None:
    message = _Message(half=7, counted=b"\x01\x02", first=b"\x03\x04", second=b"\x05")
    assert message.encode().hex() == "0702010220020304210105"
    assert _Message.decode(message.encode()) == message


def test_an_absent_optional_element_takes_no_octet() -> None:
    message = _Message(half=0, counted=b"\x01", second=b"\x05")
    assert message.encode().hex() == "000101210105"
    assert _Message.decode(message.encode()) == message


def test_the_spare_half_of_an_octet_is_ignored() -> None:
    assert _Message.decode(bytes.fromhex("f70101")).half == 7


def test_half_an_octet_holds_no_16() -> None:
    with pytest.raises(UnencodableError):
        _Message(half=16, counted=b"\x01").encode()


@pytest.mark.parametrize("value", [b"", b"1234"])
def test_a_value_outside_its_bounds_is_neither_written_nor_read(value: bytes) -> None:
    with pytest.raises(UnencodableError):
        _Message(half=0, counted=value).encode()
    with pytest.raises(MalformedError):
        _Message.decode(bytes((0, len(value))) + value)


def test_an_unknown_element_before_a_known_one_is_skipped() -> None:
    message, end = _Message.take(bytes.fromhex("00 0101 a1 3001ff 2101aa"), 0)
    assert message.second == b"\xaa"
    assert end == 10


def test_of_repeated_elements_the_first_counts() -> None:
    message, _ = _Message.take(bytes.fromhex("00 0101 2101aa 2101bb"), 0)
    assert message.second == b"\xaa"


def test_an_optional_element_of_another_size_is_refused() -> None:
    with pytest.raises(TrailingError):
        _Message.take(bytes.fromhex("00 0101 2003aabbcc"), 0)


def test_the_walk_ends_at_a_cut_off_element() -> None:
    with pytest.raises(TruncatedError):
        list(elements(bytes.fromhex("3005ff"), 0, "test"))
    with pytest.raises(TruncatedError):
        list(elements(bytes.fromhex("30"), 0, "test"))


def test_an_unknown_element_that_need_not_be_understood_is_passed_over() -> None:
    skip_unknown(bytes.fromhex("a1 3001ff"), 0, "test")


def test_an_unknown_element_that_has_to_be_understood_is_refused() -> None:
    with pytest.raises(MalformedError, match="0d has to be understood"):
        skip_unknown(bytes.fromhex("0d01ff"), 0, "test")


GRAMMAR = Grammar({0x13: 2}, has_long=True)


class _Other(Layout):
    fixed: Annotated[bytes | None, OptionalElement(0x13, Octets(2), GRAMMAR)] = None
    half: Annotated[int | None, OptionalNibble(0xF0, GRAMMAR)] = None


def test_elements_without_a_length_and_of_half_an_octet_are_written_and_read() -> None:
    message = _Other(b"\x01\x02", 5)
    assert message.encode().hex() == "130102f5"
    assert _Other.decode(message.encode()) == message
    assert _Other().encode() == b""


def test_of_the_elements_of_a_protocol_its_grammar_says_where_each_ends() -> None:
    octets = bytes.fromhex("130102 71000155 a5 200155")
    found = [
        (iei, octets[start:end].hex()) for iei, start, end in elements(octets, 0, "x", GRAMMAR)
    ]
    assert found == [(0x13, "0102"), (0x71, "55"), (0xA5, ""), (0x20, "55")]


@pytest.mark.parametrize("octets", ["1301", "7100", "71000255", "2002aa"])
def test_an_element_that_is_cut_off_is_noticed(octets: str) -> None:
    with pytest.raises(TruncatedError):
        list(elements(bytes.fromhex(octets), 0, "x", GRAMMAR))


@pytest.mark.parametrize("message", [_Other(b"\x01"), _Other(half=16)])
def test_an_element_that_does_not_fit_is_not_written(message: _Other) -> None:
    with pytest.raises(UnencodableError):
        message.encode()
