"""Tests of user data and its header."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.gsm7 import encode_gsm7
from impl.codec.user_data import (
    InformationElement,
    UserData,
    counts_septets,
    encode_counted,
    encode_header,
    is_for_card,
    take_counted,
    take_header,
)
from impl.errors import MalformedError, TrailingError, TruncatedError, UnencodableError

CONCATENATION = InformationElement(0x00, b"\x01\x02\x01")
COMMAND = InformationElement(0x70)

elements = st.builds(InformationElement, st.integers(0, 255), st.binary(max_size=10))
headers = st.lists(elements, max_size=8).map(tuple)
texts = st.text("abc @€[", max_size=60)


@given(headers, st.binary(max_size=60))
def test_user_data_are_read_as_they_were_written(
    header: tuple[InformationElement, ...], octets: bytes
) -> None:
    user_data = UserData(header, octets)
    assert UserData.decode(user_data.encode(), has_header=bool(header)) == user_data


@given(headers, st.binary(max_size=60))
def test_octets_are_counted_as_octets(
    header: tuple[InformationElement, ...], octets: bytes
) -> None:
    user_data = UserData(header, octets)
    counted = encode_counted(user_data, 0xF6, 0)
    assert counted[0] == len(counted) - 1
    assert take_counted(counted, 0, 0xF6, has_header=bool(header)) == (user_data, 0)


@given(headers.filter(lambda header: len(encode_header(header)) < 60), texts)
def test_septets_are_counted_with_the_header_and_its_fill_bits(
    header: tuple[InformationElement, ...], text: str
) -> None:
    header_bits = 8 * len(encode_header(header))
    packed, septets = encode_gsm7(text, fill_bits=-header_bits % 7)
    user_data = UserData(header, packed)
    counted = encode_counted(user_data, 0x00, septets)
    assert counted[0] == (header_bits + -header_bits % 7) // 7 + septets
    assert take_counted(counted, 0, 0x00, has_header=bool(header)) == (user_data, septets)


@given(st.binary(max_size=40), st.integers(0, 255), st.booleans())
def test_any_octets_are_user_data_or_malformed(octets: bytes, dcs: int, has_header: bool) -> None:  # noqa: FBT001 - hypothesis names its arguments
    try:
        user_data, septets = take_counted(octets, 0, dcs, has_header=has_header)
    except MalformedError:
        return
    assert encode_counted(user_data, dcs, septets) == octets


def test_no_elements_are_no_header() -> None:
    assert encode_header(()) == b""
    assert UserData.decode(b"\x02\x70\x00", has_header=False) == UserData((), b"\x02\x70\x00")


def test_elements_stand_one_behind_the_other() -> None:
    octets = bytes.fromhex("0700030102017000")
    assert encode_header((CONCATENATION, COMMAND)) == octets
    assert take_header(octets + b"rest") == ((CONCATENATION, COMMAND), 8)


@pytest.mark.parametrize(
    ("octets", "error"),
    [
        ("", TruncatedError),
        ("02", TruncatedError),
        ("0270", TruncatedError),
        ("00", MalformedError),  # a header without elements
        ("0170", MalformedError),  # an element without a length
        ("027001", MalformedError),  # an element that leaves the header
        ("0370000070", MalformedError),  # an octet behind the last element
    ],
)
def test_a_header_that_does_not_hold_is_malformed(octets: str, error: type[MalformedError]) -> None:
    with pytest.raises(error):
        take_header(bytes.fromhex(octets))


@pytest.mark.parametrize(
    "header",
    [
        (InformationElement(256),),
        (InformationElement(0x70, bytes(256)),),
        (InformationElement(0x70, bytes(200)), InformationElement(0x71, bytes(60))),
    ],
)
def test_a_header_that_octets_cannot_count_is_refused(
    header: tuple[InformationElement, ...],
) -> None:
    with pytest.raises(UnencodableError):
        encode_header(header)


@pytest.mark.parametrize(
    ("dcs", "septets"),
    [
        (0x00, True),
        (0x01, True),
        (0x04, False),
        (0x08, False),
        (0x0C, True),  # reserved
        (0x10, True),
        (0x16, False),
        (0x20, False),  # compressed
        (0x40, True),
        (0x84, True),  # reserved
        (0x90, True),  # reserved
        (0xC8, True),
        (0xD0, True),
        (0xE0, False),
        (0xF2, True),
        (0xF6, False),
    ],
)
def test_the_data_coding_scheme_says_what_is_counted(dcs: int, septets: bool) -> None:  # noqa: FBT001 - pytest names its arguments
    assert counts_septets(dcs) is septets


@pytest.mark.parametrize(
    ("octets", "dcs", "septets"), [(bytes(7), 0, 6), (bytes(7), 0, 9), (b"", 0, 1), (b"a", 4, 1)]
)
def test_septets_that_are_not_those_of_the_octets_are_refused(
    octets: bytes, dcs: int, septets: int
) -> None:
    assert encode_counted(UserData((), bytes(7)), 0, 8)[0] == 8
    with pytest.raises(UnencodableError):
        encode_counted(UserData((), octets), dcs, septets)


def test_more_than_an_octet_counts_is_refused() -> None:
    assert encode_counted(UserData((), bytes(255)), 0xF6, 0)[0] == 255
    with pytest.raises(UnencodableError):
        encode_counted(UserData((), bytes(256)), 0xF6, 0)


@pytest.mark.parametrize(
    ("octets", "dcs", "error"),
    [
        ("", 0xF6, TruncatedError),
        ("03aabb", 0xF6, TruncatedError),
        ("01aabb", 0xF6, TrailingError),
        ("08aabb", 0x00, TruncatedError),
        ("02027000", 0x00, TrailingError),
        ("03027000", 0x00, MalformedError),  # ends inside the header
    ],
)
def test_a_length_that_is_not_what_is_there_is_malformed(
    octets: str, dcs: int, error: type[MalformedError]
) -> None:
    with pytest.raises(error):
        take_counted(bytes.fromhex(octets), 0, dcs, has_header=True)


@pytest.mark.parametrize("dcs", range(256))
def test_class_2_is_for_the_card(dcs: int) -> None:
    """TS 23.038 clause 4: a class is said where bit 5 says so, and in the group F always."""
    general = [0x12, 0x16, 0x1A, 0x1E, 0x32, 0x36, 0x3A, 0x3E]
    deleted_once_read = [each + 0x40 for each in general]
    last_group = [0xF2, 0xF6, 0xFA, 0xFE]  # bit 4 is reserved there
    assert is_for_card(dcs) is (dcs in [*general, *deleted_once_read, *last_group])
