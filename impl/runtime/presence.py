"""Who came, proved a key, was let in and went, by what passed over the air of any generation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

from impl.codec.aka_prime import AkaPrimeMessage, Subtype
from impl.codec.eap import EapCode, EapMethod, EapPacket, imsi_of_identifier
from impl.codec.eps_identity import GUTI
from impl.codec.eps_mobility import (
    AttachAccept,
    AttachReject,
    AttachRequest,
    DetachRequest,
    EpsAuthenticationReject,
    EpsAuthenticationRequest,
    EpsAuthenticationResponse,
    EpsIdentityResponse,
    TrackingAreaUpdateReject,
)
from impl.codec.mobility import (
    AuthenticationReject,
    AuthenticationRequest,
    AuthenticationResponse,
    IdentityResponse,
    ImsiDetachIndication,
    LocationUpdatingAccept,
    LocationUpdatingReject,
    LocationUpdatingRequest,
    MobileIdentity,
    decode_mm,
)
from impl.codec.nas_security import decode_nas
from impl.codec.ppp import LcpCode, LcpPacket, decode_ppp
from impl.errors import MalformedError
from impl.events import Interface
from impl.runtime.deployment import serves_devices
from impl.runtime.journal import Entry
from impl.values import Generation

Identity = MobileIdentity | GUTI


class Claimed(NamedTuple):
    """A device says who it is."""

    identity: Identity


class Challenged(NamedTuple):
    """A network asks for a proof, as this generation does."""

    generation: Generation


class Proved(NamedTuple):
    """A device answers."""


class Admitted(NamedTuple):
    """A network lets a device in, under this name."""

    temporary: Identity


class Gone(NamedTuple):
    """A device is not attached any more, or a network does not let it in."""


Happening = Claimed | Challenged | Proved | Admitted | Gone


class Seen(NamedTuple):
    """What happened between a device and a serving node, each by its name."""

    device: str
    node: str
    happening: Happening


def seen(entries: Iterable[Entry]) -> Iterator[Seen]:
    """Yield what happened, by the messages that arrived."""
    for entry in entries:
        read = READERS.get(entry.interface) if entry.interface and entry.delivered else None
        if read is None:
            continue
        is_down = serves_devices(entry.sender)
        device, node = (entry.receiver, entry.sender)[:: 1 if is_down else -1]
        with suppress(MalformedError):
            happening = read(entry.message)
            if happening is not None:
                yield Seen(device, node, happening)


def proof(entries: Iterable[Entry], device: str, node: str) -> Generation | None:
    """Return as which generation a node had authenticated a device when it last let it in.

    None if it never did, or let it in without a challenge that was answered.
    """
    asked = answered = found = None
    for who, where, happening in seen(entries):
        if (who, where) != (device, node):
            continue
        match happening:
            case Claimed() | Gone():
                asked = answered = None
            case Challenged(generation):
                asked, answered = generation, None
            case Proved():
                answered = asked
            case Admitted():
                found = answered
    return found


def _of_mobility(octets: bytes) -> Happening | None:
    match decode_mm(octets):
        case LocationUpdatingRequest(identity=identity) | IdentityResponse(identity=identity):
            return Claimed(identity)
        case AuthenticationRequest(autn=autn):
            return Challenged(Generation.GSM if autn is None else Generation.UMTS)
        case AuthenticationResponse():
            return Proved()
        case LocationUpdatingAccept(identity=temporary):
            return Admitted(temporary)
        case ImsiDetachIndication() | LocationUpdatingReject() | AuthenticationReject():
            return Gone()
    return None


def _of_eps(octets: bytes) -> Happening | None:
    match decode_nas(octets):
        case AttachRequest(identity=identity) | EpsIdentityResponse(identity=identity):
            return Claimed(identity)
        case EpsAuthenticationRequest():
            return Challenged(Generation.LTE)
        case EpsAuthenticationResponse():
            return Proved()
        case AttachAccept(guti=temporary):
            return Admitted(temporary)
        case (
            DetachRequest()
            | AttachReject()
            | TrackingAreaUpdateReject()
            | EpsAuthenticationReject()
        ):
            return Gone()
    return None


def _of_link(octets: bytes) -> Happening | None:
    match decode_ppp(octets):
        case LcpPacket(code=LcpCode.TERMINATE_REQUEST) | EapPacket(code=EapCode.FAILURE):
            return Gone()
        case EapPacket(code=EapCode.SUCCESS):
            return Admitted(None)
        case EapPacket(code=EapCode.RESPONSE, method=EapMethod.IDENTITY, data=identity):
            return Claimed(imsi_of_identifier(identity))
        case EapPacket(code=code, method=EapMethod.AKA_PRIME, data=data):
            is_challenge = AkaPrimeMessage.decode(data).subtype is Subtype.CHALLENGE
            happening = Challenged(Generation.CDMA) if code is EapCode.REQUEST else Proved()
            return happening if is_challenge else None
    return None


READERS: Mapping[Interface, Callable[[bytes], Happening | None]] = {
    Interface.MM: _of_mobility,
    Interface.EMM: _of_eps,
    Interface.PPP: _of_link,
}
