"""Reports about short messages: TS 23.040 release 17 clauses 9.2.2.1a, 9.2.2.2a and 9.2.2.3."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from impl.codec.address import Address
from impl.codec.layout import Octets, Place, UInt, in_turn
from impl.codec.user_data import (
    DCS_CLASS_2_BINARY,
    PID_USIM_DATA_DOWNLOAD,
    InformationElement,
    UserData,
    encode_counted,
    encode_header,
    take_counted,
)
from impl.errors import MalformedError, TrailingError, UnencodableError

_NO_MORE: Final = 0x04
_LOOP: Final = 0x08
_ABOUT_COMMAND: Final = 0x20
_HEADER: Final = 0x40

_PID: Final = 0x01  # bits of TP-PI, clause 9.2.3.27
_DCS: Final = 0x02
_UDL: Final = 0x04

_LOWEST_CAUSE: Final = 0x80
_LONGEST_REPORT: Final = 162
_LONGEST_STATUS_REPORT: Final = 164

_OCTET: Final = UInt(1)
_TIME: Final = Octets(7)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Optional:
    """What TP-PI announces, each None where it is not there."""

    pid: int | None = None
    dcs: int | None = None
    """Where it is not there, user data are septets."""
    user_data: bytes | None = None
    """This, `header` and `septets` as of `Deliver`."""
    header: tuple[InformationElement, ...] = ()
    septets: int = 0

    def _first(self, bits: int) -> bytes:
        return bytes((bits | (_HEADER if self.header else 0),))

    def _encode_announced(self) -> tuple[int, bytes]:
        """Return what TP-PI announces, and that."""
        if self.user_data is None and (self.header or self.septets):
            raise UnencodableError("TP-UD", "is not there to hold a header or septets")
        announced, octets = 0, b""
        if self.pid is not None:
            announced, octets = _PID, _OCTET.put(self.pid, "TP-PID")
        if self.dcs is not None:
            announced, octets = announced | _DCS, octets + _OCTET.put(self.dcs, "TP-DCS")
        if self.user_data is not None:
            user_data = UserData(self.header, self.user_data)
            announced |= _UDL
            octets += encode_counted(user_data, self.dcs or 0, self.septets)
        return announced, octets

    def _sizes(self) -> dict[str, int]:
        """Return what each that TP-PI announces takes; `septets` is TP-UDL."""
        return {
            "pid": self.pid is not None,
            "dcs": self.dcs is not None,
            "septets": self.user_data is not None,
            "header": len(encode_header(self.header)),
            "user_data": len(self.user_data or b""),
        }


def _take_announced(octets: bytes, at: int, announced: int) -> dict[str, Any]:
    """Read what TP-PI announces, up to the end; its reserved bits announce nothing."""
    found: dict[str, Any] = {}
    if announced & _PID:
        found["pid"], at = _OCTET.take(octets, at, "TP-PID")
    if announced & _DCS:
        found["dcs"], at = _OCTET.take(octets, at, "TP-DCS")
    has_header = bool(octets[0] & _HEADER)
    if announced & _UDL:
        dcs = found.get("dcs", 0)
        (header, data), septets = take_counted(octets, at, dcs, has_header=has_header)
        return found | {"header": header, "user_data": data, "septets": septets}
    if has_header:
        raise MalformedError("TP-UDHI", "announces a header where there is no TP-UD")
    if at != len(octets):
        raise TrailingError("TPDU", surplus=len(octets) - at)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverReport(_Optional):
    """SMS-DELIVER-REPORT: what device or card say to a message (clause 9.2.2.1a)."""

    MTI: ClassVar = 0

    failure_cause: int | None = None
    """TP-FCS, 80 to FF hex, where RP-ERROR carries the report; None where RP-ACK does."""

    @classmethod
    def acknowledging(cls, answer: bytes) -> DeliverReport:
        """Return the report with what the card answered (TS 31.111 clause 7.1.1.2).

        The answer has a header at its beginning, but the card cannot tell the device so, and
        TP-UDHI stays 0; its receiver reads it as if it were 1 (TS 31.115 clause 4.1).
        """
        return cls(pid=PID_USIM_DATA_DOWNLOAD, dcs=DCS_CLASS_2_BINARY, user_data=answer)

    @classmethod
    def failing(cls, cause: int, answer: bytes = b"") -> DeliverReport:
        """Return the report of a failure (TP-FCS), with what the card answered, if it did."""
        if not answer:
            return cls(failure_cause=cause)
        return cls(
            failure_cause=cause,
            pid=PID_USIM_DATA_DOWNLOAD,
            dcs=DCS_CLASS_2_BINARY,
            user_data=answer,
        )

    def encode(self) -> bytes:
        """Write the TPDU.

        Raises:
            UnencodableError: a field does not fit, or all exceed 162 octets.
        """
        announced, octets = self._encode_announced()
        start = self._first(self.MTI) + _put_cause(self.failure_cause)
        return _bounded(start + bytes((announced,)) + octets, _LONGEST_REPORT)

    def places(self) -> Iterator[Place]:
        """Yield where each field stands in the TPDU."""
        cause = self.failure_cause is not None
        return in_turn(1, failure_cause=cause, announced=1, **self._sizes())

    @classmethod
    def decode(cls, octets: bytes) -> DeliverReport:
        """Read the TPDU; MalformedError if it is none."""
        cause, announced, at = _take_cause(octets, cls.MTI)
        return cls(failure_cause=cause, **_take_announced(octets, at, announced))


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitReport(_Optional):
    """SMS-SUBMIT-REPORT: what the service centre says to a message (clause 9.2.2.2a)."""

    MTI: ClassVar = 1

    timestamp: bytes = bytes(7)
    """TP-SCTS: when the service centre took the message."""
    failure_cause: int | None = None
    """As of `DeliverReport`."""

    def encode(self) -> bytes:
        """Write the TPDU; errors as for `DeliverReport`."""
        announced, octets = self._encode_announced()
        start = self._first(self.MTI) + _put_cause(self.failure_cause)
        time = _TIME.put(self.timestamp, "TP-SCTS")
        return _bounded(start + bytes((announced,)) + time + octets, _LONGEST_REPORT)

    def places(self) -> Iterator[Place]:
        """Yield where each field stands in the TPDU."""
        cause = self.failure_cause is not None
        return in_turn(1, failure_cause=cause, announced=1, timestamp=7, **self._sizes())

    @classmethod
    def decode(cls, octets: bytes) -> SubmitReport:
        """Read the TPDU; MalformedError if it is none."""
        cause, announced, at = _take_cause(octets, cls.MTI)
        time, at = _TIME.take(octets, at, "TP-SCTS")
        fields = _take_announced(octets, at, announced)
        return cls(failure_cause=cause, timestamp=time, **fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport(_Optional):
    """SMS-STATUS-REPORT: what became of a message that a device sent (clause 9.2.2.3)."""

    MTI: ClassVar = 2

    reference: int
    """TP-MR of the message."""
    recipient: Address
    timestamp: bytes
    """TP-SCTS: when the service centre took the message; 7 octets, as `discharge_time`."""
    discharge_time: bytes
    status: int
    """TP-ST, clause 9.2.3.15: 0 for received."""
    more_messages: bool = False
    loop_prevention: bool = False
    is_about_command: bool = False

    def encode(self) -> bytes:
        """Write the TPDU.

        Raises:
            UnencodableError: a field does not fit, or all exceed 164 octets.
        """
        bits = (not self.more_messages) * _NO_MORE | self.loop_prevention * _LOOP
        announced, octets = self._encode_announced()
        start = (
            self._first(self.MTI | bits | self.is_about_command * _ABOUT_COMMAND)
            + _OCTET.put(self.reference, "TP-MR")
            + self.recipient.encode_tp()
            + _TIME.put(self.timestamp, "TP-SCTS")
            + _TIME.put(self.discharge_time, "TP-DT")
            + _OCTET.put(self.status, "TP-ST")
        )
        indicator = bytes((announced,)) if announced else b""
        return _bounded(start + indicator + octets, _LONGEST_STATUS_REPORT)

    def places(self) -> Iterator[Place]:
        """Yield where each field stands in the TPDU; flags are bits of the first octet."""
        for flag in ("more_messages", "loop_prevention", "is_about_command"):
            yield flag, 0, 1
        address, sizes = len(self.recipient.encode_tp()), self._sizes()
        fixed = {"timestamp": 7, "discharge_time": 7, "status": 1, "announced": any(sizes.values())}
        yield from in_turn(1, reference=1, recipient=address, **fixed, **sizes)

    @classmethod
    def decode(cls, octets: bytes) -> StatusReport:
        """Read the TPDU; MalformedError if it is none."""
        first, at = _take_first(octets, cls.MTI)
        reference, at = _OCTET.take(octets, at, "TP-MR")
        recipient, at = Address.take_tp(octets, at)
        timestamp, at = _TIME.take(octets, at, "TP-SCTS")
        discharge_time, at = _TIME.take(octets, at, "TP-DT")
        status, at = _OCTET.take(octets, at, "TP-ST")
        announced = 0
        if at < len(octets):
            announced, at = _OCTET.take(octets, at, "TP-PI")
        return cls(
            reference=reference,
            recipient=recipient,
            timestamp=timestamp,
            discharge_time=discharge_time,
            status=status,
            more_messages=not first & _NO_MORE,
            loop_prevention=bool(first & _LOOP),
            is_about_command=bool(first & _ABOUT_COMMAND),
            **_take_announced(octets, at, announced),
        )


def _take_first(octets: bytes, mti: int) -> tuple[int, int]:
    first, at = _OCTET.take(octets, 0, "TPDU")
    if first & 0x3 != mti:
        raise MalformedError("TP-MTI", "is that of another TPDU")
    return first, at


def _take_cause(octets: bytes, mti: int) -> tuple[int | None, int, int]:
    """Return TP-FCS, if there is one, TP-PI, and the offset behind them.

    The TPDU does not say whether it has a TP-FCS: only what carries it does. But TP-FCS has bit 8
    set, and TP-PI, whose bit 8 is for an extension that no release defines, has not.
    """
    _, at = _take_first(octets, mti)
    octet, at = _OCTET.take(octets, at, "TP-PI")
    if octet < _LOWEST_CAUSE:
        return None, octet, at
    announced, at = _OCTET.take(octets, at, "TP-PI")
    if announced >= _LOWEST_CAUSE:
        raise MalformedError("TP-PI", "has an extension that is not defined")
    return octet, announced, at


def _put_cause(cause: int | None) -> bytes:
    if cause is None:
        return b""
    if cause < _LOWEST_CAUSE:
        raise UnencodableError("TP-FCS", f"is below {_LOWEST_CAUSE:X}")
    return _OCTET.put(cause, "TP-FCS")


def _bounded(octets: bytes, longest: int) -> bytes:
    if len(octets) > longest:
        raise UnencodableError("TPDU", f"{len(octets)} octets exceed {longest}")
    return octets
