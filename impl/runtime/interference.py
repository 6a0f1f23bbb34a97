"""Losing, delaying and saying again the messages of the method, by what they are.

Of the secured sessions an outsider can lose and delay records only; to say a message of one again
is what its sender does when it got no answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from impl.codec.operator import decode_operator
from impl.codec.relay import RpData, decode_rp
from impl.codec.secured_packet import COMMAND_IDENTIFIER, RESPONSE_IDENTIFIER
from impl.codec.short_message import Deliver, decode_downlink
from impl.codec.smpp import DeliverSm, EsmClass, SubmitSm, decode_smpp
from impl.codec.user_data import UserData
from impl.errors import MalformedError
from impl.events import Interface
from impl.messages import ConfirmChange, IdentityNotice, InformLeft, ReleaseIdentity
from impl.runtime.deployment import serves_devices
from impl.runtime.journal import Entry
from impl.runtime.simulation import Frame

EVERY = 1_000_000
PID_USIM_DATA_DOWNLOAD = 0x7F


class Kind(Enum):
    """Messages of the method, each on one hop of its way."""

    REQUEST = "Req, from a short message centre to the server"
    NOTICE = "MesN, from a home register"
    MESSAGE = "the first or only part of MesP, or of an order, from the server"
    DELIVERY = "a part of MesP, over the air to the device"
    REPORT = "PoR, from a short message centre to the server"
    CONFIRMATION = "that a card attached, from a home register"
    LEAVING = "that a user left, from the server"
    RELEASE = "that an identity is not needed, from the server"


_SAID = {
    IdentityNotice: Kind.NOTICE,
    ConfirmChange: Kind.CONFIRMATION,
    InformLeft: Kind.LEAVING,
    ReleaseIdentity: Kind.RELEASE,
}


def kind_of(interface: Interface | None, message: bytes, sender: str) -> Kind | None:
    """Say which message of the method this is, None if it is none of them.

    Args:
        interface: of the link; None between device and card.
        message: as its sender wrote it.
        sender: the name of the node.
    """
    try:
        match interface:
            case Interface.OPERATOR:
                return _SAID.get(type(decode_operator(message)))
            case Interface.SMPP:
                return _kind_of_pdu(message)
            case Interface.SM if serves_devices(sender):
                return _kind_of_relay(message)
    except MalformedError:
        pass
    return None


def _kind_of_pdu(octets: bytes) -> Kind | None:
    pdu = decode_smpp(octets)
    if not isinstance(pdu, SubmitSm | DeliverSm):
        return None
    header = UserData.decode(pdu.user_data, has_header=bool(pdu.esm_class & EsmClass.UDHI)).header
    identifiers = {element.identifier for element in header}
    if RESPONSE_IDENTIFIER in identifiers:
        return Kind.REPORT
    if COMMAND_IDENTIFIER not in identifiers:
        return None
    return Kind.MESSAGE if isinstance(pdu, SubmitSm) else Kind.REQUEST


def _kind_of_relay(octets: bytes) -> Kind | None:
    relay = decode_rp(octets, from_network=True)
    tpdu = decode_downlink(relay.user_data) if isinstance(relay, RpData) else None
    is_for_card = isinstance(tpdu, Deliver) and tpdu.pid == PID_USIM_DATA_DOWNLOAD
    return Kind.DELIVERY if is_for_card else None


def of_kind(entries: Iterable[Entry], kind: Kind) -> Iterator[Entry]:
    """Yield the messages of that kind, oldest first."""
    for entry in entries:
        if kind_of(entry.interface, entry.message, entry.sender) is kind:
            yield entry


@dataclass(slots=True)
class LossFault:
    """Filter that loses messages of one kind, a short message however often it is submitted."""

    kind: Kind
    left: int = EVERY
    """How many more."""
    _lost: set[bytes] = field(default_factory=set)

    def __call__(self, frame: Frame) -> list[tuple[float, Frame]]:
        """Say what becomes of a frame."""
        if _kind_of(frame) is not self.kind:
            return [(0.0, frame)]
        content = _content(frame)
        if content in self._lost:
            return []
        if not self.left:
            return [(0.0, frame)]
        self.left -= 1
        if content:
            self._lost.add(content)
        return []


@dataclass(frozen=True, slots=True)
class DelayFault:
    """Filter that lets messages of one kind come late."""

    kind: Kind
    delay_s: float

    def __call__(self, frame: Frame) -> list[tuple[float, Frame]]:
        """Say what becomes of a frame."""
        return [(self.delay_s if _kind_of(frame) is self.kind else 0.0, frame)]


def _content(frame: Frame) -> bytes:
    """Return what a short message says, which is the same each time; nothing of other messages."""
    if frame.target.interface is not Interface.SMPP:
        return b""
    pdu = decode_smpp(frame.message)
    return pdu.user_data if isinstance(pdu, SubmitSm | DeliverSm) else b""


def _kind_of(frame: Frame) -> Kind | None:
    return kind_of(frame.target.interface, frame.message, frame.sender)
