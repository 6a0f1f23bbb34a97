"""Tests of the information elements of layer 3 messages."""

from __future__ import annotations

from typing import Annotated

import pytest

from impl.codec.layer3 import (
    Between,
    LengthValue,
    Nibble,
    OptionalElement,
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
