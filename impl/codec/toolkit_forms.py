"""How the values of toolkit data objects stand in octets: ETSI TS 102 223 clause 8."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from impl.codec.address import Address
from impl.codec.alpha import decode_alpha, encode_alpha
from impl.codec.digits import decode_bcd, encode_bcd
from impl.codec.layout import Form, Layout
from impl.codec.toolkit_text import decode_text, encode_text
from impl.codec.toolkit_values import Item
from impl.errors import MalformedError, UnencodableError

_MASTER_FILE: Final = b"\x3f\x00"


@dataclass(frozen=True, slots=True)
class Several:
    """Any number of values of one form, as a tuple."""

    form: Form

    def take(self, octets: bytes, at: int, where: str) -> tuple[tuple[Any, ...], int]:
        """Read values to the end."""
        values = []
        while at < len(octets):
            value, at = self.form.take(octets, at, where)
            values.append(value)
        return tuple(values), at

    def put(self, value: Iterable[Any], where: str) -> bytes:
        """Write the values one behind the other."""
        return b"".join([self.form.put(one, where) for one in value])


@dataclass(frozen=True, slots=True)
class Record:
    """A value that has a layout of its own."""

    layout: type[Layout]

    def take(self, octets: bytes, at: int, where: str) -> tuple[Layout, int]:  # noqa: ARG002 - of Form
        """Read the record."""
        return self.layout.take(octets, at)

    def put(self, value: Layout, where: str) -> bytes:  # noqa: ARG002 - of Form
        """Write the record."""
        return value.encode()


class CodedString:
    """Data coding scheme and text (TS 102 223 clause 8.15)."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[str, int]:  # noqa: ARG002 - of Form
        """Read the text."""
        return decode_text(octets[at:]), len(octets)

    def put(self, value: str, where: str) -> bytes:  # noqa: ARG002 - of Form
        """Write the text."""
        return encode_text(value)


class Alpha:
    """A text as in the alpha field of a card file (TS 102 223 clause 8.2)."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[str, int]:  # noqa: ARG002 - of Form
        """Read the text."""
        return decode_alpha(octets[at:]), len(octets)

    def put(self, value: str, where: str) -> bytes:  # noqa: ARG002 - of Form
        """Write the text."""
        return encode_alpha(value)


class Number:
    """Type of number, numbering plan and digits (TS 102 223 clause 8.1)."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[Address, int]:  # noqa: ARG002 - of Form
        """Read the address."""
        return Address.decode(octets[at:]), len(octets)

    def put(self, value: Address, where: str) -> bytes:  # noqa: ARG002 - of Form
        """Write the address."""
        return value.encode()


class MenuItem:
    """Identifier and text of an item (TS 102 223 clause 8.9)."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[Item, int]:
        """Read the item."""
        if at >= len(octets) or octets[at] == 0:
            raise MalformedError(where, "an item needs an identifier from 1 to 255")
        return Item(octets[at], decode_alpha(octets[at + 1 :])), len(octets)

    def put(self, value: Item, where: str) -> bytes:
        """Write the item."""
        if not 1 <= value.identifier <= 0xFF:
            raise UnencodableError(where, "an item needs an identifier from 1 to 255")
        return bytes((value.identifier,)) + encode_alpha(value.text)


class Files:
    """Paths from the master file, counted (TS 102 223 clause 8.18)."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[tuple[bytes, ...], int]:
        """Read the paths, each `3F00` and the file identifiers below it."""
        paths: list[bytes] = []
        for start in range(at + 1, len(octets), 2):
            identifier = octets[start : start + 2]
            if identifier == _MASTER_FILE:
                paths.append(b"")
            if not paths or len(identifier) != 2:
                raise MalformedError(where, "is not a list of paths from 3F00")
            paths[-1] += identifier
        if at >= len(octets) or octets[at] != len(paths):
            raise MalformedError(where, f"announces another number of paths than {len(paths)}")
        return tuple(paths), len(octets)

    def put(self, value: Sequence[bytes], where: str) -> bytes:
        """Write the paths."""
        octets = bytes((len(value) & 0xFF,)) + b"".join(value)
        try:
            paths, _ = self.take(octets, 0, where)
        except MalformedError as error:
            raise UnencodableError(where, error.why) from None
        if paths != tuple(value):
            raise UnencodableError(where, "a path does not begin with 3F00, or holds it twice")
        return octets


class TimerValue:
    """Hours, minutes and seconds in swapped digits, as seconds (TS 102 223 clause 8.38)."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[int, int]:
        """Read the time."""
        digits = decode_bcd(octets[at : at + 3])
        if len(digits) != 6 or not digits.isdigit():
            raise MalformedError(where, "is no time of six digits")
        hours, minutes, seconds = (int(digits[start : start + 2]) for start in (0, 2, 4))
        if hours > 23 or minutes > 59 or seconds > 59:
            raise MalformedError(where, "is no time of a day")
        return 3600 * hours + 60 * minutes + seconds, at + 3

    def put(self, value: int, where: str) -> bytes:
        """Write the time."""
        if not 0 <= value < 86400:
            raise UnencodableError(where, f"{value} seconds are not 0 to 86399")
        return encode_bcd(f"{value // 3600:02}{value // 60 % 60:02}{value % 60:02}")
