"""Tests of BER-TLV and COMPREHENSION-TLV objects."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.tlv import (
    ComprehensionTlv,
    Tlv,
    comprehension_places,
    decode_comprehension,
    decode_tlvs,
    encode_comprehension,
    encode_tlv,
    encode_tlvs,
    open_template,
    take_tlv,
    tlv_places,
)
from impl.errors import MalformedError, TruncatedError, UnencodableError

one_octet_tags = st.integers(0x01, 0xFF).filter(lambda tag: tag & 0x1F != 0x1F)
two_octet_tags = st.builds(
    lambda high, low: (high << 5 | 0x1F) << 8 | low, st.integers(0, 7), st.integers(0x1F, 0x7F)
)
values = st.binary(max_size=300)
ber_objects = st.lists(st.builds(Tlv, one_octet_tags | two_octet_tags, values), max_size=4)
comprehension_objects = st.lists(
    st.builds(ComprehensionTlv, st.integers(0x01, 0x7FFF), values, st.booleans()), max_size=4
)


@given(ber_objects)
def test_ber_objects_come_back_as_they_were_written(objects: list[Tlv]) -> None:
    assert decode_tlvs(encode_tlvs(objects)) == tuple(objects)


@given(st.binary(max_size=40))
def test_octets_are_ber_objects_in_one_way_only_or_malformed(octets: bytes) -> None:
    try:
        objects = decode_tlvs(octets)
    except MalformedError:
        return
    assert encode_tlvs(objects) == octets


@pytest.mark.parametrize(
    ("size", "length"),
    [
        (0, "00"),
        (0x7F, "7f"),
        (0x80, "8180"),
        (0xFF, "81ff"),
        (0x100, "820100"),
        (0xFFFF, "82ffff"),
    ],
)
def test_a_length_has_its_shortest_form(size: int, length: str) -> None:
    octets = encode_tlv(0x04, bytes(size))
    assert octets == bytes.fromhex("04" + length) + bytes(size)
    assert decode_tlvs(octets) == (Tlv(0x04, bytes(size)),)


@pytest.mark.parametrize("length", ["8101", "817f", "820001", "8200ff", "83000001", "80", "84"])
def test_a_length_in_another_form_is_refused(length: str) -> None:
    with pytest.raises(MalformedError):
        decode_tlvs(bytes.fromhex("04" + length) + bytes(0x100))
    with pytest.raises(MalformedError):
        decode_comprehension(bytes.fromhex("04" + length) + bytes(0x100))


def test_more_than_two_length_octets_hold_is_not_written() -> None:
    with pytest.raises(UnencodableError):
        encode_tlv(0x04, bytes(0x10000))


@pytest.mark.parametrize("tag", [0x00, 0x1F, 0x5F, 0x5F1E, 0x5F80, 0x041F, 0x15F20, -1])
def test_what_is_no_tag_of_one_or_two_octets_is_not_written(tag: int) -> None:
    with pytest.raises(UnencodableError):
        encode_tlv(tag, b"")


@pytest.mark.parametrize("octets", ["00", "0000", "1f1e00", "5f8000", "5f818000"])
def test_what_is_no_tag_of_one_or_two_octets_is_refused(octets: str) -> None:
    with pytest.raises(MalformedError):
        decode_tlvs(bytes.fromhex(octets))


@pytest.mark.parametrize("octets", ["04", "5f", "5f20", "0402aa", "0481", "048200", "048180"])
def test_a_ber_object_cut_short_is_refused(octets: str) -> None:
    with pytest.raises(TruncatedError):
        decode_tlvs(bytes.fromhex(octets))


def test_one_object_is_taken_out_of_what_follows() -> None:
    assert take_tlv(bytes.fromhex("ff0401aaff"), 1, "record") == (Tlv(0x04, b"\xaa"), 4)
    with pytest.raises(TruncatedError):
        take_tlv(b"", 0, "record")


def test_a_template_is_opened() -> None:
    assert open_template(bytes.fromhex("6203800100"), 0x62, "FCP") == bytes.fromhex("800100")


@pytest.mark.parametrize("octets", ["", "6f00", "62006200"])
def test_another_template_none_or_two_are_refused(octets: str) -> None:
    with pytest.raises(MalformedError):
        open_template(bytes.fromhex(octets), 0x62, "FCP")


@given(comprehension_objects)
def test_comprehension_objects_come_back_as_they_were_written(
    objects: list[ComprehensionTlv],
) -> None:
    assert decode_comprehension(encode_comprehension(objects)) == tuple(objects)


@given(st.binary(max_size=40))
def test_comprehension_objects_decode_or_are_malformed(octets: bytes) -> None:
    try:
        objects = decode_comprehension(octets)
    except MalformedError:
        return
    assert decode_comprehension(encode_comprehension(objects)) == objects


@pytest.mark.parametrize(
    ("octets", "tag", "required"),
    [
        ("8d00", 0x0D, True),
        ("0d00", 0x0D, False),
        ("7f010000", 0x0100, False),
        ("7f810000", 0x0100, True),
        ("7f800d00", 0x0D, True),
    ],
)
def test_the_flag_is_apart_from_the_tag_in_both_formats(
    octets: str, tag: int, *, required: bool
) -> None:
    assert decode_comprehension(bytes.fromhex(octets)) == (ComprehensionTlv(tag, b"", required),)


@pytest.mark.parametrize("octets", ["0000", "8000", "ff00", "7f000000", "7f800000"])
def test_a_reserved_tag_is_refused(octets: str) -> None:
    with pytest.raises(MalformedError):
        decode_comprehension(bytes.fromhex(octets))


@pytest.mark.parametrize("octets", ["8d", "7f", "7f81", "7f8101", "8d01"])
def test_a_comprehension_object_cut_short_is_refused(octets: str) -> None:
    with pytest.raises(TruncatedError):
        decode_comprehension(bytes.fromhex(octets))


@pytest.mark.parametrize("tag", [0, -1, 0x8000])
def test_a_tag_outside_the_range_is_not_written(tag: int) -> None:
    with pytest.raises(UnencodableError):
        encode_comprehension([ComprehensionTlv(tag, b"")])


@given(ber_objects)
def test_ber_objects_stand_where_they_were_written(objects: list[Tlv]) -> None:
    octets = b"?" + encode_tlvs(objects)
    places = list(tlv_places(octets, 1))
    assert [(one.tag, octets[one.value : one.end]) for one in places] == objects
    assert [one.begin for one in places] == [1, *(one.end for one in places)][: len(objects)]


@given(comprehension_objects)
def test_comprehension_objects_stand_where_they_were_written(
    objects: list[ComprehensionTlv],
) -> None:
    octets = encode_comprehension(objects)
    places = list(comprehension_places(octets))
    found = [(one.tag, octets[one.value : one.end]) for one in places]
    assert found == [(one.tag, one.value) for one in objects]
    assert [one.begin for one in places] == [0, *(one.end for one in places)][: len(objects)]


def test_an_object_that_is_cut_off_stands_nowhere() -> None:
    with pytest.raises(TruncatedError):
        list(tlv_places(b"\xc1\2\0"))
