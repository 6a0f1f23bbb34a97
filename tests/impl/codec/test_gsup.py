"""Tests of GSUP, among them the public vectors of Osmocom."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.gsup import (
    AlertReason,
    AuthTuple,
    CancelType,
    CnDomain,
    Gsup,
    GsupCause,
    GsupType,
    decode_gsup,
    refuse,
)
from impl.codec.gsup_elements import RpAddress, RpAddressKind
from impl.errors import MalformedError, TrailingError, TruncatedError, UnencodableError
from impl.values import IMSI, MSISDN, Secret

VECTORS = Path(__file__).parents[2] / "vectors" / "gsup.yaml"
CASES: list[dict[str, Any]] = yaml.safe_load(VECTORS.read_text())["vectors"]
SOME_IMSI = IMSI("123456789012345")

octet = st.integers(0, 255)
imsis = st.text("0123456789", min_size=6, max_size=15).map(IMSI)
numbers = st.text("0123456789", min_size=3, max_size=15).map(MSISDN)
rp_addresses = st.one_of(
    imsis.map(lambda imsi: RpAddress(RpAddressKind.IMSI, imsi)),
    numbers.map(lambda number: RpAddress(RpAddressKind.MSISDN, number)),
    numbers.map(lambda number: RpAddress(RpAddressKind.SERVICE_CENTRE, number)),
    st.just(RpAddress(RpAddressKind.NONE)),
)
names = st.text(st.characters(codec="ascii", exclude_characters="\0"), max_size=20)
blobs = st.binary(max_size=200)


def secrets(shortest: int, longest: int) -> st.SearchStrategy[Secret]:
    return st.binary(min_size=shortest, max_size=longest).map(Secret)


rands = st.binary(min_size=16, max_size=16)
tuples = st.builds(
    AuthTuple,
    rand=rands,
    sres=secrets(4, 4),
    kc=secrets(8, 8),
    ik=st.none() | secrets(16, 16),
    ck=st.none() | secrets(16, 16),
    autn=st.none() | rands,
    res=st.none() | secrets(4, 16),
)
messages = st.builds(
    Gsup,
    st.sampled_from(GsupType),
    imsi=st.none() | imsis,
    msisdn=st.none() | numbers,
    hlr_number=st.none() | numbers,
    cause=st.none() | octet,
    cancel_type=st.none() | st.sampled_from(CancelType),
    pdp_info_complete=st.booleans(),
    freeze_ptmsi=st.booleans(),
    pdp_infos=st.lists(blobs, max_size=2).map(tuple),
    auth_tuples=st.lists(tuples, max_size=5).map(tuple),
    auts=st.none() | st.binary(min_size=14, max_size=14),
    rand=st.none() | rands,
    cn_domain=st.none() | st.sampled_from(CnDomain),
    session_id=st.none() | st.integers(0, 0xFFFFFFFF),
    session_state=st.none() | octet,
    sm_rp_mr=st.none() | octet,
    sm_rp_da=st.none() | rp_addresses,
    sm_rp_oa=st.none() | rp_addresses,
    sm_rp_ui=st.none() | blobs,
    sm_rp_cause=st.none() | octet,
    sm_rp_mms=st.none() | octet,
    sm_alert_reason=st.none() | st.sampled_from(AlertReason),
    num_vectors=st.none() | octet,
    current_rat_type=st.none() | octet,
    source_name=st.none() | names,
    destination_name=st.none() | names,
    unknown=st.lists(st.tuples(st.integers(0x70, 0xFF), blobs), max_size=2).map(tuple),
)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_vectors_of_osmocom_are_read_and_written_the_same(case: dict[str, Any]) -> None:
    octets = bytes.fromhex(case["gsup"])
    message = decode_gsup(octets)
    assert message.encode() == octets
    assert message.imsi == case["imsi"]
    assert message.message_type == octets[0]
    assert not message.unknown


def test_every_vector_is_there() -> None:
    assert len(CASES) == 16


def test_elements_of_the_vectors_mean_what_they_say() -> None:
    by_id = {case["id"]: decode_gsup(bytes.fromhex(case["gsup"])) for case in CASES}
    forward = by_id["send_mt_forward_sm_req"]
    assert forward.sm_rp_da == RpAddress(RpAddressKind.IMSI, SOME_IMSI)
    assert forward.sm_rp_oa == RpAddress(RpAddressKind.SERVICE_CENTRE, MSISDN("255774999028"))
    assert (forward.sm_rp_mr, forward.sm_rp_ui) == (0xFA, b"\xde\xad\xbe\xef")
    umts = by_id["send_auth_info_res_umts"].auth_tuples
    assert [len(tuple_.res or b"") for tuple_ in umts] == [8, 8]
    assert by_id["location_cancellation_req"].cancel_type is CancelType.UPDATE
    assert by_id["update_location_res"].msisdn == MSISDN("491664234234")
    assert by_id["purge_ms_res"].freeze_ptmsi


@given(messages)
def test_every_message_is_read_as_it_was_written(message: Gsup) -> None:
    assert decode_gsup(message.encode()) == message


@given(st.sampled_from(GsupType), st.binary(max_size=80))
def test_any_elements_are_read_or_refused_as_malformed(kind: GsupType, body: bytes) -> None:
    octets = bytes((kind,)) + body
    try:
        message = decode_gsup(octets)
    except MalformedError:
        answer = refuse(octets)
        assert (answer is not None) == kind.is_request
        return
    assert decode_gsup(message.encode()) == message


def test_a_number_with_a_false_length_in_front_is_refused() -> None:
    with pytest.raises(MalformedError, match="neither"):
        decode_gsup(bytes.fromhex("10080705946146322443"))


def test_elements_may_come_in_any_order() -> None:
    assert decode_gsup(bytes.fromhex("1c060101010821436587092143f5")) == Gsup(
        GsupType.LOCATION_CANCEL_REQUEST, imsi=SOME_IMSI, cancel_type=CancelType.WITHDRAW
    )


def test_unknown_elements_are_handed_on() -> None:
    octets = bytes.fromhex("1c010821436587092143f57702abcd")
    assert decode_gsup(octets).unknown == ((0x77, b"\xab\xcd"),)
    assert decode_gsup(octets).encode() == octets


@pytest.mark.parametrize(
    ("octets", "error"),
    [
        ("", TruncatedError),
        ("03", MalformedError),  # no such type
        ("0401", TruncatedError),
        ("04010821", TruncatedError),
        ("04010821436587092143f5" * 2, MalformedError),  # the IMSI twice
        ("0401032143ff", MalformedError),  # 4 digits are no IMSI
        ("1c060102", MalformedError),  # no such type of cancelling
        ("0502020203", TrailingError),  # a cause of 2 octets
        ("0c070100", TrailingError),  # a flag with a value
        ("28410104", MalformedError),  # no such kind of address
        ("284102ff00", TrailingError),  # nobody, with digits
        ("0a03042102aabb", UnencodableError),  # SRES of 2 octets
        ("0a" + "0300" * 6, MalformedError),  # more than 5 tuples
        ("286001ff", MalformedError),  # a name that is not ASCII
    ],
)
def test_octets_without_meaning_are_refused(octets: str, error: type[MalformedError]) -> None:
    with pytest.raises(error):
        decode_gsup(bytes.fromhex(octets))


@pytest.mark.parametrize(
    "message",
    [
        Gsup(GsupType.UPDATE_LOCATION_REQUEST, cause=256),
        Gsup(GsupType.UPDATE_LOCATION_REQUEST, auts=b"short"),
        Gsup(GsupType.MO_FORWARD_SM_REQUEST, sm_rp_ui=bytes(256)),
        Gsup(GsupType.MO_FORWARD_SM_REQUEST, sm_rp_da=RpAddress(RpAddressKind.IMSI)),
        Gsup(GsupType.MO_FORWARD_SM_REQUEST, source_name="vlr\0"),
        Gsup(GsupType.SEND_AUTH_INFO_RESULT, auth_tuples=(AuthTuple(res=Secret(b"abc")),)),
    ],
)
def test_values_that_fit_no_element_are_not_written(message: Gsup) -> None:
    with pytest.raises(UnencodableError):
        message.encode()


def test_an_answer_repeats_the_references_of_its_request() -> None:
    request = Gsup(
        GsupType.MT_FORWARD_SM_REQUEST,
        imsi=SOME_IMSI,
        session_id=7,
        sm_rp_mr=9,
        sm_rp_ui=b"\1",
        source_name="smsc",
    )
    assert request.result() == Gsup(
        GsupType.MT_FORWARD_SM_RESULT,
        imsi=SOME_IMSI,
        session_id=7,
        sm_rp_mr=9,
        destination_name="smsc",
    )
    assert request.error(sm_rp_cause=27).message_type is GsupType.MT_FORWARD_SM_ERROR


def test_a_malformed_request_is_answered_with_a_cause() -> None:
    answer = refuse(bytes.fromhex("04010821436587092143f50203"))
    assert answer == Gsup(
        GsupType.UPDATE_LOCATION_ERROR,
        imsi=SOME_IMSI,
        cause=GsupCause.INVALID_MANDATORY_INFORMATION,
    )


@pytest.mark.parametrize("octets", ["", "05", "06010821", "ff", "0b", "03"])
def test_malformed_answers_are_not_answered(octets: str) -> None:
    assert refuse(bytes.fromhex(octets)) is None


@pytest.mark.parametrize("octets", ["0401", "040108", "0402", "04010821", "04", "0401032143ff"])
def test_a_malformed_request_without_readable_imsi_is_answered_without(octets: str) -> None:
    answer = refuse(bytes.fromhex(octets))
    assert answer is not None
    assert answer.imsi is None


def test_nothing_secret_is_shown() -> None:
    key = bytes(range(16))
    shown = repr(AuthTuple(rand=bytes(16), ik=Secret(key), ck=Secret(key), res=Secret(key)))
    assert repr(key) not in shown


def test_the_type_of_a_message_stands_first_and_its_elements_behind() -> None:
    octets = Gsup(GsupType.UPDATE_LOCATION_REQUEST, imsi=IMSI("208010000000001")).encode()
    places = {name: (begin, end) for name, begin, end in Gsup.places(octets)}
    assert places["message_type"] == (0, 1)
    assert places["imsi"] == (1, 11)
