"""Tests of terminal responses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.proactive import GetInkey, ProvideLocalInformation
from impl.codec.terminal_response import NO, YES, TerminalResponse
from impl.codec.tlv import ComprehensionTlv
from impl.codec.toolkit_values import (
    CommandType,
    GeneralResult,
    GetInkeyFlag,
    LocalInformation,
    TerminalProblem,
)
from impl.errors import MalformedError, MissingError, UnencodableError

octet = st.integers(0, 255)
results = st.sampled_from(GeneralResult)
ASK = GetInkey("Change operator?", qualifier=GetInkeyFlag.YES_NO)
WHERE = ProvideLocalInformation(LocalInformation.LOCATION)

responses = st.builds(
    TerminalResponse,
    octet,
    octet.filter(lambda command_type: command_type != CommandType.PROVIDE_LOCAL_INFORMATION),
    octet,
    results,
    st.binary(max_size=3),
    st.none() | st.text("abz19\u0417", max_size=10),
    st.none() | octet,
    others=st.sampled_from([(), (ComprehensionTlv(0x62, b"\1"),)]),
)


@given(responses)
def test_responses_come_back_as_they_were_written(response: TerminalResponse) -> None:
    assert TerminalResponse.decode(response.encode()) == response


@given(st.sampled_from(LocalInformation), st.binary(max_size=8))
def test_local_information_comes_back_where_it_has_an_object(
    wanted: LocalInformation, value: bytes
) -> None:
    response = TerminalResponse.to(
        1, ProvideLocalInformation(wanted), GeneralResult.OK, local_information=value
    )
    try:
        octets = response.encode()
    except UnencodableError:
        assert value
        return
    assert TerminalResponse.decode(octets) == response


@given(st.binary(max_size=40))
def test_octets_are_a_response_or_malformed(octets: bytes) -> None:
    head = bytes.fromhex("810301260082028281830100")
    for each in (octets, head + octets):
        try:
            response = TerminalResponse.decode(each)
        except MalformedError:
            continue
        assert TerminalResponse.decode(response.encode()) == response


def test_a_response_answers_the_command_with_its_number_type_and_qualifier() -> None:
    response = TerminalResponse.to(7, ASK, GeneralResult.OK, text=YES)
    assert response.encode() == bytes.fromhex("810307220482028281830100 8d020401")


def test_yes_is_told_from_no_and_from_silence() -> None:
    said_yes = TerminalResponse.to(1, ASK, GeneralResult.OK, text=YES)
    said_no = TerminalResponse.to(1, ASK, GeneralResult.OK, text=NO)
    silent = TerminalResponse.to(1, ASK, GeneralResult.NO_RESPONSE)
    back = [TerminalResponse.decode(each.encode()).is_yes for each in (said_yes, said_no, silent)]
    assert back == [True, False, False]


def test_yes_counts_only_if_the_question_was_put() -> None:
    assert not TerminalResponse.to(1, ASK, GeneralResult.BACKWARD_MOVE, text=YES).is_yes


def test_the_reason_stands_behind_the_result() -> None:
    response = TerminalResponse.to(
        1, WHERE, GeneralResult.TERMINAL_UNABLE, additional=bytes((TerminalProblem.NO_SERVICE,))
    )
    assert response.encode() == bytes.fromhex("81030126008202828183022004")


def test_the_object_of_local_information_is_that_which_was_asked_for() -> None:
    octets = bytes.fromhex("810301260082028281830100930700f11000010001")
    response = TerminalResponse.decode(octets)
    assert response.local_information == bytes.fromhex("00f11000010001")
    assert response.encode() == octets


def test_local_information_that_nobody_asked_for_is_not_written() -> None:
    with pytest.raises(UnencodableError):
        TerminalResponse.to(1, ASK, GeneralResult.OK, local_information=b"\0").encode()


def test_local_information_that_nobody_asked_for_is_set_aside_on_reception() -> None:
    octets = bytes.fromhex("810301220082028281830100930700f11000010001")
    response = TerminalResponse.decode(octets)
    assert response.local_information == b""
    assert response.others == (ComprehensionTlv(0x13, octets[-7:]),)


@pytest.mark.parametrize(
    "octets",
    [
        "",
        "82028281830100",  # no command details
        "8103012500830100",  # no device identities
        "810301250082028281",  # no result
    ],
)
def test_a_response_without_what_it_needs_misses_it(octets: str) -> None:
    with pytest.raises(MissingError):
        TerminalResponse.decode(bytes.fromhex(octets))


@pytest.mark.parametrize(
    "octets",
    [
        "810301250082028182830100",  # the card speaks
        "8103012500820282818300",  # empty result
        "8103012500820282818301ff",  # no such result
        "81020125820282818301ff",
        "8103012500820282818301009000",  # item without identifier
        "8103012500820282818301008d020c41",  # text in no alphabet
    ],
)
def test_a_response_without_meaning_is_refused(octets: str) -> None:
    with pytest.raises(MalformedError):
        TerminalResponse.decode(bytes.fromhex(octets))


def test_a_response_that_no_command_can_carry_is_not_written() -> None:
    with pytest.raises(UnencodableError):
        TerminalResponse.to(1, ASK, GeneralResult.OK, text="x" * 250).encode()


def test_what_the_user_typed_is_not_shown() -> None:
    assert "4711" not in repr(TerminalResponse.to(1, ASK, GeneralResult.OK, text="4711"))
