"""The node that serves the devices in a network's area: VLR with switching centre, MME or HSGW.

It attaches devices, its own subscribers' and those of roaming partners, as its generation does,
and relays their short messages. It keeps nothing: after a restart devices are unknown until they
attach again [033].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from impl.codec import gsup
from impl.codec.gsup import Gsup, GsupCause, GsupType, RatType
from impl.errors import MalformedError
from impl.events import Arrived, Command, Event, Expired, Interface, Peer, Send
from impl.network.attachment import TIMER as ATTACH_TIMER
from impl.network.attachment import Attachment, Site
from impl.network.ehrpd_attachment import EhrpdAttachment
from impl.network.eps_attachment import EpsAttachment
from impl.network.mobility_attachment import MobilityAttachment
from impl.network.relay_function import RelayFunction
from impl.network.visitors import Visitors
from impl.ports import Surroundings
from impl.values import ICCID, IMSI, PLMN, Generation

OWN_REGISTER = "hlr"

ATTACHMENTS: Mapping[Generation, tuple[type[Attachment[Any]], RatType]] = {
    Generation.GSM: (MobilityAttachment, RatType.GERAN),
    Generation.UMTS: (MobilityAttachment, RatType.UTRAN),
    Generation.LTE: (EpsAttachment, RatType.EUTRAN),
    Generation.CDMA: (EhrpdAttachment, RatType.EUTRAN),
}
"""How devices attach to a network of that generation, and for which access it asks vectors."""


@dataclass(frozen=True, slots=True)
class VlrConfig:
    """What distinguishes the VLR of one network from another's."""

    plmn: PLMN
    generation: Generation = Generation.UMTS
    name: str = "vlr"
    """What it calls itself in GSUP."""
    lac: int = 1
    """Location area code, and tracking area code, that it broadcasts."""
    partners: Mapping[PLMN, str] = field(default_factory=dict)
    """Networks whose subscribers may roam here, each with the name of the link to its register."""


class Vlr:
    """The node."""

    def __init__(self, config: VlrConfig, surroundings: Surroundings) -> None:
        self.is_closed = False
        """Whether devices are refused for good, whoever their home is (cause 11)."""
        self._homes = {config.plmn: OWN_REGISTER, **config.partners}
        self._visitors = Visitors()
        site = Site(config.plmn, config.name, config.lac, self._find_home)
        kind, rat = ATTACHMENTS[config.generation]
        attach = kind(site, rat, self._visitors, surroundings)
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
            case Arrived(Peer(Interface.SM, device), octets):
                return self._relay.take(device, octets)
            case Arrived(Peer(Interface.GSUP, home), octets):
                return self._take_gsup(home, octets)
            case Arrived(Peer(interface, device), octets):
                is_own = interface is self._attachment.interface
                return self._attachment.take(device, octets) if is_own else []
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


def _answer(home: str, message: Gsup) -> Send:
    return Send(Peer(Interface.GSUP, home), message.encode())
