"""Tests of the sessions of ESMEs and of what devices send to them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from impl.codec.address import Address
from impl.codec.gsup import Gsup, GsupType, decode_gsup
from impl.codec.gsup_elements import RpAddress, RpAddressKind
from impl.codec.relay import RpCause
from impl.codec.short_message import DeliverReport, Submit, SubmitReport
from impl.codec.smpp import (
    BindTransceiver,
    BindTransceiverResp,
    CommandStatus,
    DeliverSm,
    DeliverSmResp,
    GenericNack,
    Pdu,
    Unbind,
    UnbindResp,
    decode_smpp,
)
from impl.codec.timestamp import decode_timestamp
from impl.events import Command, Interface, Peer, Send, SetTimer, StopTimer
from impl.network.delivery import HUB
from impl.network.esme_sessions import EsmeSessions
from impl.values import IMSI, MSISDN, Secret

LINK = Peer(Interface.SMPP, "application-server")
OTHER_LINK = Peer(Interface.SMPP, "other")
SERVER, SUBSCRIBER = MSISDN("33700"), MSISDN("33600000001")
SUBMIT = Submit(Address(SERVER), b"\x01\x02", pid=0x7F, dcs=0xF6)
BIND = BindTransceiver(sequence_number=1, system_id="as", password=Secret(b"word"))
REQUEST = Gsup(
    GsupType.MO_FORWARD_SM_REQUEST,
    imsi=IMSI("208010000000001"),
    sm_rp_mr=9,
    sm_rp_oa=RpAddress(RpAddressKind.MSISDN, SUBSCRIBER),
    sm_rp_ui=SUBMIT.encode(),
    source_name="vlr",
)


@pytest.fixture
def sessions(surroundings: Any) -> EsmeSessions:
    esmes = {"as": (Secret(b"word"), SERVER), "other": (Secret(b"other"), MSISDN("33701"))}
    return EsmeSessions(esmes, surroundings)


def pdus_of(commands: list[Command], link: Peer = LINK) -> list[Pdu]:
    sends = [command for command in commands if isinstance(command, Send)]
    return [decode_smpp(send.octets) for send in sends if send.target == link]


def gsup_of(commands: list[Command]) -> list[Gsup]:
    sends = [command for command in commands if isinstance(command, Send)]
    return [decode_gsup(send.octets) for send in sends if send.target == HUB]


def delivered(commands: list[Command]) -> DeliverSm:
    (pdu,) = pdus_of(commands)
    assert isinstance(pdu, DeliverSm)
    return pdu


def with_ui(octets: bytes | None) -> Gsup:
    return replace(REQUEST, sm_rp_ui=octets)


def test_an_esme_with_the_password_is_bound(sessions: EsmeSessions) -> None:
    (response,) = pdus_of(sessions.bind(LINK, BIND))
    assert isinstance(response, BindTransceiverResp)
    assert (response.command_status, response.sequence_number) == (CommandStatus.ROK, 1)
    assert sessions.number_of(LINK) == SERVER
    assert sessions.number_of(OTHER_LINK) is None


@pytest.mark.parametrize(
    ("bind", "status"),
    [
        (BindTransceiver(system_id="as", password=Secret(b"wrong")), CommandStatus.RINVPASWD),
        (BindTransceiver(system_id="as"), CommandStatus.RINVPASWD),
        (BindTransceiver(system_id="who", password=Secret(b"word")), CommandStatus.RINVSYSID),
    ],
)
def test_an_esme_without_the_password_is_not_bound(
    sessions: EsmeSessions, bind: BindTransceiver, status: CommandStatus
) -> None:
    (response,) = pdus_of(sessions.bind(LINK, bind))
    assert response.command_status == status
    assert sessions.number_of(LINK) is None


def test_a_failed_bind_leaves_the_session_of_the_link(sessions: EsmeSessions) -> None:
    sessions.bind(LINK, BIND)
    sessions.bind(LINK, BindTransceiver(system_id="as"))
    assert sessions.number_of(LINK) == SERVER


def test_an_esme_unbinds(sessions: EsmeSessions) -> None:
    sessions.bind(LINK, BIND)
    assert pdus_of(sessions.unbind(LINK, Unbind(0, 2))) == [UnbindResp(0, 2)]
    assert sessions.number_of(LINK) is None
    assert pdus_of(sessions.unbind(LINK, Unbind(0, 3))) == [UnbindResp(CommandStatus.RINVBNDSTS, 3)]


def test_what_a_device_sends_is_acknowledged_when_the_esme_took_it(
    sessions: EsmeSessions, surroundings: Any
) -> None:
    sessions.bind(LINK, BIND)
    commands = sessions.forward(REQUEST)
    assert gsup_of(commands) == []
    pdu = delivered(commands)
    assert (pdu.source_addr, pdu.destination_addr) == (SUBSCRIBER, SERVER)
    assert pdu.short_message == SUBMIT.user_data
    timer = f"deliver/application-server/{pdu.sequence_number}"
    assert SetTimer(timer, 25.0) in commands
    answered = sessions.delivered(LINK, DeliverSmResp(0, pdu.sequence_number))
    (result,) = gsup_of(answered)
    assert result.message_type is GsupType.MO_FORWARD_SM_RESULT
    assert (result.sm_rp_mr, result.destination_name) == (9, "vlr")
    report = SubmitReport.decode(result.sm_rp_ui or b"")
    assert decode_timestamp(report.timestamp) == surroundings.now()
    assert StopTimer(timer) in answered
    assert sessions.delivered(LINK, DeliverSmResp(0, pdu.sequence_number)) == []


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (DeliverSmResp(CommandStatus.RX_T_APPN), RpCause.TEMPORARY_FAILURE),
        (DeliverSmResp(CommandStatus.RX_P_APPN), RpCause.TRANSFER_REJECTED),
        (GenericNack(CommandStatus.RINVCMDID), RpCause.TRANSFER_REJECTED),
        (GenericNack(), RpCause.TRANSFER_REJECTED),
    ],
)
def test_what_the_esme_refuses_is_refused(
    sessions: EsmeSessions, answer: DeliverSmResp | GenericNack, cause: RpCause
) -> None:
    sessions.bind(LINK, BIND)
    pdu = delivered(sessions.forward(REQUEST))
    numbered = replace(answer, sequence_number=pdu.sequence_number)
    assert gsup_of(sessions.delivered(LINK, numbered)) == [REQUEST.error(sm_rp_cause=cause)]


def test_silence_of_the_esme_is_a_failure_for_now(sessions: EsmeSessions) -> None:
    sessions.bind(LINK, BIND)
    pdu = delivered(sessions.forward(REQUEST))
    timer = f"deliver/application-server/{pdu.sequence_number}"
    error = REQUEST.error(sm_rp_cause=RpCause.TEMPORARY_FAILURE)
    assert gsup_of(sessions.expire(timer)) == [error]
    assert sessions.expire(timer) == []


def test_another_esme_does_not_answer(sessions: EsmeSessions) -> None:
    sessions.bind(LINK, BIND)
    pdu = delivered(sessions.forward(REQUEST))
    assert sessions.delivered(OTHER_LINK, DeliverSmResp(0, pdu.sequence_number)) == []


@pytest.mark.parametrize("end", ["unbind", "bind"])
def test_the_end_of_a_session_ends_what_is_under_way(sessions: EsmeSessions, end: str) -> None:
    sessions.bind(LINK, BIND)
    sessions.forward(REQUEST)
    commands = sessions.unbind(LINK, Unbind()) if end == "unbind" else sessions.bind(LINK, BIND)
    assert gsup_of(commands) == [REQUEST.error(sm_rp_cause=RpCause.TEMPORARY_FAILURE)]


@pytest.mark.parametrize(
    ("request_", "cause"),
    [
        (REQUEST, RpCause.TEMPORARY_FAILURE),  # known, not bound
        (with_ui(Submit(Address("33799")).encode()), RpCause.UNASSIGNED_NUMBER),
        (with_ui(DeliverReport().encode()), RpCause.SEMANTICALLY_INCORRECT),
        (with_ui(b"\x01"), RpCause.INVALID_MANDATORY_INFORMATION),
        (with_ui(None), RpCause.INVALID_MANDATORY_INFORMATION),
        (
            Gsup(GsupType.MO_FORWARD_SM_REQUEST, sm_rp_ui=SUBMIT.encode()),
            RpCause.UNIDENTIFIED_SUBSCRIBER,
        ),
    ],
)
def test_what_reaches_no_esme_is_refused(
    sessions: EsmeSessions, request_: Gsup, cause: RpCause
) -> None:
    assert gsup_of(sessions.forward(request_)) == [request_.error(sm_rp_cause=cause)]


def test_each_message_has_its_own_number(sessions: EsmeSessions) -> None:
    sessions.bind(LINK, BIND)
    numbers = [delivered(sessions.forward(REQUEST)).sequence_number for _ in range(3)]
    assert numbers == [1, 2, 3]


def test_a_message_goes_to_the_esme_whose_number_it_names(sessions: EsmeSessions) -> None:
    sessions.bind(OTHER_LINK, BindTransceiver(system_id="other", password=Secret(b"other")))
    sessions.bind(LINK, BIND)
    assert delivered(sessions.forward(REQUEST)).destination_addr == SERVER
    other = with_ui(Submit(Address("33701")).encode())
    assert len(pdus_of(sessions.forward(other), OTHER_LINK)) == 1
