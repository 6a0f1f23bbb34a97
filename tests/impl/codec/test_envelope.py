"""Tests of envelopes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.address import Address
from impl.codec.envelope import (
    Envelope,
    LocationStatusEvent,
    MenuSelection,
    NetworkRejectionEvent,
    SmsPpDownload,
    TimerExpiration,
    decode_envelope,
    encode_envelope,
    envelope_places,
)
from impl.codec.tlv import ComprehensionTlv
from impl.codec.toolkit_values import AccessTechnology, LocationStatus, UpdateType
from impl.errors import MalformedError, MissingError, UnencodableError

AREA = bytes.fromhex("02f8011234")
octet = st.integers(0, 255)
areas = st.none() | st.binary(min_size=5, max_size=9)
optional = ComprehensionTlv(0x7E, b"?", comprehension_required=False)
unknown = st.sampled_from([(), (optional,)])
addresses = st.none() | st.text("0123456789", min_size=1, max_size=15).map(Address)

envelopes: st.SearchStrategy[Envelope] = st.one_of(
    st.builds(SmsPpDownload, addresses, st.binary(max_size=200), unknown=unknown),
    st.builds(MenuSelection, octet, st.booleans(), unknown=unknown),
    st.builds(LocationStatusEvent, st.sampled_from(LocationStatus), areas, unknown=unknown),
    st.builds(
        NetworkRejectionEvent,
        areas,
        octet,
        routing_area=areas,
        tracking_area=areas,
        access_technology=st.sampled_from(AccessTechnology),
        update_type=st.sampled_from(UpdateType),
    ),
    st.builds(TimerExpiration, octet, st.integers(0, 86399)),
)

KNOWN: dict[str, tuple[Envelope, str]] = {
    "menu selection": (MenuSelection(2), "d30782020181900102"),
    "help": (MenuSelection(2, help_requested=True), "d309820201819001029500"),
    "short message": (
        SmsPpDownload(Address("33609001000"), b"\x04"),
        "d110820283810607913306091000f08b0104",
    ),
    "normal service": (
        LocationStatusEvent(LocationStatus.NORMAL, AREA),
        "d611990103820282819b0100930502f8011234",
    ),
    "no service": (LocationStatusEvent(LocationStatus.NO_SERVICE), "d60a990103820282819b0102"),
    "rejection": (
        NetworkRejectionEvent(AREA, cause=2),
        "d617990112820283819305 02f8011234 bf0103 f40102 f50102",
    ),
    "EPS rejection": (
        NetworkRejectionEvent(
            None,
            8,
            tracking_area=AREA,
            access_technology=AccessTechnology.EUTRAN,
            update_type=UpdateType.EPS_ATTACH,
        ),
        "d61799011282028381fd05 02f8011234 bf0108 f40109 f50108",
    ),
    "timer": (TimerExpiration(1, 60), "d70c82028281a40101a503001000"),
}


def packed(octets: str) -> bytes:
    """Return the envelope whose template has this tag and these objects, in hexadecimal."""
    tag, *body = bytes.fromhex(octets)
    return bytes((tag, len(body), *body))


@pytest.mark.parametrize(("envelope", "octets"), KNOWN.values(), ids=KNOWN)
def test_an_envelope_has_the_octets_of_the_standard(envelope: Envelope, octets: str) -> None:
    expected = bytes.fromhex(octets)
    assert encode_envelope(envelope) == expected
    assert decode_envelope(expected) == envelope


@given(envelopes)
def test_envelopes_come_back_as_they_were_written(envelope: Envelope) -> None:
    assert decode_envelope(encode_envelope(envelope)) == envelope


@given(st.sampled_from([0xD1, 0xD3, 0xD6, 0xD7]), st.binary(max_size=40))
def test_octets_are_an_envelope_or_malformed(template: int, octets: bytes) -> None:
    for each in (octets, bytes((template, len(octets))) + octets):
        try:
            envelope = decode_envelope(each)
        except MalformedError:
            continue
        assert decode_envelope(encode_envelope(envelope)) == envelope


def test_the_flag_on_the_service_centre_makes_no_difference() -> None:
    with_flag = bytes.fromhex("d110820283818607913306091000f08b0104")
    assert decode_envelope(with_flag) == SmsPpDownload(Address("33609001000"), b"\x04")


def test_an_unknown_object_is_kept_aside_where_it_may_be() -> None:
    envelope = decode_envelope(bytes.fromhex("d30a820201819001027e013f"))
    assert envelope == MenuSelection(2, unknown=(optional,))


@pytest.mark.parametrize(
    "octets",
    [
        "d3 82020181",  # no item
        "d3 900102",  # no device identities
        "d6 82028281 9b0102",  # no event
        "d6 990103 82028281",  # no status
        "d6 990112 82028381 f40102 f50102",  # no access technology
        "d1 82028381",  # no TPDU
    ],
)
def test_an_envelope_without_what_it_needs_misses_it(octets: str) -> None:
    with pytest.raises(MissingError):
        decode_envelope(packed(octets))


@pytest.mark.parametrize(
    "octets",
    [
        "d0 82020181 900102",  # a proactive command
        "d2 82028381",  # cell broadcast
        "d6 990104 82028281",  # an event that no card here asks for
        "d6 9901ff 82028281",  # no event
        "d6 990103 82028381 9b0102",  # the network does not tell of service
        "d3 82028281 900102",  # not the keypad
        "d3 82020181 900102 fe013f",  # an object that must be comprehended
        "d6 990103 82028281 9b0103",  # no such status
        "d3 82020181 90020102",  # two identifiers
    ],
)
def test_an_envelope_without_meaning_is_refused(octets: str) -> None:
    with pytest.raises(MalformedError):
        decode_envelope(packed(octets))


@pytest.mark.parametrize("octets", ["", "d3", "d30782020181900102d30782020181900102"])
def test_what_is_not_one_template_is_refused(octets: str) -> None:
    with pytest.raises(MalformedError):
        decode_envelope(bytes.fromhex(octets))


def test_an_envelope_that_no_command_can_carry_is_not_written() -> None:
    with pytest.raises(UnencodableError):
        encode_envelope(SmsPpDownload(None, bytes(250)))


@pytest.mark.parametrize("item", [-1, 256])
def test_an_item_out_of_range_is_not_written(item: int) -> None:
    with pytest.raises(UnencodableError):
        encode_envelope(MenuSelection(item))


def test_each_field_of_an_envelope_stands_where_its_object_does() -> None:
    octets = encode_envelope(MenuSelection(7))
    ((name, begin, end),) = envelope_places(MenuSelection(7), octets)
    assert (name, octets[begin:end]) == ("item", b"\x90\1\7")
