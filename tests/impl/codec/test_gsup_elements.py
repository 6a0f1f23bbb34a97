"""Tests of the elements of GSUP."""

from __future__ import annotations

from typing import Annotated, Any

import pytest

from impl.codec.gsup_elements import (
    Element,
    ElementSet,
    Flag,
    ImsiForm,
    NameForm,
    Nested,
    NumberForm,
    Repeated,
    RpAddress,
    RpAddressForm,
    RpAddressKind,
    SecretForm,
    Unknown,
)
from impl.codec.layout import Form, UInt
from impl.errors import MalformedError, TrailingError, TruncatedError, UnencodableError
from impl.values import IMSI, MSISDN, Secret


class Example(ElementSet):
    number: Annotated[int | None, Element(0x01, UInt(2))] = None
    flag: Annotated[bool, Element(0x02, Flag())] = False
    many: Annotated[tuple[int, ...], Repeated(0x03, UInt(1))] = ()
    unknown: Annotated[tuple[tuple[int, bytes], ...], Unknown()] = ()


def read(octets: str) -> Example:
    return Example(**Example.collect(bytes.fromhex(octets), 0))


def test_rows_are_written_in_order_and_read_in_any() -> None:
    example = Example(number=5, flag=True, many=(7, 8), unknown=((0x70, b"\xaa"),))
    assert example.encode().hex() == "0102000502000301070301087001aa"
    assert read("7001aa030107020003010801020005") == example


def test_what_is_absent_takes_no_octet() -> None:
    assert Example().encode() == b""
    assert read("") == Example()


@pytest.mark.parametrize(
    ("octets", "error"),
    [
        ("01020005" * 2, MalformedError),
        ("0101", TruncatedError),
        ("01", TruncatedError),
        ("010105", TruncatedError),
        ("0103000005", TrailingError),
        ("020100", TrailingError),
    ],
)
def test_elements_without_meaning_are_refused(octets: str, error: type[MalformedError]) -> None:
    with pytest.raises(error):
        read(octets)


def test_many_unknown_elements_are_read_in_bounded_time() -> None:
    assert len(read("7000" * 30_000).unknown) == 30_000


@pytest.mark.parametrize(
    ("form", "value", "octets"),
    [
        (Flag(), True, ""),
        (ImsiForm(), IMSI("123456789012345"), "21436587092143f5"),
        (NumberForm(), MSISDN("255774999028"), "91527547990982"),
        (RpAddressForm(), RpAddress(RpAddressKind.NONE), "ff"),
        (RpAddressForm(), RpAddress(RpAddressKind.IMSI, IMSI("123456")), "01214365"),
        (RpAddressForm(), RpAddress(RpAddressKind.MSISDN, MSISDN("33609")), "02913306f9"),
        (NameForm(), "smsc", "736d736300"),
        (SecretForm(2, 3), Secret(b"\1\2"), "0102"),
        (Unknown(), ((0x70, b"\xaa"), (0x71, b"")), "7001aa7100"),
    ],
)
def test_every_form_writes_and_reads(form: Form, value: Any, octets: str) -> None:
    assert form.put(value, "test").hex() == octets
    assert form.take(bytes.fromhex(octets), 0, "test") == (value, len(octets) // 2)


@pytest.mark.parametrize(
    ("form", "octets"),
    [
        (ImsiForm(), "2143"),
        (ImsiForm(), "2143c5"),
        (NumberForm(), ""),
        (NumberForm(), "0252"),
        (NumberForm(), "91"),
        (RpAddressForm(), "04"),
        (RpAddressForm(), "02"),
        (NameForm(), "c3a9"),
        (NameForm(), "736d73630000"),
        (NameForm(), "78" * 255),
        (SecretForm(2, 3), "01"),
        (SecretForm(2, 3), "01020304"),
    ],
)
def test_no_form_reads_what_has_no_meaning(form: Form, octets: str) -> None:
    with pytest.raises(MalformedError):
        form.take(bytes.fromhex(octets), 0, "test")


@pytest.mark.parametrize(
    ("form", "value"),
    [
        (RpAddressForm(), RpAddress(RpAddressKind.IMSI, MSISDN("33609"))),
        (RpAddressForm(), RpAddress(RpAddressKind.NONE, MSISDN("33609"))),
        (RpAddressForm(), RpAddress(RpAddressKind.MSISDN)),
        (NameForm(), "h\u00e9"),
        (NameForm(), "x\0"),
        (NameForm(), "\ud800"),
        (NameForm(), "x" * 255),
        (SecretForm(2, 3), Secret(b"")),
    ],
)
def test_no_form_writes_what_does_not_fit(form: Form, value: Any) -> None:
    with pytest.raises(UnencodableError):
        form.put(value, "test")


def test_a_number_with_its_length_in_front_is_read_too() -> None:
    # osmo-hlr writes 06 where the protocol's own vectors have type and plan, 91.
    assert NumberForm().take(bytes.fromhex("06527547990982"), 0, "test")[0] == "255774999028"


def test_each_element_stands_with_its_tag_and_length() -> None:
    octets = bytes.fromhex("ff03 01 0770 01 aa01 02 000503 01 08")
    assert list(Example.places(octets, 1)) == [
        ("many.1", 1, 4),
        ("unknown.1", 4, 7),
        ("number", 7, 11),
        ("many.2", 11, 14),
    ]


class Outer(ElementSet):
    inner: Annotated[tuple[Example, ...], Repeated(0x10, Nested(Example))] = ()

    @classmethod
    def take(cls, octets: bytes, at: int) -> tuple[Outer, int]:
        return cls(**cls.collect(octets, at)), len(octets)


def test_elements_in_an_element_stand_for_themselves() -> None:
    octets = bytes.fromhex("10 04 01 02 000510 03 03 01 07")
    assert list(Outer.places(octets)) == [("inner.1.number", 2, 6), ("inner.2.many.1", 8, 11)]
