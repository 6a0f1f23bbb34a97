"""The short message service centre of a network: SMPP towards servers, GSUP towards devices [065].

What an ESME submits is durable before it is acknowledged. What a device sends is acknowledged when
the ESME took it, so that nothing has to be kept for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from impl.codec import gsup, smpp
from impl.codec.gsup import Gsup, GsupCause, GsupType
from impl.codec.gsup_elements import RpAddress, RpAddressKind
from impl.codec.relay import RpCause
from impl.codec.short_message import Submit, SubmitReport, decode_uplink
from impl.codec.smpp import (
    INTERFACE_VERSION,
    BindTransceiver,
    BindTransceiverResp,
    CommandStatus,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Parameter,
    Pdu,
    SubmitSm,
    SubmitSmResp,
    Tag,
    Unbind,
    UnbindResp,
)
from impl.codec.timestamp import encode_timestamp
from impl.errors import MalformedError
from impl.events import (
    Arrived,
    Command,
    Event,
    Expired,
    Interface,
    Peer,
    Send,
    SetTimer,
    Started,
    StopTimer,
)
from impl.network import message_queue
from impl.network.delivery import ANSWER_TIMER, HUB, RETRY_TIMER, Delivery
from impl.network.smpp_bridge import as_deliver_sm
from impl.network.submission import SubmitRefusedError, as_queued
from impl.ports import Store, Surroundings
from impl.values import MSISDN, Secret

DELIVER_TIMER, DELIVER_S = "deliver", 25.0
"""Seconds for the ESME; the VLR waits 35 for all that is behind it."""

SYSTEM_ID = "smsc"


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


@dataclass(slots=True)
class _Session:
    """One ESME that is bound."""

    peer: Peer
    number: MSISDN
    last_sequence: int = 0


@dataclass(frozen=True, slots=True)
class _Uplink:
    """What a device sent, and waits to hear of."""

    session: _Session
    request: Gsup


class Smsc:
    """The node. Its store holds the tables `records.SHORT_MESSAGE_CENTRE`."""

    def __init__(self, config: SmscConfig, store: Store, surroundings: Surroundings) -> None:
        self._config = config
        self._store = store
        self._surroundings = surroundings
        self._delivery = Delivery(config.number, config.retry_s, surroundings)
        self._sessions: dict[Peer, _Session] = {}
        self._uplinks: dict[str, _Uplink] = {}

    def handle(self, event: Event) -> list[Command]:
        """Take one event; what was submitted is in the store before this returns."""
        with self._store.begin() as connection:
            match event:
                case Started():
                    return self._delivery.resume(connection)
                case Arrived(Peer(Interface.SMPP) as source, octets):
                    return self._take_smpp(connection, source, octets)
                case Arrived(Peer(Interface.GSUP) as source, octets) if source == HUB:
                    return self._take_gsup(connection, octets)
                case Expired(timer):
                    return self._expire(connection, timer)
        return []

    def _take_smpp(self, connection: Connection, source: Peer, octets: bytes) -> list[Command]:
        try:
            pdu = smpp.decode_smpp(octets)
        except MalformedError:
            refusal = smpp.refuse(octets)
            return [Send(source, refusal.encode())] if refusal else []
        match pdu:
            case BindTransceiver():
                return self._bind(source, pdu)
            case EnquireLink():
                return [_answer(source, EnquireLinkResp(sequence_number=pdu.sequence_number))]
            case DeliverSmResp() | GenericNack():
                return self._delivered(source, pdu)
            case SubmitSm() | Unbind():
                return self._serve(connection, source, pdu)
        refusal = (
            None if pdu.is_response else GenericNack(CommandStatus.RINVCMDID, pdu.sequence_number)
        )
        return [_answer(source, refusal)] if refusal else []

    def _bind(self, source: Peer, pdu: BindTransceiver) -> list[Command]:
        """Open a session. On the same link it takes the place of the former, whose ESME is gone."""
        password, number = self._config.esmes.get(pdu.system_id, (None, None))
        if password is None or number is None:
            status = CommandStatus.RINVSYSID
        elif password != pdu.password:
            status = CommandStatus.RINVPASWD
        else:
            ended = self._end(source)
            self._sessions[source] = _Session(source, number)
            version = Parameter(Tag.SC_INTERFACE_VERSION, bytes((INTERFACE_VERSION,)))
            response = BindTransceiverResp(0, pdu.sequence_number, SYSTEM_ID, (version,))
            return [*ended, _answer(source, response)]
        return [_answer(source, BindTransceiverResp(status, pdu.sequence_number))]

    def _serve(self, connection: Connection, source: Peer, pdu: SubmitSm | Unbind) -> list[Command]:
        """Do what only who is bound may ask."""
        session = self._sessions.get(source)
        number = pdu.sequence_number
        if session is None:
            return [_answer(source, _response(pdu)(CommandStatus.RINVBNDSTS, number))]
        if isinstance(pdu, Unbind):
            return [*self._end(source), _answer(source, UnbindResp(0, number))]
        now = self._surroundings.now()
        try:
            message = as_queued(pdu, session.number, now, self._config.validity_s)
        except SubmitRefusedError as error:
            return [_answer(source, SubmitSmResp(error.status, number))]
        message_id = message_queue.put(connection, message)
        response = _answer(source, SubmitSmResp(0, number, str(message_id)))
        return [response, *self._delivery.attempt(connection, message.destination)]

    def _end(self, source: Peer) -> list[Command]:
        """Forget the session of a link; devices that wait for its ESME may try again."""
        session = self._sessions.pop(source, None)
        names = [name for name, uplink in self._uplinks.items() if uplink.session is session]
        return [
            command
            for name in names
            for command in self._end_uplink(name, RpCause.TEMPORARY_FAILURE)
        ]

    def _delivered(self, source: Peer, pdu: DeliverSmResp | GenericNack) -> list[Command]:
        status = pdu.command_status
        if isinstance(pdu, GenericNack) and not status:
            status = CommandStatus.RUNKNOWNERR
        cause = None
        if status:
            again = status in {CommandStatus.RX_T_APPN, CommandStatus.RTHROTTLED}
            cause = RpCause.TEMPORARY_FAILURE if again else RpCause.TRANSFER_REJECTED
        return self._end_uplink(_timer(source, pdu.sequence_number), cause)

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
                return self._forward(message)
            case GsupType.READY_FOR_SM_REQUEST:
                answer = Send(HUB, message.result().encode())
                return [answer, *self._alert(connection, message)]
            case kind if kind.is_request:
                cause = GsupCause.MESSAGE_NOT_COMPATIBLE
                return [Send(HUB, message.error(cause=cause).encode())]
        return []

    def _alert(self, connection: Connection, message: Gsup) -> list[Command]:
        return self._delivery.attempt(connection, message.msisdn) if message.msisdn else []

    def _forward(self, request: Gsup) -> list[Command]:
        """Hand what a device sent to the ESME that it names.

        Which service centre the device named is not looked at: the hub leads to this one only.
        """
        match request.sm_rp_oa:
            case RpAddress(RpAddressKind.MSISDN, MSISDN() as originator):
                pass
            case _:
                return [_refuse(request, RpCause.UNIDENTIFIED_SUBSCRIBER)]
        try:
            submit = decode_uplink(request.sm_rp_ui or b"")
            if not isinstance(submit, Submit):
                return [_refuse(request, RpCause.SEMANTICALLY_INCORRECT)]
            session = self._session_of(submit.destination.digits)
            if isinstance(session, RpCause):
                return [_refuse(request, session)]
            session.last_sequence = session.last_sequence % 0x7FFFFFFF + 1
            pdu = as_deliver_sm(session.last_sequence, originator, submit)
        except MalformedError:
            return [_refuse(request, RpCause.INVALID_MANDATORY_INFORMATION)]
        name = _timer(session.peer, session.last_sequence)
        self._uplinks[name] = _Uplink(session, request)
        return [Send(session.peer, pdu.encode()), SetTimer(name, DELIVER_S)]
