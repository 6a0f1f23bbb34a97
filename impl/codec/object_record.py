"""Records of tag-length-value objects: one typed field per line of the standard's table.

As a `Layout` is for fields that stand one behind the other, an `ObjectRecord` is for objects that
carry a tag: subclass it, annotate each field with its row, and both directions are there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Protocol, TypeVar, dataclass_transform, get_type_hints

from impl.codec.layout import Form, Place, Rest
from impl.codec.tlv import ObjectPlace
from impl.errors import MissingError, TrailingError, UnencodableError


class DataObject(Protocol):
    """What both kinds of object of `impl.codec.tlv` have."""

    @property
    def tag(self) -> int:
        """The tag."""

    @property
    def value(self) -> bytes:
        """The value field."""


class Row(Protocol):
    """One line of a table of objects."""

    @property
    def tag(self) -> int:
        """The tag of the objects that this line is about."""

    def take(self, values: Sequence[bytes], where: str) -> Any:
        """Read the value field of each object with this tag."""

    def put(self, value: Any, where: str) -> Sequence[bytes]:
        """Return the value field of each object to write."""


@dataclass(frozen=True)
class Required:
    """An object that must be there. Of several the first counts (TS 102 223 clause 6.10.5)."""

    tag: int
    form: Form = field(default_factory=Rest)

    def take(self, values: Sequence[bytes], where: str) -> Any:
        """Read the first object."""
        if not values:
            raise MissingError(where)
        return read_whole(self.form, values[0], where)

    def put(self, value: Any, where: str) -> Sequence[bytes]:
        """Write one object."""
        return (self.form.put(value, where),)


@dataclass(frozen=True)
class Optional(Required):
    """An object that may be there; None where it is not."""

    def take(self, values: Sequence[bytes], where: str) -> Any:
        """Read the first object, if there is one."""
        return super().take(values, where) if values else None

    def put(self, value: Any, where: str) -> Sequence[bytes]:
        """Write one object, or none for None."""
        return () if value is None else super().put(value, where)


@dataclass(frozen=True)
class Flag(Required):
    """An object without a value; its presence is the meaning."""

    def take(self, values: Sequence[bytes], where: str) -> bool:  # noqa: ARG002 - of Row
        """Tell whether it is there."""
        return bool(values)

    def put(self, value: Any, where: str) -> Sequence[bytes]:  # noqa: ARG002 - of Row
        """Write it, or nothing."""
        return (b"",) if value else ()


@dataclass(frozen=True)
class Repeated(Required):
    """One object or more, as a tuple."""

    def take(self, values: Sequence[bytes], where: str) -> tuple[Any, ...]:
        """Read every object."""
        if not values:
            raise MissingError(where)
        return tuple(read_whole(self.form, value, where) for value in values)

    def put(self, value: Any, where: str) -> Sequence[bytes]:
        """Write each value as an object."""
        if not value:
            raise UnencodableError(where, "must be one at least")
        return [self.form.put(one, where) for one in value]


def read_whole(form: Form, octets: bytes, where: str) -> Any:
    """Read the value that fills `octets`; MalformedError if octets are missing or left."""
    value, end = form.take(octets, 0, where)
    if end != len(octets):
        raise TrailingError(where, surplus=len(octets) - end)
    return value


Object = TypeVar("Object", bound=DataObject)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class ObjectRecord:
    """Base of every record of objects; fields without a row are no objects."""

    _rows: ClassVar[tuple[tuple[str, Row, str], ...]]

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True)(cls)

    @classmethod
    def rows(cls) -> tuple[tuple[str, Row, str], ...]:
        """Name, row and full name of each object, in order; read from the annotations once."""
        if "_rows" not in cls.__dict__:
            hints = get_type_hints(cls, include_extras=True)
            names = [each.name for each in fields(cls)]  # type: ignore[arg-type]  # made a dataclass above
            cls._rows = tuple(
                (name, hints[name].__metadata__[0], f"{cls.__name__}.{name}")
                for name in names
                if hasattr(hints[name], "__metadata__")
            )
        return cls._rows

    def write_objects(self) -> Iterator[tuple[int, bytes]]:
        """Yield tag and value field of each object, in the order of the table.

        Raises:
            UnencodableError: a value does not fit.
        """
        for name, row, where in self.rows():
            for value in row.put(getattr(self, name), where):
                yield row.tag, value

    @classmethod
    def places(cls, objects: Iterable[ObjectPlace]) -> Iterator[Place]:
        """Yield which of `objects` says each field; of several that one field has, by number."""
        rows = {row.tag: (name, isinstance(row, Repeated)) for name, row, _ in cls.rows()}
        counts = Counter[int]()
        for each in objects:
            counts[each.tag] += 1
            name, repeats = rows.get(each.tag, ("", False))
            if repeats:
                yield f"{name}.{counts[each.tag]}", each.begin, each.end
            elif name and counts[each.tag] == 1:
                yield name, each.begin, each.end

    @classmethod
    def read_objects(cls, objects: Iterable[Object]) -> tuple[dict[str, Any], tuple[Object, ...]]:
        """Return the value of each field that has a row, and the objects that have no row.

        Raises:
            MissingError: a required object is absent.
            MalformedError: a value has no meaning.
        """
        values: dict[int, list[bytes]] = {row.tag: [] for _, row, _ in cls.rows()}
        others = []
        for each in objects:
            if each.tag in values:
                values[each.tag].append(each.value)
            else:
                others.append(each)
        read = {name: row.take(values[row.tag], where) for name, row, where in cls.rows()}
        return read, tuple(others)
