"""Tests of the relay messages."""

from __future__ import annotations

import pycrate_mobile.TS24011_PPSMS
import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.address import Address
from impl.codec.relay import (
    RpAck,
    RpCause,
    RpData,
    RpError,
    RpMessage,
    RpSmma,
    decode_rp,
)
from impl.errors import MalformedError, UnencodableError

CENTRE = Address("33609")

addresses = st.builds(Address, st.text("0123456789", min_size=1, max_size=20))
references = st.integers(0, 255)
user_data = st.binary(min_size=1, max_size=232)
reports: st.SearchStrategy[RpMessage] = st.one_of(
    st.builds(RpAck, references, st.none() | user_data),
    st.builds(RpError, references, st.integers(0, 127), st.none() | user_data),
)
uplink: st.SearchStrategy[RpMessage] = st.one_of(
    st.builds(RpData, references, st.none(), addresses, user_data),
    st.builds(RpSmma, references),
    reports,
)
downlink = st.builds(RpData, references, addresses, st.none(), user_data) | reports


@given(uplink)
def test_every_message_of_a_device_is_read_as_it_was_written(message: RpMessage) -> None:
    assert decode_rp(message.encode(from_network=False), from_network=False) == message


@given(downlink)
def test_every_message_of_a_network_is_read_as_it_was_written(message: RpMessage) -> None:
    assert decode_rp(message.encode(from_network=True), from_network=True) == message


def by_pycrate(message: RpMessage, *, from_network: bool) -> bytes:
    """Let pycrate read and write the message of that direction."""
    names = {RpData: "RP_DATA", RpAck: "RP_ACK", RpError: "RP_ERROR", RpSmma: "RP_SMMA"}
    direction = "" if isinstance(message, RpSmma) else "_MT" if from_network else "_MO"
    theirs = getattr(pycrate_mobile.TS24011_PPSMS, names[type(message)] + direction)()
    theirs.from_bytes(message.encode(from_network=from_network))
    octets: bytes = theirs.to_bytes()
    return octets


@given(uplink)
def test_pycrate_reads_every_message_of_a_device_and_writes_the_same(message: RpMessage) -> None:
    assert by_pycrate(message, from_network=False) == message.encode()


@given(downlink)
def test_pycrate_reads_every_message_of_a_network_and_writes_the_same(message: RpMessage) -> None:
    assert by_pycrate(message, from_network=True) == message.encode(from_network=True)


@given(st.binary(max_size=60), st.booleans())
def test_any_octets_are_read_or_refused_as_malformed(
    octets: bytes,
    from_network: bool,  # noqa: FBT001 - drawn
) -> None:
    try:
        message = decode_rp(octets, from_network=from_network)
    except MalformedError:
        return
    octets = message.encode(from_network=from_network)
    assert decode_rp(octets, from_network=from_network) == message


def test_a_device_names_its_service_centre_as_destination() -> None:
    message = RpData(5, originator=None, destination=CENTRE, user_data=b"\x01\x02")
    assert message.encode(from_network=False).hex() == "00050004913306f9020102"


def test_a_network_names_the_service_centre_as_originator() -> None:
    message = RpData(5, originator=CENTRE, destination=None, user_data=b"\x01\x02")
    assert message.encode(from_network=True).hex() == "010504913306f900020102"


def test_an_acknowledgement_may_carry_a_report() -> None:
    assert RpAck(5).encode(from_network=True).hex() == "0305"
    assert RpAck(5, b"\x00\x00").encode(from_network=False).hex() == "020541020000"


def test_an_error_says_its_cause() -> None:
    error = RpError(5, RpCause.MEMORY_EXCEEDED)
    assert error.encode(from_network=False).hex() == "04050116"


def test_a_diagnostic_behind_the_cause_is_not_kept() -> None:
    error = decode_rp(bytes.fromhex("0505021633"), from_network=True)
    assert error == RpError(5, RpCause.MEMORY_EXCEEDED)


@pytest.mark.parametrize(
    ("octets", "from_network"),
    [
        ("", False),
        ("00", False),
        ("010504913306f900020102", False),  # the type of the other direction
        ("00050004913306f9020102", True),
        ("0705", True),  # only a device has memory
        ("000504913306f900020102", False),  # the centre in the wrong place
        ("00050000020102", False),  # no centre at all
        ("00050004913306f900", False),  # no user data
        ("00050004913306f90301", False),  # cut off
        ("0005000c9133333333333333333333f3020102", False),  # too long an address
        ("040500", False),  # no cause
        ("040503161616", False),
        ("02050101ff", False),  # an element that has to be understood
    ],
)
def test_octets_without_meaning_are_refused(
    octets: str,
    from_network: bool,  # noqa: FBT001 - parametrized
) -> None:
    with pytest.raises(MalformedError):
        decode_rp(bytes.fromhex(octets), from_network=from_network)


def test_a_message_does_not_read_another() -> None:
    with pytest.raises(MalformedError, match="another message"):
        RpAck.decode(RpError(1, 1).encode(from_network=True))


@pytest.mark.parametrize(
    ("message", "from_network"),
    [
        (RpData(5, CENTRE, None, b"\1"), False),
        (RpData(5, None, CENTRE, b"\1"), True),
        (RpData(5, CENTRE, CENTRE, b"\1"), True),
        (RpSmma(5), True),
        (RpError(5, 128), True),
        (RpAck(256), True),
        (RpAck(5, b""), True),
        (RpAck(5, bytes(233)), True),
    ],
)
def test_values_that_fit_no_field_are_not_written(
    message: RpMessage,
    from_network: bool,  # noqa: FBT001 - parametrized
) -> None:
    with pytest.raises(UnencodableError):
        message.encode(from_network=from_network)


def test_the_fields_of_a_relay_message_stand_behind_its_type() -> None:
    octets = RpAck(9, b"report").encode()
    assert list(RpAck.places(octets)) == [("reference", 1, 2), ("user_data", 2, len(octets))]
    assert list(RpAck.places(RpAck(9).encode())) == [("reference", 1, 2)]
