"""Tests of service centre time stamps, with the standard library's calendar as the other side."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.timestamp import decode_timestamp, encode_timestamp
from impl.errors import MalformedError, UnencodableError

LAST = 3_155_759_999


@given(st.integers(0, LAST))
def test_a_moment_is_the_date_that_the_calendar_has(moment: int) -> None:
    expected = datetime.fromtimestamp(moment, UTC).strftime("%y%m%d%H%M%S")
    octets = encode_timestamp(moment)
    assert "".join(f"{octet & 15:x}{octet >> 4:x}" for octet in octets) == expected + "00"
    assert decode_timestamp(octets) == moment


@pytest.mark.parametrize("hour", range(24))
def test_an_hour_begins_with_its_first_second(hour: int) -> None:
    (coded,) = encode_timestamp(hour * 3600)[3:4]
    assert f"{coded & 15}{coded >> 4}" == f"{hour:02}"


def test_parts_of_seconds_are_cut_off() -> None:
    assert encode_timestamp(0.9) == encode_timestamp(0) == bytes.fromhex("07101000000000")


@pytest.mark.parametrize("moment", [-1.0, LAST + 1])
def test_a_moment_that_two_digits_do_not_tell_is_not_written(moment: float) -> None:
    with pytest.raises(UnencodableError):
        encode_timestamp(moment)


@pytest.mark.parametrize(
    ("octets", "zone_s"),
    [
        ("42101021000080", 2 * 3600),
        ("42101021000001", 2 * 3600 + 1800),
        ("4210102100008a", -7 * 3600),
        ("42101021000009", -2 * 3600 - 1800),
        ("42101021000000", 0),
    ],
)
def test_the_zone_counts_quarters_of_an_hour(octets: str, zone_s: int) -> None:
    noon = int(datetime(2024, 1, 1, 12, tzinfo=UTC).timestamp())
    assert decode_timestamp(bytes.fromhex(octets)) == noon - zone_s


@pytest.mark.parametrize(
    "octets",
    [
        "",
        "421010210000",
        "4210102100000000",
        "42311021000000",  # month 13
        "42001021000000",
        "42200321000000",  # 30 February
        "42101042000000",  # hour 24
        "42101021060000",  # minute 60
        "42101021000600",
        "4210f021000000",
        "421010210000f0",
    ],
)
def test_what_is_on_no_calendar_is_refused(octets: str) -> None:
    with pytest.raises(MalformedError):
        decode_timestamp(bytes.fromhex(octets))
