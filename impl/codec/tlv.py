"""Data objects of smart cards: BER-TLV and COMPREHENSION-TLV, ETSI TS 101 220 clause 7.1.

Lengths are always in their shortest form, as TS 101 220 clause 7.1.2 tabulates them (`7F`,
`81 80`, `82 0100`); any other form is refused, so that one meaning has one encoding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from impl.errors import MalformedError, TruncatedError, UnencodableError

_LONGEST = 0xFFFF
_THREE_OCTET_TAG = 0x7F  # first octet of a COMPREHENSION-TLV tag of three octets
_RESERVED_TAGS = (0x00, 0x80, 0xFF)


class Tlv(NamedTuple):
    """One BER-TLV data object."""

    tag: int
    """All octets of the tag as one number: 0x84, 0x7F49."""
    value: bytes


class ComprehensionTlv(NamedTuple):
    """One COMPREHENSION-TLV data object."""

    tag: int
    """Without the flag: 1 to 7E in one octet, up to 7FFF in three."""
    value: bytes
    comprehension_required: bool = True
    """A receiver that does not know the tag must not act on the whole command (TS 102 223 6.10)."""


def encode_tlv(tag: int, value: bytes) -> bytes:
    """Write one BER-TLV data object.

    Raises:
        UnencodableError: the tag is none of one or two octets, or the value exceeds 65535 octets.
    """
    return _encode_tag(tag) + _encode_length(len(value), f"BER-TLV {tag:X}") + value


def encode_tlvs(objects: Iterable[Tlv]) -> bytes:
    """Write BER-TLV data objects one behind the other; errors of `encode_tlv`."""
    return b"".join([encode_tlv(tag, value) for tag, value in objects])


def decode_tlvs(octets: bytes, where: str = "BER-TLV") -> tuple[Tlv, ...]:
    """Read the BER-TLV data objects that fill `octets` wholly; a template's value stays octets.

    Raises:
        TruncatedError: a tag, length or value is cut short.
        MalformedError: a tag of more than two octets, or a length not in its shortest form.
    """
    objects = []
    at, end = 0, len(octets)
    while at < end:
        each, at = take_tlv(octets, at, where)
        objects.append(each)
    return tuple(objects)


def take_tlv(octets: bytes, at: int, where: str) -> tuple[Tlv, int]:
    """Read the BER-TLV data object at offset `at`; return it and the offset behind it.

    Raises as `decode_tlvs`.
    """
    tag, at = _take_tag(octets, at, where)
    value, at = _take_value(octets, at, where)
    return Tlv(tag, value), at


def open_template(octets: bytes, tag: int, where: str) -> bytes:
    """Return the value of the one BER-TLV data object, with this tag, that fills `octets` wholly.

    Raises:
        MalformedError: another tag, none or several objects; TruncatedError as for `decode_tlvs`.
    """
    objects = decode_tlvs(octets, where)
    if len(objects) != 1 or objects[0].tag != tag:
        raise MalformedError(where, f"must be one data object with tag {tag:X}")
    return objects[0].value


class ObjectPlace(NamedTuple):
    """Where a data object stands: its first octet, that of its value, and the one behind both."""

    tag: int
    begin: int
    value: int
    end: int


def tlv_places(octets: bytes, at: int = 0) -> Iterator[ObjectPlace]:
    """Yield where each BER-TLV data object from offset `at` on stands; raises as `decode_tlvs`."""
    while at < len(octets):
        begin, (each, at) = at, take_tlv(octets, at, "BER-TLV")
        yield ObjectPlace(each.tag, begin, at - len(each.value), at)


def comprehension_places(octets: bytes, at: int = 0) -> Iterator[ObjectPlace]:
    """Yield where each COMPREHENSION-TLV data object stands; raises as `decode_comprehension`."""
    while at < len(octets):
        begin = at
        tag, _, at = _take_comprehension_tag(octets, begin, "COMPREHENSION-TLV")
        value, at = _take_value(octets, at, "COMPREHENSION-TLV")
        yield ObjectPlace(tag, begin, at - len(value), at)


def encode_comprehension(objects: Iterable[ComprehensionTlv]) -> bytes:
    """Write COMPREHENSION-TLV data objects one behind the other.

    Raises:
        UnencodableError: a tag outside 1 to 7FFF, or a value of more than 65535 octets.
    """
    return b"".join([_encode_one(*each) for each in objects])


def decode_comprehension(
    octets: bytes, where: str = "COMPREHENSION-TLV"
) -> tuple[ComprehensionTlv, ...]:
    """Read the COMPREHENSION-TLV data objects that fill `octets` wholly.

    A tag below 7F is also read from the format of three octets: both formats name the same object.

    Raises:
        TruncatedError: a tag, length or value is cut short.
        MalformedError: a reserved tag, or a length not in its shortest form.
    """
    objects = []
    at, end = 0, len(octets)
    while at < end:
        tag, required, at = _take_comprehension_tag(octets, at, where)
        value, at = _take_value(octets, at, where)
        objects.append(ComprehensionTlv(tag, value, required))
    return tuple(objects)


def _encode_tag(tag: int) -> bytes:
    if 0 < tag <= 0xFF and tag & 0x1F != 0x1F:
        return bytes((tag,))
    high, low = tag >> 8, tag & 0xFF
    if high <= 0xFF and high & 0x1F == 0x1F and 0x1F <= low <= 0x7F:
        return bytes((high, low))
    raise UnencodableError("BER-TLV tag", f"{tag:X} is no tag of one or two octets")


def _take_tag(octets: bytes, at: int, where: str) -> tuple[int, int]:
    if at >= len(octets):
        raise TruncatedError(where, needed=1, present=0)
    tag = octets[at]
    if tag == 0x00:
        raise MalformedError(where, "tag 00 is none")
    if tag & 0x1F != 0x1F:
        return tag, at + 1
    if at + 2 > len(octets):
        raise TruncatedError(where, needed=2, present=1)
    if not 0x1F <= octets[at + 1] <= 0x7F:
        raise MalformedError(where, "tag is none of one or two octets")
    return tag << 8 | octets[at + 1], at + 2


def _encode_one(tag: int, value: bytes, required: bool) -> bytes:  # noqa: FBT001 - a tuple, unpacked
    length = _encode_length(len(value), f"COMPREHENSION-TLV {tag:X}")
    if 0 < tag < _THREE_OCTET_TAG:
        return bytes((tag | required << 7,)) + length + value
    if _THREE_OCTET_TAG <= tag <= 0x7FFF:
        return bytes((_THREE_OCTET_TAG, tag >> 8 | required << 7, tag & 0xFF)) + length + value
    raise UnencodableError("COMPREHENSION-TLV tag", f"{tag:X} is outside 1 to 7FFF")


def _take_comprehension_tag(octets: bytes, at: int, where: str) -> tuple[int, bool, int]:
    first = octets[at]
    if first in _RESERVED_TAGS:
        raise MalformedError(where, f"tag {first:02X} is reserved")
    if first != _THREE_OCTET_TAG:
        return first & 0x7F, first > 0x7F, at + 1
    if at + 3 > len(octets):
        raise TruncatedError(where, needed=3, present=len(octets) - at)
    number = octets[at + 1] << 8 | octets[at + 2]
    if not number & 0x7FFF:
        raise MalformedError(where, "tag 0 is reserved")
    return number & 0x7FFF, number > 0x7FFF, at + 3


def _encode_length(length: int, where: str) -> bytes:
    if length < 0x80:
        return bytes((length,))
    if length <= 0xFF:
        return bytes((0x81, length))
    if length <= _LONGEST:
        return bytes((0x82, length >> 8, length & 0xFF))
    raise UnencodableError(where, f"{length} octets exceed {_LONGEST}")


def _take_value(octets: bytes, at: int, where: str) -> tuple[bytes, int]:
    if at >= len(octets):
        raise TruncatedError(where, needed=1, present=0)
    length = octets[at]
    start = at + 1
    if length >= 0x80:
        length, start = _take_long_length(octets, at, where)
    end = start + length
    if end > len(octets):
        raise TruncatedError(where, needed=length, present=len(octets) - start)
    return octets[start:end], end


def _take_long_length(octets: bytes, at: int, where: str) -> tuple[int, int]:
    form = octets[at]
    size = form & 0x7F
    if not 1 <= size <= 2:
        raise MalformedError(where, f"length form {form:02X} is none of one to three octets")
    start = at + 1 + size
    if start > len(octets):
        raise TruncatedError(where, needed=size, present=len(octets) - at - 1)
    length = int.from_bytes(octets[at + 1 : start], "big")
    if length < 0x80 or (size == 2 and length <= 0xFF):
        raise MalformedError(where, "length is not in its shortest form")
    return length, start
