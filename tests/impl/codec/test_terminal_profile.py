"""What a terminal says that it can do; `tests/dissection` has Wireshark's view of the same bits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.terminal_profile import Facility, encode_profile, has_facility


@given(st.sets(st.sampled_from(Facility)), st.binary(max_size=4))
def test_a_profile_says_what_it_was_made_of_and_nothing_else(
    facilities: set[Facility], behind: bytes
) -> None:
    profile = encode_profile(facilities).ljust(25, b"\0") + behind
    assert {each for each in Facility if has_facility(profile, each)} == facilities


def test_a_profile_is_no_longer_than_it_has_to_be() -> None:
    assert encode_profile(()) == b""
    assert encode_profile((Facility.REFRESH, Facility.DISPLAY_TEXT)) == bytes.fromhex("000081")


@pytest.mark.parametrize("length", range(25))
def test_what_a_short_profile_leaves_out_is_not_there(length: int) -> None:
    profile = b"\xff" * length
    for facility in Facility:
        assert has_facility(profile, facility) is (facility.value[0] <= length)


def test_no_two_facilities_share_a_bit() -> None:
    assert len(set(Facility)) == len(Facility.__members__)
