"""Command and response APDUs: ISO/IEC 7816-3 clause 12, ETSI TS 102 221 clause 10.

Lengths are of short form where that suffices, else of extended form, which a UICC need not know.

Status words are those of TS 102 221 clause 10.2 and, for class A0, of 3GPP TS 51.011 clause 9.4.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple, Self

from impl.errors import MalformedError, TrailingError, TruncatedError, UnencodableError

_HEADER = 4  # CLA INS P1 P2
CLASS_GSM = 0xA0
"""CLA of the commands of a SIM (TS 51.011 clause 9.2)."""
LONGEST_COMMAND_DATA = 255
"""Octets that a command of short form can carry."""
LONGEST_RESPONSE_DATA = 256
"""Octets that a command of short form can ask for."""
_LONGEST_EXTENDED_DATA = 0xFFFF
_LONGEST_EXTENDED_RESPONSE = 0x10000


class Ins(IntEnum):
    """Instructions: TS 102 221 table 10.5; TS 51.011 clause 9.4 has the older names."""

    DEACTIVATE_FILE = 0x04
    TERMINAL_PROFILE = 0x10
    FETCH = 0x12
    TERMINAL_RESPONSE = 0x14
    VERIFY_PIN = 0x20
    CHANGE_PIN = 0x24
    DISABLE_PIN = 0x26
    ENABLE_PIN = 0x28
    UNBLOCK_PIN = 0x2C
    INCREASE = 0x32
    ACTIVATE_FILE = 0x44
    MANAGE_CHANNEL = 0x70
    MANAGE_SECURE_CHANNEL = 0x73
    TRANSACT_DATA = 0x75
    SUSPEND_UICC = 0x76
    GET_IDENTITY = 0x78
    GET_CHALLENGE = 0x84
    AUTHENTICATE = 0x88  # class A0: RUN GSM ALGORITHM
    AUTHENTICATE_TLV = 0x89
    SEARCH_RECORD = 0xA2  # class A0: SEEK
    SELECT = 0xA4
    TERMINAL_CAPABILITY = 0xAA
    READ_BINARY = 0xB0
    READ_RECORD = 0xB2
    GET_RESPONSE = 0xC0
    ENVELOPE = 0xC2
    RETRIEVE_DATA = 0xCB
    UPDATE_BINARY = 0xD6
    SET_DATA = 0xDB
    UPDATE_RECORD = 0xDC
    STATUS = 0xF2
    SLEEP = 0xFA


class SW(IntEnum):
    """Status words of one fixed value; those that carry a number come from the functions."""

    OK = 0x9000
    TOOLKIT_BUSY = 0x9300

    WARNING_MEMORY_UNCHANGED = 0x6200
    RETURNED_DATA_MAY_BE_CORRUPTED = 0x6281
    END_OF_FILE_REACHED = 0x6282  # to SEARCH RECORD: nothing was found
    SELECTED_FILE_DEACTIVATED = 0x6283
    SELECTED_FILE_TERMINATED = 0x6284
    MORE_DATA_AVAILABLE = 0x62F1
    MORE_DATA_AND_COMMAND_PENDING = 0x62F2
    RESPONSE_DATA_AVAILABLE = 0x62F3
    MORE_DATA_EXPECTED = 0x63F1
    MORE_DATA_EXPECTED_AND_COMMAND_PENDING = 0x63F2

    ERROR_MEMORY_UNCHANGED = 0x6400
    ERROR_MEMORY_CHANGED = 0x6500
    MEMORY_PROBLEM = 0x6581

    WRONG_LENGTH = 0x6700
    CLASS_FUNCTION_NOT_SUPPORTED = 0x6800
    LOGICAL_CHANNEL_NOT_SUPPORTED = 0x6881
    SECURE_MESSAGING_NOT_SUPPORTED = 0x6882
    COMMAND_NOT_ALLOWED = 0x6900
    INCOMPATIBLE_WITH_FILE_STRUCTURE = 0x6981
    SECURITY_STATUS_NOT_SATISFIED = 0x6982
    PIN_BLOCKED = 0x6983
    REFERENCED_DATA_INVALIDATED = 0x6984
    CONDITIONS_NOT_SATISFIED = 0x6985
    NO_EF_SELECTED = 0x6986
    SECURE_CHANNEL_NOT_SATISFIED = 0x6989
    INCORRECT_DATA = 0x6A80
    FUNCTION_NOT_SUPPORTED = 0x6A81
    FILE_NOT_FOUND = 0x6A82
    RECORD_NOT_FOUND = 0x6A83
    NOT_ENOUGH_MEMORY = 0x6A84
    INCORRECT_P1_P2 = 0x6A86
    LC_INCONSISTENT_WITH_P1_P2 = 0x6A87
    REFERENCED_DATA_NOT_FOUND = 0x6A88
    WRONG_P1_P2 = 0x6B00
    INS_NOT_SUPPORTED = 0x6D00
    CLASS_NOT_SUPPORTED = 0x6E00
    TECHNICAL_PROBLEM = 0x6F00

    MAXIMUM_REACHED = 0x9850
    AUTHENTICATION_ERROR = 0x9862  # incorrect MAC in AUTN
    SECURITY_SESSION_EXPIRED = 0x9863
    SUSPENSION_TOO_LONG = 0x9864
    SECURITY_CONTEXT_NOT_SUPPORTED = 0x9864  # this to AUTHENTICATE (TS 31.102 clause 7.3)

    GSM_MEMORY_PROBLEM = 0x9240
    GSM_NO_EF_SELECTED = 0x9400
    GSM_OUT_OF_RANGE = 0x9402
    GSM_NOT_FOUND = 0x9404  # file or pattern
    GSM_FILE_INCONSISTENT = 0x9408
    GSM_NO_CHV = 0x9802
    GSM_ACCESS_NOT_FULFILLED = 0x9804  # or wrong CHV with attempts left
    GSM_CHV_CONTRADICTION = 0x9808
    GSM_INVALIDATION_CONTRADICTION = 0x9810
    GSM_CHV_BLOCKED = 0x9840

    @staticmethod
    def more(count: int) -> int:
        """`61xx`: `count` octets, 1 to 256, wait for GET RESPONSE."""
        return 0x6100 | _count(count)

    @staticmethod
    def exact_length(count: int) -> int:
        """`6Cxx`: the same command with Le = `count`, 1 to 256, would be right."""
        return 0x6C00 | _count(count)

    @staticmethod
    def fetch(count: int) -> int:
        """`91xx`: done, and a proactive command of `count` octets, 1 to 256, is pending."""
        return 0x9100 | _count(count)

    @staticmethod
    def gsm_more(count: int) -> int:
        """`9Fxx`, class A0: done, `count` octets, 1 to 256, wait for GET RESPONSE."""
        return 0x9F00 | _count(count)

    @staticmethod
    def gsm_download_error(count: int) -> int:
        """`9Exx`, class A0: data download failed, `count` octets wait for GET RESPONSE."""
        return 0x9E00 | _count(count)

    @staticmethod
    def tries_left(count: int) -> int:
        """`63Cx`: the PIN was wrong, `count` attempts, 0 to 15, are left."""
        if not 0 <= count <= 15:
            raise UnencodableError("SW", f"{count} attempts are not 0 to 15")
        return 0x63C0 | count


class CommandApdu(NamedTuple):
    """A command; its `case` follows from what it carries.

    A tuple, not a dataclass: a card reads one in each exchange, and a tuple is made faster.
    """

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    """At most 255 octets in short form, 65535 in extended form."""
    le: int | None = None
    """Octets expected back, 1 to 256 or 65536; None if the command asks for none."""

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """Read a C-APDU of either form.

        Raises:
            TruncatedError: fewer octets than header and Lc announce.
            TrailingError: more octets than Lc and Le account for.
            MalformedError: Lc says that there is no data.
        """
        size = len(octets)
        if size < _HEADER:
            raise TruncatedError("CommandApdu", needed=_HEADER, present=size)
        cla, ins, p1, p2 = octets[:_HEADER]
        if size <= _HEADER + 1:
            le = (octets[4] or 256) if size == 5 else None
            return tuple.__new__(cls, (cla, ins, p1, p2, b"", le))
        lc = octets[4]
        if not lc:
            return cls(cla, ins, p1, p2, *_extended_body(octets[5:]))
        end = _HEADER + 1 + lc
        if end == size:
            return tuple.__new__(cls, (cla, ins, p1, p2, octets[5:], None))
        if end + 1 == size:
            return tuple.__new__(cls, (cla, ins, p1, p2, octets[5:end], octets[end] or 256))
        raise _length_error(lc, present=size - _HEADER - 1, le_size=1)

    def encode(self) -> bytes:
        """Write the C-APDU.

        Raises:
            UnencodableError: a header octet, the data or Le is out of its range.
        """
        try:
            header = bytes(self[:_HEADER])  # type: ignore[arg-type]  # the first four are numbers
        except ValueError:
            raise UnencodableError("CommandApdu", "a header field is not one octet") from None
        data, le = self.data, self.le
        if len(data) > LONGEST_COMMAND_DATA or (le is not None and not 1 <= le <= 256):
            return header + self._extended_body()
        body = bytes((len(data),)) + data if data else b""
        return header + body + (b"" if le is None else bytes((le & 0xFF,)))

    def _extended_body(self) -> bytes:
        data, le = self.data, self.le
        if len(data) > _LONGEST_EXTENDED_DATA:
            raise UnencodableError("CommandApdu.data", f"{len(data)} octets exceed 65535")
        if le is not None and not 1 <= le <= _LONGEST_EXTENDED_RESPONSE:
            raise UnencodableError("CommandApdu.le", f"{le} is not 1 to 65536")
        body = len(data).to_bytes(2, "big") + data if data else b""
        return b"\0" + body + (b"" if le is None else (le & 0xFFFF).to_bytes(2, "big"))

    @property
    def case(self) -> int:
        """1 nothing but the header, 2 expects data, 3 brings data, 4 both (ISO/IEC 7816-3 12.1)."""
        return 1 + (self.le is not None) + 2 * bool(self.data)

    @property
    def p3(self) -> int:
        """Fifth octet of the T=0 header: Lc of cases 3 and 4, else Le (TS 102 221 7.3.1.1).

        Raises:
            UnencodableError: the command is of extended form, which T=0 has no header for.
        """
        if len(self.data) > LONGEST_COMMAND_DATA or (self.le or 0) > LONGEST_RESPONSE_DATA:
            raise UnencodableError("CommandApdu.p3", "the command is of extended form")
        return len(self.data) or (self.le or 0) & 0xFF

    @property
    def channel(self) -> int:
        """Logical channel, 0 to 19, that the class octet names; class A0 knows only 0."""
        if self.cla & 0x40:  # 4X, 6X, CX and EX (TS 102 221 10.1.1)
            return 4 + (self.cla & 0x0F)
        return 0 if self.is_of_gsm else self.cla & 0x03

    @property
    def is_of_gsm(self) -> bool:
        """Whether the class octet is A0, or one of those beside it that nobody defines."""
        return self.cla & 0xF0 == CLASS_GSM

    def __repr__(self) -> str:
        """Show the header, never the data: it may be a PIN."""
        header = f"{self.cla:02X} {self.ins:02X} {self.p1:02X} {self.p2:02X}"
        return f"CommandApdu({header}, {len(self.data)} octets, le={self.le})"


class ResponseApdu(NamedTuple):
    """An answer: at most 65536 octets of data, and SW1 SW2 as one number."""

    data: bytes
    sw: int

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """Read an R-APDU.

        Raises:
            TruncatedError: no SW1 SW2.
            TrailingError: more than 65536 octets of data.
            MalformedError: SW1 is none of 61 to 6F, 90 to 9F (ISO/IEC 7816-3 12.2).
        """
        size = len(octets)
        if size < 2:
            raise TruncatedError("ResponseApdu", needed=2, present=size)
        if size > _LONGEST_EXTENDED_RESPONSE + 2:
            raise TrailingError("ResponseApdu", surplus=size - _LONGEST_EXTENDED_RESPONSE - 2)
        sw = octets[-2] << 8 | octets[-1]
        if not _is_status_word(sw):
            raise MalformedError("ResponseApdu.sw", f"{sw:04X} is no status word")
        return cls(octets[:-2], sw)

    def encode(self) -> bytes:
        """Write the R-APDU.

        Raises:
            UnencodableError: more than 65536 octets of data, or `sw` is no status word.
        """
        if len(self.data) > _LONGEST_EXTENDED_RESPONSE:
            raise UnencodableError("ResponseApdu.data", f"{len(self.data)} octets exceed 65536")
        if not _is_status_word(self.sw):
            raise UnencodableError("ResponseApdu.sw", "is no status word")
        return self.data + self.sw.to_bytes(2, "big")

    @property
    def is_ok(self) -> bool:
        """Whether the command was done: 9000, 91xx, 92xx or, of class A0, 920x and 9Fxx."""
        return self.sw >> 8 in (0x90, 0x91, 0x92, 0x9F) and self.sw != SW.GSM_MEMORY_PROBLEM

    @property
    def more(self) -> int | None:
        """Octets that GET RESPONSE would bring (61xx, 9Exx, 9Fxx), 1 to 256."""
        return (self.sw & 0xFF or 256) if self.sw >> 8 in (0x61, 0x9E, 0x9F) else None

    @property
    def exact_length(self) -> int | None:
        """The Le with which to say the command again (6Cxx), 1 to 256."""
        return (self.sw & 0xFF or 256) if self.sw >> 8 == 0x6C else None

    @property
    def pending(self) -> int | None:
        """Octets of the proactive command to FETCH (91xx), 1 to 256."""
        return (self.sw & 0xFF or 256) if self.sw >> 8 == 0x91 else None

    @property
    def tries_left(self) -> int | None:
        """Attempts left after a wrong PIN (63Cx, 6983)."""
        if self.sw & 0xFFF0 == 0x63C0:
            return self.sw & 0xF
        return 0 if self.sw == SW.PIN_BLOCKED else None

    def __repr__(self) -> str:
        """Show the status word, never the data: it may be a key."""
        return f"ResponseApdu({len(self.data)} octets, {describe(self.sw)})"


_FAMILIES = {
    0x61: "{} octets more",
    0x63: "warning {:02X}",
    0x67: "wrong length {:02X}",
    0x6B: "wrong P1 P2",
    0x6C: "Le must be {}",
    0x6D: "instruction not supported",
    0x6E: "class not supported",
    0x6F: "technical problem {:02X}",
    0x91: "ok, proactive command of {} octets pending",
    0x92: "ok, {} internal retries",
    0x9E: "data download error, {} octets more",
    0x9F: "ok, {} octets more",
}
_COUNTING = (0x61, 0x6C, 0x91, 0x9E, 0x9F)  # where 00 says 256


def describe(sw: int) -> str:
    """Return a status word as digits and words, for a report."""
    if sw in SW.__members__.values():
        return f"{sw:04X} {SW(sw).name.lower().replace('_', ' ')}"
    if sw & 0xFFF0 == 0x63C0:
        return f"{sw:04X} {sw & 0xF} attempts left"
    sw1, sw2 = sw >> 8, sw & 0xFF
    words = _FAMILIES.get(sw1, "not a word of TS 102 221 or TS 51.011")
    return f"{sw:04X} " + words.format(256 if not sw2 and sw1 in _COUNTING else sw2)


def _count(count: int) -> int:
    if not 1 <= count <= 256:
        raise UnencodableError("SW", f"{count} octets are not 1 to 256")
    return count & 0xFF


def _is_status_word(sw: int) -> bool:
    return 0x6100 <= sw <= 0x6FFF or 0x9000 <= sw <= 0x9FFF


def _extended_body(octets: bytes) -> tuple[bytes, int | None]:
    """Read data and Le behind the zero that begins an extended length."""
    if len(octets) < 2:
        raise TruncatedError("CommandApdu", needed=2, present=len(octets))
    number = int.from_bytes(octets[:2], "big")
    if len(octets) == 2:
        return b"", number or _LONGEST_EXTENDED_RESPONSE
    end = 2 + number
    if number and end == len(octets):
        return octets[2:], None
    if number and end + 2 == len(octets):
        return octets[2:end], int.from_bytes(octets[end:], "big") or _LONGEST_EXTENDED_RESPONSE
    raise _length_error(number, present=len(octets) - 2, le_size=2)


def _length_error(lc: int, present: int, le_size: int) -> MalformedError:
    if lc == 0:
        return MalformedError("CommandApdu", "Lc is zero, but there is data")
    if lc > present:
        return TruncatedError("CommandApdu.data", needed=lc, present=present)
    if present < lc + le_size:
        return TruncatedError("CommandApdu.le", needed=le_size, present=present - lc)
    return TrailingError("CommandApdu", surplus=present - lc - le_size)
