"""The attach of GSM and of UMTS: 3GPP TS 24.008 clause 4, Rel-17.

A network of GSM challenges without AUTN, with triplets (TS 43.020 clause 3.3); one of UMTS with
it, with quintets (TS 33.102 clause 6.3).
"""

from __future__ import annotations

from typing import ClassVar

from impl.codec.gsup import AuthTuple, CnDomain, RatType
from impl.codec.mobility import (
    MESSAGES,
    AuthenticationFailure,
    AuthenticationReject,
    AuthenticationRequest,
    AuthenticationResponse,
    IdentityKind,
    IdentityRequest,
    IdentityResponse,
    ImsiDetachIndication,
    LocationUpdatingAccept,
    LocationUpdatingReject,
    LocationUpdatingRequest,
    MmMessage,
    MmStatus,
    RejectCause,
    TmsiReallocationComplete,
    Updating,
    decode_mm,
    message_type,
)
from impl.errors import MalformedError
from impl.events import Command, Interface, Send
from impl.network.attachment import Attachment, Phase, Procedure
from impl.network.visitors import Visitor
from impl.values import IMSI, Secret


class MobilityAttachment(Attachment[Procedure]):
    """The procedures of all devices in the area of one VLR."""

    interface: ClassVar = Interface.MM
    domain: ClassVar = CnDomain.CIRCUIT_SWITCHED
    longest_s: ClassVar = 18.0  # T3210 of the device is 20 s

    def take(self, device: str, octets: bytes) -> list[Command]:
        """Go on with what a device says; MM STATUS answers what means nothing or is out of turn."""
        try:
            message = decode_mm(octets)
        except MalformedError:
            return self._answer_unread(device, octets)
        match message:
            case LocationUpdatingRequest():
                return self._begin(device, message)
            case ImsiDetachIndication(identity=identity):
                return self._detach(device, identity)
            case MmStatus() | TmsiReallocationComplete():
                return []
        procedure = self._procedures.get(device)
        commands = None if procedure is None else self._go_on(procedure, message)
        out_of_turn = self._say(device, MmStatus(RejectCause.MESSAGE_NOT_COMPATIBLE))
        return [out_of_turn] if commands is None else commands

    def expected(self, challenge: AuthTuple) -> Secret | None:
        """Return RES where the challenge has AUTN, else SRES: a card of GSM may be anywhere."""
        if challenge.rand is None:
            return None
        return challenge.res if self._autn(challenge) is not None else challenge.sres

    def _autn(self, challenge: AuthTuple) -> bytes | None:
        """Return AUTN, which a network of GSM does not send, even if it has it."""
        return None if self._rat is RatType.GERAN else challenge.autn

    def _challenge(self, procedure: Procedure, challenge: AuthTuple) -> list[Command]:
        assert challenge.rand is not None
        request = AuthenticationRequest(
            procedure.key_sequence, challenge.rand, self._autn(challenge)
        )
        return [self._say(procedure.device, request)]

    def _believe(self, procedure: Procedure) -> list[Command]:
        """Tell the register, unless it knows already where this device is (TS 23.012 4.1.2.1)."""
        visitor = self._visitors.of_device(procedure.device)
        if not procedure.is_periodic or visitor is None or visitor.imsi != procedure.imsi:
            return self._update(procedure)
        return [*self._end(procedure), *self._accept(procedure, visitor)]

    def _accept(self, procedure: Procedure, visitor: Visitor) -> list[Command]:
        return [self._say(procedure.device, LocationUpdatingAccept(self._site.area, visitor.tmsi))]

    def _reject(self, procedure: Procedure, cause: int) -> list[Command]:
        rejection = self._say(procedure.device, LocationUpdatingReject(cause))
        return [*self._end(procedure), rejection]

    def _refuse(self, procedure: Procedure) -> list[Command]:
        return [*self._end(procedure), self._say(procedure.device, AuthenticationReject())]

    def _begin(self, device: str, request: LocationUpdatingRequest) -> list[Command]:
        is_periodic = request.updating.kind is Updating.PERIODIC
        procedure = Procedure(device, is_periodic=is_periodic)
        procedure.choose_key_sequence(request.updating.key_sequence)
        question = IdentityRequest(IdentityKind.IMSI).encode()
        return self._enter_as(procedure, request.identity, question)

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
                return self._heed(procedure, cause, auts)
        return None

    def _answer_unread(self, device: str, octets: bytes) -> list[Command]:
        """Answer what could not be read (clause 8); too short or foreign is ignored."""
        try:
            is_known = message_type(octets) in MESSAGES
        except MalformedError:
            return []
        cause = RejectCause.INVALID_MANDATORY_INFORMATION
        if not is_known:
            cause = RejectCause.MESSAGE_TYPE_NOT_IMPLEMENTED
        return [self._say(device, MmStatus(cause))]

    def _say(self, device: str, message: MmMessage) -> Send:
        return self._tell(device, message.encode())
