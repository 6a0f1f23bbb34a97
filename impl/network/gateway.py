"""The network entity between the application server and a home register [070].

It ends the session of the application server and interrogates the register over one of its own, so
that nobody outside the network reaches the register. What it passes on it has read and written
itself; what the sender may not say, it answers in the other's place.
"""

from __future__ import annotations

from dataclasses import dataclass

from impl.codec.operator import answer_to_unread, decode_operator, encode_operator, is_answer
from impl.errors import MalformedError
from impl.events import Arrived, Command, Event, Interface, Peer, Send
from impl.messages import (
    ConfirmChange,
    IdentityInUse,
    IdentityNotice,
    IdentityReleased,
    InformLeft,
    Malformed,
    Noted,
    OperatorMessage,
    Refusal,
    RefusalReason,
    ReleaseIdentity,
    ReserveIdentity,
)
from impl.values import PLMN

APPLICATION_SERVER = Peer(Interface.OPERATOR, "application-server")

TO_REGISTER = (ReserveIdentity, ReleaseIdentity, InformLeft, Noted, Refusal, Malformed)
"""What an application server may say to a register."""
TO_SERVER = (
    IdentityNotice,
    IdentityReleased,
    IdentityInUse,
    ConfirmChange,
    Noted,
    Refusal,
    Malformed,
)
"""What a register may say to an application server."""


@dataclass(frozen=True, slots=True)
class GatewayConfig:
    """What distinguishes the gateway of one network from another's."""

    plmn: PLMN

    @property
    def register(self) -> Peer:
        """The home register behind the gateway."""
        return Peer(Interface.OPERATOR, self.plmn)


class Gateway:
    """The node. It keeps nothing: both ends say again what was not answered."""

    def __init__(self, config: GatewayConfig) -> None:
        self._ways = {
            APPLICATION_SERVER: (config.register, TO_REGISTER),
            config.register: (APPLICATION_SERVER, TO_SERVER),
        }

    def handle(self, event: Event) -> list[Command]:
        """Take one event."""
        match event:
            case Arrived(Peer(Interface.OPERATOR) as source, octets):
                try:
                    message = decode_operator(octets)
                except MalformedError as error:
                    return [_send(source, answer_to_unread(error))]
                return self._pass_on(source, message)
        return []

    def _pass_on(self, source: Peer, message: OperatorMessage) -> list[Command]:
        target, allowed = self._ways.get(source, (source, ()))
        if isinstance(message, allowed):
            return [_send(target, message)]
        if is_answer(message):
            return []
        return [_send(source, Refusal(id=message.id, reason=RefusalReason.NOT_AUTHORIZED))]


def _send(target: Peer, message: OperatorMessage) -> Send:
    return Send(target, encode_operator(message))
