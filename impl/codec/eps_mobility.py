"""EPS mobility management between device and MME: 3GPP TS 24.301 clause 8.2, Rel-17.

Plain messages; what protects them is `nas_security`. Of the session management that an attach may
carry there is the dummy message alone: a device that wants short messages only attaches without a
bearer (clauses 5.5.1.2.2 and 8.3.12A).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, ClassVar, Final, Self

from impl.codec.eps_identity import AreaListForm, EpsIdentity, EpsIdentityForm
from impl.codec.layer3 import (
    Between,
    Grammar,
    LengthValue,
    Nibble,
    OptionalElement,
    OptionalNibble,
    skip_unknown,
)
from impl.codec.layout import U8, Counted, Layout, Octets, Place, UInt
from impl.codec.mobility import IDENTITY_FORM, LOCATION_FORM, LocationArea, MobileIdentity
from impl.errors import MalformedError, TruncatedError, UnencodableError

EPS_MOBILITY = 0x07
"""Protocol discriminator, with security header type 0: a plain message (clauses 9.2, 9.3.1)."""
NO_KEY_SET = 7
"""NAS key set identifier that says: no key is available (clause 9.9.3.21)."""
ESM_DUMMY = bytes.fromhex("0200dc")
"""ESM DUMMY MESSAGE (clause 8.3.12A): no bearer is asked for, none is given."""
CAPABILITY = bytes.fromhex("8020")
"""UE network capability (clause 9.9.3.34): EEA0 and 128-EIA2."""
T3412_MINUTES_54: Final = 0x49
"""Periodic updating timer (TS 24.008 clause 10.5.7.3): 9 times 6 minutes."""
_TIMER_UNITS_S: Final = {0: 2.0, 1: 60.0, 2: 360.0, 7: 0.0}
"""What a step of such a timer is; 7 says that there is none, and what is left a minute."""
PERIODIC_UPDATING: Final = 3
"""EPS update type (clause 9.9.3.14): the device is where it was."""
AREA_UPDATED: Final = 0
"""EPS update result (clause 9.9.3.13)."""

_FIXED: Final = {0x13: 5, 0x17: 1, 0x19: 3, 0x52: 5, 0x53: 1, 0x55: 4, 0x56: 4, 0x59: 1, 0x5C: 2}
_GRAMMAR: Final = Grammar(_FIXED, has_long=True)
_LONG: Final = Counted(2)


class EmmType(IntEnum):
    """Message types (clause 9.8)."""

    ATTACH_REQUEST = 0x41
    ATTACH_ACCEPT = 0x42
    ATTACH_COMPLETE = 0x43
    ATTACH_REJECT = 0x44
    DETACH_REQUEST = 0x45
    TRACKING_AREA_UPDATE_REQUEST = 0x48
    TRACKING_AREA_UPDATE_ACCEPT = 0x49
    TRACKING_AREA_UPDATE_REJECT = 0x4B
    AUTHENTICATION_REQUEST = 0x52
    AUTHENTICATION_RESPONSE = 0x53
    AUTHENTICATION_REJECT = 0x54
    IDENTITY_REQUEST = 0x55
    IDENTITY_RESPONSE = 0x56
    AUTHENTICATION_FAILURE = 0x5C
    SECURITY_MODE_COMMAND = 0x5D
    SECURITY_MODE_COMPLETE = 0x5E
    SECURITY_MODE_REJECT = 0x5F
    EMM_STATUS = 0x60


class EmmCause(IntEnum):
    """Causes that the method meets (clause 9.9.3.9)."""

    ILLEGAL_UE = 0x03
    ILLEGAL_ME = 0x06
    EPS_NOT_ALLOWED = 0x07
    NO_SERVICES_ALLOWED = 0x08
    UE_IDENTITY_UNKNOWN = 0x09
    IMPLICITLY_DETACHED = 0x0A
    PLMN_NOT_ALLOWED = 0x0B
    TRACKING_AREA_NOT_ALLOWED = 0x0C
    ROAMING_NOT_ALLOWED = 0x0D
    EPS_NOT_ALLOWED_IN_PLMN = 0x0E
    NO_SUITABLE_CELLS = 0x0F
    NETWORK_FAILURE = 0x11
    MAC_FAILURE = 0x14
    SYNCH_FAILURE = 0x15
    UE_SECURITY_CAPABILITIES_MISMATCH = 0x17
    SECURITY_MODE_REJECTED = 0x18
    NON_EPS_AUTHENTICATION_UNACCEPTABLE = 0x1A
    INVALID_MANDATORY_INFORMATION = 0x60
    MESSAGE_TYPE_NOT_IMPLEMENTED = 0x61
    MESSAGE_NOT_COMPATIBLE = 0x65


class AttachKind(IntEnum):
    """EPS attach type, and EPS attach result (clauses 9.9.3.10 and 9.9.3.11)."""

    EPS_ONLY = 1
    COMBINED = 2


DETACH_AT_SWITCH_OFF: Final = 0x0B
"""Detach type (clause 9.9.3.7): combined, since the device is switched off."""
SMS_ONLY_ASKED: Final = 1
"""Additional update type (clause 9.9.3.0B)."""
SMS_ONLY_GRANTED: Final = 2
"""Additional update result (clause 9.9.3.0A)."""


@dataclass(frozen=True, slots=True)
class Halves:
    """Two half octets: a kind below, a NAS key set identifier above."""

    low: int
    key_set: int = NO_KEY_SET


@dataclass(frozen=True, slots=True)
class _HalvesForm:
    def take(self, octets: bytes, at: int, where: str) -> tuple[Halves, int]:
        octet, end = UInt(1).take(octets, at, where)
        return Halves(octet & 0x0F, octet >> 4), end

    def put(self, value: Halves, where: str) -> bytes:
        if not (0 <= value.low <= 0x0F and 0 <= value.key_set <= 0x0F):
            raise UnencodableError(where, "does not fit in half an octet")
        return bytes((value.key_set << 4 | value.low,))


@dataclass(frozen=True, slots=True)
class _LongLengthValue:
    """An element of type LV-E: a length of two octets, at least 3 octets of value."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[bytes, int]:
        value, end = _LONG.take(octets, at, where)
        if len(value) < 3:
            raise MalformedError(where, "must be 3 octets at least")
        return value, end

    def put(self, value: bytes, where: str) -> bytes:
        if len(value) < 3:
            raise UnencodableError(where, "must be 3 octets at least")
        return _LONG.put(value, where)


_HALVES = _HalvesForm()
_CONTAINER = _LongLengthValue()


class EmmMessage(Layout):
    """Base of the messages: protocol discriminator and message type, then the rows."""

    message_type: ClassVar[EmmType]

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """Read a whole plain message.

        Raises:
            MalformedError: not this message, an element is missing or wrong, or one that has to be
                understood is unknown. Other unknown elements are ignored (clause 7.6).
        """
        if emm_type(octets) != cls.message_type:
            raise MalformedError(cls.__name__, "is another message")
        message, end = cls.take(octets, 2)
        skip_unknown(octets, end, cls.__name__, _GRAMMAR)
        return message

    @classmethod
    def places(cls, octets: bytes, at: int = 0) -> Iterator[Place]:
        """Yield where each field of a whole message stands."""
        return super().places(octets, at + 2)

    def encode(self) -> bytes:
        """Write a whole plain message."""
        return bytes((EPS_MOBILITY, self.message_type)) + super().encode()


class AttachRequest(EmmMessage):
    """Clause 8.2.4: the device asks to be reached here, in S5 [077]."""

    message_type: ClassVar = EmmType.ATTACH_REQUEST

    kind: Annotated[Halves, _HALVES]  # `AttachKind`
    identity: Annotated[EpsIdentity, LengthValue(EpsIdentityForm())]
    capability: Annotated[bytes, LengthValue(Between(2, 13))]
    container: Annotated[bytes, _CONTAINER]
    visited: Annotated[LocationArea | None, OptionalElement(0x52, LOCATION_FORM, _GRAMMAR)] = None
    """The tracking area where it was registered last."""
    additional: Annotated[int | None, OptionalNibble(0xF0, _GRAMMAR)] = None


class AttachAccept(EmmMessage):
    """Clause 8.2.1: the device is attached, and has a new GUTI."""

    message_type: ClassVar = EmmType.ATTACH_ACCEPT

    result: Annotated[int, Nibble()]  # `AttachKind`
    t3412: U8
    areas: Annotated[LocationArea, LengthValue(AreaListForm())]
    container: Annotated[bytes, _CONTAINER]
    guti: Annotated[EpsIdentity | None, OptionalElement(0x50, EpsIdentityForm(), _GRAMMAR)] = None
    location: Annotated[LocationArea | None, OptionalElement(0x13, LOCATION_FORM, _GRAMMAR)] = None
    """The location area of the other domain, with a combined attach."""
    additional: Annotated[int | None, OptionalNibble(0xF0, _GRAMMAR)] = None


class AttachComplete(EmmMessage):
    """Clause 8.2.2: the device took the new GUTI."""

    message_type: ClassVar = EmmType.ATTACH_COMPLETE

    container: Annotated[bytes, _CONTAINER]


class AttachReject(EmmMessage):
    """Clause 8.2.3: the device is not attached, for this cause."""

    message_type: ClassVar = EmmType.ATTACH_REJECT

    cause: U8


class DetachRequest(EmmMessage):
    """Clause 8.2.11.1: the device goes; nobody answers where it is switched off."""

    message_type: ClassVar = EmmType.DETACH_REQUEST

    kind: Annotated[Halves, _HALVES]
    identity: Annotated[EpsIdentity, LengthValue(EpsIdentityForm())]


class TrackingAreaUpdateRequest(EmmMessage):
    """Clause 8.2.29: the device is still there."""

    message_type: ClassVar = EmmType.TRACKING_AREA_UPDATE_REQUEST

    kind: Annotated[Halves, _HALVES]
    identity: Annotated[EpsIdentity, LengthValue(EpsIdentityForm())]


class TrackingAreaUpdateAccept(EmmMessage):
    """Clause 8.2.26: the network knows it."""

    message_type: ClassVar = EmmType.TRACKING_AREA_UPDATE_ACCEPT

    result: Annotated[int, Nibble()]


class TrackingAreaUpdateReject(EmmMessage):
    """Clause 8.2.28: the network does not, for this cause."""

    message_type: ClassVar = EmmType.TRACKING_AREA_UPDATE_REJECT

    cause: U8


class EpsAuthenticationRequest(EmmMessage):
    """Clause 8.2.7: prove that you hold K, and make K_ASME for this network."""

    message_type: ClassVar = EmmType.AUTHENTICATION_REQUEST

    key_set: Annotated[int, Nibble()]
    rand: Annotated[bytes, Octets(16)]
    autn: Annotated[bytes, LengthValue(Octets(16))]


class EpsAuthenticationResponse(EmmMessage):
    """Clause 8.2.8."""

    message_type: ClassVar = EmmType.AUTHENTICATION_RESPONSE

    res: Annotated[bytes, LengthValue(Between(4, 16))]


class EpsAuthenticationFailure(EmmMessage):
    """Clause 8.2.5: the network proved nothing; AUTS comes with a synch failure."""

    message_type: ClassVar = EmmType.AUTHENTICATION_FAILURE

    cause: U8
    auts: Annotated[bytes | None, OptionalElement(0x30, Octets(14), _GRAMMAR)] = None


class EpsAuthenticationReject(EmmMessage):
    """Clause 8.2.6: the device did not prove itself."""

    message_type: ClassVar = EmmType.AUTHENTICATION_REJECT


class EpsIdentityRequest(EmmMessage):
    """Clause 8.2.18: which is your identity of this kind?"""

    message_type: ClassVar = EmmType.IDENTITY_REQUEST

    kind: Annotated[int, Nibble()]


class EpsIdentityResponse(EmmMessage):
    """Clause 8.2.19: this one, as TS 24.008 writes it."""

    message_type: ClassVar = EmmType.IDENTITY_RESPONSE

    identity: Annotated[MobileIdentity, LengthValue(IDENTITY_FORM)]


class SecurityModeCommand(EmmMessage):
    """Clause 8.2.20: protect with these algorithms; what the device can is said back to it."""

    message_type: ClassVar = EmmType.SECURITY_MODE_COMMAND

    algorithms: U8
    key_set: Annotated[int, Nibble()]
    capability: Annotated[bytes, LengthValue(Between(2, 5))]


class SecurityModeComplete(EmmMessage):
    """Clause 8.2.21."""

    message_type: ClassVar = EmmType.SECURITY_MODE_COMPLETE


class SecurityModeReject(EmmMessage):
    """Clause 8.2.22."""

    message_type: ClassVar = EmmType.SECURITY_MODE_REJECT

    cause: U8


class EmmStatus(EmmMessage):
    """Clause 8.2.14: what you sent has this error; it is never answered."""

    message_type: ClassVar = EmmType.EMM_STATUS

    cause: U8


EMM_MESSAGES: dict[int, type[EmmMessage]] = {
    message.message_type: message for message in EmmMessage.__subclasses__()
}


def timer_s(octet: int) -> float:
    """Return the seconds that a GPRS timer says, 0 if it says none (TS 24.008 10.5.7.3)."""
    unit, steps = divmod(octet, 32)
    return steps * _TIMER_UNITS_S.get(unit, 60.0)


def emm_type(octets: bytes) -> int:
    """Return the message type of a plain message.

    Raises:
        MalformedError: too short, protected, or of another protocol.
    """
    if len(octets) < 2:
        raise TruncatedError("EmmMessage", needed=2, present=len(octets))
    if octets[0] != EPS_MOBILITY:
        raise MalformedError("EmmMessage", "is not a plain message of EPS mobility management")
    return octets[1]


def decode_emm(octets: bytes) -> EmmMessage:
    """Read any plain message of EPS mobility management.

    Raises:
        MalformedError: no such message, or not well-formed.
    """
    kind = EMM_MESSAGES.get(emm_type(octets))
    if kind is None:
        raise MalformedError("EmmMessage", "is of an unknown type")
    return kind.decode(octets)
