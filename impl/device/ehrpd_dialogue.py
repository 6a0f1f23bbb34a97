"""The device's end of an attach to CDMA as eHRPD: EAP-AKA' over PPP (RFC 5448, RFC 4187)."""

from __future__ import annotations

from impl.codec.aka_prime import (
    HRPD,
    KDF_PRIME,
    UNABLE_TO_PROCESS,
    AkaPrimeMessage,
    Subtype,
    is_sealed,
    seal,
)
from impl.codec.authenticate import AuthenticationSuccess, SynchronisationFailure
from impl.codec.eap import EapCode, EapMethod, EapPacket, network_access_identifier
from impl.codec.mobility import LocationArea, RejectCause
from impl.codec.ppp import BY_EAP, LcpCode, LcpPacket, decode_ppp, encode_ppp
from impl.crypto.eap_aka_prime import ck_ik_prime, session_keys
from impl.device.dialogue import Admitted, Refused, Step
from impl.device.reject_causes import Effect
from impl.device.usim_session import MacFailure, UsimSession
from impl.errors import MalformedError
from impl.events import Interface
from impl.values import IMSI, PLMN, Generation

NO_AREA = 0xFFFE
"""Location area code where there is none (TS 23.003 clause 4.1): eHRPD knows no such areas."""
AMF_AT, SEPARATION_BIT = 6, 0x80
"""Where AUTN says that the vector is of EPS, of which eHRPD is an access (TS 33.402 6.2)."""


class _UnreadError(Exception):
    """A request of EAP-AKA' has no meaning; nothing was done."""


class EhrpdDialogue:
    """One link to one network of CDMA."""

    interface = Interface.PPP
    answer_s, again_s = 20.0, 0.0
    attempts = 4

    def __init__(self, usim: UsimSession, imsi: IMSI, plmn: PLMN, generation: Generation) -> None:
        del generation  # there is one that speaks so
        self._usim = usim
        self._plmn = plmn
        self._imsi = imsi
        self._identity = b""
        self._links = 0
        self._has_answered = False
        self._is_decided = False

    def begin(self) -> bytes:
        """Bring the link up."""
        self._has_answered = self._is_decided = False
        home = self._usim.home_network(self._imsi)
        self._identity = network_access_identifier(self._imsi, home)
        self._links = self._links % 255 + 1
        return encode_ppp(LcpPacket(LcpCode.CONFIGURE_REQUEST, self._links))

    def take(self, octets: bytes) -> Step:
        """See `Dialogue`; what is out of turn is dropped (RFC 3748 clause 4.1)."""
        try:
            packet = decode_ppp(octets)
        except MalformedError:
            return Step()
        if isinstance(packet, LcpPacket):
            return self._take_link(packet)
        if packet.code is EapCode.REQUEST:
            return self._take_request(packet)
        return Step() if self._is_decided else self._conclude(packet.code)

    def fail(self, *, is_last: bool) -> None:
        """See `Dialogue`; the link was not up, and nothing is kept of it."""
        self._is_decided = True
        if is_last:
            self._usim.forget_location(Effect.PASSING.status)

    def leave(self) -> bytes:
        """Take the link down."""
        return encode_ppp(LcpPacket(LcpCode.TERMINATE_REQUEST, self._links))

    def _take_link(self, packet: LcpPacket) -> Step:
        """Agree to authentication by EAP, and to nothing else (RFC 1661 clause 5)."""
        match packet.code:
            case LcpCode.CONFIGURE_REQUEST if packet.content == BY_EAP:
                return _saying(LcpPacket(LcpCode.CONFIGURE_ACK, packet.identifier, BY_EAP))
            case LcpCode.CONFIGURE_REQUEST:
                return _saying(LcpPacket(LcpCode.CONFIGURE_NAK, packet.identifier, BY_EAP))
            case LcpCode.TERMINATE_REQUEST:
                return _saying(LcpPacket(LcpCode.TERMINATE_ACK, packet.identifier))
        return Step()

    def _take_request(self, packet: EapPacket) -> Step:
        """Answer a request; what cannot be read is an error (RFC 4187 clause 6.3.1)."""
        try:
            return self._answer(packet, _aka_prime_of(packet))
        except _UnreadError:
            return _respond(packet, CLIENT_ERROR)

    def _answer(self, packet: EapPacket, message: AkaPrimeMessage | None) -> Step:
        if packet.method == EapMethod.IDENTITY:
            content = bytes((EapMethod.IDENTITY,)) + self._identity
            return _saying(EapPacket(EapCode.RESPONSE, packet.identifier, content))
        if message is None:
            wanted = bytes((EapMethod.NAK, EapMethod.AKA_PRIME))
            return _saying(EapPacket(EapCode.RESPONSE, packet.identifier, wanted))
        if message.subtype is Subtype.NOTIFICATION:
            return _respond(packet, AkaPrimeMessage(Subtype.NOTIFICATION))
        if message.subtype is Subtype.CHALLENGE:
            return self._authenticate(packet, message)
        return _respond(packet, CLIENT_ERROR)

    def _authenticate(self, packet: EapPacket, message: AkaPrimeMessage) -> Step:
        """Let the card answer, for this access network alone (RFC 5448 clause 3)."""
        rand, autn, network = message.rand, message.autn, message.network
        if rand is None or autn is None or network is None or message.kdf is None:
            return _respond(packet, CLIENT_ERROR)
        is_of_eps = bool(autn[AMF_AT] & SEPARATION_BIT)
        if message.kdf != KDF_PRIME or network != HRPD or not is_of_eps:
            return _respond(packet, AkaPrimeMessage(Subtype.AUTHENTICATION_REJECT))
        match self._usim.authenticate(rand, autn):
            case AuthenticationSuccess(res=res, ck=ck, ik=ik):
                keys = ck_ik_prime(ck.reveal(), ik.reveal(), network, autn[:AMF_AT])
                return self._prove(packet, res, session_keys(self._identity, *keys).k_aut)
            case SynchronisationFailure(auts=auts):
                failure = AkaPrimeMessage(
                    Subtype.SYNCHRONIZATION_FAILURE, auts=auts, kdf=message.kdf
                )
                return _respond(packet, failure)
            case MacFailure():
                return _respond(packet, AkaPrimeMessage(Subtype.AUTHENTICATION_REJECT))

    def _prove(self, packet: EapPacket, res: bytes, k_aut: bytes) -> Step:
        """Answer a network that made the same keys: without them it would be in between."""
        if not is_sealed(packet, k_aut):
            return _respond(packet, CLIENT_ERROR)
        self._has_answered = True
        message = AkaPrimeMessage(Subtype.CHALLENGE, res=res)
        return _saying(seal(EapCode.RESPONSE, packet.identifier, message, k_aut))

    def _conclude(self, code: EapCode) -> Step:
        """Believe success only after the network proved itself (RFC 4187 clause 6.3.3)."""
        if code is EapCode.SUCCESS and self._has_answered:
            self._is_decided = True
            area = LocationArea(self._plmn, NO_AREA)
            self._usim.store_location(None, area)
            return Step(verdict=Admitted(area))
        if code is EapCode.FAILURE:
            self._is_decided = True
            self._usim.forget_location(Effect.CARD.status)
            return Step(verdict=Refused(RejectCause.ILLEGAL_MS, Effect.CARD))
        return Step()


CLIENT_ERROR = AkaPrimeMessage(Subtype.CLIENT_ERROR, client_error=UNABLE_TO_PROCESS)


def _aka_prime_of(packet: EapPacket) -> AkaPrimeMessage | None:
    if packet.method != EapMethod.AKA_PRIME:
        return None
    try:
        return AkaPrimeMessage.decode(packet.data)
    except MalformedError as error:
        raise _UnreadError from error


def _respond(packet: EapPacket, message: AkaPrimeMessage) -> Step:
    return _saying(seal(EapCode.RESPONSE, packet.identifier, message))


def _saying(packet: LcpPacket | EapPacket) -> Step:
    return Step((encode_ppp(packet),))
