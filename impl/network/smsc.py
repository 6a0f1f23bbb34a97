"""The short message service centre of a network: SMPP towards servers, GSUP towards devices [065].

What is submitted for a device is durable before it is acknowledged, and its end is told to the
sender that asked to hear of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from impl.codec import gsup, smpp
from impl.codec.gsup import GsupCause, GsupType
from impl.codec.smpp import (
    BindTransceiver,
    CommandStatus,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Pdu,
    SubmitSm,
    SubmitSmResp,
    Unbind,
)
from impl.errors import MalformedError
from impl.events import (
    Arrived,
    Command,
    Event,
    Expired,
    Interface,
    Peer,
    Reconnected,
    Send,
    Started,
)
from impl.network import message_queue
from impl.network.delivery import ANSWER_TIMER, HUB, RETRY_TIMER, Delivery
from impl.network.esme_sessions import EsmeSessions
from impl.network.origination import Origination
from impl.network.outcomes import TIMER as RECEIPT_TIMER
from impl.network.outcomes import Outcomes, message_name
from impl.network.reversible import transaction
from impl.network.submission import SubmitRefusedError, as_queued
from impl.ports import Store, Surroundings
from impl.values import MSISDN, Secret


@dataclass(frozen=True, slots=True)
class SmscConfig:
    """What distinguishes the centre of one network from another's."""

    number: MSISDN
    esmes: Mapping[str, tuple[Secret, MSISDN]]
    """Password, and number under which devices reach it, of each server, by system_id."""
    validity_s: float = 86_400.0
    """Seconds for which a message is tried at most."""
    retry_s: float = 60.0
    """Seconds to the second attempt; then twice as long each time."""


class Smsc:
    """The node. Its store holds the tables `records.SHORT_MESSAGE_CENTRE`."""

    def __init__(self, config: SmscConfig, store: Store, surroundings: Surroundings) -> None:
        self._validity_s = config.validity_s
        self._store = store
        self._surroundings = surroundings
        self._sessions = sessions = EsmeSessions(config.esmes)
        self._outcomes = outcomes = Outcomes(sessions, config.validity_s, surroundings)
        self._delivery = delivery = Delivery(config, surroundings, sessions, outcomes)
        self._origination = Origination(sessions, delivery, config.validity_s, surroundings)
        self._memories = (delivery.memory, outcomes.memory, self._origination.memory)

    def handle(self, event: Event) -> list[Command]:
        """Take one event; what was submitted is in the store before this returns.

        If the store fails nothing has happened, except that a session that ended has ended.
        """
        if isinstance(event, Reconnected):
            return self._end(event.source)
        with transaction(self._store, self._memories) as connection:
            return self._take(connection, event)

    def _take(self, connection: Connection, event: Event) -> list[Command]:
        match event:
            case Started():
                return self._delivery.resume(connection)
            case Arrived(Peer(Interface.SMPP) as source, octets):
                return self._take_smpp(connection, source, octets)
            case Arrived(source, octets) if source == HUB:
                return self._take_gsup(connection, octets)
            case Expired(timer):
                return self._expire(connection, timer)
        return []

    def _end(self, source: Peer) -> list[Command]:
        """End the session of a link that broke."""
        if source.interface is not Interface.SMPP:
            return []
        self._sessions.end(source)
        commands = self._origination.end(source)
        self._origination.memory.keep()
        return commands

    def _take_smpp(self, connection: Connection, source: Peer, octets: bytes) -> list[Command]:
        try:
            pdu = smpp.decode_smpp(octets)
        except MalformedError:
            refusal = smpp.refuse(octets)
            return [Send(source, refusal.encode())] if refusal else []
        match pdu:
            case SubmitSm():
                return self._submit(connection, source, pdu)
            case DeliverSmResp() | GenericNack():
                taken = self._outcomes.take(connection, source, pdu)
                if taken is None:
                    taken = self._origination.answered(connection, source, pdu)
                return taken
            case BindTransceiver():
                return self._bind(connection, source, pdu)
            case Unbind():
                response = self._sessions.unbind(source, pdu)
                return [*self._origination.end(source), Send(source, response.encode())]
        answer = _plain_answer(pdu)
        return [Send(source, answer.encode())] if answer else []

    def _bind(self, connection: Connection, source: Peer, pdu: BindTransceiver) -> list[Command]:
        response = self._sessions.bind(source, pdu)
        answer = Send(source, response.encode())
        if response.command_status != CommandStatus.ROK:
            return [answer]
        ended = self._origination.end(source)  # an ESME that binds anew has died in between
        return [*ended, answer, *self._outcomes.begin(connection, source)]

    def _submit(self, connection: Connection, source: Peer, pdu: SubmitSm) -> list[Command]:
        """Keep a message, say so, and try to deliver it."""
        number = pdu.sequence_number
        sender = self._sessions.number_of(source)
        if sender is None:
            response = SubmitSmResp(CommandStatus.RINVBNDSTS, number)
            return [Send(source, response.encode())]
        try:
            message = as_queued(pdu, sender, self._surroundings.now(), self._validity_s)
        except SubmitRefusedError as error:
            return [Send(source, SubmitSmResp(error.status, number).encode())]
        message_id = message_queue.put(connection, message)
        response = SubmitSmResp(CommandStatus.ROK, number, message_name(message_id))
        attempt = self._delivery.attempt(connection, message.destination)
        return [Send(source, response.encode()), *attempt]

    def _take_gsup(self, connection: Connection, octets: bytes) -> list[Command]:
        try:
            message = gsup.decode_gsup(octets)
        except MalformedError:
            refusal = gsup.refuse(octets)
            return [Send(HUB, refusal.encode())] if refusal else []
        match message.message_type:
            case GsupType.MT_FORWARD_SM_RESULT | GsupType.MT_FORWARD_SM_ERROR:
                return self._delivery.take_answer(connection, message)
            case GsupType.MO_FORWARD_SM_REQUEST:
                return self._origination.take(connection, message)
            case GsupType.READY_FOR_SM_REQUEST:
                answer: list[Command] = [Send(HUB, message.result().encode())]
                if message.msisdn is not None:
                    answer += self._delivery.alert(connection, message.msisdn)
                return answer
            case kind if kind.is_request:
                error = message.error(cause=GsupCause.MESSAGE_NOT_COMPATIBLE)
                return [Send(HUB, error.encode())]
        return []

    def _expire(self, connection: Connection, timer: str) -> list[Command]:
        kind, _, name = timer.partition("/")
        if kind == RETRY_TIMER:
            return self._delivery.attempt(connection, MSISDN(name))
        if kind == ANSWER_TIMER:
            return self._delivery.give_up_waiting(connection, MSISDN(name))
        if kind == RECEIPT_TIMER:
            return self._outcomes.expire(connection, timer)
        return self._origination.expire(timer)


def _plain_answer(pdu: Pdu) -> Pdu | None:
    """Answer what needs no session; other responses are answered by silence."""
    match pdu:
        case EnquireLink():
            return EnquireLinkResp(sequence_number=pdu.sequence_number)
        case DeliverSm():  # only a server delivers
            return GenericNack(CommandStatus.RINVCMDID, pdu.sequence_number)
    return None
