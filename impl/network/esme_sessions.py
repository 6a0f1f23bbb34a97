"""The servers that are bound to an SMSC (SMPP 3.4 clause 2.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from impl.codec.short_message import DeliverReport
from impl.codec.smpp import (
    INTERFACE_VERSION,
    BindTransceiver,
    BindTransceiverResp,
    CommandStatus,
    Parameter,
    Tag,
    Unbind,
    UnbindResp,
)
from impl.events import Command, Peer, Send
from impl.network.message_queue import QueuedMessage
from impl.network.smpp_bridge import as_acknowledgement
from impl.values import MSISDN, Secret

DELIVER_S = 25.0
"""Seconds for an ESME to answer; the VLR waits 35 for all that is behind it."""

SYSTEM_ID = "smsc"
LAST_SEQUENCE = 0x7FFFFFFF

TRY_AGAIN: Final = frozenset(
    {CommandStatus.RX_T_APPN, CommandStatus.RTHROTTLED, CommandStatus.RMSGQFUL}
)
"""Answers of an ESME to deliver_sm after which it may be told the same again."""


@dataclass(slots=True)
class _Session:
    """One ESME that is bound."""

    number: MSISDN
    last_sequence: int = 0


class EsmeSessions:
    """Which ESME is bound over which link. A restart ends all sessions."""

    def __init__(self, esmes: Mapping[str, tuple[Secret, MSISDN]]) -> None:
        self._esmes = esmes
        self._numbers = frozenset(number for _, number in esmes.values())
        self._sessions: dict[Peer, _Session] = {}

    def bind(self, source: Peer, pdu: BindTransceiver) -> BindTransceiverResp:
        """Open a session, or say why not. One that the link had gives way to it."""
        esme = self._esmes.get(pdu.system_id)
        if esme is None:
            return BindTransceiverResp(CommandStatus.RINVSYSID, pdu.sequence_number)
        password, number = esme
        if password != pdu.password:
            return BindTransceiverResp(CommandStatus.RINVPASWD, pdu.sequence_number)
        self._sessions[source] = _Session(number)
        version = Parameter(Tag.SC_INTERFACE_VERSION, bytes((INTERFACE_VERSION,)))
        return BindTransceiverResp(
            sequence_number=pdu.sequence_number, system_id=SYSTEM_ID, parameters=(version,)
        )

    def unbind(self, source: Peer, pdu: Unbind) -> UnbindResp:
        """End a session, if there is one."""
        is_bound = self._sessions.pop(source, None) is not None
        status = CommandStatus.ROK if is_bound else CommandStatus.RINVBNDSTS
        return UnbindResp(status, pdu.sequence_number)

    def end(self, source: Peer) -> None:
        """End the session of a link that broke, if it has one."""
        self._sessions.pop(source, None)

    def serves(self, number: str) -> bool:
        """Whether an ESME has this number, bound or not."""
        return number in self._numbers

    def number_of(self, source: Peer) -> MSISDN | None:
        """Return the number of the ESME that is bound over this link, None if none is."""
        session = self._sessions.get(source)
        return session.number if session else None

    def link_of(self, number: str) -> Peer | None:
        """Return the link over which the ESME of this number is bound, None if it is not."""
        for link, session in self._sessions.items():
            if session.number == number:
                return link
        return None

    def next_sequence(self, link: Peer) -> int:
        """Return a number for a request over a link that has a session."""
        session = self._sessions[link]
        session.last_sequence = session.last_sequence % LAST_SEQUENCE + 1
        return session.last_sequence

    def acknowledge(self, message: QueuedMessage, report: DeliverReport) -> list[Command]:
        """Tell the ESME that sent a message what the card answered to it, if it is bound."""
        link = self.link_of(message.originator)
        if link is None:
            return []  # it does without: the card's answer is nobody else's
        pdu = as_acknowledgement(self.next_sequence(link), message, report)
        return [Send(link, pdu.encode())]
