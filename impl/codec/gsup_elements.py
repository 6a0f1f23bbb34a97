"""How the elements of GSUP stand in octets: tag, length of one octet, value.

A set of elements is a `Layout` whose rows are found by their tags, in any order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, ClassVar

from impl.codec.digits import decode_bcd, encode_bcd
from impl.codec.layout import Coded, Counted, Form, Layout, Place, UInt
from impl.errors import MalformedError, TrailingError, UnencodableError
from impl.values import IMSI, MSISDN, Secret

_LONGEST_NAME = 254  # an element has at most 255 octets
_NO_NAME = f"must be at most {_LONGEST_NAME} ASCII characters, none of them zero"

_OCTET = UInt(1)
_COUNTED = Counted()


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
class Flag:
    """An element that says something by being there."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[bool, int]:
        """Read the value."""
        if octets[at:]:
            raise TrailingError(where, surplus=len(octets) - at)
        return True, at

    def put(self, value: bool, where: str) -> bytes:  # noqa: ARG002, FBT001 - of every form
        """Write the value."""
        return b""


@dataclass(frozen=True, slots=True)
class ImsiForm:
    """The digits of an IMSI, swapped, without length."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[IMSI, int]:  # noqa: ARG002
        """Read the value."""
        return IMSI(decode_bcd(octets[at:])), len(octets)

    def put(self, value: IMSI, where: str) -> bytes:  # noqa: ARG002 - of every form
        """Write the value."""
        return encode_bcd(value)


@dataclass(frozen=True, slots=True)
class NumberForm:
    """An international E.164 number: type and plan 91, then its digits (ISDN-AddressString of MAP).

    osmo-hlr 1.5 writes the number of digit octets in the place of type and plan; bit 8 tells which.
    """

    def take(self, octets: bytes, at: int, where: str) -> tuple[MSISDN, int]:
        """Read the value."""
        head, start = _OCTET.take(octets, at, where)
        if not head & 0x80 and head != len(octets) - start:
            raise MalformedError(where, "begins neither with type and plan nor with its length")
        return MSISDN(decode_bcd(octets[start:])), len(octets)

    def put(self, value: MSISDN, where: str) -> bytes:  # noqa: ARG002 - of every form
        """Write the value."""
        return b"\x91" + encode_bcd(value)


_KIND = Coded(RpAddressKind)
_IMSI = ImsiForm()
_NUMBER = NumberForm()


@dataclass(frozen=True, slots=True)
class RpAddressForm:
    """The kind of an address in one octet, then its digits."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[RpAddress, int]:
        """Read the value."""
        kind, at = _KIND.take(octets, at, where)
        assert isinstance(kind, RpAddressKind)
        if kind is RpAddressKind.NONE:
            return RpAddress(kind), at
        form: Form = _IMSI if kind is RpAddressKind.IMSI else _NUMBER
        digits, end = form.take(octets, at, where)
        return RpAddress(kind, digits), end

    def put(self, value: RpAddress, where: str) -> bytes:
        """Write the value."""
        kind = bytes((value.kind,))
        match value:
            case RpAddress(RpAddressKind.NONE, None):
                return kind
            case RpAddress(RpAddressKind.IMSI, IMSI() as imsi):
                return kind + _IMSI.put(imsi, where)
            case RpAddress(RpAddressKind.MSISDN | RpAddressKind.SERVICE_CENTRE, MSISDN() as number):
                return kind + _NUMBER.put(number, where)
        raise UnencodableError(where, "is of another kind than it says")


@dataclass(frozen=True, slots=True)
class NameForm:
    """The name of a node, ASCII, with the zero that Osmocom writes behind it."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[str, int]:
        """Read the value."""
        name = octets[at:].removesuffix(b"\0")
        if not _is_name(name):
            raise MalformedError(where, _NO_NAME)
        return name.decode("ascii"), len(octets)

    def put(self, value: str, where: str) -> bytes:
        """Write the value."""
        name = value.encode("utf-8", "surrogatepass")
        if not _is_name(name):
            raise UnencodableError(where, _NO_NAME)
        return name + b"\0"


def _is_name(octets: bytes) -> bool:
    """Whether these octets, with a zero behind, are the name of a node: read or to be written."""
    return octets.isascii() and b"\0" not in octets and len(octets) <= _LONGEST_NAME


@dataclass(frozen=True, slots=True)
class SecretForm:
    """`shortest` to `longest` octets that are not for everybody to see."""

    shortest: int
    longest: int

    def take(self, octets: bytes, at: int, where: str) -> tuple[Secret, int]:
        """Read the value."""
        self._check(len(octets) - at, where)
        return Secret(octets[at:]), len(octets)

    def put(self, value: Secret, where: str) -> bytes:
        """Write the value."""
        self._check(len(value), where)
        return value.reveal()

    def _check(self, count: int, where: str) -> None:
        if not self.shortest <= count <= self.longest:
            raise UnencodableError(where, f"must be {self.shortest} to {self.longest} octets")


@dataclass(frozen=True, slots=True)
class Element:
    """One element: tag, length of one octet, value. None and False are absent."""

    iei: int
    form: Form
    repeats: ClassVar[bool] = False

    def take(self, octets: bytes, at: int, where: str) -> tuple[Any, int]:
        """Read the value."""
        value, end = self.form.take(octets, at, where)
        if end != len(octets):
            raise TrailingError(where, surplus=len(octets) - end)
        return value, end

    def put(self, value: Any, where: str) -> bytes:
        """Write the value."""
        if value is None or value is False:
            return b""
        return bytes((self.iei,)) + _COUNTED.put(self.form.put(value, where), where)


@dataclass(frozen=True, slots=True)
class Repeated(Element):
    """An element that may come again: the field is a tuple."""

    repeats: ClassVar[bool] = True

    def put(self, value: tuple[Any, ...], where: str) -> bytes:
        """Write the value."""
        return b"".join(Element.put(self, item, where) for item in value)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Elements of tags that no row has: kept, so that a hub hands them on."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[tuple[tuple[int, bytes], ...], int]:
        """Read the value."""
        return tuple(_walk(octets, at, where)), len(octets)

    def put(self, value: tuple[tuple[int, bytes], ...], where: str) -> bytes:
        """Write the value."""
        return b"".join([_OCTET.put(iei, where) + _COUNTED.put(v, where) for iei, v in value])


def _walk(octets: bytes, at: int, where: str) -> Iterator[tuple[int, bytes]]:
    while at < len(octets):
        iei = octets[at]
        value, at = _COUNTED.take(octets, at + 1, f"{where}.{iei:02x}")
        yield iei, value


class ElementSet(Layout):
    """Rows that are elements: found by their tags, in any order."""

    _tags: ClassVar[dict[int, tuple[str, Element, str]]]

    @classmethod
    def collect(cls, octets: bytes, at: int) -> dict[str, Any]:
        """Read elements from `at` to the end: the value of each field that is there.

        Raises:
            MalformedError: cut off, twice where it may come once, or without meaning.
        """
        rows = cls._by_tag()
        values: dict[str, Any] = {}
        several: dict[str, list[Any]] = {}
        for iei, value in _walk(octets, at, cls.__name__):
            if iei not in rows:
                several.setdefault("unknown", []).append((iei, value))
                continue
            name, form, where = rows[iei]
            taken, _ = form.take(value, 0, where)
            if form.repeats:
                several.setdefault(name, []).append(taken)
            elif name in values:
                raise MalformedError(where, "comes twice")
            else:
                values[name] = taken
        return values | {name: tuple(found) for name, found in several.items()}

    @classmethod
    def places(cls, octets: bytes, at: int = 0) -> Iterator[Place]:
        """Yield where each element stands, tag and length with it; of several, each by number.

        Of elements in an element, those inside it.
        """
        rows, counts = cls._by_tag(), Counter[str]()
        for iei, value in _walk(octets, at, cls.__name__):
            begin, start = at, at + 2
            at = start + len(value)
            name, form = rows[iei][:2] if iei in rows else ("unknown", None)
            if form is None or form.repeats:
                counts[name] += 1
                name = f"{name}.{counts[name]}"
            if form is not None and isinstance(form.form, Nested):
                inside = form.form.layout.places(octets[:at], start)
                yield from ((f"{name}.{part}", first, end) for part, first, end in inside)
            else:
                yield name, begin, at

    def encode(self) -> bytes:
        """Write the elements that are there; errors of `Layout.encode`."""
        # Of thirty rows few are there: to pass over the others here spares most of the calls.
        values = vars(self)
        return b"".join(
            [
                form.put(value, where)
                for name, form, where in self.rows()
                if (value := values[name]) is not None
            ]
        )

    @classmethod
    def _by_tag(cls) -> dict[int, tuple[str, Element, str]]:
        """Return name, form and full name of each row, by its tag; made once a class."""
        if "_tags" not in cls.__dict__:
            rows = cls.rows()
            cls._tags = {form.iei: (n, form, w) for n, form, w in rows if isinstance(form, Element)}
        return cls._tags


@dataclass(frozen=True, slots=True)
class Nested:
    """An element whose value is a set of elements."""

    layout: type[ElementSet]

    def take(self, octets: bytes, at: int, where: str) -> tuple[ElementSet, int]:  # noqa: ARG002
        """Read the set."""
        return self.layout.take(octets, at)

    def put(self, value: ElementSet, where: str) -> bytes:  # noqa: ARG002 - of every form
        """Write the set."""
        return value.encode()
