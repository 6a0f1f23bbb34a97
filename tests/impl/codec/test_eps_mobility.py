"""Tests of EPS mobility management: the standard's octets, pycrate's reading, and properties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrate_mobile.TS24301_EMM import EMMTypeMOClasses, EMMTypeMTClasses

from impl.codec.eps_identity import GUTI
from impl.codec.eps_mobility import (
    CAPABILITY,
    DETACH_AT_SWITCH_OFF,
    EMM_MESSAGES,
    ESM_DUMMY,
    SMS_ONLY_ASKED,
    SMS_ONLY_GRANTED,
    AttachAccept,
    AttachComplete,
    AttachKind,
    AttachReject,
    AttachRequest,
    DetachRequest,
    EmmMessage,
    EmmStatus,
    EmmType,
    EpsAuthenticationFailure,
    EpsAuthenticationReject,
    EpsAuthenticationRequest,
    EpsAuthenticationResponse,
    EpsIdentityRequest,
    EpsIdentityResponse,
    Halves,
    SecurityModeCommand,
    SecurityModeComplete,
    SecurityModeReject,
    TrackingAreaUpdateAccept,
    TrackingAreaUpdateReject,
    TrackingAreaUpdateRequest,
    decode_emm,
    timer_s,
)
from impl.codec.mobility import IMEI, TMSI, LocationArea
from impl.errors import MalformedError, UnencodableError
from impl.values import IMSI, PLMN

PLMN_1 = PLMN("20801")
AREA = LocationArea(PLMN_1, 1)
GIVEN = GUTI(PLMN_1, 1, 2, TMSI(b"\1\2\3\4"))
ATTACH = AttachRequest(
    Halves(AttachKind.COMBINED),
    IMSI("208010000000001"),
    CAPABILITY,
    ESM_DUMMY,
    None,
    SMS_ONLY_ASKED,
)
ACCEPT = AttachAccept(AttachKind.COMBINED, 0x49, AREA, ESM_DUMMY, GIVEN, AREA, SMS_ONLY_GRANTED)

octet = st.integers(0, 255)
half = st.integers(0, 15)
plmns = st.from_regex("[0-9]{5,6}", fullmatch=True).map(PLMN)
areas = st.builds(LocationArea, plmns, st.integers(0, 0xFFFF))
tmsis = st.binary(min_size=4, max_size=4).filter(lambda o: o != b"\xff" * 4).map(TMSI)
gutis = st.builds(GUTI, plmns, st.integers(0, 0xFFFF), octet, tmsis)
imsis = st.from_regex("[0-9]{6,15}", fullmatch=True).map(IMSI)
identities = imsis | gutis | st.from_regex("[0-9]{15}", fullmatch=True).map(IMEI)
containers = st.binary(min_size=3, max_size=300)
octets16 = st.binary(min_size=16, max_size=16)
messages = st.one_of(
    st.builds(
        AttachRequest,
        st.builds(Halves, half, half),
        identities,
        st.binary(min_size=2, max_size=13),
        containers,
        st.none() | areas,
        st.none() | half,
    ),
    st.builds(
        AttachAccept,
        half,
        octet,
        areas,
        containers,
        st.none() | gutis,
        st.none() | areas,
        st.none() | half,
    ),
    st.builds(AttachComplete, containers),
    st.builds(AttachReject, octet),
    st.builds(DetachRequest, st.builds(Halves, half, half), identities),
    st.builds(TrackingAreaUpdateRequest, st.builds(Halves, half, half), identities),
    st.builds(TrackingAreaUpdateAccept, half),
    st.builds(TrackingAreaUpdateReject, octet),
    st.builds(EpsAuthenticationRequest, half, octets16, octets16),
    st.builds(EpsAuthenticationResponse, st.binary(min_size=4, max_size=16)),
    st.builds(EpsAuthenticationFailure, octet, st.none() | st.binary(min_size=14, max_size=14)),
    st.just(EpsAuthenticationReject()),
    st.builds(EpsIdentityRequest, half),
    st.builds(EpsIdentityResponse, imsis | tmsis | st.none()),
    st.builds(SecurityModeCommand, octet, half, st.binary(min_size=2, max_size=5)),
    st.just(SecurityModeComplete()),
    st.builds(SecurityModeReject, octet),
    st.builds(EmmStatus, octet),
)


@given(messages)
def test_every_message_is_read_as_it_was_written(message: EmmMessage) -> None:
    assert decode_emm(message.encode()) == message


@given(st.binary(max_size=60))
def test_any_octets_are_read_or_refused_as_malformed(octets: bytes) -> None:
    try:
        message = decode_emm(octets)
    except MalformedError:
        return
    assert decode_emm(message.encode()) == message


@given(st.sampled_from(EmmType), st.binary(max_size=60))
def test_any_body_is_read_or_refused_as_malformed(kind: EmmType, body: bytes) -> None:
    try:
        message = decode_emm(bytes((0x07, kind)) + body)
    except MalformedError:
        return
    assert decode_emm(message.encode()) == message


@pytest.mark.parametrize(
    ("octet", "seconds"),
    [
        (0x49, 3240.0),
        (0x21, 60.0),
        (0x1F, 62.0),
        (0x00, 0.0),
        (0xE0, 0.0),
        (0xFF, 0.0),
        (0x62, 120.0),
    ],
)
def test_a_timer_counts_in_steps_of_its_unit(octet: int, seconds: float) -> None:
    assert timer_s(octet) == seconds


def test_every_type_has_its_message() -> None:
    assert EMM_MESSAGES.keys() == set(EmmType)


OF_NETWORK = {
    EmmType.ATTACH_ACCEPT,
    EmmType.ATTACH_REJECT,
    EmmType.AUTHENTICATION_REQUEST,
    EmmType.AUTHENTICATION_REJECT,
    EmmType.IDENTITY_REQUEST,
    EmmType.SECURITY_MODE_COMMAND,
    EmmType.TRACKING_AREA_UPDATE_ACCEPT,
    EmmType.TRACKING_AREA_UPDATE_REJECT,
}
WITHOUT_MEANING_THERE = {EmmType.ATTACH_REQUEST, EmmType.ATTACH_ACCEPT, EmmType.ATTACH_COMPLETE}
"""Messages whose container pycrate reads as session management, which random octets are not."""


@given(messages.filter(lambda one: one.message_type not in WITHOUT_MEANING_THERE))
def test_pycrate_reads_every_message_and_writes_the_same(message: EmmMessage) -> None:
    kind = message.message_type
    classes = EMMTypeMTClasses if kind in OF_NETWORK else EMMTypeMOClasses
    octets = message.encode()
    theirs = classes[kind]()
    theirs.from_bytes(octets)
    assert theirs.to_bytes() == octets


def test_pycrate_reads_the_fields_of_an_attach_that_we_mean() -> None:
    theirs = EMMTypeMOClasses[EmmType.ATTACH_REQUEST]()
    theirs.from_bytes(ATTACH.encode())
    said = theirs.get_val_d()
    assert said["NAS_KSI"]["NAS_KSI"]["Value"] == 7
    assert said["EPSAttachType"]["V"] == AttachKind.COMBINED
    assert theirs["EPSID"]["EPSID"].decode()[1] == ATTACH.identity


def test_an_attach_has_the_octets_of_the_standard() -> None:
    assert ATTACH.encode().hex() == (
        "0741"  # plain, ATTACH REQUEST
        "72"  # no key, combined attach
        "082980100000000010"  # IMSI of 15 digits
        "028020"  # EEA0, EIA2
        "00030200dc"  # a container of 3 octets: ESM DUMMY MESSAGE
        "f1"  # SMS only
    )


def test_an_acceptance_has_the_octets_of_the_standard() -> None:
    assert (
        ACCEPT.encode().hex()
        == (
            "0742"
            "02"  # combined
            "49"  # 9 times 6 minutes
            "060002f8100001"  # one tracking area
            "00030200dc"
            "500bf602f810000102010203" + "04"  # GUTI
            "1302f8100001"  # location area, without a length
            "f2"  # SMS only
        )
    )


def test_an_element_without_a_length_that_no_row_names_is_passed_over() -> None:
    octets = bytes.fromhex("0742 02 49 060002f8100001 00030200dc 53 12 f2".replace(" ", ""))
    accept = decode_emm(octets)
    assert accept == AttachAccept(AttachKind.COMBINED, 0x49, AREA, ESM_DUMMY, additional=2)


def test_an_element_of_a_long_length_that_no_row_names_is_passed_over() -> None:
    octets = AttachReject(2).encode() + bytes.fromhex("780003") + ESM_DUMMY
    assert decode_emm(octets) == AttachReject(2)


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        ("", "2 octets"),
        ("0541", "not a plain message"),
        ("2741", "not a plain message"),
        ("0799", "unknown type"),
        ("0744", "1 octets"),
        ("0742024907" + "2002f8100001", "7 octets"),
        ("0742024906" + "2002f8100001" + "00030200dc", "not of one area"),
        ("0743000202" + "00", "3 octets at least"),
        ("074172" + "05f401020304" + "028020" + "00030200dc", "a type that EPS does not know"),
        ("0753" + "03010203", "4 to 16 octets"),
        ("07440252", "5 octets"),
    ],
)
def test_octets_without_meaning_are_refused(octets: str, why: str) -> None:
    with pytest.raises(MalformedError, match=why):
        decode_emm(bytes.fromhex(octets))


def test_a_message_does_not_read_another() -> None:
    with pytest.raises(MalformedError, match="another message"):
        AttachAccept.decode(AttachReject(2).encode())


@pytest.mark.parametrize(
    "message",
    [
        AttachComplete(b"ab"),
        EpsAuthenticationResponse(b"abc"),
        DetachRequest(Halves(DETACH_AT_SWITCH_OFF, 16), GIVEN),
        AttachReject(256),
    ],
)
def test_values_that_fit_no_field_are_not_written(message: EmmMessage) -> None:
    with pytest.raises(UnencodableError):
        message.encode()


def test_the_fields_of_a_message_stand_behind_its_type() -> None:
    octets = AttachReject(11).encode()
    assert list(AttachReject.places(octets)) == [("cause", 2, 3)]
