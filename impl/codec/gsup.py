"""GSUP, the Generic Subscriber Update Protocol of Osmocom: between VLR, SMSC and HLR.

It does the work of MAP (3GPP TS 29.002) with elements of tag, length and value. The rows of `Gsup`
stand in the order in which Osmocom writes them; they may come in any order.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import Annotated, Any, Self

from impl.codec.digits import decode_bcd
from impl.codec.gsup_elements import (
    Element,
    ElementSet,
    Flag,
    ImsiForm,
    NameForm,
    Nested,
    NumberForm,
    Repeated,
    RpAddress,
    RpAddressForm,
    SecretForm,
    Unknown,
)
from impl.codec.layout import Coded, Counted, Octets, Place, Rest, UInt
from impl.errors import MalformedError
from impl.values import IMSI, MSISDN, Secret

MOST_TUPLES = 5
"""Authentication tuples that one message may carry."""


class GsupType(IntEnum):
    """Message types: the low two bits are 0 for a request, 1 for an error, 2 for a result."""

    UPDATE_LOCATION_REQUEST = 0x04
    UPDATE_LOCATION_ERROR = 0x05
    UPDATE_LOCATION_RESULT = 0x06
    SEND_AUTH_INFO_REQUEST = 0x08
    SEND_AUTH_INFO_ERROR = 0x09
    SEND_AUTH_INFO_RESULT = 0x0A
    AUTH_FAIL_REPORT = 0x0B
    PURGE_MS_REQUEST = 0x0C
    PURGE_MS_ERROR = 0x0D
    PURGE_MS_RESULT = 0x0E
    INSERT_DATA_REQUEST = 0x10
    INSERT_DATA_ERROR = 0x11
    INSERT_DATA_RESULT = 0x12
    DELETE_DATA_REQUEST = 0x14
    DELETE_DATA_ERROR = 0x15
    DELETE_DATA_RESULT = 0x16
    LOCATION_CANCEL_REQUEST = 0x1C
    LOCATION_CANCEL_ERROR = 0x1D
    LOCATION_CANCEL_RESULT = 0x1E
    PROC_SS_REQUEST = 0x20
    PROC_SS_ERROR = 0x21
    PROC_SS_RESULT = 0x22
    MO_FORWARD_SM_REQUEST = 0x24
    MO_FORWARD_SM_ERROR = 0x25
    MO_FORWARD_SM_RESULT = 0x26
    MT_FORWARD_SM_REQUEST = 0x28
    MT_FORWARD_SM_ERROR = 0x29
    MT_FORWARD_SM_RESULT = 0x2A
    READY_FOR_SM_REQUEST = 0x2C
    READY_FOR_SM_ERROR = 0x2D
    READY_FOR_SM_RESULT = 0x2E
    CHECK_IMEI_REQUEST = 0x30
    CHECK_IMEI_ERROR = 0x31
    CHECK_IMEI_RESULT = 0x32

    @property
    def is_request(self) -> bool:
        """Whether somebody waits for an answer to it."""
        return self & 0x03 == 0

    @property
    def error(self) -> GsupType:
        """The type of the error that answers this request."""
        return GsupType(self | 0x01)

    @property
    def result(self) -> GsupType:
        """The type of the result that answers this request."""
        return GsupType(self | 0x02)


_TYPE = Coded(GsupType)


class GsupCause(IntEnum):
    """Causes of errors: those of GPRS mobility management (TS 24.008 clause 10.5.5.14)."""

    IMSI_UNKNOWN = 0x02
    PLMN_NOT_ALLOWED = 0x0B
    LOCATION_AREA_NOT_ALLOWED = 0x0C
    ROAMING_NOT_ALLOWED = 0x0D
    NETWORK_FAILURE = 0x11
    INVALID_MANDATORY_INFORMATION = 0x60
    MESSAGE_NOT_COMPATIBLE = 0x65


class CancelType(IntEnum):
    """Why a location is cancelled (TS 29.002 clause 17.7.1, CancellationType)."""

    UPDATE = 0
    WITHDRAW = 1


class CnDomain(IntEnum):
    """The part of the core network that asks."""

    PACKET_SWITCHED = 1
    CIRCUIT_SWITCHED = 2


class RatType(IntEnum):
    """The radio access that a vector is for, as Osmocom numbers it.

    What asks through a non-3GPP access calls itself as a MME does: its vectors are the same.
    """

    GERAN = 1
    UTRAN = 2
    EUTRAN = 3


class AlertReason(IntEnum):
    """Why a device can take short messages again (TS 29.002 clause 7.6.8.8)."""

    MS_PRESENT = 1
    MEMORY_AVAILABLE = 2


class AuthTuple(ElementSet):
    """One authentication vector: for GSM RAND, SRES, Kc; for UMTS also IK, CK, AUTN and RES."""

    rand: Annotated[bytes | None, Element(0x20, Octets(16))] = None
    sres: Annotated[Secret | None, Element(0x21, SecretForm(4, 4))] = None
    kc: Annotated[Secret | None, Element(0x22, SecretForm(8, 8))] = None
    ik: Annotated[Secret | None, Element(0x23, SecretForm(16, 16))] = None
    ck: Annotated[Secret | None, Element(0x24, SecretForm(16, 16))] = None
    autn: Annotated[bytes | None, Element(0x25, Octets(16))] = None
    res: Annotated[Secret | None, Element(0x27, SecretForm(4, 16))] = None
    unknown: Annotated[tuple[tuple[int, bytes], ...], Unknown()] = ()

    @classmethod
    def take(cls, octets: bytes, at: int) -> tuple[Self, int]:
        """Read the elements from offset `at` to the end."""
        return cls(**cls.collect(octets, at)), len(octets)


class Gsup(ElementSet):
    """One message. Which elements it must hold depends on its type; None is absent.

    Osmocom has the IMSI in every message. Here an MT-ForwardSM of the SMSC, which knows the
    receiver by number only, goes to the hub without.
    """

    message_type: Annotated[GsupType, Coded(GsupType)]
    imsi: Annotated[IMSI | None, Element(0x01, ImsiForm())] = None
    msisdn: Annotated[MSISDN | None, Element(0x08, NumberForm())] = None
    hlr_number: Annotated[MSISDN | None, Element(0x09, NumberForm())] = None
    cause: Annotated[int | None, Element(0x02, UInt(1))] = None
    cancel_type: Annotated[CancelType | None, Element(0x06, Coded(CancelType))] = None
    pdp_info_complete: Annotated[bool, Element(0x04, Flag())] = False
    freeze_ptmsi: Annotated[bool, Element(0x07, Flag())] = False
    pdp_infos: Annotated[tuple[bytes, ...], Repeated(0x05, Rest())] = ()
    auth_tuples: Annotated[tuple[AuthTuple, ...], Repeated(0x03, Nested(AuthTuple))] = ()
    auts: Annotated[bytes | None, Element(0x26, Octets(14))] = None
    rand: Annotated[bytes | None, Element(0x20, Octets(16))] = None
    cn_domain: Annotated[CnDomain | None, Element(0x28, Coded(CnDomain))] = None
    charging: Annotated[bytes | None, Element(0x14, Rest())] = None
    session_id: Annotated[int | None, Element(0x30, UInt(4))] = None
    session_state: Annotated[int | None, Element(0x31, UInt(1))] = None
    ss_info: Annotated[bytes | None, Element(0x35, Rest())] = None
    sm_rp_mr: Annotated[int | None, Element(0x40, UInt(1))] = None
    sm_rp_da: Annotated[RpAddress | None, Element(0x41, RpAddressForm())] = None
    sm_rp_oa: Annotated[RpAddress | None, Element(0x42, RpAddressForm())] = None
    sm_rp_ui: Annotated[bytes | None, Element(0x43, Rest())] = None
    sm_rp_cause: Annotated[int | None, Element(0x44, UInt(1))] = None
    sm_rp_mms: Annotated[int | None, Element(0x45, UInt(1))] = None
    sm_alert_reason: Annotated[AlertReason | None, Element(0x46, Coded(AlertReason))] = None
    imei: Annotated[bytes | None, Element(0x50, Rest())] = None
    imei_result: Annotated[int | None, Element(0x51, UInt(1))] = None
    num_vectors: Annotated[int | None, Element(0x52, UInt(1))] = None
    message_class: Annotated[int | None, Element(0x0A, UInt(1))] = None
    current_rat_type: Annotated[int | None, Element(0x2A, UInt(1))] = None
    source_name: Annotated[str | None, Element(0x60, NameForm())] = None
    destination_name: Annotated[str | None, Element(0x61, NameForm())] = None
    unknown: Annotated[tuple[tuple[int, bytes], ...], Unknown()] = ()

    @classmethod
    def places(cls, octets: bytes, at: int = 0) -> Iterator[Place]:
        """Yield where the type of the message and each of its elements stand."""
        yield "message_type", at, at + 1
        yield from super().places(octets, at + 1)

    @classmethod
    def take(cls, octets: bytes, at: int) -> tuple[Self, int]:
        """Read the message from offset `at` to the end."""
        kind, at = _TYPE.take(octets, at, "Gsup.message_type")
        assert isinstance(kind, GsupType)
        message = cls(message_type=kind, **cls.collect(octets, at))
        if len(message.auth_tuples) > MOST_TUPLES:
            raise MalformedError("Gsup.auth_tuples", f"are more than {MOST_TUPLES}")
        return message, len(octets)

    def result(self, **fields: Any) -> Gsup:
        """Make the result that answers this request, its references copied."""
        return Gsup(self.message_type.result, **(self._references() | fields))

    def error(self, **fields: Any) -> Gsup:
        """Make the error that answers this request, its references copied."""
        return Gsup(self.message_type.error, **(self._references() | fields))

    def _references(self) -> dict[str, Any]:
        return {
            "imsi": self.imsi,
            "session_id": self.session_id,
            "session_state": self.session_state,
            "sm_rp_mr": self.sm_rp_mr,
            "destination_name": self.source_name,
        }


def decode_gsup(octets: bytes) -> Gsup:
    """Read a message.

    Raises:
        MalformedError: of an unknown type, cut off, or an element has no meaning; `refuse` makes
            the answer to it.
    """
    return Gsup.decode(octets)


def refuse(octets: bytes) -> Gsup | None:
    """Return the error that answers octets which `decode_gsup` refused; None if no request."""
    try:
        kind = GsupType(octets[0])
    except (IndexError, ValueError):
        return None
    if not kind.is_request:
        return None
    return Gsup(
        kind.error, imsi=_readable_imsi(octets), cause=GsupCause.INVALID_MANDATORY_INFORMATION
    )


def _readable_imsi(octets: bytes) -> IMSI | None:
    """Find the IMSI where Osmocom puts it, first."""
    if octets[1:2] != b"\x01":
        return None
    try:
        value, _ = Counted().take(octets, 2, "Gsup.imsi")
        return IMSI(decode_bcd(value))
    except MalformedError:
        return None
