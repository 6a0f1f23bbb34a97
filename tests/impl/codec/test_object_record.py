"""Tests of records of tag-length-value objects."""

from __future__ import annotations

from typing import Annotated

import pytest

from impl.codec.layout import UInt
from impl.codec.object_record import (
    Flag,
    ObjectRecord,
    Optional,
    Repeated,
    Required,
    read_whole,
)
from impl.codec.tlv import ComprehensionTlv, ObjectPlace, Tlv
from impl.errors import MissingError, TrailingError, TruncatedError, UnencodableError


class Example(ObjectRecord):
    """One row of each kind, and a field that is no object."""

    number: Annotated[int, Required(0x01, UInt(2))]
    names: Annotated[tuple[bytes, ...], Repeated(0x02)]
    remark: Annotated[bytes | None, Optional(0x03)] = None
    urgent: Annotated[bool, Flag(0x04)] = False
    aside: int = 0


FULL = Example(258, (b"a", b"b"), b"c", urgent=True)
FULL_OBJECTS = [(1, b"\1\2"), (2, b"a"), (2, b"b"), (3, b"c"), (4, b"")]
LEAST = Example(258, (b"a",))


def read(*objects: tuple[int, bytes]) -> Example:
    values, others = Example.read_objects(Tlv(tag, value) for tag, value in objects)
    assert others == ()
    return Example(**values)


@pytest.mark.parametrize(
    ("record", "objects"), [(FULL, FULL_OBJECTS), (LEAST, [(1, b"\1\2"), (2, b"a")])]
)
def test_a_record_is_written_in_order_and_read_again(
    record: Example, objects: list[tuple[int, bytes]]
) -> None:
    assert list(record.write_objects()) == objects
    assert read(*objects) == record


def test_the_order_of_reception_is_free() -> None:
    shuffled = [FULL_OBJECTS[index] for index in (4, 1, 3, 2, 0)]
    assert read(*shuffled) == FULL


def test_the_first_of_two_equal_objects_counts() -> None:
    assert read(*FULL_OBJECTS, (1, b"\xff\xff"), (3, b"z")) == FULL


def test_objects_without_a_row_are_set_aside() -> None:
    other = ComprehensionTlv(0x7E, b"?", comprehension_required=False)
    _, others = Example.read_objects(
        [ComprehensionTlv(1, b"\1\2"), other, ComprehensionTlv(2, b"")]
    )
    assert others == (other,)


@pytest.mark.parametrize("absent", [1, 2])
def test_a_required_object_that_is_absent_is_missed(absent: int) -> None:
    with pytest.raises(MissingError):
        read(*[each for each in FULL_OBJECTS if each[0] != absent])


def test_a_value_must_fill_its_object() -> None:
    assert read_whole(UInt(1), b"\7", "field") == 7
    with pytest.raises(TrailingError):
        read_whole(UInt(1), b"\7\7", "field")
    with pytest.raises(TruncatedError):
        read_whole(UInt(1), b"", "field")


def test_what_must_be_one_at_least_is_not_written_as_none() -> None:
    with pytest.raises(UnencodableError):
        list(Example(1, ()).write_objects())


def test_of_objects_with_one_tag_the_first_says_a_field_or_each_its_own() -> None:
    tags = [1, 1, 2, 9, 2, 3]
    objects = [ObjectPlace(tag, at, at, at + 1) for at, tag in enumerate(tags)]
    assert list(Example.places(objects)) == [
        ("number", 0, 1),
        ("names.1", 2, 3),
        ("names.2", 4, 5),
        ("remark", 5, 6),
    ]
