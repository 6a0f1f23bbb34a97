"""Tests of the identities and areas of EPS."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.eps_identity import GUTI, AreaListForm, EpsIdentityForm
from impl.codec.mobility import IMEI, TMSI, LocationArea
from impl.errors import MalformedError
from impl.values import IMSI, PLMN

FORM, AREAS = EpsIdentityForm(), AreaListForm()
GIVEN = GUTI(PLMN("310410"), 0x1234, 0x56, TMSI(b"\1\2\3\4"))


@pytest.mark.parametrize(
    ("identity", "octets"),
    [
        (GIVEN, "f613001412345601020304"),
        (IMSI("208010000000001"), "2980100000000010"),
        (IMEI("490154203237518"), "4a09512430325781"),
    ],
)
def test_an_identity_has_the_octets_of_the_standard(identity, octets):
    assert FORM.put(identity, "x").hex() == octets
    assert FORM.take(bytes.fromhex(octets), 0, "x") == (identity, len(octets) // 2)


@pytest.mark.parametrize(
    "octets", ["", "f6", "f613001412345601", "f401020304", "00", "f6130014123456ffffffff"]
)
def test_what_is_no_identity_of_eps_is_refused(octets):
    with pytest.raises(MalformedError):
        FORM.take(bytes.fromhex(octets), 0, "x")


@given(st.binary(max_size=14))
def test_octets_are_one_identity_or_malformed(octets):
    try:
        identity, end = FORM.take(octets, 0, "x")
    except MalformedError:
        return
    again, _ = FORM.take(FORM.put(identity, "x"), 0, "x")
    assert again == identity
    assert end <= len(octets)


def test_a_list_holds_one_area():
    area = LocationArea(PLMN("20801"), 0x1234)
    octets = AREAS.put(area, "x")
    assert octets.hex() == "0002f8101234"
    assert AREAS.take(octets, 0, "x") == (area, 6)


@pytest.mark.parametrize("octets", ["", "00", "0002f81012", "2002f8101234", "0102f81012341235"])
def test_a_list_of_another_form_is_refused(octets):
    with pytest.raises(MalformedError):
        AREAS.take(bytes.fromhex(octets), 0, "x")
