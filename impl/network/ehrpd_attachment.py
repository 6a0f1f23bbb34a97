"""The attach of CDMA as eHRPD: EAP-AKA' over the PPP link of a device (RFC 5448, TS 33.402).

The serving gateway (HSGW) and the AAA server behind it are one node here, as VLR and switching
centre are. A link that comes up is authenticated before anything else passes; with EAP-Failure it
is over. No cause is told: EAP has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from impl.codec.aka_prime import (
    GENERAL_FAILURE,
    HRPD,
    KDF_PRIME,
    AkaPrimeMessage,
    Subtype,
    is_sealed,
    seal,
)
from impl.codec.eap import EapCode, EapMethod, EapPacket, imsi_of_identifier
from impl.codec.gsup import AuthTuple, CnDomain
from impl.codec.ppp import BY_EAP, LcpCode, LcpPacket, decode_ppp, encode_ppp
from impl.crypto.eap_aka_prime import session_keys
from impl.errors import MalformedError
from impl.events import Command, Interface, Send
from impl.network.attachment import Attachment, Phase, Procedure
from impl.network.hss import ehrpd_keys
from impl.network.visitors import Visitor


@dataclass(slots=True)
class EhrpdProcedure(Procedure):
    """One link that comes up."""

    identifier: int = 0
    """Of the last packet that the device has to answer."""
    identity: bytes = b""
    """As the device said it: the keys are made of it."""
    k_aut: bytes = b""


class EhrpdAttachment(Attachment[EhrpdProcedure]):
    """The links of all devices to one HSGW."""

    interface: ClassVar = Interface.PPP
    domain: ClassVar = CnDomain.PACKET_SWITCHED
    names_visitors: ClassVar = False
    longest_s: ClassVar = 18.0

    def take(self, device: str, octets: bytes) -> list[Command]:
        """Go on with what a device says; what has no meaning or is out of turn is dropped."""
        try:
            packet = decode_ppp(octets)
            if isinstance(packet, LcpPacket):
                return self._take_link(device, packet)
            procedure = self._procedures.get(device)
            is_answer = packet.code is EapCode.RESPONSE
            if procedure is None or not is_answer or packet.identifier != procedure.identifier:
                return []
            return self._go_on(procedure, packet)
        except MalformedError:
            return []

    def _take_link(self, device: str, packet: LcpPacket) -> list[Command]:
        procedure = self._procedures.get(device)
        match packet.code:
            case LcpCode.CONFIGURE_REQUEST:
                return self._begin(device, packet)
            case LcpCode.TERMINATE_REQUEST:
                self._visitors.leave(self._visitors.of_device(device))
                ended = self._end(procedure) if procedure else []
                done = LcpPacket(LcpCode.TERMINATE_ACK, packet.identifier)
                return [*ended, self._say(device, done)]
            case LcpCode.CONFIGURE_ACK if procedure and not procedure.identifier:
                return [self._ask(procedure, bytes((EapMethod.IDENTITY,)))]
        return []

    def _begin(self, device: str, packet: LcpPacket) -> list[Command]:
        """Agree that a link comes up, if it is without options, and ask for EAP on it."""
        if packet.content:
            refused = LcpPacket(LcpCode.CONFIGURE_REJECT, packet.identifier, packet.content)
            return [self._say(device, refused)]
        agreed = LcpPacket(LcpCode.CONFIGURE_ACK, packet.identifier)
        own = LcpPacket(LcpCode.CONFIGURE_REQUEST, packet.identifier, BY_EAP)
        timer = self._enter(EhrpdProcedure(device))
        return [*timer, self._say(device, agreed), self._say(device, own)]

    def _go_on(self, procedure: EhrpdProcedure, packet: EapPacket) -> list[Command]:
        match procedure.phase, packet.method:
            case Phase.IDENTITY, EapMethod.IDENTITY:
                return self._identify(procedure, packet.data)
            case Phase.FAREWELL, EapMethod.AKA_PRIME:
                return self._fail(procedure)
            case Phase.PROOF, EapMethod.AKA_PRIME:
                return self._judge(procedure, packet)
            case Phase.PROOF, EapMethod.NAK:
                return self._fail(procedure)
        return []

    def _identify(self, procedure: EhrpdProcedure, identity: bytes) -> list[Command]:
        try:
            imsi = imsi_of_identifier(identity)
        except MalformedError:
            return self._fail(procedure)
        procedure.identity = identity
        return self._route(procedure, imsi)

    def _challenge(self, procedure: EhrpdProcedure, challenge: AuthTuple) -> list[Command]:
        primes = ehrpd_keys(challenge, HRPD)
        procedure.k_aut = session_keys(procedure.identity, *primes).k_aut
        message = AkaPrimeMessage(
            Subtype.CHALLENGE,
            rand=challenge.rand,
            autn=challenge.autn,
            kdf=KDF_PRIME,
            network=HRPD,
        )
        procedure.identifier += 1
        request = seal(EapCode.REQUEST, procedure.identifier, message, procedure.k_aut)
        return [self._say(procedure.device, request)]

    def _judge(self, procedure: EhrpdProcedure, packet: EapPacket) -> list[Command]:
        """Take what the device makes of a challenge (RFC 4187 clause 6.3)."""
        message = AkaPrimeMessage.decode(packet.data)
        match message.subtype:
            case Subtype.CHALLENGE:
                if message.res is None or not is_sealed(packet, procedure.k_aut):
                    return self._refuse(procedure)
                return self._check(procedure, message.res)
            case Subtype.SYNCHRONIZATION_FAILURE:
                return self._resynchronize(procedure, message.auts)
            case Subtype.AUTHENTICATION_REJECT | Subtype.CLIENT_ERROR:
                return self._fail(procedure)
        return []

    def _accept(self, procedure: EhrpdProcedure, visitor: Visitor) -> list[Command]:
        del visitor
        return [self._say(procedure.device, EapPacket(EapCode.SUCCESS, procedure.identifier))]

    def _reject(self, procedure: EhrpdProcedure, cause: int) -> list[Command]:
        """Say farewell, or no more than that it failed if the device does not answer."""
        del cause
        is_begun = procedure.phase is not Phase.IDENTITY
        return self._refuse(procedure) if is_begun else self._fail(procedure)

    def _refuse(self, procedure: EhrpdProcedure) -> list[Command]:
        """Notify the device, which has to acknowledge, that it failed (RFC 4187 clause 6.3.2)."""
        if procedure.phase is Phase.FAREWELL:
            return self._fail(procedure)
        procedure.phase = Phase.FAREWELL
        message = AkaPrimeMessage(Subtype.NOTIFICATION, notification=GENERAL_FAILURE)
        return [self._ask(procedure, seal(EapCode.REQUEST, 0, message).content)]

    def _fail(self, procedure: EhrpdProcedure) -> list[Command]:
        failure = EapPacket(EapCode.FAILURE, procedure.identifier)
        return [*self._end(procedure), self._say(procedure.device, failure)]

    def _ask(self, procedure: EhrpdProcedure, content: bytes) -> Send:
        procedure.identifier += 1
        request = EapPacket(EapCode.REQUEST, procedure.identifier, content)
        return self._say(procedure.device, request)

    def _say(self, device: str, packet: LcpPacket | EapPacket) -> Send:
        return self._tell(device, encode_ppp(packet))
