"""Store and forward: how an SMSC brings queued messages to devices (TS 23.040 clause 3.1).

One message a receiver is under way at a time, so that parts arrive in the order in which they were
submitted. What fails for now is tried again, later and later, or as soon as the home register says
that the device is back, until its validity is over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from impl.codec.gsup import Gsup, GsupType
from impl.codec.gsup_elements import RpAddress, RpAddressKind
from impl.codec.relay import RpCause
from impl.codec.short_message import DeliverReport
from impl.codec.timestamp import encode_timestamp
from impl.errors import MalformedError
from impl.events import Command, Interface, Peer, Send, SetTimer, StopTimer
from impl.network import message_queue
from impl.network.message_queue import QueuedMessage
from impl.network.smpp_bridge import as_deliver
from impl.ports import Surroundings
from impl.values import MSISDN

HUB = Peer(Interface.GSUP, "hlr")
RETRY_TIMER = "retry"
ANSWER_TIMER, ANSWER_S = "answer", 60.0
"""Seconds for the home register: it, the VLR (40 s) and the device have to answer."""

LONGEST_WAIT_S = 3600.0
MOST_DOUBLINGS = 16

TEMPORARY = {
    RpCause.MEMORY_EXCEEDED,
    RpCause.DESTINATION_OUT_OF_ORDER,
    RpCause.NETWORK_OUT_OF_ORDER,
    RpCause.TEMPORARY_FAILURE,
    RpCause.CONGESTION,
}
"""Causes of a failure that may be over at the next attempt."""

TOOLKIT_BUSY = 0xD4
"""TP-FCS: the card cannot take it now (TS 23.040 clause 9.2.3.22)."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A message that is under way, with the reference that its answer will carry."""

    message: QueuedMessage
    reference: int


class Delivery:
    """The messages that are under way to devices."""

    def __init__(
        self,
        number: MSISDN,
        retry_s: float,
        surroundings: Surroundings,
        acknowledge: Callable[[QueuedMessage, DeliverReport], list[Command]],
    ) -> None:
        """Prepare; `acknowledge` tells who sent a message what a card answered to it."""
        self._number = number
        self._acknowledge = acknowledge
        self._retry_s = retry_s
        self._surroundings = surroundings
        self._under_way: dict[MSISDN, _Attempt] = {}
        self._last_reference = surroundings.random_octets(1)[0]

    def resume(self, connection: Connection) -> list[Command]:
        """Go on after a restart: what was under way is sent again."""
        self._under_way.clear()
        return [
            command
            for destination in message_queue.destinations(connection)
            for command in self.attempt(connection, destination)
        ]

    def attempt(self, connection: Connection, destination: MSISDN) -> list[Command]:
        """Send the message that has waited longest, unless one is under way already."""
        if destination in self._under_way:
            return []
        message_queue.drop_expired(connection, destination, self._surroundings.now())
        waiting = message_queue.first_two(connection, destination)
        stop = StopTimer(f"{RETRY_TIMER}/{destination}")
        if not waiting:
            return [stop]
        message = replace(waiting[0], attempts=waiting[0].attempts + 1)
        message_queue.count_attempt(connection, message.id)
        self._last_reference = (self._last_reference + 1) % 256
        attempt = self._under_way[destination] = _Attempt(message, self._last_reference)
        request = self._as_request(attempt, has_more=len(waiting) > 1)
        timer = SetTimer(f"{ANSWER_TIMER}/{destination}", ANSWER_S)
        return [stop, Send(HUB, request.encode()), timer]

    def take_answer(self, connection: Connection, answer: Gsup) -> list[Command]:
        """Take what became of a message; an answer that nobody waits for is ignored."""
        attempt = self._under_way.get(answer.msisdn) if answer.msisdn else None
        if attempt is None or answer.sm_rp_mr != attempt.reference:
            return []
        message = attempt.message
        del self._under_way[message.destination]
        stop = StopTimer(f"{ANSWER_TIMER}/{message.destination}")
        is_error = answer.message_type is GsupType.MT_FORWARD_SM_ERROR
        report = _report_in(answer)
        if is_error and _is_temporary(answer, report):
            return [stop, self._wait(message)]
        message_queue.drop(connection, message.id)
        told = self._acknowledge(message, report) if report and report.user_data else []
        return [stop, *told, *self.attempt(connection, message.destination)]

    def give_up_waiting(self, destination: MSISDN) -> list[Command]:
        """Take silence for a failure that may be over at the next attempt."""
        attempt = self._under_way.pop(destination, None)
        return [self._wait(attempt.message)] if attempt else []

    def _wait(self, message: QueuedMessage) -> SetTimer:
        doublings = min(message.attempts - 1, MOST_DOUBLINGS)
        wait_s = min(self._retry_s * 2**doublings, LONGEST_WAIT_S)
        left_s = max(0.0, message.expires - self._surroundings.now())
        return SetTimer(f"{RETRY_TIMER}/{message.destination}", min(wait_s, left_s))

    def _as_request(self, attempt: _Attempt, *, has_more: bool) -> Gsup:
        """Write a message for the hub, which knows the IMSI and the VLR of its receiver."""
        message = attempt.message
        deliver = as_deliver(message, encode_timestamp(self._surroundings.now()))
        return Gsup(
            GsupType.MT_FORWARD_SM_REQUEST,
            sm_rp_mr=attempt.reference,
            sm_rp_da=RpAddress(RpAddressKind.MSISDN, message.destination),
            sm_rp_oa=RpAddress(RpAddressKind.SERVICE_CENTRE, self._number),
            sm_rp_ui=replace(deliver, more_messages=has_more).encode(),
            sm_rp_mms=1 if has_more else None,
        )


def _report_in(answer: Gsup) -> DeliverReport | None:
    """Return what device or card reported, None if nothing that can be read."""
    try:
        return DeliverReport.decode(answer.sm_rp_ui or b"")
    except MalformedError:
        return None


def _is_temporary(answer: Gsup, report: DeliverReport | None) -> bool:
    """Whether another attempt may succeed: by the cause, or because card or network were busy."""
    if answer.sm_rp_cause is None or answer.sm_rp_cause in TEMPORARY:
        return True
    return report is not None and report.failure_cause == TOOLKIT_BUSY
