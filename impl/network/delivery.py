"""Store and forward: how an SMSC brings queued messages to devices (TS 23.040 clause 3.1).

One message a receiver is under way at a time, so that parts arrive in the order in which they were
submitted. What fails for now is tried again, later and later, or as soon as the home register says
that the device is back, until its validity is over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from sqlalchemy import Connection

from impl.codec.gsup import Gsup, GsupType
from impl.codec.gsup_elements import RpAddress, RpAddressKind
from impl.codec.receipt import MessageState
from impl.codec.relay import RpCause
from impl.codec.short_message import DeliverReport
from impl.codec.smpp import ReceiptsAsked
from impl.errors import MalformedError
from impl.events import Command, Interface, Peer, Send, SetTimer, StopTimer
from impl.network import message_queue
from impl.network.esme_sessions import EsmeSessions
from impl.network.message_queue import QueuedMessage
from impl.network.outcomes import Outcomes
from impl.network.reversible import Reversible
from impl.network.smpp_bridge import as_status_report, as_tpdu
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

REJECTIONS = {RpCause.CALL_BARRED, RpCause.TRANSFER_REJECTED}
"""Causes that say that the receiver does not want the message; so does a report of its device."""

TOOLKIT_BUSY = 0xD4
"""TP-FCS: the card cannot take it now (TS 23.040 clause 9.2.3.22)."""


class Terms(Protocol):
    """What the operator of the centre decided."""

    @property
    def number(self) -> MSISDN:
        """Of the centre."""

    @property
    def validity_s(self) -> float:
        """Seconds for which a message is tried at most."""

    @property
    def retry_s(self) -> float:
        """Seconds to the second attempt; then twice as long each time."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A message that is under way, with the reference that its answer will carry."""

    message: QueuedMessage
    reference: int


class Delivery:
    """The messages that are under way to devices."""

    def __init__(
        self,
        terms: Terms,
        surroundings: Surroundings,
        sessions: EsmeSessions,
        outcomes: Outcomes,
    ) -> None:
        self._terms = terms
        self._sessions = sessions
        self._outcomes = outcomes
        self._surroundings = surroundings
        self._under_way = Reversible[MSISDN, _Attempt]()
        self._alerted: set[MSISDN] = set()
        self._last_reference = surroundings.random_octets(1)[0]

    @property
    def memory(self) -> Reversible[MSISDN, _Attempt]:
        """What is under way, for the transaction to keep or to undo."""
        return self._under_way

    def resume(self, connection: Connection) -> list[Command]:
        """Go on after a restart: what was under way is sent again."""
        self._under_way.clear()
        self._alerted.clear()
        return [
            command
            for destination in message_queue.destinations(connection)
            for command in self.attempt(connection, destination)
        ]

    def attempt(self, connection: Connection, destination: MSISDN) -> list[Command]:
        """Send the message that has waited longest, unless one is under way already."""
        if destination in self._under_way:
            return []
        told = self._drop_expired(connection, destination)
        waiting = message_queue.first_two(connection, destination)
        stop = StopTimer(f"{RETRY_TIMER}/{destination}")
        if not waiting or destination in self._under_way:
            return [*told, stop]
        message = replace(waiting[0], attempts=waiting[0].attempts + 1)
        message_queue.count_attempt(connection, message.id)
        self._last_reference = (self._last_reference + 1) % 256
        attempt = self._under_way[destination] = _Attempt(message, self._last_reference)
        request = self._as_request(attempt, has_more=len(waiting) > 1)
        timer = SetTimer(f"{ANSWER_TIMER}/{destination}", ANSWER_S)
        return [*told, stop, Send(HUB, request.encode()), timer]

    def alert(self, connection: Connection, destination: MSISDN) -> list[Command]:
        """Try at once: the device is back, or has memory again.

        An attempt that is under way may have failed before that: if so, it is made again at once.
        """
        if destination in self._under_way:
            self._alerted.add(destination)
        return self.attempt(connection, destination)

    def take_answer(self, connection: Connection, answer: Gsup) -> list[Command]:
        """Take what became of a message; an answer that nobody waits for is ignored."""
        attempt = self._under_way.get(answer.msisdn) if answer.msisdn else None
        if attempt is None or answer.sm_rp_mr != attempt.reference:
            return []
        message = attempt.message
        del self._under_way[message.destination]
        stop = StopTimer(f"{ANSWER_TIMER}/{message.destination}")
        report = _report_in(answer)
        state = _state_after(answer, report)
        if state is None:
            cause = answer.sm_rp_cause or RpCause.NETWORK_OUT_OF_ORDER
            return [stop, *self._postpone(connection, message, cause)]
        self._alerted.discard(message.destination)
        answered = bool(report and report.user_data) and message.reference is None
        said = self._sessions.acknowledge(message, report) if report and answered else []
        told = self.conclude(connection, message, state, answer.sm_rp_cause or 0)
        return [stop, *said, *told, *self.attempt(connection, message.destination)]

    def give_up_waiting(self, connection: Connection, destination: MSISDN) -> list[Command]:
        """Take silence for a failure that may be over at the next attempt."""
        attempt = self._under_way.pop(destination, None)
        if attempt is None:
            return []
        return self._postpone(connection, attempt.message, RpCause.NETWORK_OUT_OF_ORDER)

    def conclude(
        self, connection: Connection, message: QueuedMessage, state: MessageState, error: int = 0
    ) -> list[Command]:
        """Forget a message that has ended, and tell its sender if it asked; `error` is RP-Cause."""
        message_queue.drop(connection, message.id)
        is_asked = message.receipts is ReceiptsAsked.ALWAYS or (
            message.receipts is ReceiptsAsked.ON_FAILURE and state is not MessageState.DELIVERED
        )
        if not is_asked:
            return []
        if message.reference is None:
            return self._outcomes.put(connection, message, state, error)
        now = self._surroundings.now()
        report = as_status_report(message, state, error, now, self._terms.validity_s)
        message_queue.put(connection, report)
        return self.attempt(connection, report.destination)

    def _drop_expired(self, connection: Connection, destination: MSISDN) -> list[Command]:
        expired = message_queue.expired(connection, destination, self._surroundings.now())
        for message in expired:  # all, before a report to the same device looks at the queue again
            message_queue.drop(connection, message.id)
        return [
            command
            for message in expired
            for command in self.conclude(connection, message, MessageState.EXPIRED)
        ]

    def _postpone(
        self, connection: Connection, message: QueuedMessage, cause: int
    ) -> list[Command]:
        """Try a message again later, or at once if its device is back since; or give it up."""
        destination = message.destination
        if message.is_single_shot:
            told = self.conclude(connection, message, MessageState.UNDELIVERABLE, cause)
            return [*told, *self.attempt(connection, destination)]
        if destination in self._alerted:
            self._alerted.discard(destination)
            return self.attempt(connection, destination)
        doublings = min(message.attempts - 1, MOST_DOUBLINGS)
        wait_s = min(self._terms.retry_s * 2**doublings, LONGEST_WAIT_S)
        expiry = message_queue.first_expiry(connection, destination) or message.expires
        left_s = max(0.0, expiry - self._surroundings.now())
        return [SetTimer(f"{RETRY_TIMER}/{destination}", min(wait_s, left_s))]

    def _as_request(self, attempt: _Attempt, *, has_more: bool) -> Gsup:
        """Write a message for the hub, which knows the IMSI and the VLR of its receiver."""
        message = attempt.message
        return Gsup(
            GsupType.MT_FORWARD_SM_REQUEST,
            sm_rp_mr=attempt.reference,
            sm_rp_da=RpAddress(RpAddressKind.MSISDN, message.destination),
            sm_rp_oa=RpAddress(RpAddressKind.SERVICE_CENTRE, self._terms.number),
            sm_rp_ui=as_tpdu(message, self._surroundings.now(), has_more=has_more),
            sm_rp_mms=1 if has_more else None,
        )


def _report_in(answer: Gsup) -> DeliverReport | None:
    """Return what device or card reported, None if nothing that can be read."""
    try:
        return DeliverReport.decode(answer.sm_rp_ui or b"")
    except MalformedError:
        return None


def _state_after(answer: Gsup, report: DeliverReport | None) -> MessageState | None:
    """Return how a message ended; None if another attempt may succeed.

    That is so by the cause, or because card or network were busy.
    """
    if answer.message_type is not GsupType.MT_FORWARD_SM_ERROR:
        return MessageState.DELIVERED
    is_busy = report is not None and report.failure_cause == TOOLKIT_BUSY
    if answer.sm_rp_cause is None or answer.sm_rp_cause in TEMPORARY or is_busy:
        return None
    if report is not None or answer.sm_rp_cause in REJECTIONS:
        return MessageState.REJECTED
    return MessageState.UNDELIVERABLE
