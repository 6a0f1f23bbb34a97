"""The servers that are bound to an SMSC, and what devices send to them (SMPP 3.4 clause 2.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from impl.codec.gsup import Gsup
from impl.codec.gsup_elements import RpAddress, RpAddressKind
from impl.codec.relay import RpCause
from impl.codec.short_message import DeliverReport, Submit, SubmitReport, decode_uplink
from impl.codec.smpp import (
    INTERFACE_VERSION,
    BindTransceiver,
    BindTransceiverResp,
    CommandStatus,
    DeliverSmResp,
    GenericNack,
    Parameter,
    Tag,
    Unbind,
    UnbindResp,
)
from impl.codec.timestamp import encode_timestamp
from impl.errors import MalformedError, RefusedError
from impl.events import Command, Peer, Send, SetTimer, StopTimer
from impl.network.delivery import HUB
from impl.network.message_queue import QueuedMessage
from impl.network.smpp_bridge import as_acknowledgement, as_deliver_sm
from impl.ports import Surroundings
from impl.values import MSISDN, Secret

DELIVER_TIMER, DELIVER_S = "deliver", 25.0
"""Seconds for the ESME; the VLR waits 35 for all that is behind it."""

SYSTEM_ID = "smsc"
LAST_SEQUENCE = 0x7FFFFFFF

TRY_AGAIN = {CommandStatus.RX_T_APPN, CommandStatus.RTHROTTLED, CommandStatus.RMSGQFUL}
"""Answers of an ESME to deliver_sm after which the device may send the same again."""


class _UndeliverableError(RefusedError):
    """No ESME can be given what a device sent, for this cause."""

    def __init__(self, cause: RpCause) -> None:
        super().__init__(cause.name)
        self.cause = cause


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


class EsmeSessions:
    """Sessions, and the messages that are under way to their ESMEs. A restart ends them all."""

    def __init__(
        self, esmes: Mapping[str, tuple[Secret, MSISDN]], surroundings: Surroundings
    ) -> None:
        self._esmes = esmes
        self._surroundings = surroundings
        self._sessions: dict[Peer, _Session] = {}
        self._uplinks: dict[str, _Uplink] = {}

    def bind(self, source: Peer, pdu: BindTransceiver) -> list[Command]:
        """Open a session. One that the link had gives way to it: its ESME has died."""
        esme = self._esmes.get(pdu.system_id)
        if esme is None:
            return [_answer(source, BindTransceiverResp, CommandStatus.RINVSYSID, pdu)]
        password, number = esme
        if password != pdu.password:
            return [_answer(source, BindTransceiverResp, CommandStatus.RINVPASWD, pdu)]
        ended = self.end(source)
        self._sessions[source] = _Session(source, number)
        version = Parameter(Tag.SC_INTERFACE_VERSION, bytes((INTERFACE_VERSION,)))
        response = BindTransceiverResp(
            sequence_number=pdu.sequence_number, system_id=SYSTEM_ID, parameters=(version,)
        )
        return [*ended, Send(source, response.encode())]

    def unbind(self, source: Peer, pdu: Unbind) -> list[Command]:
        """End a session; devices that wait for its ESME may try again."""
        if source not in self._sessions:
            return [_answer(source, UnbindResp, CommandStatus.RINVBNDSTS, pdu)]
        return [*self.end(source), _answer(source, UnbindResp, CommandStatus.ROK, pdu)]

    def end(self, source: Peer) -> list[Command]:
        """End the session of a link, if it has one; devices that wait for it may try again."""
        session = self._sessions.pop(source, None)
        names = [name for name, uplink in self._uplinks.items() if uplink.session is session]
        ended = [self._end_uplink(name, RpCause.TEMPORARY_FAILURE) for name in names]
        return [command for commands in ended for command in commands]

    def number_of(self, source: Peer) -> MSISDN | None:
        """Return the number of the ESME that is bound over this link, None if none is."""
        session = self._sessions.get(source)
        return session.number if session else None

    def forward(self, request: Gsup) -> list[Command]:
        """Hand what a device sent to the ESME whose number it names.

        Which service centre the device named is not looked at: the hub leads to this one only.
        """
        try:
            return self._deliver(request)
        except _UndeliverableError as error:
            return [_refuse(request, error.cause)]
        except MalformedError:
            return [_refuse(request, RpCause.INVALID_MANDATORY_INFORMATION)]

    def acknowledge(self, message: QueuedMessage, report: DeliverReport) -> list[Command]:
        """Tell the ESME that sent a message what the card answered to it, if it is bound."""
        try:
            session = self._session_of(message.originator)
        except _UndeliverableError:
            return []  # it does without: the card's answer is nobody else's
        session.last_sequence = session.last_sequence % LAST_SEQUENCE + 1
        pdu = as_acknowledgement(session.last_sequence, message, report)
        return [Send(session.peer, pdu.encode())]

    def delivered(self, source: Peer, pdu: DeliverSmResp | GenericNack) -> list[Command]:
        """Tell a device what the ESME said to its message."""
        name = _timer(source, pdu.sequence_number)
        if isinstance(pdu, DeliverSmResp) and pdu.command_status == CommandStatus.ROK:
            return self._end_uplink(name, None)
        again = pdu.command_status in TRY_AGAIN
        cause = RpCause.TEMPORARY_FAILURE if again else RpCause.TRANSFER_REJECTED
        return self._end_uplink(name, cause)

    def expire(self, timer: str) -> list[Command]:
        """Tell a device that the ESME is silent."""
        return self._end_uplink(timer, RpCause.TEMPORARY_FAILURE)

    def _deliver(self, request: Gsup) -> list[Command]:
        originator = _originator(request)
        submit = decode_uplink(request.sm_rp_ui or b"")
        if not isinstance(submit, Submit):
            raise _UndeliverableError(RpCause.SEMANTICALLY_INCORRECT)
        session = self._session_of(submit.destination.digits)
        sequence = session.last_sequence % LAST_SEQUENCE + 1
        pdu = as_deliver_sm(sequence, originator, submit)
        session.last_sequence = sequence
        name = _timer(session.peer, sequence)
        self._uplinks[name] = _Uplink(session, request)
        return [Send(session.peer, pdu.encode()), SetTimer(name, DELIVER_S)]

    def _session_of(self, number: str) -> _Session:
        for session in self._sessions.values():
            if session.number == number:
                return session
        is_known = any(number == known for _, known in self._esmes.values())
        raise _UndeliverableError(
            RpCause.TEMPORARY_FAILURE if is_known else RpCause.UNASSIGNED_NUMBER
        )

    def _end_uplink(self, name: str, cause: RpCause | None) -> list[Command]:
        uplink = self._uplinks.pop(name, None)
        if uplink is None:
            return []
        if cause is not None:
            return [StopTimer(name), _refuse(uplink.request, cause)]
        report = SubmitReport(timestamp=encode_timestamp(self._surroundings.now()))
        result = uplink.request.result(sm_rp_ui=report.encode())
        return [StopTimer(name), Send(HUB, result.encode())]


def _originator(request: Gsup) -> MSISDN:
    """Return the number that the home register wrote in."""
    match request.sm_rp_oa:
        case RpAddress(RpAddressKind.MSISDN, MSISDN() as originator):
            return originator
    raise _UndeliverableError(RpCause.UNIDENTIFIED_SUBSCRIBER)


def _answer(
    target: Peer,
    kind: type[BindTransceiverResp | UnbindResp],
    status: CommandStatus,
    pdu: BindTransceiver | Unbind,
) -> Send:
    response = kind(command_status=status, sequence_number=pdu.sequence_number)
    return Send(target, response.encode())


def _refuse(request: Gsup, cause: RpCause) -> Send:
    return Send(HUB, request.error(sm_rp_cause=cause).encode())


def _timer(link: Peer, sequence: int) -> str:
    return f"{DELIVER_TIMER}/{link.name}/{sequence}"
