"""Tests of declared layouts: what is written is read, and errors name the field."""

from __future__ import annotations

from enum import STRICT, IntEnum, IntFlag
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.layout import (
    LV,
    U8,
    U16,
    U24,
    U32,
    U40,
    Coded,
    Counted,
    Layout,
    Octets,
    Rest,
    Text,
    UInt,
    in_turn,
)
from impl.errors import MalformedError, TrailingError, TruncatedError, UnencodableError


class Kind(IntEnum):
    ONE = 1
    TWO = 2


class Bits(IntFlag, boundary=STRICT):
    LOW = 1
    HIGH = 0x80


class Everything(Layout):
    """Every form that stands in a run of fixed size, and every one that does not."""

    u8: U8
    u16: U16
    u24: U24
    u32: U32
    u40: U40
    u64: Annotated[int, UInt(8)]
    kind: Annotated[Kind, Coded(Kind)]
    wide_kind: Annotated[Kind, Coded(Kind, 2)]
    bits: Annotated[Bits, Coded(Bits)]
    octets: Annotated[bytes, Octets(3)]
    lv: LV
    text: Annotated[str, Text(5)]
    lv2: Annotated[bytes, Counted(2)]
    last: U8
    rest: Annotated[bytes, Rest()]


class Header(Layout):
    first: U8
    second: U16 = 7


class Longer(Header):
    third: Annotated[bytes, Octets(2)] = b"ab"


def unsigned(size: int) -> st.SearchStrategy[int]:
    return st.integers(0, 256**size - 1)


def octets(size: int) -> st.SearchStrategy[bytes]:
    return st.binary(min_size=size, max_size=size)


everything = st.builds(
    Everything,
    unsigned(1),
    unsigned(2),
    unsigned(3),
    unsigned(4),
    unsigned(5),
    unsigned(8),
    st.sampled_from(Kind),
    st.sampled_from(Kind),
    st.sampled_from(Bits),
    octets(3),
    st.binary(max_size=255),
    st.text(st.characters(codec="ascii", exclude_characters="\0"), max_size=4),
    st.binary(max_size=300),
    unsigned(1),
    st.binary(max_size=9),
)
EXAMPLE = Everything(
    1, 2, 3, 4, 5, 6, Kind.ONE, Kind.TWO, Bits.LOW, b"abc", b"d", "e", b"f", 7, b""
)


@given(everything)
def test_a_record_is_read_as_it_was_written(record: Everything) -> None:
    assert Everything.decode(record.encode()) == record


@given(everything)
def test_every_field_stands_as_its_form_writes_it_alone(record: Everything) -> None:
    alone = [form.put(getattr(record, name), where) for name, form, where in Everything.rows()]
    assert record.encode() == b"".join(alone)


@given(st.binary(max_size=60))
def test_any_octets_are_a_record_or_malformed(octets: bytes) -> None:
    try:
        record = Everything.decode(octets)
    except MalformedError:
        return
    assert record.encode() == octets


@given(everything, st.data())
def test_octets_cut_short_name_a_field(record: Everything, data: st.DataObject) -> None:
    whole = Everything.decode(record.encode()[: len(record.encode()) - len(record.rest)]).encode()
    end = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(TruncatedError) as error:
        Everything.decode(whole[:end])
    assert error.value.what in {where for _, _, where in Everything.rows()}


def test_octets_behind_the_last_field_are_refused() -> None:
    assert Header.decode(b"\x01\x00\x02") == Header(1, 2)
    assert Header.take(b"\xff\x01\x00\x02\xff", 1) == (Header(1, 2), 4)
    with pytest.raises(TrailingError):
        Header.decode(b"\x01\x00\x02\xff")


def test_a_layout_that_extends_another_has_its_fields_first() -> None:
    assert Longer(1).encode() == b"\x01\x00\x07ab"
    assert Longer.decode(b"\x01\x00\x07ab") == Longer(1)
    assert Header(1).encode() == b"\x01\x00\x07"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("u8", 256),
        ("u8", -1),
        ("u16", 65536),
        ("u24", 1 << 24),
        ("u40", -1),
        ("u64", 1 << 64),
        ("octets", b"ab"),
        ("octets", b"abcd"),
        ("lv", bytes(256)),
        ("text", "five5"),
        ("text", "é"),
        ("text", "a\0b"),
        ("lv2", bytes(65536)),
        ("last", 300),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(field: str, value: object) -> None:
    record = Everything(**(vars(EXAMPLE) | {field: value}))
    with pytest.raises(UnencodableError) as error:
        record.encode()
    assert error.value.what == f"Everything.{field}"


@pytest.mark.parametrize(
    ("at", "octet", "field"), [(23, 3, "kind"), (24, 1, "wide_kind"), (26, 2, "bits")]
)
def test_a_code_without_a_meaning_is_malformed_by_name(at: int, octet: int, field: str) -> None:
    octets = bytearray(EXAMPLE.encode())
    octets[at] = octet
    with pytest.raises(MalformedError) as error:
        Everything.decode(bytes(octets))
    assert error.value.what == f"Everything.{field}"


def test_a_text_without_an_end_or_not_of_ascii_is_malformed() -> None:
    with pytest.raises(TruncatedError):
        Text(3).take(b"abcd\0", 0, "text")
    with pytest.raises(MalformedError):
        Text(3).take(b"\xe9\0", 0, "text")


def test_a_record_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        EXAMPLE.u8 = 2  # type: ignore[misc]  # that it is refused is the point


class Spread(Layout):
    head: U8
    body: LV
    tail: Annotated[bytes, Rest()] = b""


@given(st.binary(max_size=9), st.binary(max_size=9), st.integers(0, 4))
def test_fields_stand_one_behind_the_other_where_the_record_stands(
    body: bytes, tail: bytes, at: int
) -> None:
    octets = bytes(at) + Spread(1, body, tail).encode()
    places = {name: octets[begin:end] for name, begin, end in Spread.places(octets, at)}
    expected = {"head": b"\1", "body": bytes((len(body),)) + body}
    assert places == (expected | {"tail": tail} if tail else expected)


def test_what_is_cut_off_has_no_places() -> None:
    with pytest.raises(TruncatedError):
        list(Spread.places(b"\1\5ab"))


def test_fields_of_no_size_take_no_place() -> None:
    assert list(in_turn(3, first=1, absent=0, last=2)) == [("first", 3, 4), ("last", 4, 6)]
