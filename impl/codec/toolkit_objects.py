"""Toolkit messages as lists of data objects: ETSI TS 102 223 clauses 6.6, 6.8 and 7.

On reception clause 6.10 holds: the order is free, the first of two objects with one tag counts, and
an unknown object is kept aside unless it must be comprehended.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from impl.codec.object_record import ObjectRecord
from impl.codec.tlv import ComprehensionTlv
from impl.codec.toolkit_values import Device, DeviceIdentities, Tag
from impl.errors import MalformedError, MissingError


class ToolkitMessage(ObjectRecord):
    """Base of proactive commands, terminal responses and envelopes."""

    need_no_comprehension: ClassVar[frozenset[Tag]] = frozenset()
    """Objects that are written without the comprehension required flag."""

    def objects(self) -> list[ComprehensionTlv]:
        """Return the objects in the order of the table; UnencodableError if one does not fit."""
        return [
            ComprehensionTlv(tag, value, tag not in self.need_no_comprehension)
            for tag, value in self.write_objects()
        ]


def refuse_uncomprehended(objects: Iterable[ComprehensionTlv], where: str) -> None:
    """Raise MalformedError if an object that is not understood had to be (TS 102 223 6.10.4)."""
    for each in objects:
        if each.comprehension_required:
            raise MalformedError(where, f"object {each.tag:02X} must be, but is not, comprehended")


def device_object(source: Device, destination: Device) -> ComprehensionTlv:
    """Return the device identities object."""
    identities = DeviceIdentities(source=source, destination=destination)
    return ComprehensionTlv(Tag.DEVICE_IDENTITIES, identities.encode())


def check_source(
    objects: Iterable[ComprehensionTlv], source: Device, where: str
) -> tuple[ComprehensionTlv, ...]:
    """Return the objects without device identities, which must say that `source` speaks.

    To whom it speaks is not looked at: in the field the destination of a command varies.

    Raises:
        MissingError: there are no device identities.
        MalformedError: somebody else speaks.
    """
    value, others = take_object(objects, Tag.DEVICE_IDENTITIES, where)
    if DeviceIdentities.decode(value).source != source:
        raise MalformedError(where, f"does not come from the {source.name.lower()}")
    return others


def take_object(
    objects: Iterable[ComprehensionTlv], tag: Tag, where: str
) -> tuple[bytes, tuple[ComprehensionTlv, ...]]:
    """Return the value of the first object with `tag`, and the objects with other tags.

    Raises:
        MissingError: there is none.
    """
    objects = tuple(objects)
    value = next((each.value for each in objects if each.tag == tag), None)
    if value is None:
        raise MissingError(f"{where}.{tag.name.lower()}")
    return value, tuple(each for each in objects if each.tag != tag)
