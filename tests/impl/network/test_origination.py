"""Tests of what devices send: to servers, and to other devices."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from impl.codec.address import Address, TypeOfNumber
from impl.codec.gsup import Gsup, GsupType, decode_gsup
from impl.codec.gsup_elements import RpAddress, RpAddressKind
from impl.codec.relay import RpCause
from impl.codec.short_message import Deliver, DeliverReport, StatusReport, Submit, SubmitReport
from impl.codec.smpp import (
    BindTransceiver,
    CommandStatus,
    DeliverSm,
    DeliverSmResp,
    GenericNack,
    decode_smpp,
)
from impl.codec.timestamp import decode_timestamp
from impl.events import Command, Interface, Peer, Send, SetTimer, StopTimer
from impl.network import message_queue
from impl.network.delivery import HUB, Delivery
from impl.network.esme_sessions import EsmeSessions
from impl.network.origination import Origination
from impl.network.outcomes import Outcomes
from impl.network.records import SHORT_MESSAGE_CENTRE
from impl.network.smsc import SmscConfig
from impl.values import IMSI, MSISDN, Secret

LINK, OTHER_LINK = (Peer(Interface.SMPP, name) for name in ("application-server", "other"))
SERVER, SUBSCRIBER, FRIEND = MSISDN("33700"), MSISDN("33600000001"), MSISDN("33600000002")
OTHER = MSISDN("33701")
CONFIG = SmscConfig(
    MSISDN("33609"), {"as": (Secret(b"word"), SERVER), "other": (Secret(b"other"), OTHER)}
)
TO_SERVER = Submit(Address(SERVER), b"\x01\x02", pid=0x7F, dcs=0xF6, reference=3)
TO_FRIEND = Submit(Address(FRIEND), b"\x01\x02", dcs=0xF4, reference=3)


def from_device(tpdu: bytes | None) -> Gsup:
    return Gsup(
        GsupType.MO_FORWARD_SM_REQUEST,
        imsi=IMSI("208010000000001"),
        sm_rp_mr=9,
        sm_rp_oa=RpAddress(RpAddressKind.MSISDN, SUBSCRIBER),
        sm_rp_ui=tpdu,
        source_name="vlr",
    )


REQUEST = from_device(TO_SERVER.encode())


class Centre:
    """An SMSC without its doors."""

    def __init__(self, connection: Any, surroundings: Any) -> None:
        self.connection, self.surroundings = connection, surroundings
        self.sessions = EsmeSessions(CONFIG.esmes)
        outcomes = Outcomes(self.sessions, CONFIG.validity_s, surroundings)
        delivery = Delivery(CONFIG, surroundings, self.sessions, outcomes)
        self.node = Origination(self.sessions, delivery, CONFIG.validity_s, surroundings)

    def bind(self) -> None:
        self.sessions.bind(LINK, BindTransceiver(system_id="as", password=Secret(b"word")))
        bind = BindTransceiver(system_id="other", password=Secret(b"other"))
        self.sessions.bind(OTHER_LINK, bind)

    def take(self, request: Gsup | Submit) -> list[Command]:
        asked = request if isinstance(request, Gsup) else from_device(request.encode())
        return self.node.take(self.connection, asked)

    def answered(self, link: Peer, pdu: DeliverSmResp | GenericNack) -> list[Command]:
        return self.node.answered(self.connection, link, pdu)

    def waiting(self, number: MSISDN) -> list[message_queue.QueuedMessage]:
        return message_queue.first_two(self.connection, number)


@pytest.fixture
def centre(store_of: Any, surroundings: Any) -> Any:
    with store_of(SHORT_MESSAGE_CENTRE).begin() as connection:
        made = Centre(connection, surroundings)
        made.bind()
        yield made


def gsup_of(commands: list[Command]) -> list[Gsup]:
    sends = [command for command in commands if isinstance(command, Send)]
    return [decode_gsup(send.octets) for send in sends if send.target == HUB]


def delivered(commands: list[Command], link: Peer = LINK) -> DeliverSm:
    (send,) = [one for one in commands if isinstance(one, Send) and one.target == link]
    pdu = decode_smpp(send.octets)
    assert isinstance(pdu, DeliverSm)
    return pdu


def test_what_is_for_a_server_is_acknowledged_when_it_took_it(centre: Centre) -> None:
    commands = centre.take(REQUEST)
    assert gsup_of(commands) == []
    pdu = delivered(commands)
    assert (pdu.source_addr, pdu.destination_addr) == (SUBSCRIBER, SERVER)
    assert pdu.short_message == TO_SERVER.user_data
    timer = f"deliver/application-server/{pdu.sequence_number}"
    assert SetTimer(timer, 25.0) in commands
    answered = centre.answered(LINK, DeliverSmResp(0, pdu.sequence_number))
    (result,) = gsup_of(answered)
    assert result.message_type is GsupType.MO_FORWARD_SM_RESULT
    assert (result.sm_rp_mr, result.destination_name) == (9, "vlr")
    report = SubmitReport.decode(result.sm_rp_ui or b"")
    assert decode_timestamp(report.timestamp) == centre.surroundings.now()
    assert StopTimer(timer) in answered
    assert centre.answered(LINK, DeliverSmResp(0, pdu.sequence_number)) == []
    assert centre.waiting(SERVER) == []


def test_a_device_that_asks_hears_that_the_server_took_its_message(centre: Centre) -> None:
    pdu = delivered(centre.take(replace(TO_SERVER, status_report=True)))
    centre.surroundings.time_s += 7
    _, told = gsup_of(centre.answered(LINK, DeliverSmResp(0, pdu.sequence_number)))
    assert told.sm_rp_da == RpAddress(RpAddressKind.MSISDN, SUBSCRIBER)
    report = StatusReport.decode(told.sm_rp_ui or b"")
    assert (report.reference, report.recipient.digits, report.status) == (3, SERVER, 0)
    taken, done = decode_timestamp(report.timestamp), decode_timestamp(report.discharge_time)
    assert (done - taken, done) == (7, centre.surroundings.now())


def test_a_device_that_asks_hears_nothing_more_of_what_was_refused(centre: Centre) -> None:
    pdu = delivered(centre.take(replace(TO_SERVER, status_report=True)))
    refused = DeliverSmResp(CommandStatus.RX_P_APPN, pdu.sequence_number)
    assert len(gsup_of(centre.answered(LINK, refused))) == 1
    assert centre.waiting(SUBSCRIBER) == []


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (DeliverSmResp(CommandStatus.RX_T_APPN), RpCause.TEMPORARY_FAILURE),
        (DeliverSmResp(CommandStatus.RX_P_APPN), RpCause.TRANSFER_REJECTED),
        (GenericNack(CommandStatus.RINVCMDID), RpCause.TRANSFER_REJECTED),
        (GenericNack(), RpCause.TRANSFER_REJECTED),
    ],
)
def test_what_the_server_refuses_is_refused(
    centre: Centre, answer: DeliverSmResp | GenericNack, cause: RpCause
) -> None:
    pdu = delivered(centre.take(REQUEST))
    numbered = replace(answer, sequence_number=pdu.sequence_number)
    assert gsup_of(centre.answered(LINK, numbered)) == [REQUEST.error(sm_rp_cause=cause)]


def test_silence_of_the_server_is_a_failure_for_now(centre: Centre) -> None:
    pdu = delivered(centre.take(REQUEST))
    timer = f"deliver/application-server/{pdu.sequence_number}"
    error = REQUEST.error(sm_rp_cause=RpCause.TEMPORARY_FAILURE)
    assert gsup_of(centre.node.expire(timer)) == [error]
    assert centre.node.expire(timer) == []


def test_another_server_does_not_answer(centre: Centre) -> None:
    pdu = delivered(centre.take(REQUEST))
    assert centre.answered(OTHER_LINK, DeliverSmResp(0, pdu.sequence_number)) == []


def test_the_end_of_a_session_ends_what_waits_for_it_and_nothing_else(centre: Centre) -> None:
    pdu = delivered(centre.take(REQUEST))
    assert centre.node.end(OTHER_LINK) == []
    ended = centre.node.end(LINK)
    assert gsup_of(ended) == [REQUEST.error(sm_rp_cause=RpCause.TEMPORARY_FAILURE)]
    assert StopTimer(f"deliver/application-server/{pdu.sequence_number}") in ended


def test_a_server_that_is_not_bound_may_be_soon(centre: Centre) -> None:
    centre.sessions.end(LINK)
    error = REQUEST.error(sm_rp_cause=RpCause.TEMPORARY_FAILURE)
    assert gsup_of(centre.take(REQUEST)) == [error]


def test_a_message_goes_to_the_server_whose_number_it_names(centre: Centre) -> None:
    assert delivered(centre.take(REQUEST)).destination_addr == SERVER
    other = centre.take(Submit(Address(OTHER)))
    assert delivered(other, OTHER_LINK).destination_addr == OTHER


@pytest.mark.parametrize(
    ("request_", "cause"),
    [
        (from_device(DeliverReport().encode()), RpCause.SEMANTICALLY_INCORRECT),
        (from_device(b"\x01"), RpCause.INVALID_MANDATORY_INFORMATION),
        (from_device(None), RpCause.INVALID_MANDATORY_INFORMATION),
        (
            from_device(Submit(Address("12")).encode()),
            RpCause.INVALID_MANDATORY_INFORMATION,
        ),
        (replace(REQUEST, sm_rp_oa=None), RpCause.UNIDENTIFIED_SUBSCRIBER),
    ],
)
def test_what_has_no_meaning_is_refused(centre: Centre, request_: Gsup, cause: RpCause) -> None:
    assert gsup_of(centre.take(request_)) == [request_.error(sm_rp_cause=cause)]


def test_what_is_for_another_device_is_kept_acknowledged_and_sent(centre: Centre) -> None:
    result, forwarded = gsup_of(centre.take(TO_FRIEND))
    assert result.message_type is GsupType.MO_FORWARD_SM_RESULT
    assert SubmitReport.decode(result.sm_rp_ui or b"").failure_cause is None
    assert forwarded.sm_rp_da == RpAddress(RpAddressKind.MSISDN, FRIEND)
    deliver = Deliver.decode(forwarded.sm_rp_ui or b"")
    assert (deliver.originator.digits, deliver.user_data) == (SUBSCRIBER, b"\x01\x02")
    (kept,) = centre.waiting(FRIEND)
    assert kept.expires == centre.surroundings.now() + CONFIG.validity_s


def test_a_validity_period_counts_from_now(centre: Centre) -> None:
    centre.take(replace(TO_FRIEND, validity=b"\x0b"))
    (kept,) = centre.waiting(FRIEND)
    assert kept.expires == centre.surroundings.now() + 3600


def test_a_second_message_of_one_reference_is_a_duplicate_if_its_sender_says_so(
    centre: Centre,
) -> None:
    centre.take(TO_FRIEND)
    request = from_device(replace(TO_FRIEND, reject_duplicates=True).encode())
    (error,) = gsup_of(centre.take(request))
    assert error.message_type is GsupType.MO_FORWARD_SM_ERROR
    assert SubmitReport.decode(error.sm_rp_ui or b"").failure_cause == 0xC5
    assert len(centre.waiting(FRIEND)) == 1
    other = replace(TO_FRIEND, reject_duplicates=True, reference=4)
    assert gsup_of(centre.take(other))[0].message_type is GsupType.MO_FORWARD_SM_RESULT
    assert len(centre.waiting(FRIEND)) == 2


def test_what_is_said_again_without_that_is_kept_again(centre: Centre) -> None:
    centre.take(TO_FRIEND)
    centre.take(TO_FRIEND)
    assert len(centre.waiting(FRIEND)) == 2


@pytest.mark.parametrize(
    ("submit", "failure_cause"),
    [
        (replace(TO_FRIEND, pid=0x7F), 0xC4),
        (replace(TO_FRIEND, destination=Address(FRIEND, ton=TypeOfNumber.NATIONAL)), 0xC3),
        (replace(TO_FRIEND, validity=bytes.fromhex("42101021000000")), 0xC7),
        (replace(TO_FRIEND, validity=b"\x04" + bytes(6), validity_is_enhanced=True), 0xC7),
    ],
)
def test_what_is_not_served_is_refused_with_its_cause(
    centre: Centre, submit: Submit, failure_cause: int
) -> None:
    (error,) = gsup_of(centre.take(submit))
    assert error.sm_rp_cause == RpCause.TRANSFER_REJECTED
    assert SubmitReport.decode(error.sm_rp_ui or b"").failure_cause == failure_cause
    assert centre.waiting(FRIEND) == []
