"""The relay of short messages between devices and home registers (TS 24.011 clause 6, the SM-RL).

Only attached subscribers send and receive [E28]. A device hears RP-ACK for what it sent only after
the service centre took it.
"""

from __future__ import annotations

from dataclasses import dataclass

from impl.codec.address import Address
from impl.codec.gsup import AlertReason, Gsup, GsupType
from impl.codec.gsup_elements import RpAddress, RpAddressKind
from impl.codec.relay import (
    USER_DATA,
    RpAck,
    RpCause,
    RpData,
    RpError,
    RpMessage,
    RpSmma,
    decode_rp,
    message_type,
)
from impl.errors import MalformedError
from impl.events import Command, Interface, Peer, Send, SetTimer, StopTimer
from impl.network.visitors import Visitor, Visitors
from impl.values import MSISDN

UPLINK_TIMER, UPLINK_S = "mo", 35.0
"""Seconds for the service centre: the device waits TR1M, 35 to 45 s (TS 24.011 clause 10)."""

DOWNLINK_TIMER, DOWNLINK_S = "mt", 40.0
"""Seconds for the device: TR1N, 35 to 45 s."""


@dataclass(frozen=True, slots=True)
class _Uplink:
    """What a device sent, and waits to hear of."""

    device: str
    reference: int
    home: str


@dataclass(frozen=True, slots=True)
class _Downlink:
    """What the home register sent, and waits to hear of."""

    home: str
    request: Gsup


class RelayFunction:
    """Short messages of the attached subscribers, each until it is answered."""

    def __init__(self, visitors: Visitors) -> None:
        self._visitors = visitors
        self._uplinks: dict[str, _Uplink] = {}
        self._downlinks: dict[str, _Downlink] = {}
        self._last_reference = 0

    def take(self, device: str, octets: bytes) -> list[Command]:
        """Take a relay message of a device."""
        try:
            message = decode_rp(octets, from_network=False)
        except MalformedError:
            return _refuse_unread(device, octets)
        match message:
            case RpAck(reference, user_data):
                return self._report(device, reference, None, user_data)
            case RpError(reference, cause, user_data):
                return self._report(device, reference, cause, user_data)
        visitor = self._visitors.of_device(device)
        if visitor is None:
            return [_tell(device, RpError(message.reference, RpCause.UNIDENTIFIED_SUBSCRIBER))]
        return self._forward(visitor, message)

    def take_answer(self, home: str, answer: Gsup) -> list[Command]:
        """Tell a device what became of what it sent; an answer that nobody waits for is ignored."""
        name = f"{UPLINK_TIMER}/{answer.imsi}/{answer.sm_rp_mr}"
        uplink = self._uplinks.get(name)
        if uplink is None or uplink.home != home:
            return []
        del self._uplinks[name]
        report = _sendable(answer.sm_rp_ui)
        reply: RpMessage = RpAck(uplink.reference, report)
        if answer.message_type in {GsupType.MO_FORWARD_SM_ERROR, GsupType.READY_FOR_SM_ERROR}:
            cause = answer.sm_rp_cause or RpCause.NETWORK_OUT_OF_ORDER
            reply = RpError(uplink.reference, cause & 0x7F, report)
        return [StopTimer(name), _tell(uplink.device, reply)]

    def deliver(self, home: str, request: Gsup) -> list[Command]:
        """Hand a short message to the device of its receiver, if that is attached."""
        visitor = self._visitors.of_imsi(request.imsi)
        if visitor is None or visitor.home != home:
            error = request.error(sm_rp_cause=RpCause.DESTINATION_OUT_OF_ORDER)
            return [_answer(home, error)]
        match request.sm_rp_oa, _sendable(request.sm_rp_ui):
            case RpAddress(RpAddressKind.SERVICE_CENTRE, MSISDN() as centre), bytes() as tpdu:
                reference = self._free_reference(visitor.device)
            case _:
                error = request.error(sm_rp_cause=RpCause.INVALID_MANDATORY_INFORMATION)
                return [_answer(home, error)]
        if reference is None:
            return [_answer(home, request.error(sm_rp_cause=RpCause.CONGESTION))]
        name = f"{DOWNLINK_TIMER}/{visitor.device}/{reference}"
        self._downlinks[name] = _Downlink(home, request)
        data = RpData(reference, Address(centre), None, tpdu)
        return [_tell(visitor.device, data), SetTimer(name, DOWNLINK_S)]

    def expire(self, timer: str) -> list[Command]:
        """Give up waiting for the service centre, or for a device."""
        uplink = self._uplinks.pop(timer, None)
        if uplink is not None:
            late = RpError(uplink.reference, RpCause.NETWORK_OUT_OF_ORDER)
            return [_tell(uplink.device, late)]
        downlink = self._downlinks.pop(timer, None)
        if downlink is not None:
            error = downlink.request.error(sm_rp_cause=RpCause.DESTINATION_OUT_OF_ORDER)
            return [_answer(downlink.home, error)]
        return []

    def _forward(self, visitor: Visitor, message: RpMessage) -> list[Command]:
        """Ask the home register; a device that says the same again while it waits is not heard."""
        name = f"{UPLINK_TIMER}/{visitor.imsi}/{message.reference}"
        if name in self._uplinks:
            return []
        try:
            request = _as_request(visitor, message)
        except MalformedError:
            cause = RpCause.SEMANTICALLY_INCORRECT
            return [_tell(visitor.device, RpError(message.reference, cause))]
        self._uplinks[name] = _Uplink(visitor.device, message.reference, visitor.home)
        return [_answer(visitor.home, request), SetTimer(name, UPLINK_S)]

    def _report(
        self, device: str, reference: int, cause: int | None, report: bytes | None
    ) -> list[Command]:
        name = f"{DOWNLINK_TIMER}/{device}/{reference}"
        downlink = self._downlinks.pop(name, None)
        if downlink is None:
            return []
        answer = downlink.request.result(sm_rp_ui=report)
        if cause is not None:
            answer = downlink.request.error(sm_rp_cause=cause, sm_rp_ui=report)
        return [StopTimer(name), _answer(downlink.home, answer)]

    def _free_reference(self, device: str) -> int | None:
        """Return a reference that no message on its way to the device has; None if all are used."""
        for step in range(1, 257):
            reference = (self._last_reference + step) % 256
            if f"{DOWNLINK_TIMER}/{device}/{reference}" not in self._downlinks:
                self._last_reference = reference
                return reference
        return None


def _as_request(visitor: Visitor, message: RpMessage) -> Gsup:
    """Write what a device says as its home register hears it.

    Raises:
        MalformedError: its service centre has no international number.
    """
    if not isinstance(message, RpData):
        return Gsup(
            GsupType.READY_FOR_SM_REQUEST,
            imsi=visitor.imsi,
            sm_rp_mr=message.reference,
            sm_alert_reason=AlertReason.MEMORY_AVAILABLE,
        )
    centre = MSISDN(message.destination.digits if message.destination else "")
    sender = RpAddress(RpAddressKind.NONE)
    if visitor.msisdn is not None:
        sender = RpAddress(RpAddressKind.MSISDN, visitor.msisdn)
    return Gsup(
        GsupType.MO_FORWARD_SM_REQUEST,
        imsi=visitor.imsi,
        sm_rp_mr=message.reference,
        sm_rp_da=RpAddress(RpAddressKind.SERVICE_CENTRE, centre),
        sm_rp_oa=sender,
        sm_rp_ui=message.user_data,
    )


def _refuse_unread(device: str, octets: bytes) -> list[Command]:
    """Answer a malformed RP-DATA (TS 24.011 clause 9.3); any other malformed message is ignored."""
    try:
        kind = message_type(octets)
    except MalformedError:
        return []
    if kind not in {RpData.from_device, RpSmma.from_device}:
        return []
    return [_tell(device, RpError(octets[1], RpCause.INVALID_MANDATORY_INFORMATION))]


def _sendable(user_data: bytes | None) -> bytes | None:
    """Return a TPDU or report that fits in a relay message, else None."""
    return user_data if user_data and len(user_data) <= USER_DATA.longest else None


def _tell(device: str, message: RpMessage) -> Send:
    return Send(Peer(Interface.SM, device), message.encode(from_network=True))


def _answer(home: str, message: Gsup) -> Send:
    return Send(Peer(Interface.GSUP, home), message.encode())
