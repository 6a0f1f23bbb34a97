"""Tests of the VLR as a node."""

from __future__ import annotations

from typing import Any

import pytest

from impl.codec.address import Address
from impl.codec.gsup import CancelType, Gsup, GsupCause, GsupType, decode_gsup
from impl.codec.mobility import (
    TMSI,
    LocationArea,
    LocationUpdatingReject,
    LocationUpdatingRequest,
    MmStatus,
    RejectCause,
    Updating,
    UpdatingType,
    decode_mm,
)
from impl.codec.relay import RpAck, RpData
from impl.events import Arrived, Expired, Interface, Peer, Send, SetTimer, Started
from impl.network.visitors import Visitor
from impl.network.vlr import Vlr, VlrConfig
from impl.values import ICCID, IMSI, MSISDN, PLMN

DEVICE = ICCID("8933010000000000017")
SUBSCRIBER = IMSI("208010000000001")
HOME = Peer(Interface.GSUP, "hlr")


@pytest.fixture
def vlr(surroundings: Any) -> Vlr:
    node = Vlr(VlrConfig(PLMN("20801"), partners={PLMN("208011"): "208011"}), surroundings)
    number = MSISDN("33600000001")
    node._visitors.enter(Visitor(SUBSCRIBER, DEVICE, "hlr", TMSI(b"\0\0\0\1"), number))
    return node


def cancel(vlr: Vlr, home: str = "hlr", imsi: IMSI = SUBSCRIBER) -> Gsup:
    request = Gsup(GsupType.LOCATION_CANCEL_REQUEST, imsi=imsi, cancel_type=CancelType.WITHDRAW)
    (command,) = vlr.handle(Arrived(Peer(Interface.GSUP, home), request.encode()))
    assert isinstance(command, Send)
    assert command.target == Peer(Interface.GSUP, home)
    return decode_gsup(command.octets)


def test_a_cancelled_subscriber_is_detached(vlr: Vlr) -> None:
    assert cancel(vlr).message_type is GsupType.LOCATION_CANCEL_RESULT
    assert not vlr.is_attached(DEVICE)


def test_who_is_cancelled_twice_or_unknown_is_cancelled(vlr: Vlr) -> None:
    cancel(vlr)
    assert cancel(vlr).message_type is GsupType.LOCATION_CANCEL_RESULT
    other = cancel(vlr, imsi=IMSI("208010000000009"))
    assert other.message_type is GsupType.LOCATION_CANCEL_RESULT


def test_a_register_does_not_cancel_the_subscribers_of_another(vlr: Vlr) -> None:
    cancel(vlr, "20802")
    assert vlr.is_attached(DEVICE)


def test_the_home_of_an_identity_is_the_network_of_the_longest_match(vlr: Vlr) -> None:
    assert vlr._find_home(IMSI("208011000000001")) == "208011"
    assert vlr._find_home(IMSI("208012000000001")) == "hlr"
    assert vlr._find_home(IMSI("208020000000001")) is None


@pytest.mark.parametrize(
    ("octets", "cause"),
    [
        ("0508", RejectCause.INVALID_MANDATORY_INFORMATION),
        ("0514aabb", RejectCause.INVALID_MANDATORY_INFORMATION),
        ("0533", RejectCause.MESSAGE_TYPE_NOT_IMPLEMENTED),
    ],
)
def test_malformed_mobility_messages_are_answered_with_a_status(
    vlr: Vlr, octets: str, cause: RejectCause
) -> None:
    (command,) = vlr.handle(Arrived(Peer(Interface.MM, DEVICE), bytes.fromhex(octets)))
    assert isinstance(command, Send)
    assert command.target == Peer(Interface.MM, DEVICE)
    assert decode_mm(command.octets) == MmStatus(cause)
    assert vlr.is_attached(DEVICE)


@pytest.mark.parametrize("octets", ["", "05", "0608"])
def test_too_short_and_foreign_messages_are_ignored(vlr: Vlr, octets: str) -> None:
    assert vlr.handle(Arrived(Peer(Interface.MM, DEVICE), bytes.fromhex(octets))) == []


def test_a_malformed_gsup_request_gets_an_error_and_an_answer_nothing(vlr: Vlr) -> None:
    (command,) = vlr.handle(Arrived(HOME, bytes.fromhex("1c01")))
    assert isinstance(command, Send)
    assert command.target == HOME
    answer = decode_gsup(command.octets)
    assert answer.cause == GsupCause.INVALID_MANDATORY_INFORMATION
    assert vlr.handle(Arrived(HOME, bytes.fromhex("0a01"))) == []


def test_what_a_vlr_does_not_serve_is_refused(vlr: Vlr) -> None:
    request = Gsup(GsupType.CHECK_IMEI_REQUEST, imsi=SUBSCRIBER)
    (command,) = vlr.handle(Arrived(HOME, request.encode()))
    assert isinstance(command, Send)
    assert command.target == HOME
    assert decode_gsup(command.octets).cause == GsupCause.MESSAGE_NOT_COMPATIBLE
    assert vlr.handle(Arrived(HOME, Gsup(GsupType.PURGE_MS_RESULT).encode())) == []


def test_short_messages_go_through_it(vlr: Vlr) -> None:
    assert vlr.handle(Arrived(Peer(Interface.SM, DEVICE), RpAck(3).encode())) == []
    request = RpData(5, None, Address(MSISDN("33609")), b"\1\2\3").encode()
    forwarded, timer = vlr.handle(Arrived(Peer(Interface.SM, DEVICE), request))
    assert isinstance(forwarded, Send)
    assert forwarded.target == HOME
    assert isinstance(timer, SetTimer)
    (late,) = vlr.handle(Expired(timer.timer))
    assert isinstance(late, Send)
    assert late.target == Peer(Interface.SM, DEVICE)
    assert vlr.handle(Expired("mt/x/3")) == []


def test_other_events_do_nothing(vlr: Vlr) -> None:
    assert vlr.handle(Started()) == []
    assert vlr.handle(Arrived(Peer(Interface.SMPP, "x"), b"")) == []


def test_who_is_admitted_roams_and_who_is_not_does_not(vlr: Vlr) -> None:
    roamer = IMSI("310410000000001")
    assert vlr._find_home(roamer) is None
    vlr.admit(PLMN("310410"), "HLR 310410")
    assert vlr._find_home(roamer) == "HLR 310410"


def test_a_closed_network_rejects_its_own_subscribers_for_good(vlr: Vlr) -> None:
    request = LocationUpdatingRequest(
        UpdatingType(Updating.IMSI_ATTACH), LocationArea(None, 0), 0x33, SUBSCRIBER
    )
    attach = Arrived(Peer(Interface.MM, DEVICE), request.encode())
    vlr.is_closed = True
    answers = [one for one in vlr.handle(attach) if isinstance(one, Send)]
    rejection = decode_mm(answers[-1].octets)
    assert rejection == LocationUpdatingReject(RejectCause.PLMN_NOT_ALLOWED)
    vlr.is_closed = False
    asked = [one for one in vlr.handle(attach) if isinstance(one, Send)]
    assert asked[-1].target == HOME
