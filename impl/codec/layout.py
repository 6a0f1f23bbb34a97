"""Octet layouts declared as typed, frozen records: one field per row of the standard's table."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from enum import IntEnum, IntFlag
from itertools import groupby
from operator import attrgetter
from typing import Annotated, Any, ClassVar, Protocol, Self, dataclass_transform, get_type_hints

from impl.errors import MalformedError, TrailingError, TruncatedError, UnencodableError


class Form(Protocol):
    """How one field stands in octets."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[Any, int]:
        """Read a value at offset `at`; return it and the offset behind it."""

    def put(self, value: Any, where: str) -> bytes:
        """Write a value; UnencodableError if it does not fit."""


@dataclass(frozen=True, slots=True)
class UInt:
    """Unsigned, most significant octet first."""

    size: int

    def take(self, octets: bytes, at: int, where: str) -> tuple[int, int]:
        return _take_number(octets, at, self.size, where)

    def put(self, value: int, where: str) -> bytes:
        return _put_number(value, self.size, where)


@dataclass(frozen=True, slots=True)
class Coded:
    """An unsigned number of 1, 2 or 4 octets with a meaning: a member of an IntEnum or IntFlag."""

    kind: type[IntEnum | IntFlag]
    size: int = 1

    def take(self, octets: bytes, at: int, where: str) -> tuple[IntEnum | IntFlag, int]:
        number, end = _take_number(octets, at, self.size, where)
        try:
            return self.kind(number), end
        except ValueError:
            raise MalformedError(where, f"{number:X} has no meaning") from None

    def put(self, value: IntEnum | IntFlag, where: str) -> bytes:
        return _put_number(value, self.size, where)

    def meaning(self) -> Callable[[int], IntEnum | IntFlag]:
        """Return the function from number to member, for one octet a table: it is much faster.

        The function raises ValueError or LookupError for a number without a meaning.
        """
        if self.size > 1:
            return self.kind
        members = {}
        for number in range(256):
            with suppress(ValueError):
                members[number] = self.kind(number)
        return members.__getitem__


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
        start = at + self.size
        if start > len(octets):
            raise TruncatedError(where, needed=self.size, present=len(octets) - at)
        end = start + int.from_bytes(octets[at:start], "big")
        if end > len(octets):
            raise TruncatedError(where, needed=end - start, present=len(octets) - start)
        return octets[start:end], end

    def put(self, value: bytes, where: str) -> bytes:
        return _put_number(len(value), self.size, where) + value


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
            raise MalformedError(where, "is not ASCII") from None

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


def _take_number(octets: bytes, at: int, size: int, where: str) -> tuple[int, int]:
    end = at + size
    if end > len(octets):
        raise TruncatedError(where, needed=size, present=len(octets) - at)
    return int.from_bytes(octets[at:end], "big"), end


def _put_number(value: int, size: int, where: str) -> bytes:
    try:
        return value.to_bytes(size, "big")
    except OverflowError:
        raise UnencodableError(where, f"does not fit in {size} octets") from None


_Row = tuple[str, Form, str]
"""Name, form and full name of a field."""

Place = tuple[str, int, int]
"""Name of a field, the first octet that says it, and the octet behind the last; 0-based."""

_STRUCT_CODES = {1: "B", 2: "H", 4: "I", 8: "Q"}


class _Run:
    """Neighbouring fields of fixed size: `struct` reads and writes them together.

    What it cannot do, field by field does again, to say which field it was.
    """

    def __init__(self, rows: Sequence[_Row]) -> None:
        forms = [form for _, form, _ in rows]
        self._rows = rows
        self._struct = struct.Struct(">" + "".join(_struct_code(form) for form in forms))
        self._values_of = attrgetter(*(name for name, _, _ in rows))
        self._meanings: list[tuple[int, Callable[[Any], Any]]] = []
        self._wide: list[tuple[int, int]] = []
        self._octets: list[tuple[int, int]] = []
        for index, form in enumerate(forms):
            if isinstance(form, Coded):
                self._meanings.append((index, form.meaning()))
            elif isinstance(form, Octets):
                self._octets.append((index, form.size))
            elif isinstance(form, UInt) and form.size not in _STRUCT_CODES:
                self._meanings.append((index, int.from_bytes))
                self._wide.append((index, form.size))

    def take(self, octets: bytes, at: int, values: list[Any]) -> int:
        end = at + self._struct.size
        if end > len(octets):
            return self._take_each(octets, at, values)
        found = list(self._struct.unpack_from(octets, at))
        try:
            for index, meaning in self._meanings:
                found[index] = meaning(found[index])
        except (ValueError, LookupError):
            return self._take_each(octets, at, values)
        values += found
        return end

    def put(self, record: Layout) -> bytes:
        values = list(self._values_of(record))
        try:
            for index, size in self._wide:
                values[index] = values[index].to_bytes(size, "big")
            if self._sizes_fit(values):
                return self._struct.pack(*values)
        except (struct.error, OverflowError):
            pass
        return b"".join([_Field(row).put(record) for row in self._rows])

    def _sizes_fit(self, values: list[Any]) -> bool:
        # `struct` would cut or fill octets without a word.
        for index, size in self._octets:  # noqa: SIM110 - all() costs more than what it asks
            if len(values[index]) != size:
                return False
        return True

    def _take_each(self, octets: bytes, at: int, values: list[Any]) -> int:
        for row in self._rows:
            at = _Field(row).take(octets, at, values)
        return at


class _Field:
    """One field, by its form."""

    def __init__(self, row: _Row) -> None:
        self._name, self._form, self._where = row

    def take(self, octets: bytes, at: int, values: list[Any]) -> int:
        value, end = self._form.take(octets, at, self._where)
        values.append(value)
        return end

    def put(self, record: Layout) -> bytes:
        return self._form.put(getattr(record, self._name), self._where)


def _struct_code(form: Form) -> str:
    """Return what `struct` calls the form; nothing if it has no name for it."""
    match form:
        case Octets(size):
            return f"{size}s"
        case UInt(size) | Coded(_, size):
            return _STRUCT_CODES.get(size, f"{size}s")
    return ""


def _compiled(rows: Iterable[_Row]) -> tuple[_Run | _Field, ...]:
    steps: list[_Run | _Field] = []
    for fixed, neighbours in groupby(rows, key=lambda row: bool(_struct_code(row[1]))):
        group = list(neighbours)
        if fixed and len(group) > 1:
            steps.append(_Run(group))
        else:
            steps += [_Field(row) for row in group]
    return tuple(steps)


@dataclass_transform(frozen_default=True)
class Layout:
    """Base of every layout: subclass it, annotate the fields, and both directions are there."""

    _rows: ClassVar[tuple[_Row, ...]]
    _steps: ClassVar[tuple[_Run | _Field, ...]]

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True)(cls)

    @classmethod
    def rows(cls) -> tuple[_Row, ...]:
        """Name, form and full name of each field, in order; read from the annotations once."""
        if "_rows" not in cls.__dict__:
            hints = get_type_hints(cls, include_extras=True)
            names = (field.name for field in fields(cls))  # type: ignore[arg-type]  # a dataclass
            cls._rows = tuple(
                (name, hints[name].__metadata__[0], f"{cls.__name__}.{name}") for name in names
            )
            cls._steps = _compiled(cls._rows)
        return cls._rows

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """Read one record that fills `octets` wholly.

        Raises:
            TruncatedError: a field wants more octets than are left.
            TrailingError: octets are left behind the last field.
            MalformedError: a field holds what has no meaning.
        """
        record, end = cls.take(octets, 0)
        if end != len(octets):
            raise TrailingError(cls.__name__, surplus=len(octets) - end)
        return record

    @classmethod
    def take(cls, octets: bytes, at: int) -> tuple[Self, int]:
        """Read one record at offset `at`; return it and the offset behind it."""
        if "_steps" not in cls.__dict__:
            cls.rows()
        values: list[Any] = []
        for step in cls._steps:
            at = step.take(octets, at, values)
        return cls(*values), at

    @classmethod
    def places(cls, octets: bytes, at: int = 0) -> Iterator[Place]:
        """Yield where each field stands that `take` would read at offset `at`; raises as that.

        What says how long a field is, or that it is there, belongs to the field. A field that is
        absent has no place.
        """
        for name, form, where in cls.rows():
            begin = at
            _, at = form.take(octets, begin, where)
            if at > begin:
                yield name, begin, at

    def encode(self) -> bytes:
        """Write the record.

        Raises:
            UnencodableError: a value does not fit its field.
        """
        if "_steps" not in type(self).__dict__:
            self.rows()
        return b"".join([step.put(self) for step in self._steps])


def in_turn(at: int, **sizes: int) -> Iterator[Place]:
    """Yield where fields of these sizes stand, one behind the other from offset `at`."""
    for name, size in sizes.items():
        if size:
            yield name, at, at + size
        at += size


U8 = Annotated[int, UInt(1)]
U16 = Annotated[int, UInt(2)]
U24 = Annotated[int, UInt(3)]
U32 = Annotated[int, UInt(4)]
U40 = Annotated[int, UInt(5)]
LV = Annotated[bytes, Counted()]
