"""The device's end of an attach to LTE: 3GPP TS 24.301 clauses 5.4 and 5.5.1, Rel-17.

Combined, for short messages only. Every attach begins without a security context: the one that the
card keeps (EF.EPSNSC) is of an attach that is over.
"""

from __future__ import annotations

from impl.codec.authenticate import AuthenticationSuccess, SynchronisationFailure
from impl.codec.card_file import EpsSecurityContext
from impl.codec.digits import encode_plmn
from impl.codec.eps_identity import GUTI
from impl.codec.eps_mobility import (
    CAPABILITY,
    DETACH_AT_SWITCH_OFF,
    ESM_DUMMY,
    PERIODIC_UPDATING,
    SMS_ONLY_ASKED,
    AttachAccept,
    AttachComplete,
    AttachKind,
    AttachReject,
    AttachRequest,
    DetachRequest,
    EmmCause,
    EmmMessage,
    EpsAuthenticationFailure,
    EpsAuthenticationReject,
    EpsAuthenticationRequest,
    EpsAuthenticationResponse,
    EpsIdentityRequest,
    EpsIdentityResponse,
    Halves,
    SecurityModeCommand,
    SecurityModeComplete,
    SecurityModeReject,
    TrackingAreaUpdateAccept,
    TrackingAreaUpdateReject,
    TrackingAreaUpdateRequest,
    timer_s,
)
from impl.codec.mobility import IdentityKind
from impl.codec.nas_security import ALGORITHMS, NasContext, Protection, decode_nas, is_protected
from impl.crypto.conversions import kasme
from impl.device.dialogue import Admitted, Refused, Step
from impl.device.reject_causes import EPS_EFFECTS, Effect
from impl.device.usim_session import MacFailure, UsimSession
from impl.errors import MacFailureError, MalformedError
from impl.events import Interface
from impl.values import IMSI, PLMN, Generation, Secret

AMF_AT, SEPARATION_BIT = 6, 0x80
"""Where AUTN says that the vector is of EPS (TS 33.401 clause 6.1.1)."""
NEVER_PLAIN = (AttachAccept, TrackingAreaUpdateAccept, TrackingAreaUpdateReject)
UNKNOWN_THERE = {EmmCause.UE_IDENTITY_UNKNOWN, EmmCause.IMPLICITLY_DETACHED}
"""Causes after which a device attaches anew at once (clause 5.5.3.2.5)."""


class EpsDialogue:
    """One attach to one network of LTE."""

    interface = Interface.EMM
    answer_s, again_s = 15.0, 10.0  # T3410 and T3411, table 10.2.1
    attempts = 5  # clause 5.5.1.2.6

    def __init__(self, usim: UsimSession, imsi: IMSI, plmn: PLMN, generation: Generation) -> None:
        del generation  # there is one that speaks so
        self._usim = usim
        self._imsi = imsi
        self._plmn = plmn
        self._guti: GUTI | None = None
        self._key_set = 0
        self._kasme: Secret | None = None
        self._context: NasContext | None = None
        self._is_decided = False
        self._admitted: Admitted | None = None

    def begin(self) -> bytes:
        """Ask for an attach, or say that the device is still there (clause 5.5.3.2.2)."""
        self._is_decided = False
        if not self._admitted or not self._context or self._context.is_at_its_end or not self._guti:
            return self._attach()
        update = TrackingAreaUpdateRequest(Halves(PERIODIC_UPDATING, self._key_set), self._guti)
        return self._protect(update, Protection.INTEGRITY)

    def _attach(self) -> bytes:
        """Ask for an attach, under the GUTI that this network gave, if it did."""
        self._admitted = None
        self._kasme = self._context = None
        guti, area = self._usim.eps_location()
        self._guti = guti if guti and guti.plmn == self._plmn else None
        return AttachRequest(
            Halves(AttachKind.COMBINED),
            self._guti or self._imsi,
            CAPABILITY,
            ESM_DUMMY,
            area if area.plmn else None,
            SMS_ONLY_ASKED,
        ).encode()

    def take(self, octets: bytes) -> Step:
        """See `Dialogue`; what is not protected as it has to be is ignored (clause 4.4.4.2)."""
        try:
            message = decode_nas(octets)
        except MalformedError:
            return Step()
        if isinstance(message, SecurityModeCommand):
            return self._secure(message, octets)
        may_be_plain = not isinstance(message, NEVER_PLAIN)
        is_genuine = self._verify(octets) if is_protected(octets) else may_be_plain
        return self._go_on(message, is_proven=is_protected(octets)) if is_genuine else Step()

    def fail(self, *, is_last: bool) -> None:
        """See `Dialogue` (clauses 5.5.1.2.6 and 5.5.3.2.6)."""
        self._is_decided = True
        if is_last:
            self._forget(Effect.PASSING)

    def leave(self) -> bytes:
        """Detach, since the device or its card is switched off (clause 5.5.2.2.1)."""
        kind = Halves(DETACH_AT_SWITCH_OFF, self._key_set)
        goodbye = DetachRequest(kind, self._guti or self._imsi)
        return self._protect(goodbye) if self._context else goodbye.encode()

    def _go_on(self, message: EmmMessage, *, is_proven: bool) -> Step:
        match message:
            case EpsIdentityRequest(kind=kind):
                identity = self._imsi if kind == IdentityKind.IMSI else None
                return Step((EpsIdentityResponse(identity).encode(),))
            case EpsAuthenticationRequest():
                return Step((self._authenticate(message).encode(),))
        return Step() if self._is_decided else self._conclude(message, is_proven=is_proven)

    def _conclude(self, message: EmmMessage, *, is_proven: bool) -> Step:
        match message:
            case AttachAccept():
                return self._accept(message)
            case TrackingAreaUpdateAccept():
                self._is_decided = True
                return Step(verdict=self._admitted)
            case TrackingAreaUpdateReject(cause=cause) if cause in UNKNOWN_THERE:
                return Step((self._attach(),))
            case AttachReject(cause=cause) | TrackingAreaUpdateReject(cause=cause):
                return self._end(cause, is_proven=is_proven)
            case EpsAuthenticationReject():
                return self._end(EmmCause.ILLEGAL_UE, is_proven=is_proven)
        return Step()

    def _accept(self, message: AttachAccept) -> Step:
        self._is_decided = True
        answer = self._protect(AttachComplete(ESM_DUMMY))
        if isinstance(message.guti, GUTI):
            self._guti = message.guti
            self._usim.store_eps_location(message.guti, message.areas)
        if message.location is not None:
            self._usim.store_location(None, message.location)
        self._keep_context()
        self._admitted = Admitted(message.areas, timer_s(message.t3412))
        return Step((answer,), self._admitted)

    def _end(self, cause: int, *, is_proven: bool) -> Step:
        self._is_decided = True
        effect = EPS_EFFECTS.get(cause, Effect.PASSING)
        if effect is not Effect.PASSING:
            self._forget(effect)
        return Step(verdict=Refused(cause, effect, is_proven))

    def _forget(self, effect: Effect) -> None:
        """Forget identities, areas and keys of both domains (clause 5.5.1.3.5)."""
        self._admitted = self._context = self._guti = None
        self._usim.forget_location(effect.status)
        self._usim.forget_eps_location(effect.status)

    def _authenticate(self, request: EpsAuthenticationRequest) -> EmmMessage:
        """Let the card answer, and make K_ASME for this network (TS 33.401 clause A.2)."""
        autn = request.autn
        if not autn[AMF_AT] & SEPARATION_BIT:
            return EpsAuthenticationFailure(EmmCause.NON_EPS_AUTHENTICATION_UNACCEPTABLE)
        match self._usim.authenticate(request.rand, autn):
            case AuthenticationSuccess(res=res, ck=ck, ik=ik):
                key = kasme(ck.reveal(), ik.reveal(), encode_plmn(self._plmn), autn[:AMF_AT])
                self._kasme, self._key_set = Secret(key), request.key_set
                return EpsAuthenticationResponse(res)
            case SynchronisationFailure(auts=auts):
                return EpsAuthenticationFailure(EmmCause.SYNCH_FAILURE, auts)
            case MacFailure():
                return EpsAuthenticationFailure(EmmCause.MAC_FAILURE)

    def _secure(self, command: SecurityModeCommand, octets: bytes) -> Step:
        """Take up protection, if the network has K_ASME and heard what the device can (5.4.3.3)."""
        if self._kasme is None or not is_protected(octets):
            return Step()
        context = NasContext(self._kasme, is_network=False)
        try:
            _, context = context.open(octets)
        except MacFailureError:
            return Step((SecurityModeReject(EmmCause.SECURITY_MODE_REJECTED).encode(),))
        if (command.algorithms, command.capability) != (ALGORITHMS, CAPABILITY):
            mismatch = EmmCause.UE_SECURITY_CAPABILITIES_MISMATCH
            return Step((SecurityModeReject(mismatch).encode(),))
        answer, self._context = context.seal(SecurityModeComplete(), Protection.CIPHERED_NEW)
        return Step((answer,))

    def _verify(self, octets: bytes) -> bool:
        if self._context is None:
            return False
        try:
            _, self._context = self._context.open(octets)
        except MacFailureError:
            return False
        return True

    def _protect(self, message: EmmMessage, protection: Protection = Protection.CIPHERED) -> bytes:
        assert self._context is not None
        octets, self._context = self._context.seal(message, protection)
        return octets

    def _keep_context(self) -> None:
        assert self._context is not None
        stored = EpsSecurityContext(
            self._key_set,
            self._context.kasme,
            self._context.sent,
            self._context.received,
            ALGORITHMS,
        )
        self._usim.store_security_context(stored)
