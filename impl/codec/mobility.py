"""Mobility management messages between device and network: 3GPP TS 24.008 clause 9.2, Rel-17."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, ClassVar, Self

from impl.codec.digits import decode_bcd, decode_plmn, encode_bcd, encode_plmn
from impl.codec.layer3 import Between, LengthValue, Nibble, OptionalElement, skip_unknown
from impl.codec.layout import U8, Layout, Octets, Place, UInt
from impl.errors import MalformedError, TruncatedError, UnencodableError
from impl.values import IMSI, PLMN

MOBILITY_MANAGEMENT = 0x05
"""Protocol discriminator of mobility management, with skip indicator 0 (TS 24.007 table 11.2)."""

NO_KEY = 7
"""Ciphering key sequence number that says: no key is available (TS 24.008 clause 10.5.1.2)."""


class MmType(IntEnum):
    """Message types (TS 24.008 clause 10.4)."""

    IMSI_DETACH_INDICATION = 0x01
    LOCATION_UPDATING_ACCEPT = 0x02
    LOCATION_UPDATING_REJECT = 0x04
    LOCATION_UPDATING_REQUEST = 0x08
    AUTHENTICATION_REJECT = 0x11
    AUTHENTICATION_REQUEST = 0x12
    AUTHENTICATION_RESPONSE = 0x14
    IDENTITY_REQUEST = 0x18
    IDENTITY_RESPONSE = 0x19
    TMSI_REALLOCATION_COMPLETE = 0x1B
    AUTHENTICATION_FAILURE = 0x1C
    MM_STATUS = 0x31


class RejectCause(IntEnum):
    """Reject causes that the method meets (TS 24.008 clause 10.5.3.6)."""

    IMSI_UNKNOWN_IN_HLR = 0x02
    ILLEGAL_MS = 0x03
    ILLEGAL_ME = 0x06
    PLMN_NOT_ALLOWED = 0x0B
    LOCATION_AREA_NOT_ALLOWED = 0x0C
    ROAMING_NOT_ALLOWED = 0x0D
    NO_SUITABLE_CELLS = 0x0F
    NETWORK_FAILURE = 0x11
    MAC_FAILURE = 0x14
    SYNCH_FAILURE = 0x15
    CONGESTION = 0x16
    GSM_AUTHENTICATION_UNACCEPTABLE = 0x17
    INVALID_MANDATORY_INFORMATION = 0x60
    MESSAGE_TYPE_NOT_IMPLEMENTED = 0x61
    MESSAGE_NOT_COMPATIBLE = 0x65


class Updating(IntEnum):
    """What kind of location updating is asked (TS 24.008 clause 10.5.3.5)."""

    NORMAL = 0
    PERIODIC = 1
    IMSI_ATTACH = 2


class IdentityKind(IntEnum):
    """Types of identity (TS 24.008 clause 10.5.1.4)."""

    NONE = 0
    IMSI = 1
    IMEI = 2
    IMEISV = 3
    TMSI = 4


class TMSI(bytes):
    """Temporary mobile subscriber identity, 4 octets, never all ones (TS 23.003 clause 2.4)."""

    __slots__ = ()

    def __new__(cls, octets: bytes) -> Self:
        """Check the length."""
        if len(octets) != 4 or octets == b"\xff\xff\xff\xff":
            raise MalformedError(cls.__name__, "must be 4 octets, not all ones")
        return super().__new__(cls, octets)


class IMEI(str):
    """Identity of the equipment: 15 digits, or 16 with software version (TS 23.003 clause 6.2)."""

    __slots__ = ()

    def __new__(cls, digits: str) -> Self:
        """Check the length."""
        if len(digits) not in (15, 16) or not (digits.isascii() and digits.isdigit()):
            raise MalformedError(cls.__name__, "must be 15 or 16 decimal digits")
        return super().__new__(cls, digits)


MobileIdentity = IMSI | TMSI | IMEI | None


@dataclass(frozen=True, slots=True)
class LocationArea:
    """Location area identification: network and location area code (TS 24.008 clause 10.5.1.3).

    `plmn` is None where the device has none, as after EF.LOCI was reset.
    """

    plmn: PLMN | None
    lac: int

    @property
    def octets(self) -> bytes:
        """The 5 octets of its value, as other protocols carry it."""
        return LOCATION_FORM.put(self, "LocationArea")


@dataclass(frozen=True, slots=True)
class UpdatingType:
    """Location updating type with the ciphering key sequence number in the same octet.

    TS 24.008 clauses 10.5.3.5 and 10.5.1.2.
    """

    kind: Updating
    key_sequence: int = NO_KEY
    follow_on: bool = False


@dataclass(frozen=True, slots=True)
class _UpdatingForm:
    def take(self, octets: bytes, at: int, where: str) -> tuple[UpdatingType, int]:
        octet, end = UInt(1).take(octets, at, where)
        try:
            kind = Updating(octet & 0x03)
        except ValueError:
            raise MalformedError(where, "is of a reserved type") from None
        return UpdatingType(kind, (octet >> 4) & 0x07, bool(octet & 0x08)), end

    def put(self, value: UpdatingType, where: str) -> bytes:
        if not 0 <= value.key_sequence <= NO_KEY:
            raise UnencodableError(where, "key sequence number must be 0 to 7")
        return bytes((value.key_sequence << 4 | value.follow_on << 3 | value.kind,))


@dataclass(frozen=True, slots=True)
class _LocationForm:
    def take(self, octets: bytes, at: int, where: str) -> tuple[LocationArea, int]:
        network, at = Octets(3).take(octets, at, where)
        lac, end = UInt(2).take(octets, at, where)
        return LocationArea(None if network == b"\xff\xff\xff" else decode_plmn(network), lac), end

    def put(self, value: LocationArea, where: str) -> bytes:
        network = b"\xff\xff\xff" if value.plmn is None else encode_plmn(value.plmn)
        return network + UInt(2).put(value.lac, where)


@dataclass(frozen=True, slots=True)
class _IdentityForm:
    """The value of the mobile identity (TS 24.008 clause 10.5.1.4), without its length."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[MobileIdentity, int]:
        first, start = UInt(1).take(octets, at, where)
        kind = first & 0x07
        if kind == IdentityKind.TMSI:
            tmsi, end = Octets(4).take(octets, start, where)
            return TMSI(tmsi), end
        if kind == IdentityKind.NONE:
            return None, len(octets)
        if kind > IdentityKind.TMSI:
            raise MalformedError(where, "is of a reserved type")
        return self._digits(kind, octets[at:], where), len(octets)

    def put(self, value: MobileIdentity, where: str) -> bytes:  # noqa: ARG002 - of every form
        if value is None:
            return b"\0"  # no identity: one octet, its digit zero
        if isinstance(value, TMSI):
            return bytes((0xF0 | IdentityKind.TMSI,)) + value
        kind = IdentityKind.IMSI
        if isinstance(value, IMEI):
            kind = IdentityKind.IMEI if len(value) == 15 else IdentityKind.IMEISV
        odd = len(value) % 2
        first = int(value[0]) << 4 | odd << 3 | kind
        return bytes((first,)) + encode_bcd(value[1:])

    @staticmethod
    def _digits(kind: int, octets: bytes, where: str) -> IMSI | IMEI:
        digits = f"{octets[0] >> 4:x}" + decode_bcd(octets[1:])
        if len(digits) % 2 != octets[0] >> 3 & 1:
            raise MalformedError(where, "says another parity than it has digits")
        if kind == IdentityKind.IMSI:
            return IMSI(digits)
        if len(digits) != (15 if kind == IdentityKind.IMEI else 16):
            raise MalformedError(where, "has another number of digits than its type")
        return IMEI(digits)


_UPDATING = _UpdatingForm()
LOCATION_FORM = _LocationForm()
IDENTITY_FORM = _IdentityForm()


class MmMessage(Layout):
    """Base of the messages: protocol discriminator and message type, then the rows."""

    message_type: ClassVar[MmType]

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """Read a whole message.

        Raises:
            MalformedError: not this message, an element is missing or wrong, or one that has to be
                understood is unknown. Other unknown elements are ignored (TS 24.008 clause 8.6.1).
        """
        if message_type(octets) != cls.message_type:
            raise MalformedError(cls.__name__, "is another message")
        message, end = cls.take(octets, 2)
        skip_unknown(octets, end, cls.__name__)
        return message

    @classmethod
    def places(cls, octets: bytes, at: int = 0) -> Iterator[Place]:
        """Yield where each field of a whole message stands."""
        return super().places(octets, at + 2)

    def encode(self) -> bytes:
        """Write a whole message, send sequence number 0."""
        return bytes((MOBILITY_MANAGEMENT, self.message_type)) + super().encode()


class LocationUpdatingRequest(MmMessage):
    """TS 24.008 clause 9.2.15: the device asks to be reached here, in S5 [077]."""

    message_type: ClassVar = MmType.LOCATION_UPDATING_REQUEST

    updating: Annotated[UpdatingType, _UPDATING]
    location: Annotated[LocationArea, LOCATION_FORM]
    classmark: U8
    identity: Annotated[MobileIdentity, LengthValue(IDENTITY_FORM)]


class LocationUpdatingAccept(MmMessage):
    """TS 24.008 clause 9.2.13: the device is attached; `identity` is its new TMSI."""

    message_type: ClassVar = MmType.LOCATION_UPDATING_ACCEPT

    location: Annotated[LocationArea, LOCATION_FORM]
    identity: Annotated[MobileIdentity, OptionalElement(0x17, IDENTITY_FORM)] = None


class LocationUpdatingReject(MmMessage):
    """TS 24.008 clause 9.2.14: the device is not attached, for this cause."""

    message_type: ClassVar = MmType.LOCATION_UPDATING_REJECT

    cause: U8


class AuthenticationRequest(MmMessage):
    """TS 24.008 clause 9.2.2: prove that you hold K; without AUTN the challenge is GSM's."""

    message_type: ClassVar = MmType.AUTHENTICATION_REQUEST

    key_sequence: Annotated[int, Nibble()]
    rand: Annotated[bytes, Octets(16)]
    autn: Annotated[bytes | None, OptionalElement(0x20, Octets(16))] = None


class AuthenticationResponse(MmMessage):
    """TS 24.008 clause 9.2.3: SRES, or the first 4 octets of RES with the rest behind."""

    message_type: ClassVar = MmType.AUTHENTICATION_RESPONSE

    sres: Annotated[bytes, Octets(4)]
    extension: Annotated[bytes | None, OptionalElement(0x21, Between(1, 12))] = None

    @classmethod
    def of(cls, res: bytes) -> AuthenticationResponse:
        """Make the message that carries `res`, 4 to 16 octets."""
        return cls(res[:4], res[4:] or None)

    @property
    def res(self) -> bytes:
        """The whole answer to the challenge."""
        return self.sres + (self.extension or b"")


class AuthenticationFailure(MmMessage):
    """TS 24.008 clause 9.2.3a: the network proved nothing; AUTS comes with a synch failure."""

    message_type: ClassVar = MmType.AUTHENTICATION_FAILURE

    cause: U8
    auts: Annotated[bytes | None, OptionalElement(0x22, Octets(14))] = None


class AuthenticationReject(MmMessage):
    """TS 24.008 clause 9.2.1: the device did not prove itself."""

    message_type: ClassVar = MmType.AUTHENTICATION_REJECT


class ImsiDetachIndication(MmMessage):
    """TS 24.008 clause 9.2.12: the device goes; nobody answers."""

    message_type: ClassVar = MmType.IMSI_DETACH_INDICATION

    classmark: U8
    identity: Annotated[MobileIdentity, LengthValue(IDENTITY_FORM)]


class IdentityRequest(MmMessage):
    """TS 24.008 clause 9.2.10: which is your identity of this kind?"""

    message_type: ClassVar = MmType.IDENTITY_REQUEST

    kind: Annotated[int, Nibble()]


class IdentityResponse(MmMessage):
    """TS 24.008 clause 9.2.11: this one."""

    message_type: ClassVar = MmType.IDENTITY_RESPONSE

    identity: Annotated[MobileIdentity, LengthValue(IDENTITY_FORM)]


class TmsiReallocationComplete(MmMessage):
    """TS 24.008 clause 9.2.18: the device took the new TMSI."""

    message_type: ClassVar = MmType.TMSI_REALLOCATION_COMPLETE


class MmStatus(MmMessage):
    """TS 24.008 clause 9.2.16: what you sent has this error; it is never answered."""

    message_type: ClassVar = MmType.MM_STATUS

    cause: U8


MESSAGES: dict[int, type[MmMessage]] = {
    message.message_type: message for message in MmMessage.__subclasses__()
}


def message_type(octets: bytes) -> int:
    """Return the message type of a mobility management message, its send sequence number removed.

    Raises:
        MalformedError: too short, or of another protocol.
    """
    if len(octets) < 2:
        raise TruncatedError("MmMessage", needed=2, present=len(octets))
    if octets[0] != MOBILITY_MANAGEMENT:
        raise MalformedError("MmMessage", "is not of mobility management")
    return octets[1] & 0x3F


def decode_mm(octets: bytes) -> MmMessage:
    """Read any mobility management message.

    Raises:
        MalformedError: no such message, or not well-formed.
    """
    kind = MESSAGES.get(message_type(octets))
    if kind is None:
        raise MalformedError("MmMessage", "is of an unknown type")
    return kind.decode(octets)
