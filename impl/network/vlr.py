"""The visitor location register of a network, with its switching centre (MSC) [033].

It attaches devices, its own subscribers' and those of roaming partners, and relays their short
messages. It keeps nothing: after a restart devices are unknown until they attach again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from impl.codec import gsup
from impl.codec.gsup import Gsup, GsupCause, GsupType
from impl.codec.mobility import (
    MESSAGES,
    LocationArea,
    MmStatus,
    RejectCause,
    decode_mm,
    message_type,
)
from impl.errors import MalformedError
from impl.events import Arrived, Command, Event, Expired, Interface, Peer, Send
from impl.network.attachment import TIMER as ATTACH_TIMER
from impl.network.attachment import Attachment
from impl.network.relay_function import RelayFunction
from impl.network.visitors import Visitors
from impl.ports import Surroundings
from impl.values import ICCID, IMSI, PLMN

OWN_REGISTER = "hlr"


@dataclass(frozen=True, slots=True)
class VlrConfig:
    """What distinguishes the VLR of one network from another's."""

    plmn: PLMN
    name: str = "vlr"
    """What it calls itself in GSUP."""
    lac: int = 1
    """Location area code that it broadcasts."""
    partners: Mapping[PLMN, str] = field(default_factory=dict)
    """Networks whose subscribers may roam here, each with the name of the link to its register."""


class Vlr:
    """The node."""

    def __init__(self, config: VlrConfig, surroundings: Surroundings) -> None:
        self.is_closed = False
        """Whether devices are refused for good, whoever their home is (cause 11)."""
        self._homes = {config.plmn: OWN_REGISTER, **config.partners}
        self._visitors = Visitors()
        area = LocationArea(config.plmn, config.lac)
        attach = Attachment(self._visitors, surroundings, config.name, area, self._find_home)
        relay = RelayFunction(self._visitors)
        self._attachment, self._relay = attach, relay
        self._handlers: dict[GsupType, Callable[[str, Gsup], list[Command]]] = {
            GsupType.SEND_AUTH_INFO_RESULT: attach.take_vectors,
            GsupType.SEND_AUTH_INFO_ERROR: attach.take_vectors,
            GsupType.UPDATE_LOCATION_RESULT: attach.take_update,
            GsupType.UPDATE_LOCATION_ERROR: attach.take_update,
            GsupType.INSERT_DATA_REQUEST: attach.take_profile,
            GsupType.LOCATION_CANCEL_REQUEST: self._cancel,
            GsupType.MT_FORWARD_SM_REQUEST: relay.deliver,
            GsupType.MO_FORWARD_SM_RESULT: relay.take_answer,
            GsupType.MO_FORWARD_SM_ERROR: relay.take_answer,
            GsupType.READY_FOR_SM_RESULT: relay.take_answer,
            GsupType.READY_FOR_SM_ERROR: relay.take_answer,
        }

    def handle(self, event: Event) -> list[Command]:
        """Take one event."""
        match event:
            case Arrived(Peer(Interface.MM, device), octets):
                return self._take_mobility(device, octets)
            case Arrived(Peer(Interface.SM, device), octets):
                return self._relay.take(device, octets)
            case Arrived(Peer(Interface.GSUP, home), octets):
                return self._take_gsup(home, octets)
            case Expired(timer):
                kind, _, name = timer.partition("/")
                if kind == ATTACH_TIMER:
                    return self._attachment.expire(name)
                return self._relay.expire(timer)
        return []

    def admit(self, plmn: PLMN, register: str) -> None:
        """Let subscribers of another network roam here; `register` is the link to theirs."""
        self._homes[plmn] = register

    def is_attached(self, iccid: ICCID) -> bool:
        """Whether the device with this card is attached here."""
        return self._visitors.of_device(iccid) is not None

    def _take_mobility(self, device: str, octets: bytes) -> list[Command]:
        try:
            return self._attachment.take(device, decode_mm(octets))
        except MalformedError:
            return _status(device, octets)

    def _take_gsup(self, home: str, octets: bytes) -> list[Command]:
        try:
            message = gsup.decode_gsup(octets)
        except MalformedError:
            refusal = gsup.refuse(octets)
            return [_answer(home, refusal)] if refusal else []
        handler = self._handlers.get(message.message_type)
        if handler is not None:
            return handler(home, message)
        if message.message_type.is_request:
            return [_answer(home, message.error(cause=GsupCause.MESSAGE_NOT_COMPATIBLE))]
        return []

    def _cancel(self, home: str, request: Gsup) -> list[Command]:
        """Detach a subscriber who is elsewhere or no subscriber any more; done twice is done."""
        visitor = self._visitors.of_imsi(request.imsi)
        if visitor is not None and visitor.home == home:
            self._visitors.leave(visitor)
        return [_answer(home, request.result())]

    def _find_home(self, imsi: IMSI) -> str | None:
        """Return the register of the network that issued `imsi`: the one of the longest match."""
        if self.is_closed:
            return None
        issuers = [plmn for plmn in self._homes if imsi.is_of(plmn)]
        return self._homes[max(issuers, key=len)] if issuers else None


def _status(device: str, octets: bytes) -> list[Command]:
    """Answer what could not be read (TS 24.008 clause 8); too short or foreign is ignored."""
    try:
        is_known = message_type(octets) in MESSAGES
    except MalformedError:
        return []
    cause = RejectCause.INVALID_MANDATORY_INFORMATION
    if not is_known:
        cause = RejectCause.MESSAGE_TYPE_NOT_IMPLEMENTED
    return [Send(Peer(Interface.MM, device), MmStatus(cause).encode())]


def _answer(home: str, message: Gsup) -> Send:
    return Send(Peer(Interface.GSUP, home), message.encode())
