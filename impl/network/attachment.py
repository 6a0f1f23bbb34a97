"""How a VLR attaches a device: identify, authenticate, update the location (TS 24.008 clause 4).

One procedure a device. Its home register is asked over GSUP, whose answers name the IMSI only: of
several devices that claim one IMSI, the one that waits longest gets the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from impl.codec.gsup import AuthTuple, CnDomain, Gsup, GsupCause, GsupType
from impl.codec.mobility import (
    TMSI,
    AuthenticationFailure,
    AuthenticationReject,
    AuthenticationRequest,
    AuthenticationResponse,
    IdentityKind,
    IdentityRequest,
    IdentityResponse,
    ImsiDetachIndication,
    LocationArea,
    LocationUpdatingAccept,
    LocationUpdatingReject,
    LocationUpdatingRequest,
    MmMessage,
    MmStatus,
    MobileIdentity,
    RejectCause,
    TmsiReallocationComplete,
)
from impl.events import Command, Interface, Peer, Send, SetTimer, StopTimer
from impl.network.visitors import Visitor, Visitors
from impl.ports import Surroundings
from impl.values import IMSI, MSISDN, Secret

TIMER = "attach"
LONGEST_S = 18.0
"""Seconds for the whole procedure: the device waits T3210, 20 s, and then asks again."""


class Phase(Enum):
    """What a procedure waits for."""

    IDENTITY = "the IMSI from the device"
    VECTORS = "SendAuthInfo"
    PROOF = "the answer to the challenge from the device"
    UPDATE = "UpdateLocation"


@dataclass(slots=True)
class Procedure:
    """One attach that is under way."""

    device: str
    phase: Phase = Phase.IDENTITY
    imsi: IMSI | None = None
    home: str = ""
    challenge: AuthTuple | None = None
    msisdn: MSISDN | None = None
    was_resynchronized: bool = False
    was_renewed: bool = False


class Attachment:
    """The procedures of all devices in the area of one VLR."""

    def __init__(
        self,
        visitors: Visitors,
        surroundings: Surroundings,
        name: str,
        area: LocationArea,
        find_home: Callable[[IMSI], str | None],
    ) -> None:
        self._visitors = visitors
        self._surroundings = surroundings
        self._name = name
        self._area = area
        self._find_home = find_home
        self._procedures: dict[str, Procedure] = {}
        self._claims: dict[IMSI, list[Procedure]] = {}

    def take(self, device: str, message: MmMessage) -> list[Command]:
        """Go on with what a device says; what comes out of turn is answered with MM STATUS."""
        match message:
            case LocationUpdatingRequest(identity=identity):
                return self._begin(device, identity)
            case ImsiDetachIndication(identity=identity):
                return self._detach(device, identity)
            case MmStatus() | TmsiReallocationComplete():
                return []
        procedure = self._procedures.get(device)
        commands = None if procedure is None else self._go_on(procedure, message)
        out_of_turn = _tell(device, MmStatus(RejectCause.MESSAGE_NOT_COMPATIBLE))
        return [out_of_turn] if commands is None else commands

    def take_vectors(self, home: str, answer: Gsup) -> list[Command]:
        """Challenge the device with the vector that its home register sent, or reject it."""
        procedure = self._waiting(home, answer, Phase.VECTORS)
        if procedure is None:
            return []
        if answer.message_type is not GsupType.SEND_AUTH_INFO_RESULT:
            return self._reject(procedure, _cause_for_device(answer.cause))
        challenge = answer.auth_tuples[0] if answer.auth_tuples else AuthTuple()
        if challenge.rand is None or _expected(challenge) is None:
            return self._reject(procedure, RejectCause.NETWORK_FAILURE)
        procedure.phase, procedure.challenge = Phase.PROOF, challenge
        request = AuthenticationRequest(0, challenge.rand, challenge.autn)
        return [_tell(procedure.device, request)]

    def take_profile(self, home: str, request: Gsup) -> list[Command]:
        """Keep what the home register says of a subscriber who is being attached."""
        procedure = self._waiting(home, request, Phase.UPDATE)
        if procedure is None:
            return [_ask(home, request.error(cause=GsupCause.IMSI_UNKNOWN))]
        procedure.msisdn = request.msisdn
        return [_ask(home, request.result())]

    def take_update(self, home: str, answer: Gsup) -> list[Command]:
        """Accept the device when its home register did, or reject it."""
        procedure = self._waiting(home, answer, Phase.UPDATE)
        if procedure is None or procedure.imsi is None:
            return []
        if answer.message_type is not GsupType.UPDATE_LOCATION_RESULT:
            return self._reject(procedure, _cause_for_device(answer.cause))
        commands = self._end(procedure)
        visitor = Visitor(
            procedure.imsi, procedure.device, home, self._new_tmsi(), procedure.msisdn
        )
        self._visitors.enter(visitor)
        accept = LocationUpdatingAccept(self._area, visitor.tmsi)
        return [*commands, _tell(procedure.device, accept)]

    def expire(self, device: str) -> list[Command]:
        """Give up an attach that took too long."""
        procedure = self._procedures.get(device)
        return self._reject(procedure, RejectCause.NETWORK_FAILURE) if procedure else []

    def _begin(self, device: str, identity: MobileIdentity) -> list[Command]:
        if device in self._procedures:
            self._end(self._procedures[device])
        procedure = self._procedures[device] = Procedure(device)
        timer = SetTimer(f"{TIMER}/{device}", LONGEST_S)
        visitor = self._visitors.of_tmsi(identity) if isinstance(identity, TMSI) else None
        imsi = visitor.imsi if visitor else identity
        if isinstance(imsi, IMSI):
            return [timer, *self._route(procedure, imsi)]
        return [timer, _tell(device, IdentityRequest(IdentityKind.IMSI))]

    def _go_on(self, procedure: Procedure, message: MmMessage) -> list[Command] | None:
        """Take what the device was asked for; None for anything else."""
        match procedure.phase, message:
            case Phase.IDENTITY, IdentityResponse(identity=IMSI() as imsi):
                return self._route(procedure, imsi)
            case Phase.IDENTITY, IdentityResponse():
                return self._reject(procedure, RejectCause.INVALID_MANDATORY_INFORMATION)
            case Phase.PROOF, AuthenticationResponse(res=res):
                return self._check(procedure, res)
            case Phase.PROOF, AuthenticationFailure(cause=cause, auts=auts):
                return self._renew(procedure, cause, auts)
        return None

    def _route(self, procedure: Procedure, imsi: IMSI) -> list[Command]:
        """Ask the home register of this IMSI, if its network has one that is known here."""
        former = self._visitors.of_device(procedure.device)
        if former is not None and former.imsi != imsi:
            self._visitors.leave(former)  # another card is in the device now
        home = self._find_home(imsi)
        if home is None:
            return self._reject(procedure, RejectCause.PLMN_NOT_ALLOWED)
        procedure.imsi, procedure.home = imsi, home
        self._claims.setdefault(imsi, []).append(procedure)
        return [self._fetch(procedure)]

    def _fetch(self, procedure: Procedure, auts: bytes | None = None) -> Send:
        """Ask for one vector, after a synch failure for one that follows what the card said."""
        procedure.phase = Phase.VECTORS
        rand = procedure.challenge.rand if auts and procedure.challenge else None
        request = Gsup(
            GsupType.SEND_AUTH_INFO_REQUEST,
            imsi=procedure.imsi,
            auts=auts,
            rand=rand,
            cn_domain=CnDomain.CIRCUIT_SWITCHED,
            num_vectors=1,
            source_name=self._name,
        )
        return _ask(procedure.home, request)

    def _check(self, procedure: Procedure, res: bytes) -> list[Command]:
        """Compare RES in constant time; a device that does not prove itself is rejected."""
        assert procedure.challenge is not None
        if Secret(res) != _expected(procedure.challenge):
            return self._refuse(procedure)
        procedure.phase = Phase.UPDATE
        request = Gsup(
            GsupType.UPDATE_LOCATION_REQUEST,
            imsi=procedure.imsi,
            cn_domain=CnDomain.CIRCUIT_SWITCHED,
            source_name=self._name,
        )
        return [_ask(procedure.home, request)]

    def _renew(self, procedure: Procedure, cause: int, auts: bytes | None) -> list[Command]:
        """Take another vector where the card did not accept one: once for each of two causes.

        TS 24.008 clause 4.3.2.6 c) and d).
        """
        if cause == RejectCause.SYNCH_FAILURE and auts and not procedure.was_resynchronized:
            procedure.was_resynchronized = True
            return [self._fetch(procedure, auts)]
        if cause == RejectCause.MAC_FAILURE and not procedure.was_renewed:
            procedure.was_renewed = True
            return [self._fetch(procedure)]
        return self._refuse(procedure)

    def _detach(self, device: str, identity: MobileIdentity) -> list[Command]:
        visitor = self._visitors.of_device(device)
        if visitor is not None and identity in {visitor.imsi, visitor.tmsi}:
            self._visitors.leave(visitor)
        return []

    def _reject(self, procedure: Procedure, cause: RejectCause) -> list[Command]:
        rejection = _tell(procedure.device, LocationUpdatingReject(cause))
        return [*self._end(procedure), rejection]

    def _refuse(self, procedure: Procedure) -> list[Command]:
        return [*self._end(procedure), _tell(procedure.device, AuthenticationReject())]

    def _end(self, procedure: Procedure) -> list[Command]:
        del self._procedures[procedure.device]
        if procedure.imsi is not None:
            claims = self._claims[procedure.imsi]
            claims.remove(procedure)
            if not claims:
                del self._claims[procedure.imsi]
        return [StopTimer(f"{TIMER}/{procedure.device}")]

    def _waiting(self, home: str, answer: Gsup, phase: Phase) -> Procedure | None:
        return next(self._claiming(home, answer, phase), None)

    def _claiming(self, home: str, answer: Gsup, phase: Phase) -> Iterator[Procedure]:
        for procedure in self._claims.get(answer.imsi, ()) if answer.imsi else ():
            if procedure.phase is phase and procedure.home == home:
                yield procedure

    def _new_tmsi(self) -> TMSI:
        while True:
            octets = self._surroundings.random_octets(4)
            if octets != b"\xff" * 4 and self._visitors.of_tmsi(TMSI(octets)) is None:
                return TMSI(octets)


def _expected(challenge: AuthTuple) -> Secret | None:
    """Return what the device has to answer: RES to a challenge with AUTN, else SRES."""
    return challenge.res if challenge.autn is not None else challenge.sres


def _cause_for_device(cause: int | None) -> RejectCause:
    """Return what a device is told when its home register refused (TS 29.010 clause 3.2)."""
    unknown = cause == GsupCause.IMSI_UNKNOWN
    return RejectCause.IMSI_UNKNOWN_IN_HLR if unknown else RejectCause.NETWORK_FAILURE


def _tell(device: str, message: MmMessage) -> Send:
    return Send(Peer(Interface.MM, device), message.encode())


def _ask(home: str, message: Gsup) -> Send:
    return Send(Peer(Interface.GSUP, home), message.encode())
