"""The attach of LTE: 3GPP TS 24.301 clauses 5.4 and 5.5.1, Rel-17.

The MME challenges by EPS AKA (TS 33.401 clause 6.1) and takes up protection with keys made of
K_ASME before it tells the register. Devices attach combined, for short messages only: the MME is
their switching centre, too (TS 23.272 annex C).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from impl.codec.eps_identity import GUTI, EpsIdentity
from impl.codec.eps_mobility import (
    AREA_UPDATED,
    CAPABILITY,
    EMM_MESSAGES,
    ESM_DUMMY,
    SMS_ONLY_GRANTED,
    T3412_MINUTES_54,
    AttachAccept,
    AttachComplete,
    AttachKind,
    AttachReject,
    AttachRequest,
    DetachRequest,
    EmmCause,
    EmmMessage,
    EmmStatus,
    EpsAuthenticationFailure,
    EpsAuthenticationReject,
    EpsAuthenticationRequest,
    EpsAuthenticationResponse,
    EpsIdentityRequest,
    EpsIdentityResponse,
    SecurityModeCommand,
    SecurityModeComplete,
    SecurityModeReject,
    TrackingAreaUpdateAccept,
    TrackingAreaUpdateReject,
    TrackingAreaUpdateRequest,
    emm_type,
)
from impl.codec.gsup import AuthTuple, CnDomain
from impl.codec.mobility import TMSI, IdentityKind
from impl.codec.nas_security import ALGORITHMS, NasContext, Protection, decode_nas, is_protected
from impl.errors import MacFailureError, MalformedError
from impl.events import Command, Interface, Send
from impl.network.attachment import Attachment, Phase, Procedure
from impl.network.hss import eps_key
from impl.network.visitors import Visitor
from impl.values import IMSI

GROUP, CODE = 1, 1
"""Of this MME, the only one of its network."""
NEVER_PLAIN = (
    SecurityModeComplete,
    AttachComplete,
    DetachRequest,
    TrackingAreaUpdateRequest,
)
"""What nobody is believed who does not protect it. Another device cannot detach this one."""


@dataclass(slots=True)
class EpsProcedure(Procedure):
    """One attach to an MME."""

    request: AttachRequest | None = None
    context: NasContext | None = None
    """How messages are protected, from SECURITY MODE COMMAND on."""


class EpsAttachment(Attachment[EpsProcedure]):
    """The procedures of all devices in the area of one MME."""

    interface: ClassVar = Interface.EMM
    domain: ClassVar = CnDomain.PACKET_SWITCHED
    unknown: ClassVar = EmmCause.NO_SERVICES_ALLOWED  # TS 29.272 table A.1
    longest_s: ClassVar = 13.0  # T3410 of the device is 15 s

    def __init__(self, *facts: Any) -> None:
        super().__init__(*facts)
        self._contexts: dict[str, NasContext] = {}
        """With devices that are attached."""

    def take(self, device: str, octets: bytes) -> list[Command]:
        """Go on with what a device says; EMM STATUS answers what is out of turn or has no meaning.

        What is protected and does not verify is dropped, and so is, without protection, what has to
        have it (clause 4.4.4.3).
        """
        try:
            message = self._open(device, octets) if is_protected(octets) else decode_nas(octets)
        except MacFailureError:
            return []
        except MalformedError:
            return self._answer_unread(device, octets)
        if isinstance(message, NEVER_PLAIN) and not is_protected(octets):
            return []
        return self._take(device, message)

    def _challenge(self, procedure: EpsProcedure, challenge: AuthTuple) -> list[Command]:
        assert challenge.rand is not None
        assert challenge.autn is not None
        request = EpsAuthenticationRequest(procedure.key_sequence, challenge.rand, challenge.autn)
        return [self._say(procedure.device, request)]

    def _believe(self, procedure: EpsProcedure) -> list[Command]:
        """Take up protection with a device that proved itself (clause 5.4.3.2)."""
        assert procedure.challenge is not None
        assert procedure.request is not None
        capability = procedure.request.capability
        if any(own & ~theirs for own, theirs in zip(CAPABILITY, capability, strict=False)):
            return self._reject(procedure, EmmCause.UE_SECURITY_CAPABILITIES_MISMATCH)
        kasme = eps_key(procedure.challenge, self._site.plmn)
        procedure.phase = Phase.SECURITY
        procedure.context = NasContext(kasme, is_network=True)
        command = SecurityModeCommand(ALGORITHMS, procedure.key_sequence, capability[:5])
        return [self._protect(procedure, command, Protection.INTEGRITY_NEW)]

    def _accept(self, procedure: EpsProcedure, visitor: Visitor) -> list[Command]:
        assert procedure.request is not None
        assert procedure.context is not None
        assert visitor.tmsi is not None
        is_combined = procedure.request.kind.low == AttachKind.COMBINED
        guti = GUTI(self._site.plmn, GROUP, CODE, visitor.tmsi)
        accept = AttachAccept(
            AttachKind.COMBINED if is_combined else AttachKind.EPS_ONLY,
            T3412_MINUTES_54,
            self._site.area,
            ESM_DUMMY,
            guti,
            self._site.area if is_combined else None,
            SMS_ONLY_GRANTED,
        )
        told = self._protect(procedure, accept, Protection.CIPHERED)
        self._contexts[procedure.device] = procedure.context
        return [told]

    def _reject(self, procedure: EpsProcedure, cause: int) -> list[Command]:
        commands, rejection = self._end(procedure), AttachReject(cause)
        if procedure.context is None:
            return [*commands, self._say(procedure.device, rejection)]
        return [*commands, self._protect(procedure, rejection, Protection.CIPHERED)]

    def _refuse(self, procedure: EpsProcedure) -> list[Command]:
        return [*self._end(procedure), self._say(procedure.device, EpsAuthenticationReject())]

    def _take(self, device: str, message: EmmMessage) -> list[Command]:
        match message:
            case AttachRequest():
                return self._begin(device, message)
            case DetachRequest(identity=identity):
                return self._detach(device, self._known(identity))
            case TrackingAreaUpdateRequest(identity=identity):
                return self._take_update(device, identity)
            case EmmStatus() | AttachComplete():
                return []
        procedure = self._procedures.get(device)
        commands = None if procedure is None else self._go_on(procedure, message)
        out_of_turn = self._say(device, EmmStatus(EmmCause.MESSAGE_NOT_COMPATIBLE))
        return [out_of_turn] if commands is None else commands

    def _begin(self, device: str, request: AttachRequest) -> list[Command]:
        procedure = EpsProcedure(device, request=request)
        procedure.choose_key_sequence(request.kind.key_set & 0x07)
        question = EpsIdentityRequest(IdentityKind.IMSI).encode()
        return self._enter_as(procedure, self._known(request.identity), question)

    def _take_update(self, device: str, identity: EpsIdentity) -> list[Command]:
        """Say whether the device is known; its protection proves it (clauses 5.5.3.2.4, 5.5.3.2.5).

        Who was attached and is not any more was detached without a word: let them attach anew.
        """
        context, visitor = self._contexts.get(device), self._visitors.of_device(device)
        if context is None:  # the first attach of this device is not over
            return []
        answer: EmmMessage = TrackingAreaUpdateReject(EmmCause.IMPLICITLY_DETACHED)
        if visitor is not None and self._known(identity) == visitor.tmsi:
            answer = TrackingAreaUpdateAccept(AREA_UPDATED)
        octets, self._contexts[device] = context.seal(answer, Protection.CIPHERED)
        return [self._tell(device, octets)]

    def _known(self, identity: EpsIdentity) -> IMSI | TMSI | None:
        """Return what names a subscriber here: an IMSI, or a temporary identity of this MME."""
        match identity:
            case IMSI():
                return identity
            case GUTI(self._site.plmn, group, code, m_tmsi) if (group, code) == (GROUP, CODE):
                return m_tmsi
        return None

    def _go_on(self, procedure: EpsProcedure, message: EmmMessage) -> list[Command] | None:
        """Take what the device was asked for; None for anything else."""
        match procedure.phase, message:
            case Phase.IDENTITY, EpsIdentityResponse(identity=IMSI() as imsi):
                return self._route(procedure, imsi)
            case Phase.IDENTITY, EpsIdentityResponse():
                return self._reject(procedure, EmmCause.INVALID_MANDATORY_INFORMATION)
            case Phase.PROOF, EpsAuthenticationResponse(res=res):
                return self._check(procedure, res)
            case Phase.PROOF, EpsAuthenticationFailure(cause=cause, auts=auts):
                return self._heed(procedure, cause, auts)
            case Phase.SECURITY, SecurityModeComplete() | SecurityModeReject():
                return self._secured(procedure, message)
        return None

    def _secured(self, procedure: EpsProcedure, message: EmmMessage) -> list[Command]:
        if isinstance(message, SecurityModeComplete):
            return self._update(procedure)
        return self._reject(procedure, EmmCause.NETWORK_FAILURE)

    def _open(self, device: str, octets: bytes) -> EmmMessage:
        """Return what a protected message says, by the context of the attach or of the visitor.

        Raises:
            MacFailureError: there is no context, or the message is not of it.
            MalformedError: nobody can read it.
        """
        procedure = self._procedures.get(device)
        if procedure is not None and procedure.context is not None:
            message, procedure.context = procedure.context.open(octets)
            return message
        if device in self._contexts:
            message, self._contexts[device] = self._contexts[device].open(octets)
            return message
        decode_nas(octets)
        raise MacFailureError("there is no security context with this device")

    def _answer_unread(self, device: str, octets: bytes) -> list[Command]:
        """Answer what could not be read (clause 7); too short, protected or foreign is ignored."""
        try:
            is_known = emm_type(octets) in EMM_MESSAGES
        except MalformedError:
            return []
        cause = EmmCause.INVALID_MANDATORY_INFORMATION
        if not is_known:
            cause = EmmCause.MESSAGE_TYPE_NOT_IMPLEMENTED
        return [self._say(device, EmmStatus(cause))]

    def _protect(
        self, procedure: EpsProcedure, message: EmmMessage, protection: Protection
    ) -> Send:
        assert procedure.context is not None
        octets, procedure.context = procedure.context.seal(message, protection)
        return self._tell(procedure.device, octets)

    def _say(self, device: str, message: EmmMessage) -> Send:
        return self._tell(device, message.encode())
