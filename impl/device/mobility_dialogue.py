"""The device's end of an attach to GSM and UMTS: 3GPP TS 24.008 clauses 4.3 and 4.4, Rel-17."""

from __future__ import annotations

from impl.codec.authenticate import AuthenticationSuccess, SynchronisationFailure
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
    LocationUpdatingAccept,
    LocationUpdatingReject,
    LocationUpdatingRequest,
    MmMessage,
    RejectCause,
    TmsiReallocationComplete,
    Updating,
    UpdatingType,
    decode_mm,
)
from impl.device.dialogue import Admitted, Refused, Step
from impl.device.reject_causes import MOBILITY_EFFECTS, Effect
from impl.device.usim_session import MacFailure, UsimSession
from impl.errors import MalformedError
from impl.events import Interface
from impl.values import IMSI, PLMN, Generation

CLASSMARK_1 = 0x53  # release 99 or later, as who answers a UMTS challenge (clause 10.5.1.5)


class MobilityDialogue:
    """One attach to one network of GSM or UMTS."""

    interface = Interface.MM
    answer_s, again_s = 20.0, 15.0  # T3210 and T3211, table 11.1
    attempts = 4  # clause 4.4.4.9

    def __init__(self, usim: UsimSession, imsi: IMSI, plmn: PLMN, generation: Generation) -> None:
        self._usim = usim
        self._imsi = imsi
        self._plmn = plmn
        self._is_of_gsm = generation is Generation.GSM
        self._identity: IMSI | TMSI = imsi
        self._is_decided = False
        self._is_attached = False
        self._is_updated_here = False

    def begin(self) -> bytes:
        """Ask for a location updating.

        It is a periodic one once this network has accepted one (clause 4.4.2), an IMSI attach where
        the card was when it was updated last (clause 4.4.3; a network has one location area here),
        else a normal one (clause 4.4.1).
        """
        self._is_decided = False
        tmsi, location, is_updated = self._usim.location()
        is_here = location.plmn == self._plmn
        self._is_updated_here = is_here and is_updated
        kind = Updating.IMSI_ATTACH if self._is_updated_here else Updating.NORMAL
        if self._is_attached:
            kind = Updating.PERIODIC
        self._identity = tmsi if tmsi and is_here else self._imsi
        sequence = self._usim.gsm_key_sequence() if self._is_of_gsm else self._usim.key_sequence()
        updating = UpdatingType(kind, sequence)
        return LocationUpdatingRequest(updating, location, CLASSMARK_1, self._identity).encode()

    def take(self, octets: bytes) -> Step:
        """See `Dialogue`; short or unforeseen messages are ignored (clause 8.2)."""
        try:
            message = decode_mm(octets)
        except MalformedError:
            return Step()
        match message:
            case IdentityRequest(kind=kind):
                identity = self._imsi if kind == IdentityKind.IMSI else None
                return _saying(IdentityResponse(identity))
            case AuthenticationRequest():
                return _saying(self._authenticate(message))
        return Step() if self._is_decided else self._conclude(message)

    def fail(self, *, is_last: bool) -> None:
        """See `Dialogue`; where the card is updated here it is so to the last (clause 4.4.4.9)."""
        self._is_decided = True
        if is_last or not self._is_updated_here:
            self._forget(Effect.PASSING)

    def leave(self) -> bytes:
        """Detach, under the temporary identity where there is one (clauses 4.3.4 and 10.5.1.4)."""
        return ImsiDetachIndication(CLASSMARK_1, self._identity).encode()

    def _conclude(self, message: MmMessage) -> Step:
        match message:
            case LocationUpdatingAccept():
                return self._accept(message)
            case LocationUpdatingReject(cause=cause):
                return self._end(cause)
            case AuthenticationReject():
                return self._end(RejectCause.ILLEGAL_MS)
        return Step()

    def _accept(self, message: LocationUpdatingAccept) -> Step:
        self._is_decided = self._is_attached = True
        tmsi = message.identity if isinstance(message.identity, TMSI) else None
        self._identity = tmsi or self._imsi
        self._usim.store_location(tmsi, message.location)
        done = (TmsiReallocationComplete().encode(),) if tmsi else ()
        return Step(done, Admitted(message.location))

    def _end(self, cause: int) -> Step:
        self._is_decided = True
        effect = MOBILITY_EFFECTS.get(cause, Effect.PASSING)
        if effect is not Effect.PASSING:
            self._forget(effect)
        return Step(verdict=Refused(cause, effect))

    def _forget(self, effect: Effect) -> None:
        """Forget TMSI, area and keys (clauses 4.4.4.7 and 4.1.2.2)."""
        self._is_attached, self._identity = False, self._imsi
        self._usim.forget_location(effect.status)
        if self._is_of_gsm:
            self._usim.forget_gsm_key()
        else:
            self._usim.forget_keys()

    def _authenticate(self, request: AuthenticationRequest) -> MmMessage:
        """Let the card answer, and keep the keys before the network hears it (clause 4.3.2.2).

        A network of UMTS that does not prove itself is not believed: somebody could pass off an
        old triplet there as a challenge (clause 4.3.2.5.1).
        """
        if request.autn is None:
            if not self._is_of_gsm:
                return AuthenticationFailure(RejectCause.GSM_AUTHENTICATION_UNACCEPTABLE)
            answer = self._usim.authenticate_gsm(request.rand)
            self._usim.store_gsm_key(request.key_sequence, answer.kc)
            return AuthenticationResponse.of(answer.sres)
        match self._usim.authenticate(request.rand, request.autn):
            case AuthenticationSuccess(res=res, ck=ck, ik=ik):
                self._usim.store_keys(request.key_sequence, ck, ik)
                return AuthenticationResponse.of(res)
            case SynchronisationFailure(auts=auts):
                return AuthenticationFailure(RejectCause.SYNCH_FAILURE, auts)
            case MacFailure():
                return AuthenticationFailure(RejectCause.MAC_FAILURE)


def _saying(message: MmMessage) -> Step:
    return Step((message.encode(),))
