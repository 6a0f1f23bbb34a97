"""GSUP, the Generic Subscriber Update Protocol of Osmocom: between VLR, SMSC and HLR.

It does the work of MAP (3GPP TS 29.002) with elements of tag, length and value. The rows of `Gsup`
stand in the order in which Osmocom writes them; they may come in any order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Any, ClassVar, Self

from impl.codec.digits import decode_bcd, encode_bcd
from impl.codec.layout import Counted, Form, Layout, Octets, Rest, UInt
from impl.errors import MalformedError, TrailingError, UnencodableError
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


class GsupCause(IntEnum):
    """Causes of errors: those of GPRS mobility management (TS 24.008 clause 10.5.5.14)."""

    IMSI_UNKNOWN = 0x02
    PLMN_NOT_ALLOWED = 0x0B
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


class AlertReason(IntEnum):
    """Why a device can take short messages again (TS 29.002 clause 7.6.8.8)."""

    MS_PRESENT = 1
    MEMORY_AVAILABLE = 2


class RpAddressKind(IntEnum):
    """What an SM-RP-DA or SM-RP-OA names (TS 29.002 clause 7.6.8)."""

    IMSI = 0x01
    MSISDN = 0x02
    SERVICE_CENTRE = 0x03
    NONE = 0xFF


@dataclass(frozen=True, slots=True)
class RpAddress:
    """Sender or receiver of a short message; `digits` is an IMSI, a number, or None for no one."""

    kind: RpAddressKind
    digits: IMSI | MSISDN | None = None


@dataclass(frozen=True, slots=True)
class _Coded:
    """One octet of a closed list."""

    codes: type[IntEnum]

    def take(self, octets: bytes, at: int, where: str) -> tuple[IntEnum, int]:
        octet, end = UInt(1).take(octets, at, where)
        try:
            return self.codes(octet), end
        except ValueError:
            raise MalformedError(where, "is of no known value") from None

    def put(self, value: IntEnum, where: str) -> bytes:
        return UInt(1).put(self.codes(value), where)


@dataclass(frozen=True, slots=True)
class _Flag:
    """An element that says something by being there."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[bool, int]:
        if octets[at:]:
            raise TrailingError(where, surplus=len(octets) - at)
        return True, at

    def put(self, value: bool, where: str) -> bytes:  # noqa: ARG002, FBT001 - of every form
        return b""


@dataclass(frozen=True, slots=True)
class _Imsi:
    def take(self, octets: bytes, at: int, where: str) -> tuple[IMSI, int]:  # noqa: ARG002
        return IMSI(decode_bcd(octets[at:])), len(octets)

    def put(self, value: IMSI, where: str) -> bytes:  # noqa: ARG002 - of every form
        return encode_bcd(value)


@dataclass(frozen=True, slots=True)
class _Number:
    """An international E.164 number: type and plan 91, then its digits (ISDN-AddressString of MAP).

    osmo-hlr 1.5 writes the number of digit octets in the place of type and plan; bit 8 tells which.
    """

    def take(self, octets: bytes, at: int, where: str) -> tuple[MSISDN, int]:
        head, start = UInt(1).take(octets, at, where)
        if not head & 0x80 and head != len(octets) - start:
            raise MalformedError(where, "begins neither with type and plan nor with its length")
        return MSISDN(decode_bcd(octets[start:])), len(octets)

    def put(self, value: MSISDN, where: str) -> bytes:  # noqa: ARG002 - of every form
        return b"\x91" + encode_bcd(value)


@dataclass(frozen=True, slots=True)
class _RpAddressForm:
    def take(self, octets: bytes, at: int, where: str) -> tuple[RpAddress, int]:
        kind, at = _Coded(RpAddressKind).take(octets, at, where)
        if kind == RpAddressKind.NONE:
            return RpAddress(RpAddressKind.NONE), at
        form: Form = _Imsi() if kind == RpAddressKind.IMSI else _Number()
        digits, end = form.take(octets, at, where)
        return RpAddress(RpAddressKind(kind), digits), end

    def put(self, value: RpAddress, where: str) -> bytes:
        kind = bytes((value.kind,))
        match value:
            case RpAddress(RpAddressKind.NONE, None):
                return kind
            case RpAddress(RpAddressKind.IMSI, IMSI() as imsi):
                return kind + _Imsi().put(imsi, where)
            case RpAddress(RpAddressKind.MSISDN | RpAddressKind.SERVICE_CENTRE, MSISDN() as number):
                return kind + _Number().put(number, where)
        raise UnencodableError(where, "is of another kind than it says")


@dataclass(frozen=True, slots=True)
class _Name:
    """The name of a node, ASCII, with the zero that Osmocom writes behind it."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[str, int]:
        try:
            return octets[at:].removesuffix(b"\0").decode("ascii"), len(octets)
        except UnicodeDecodeError:
            raise MalformedError(where, "is not ASCII") from None

    def put(self, value: str, where: str) -> bytes:
        if not value.isascii() or value.endswith("\0"):
            raise UnencodableError(where, "must be ASCII without zero")
        return value.encode("ascii") + b"\0"


@dataclass(frozen=True, slots=True)
class _Secret:
    """`shortest` to `longest` octets that are not for everybody to see."""

    shortest: int
    longest: int

    def take(self, octets: bytes, at: int, where: str) -> tuple[Secret, int]:
        self._check(len(octets) - at, where)
        return Secret(octets[at:]), len(octets)

    def put(self, value: Secret, where: str) -> bytes:
        self._check(len(value), where)
        return value.reveal()

    def _check(self, count: int, where: str) -> None:
        if not self.shortest <= count <= self.longest:
            raise UnencodableError(where, f"must be {self.shortest} to {self.longest} octets")


@dataclass(frozen=True, slots=True)
class _Element:
    """One element: tag, length of one octet, value. None and False are absent."""

    iei: int
    form: Form
    repeats: ClassVar[bool] = False

    def take(self, octets: bytes, at: int, where: str) -> tuple[Any, int]:
        value, end = self.form.take(octets, at, where)
        if end != len(octets):
            raise TrailingError(where, surplus=len(octets) - end)
        return value, end

    def put(self, value: Any, where: str) -> bytes:
        if value is None or value is False:
            return b""
        return bytes((self.iei,)) + Counted().put(self.form.put(value, where), where)


@dataclass(frozen=True, slots=True)
class _Repeated(_Element):
    """An element that may come again: the field is a tuple."""

    repeats: ClassVar[bool] = True

    def put(self, value: tuple[Any, ...], where: str) -> bytes:
        return b"".join(_Element.put(self, item, where) for item in value)


@dataclass(frozen=True, slots=True)
class _Unknown:
    """Elements of tags that no row has: kept, so that a hub hands them on."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[tuple[tuple[int, bytes], ...], int]:
        return tuple(_walk(octets, at, where)), len(octets)

    def put(self, value: tuple[tuple[int, bytes], ...], where: str) -> bytes:
        return b"".join(UInt(1).put(iei, where) + Counted().put(v, where) for iei, v in value)


def _walk(octets: bytes, at: int, where: str) -> Iterator[tuple[int, bytes]]:
    while at < len(octets):
        iei = octets[at]
        value, at = Counted().take(octets, at + 1, f"{where}.{iei:02x}")
        yield iei, value


class _ElementSet(Layout):
    """Rows that are elements: found by their tags, in any order."""

    @classmethod
    def collect(cls, octets: bytes, at: int) -> dict[str, Any]:
        """Read elements from `at` to the end: the value of each field that is there."""
        rows = {form.iei: (n, form, w) for n, form, w in cls.rows() if isinstance(form, _Element)}
        values: dict[str, Any] = {}
        for iei, value in _walk(octets, at, cls.__name__):
            if iei not in rows:
                values["unknown"] = (*values.get("unknown", ()), (iei, value))
                continue
            name, form, where = rows[iei]
            taken, _ = form.take(value, 0, where)
            if form.repeats:
                values[name] = (*values.get(name, ()), taken)
            elif name in values:
                raise MalformedError(where, "comes twice")
            else:
                values[name] = taken
        return values


class AuthTuple(_ElementSet):
    """One authentication vector: for GSM RAND, SRES, Kc; for UMTS also IK, CK, AUTN and RES."""

    rand: Annotated[bytes | None, _Element(0x20, Octets(16))] = None
    sres: Annotated[Secret | None, _Element(0x21, _Secret(4, 4))] = None
    kc: Annotated[Secret | None, _Element(0x22, _Secret(8, 8))] = None
    ik: Annotated[Secret | None, _Element(0x23, _Secret(16, 16))] = None
    ck: Annotated[Secret | None, _Element(0x24, _Secret(16, 16))] = None
    autn: Annotated[bytes | None, _Element(0x25, Octets(16))] = None
    res: Annotated[Secret | None, _Element(0x27, _Secret(4, 16))] = None
    unknown: Annotated[tuple[tuple[int, bytes], ...], _Unknown()] = ()

    @classmethod
    def take(cls, octets: bytes, at: int) -> tuple[Self, int]:
        """Read the elements from offset `at` to the end."""
        return cls(**cls.collect(octets, at)), len(octets)


@dataclass(frozen=True, slots=True)
class _TupleForm:
    def take(self, octets: bytes, at: int, where: str) -> tuple[AuthTuple, int]:  # noqa: ARG002
        return AuthTuple.take(octets, at)

    def put(self, value: AuthTuple, where: str) -> bytes:  # noqa: ARG002 - of every form
        return value.encode()


class Gsup(_ElementSet):
    """One message. Which elements it must hold depends on its type; None is absent.

    Osmocom has the IMSI in every message. Here an MT-ForwardSM of the SMSC, which knows the
    receiver by number only, goes to the hub without.
    """

    message_type: Annotated[GsupType, _Coded(GsupType)]
    imsi: Annotated[IMSI | None, _Element(0x01, _Imsi())] = None
    msisdn: Annotated[MSISDN | None, _Element(0x08, _Number())] = None
    hlr_number: Annotated[MSISDN | None, _Element(0x09, _Number())] = None
    cause: Annotated[int | None, _Element(0x02, UInt(1))] = None
    cancel_type: Annotated[CancelType | None, _Element(0x06, _Coded(CancelType))] = None
    pdp_info_complete: Annotated[bool, _Element(0x04, _Flag())] = False
    freeze_ptmsi: Annotated[bool, _Element(0x07, _Flag())] = False
    pdp_infos: Annotated[tuple[bytes, ...], _Repeated(0x05, Rest())] = ()
    auth_tuples: Annotated[tuple[AuthTuple, ...], _Repeated(0x03, _TupleForm())] = ()
    auts: Annotated[bytes | None, _Element(0x26, Octets(14))] = None
    rand: Annotated[bytes | None, _Element(0x20, Octets(16))] = None
    cn_domain: Annotated[CnDomain | None, _Element(0x28, _Coded(CnDomain))] = None
    charging: Annotated[bytes | None, _Element(0x14, Rest())] = None
    session_id: Annotated[int | None, _Element(0x30, UInt(4))] = None
    session_state: Annotated[int | None, _Element(0x31, UInt(1))] = None
    ss_info: Annotated[bytes | None, _Element(0x35, Rest())] = None
    sm_rp_mr: Annotated[int | None, _Element(0x40, UInt(1))] = None
    sm_rp_da: Annotated[RpAddress | None, _Element(0x41, _RpAddressForm())] = None
    sm_rp_oa: Annotated[RpAddress | None, _Element(0x42, _RpAddressForm())] = None
    sm_rp_ui: Annotated[bytes | None, _Element(0x43, Rest())] = None
    sm_rp_cause: Annotated[int | None, _Element(0x44, UInt(1))] = None
    sm_rp_mms: Annotated[int | None, _Element(0x45, UInt(1))] = None
    sm_alert_reason: Annotated[AlertReason | None, _Element(0x46, _Coded(AlertReason))] = None
    imei: Annotated[bytes | None, _Element(0x50, Rest())] = None
    imei_result: Annotated[int | None, _Element(0x51, UInt(1))] = None
    num_vectors: Annotated[int | None, _Element(0x52, UInt(1))] = None
    message_class: Annotated[int | None, _Element(0x0A, UInt(1))] = None
    source_name: Annotated[str | None, _Element(0x60, _Name())] = None
    destination_name: Annotated[str | None, _Element(0x61, _Name())] = None
    unknown: Annotated[tuple[tuple[int, bytes], ...], _Unknown()] = ()

    @classmethod
    def take(cls, octets: bytes, at: int) -> tuple[Self, int]:
        """Read the message from offset `at` to the end."""
        kind, at = _Coded(GsupType).take(octets, at, "Gsup.message_type")
        message = cls(message_type=GsupType(kind), **cls.collect(octets, at))
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
