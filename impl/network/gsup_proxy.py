"""GSUP between VLRs and an osmo-hlr, by way of the gateway, which adds what osmo-hlr leaves out.

osmo-hlr knows the VLRs by the names in source_name and destination_name. It cancels no location,
neither of a subscriber who moved to another VLR nor of one who was deleted, and routes no short
messages: that remains the hub's. Its answer to UpdateLocation is where a change becomes certain:
before the VLR hears it, it stands in the store; of a release that came before, the VLR hears.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from impl.codec.gsup import Gsup, GsupCause, GsupType
from impl.events import Command, Interface, Peer, Send, SetTimer, StopTimer
from impl.network.gsup_hub import GsupHub
from impl.network.identity_pool import IdentityPool, Subscriber
from impl.network.provisioning import Provisioning
from impl.network.reversible import Reversible
from impl.values import IMSI

REGISTER = Peer(Interface.GSUP, "hlr")
TIMER, HOLD_S = "proxy", 10.0
"""Seconds for osmo-hlr, its restart included: fewer than any serving node waits."""

_ASKED = {
    GsupType.SEND_AUTH_INFO_REQUEST,
    GsupType.UPDATE_LOCATION_REQUEST,
    GsupType.PURGE_MS_REQUEST,
}
"""What a VLR asks osmo-hlr."""
_REPORTED = {
    GsupType.INSERT_DATA_RESULT,
    GsupType.INSERT_DATA_ERROR,
    GsupType.DELETE_DATA_RESULT,
    GsupType.DELETE_DATA_ERROR,
    GsupType.AUTH_FAIL_REPORT,
}
"""What a VLR tells it."""
_REQUEST_BITS = 0xFC
"""Of a message type: those that an answer has in common with its request."""


@dataclass(frozen=True, slots=True)
class _Question:
    """What a VLR asked, and whether the subscriber was entered anew to have it answered."""

    vlr: str
    imsi: IMSI
    request: Gsup
    was_entered: bool = False

    @property
    def name(self) -> str:
        return _name(self.vlr, self.imsi, self.request.message_type)


class GsupProxy:
    """Passes on what concerns authentication and location; the rest is the hub's.

    What osmo-hlr does not answer, because it is down or does not know the subscriber yet, waits.
    """

    def __init__(self, hub: GsupHub, pool: IdentityPool, provisioning: Provisioning) -> None:
        self._hub = hub
        self._pool = pool
        self._provisioning = provisioning
        self._questions = Reversible[str, _Question]()

    @property
    def memory(self) -> Reversible[str, _Question]:
        """Which questions wait for an answer, for the transaction to keep or to undo."""
        return self._questions

    def take(self, connection: Connection, source: str, message: Gsup) -> list[Command]:
        """Take a message of osmo-hlr, a VLR or the SMSC."""
        if source == REGISTER.name:
            if message.message_type.is_request:
                return self._instruct(connection, message)
            return self._answer(connection, message)
        if message.message_type in _ASKED:
            return self._ask(connection, source, message)
        if message.message_type in _REPORTED:
            return [_send(REGISTER.name, replace(message, source_name=source))]
        return self._hub.take(connection, source, message)

    def again(self, connection: Connection, imsi: IMSI | None = None) -> list[Command]:
        """Ask again what waits, of one subscriber or of all: osmo-hlr is there, or knows it now."""
        questions = [one for one in self._questions.values() if imsi in {None, one.imsi}]
        return self._forward(connection, questions)

    def expire(self, name: str) -> list[Command]:
        """Let a VLR know that its question has no answer."""
        question = self._questions.pop(name, None)
        if question is None:
            return []
        error = question.request.error(cause=GsupCause.NETWORK_FAILURE)
        return [_send(question.vlr, error)]

    def _ask(self, connection: Connection, vlr: str, message: Gsup) -> list[Command]:
        found = self._hub.find(connection, message)
        is_elsewhere = found is not None and found.vlr != vlr
        is_purge = message.message_type is GsupType.PURGE_MS_REQUEST
        if found is None or (is_purge and is_elsewhere):
            return [_send(vlr, message.error(cause=GsupCause.IMSI_UNKNOWN))]
        question = _Question(vlr, found.imsi, replace(message, source_name=vlr))
        self._questions[question.name] = question
        if self._provisioning.is_pending(connection, found.imsi):
            self._provisioning.ask_again(connection, found.imsi)
        timer = SetTimer(question.name, HOLD_S)
        return [timer, *self._forward(connection, [question])]

    def _forward(self, connection: Connection, questions: Iterable[_Question]) -> list[Command]:
        """Ask osmo-hlr, about subscribers whom it knows."""
        return [
            _send(REGISTER.name, question.request)
            for question in questions
            if not self._provisioning.is_pending(connection, question.imsi)
        ]

    def _instruct(self, connection: Connection, message: Gsup) -> list[Command]:
        """Hand what osmo-hlr wants of a VLR to it; nobody is there for other things."""
        found = self._hub.find(connection, message)
        vlr = message.destination_name or (found.vlr if found else None)
        if vlr in {None, REGISTER.name}:
            return [_send(REGISTER.name, message.error(cause=GsupCause.IMSI_UNKNOWN))]
        assert vlr is not None
        return [_send(vlr, message)]

    def _answer(self, connection: Connection, answer: Gsup) -> list[Command]:
        """Hand an answer to the VLR that waits for it; others are ignored."""
        if answer.imsi is None or answer.destination_name is None:
            return []
        name = _name(answer.destination_name, answer.imsi, answer.message_type)
        question = self._questions.pop(name, None)
        if question is None:
            return []
        stop = StopTimer(name)
        found = self._hub.find(connection, answer)
        if found is None:  # it left this network in between
            error = question.request.error(cause=GsupCause.IMSI_UNKNOWN)
            return [stop, _send(question.vlr, error)]
        if answer.cause == GsupCause.IMSI_UNKNOWN:
            return self._enter(connection, question, found)
        return [stop, *self._conclude(connection, question, found, answer)]

    def _conclude(
        self, connection: Connection, question: _Question, found: Subscriber, answer: Gsup
    ) -> list[Command]:
        told = _send(question.vlr, answer)
        match answer.message_type:
            case GsupType.UPDATE_LOCATION_RESULT:
                arrived = self._hub.arrive(connection, found, question.vlr)
                return [*arrived, told, *self._hub.alert(connection, found)]
            case GsupType.PURGE_MS_RESULT if found.vlr == question.vlr:
                self._pool.locate(connection, found.imsi, None)
        return [told]

    def _enter(
        self, connection: Connection, question: _Question, found: Subscriber
    ) -> list[Command]:
        """Let osmo-hlr know a subscriber that it has lost, and then ask it again: once."""
        if question.was_entered:
            self._questions[question.name] = question
            return [StopTimer(question.name), *self.expire(question.name)]
        self._questions[question.name] = replace(question, was_entered=True)
        if not self._provisioning.is_pending(connection, found.imsi):
            self._provisioning.enter(connection, found)
        return []


def _name(vlr: str, imsi: IMSI, kind: GsupType) -> str:
    return f"{TIMER}/{vlr}/{imsi}/{kind & _REQUEST_BITS:02x}"


def _send(target: str, message: Gsup) -> Send:
    return Send(Peer(Interface.GSUP, target), message.encode())
