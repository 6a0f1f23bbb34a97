"""Octet layouts declared as typed, frozen records: one field per row of the standard's table."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated, Any, ClassVar, Protocol, Self, dataclass_transform, get_type_hints

from impl.errors import TrailingError, TruncatedError, UnencodableError


class Form(Protocol):
    """How one field stands in octets."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[Any, int]:
        """Read a value at offset `at`; return it and the offset behind it."""

    def put(self, value: Any, where: str) -> bytes:  # noqa: ANN401 - a form's own type
        """Write a value; UnencodableError if it does not fit."""


@dataclass(frozen=True, slots=True)
class UInt:
    """Unsigned, most significant octet first."""

    size: int

    def take(self, octets: bytes, at: int, where: str) -> tuple[int, int]:
        end = at + self.size
        if end > len(octets):
            raise TruncatedError(where, needed=self.size, present=len(octets) - at)
        return int.from_bytes(octets[at:end], "big"), end

    def put(self, value: int, where: str) -> bytes:
        try:
            return value.to_bytes(self.size, "big")
        except OverflowError:
            raise UnencodableError(where, f"does not fit in {self.size} octets") from None


@dataclass(frozen=True, slots=True)
class Octets:
    """Exactly `size` octets."""

    size: int

    def take(self, octets: bytes, at: int, where: str) -> tuple[bytes, int]:
        end = at + self.size
        if end > len(octets):
            raise TruncatedError(where, needed=self.size, present=len(octets) - at)
        return octets[at:end], end

    def put(self, value: bytes, where: str) -> bytes:
        if len(value) != self.size:
            raise UnencodableError(where, f"must be {self.size} octets, is {len(value)}")
        return value


@dataclass(frozen=True, slots=True)
class Counted:
    """A length of `size` octets, then that many octets (LV)."""

    size: int = 1

    def take(self, octets: bytes, at: int, where: str) -> tuple[bytes, int]:
        length, start = UInt(self.size).take(octets, at, where)
        return Octets(length).take(octets, start, where)

    def put(self, value: bytes, where: str) -> bytes:
        return UInt(self.size).put(len(value), where) + value


@dataclass(frozen=True, slots=True)
class Text:
    """ASCII up to and with a terminating zero, at most `longest` octets (a C-octet string)."""

    longest: int

    def take(self, octets: bytes, at: int, where: str) -> tuple[str, int]:
        end = octets.find(b"\0", at, at + self.longest)
        if end < 0:
            raise TruncatedError(where, needed=self.longest, present=len(octets) - at)
        try:
            return octets[at:end].decode("ascii"), end + 1
        except UnicodeDecodeError:
            raise UnencodableError(where, "is not ASCII") from None

    def put(self, value: str, where: str) -> bytes:
        if not value.isascii() or "\0" in value or len(value) >= self.longest:
            raise UnencodableError(where, f"must be fewer than {self.longest} ASCII characters")
        return value.encode("ascii") + b"\0"


@dataclass(frozen=True, slots=True)
class Rest:
    """All that is left."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[bytes, int]:
        return octets[at:], len(octets)

    def put(self, value: bytes, where: str) -> bytes:
        return value


@dataclass_transform(frozen_default=True)
class Layout:
    """Base of every layout: subclass it, annotate the fields, and both directions are there."""

    _rows: ClassVar[tuple[tuple[str, Form, str], ...]]

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True)(cls)

    @classmethod
    def rows(cls) -> tuple[tuple[str, Form, str], ...]:
        """Name, form and full name of each field, in order; read from the annotations once."""
        if "_rows" not in cls.__dict__:
            hints = get_type_hints(cls, include_extras=True)
            names = (field.name for field in fields(cls))  # type: ignore[arg-type]
            cls._rows = tuple(
                (name, hints[name].__metadata__[0], f"{cls.__name__}.{name}") for name in names
            )
        return cls._rows

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """Read one record that fills `octets` wholly.

        Raises:
            TruncatedError: a field wants more octets than are left.
            TrailingError: octets are left behind the last field.
        """
        record, end = cls.take(octets, 0)
        if end != len(octets):
            raise TrailingError(cls.__name__, surplus=len(octets) - end)
        return record

    @classmethod
    def take(cls, octets: bytes, at: int) -> tuple[Self, int]:
        """Read one record at offset `at`; return it and the offset behind it."""
        values: dict[str, Any] = {}
        for name, form, where in cls.rows():
            values[name], at = form.take(octets, at, where)
        return cls(**values), at

    def encode(self) -> bytes:
        """Write the record.

        Raises:
            UnencodableError: a value does not fit its field.
        """
        return b"".join(form.put(getattr(self, name), where) for name, form, where in self.rows())


U8 = Annotated[int, UInt(1)]
U16 = Annotated[int, UInt(2)]
U24 = Annotated[int, UInt(3)]
U32 = Annotated[int, UInt(4)]
U40 = Annotated[int, UInt(5)]
LV = Annotated[bytes, Counted()]
