"""Information elements of layer 3 messages on the radio path: 3GPP TS 24.007 clause 11.2, Rel-17.

A message has an imperative part, whose elements stand in a fixed order without a name, and a
non-imperative part, whose elements are named by an identifier (IEI). The forms here let `Layout`
declare both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from impl.codec.layout import Counted, Form, UInt
from impl.errors import MalformedError, TrailingError, UnencodableError

_COUNTED = Counted()


@dataclass(frozen=True, slots=True)
class Nibble:
    """The low half of an octet, whose high half is spare: zero when sent, ignored when received."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[int, int]:
        """Read the half octet."""
        octet, end = UInt(1).take(octets, at, where)
        return octet & 0x0F, end

    def put(self, value: int, where: str) -> bytes:
        """Write the half octet; UnencodableError past 15."""
        if not 0 <= value <= 0x0F:
            raise UnencodableError(where, "does not fit in half an octet")
        return bytes((value,))


@dataclass(frozen=True, slots=True)
class Between:
    """All octets that are left, if there are `shortest` to `longest` of them."""

    shortest: int
    longest: int

    def take(self, octets: bytes, at: int, where: str) -> tuple[bytes, int]:
        """Read what is left; MalformedError outside the bounds."""
        if not self.shortest <= len(octets) - at <= self.longest:
            raise MalformedError(where, f"must be {self.shortest} to {self.longest} octets")
        return octets[at:], len(octets)

    def put(self, value: bytes, where: str) -> bytes:
        """Write them; UnencodableError outside the bounds."""
        if not self.shortest <= len(value) <= self.longest:
            raise UnencodableError(where, f"must be {self.shortest} to {self.longest} octets")
        return value


@dataclass(frozen=True, slots=True)
class LengthValue:
    """An element of type LV: its length in octets, then a value that fills it wholly."""

    form: Form

    def take(self, octets: bytes, at: int, where: str) -> tuple[Any, int]:
        """Read length and value."""
        value, end = _COUNTED.take(octets, at, where)
        return _whole(self.form, value, where), end

    def put(self, value: Any, where: str) -> bytes:
        """Write length and value."""
        return _COUNTED.put(self.form.put(value, where), where)


@dataclass(frozen=True, slots=True)
class OptionalElement:
    """An element of type TLV in the non-imperative part: None where it is absent.

    Elements before it that are not known are skipped (TS 24.008 clause 8.6.1); of repeated ones
    the first counts (clause 8.6.3).
    """

    iei: int
    form: Form

    def take(self, octets: bytes, at: int, where: str) -> tuple[Any, int]:
        """Find the element at or behind offset `at`."""
        for iei, start, end in elements(octets, at, where):
            if iei == self.iei:
                return _whole(self.form, octets[start:end], where), end
        return None, at

    def put(self, value: Any, where: str) -> bytes:
        """Write the element, or nothing for None."""
        if value is None:
            return b""
        return bytes((self.iei,)) + _COUNTED.put(self.form.put(value, where), where)


def elements(octets: bytes, at: int, where: str) -> Iterator[tuple[int, int, int]]:
    """Walk the non-imperative part from `at`: IEI, first octet of the value, octet behind it.

    An IEI with bit 8 is a whole element of one octet (type 1 or 2, clause 11.2.4), any other a TLV.

    Raises:
        TruncatedError: the last element is cut off.
    """
    while at < len(octets):
        iei = octets[at]
        if iei & 0x80:
            yield iei, at + 1, at + 1
            at += 1
            continue
        value, end = _COUNTED.take(octets, at + 1, where)
        yield iei, end - len(value), end
        at = end


def skip_unknown(octets: bytes, at: int, where: str) -> None:
    """Pass over elements that no row of the message named.

    Raises:
        MalformedError: one is coded "comprehension required", bits 8 to 5 zero (clause 11.2.5).
    """
    for iei, _, _ in elements(octets, at, where):
        if iei < 0x10:
            raise MalformedError(where, f"element {iei:02x} has to be understood and is not known")


def _whole(form: Form, value: bytes, where: str) -> Any:
    taken, end = form.take(value, 0, where)
    if end != len(value):
        raise TrailingError(where, surplus=len(value) - end)
    return taken
