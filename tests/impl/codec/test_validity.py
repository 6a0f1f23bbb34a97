"""Tests of TP-VP: values from the table of TS 23.040 clause 9.2.3.12.1, and its three forms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.timestamp import encode_timestamp
from impl.codec.validity import Validity, read_validity, relative_s
from impl.errors import MalformedError

NOW = 1_767_225_600.0
MINUTE, HOUR, DAY, WEEK = 60, 3600, 86_400, 604_800


@pytest.mark.parametrize(
    ("value", "lasts_s"),
    [
        (0, 5 * MINUTE),
        (11, HOUR),
        (143, 12 * HOUR),
        (144, 12 * HOUR + 30 * MINUTE),
        (167, 24 * HOUR),
        (168, 2 * DAY),
        (196, 30 * DAY),
        (197, 5 * WEEK),
        (255, 63 * WEEK),
    ],
)
def test_one_octet_counts_in_the_steps_of_the_table(value: int, lasts_s: int) -> None:
    assert relative_s(value) == lasts_s
    assert read_validity(bytes((value,)), NOW, is_enhanced=False) == Validity(NOW + lasts_s)


@given(st.integers(0, 254))
def test_a_larger_octet_is_a_longer_time(value: int) -> None:
    assert relative_s(value) < relative_s(value + 1)


@given(st.integers(0, 3_000_000_000))
def test_seven_octets_are_a_moment(moment: int) -> None:
    assert read_validity(encode_timestamp(moment), NOW, is_enhanced=False) == Validity(moment)


def test_where_nothing_is_said_the_centre_decides() -> None:
    assert read_validity(b"", NOW, is_enhanced=False) == Validity(None)
    assert read_validity(bytes(7), NOW, is_enhanced=True) == Validity(None)


@pytest.mark.parametrize(
    ("octets", "validity"),
    [
        ("40000000000000", Validity(None, is_single_shot=True)),
        ("010b0000000000", Validity(NOW + HOUR)),
        ("022d0000000000", Validity(NOW + 45)),
        ("03107295000000", Validity(NOW + HOUR + 27 * MINUTE + 59)),
        ("03009595000000", Validity(NOW + 59 * MINUTE + 59)),
        ("43100000000000", Validity(NOW + HOUR, is_single_shot=True)),
    ],
)
def test_the_enhanced_form_has_four_ways_to_say_it(octets: str, validity: Validity) -> None:
    assert read_validity(bytes.fromhex(octets), NOW, is_enhanced=True) == validity


@pytest.mark.parametrize(
    ("octets", "is_enhanced"),
    [
        ("04000000000000", True),  # reserved
        ("81000000000000", True),  # an extension
        ("03100600000000", True),  # 60 minutes
        ("03100006000000", True),
        ("03ff0000000000", True),
        ("031000f0000000", True),
        ("031a0000000000", True),
        ("62310000000000", False),  # month 13
    ],
)
def test_what_is_on_no_clock_or_calendar_is_malformed(octets: str, is_enhanced: bool) -> None:  # noqa: FBT001 - a row of the table
    with pytest.raises(MalformedError):
        read_validity(bytes.fromhex(octets), NOW, is_enhanced=is_enhanced)
