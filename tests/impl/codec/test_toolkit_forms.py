"""Tests of the values inside toolkit objects."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.address import Address
from impl.codec.layout import Coded, Form, UInt
from impl.codec.object_record import read_whole
from impl.codec.toolkit_forms import (
    Alpha,
    CodedString,
    Files,
    MenuItem,
    Number,
    Record,
    Several,
    TimerValue,
)
from impl.codec.toolkit_values import Icon, Item, ToolkitEvent
from impl.errors import MalformedError, UnencodableError

FORMS: dict[str, tuple[Form, Any, str]] = {
    "several": (Several(Coded(ToolkitEvent)), (ToolkitEvent.LOCATION_STATUS,), "03"),
    "none of several": (Several(UInt(2)), (), ""),
    "record": (Record(Icon), Icon(0, 1), "0001"),
    "coded string": (CodedString(), "Hi", "044869"),
    "alpha": (Alpha(), "Hi", "4869"),
    "number": (Number(), Address("33609001000"), "913306091000f0"),
    "item": (MenuItem(), Item(1, "Item"), "014974656d"),
    "files": (Files(), (b"\x3f\x00\x2f\xe2", b"\x3f\x00"), "023f002fe23f00"),
    "no files": (Files(), (), "00"),
    "time": (TimerValue(), 3600 * 12 + 60 * 34 + 56, "214365"),
}


@pytest.mark.parametrize(("form", "value", "octets"), FORMS.values(), ids=FORMS)
def test_a_form_is_read_and_written(form: Form, value: Any, octets: str) -> None:
    assert form.put(value, "field") == bytes.fromhex(octets)
    assert read_whole(form, bytes.fromhex(octets), "field") == value


@given(st.sampled_from([row[0] for row in FORMS.values()]), st.binary(max_size=20))
def test_octets_have_one_meaning_or_are_malformed(form: Form, octets: bytes) -> None:
    try:
        value = read_whole(form, octets, "field")
        back = form.put(value, "field")
    except MalformedError:
        return
    assert read_whole(form, back, "field") == value


@given(st.integers(0, 86399))
def test_times_of_a_day_come_back(seconds: int) -> None:
    assert TimerValue().take(TimerValue().put(seconds, "time"), 0, "time") == (seconds, 3)


@pytest.mark.parametrize("octets", ["", "42", "420000", "000600", "000006", "a00000", "00f000"])
def test_what_is_no_time_of_a_day_is_refused(octets: str) -> None:
    with pytest.raises(MalformedError):
        read_whole(TimerValue(), bytes.fromhex(octets), "time")


@pytest.mark.parametrize("seconds", [-1, 86400])
def test_a_time_of_another_day_is_not_written(seconds: int) -> None:
    with pytest.raises(UnencodableError):
        TimerValue().put(seconds, "time")


@pytest.mark.parametrize("octets", ["", "01", "012fe2", "013f002f", "023f002fe2", "003f00"])
def test_what_is_no_list_of_paths_is_refused(octets: str) -> None:
    with pytest.raises(MalformedError):
        read_whole(Files(), bytes.fromhex(octets), "files")


@pytest.mark.parametrize(
    "paths",
    [
        (b"", b"\x3f\x00\x3f\x00"),
        (b"\x2f\xe2",),
        (b"\x3f\x00\x2f",),
        (b"\x3f\x00\x3f\x00",),
        (b"\x3f\x00",) * 257,
    ],
)
def test_paths_that_would_not_come_back_are_not_written(paths: tuple[bytes, ...]) -> None:
    with pytest.raises(UnencodableError):
        Files().put(paths, "files")


@pytest.mark.parametrize("octets", ["", "00", "0041"])
def test_an_item_without_identifier_is_refused(octets: str) -> None:
    with pytest.raises(MalformedError):
        read_whole(MenuItem(), bytes.fromhex(octets), "item")


@pytest.mark.parametrize("identifier", [0, 256])
def test_an_item_identifier_out_of_range_is_not_written(identifier: int) -> None:
    with pytest.raises(UnencodableError):
        MenuItem().put(Item(identifier, "Item"), "item")
