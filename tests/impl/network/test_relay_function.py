"""Tests of the relay of short messages at a VLR."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from impl.codec.address import Address
from impl.codec.gsup import AlertReason, Gsup, GsupType, decode_gsup
from impl.codec.gsup_elements import RpAddress, RpAddressKind
from impl.codec.mobility import TMSI
from impl.codec.relay import RpAck, RpCause, RpData, RpError, RpMessage, RpSmma, decode_rp
from impl.events import Command, Interface, Peer, Send, SetTimer, StopTimer
from impl.network.relay_function import RelayFunction
from impl.network.visitors import Visitor, Visitors
from impl.values import IMSI, MSISDN

DEVICE = "8933010000000000017"
VISITOR = Visitor(IMSI("208010000000001"), DEVICE, "hlr", TMSI(b"\0\0\0\1"), MSISDN("33600000001"))
CENTRE = MSISDN("33609")
TPDU = b"\x01\x02\x03"
UPLINK = RpData(5, None, Address(CENTRE), TPDU)
REQUEST = Gsup(
    GsupType.MT_FORWARD_SM_REQUEST,
    imsi=VISITOR.imsi,
    sm_rp_mr=9,
    sm_rp_oa=RpAddress(RpAddressKind.SERVICE_CENTRE, CENTRE),
    sm_rp_ui=TPDU,
    source_name="smsc",
)


@pytest.fixture
def relay() -> RelayFunction:
    visitors = Visitors()
    visitors.enter(VISITOR)
    return RelayFunction(visitors)


def tell(relay: RelayFunction, message: RpMessage, device: str = DEVICE) -> list[Command]:
    return relay.take(device, message.encode())


def rp_of(commands: list[Command], device: str = DEVICE) -> list[RpMessage]:
    sends = [command for command in commands if isinstance(command, Send)]
    return [
        decode_rp(send.octets, from_network=True)
        for send in sends
        if send.target == Peer(Interface.SM, device)
    ]


def gsup_of(commands: list[Command]) -> list[Gsup]:
    sends = [command for command in commands if isinstance(command, Send)]
    return [
        decode_gsup(send.octets) for send in sends if send.target == Peer(Interface.GSUP, "hlr")
    ]


def test_what_a_subscriber_sends_goes_to_the_home_register(relay: RelayFunction) -> None:
    commands = tell(relay, UPLINK)
    (request,) = gsup_of(commands)
    assert (request.imsi, request.sm_rp_mr, request.sm_rp_ui) == (VISITOR.imsi, 5, TPDU)
    assert request.sm_rp_da == RpAddress(RpAddressKind.SERVICE_CENTRE, CENTRE)
    assert request.sm_rp_oa == RpAddress(RpAddressKind.MSISDN, VISITOR.msisdn)
    assert rp_of(commands) == []


def test_a_device_hears_of_success_only_after_the_service_centre(relay: RelayFunction) -> None:
    (request,) = gsup_of(tell(relay, UPLINK))
    commands = relay.take_answer("hlr", request.result(sm_rp_ui=b"\1\0"))
    assert rp_of(commands) == [RpAck(5, b"\1\0")]
    assert StopTimer(f"mo/{VISITOR.imsi}/5") in commands
    assert relay.take_answer("hlr", request.result()) == []


def test_a_device_hears_of_failure(relay: RelayFunction) -> None:
    (request,) = gsup_of(tell(relay, UPLINK))
    error = request.error(sm_rp_cause=RpCause.UNASSIGNED_NUMBER)
    assert rp_of(relay.take_answer("hlr", error)) == [RpError(5, RpCause.UNASSIGNED_NUMBER)]
    (request,) = gsup_of(tell(relay, UPLINK))
    assert rp_of(relay.take_answer("hlr", request.error())) == [
        RpError(5, RpCause.NETWORK_OUT_OF_ORDER)
    ]


def test_a_device_hears_of_silence(relay: RelayFunction) -> None:
    timer = f"mo/{VISITOR.imsi}/5"
    assert SetTimer(timer, 35.0) in tell(relay, UPLINK)
    assert rp_of(relay.expire(timer)) == [RpError(5, RpCause.NETWORK_OUT_OF_ORDER)]
    assert relay.expire(timer) == []


def test_what_is_said_again_while_it_waits_is_not_sent_twice(relay: RelayFunction) -> None:
    assert gsup_of(tell(relay, UPLINK)) != []
    assert tell(relay, UPLINK) == []


def test_another_register_does_not_answer(relay: RelayFunction) -> None:
    (request,) = gsup_of(tell(relay, UPLINK))
    assert relay.take_answer("20802", request.result()) == []
    assert rp_of(relay.take_answer("hlr", request.result())) == [RpAck(5)]


def test_a_report_that_fits_in_no_relay_message_is_left_out(relay: RelayFunction) -> None:
    (request,) = gsup_of(tell(relay, UPLINK))
    assert rp_of(relay.take_answer("hlr", request.result(sm_rp_ui=bytes(233)))) == [RpAck(5)]


@pytest.mark.parametrize("message", [UPLINK, RpSmma(5)])
def test_a_device_that_is_not_attached_sends_nothing(
    relay: RelayFunction, message: RpMessage
) -> None:
    commands = tell(relay, message, "stranger")
    assert gsup_of(commands) == []
    assert rp_of(commands, "stranger") == [RpError(5, RpCause.UNIDENTIFIED_SUBSCRIBER)]


def test_a_service_centre_without_number_is_refused(relay: RelayFunction) -> None:
    commands = tell(relay, RpData(5, None, Address("*33609"), TPDU))
    assert rp_of(commands) == [RpError(5, RpCause.SEMANTICALLY_INCORRECT)]


def test_a_subscriber_without_number_is_nobody_in_particular() -> None:
    visitors = Visitors()
    visitors.enter(Visitor(VISITOR.imsi, DEVICE, "hlr", VISITOR.tmsi, None))
    (request,) = gsup_of(tell(RelayFunction(visitors), UPLINK))
    assert request.sm_rp_oa == RpAddress(RpAddressKind.NONE)


def test_memory_that_is_free_again_is_reported(relay: RelayFunction) -> None:
    (request,) = gsup_of(tell(relay, RpSmma(5)))
    assert request.message_type is GsupType.READY_FOR_SM_REQUEST
    assert request.sm_alert_reason is AlertReason.MEMORY_AVAILABLE
    assert rp_of(relay.take_answer("hlr", request.result())) == [RpAck(5)]


@pytest.mark.parametrize(
    ("octets", "answered"),
    [
        ("0005", True),
        ("000500049133", True),
        ("060530", True),
        ("00", False),
        ("", False),
        ("0205ff", False),
        ("0405", False),
        ("0105", False),
        ("0705", False),
    ],
)
def test_malformed_requests_are_refused_and_malformed_answers_ignored(
    relay: RelayFunction,
    octets: str,
    answered: bool,  # noqa: FBT001 - parametrized
) -> None:
    commands = relay.take(DEVICE, bytes.fromhex(octets))
    expected = [RpError(5, RpCause.INVALID_MANDATORY_INFORMATION)] if answered else []
    assert rp_of(commands) == expected
    assert gsup_of(commands) == []


def test_a_short_message_reaches_the_device_and_its_report_goes_back(relay: RelayFunction) -> None:
    commands = relay.deliver("hlr", REQUEST)
    (data,) = rp_of(commands)
    assert data == RpData(data.reference, Address(CENTRE), None, TPDU)
    timer = f"mt/{DEVICE}/{data.reference}"
    assert SetTimer(timer, 40.0) in commands
    answered = tell(relay, RpAck(data.reference, b"\0\0"))
    assert answered[0] == StopTimer(timer)
    assert gsup_of(answered) == [REQUEST.result(sm_rp_ui=b"\0\0")]
    assert tell(relay, RpAck(data.reference)) == []


def test_a_device_that_does_not_take_it_says_why(relay: RelayFunction) -> None:
    (data,) = rp_of(relay.deliver("hlr", REQUEST))
    error = RpError(data.reference, RpCause.MEMORY_EXCEEDED, b"\0\xd0")
    assert gsup_of(tell(relay, error)) == [
        REQUEST.error(sm_rp_cause=RpCause.MEMORY_EXCEEDED, sm_rp_ui=b"\0\xd0")
    ]


def test_a_device_that_does_not_answer_is_out_of_order(relay: RelayFunction) -> None:
    (data,) = rp_of(relay.deliver("hlr", REQUEST))
    late = gsup_of(relay.expire(f"mt/{DEVICE}/{data.reference}"))
    assert late == [REQUEST.error(sm_rp_cause=RpCause.DESTINATION_OUT_OF_ORDER)]
    assert tell(relay, RpAck(data.reference)) == []


def test_another_device_does_not_report(relay: RelayFunction) -> None:
    (data,) = rp_of(relay.deliver("hlr", REQUEST))
    assert tell(relay, RpAck(data.reference), "stranger") == []


def test_a_receiver_who_is_not_here_is_out_of_order() -> None:
    commands = RelayFunction(Visitors()).deliver("hlr", REQUEST)
    assert gsup_of(commands) == [REQUEST.error(sm_rp_cause=RpCause.DESTINATION_OUT_OF_ORDER)]
    assert rp_of(commands) == []


def test_a_register_reaches_its_own_subscribers_only(relay: RelayFunction) -> None:
    (command,) = relay.deliver("20802", REQUEST)
    assert isinstance(command, Send)
    assert command.target.name == "20802"
    assert decode_gsup(command.octets).sm_rp_cause == RpCause.DESTINATION_OUT_OF_ORDER


@pytest.mark.parametrize(
    "lacking",
    [
        {"sm_rp_ui": None},
        {"sm_rp_ui": b""},
        {"sm_rp_ui": bytes(233)},
        {"sm_rp_oa": None},
        {"sm_rp_oa": RpAddress(RpAddressKind.MSISDN, CENTRE)},
    ],
)
def test_a_request_that_lacks_something_is_refused(
    relay: RelayFunction, lacking: dict[str, Any]
) -> None:
    (answer,) = gsup_of(relay.deliver("hlr", replace(REQUEST, **lacking)))
    assert answer.sm_rp_cause == RpCause.INVALID_MANDATORY_INFORMATION


def test_messages_under_way_have_different_references(relay: RelayFunction) -> None:
    references = {rp_of(relay.deliver("hlr", REQUEST))[0].reference for _ in range(256)}
    assert len(references) == 256
    (answer,) = gsup_of(relay.deliver("hlr", REQUEST))
    assert answer.sm_rp_cause == RpCause.CONGESTION
