"""Information elements of layer 3 messages on the radio path: 3GPP TS 24.007 clause 11.2, Rel-17.

A message has an imperative part, whose elements stand in a fixed order without a name, and a
non-imperative part, whose elements are named by an identifier (IEI). The forms here let `Layout`
declare both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from impl.codec.layout import Counted, Form, Octets, UInt
from impl.errors import MalformedError, TrailingError, UnencodableError

_COUNTED = Counted()
_LONG = Counted(2)


@dataclass(frozen=True, slots=True)
class Grammar:
    """What of a protocol's non-imperative part an identifier alone does not say."""

    fixed: Mapping[int, int] = field(default_factory=dict)
    """Elements without a length (type 3): identifier, and octets of the value."""
    has_long: bool = False
    """Whether identifiers 70 to 7F stand before a length of two octets (type 6)."""

    def value(self, octets: bytes, at: int, where: str) -> tuple[int, int]:
        """Return where the value of the element at offset `at` begins and ends.

        Raises:
            TruncatedError: it is cut off.
        """
        iei = octets[at]
        if iei & 0x80:
            return at + 1, at + 1
        if iei in self.fixed:
            _, end = Octets(self.fixed[iei]).take(octets, at + 1, where)
            return at + 1, end
        is_long = self.has_long and iei & 0xF0 == 0x70
        value, end = (_LONG if is_long else _COUNTED).take(octets, at + 1, where)
        return end - len(value), end

    def element(self, iei: int, value: bytes, where: str) -> bytes:
        """Write an element; UnencodableError if its value has not the length that it must have."""
        if iei in self.fixed:
            return bytes((iei,)) + Octets(self.fixed[iei]).put(value, where)
        return bytes((iei,)) + _COUNTED.put(value, where)


TS_24_008: Final = Grammar()
"""Mobility management there: none of its elements that are met here is of type 3 or 6."""


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
    """An element with a value in the non-imperative part: None where it is absent.

    Elements before it that are not known are skipped (TS 24.008 clause 8.6.1); of repeated ones
    the first counts (clause 8.6.3).
    """

    iei: int
    form: Form
    grammar: Grammar = TS_24_008

    def take(self, octets: bytes, at: int, where: str) -> tuple[Any, int]:
        """Find the element at or behind offset `at`."""
        for iei, start, end in elements(octets, at, where, self.grammar):
            if iei == self.iei:
                return _whole(self.form, octets[start:end], where), end
        return None, at

    def put(self, value: Any, where: str) -> bytes:
        """Write the element, or nothing for None."""
        if value is None:
            return b""
        return self.grammar.element(self.iei, self.form.put(value, where), where)


@dataclass(frozen=True, slots=True)
class OptionalNibble:
    """An element of one octet (type 1): identifier in the high half, value in the low one."""

    iei: int
    """With its low half zero."""
    grammar: Grammar = TS_24_008

    def take(self, octets: bytes, at: int, where: str) -> tuple[int | None, int]:
        """Find the element at or behind offset `at`."""
        for iei, _, end in elements(octets, at, where, self.grammar):
            if iei & 0x80 and iei & 0xF0 == self.iei:
                return iei & 0x0F, end
        return None, at

    def put(self, value: int | None, where: str) -> bytes:
        """Write the element, or nothing for None."""
        if value is None:
            return b""
        if not 0 <= value <= 0x0F:
            raise UnencodableError(where, "does not fit in half an octet")
        return bytes((self.iei | value,))


def elements(
    octets: bytes, at: int, where: str, grammar: Grammar = TS_24_008
) -> Iterator[tuple[int, int, int]]:
    """Walk the non-imperative part from `at`: IEI, first octet of the value, octet behind it.

    An IEI with bit 8 is a whole element of one octet (type 1 or 2, clause 11.2.4); of any other
    the grammar says where its value ends, and of those that it does not know a length.

    Raises:
        TruncatedError: the last element is cut off.
    """
    while at < len(octets):
        iei = octets[at]
        start, at = grammar.value(octets, at, where)
        yield iei, start, at


def skip_unknown(octets: bytes, at: int, where: str, grammar: Grammar = TS_24_008) -> None:
    """Pass over elements that no row of the message named.

    Raises:
        MalformedError: one is coded "comprehension required", bits 8 to 5 zero (clause 11.2.5).
    """
    for iei, _, _ in elements(octets, at, where, grammar):
        if iei < 0x10:
            raise MalformedError(where, f"element {iei:02x} has to be understood and is not known")


def _whole(form: Form, value: bytes, where: str) -> Any:
    taken, end = form.take(value, 0, where)
    if end != len(value):
        raise TrailingError(where, surplus=len(value) - end)
    return taken
