"""Short messages between device and service centre: the TPDUs of 3GPP TS 23.040 release 17.

An octet string means one TPDU to a device and another to a service centre: `decode_downlink` reads
what a centre sent, `decode_uplink` what a device sent. TP-UDL is held to what is there.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from impl.codec.address import Address
from impl.codec.layout import Place, in_turn
from impl.codec.short_message_reports import DeliverReport, StatusReport, SubmitReport
from impl.codec.user_data import (
    DCS_CLASS_2_BINARY,
    LONGEST,
    PID_USIM_DATA_DOWNLOAD,
    InformationElement,
    UserData,
    encode_counted,
    encode_header,
    take_counted,
)
from impl.errors import MalformedError, TruncatedError, UnencodableError

__all__ = [
    "DCS_CLASS_2_BINARY",
    "PID_USIM_DATA_DOWNLOAD",
    "Deliver",
    "DeliverReport",
    "InformationElement",
    "StatusReport",
    "Submit",
    "SubmitReport",
    "decode_downlink",
    "decode_uplink",
]

_NO_MORE: Final = 0x04
_REJECT_DUPLICATES: Final = 0x04
_LOOP: Final = 0x08
_STATUS_REPORT: Final = 0x20
_HEADER: Final = 0x40
_REPLY_PATH: Final = 0x80

_DELIVER_MIDDLE: Final = struct.Struct(">BB7s")  # TP-PID, TP-DCS, TP-SCTS
_SUBMIT_MIDDLE: Final = struct.Struct(">BB")  # TP-PID, TP-DCS
_TIMESTAMP_SIZE: Final = 7

_VALIDITY_SIZES: Final = (0, 7, 1, 7)  # by TP-VPF: none, enhanced, relative, absolute
_ENHANCED, _RELATIVE, _ABSOLUTE = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Deliver:
    """SMS-DELIVER: a message on its last way, from service centre to device (clause 9.2.2.1)."""

    MTI: ClassVar = 0

    originator: Address
    user_data: bytes = b""
    """What follows the header; at most 140 octets with it."""
    pid: int = 0
    dcs: int = 0
    timestamp: bytes = bytes(_TIMESTAMP_SIZE)
    """TP-SCTS, 7 octets: year to second and time zone, each two swapped digits."""
    header: tuple[InformationElement, ...] = ()
    septets: int = 0
    """Where `dcs` names the GSM 7 bit alphabet: how many septets `user_data` packs."""
    more_messages: bool = False
    loop_prevention: bool = False
    status_report: bool = False
    """TP-SRI: the sender will be told that the message arrived."""
    reply_path: bool = False

    @property
    def content(self) -> UserData:
        """TP-UD as one: the header and what follows it."""
        return UserData(self.header, self.user_data)

    def encode(self) -> bytes:
        """Write the TPDU.

        Raises:
            UnencodableError: a field does not fit, or header and user data exceed 140 octets.
        """
        first = (
            (not self.more_messages) * _NO_MORE
            | self.loop_prevention * _LOOP
            | self.status_report * _STATUS_REPORT
            | bool(self.header) * _HEADER
            | self.reply_path * _REPLY_PATH
        )
        if len(self.timestamp) != _TIMESTAMP_SIZE:
            raise UnencodableError("TP-SCTS", f"must be {_TIMESTAMP_SIZE} octets")
        try:
            middle = _DELIVER_MIDDLE.pack(self.pid, self.dcs, self.timestamp)
        except struct.error:
            raise UnencodableError("TP-PID, TP-DCS", "must be one octet each") from None
        return bytes((first,)) + self.originator.encode_tp() + middle + _encode_user_data(self)

    def places(self) -> Iterator[Place]:
        """Yield where each field stands in the TPDU; flags are bits of the first octet."""
        for flag in ("more_messages", "loop_prevention", "status_report", "reply_path"):
            yield flag, 0, 1
        address = len(self.originator.encode_tp())
        sizes = {"originator": address, "pid": 1, "dcs": 1, "timestamp": _TIMESTAMP_SIZE}
        yield from in_turn(1, **sizes, **_user_data_sizes(self))

    @classmethod
    def decode(cls, octets: bytes) -> Deliver:
        """Read the TPDU; MalformedError if it is none."""
        first = _first(octets, cls.MTI)
        originator, at = Address.take_tp(octets, 1)
        _check_room(octets, at, _DELIVER_MIDDLE.size)
        pid, dcs, timestamp = _DELIVER_MIDDLE.unpack_from(octets, at)
        at += _DELIVER_MIDDLE.size
        header, user_data, septets = _take_user_data(octets, at, dcs, first)
        return cls(
            originator,
            user_data,
            pid,
            dcs,
            timestamp,
            header,
            septets,
            not first & _NO_MORE,
            first & _LOOP > 0,
            first & _STATUS_REPORT > 0,
            first & _REPLY_PATH > 0,
        )


@dataclass(frozen=True, slots=True)
class Submit:
    """SMS-SUBMIT: a message on its first way, from device to service centre (clause 9.2.2.2)."""

    MTI: ClassVar = 1

    destination: Address
    user_data: bytes = b""
    """This, `header` and `septets` as of `Deliver`."""
    pid: int = 0
    dcs: int = 0
    reference: int = 0
    """TP-MR, by which a status report names the message; the device counts it."""
    header: tuple[InformationElement, ...] = ()
    septets: int = 0
    validity: bytes = b""
    """TP-VP: none; 1 octet, relative; 7, absolute or, if `validity_is_enhanced`, enhanced."""
    validity_is_enhanced: bool = False
    reject_duplicates: bool = False
    status_report: bool = False
    """TP-SRR: the sender wants to be told what becomes of the message."""
    reply_path: bool = False

    @property
    def content(self) -> UserData:
        """TP-UD as one: the header and what follows it."""
        return UserData(self.header, self.user_data)

    def encode(self) -> bytes:
        """Write the TPDU.

        Raises:
            UnencodableError: a field does not fit, or header and user data exceed 140 octets.
        """
        first = (
            self.MTI
            | self.reject_duplicates * _REJECT_DUPLICATES
            | self._validity_format() << 3
            | self.status_report * _STATUS_REPORT
            | bool(self.header) * _HEADER
            | self.reply_path * _REPLY_PATH
        )
        try:
            start = bytes((first, self.reference))
            middle = _SUBMIT_MIDDLE.pack(self.pid, self.dcs)
        except (ValueError, struct.error):
            raise UnencodableError("TP-MR, TP-PID, TP-DCS", "must be one octet each") from None
        address = self.destination.encode_tp()
        return start + address + middle + self.validity + _encode_user_data(self)

    def places(self) -> Iterator[Place]:
        """As of `Deliver`."""
        for flag in ("reject_duplicates", "validity_is_enhanced", "status_report", "reply_path"):
            yield flag, 0, 1
        address = len(self.destination.encode_tp())
        sizes = {"reference": 1, "destination": address, "pid": 1, "dcs": 1}
        validity = len(self.validity)
        yield from in_turn(1, **sizes, validity=validity, **_user_data_sizes(self))

    @classmethod
    def decode(cls, octets: bytes) -> Submit:
        """Read the TPDU; MalformedError if it is none."""
        first = _first(octets, cls.MTI)
        _check_room(octets, 1, 1)
        destination, at = Address.take_tp(octets, 2)
        validity_format = first >> 3 & 0x3
        validity_at = at + _SUBMIT_MIDDLE.size
        end = validity_at + _VALIDITY_SIZES[validity_format]
        _check_room(octets, at, end - at)
        pid, dcs = _SUBMIT_MIDDLE.unpack_from(octets, at)
        header, user_data, septets = _take_user_data(octets, end, dcs, first)
        return cls(
            destination,
            user_data,
            pid,
            dcs,
            octets[1],
            header,
            septets,
            octets[validity_at:end],
            validity_format == _ENHANCED,
            first & _REJECT_DUPLICATES > 0,
            first & _STATUS_REPORT > 0,
            first & _REPLY_PATH > 0,
        )

    def _validity_format(self) -> int:
        size = len(self.validity)
        if size == 7:
            return _ENHANCED if self.validity_is_enhanced else _ABSOLUTE
        if size > 1 or self.validity_is_enhanced:
            raise UnencodableError("TP-VP", f"has no format of {size} octets")
        return _RELATIVE if size else 0


def decode_downlink(octets: bytes) -> Deliver | SubmitReport | StatusReport:
    """Read what a service centre sent, by its TP-MTI.

    Raises:
        MalformedError: it is none of its TPDUs.
    """
    mti = octets[0] & 0x3 if octets else 3
    if mti == Deliver.MTI:
        return Deliver.decode(octets)
    if mti == SubmitReport.MTI:
        return SubmitReport.decode(octets)
    if mti == StatusReport.MTI:
        return StatusReport.decode(octets)
    raise MalformedError("TP-MTI", "is reserved, or not there")


def decode_uplink(octets: bytes) -> DeliverReport | Submit:
    """Read what a device sent, by its TP-MTI.

    Raises:
        MalformedError: it is none of its TPDUs; SMS-COMMAND is not among them.
    """
    mti = octets[0] & 0x3 if octets else 3
    if mti == DeliverReport.MTI:
        return DeliverReport.decode(octets)
    if mti == Submit.MTI:
        return Submit.decode(octets)
    raise MalformedError("TP-MTI", "is that of a command, reserved, or not there")


def _first(octets: bytes, mti: int) -> int:
    _check_room(octets, 0, 1)
    if octets[0] & 0x3 != mti:
        raise MalformedError("TP-MTI", "is that of another TPDU")
    return octets[0]


def _check_room(octets: bytes, at: int, needed: int) -> None:
    if at + needed > len(octets):
        raise TruncatedError("TPDU", needed=needed, present=len(octets) - at)


def _encode_user_data(message: Deliver | Submit) -> bytes:
    octets = encode_counted(message.content, message.dcs, message.septets)
    if len(octets) - 1 > LONGEST:
        raise UnencodableError("TP-UD", f"{len(octets) - 1} octets exceed {LONGEST}")
    return octets


def _user_data_sizes(message: Deliver | Submit) -> dict[str, int]:
    """Return what TP-UDL, which counts septets where there are, and TP-UD take."""
    header = len(encode_header(message.header))
    return {"septets": 1, "header": header, "user_data": len(message.user_data)}


def _take_user_data(
    octets: bytes, at: int, dcs: int, first: int
) -> tuple[tuple[InformationElement, ...], bytes, int]:
    if len(octets) - at - 1 > LONGEST:
        raise MalformedError("TP-UD", f"{len(octets) - at - 1} octets exceed {LONGEST}")
    has_header = first & _HEADER > 0
    (header, data), septets = take_counted(octets, at, dcs, has_header=has_header)
    return header, data, septets
