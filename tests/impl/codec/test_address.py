"""Tests of addresses."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.address import Address, NumberingPlan, TypeOfNumber
from impl.errors import MalformedError, TrailingError, TruncatedError, UnencodableError

DIGITAL = [ton for ton in TypeOfNumber if ton is not TypeOfNumber.ALPHANUMERIC]

numbers = st.builds(
    Address,
    st.text("0123456789*#abc", max_size=20),
    ton=st.sampled_from(DIGITAL),
    npi=st.sampled_from(NumberingPlan),
)
names = st.builds(
    Address,
    st.text("abcXYZ 019.-", max_size=11),
    ton=st.just(TypeOfNumber.ALPHANUMERIC),
    npi=st.just(NumberingPlan.UNKNOWN),
)


@given(numbers | names)
def test_a_tp_address_is_read_as_it_was_written(address: Address) -> None:
    octets = address.encode_tp()
    assert Address.take_tp(b"\x00" + octets + b"\xff", 1) == (address, 1 + len(octets))


@given(numbers)
def test_an_address_without_length_is_read_as_it_was_written(address: Address) -> None:
    assert Address.decode(address.encode()) == address
    assert address.encode_rp() == bytes((len(address.encode()),)) + address.encode()


@given(st.binary(max_size=16))
def test_any_octets_are_an_address_or_malformed(octets: bytes) -> None:
    with suppress(MalformedError):
        assert Address.decode(octets).encode()[:1] == octets[:1]
    with suppress(MalformedError):
        assert Address.take_tp(octets, 0)[1] <= len(octets)


def test_a_number_is_international_unless_it_says_otherwise() -> None:
    assert Address("33609001000").encode_tp().hex() == "0b913306091000f0"
    assert Address("12220", international=False).encode_tp().hex() == "05812122f0"
    assert Address("33609001000").international
    assert not Address("12220", international=False).international
    assert Address("12220", ton=TypeOfNumber.NETWORK_SPECIFIC, npi=NumberingPlan.SERVICE_CENTRE_1)


def test_a_name_counts_the_semi_octets_that_hold_it() -> None:
    name = Address("www.tim.it", ton=TypeOfNumber.ALPHANUMERIC, npi=NumberingPlan.UNKNOWN)
    assert name.encode_tp().hex() == "12d0f7fbdd454fb75d693a"


@pytest.mark.parametrize(
    ("octets", "error"),
    [
        ("", TruncatedError),
        ("0b", TruncatedError),
        ("0b91330690", TruncatedError),
        ("15911111111111111111111111", MalformedError),  # more than 20 digits
        ("0a9133060910f0", MalformedError),  # 9 digits where 10 are announced
        ("0b91330609100011", MalformedError),  # 12 digits where 11 are announced
        ("049133f6", MalformedError),  # a filler among the digits
        ("02113306", MalformedError),  # a further octet of type and plan
        ("02923306", MalformedError),  # no such plan
        ("0fd0f7fbdd454fb75d69", TrailingError),  # an octet that no character needs
    ],
)
def test_a_broken_tp_address_is_malformed(octets: str, error: type[MalformedError]) -> None:
    with pytest.raises(error):
        Address.take_tp(bytes.fromhex(octets), 0)


@pytest.mark.parametrize(
    "address",
    [
        Address("1" * 21),
        Address("12x"),
        Address("a name too long", ton=TypeOfNumber.ALPHANUMERIC),
        Address("中", ton=TypeOfNumber.ALPHANUMERIC),
    ],
)
def test_what_fits_in_no_address_is_refused(address: Address) -> None:
    with pytest.raises(UnencodableError):
        address.encode_tp()
    with pytest.raises(UnencodableError):
        address.encode_rp()


def test_only_a_tp_address_can_be_a_name() -> None:
    name = Address("name", ton=TypeOfNumber.ALPHANUMERIC, npi=NumberingPlan.UNKNOWN)
    with pytest.raises(UnencodableError):
        name.encode()
    with pytest.raises(MalformedError):
        Address.decode(b"\xd0\x00")
