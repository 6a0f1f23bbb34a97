"""Tests of the mobility management messages."""

from __future__ import annotations

import pycrate_mobile.TS24008_MM
import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.mobility import (
    IMEI,
    MESSAGES,
    NO_KEY,
    TMSI,
    AuthenticationFailure,
    AuthenticationReject,
    AuthenticationRequest,
    AuthenticationResponse,
    IdentityKind,
    IdentityRequest,
    IdentityResponse,
    ImsiDetachIndication,
    LocationArea,
    LocationUpdatingAccept,
    LocationUpdatingReject,
    LocationUpdatingRequest,
    MmMessage,
    MmStatus,
    MmType,
    MobileIdentity,
    RejectCause,
    TmsiReallocationComplete,
    Updating,
    UpdatingType,
    decode_mm,
)
from impl.errors import MalformedError, TruncatedError, UnencodableError
from impl.values import IMSI, PLMN

ATTACH = LocationUpdatingRequest(
    UpdatingType(Updating.IMSI_ATTACH),
    LocationArea(None, 0xFFFE),
    classmark=0x33,
    identity=IMSI("262011106487504"),
)

imsis = st.text("0123456789", min_size=6, max_size=15).map(IMSI)
imeis = st.text("0123456789", min_size=15, max_size=16).map(IMEI)
tmsis = st.binary(min_size=4, max_size=4).filter(lambda octets: octets != b"\xff" * 4).map(TMSI)
identities: st.SearchStrategy[MobileIdentity] = imsis | imeis | tmsis | st.none()
plmns = st.text("0123456789", min_size=5, max_size=6).map(PLMN)
areas = st.builds(LocationArea, st.none() | plmns, st.integers(0, 0xFFFF))
octet = st.integers(0, 255)
updatings = st.builds(
    UpdatingType, st.sampled_from(Updating), st.integers(0, NO_KEY), st.booleans()
)
messages: st.SearchStrategy[MmMessage] = st.one_of(
    st.builds(LocationUpdatingRequest, updatings, areas, octet, identities),
    st.builds(LocationUpdatingAccept, areas, imsis | imeis | tmsis | st.none()),
    st.builds(LocationUpdatingReject, octet),
    st.builds(
        AuthenticationRequest,
        st.integers(0, 15),
        st.binary(min_size=16, max_size=16),
        st.none() | st.binary(min_size=16, max_size=16),
    ),
    st.binary(min_size=4, max_size=16).map(AuthenticationResponse.of),
    st.builds(AuthenticationFailure, octet, st.none() | st.binary(min_size=14, max_size=14)),
    st.just(AuthenticationReject()),
    st.builds(ImsiDetachIndication, octet, identities),
    st.builds(IdentityRequest, st.integers(0, 15)),
    st.builds(IdentityResponse, identities),
    st.just(TmsiReallocationComplete()),
    st.builds(MmStatus, octet),
)


@given(messages)
def test_every_message_is_read_as_it_was_written(message: MmMessage) -> None:
    assert decode_mm(message.encode()) == message


PYCRATE = {
    "AuthenticationFailure": "MMAuthenticationFailure",
    "AuthenticationReject": "MMAuthenticationReject",
    "AuthenticationRequest": "MMAuthenticationRequest",
    "AuthenticationResponse": "MMAuthenticationResponse",
    "IdentityRequest": "MMIdentityRequest",
    "IdentityResponse": "MMIdentityResponse",
    "ImsiDetachIndication": "MMIMSIDetachIndication",
    "LocationUpdatingAccept": "MMLocationUpdatingAccept",
    "LocationUpdatingReject": "MMLocationUpdatingReject",
    "LocationUpdatingRequest": "MMLocationUpdatingRequest",
    "MmStatus": "MMStatus",
    "TmsiReallocationComplete": "MMTMSIReallocationComplete",
}


@given(messages)
def test_pycrate_reads_every_message_and_writes_the_same(message: MmMessage) -> None:
    octets = message.encode()
    theirs = getattr(pycrate_mobile.TS24008_MM, PYCRATE[type(message).__name__])()
    theirs.from_bytes(octets)
    assert theirs.to_bytes() == octets
    assert theirs["MMHeader"]["Type"].get_val() == message.message_type


def test_pycrate_reads_the_fields_that_we_mean() -> None:
    theirs = pycrate_mobile.TS24008_MM.MMLocationUpdatingRequest()
    theirs.from_bytes(ATTACH.encode())
    fields = theirs.get_val_d()
    assert fields["CKSN"]["V"] == NO_KEY
    assert fields["LocUpdateType"]["LocUpdateType"]["Type"] == Updating.IMSI_ATTACH
    assert fields["LAI"]["LAI"]["LAC"] == 0xFFFE
    assert theirs["ID"]["ID"].decode() == (IdentityKind.IMSI, ATTACH.identity)


@given(st.binary(max_size=60))
def test_any_octets_are_read_or_refused_as_malformed(octets: bytes) -> None:
    try:
        message = decode_mm(octets)
    except MalformedError:
        return
    assert decode_mm(message.encode()) == message


@given(st.sampled_from(MmType), st.binary(max_size=40))
def test_any_body_is_read_or_refused_as_malformed(kind: MmType, body: bytes) -> None:
    try:
        message = decode_mm(bytes((0x05, kind)) + body)
    except MalformedError:
        return
    assert decode_mm(message.encode()) == message


def test_every_type_has_its_message() -> None:
    assert MESSAGES.keys() == set(MmType)


def test_an_imsi_attach_has_the_octets_of_the_standard() -> None:
    # TS 24.008: no key is 7; a deleted location area has LAC FFFE; an IMSI of 15 digits is odd.
    assert ATTACH.encode().hex() == "050872fffffffffe33082926101160845740"


def test_a_location_area_has_the_network_in_swapped_digits() -> None:
    accept = LocationUpdatingAccept(LocationArea(PLMN("20801"), 0x0001), TMSI(b"\x01\x02\x03\x04"))
    assert accept.encode().hex() == "050202f81000011705f401020304"


def test_a_location_area_stands_in_other_protocols_as_in_this() -> None:
    assert LocationArea(PLMN("20801"), 1).octets.hex() == "02f8100001"
    with pytest.raises(UnencodableError):
        _ = LocationArea(None, 0x10000).octets


def test_a_response_longer_than_sres_goes_on_in_its_extension() -> None:
    response = AuthenticationResponse.of(bytes.fromhex("a54211d5e3ba50bf"))
    assert response.encode().hex() == "0514a54211d52104e3ba50bf"
    assert response.res.hex() == "a54211d5e3ba50bf"


def test_a_response_of_gsm_has_no_extension() -> None:
    response = AuthenticationResponse.of(bytes.fromhex("a54211d5"))
    assert response.encode().hex() == "0514a54211d5"
    assert response.extension is None


def test_a_synch_failure_carries_auts() -> None:
    failure = AuthenticationFailure(RejectCause.SYNCH_FAILURE, bytes(range(14)))
    assert failure.encode().hex() == "051c15220e" + bytes(range(14)).hex()


def test_the_send_sequence_number_is_not_part_of_the_type() -> None:
    assert decode_mm(bytes.fromhex("0554a54211d5")) == AuthenticationResponse(b"\xa5\x42\x11\xd5")


def test_an_unknown_element_that_need_not_be_understood_is_ignored() -> None:
    accept = decode_mm(bytes.fromhex("050202f8100001a14a0302f8101705f401020304"))
    assert accept == LocationUpdatingAccept(LocationArea(PLMN("20801"), 1), TMSI(b"\1\2\3\4"))


def test_an_unknown_element_that_has_to_be_understood_is_refused() -> None:
    with pytest.raises(MalformedError, match="has to be understood"):
        decode_mm(bytes.fromhex("050202f81000010f00"))


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        ("", "2 octets"),
        ("05", "2 octets"),
        ("0608", "not of mobility management"),
        ("1508", "not of mobility management"),
        ("0509", "unknown type"),
        ("050873fffffffffe33082926101160845740", "reserved type"),
        ("050872fffffffffe33092926101160845740", "9 octets"),
        ("050872fffffffffe3305f501020304", "reserved type"),
        ("050872fffffffffe3305f4ffffffff", "all ones"),
        ("050872fffffffffe33082126101160845740", "parity"),
        ("050872fffffffffe3300", "1 octets"),
        ("050872ff8100fffe33082926101160845740", "PLMN"),
        ("0519082b26101160845740", "another number of digits"),
        ("051c15220d" + "00" * 13, "14 octets"),
        ("0504", "1 octets"),
    ],
)
def test_octets_without_meaning_are_refused(octets: str, why: str) -> None:
    with pytest.raises(MalformedError, match=why):
        decode_mm(bytes.fromhex(octets))


def test_a_message_does_not_read_another() -> None:
    with pytest.raises(MalformedError, match="another message"):
        LocationUpdatingAccept.decode(LocationUpdatingReject(2).encode())


def test_values_that_fit_no_field_are_not_written() -> None:
    too_high = LocationUpdatingRequest(
        UpdatingType(Updating.NORMAL, 8), LocationArea(None, 0), 0, None
    )
    with pytest.raises(UnencodableError):
        too_high.encode()
    with pytest.raises(UnencodableError):
        LocationUpdatingAccept(LocationArea(None, 0x10000)).encode()
    with pytest.raises(UnencodableError):
        AuthenticationRequest(0, b"short").encode()


@pytest.mark.parametrize("octets", [b"", b"\x01\x02\x03", b"\xff" * 4])
def test_a_tmsi_is_4_octets_and_not_all_ones(octets: bytes) -> None:
    with pytest.raises(MalformedError):
        TMSI(octets)


@pytest.mark.parametrize("text", ["", "1" * 14, "1" * 17, "12345678901234x"])
def test_an_imei_is_15_or_16_digits(text: str) -> None:
    with pytest.raises(MalformedError):
        IMEI(text)


def test_a_request_for_an_identity_names_its_kind() -> None:
    assert IdentityRequest(IdentityKind.IMSI).encode().hex() == "051801"


def test_a_cut_off_message_says_what_is_missing() -> None:
    with pytest.raises(TruncatedError, match="LocationUpdatingRequest"):
        decode_mm(ATTACH.encode()[:9])


def test_the_fields_of_a_message_stand_behind_its_type() -> None:
    octets = AuthenticationRequest(1, bytes(16), bytes(16)).encode()
    places = [("key_sequence", 2, 3), ("rand", 3, 19), ("autn", 19, 37)]
    assert list(AuthenticationRequest.places(octets)) == places
    assert list(AuthenticationRequest.places(octets[:19])) == places[:2]
