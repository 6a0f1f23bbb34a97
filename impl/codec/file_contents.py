"""Contents of card files on their way to the card: what `extra` of a personalization message holds.

A row for each file, without a frame around them: file identifier (2 octets), length in the form of
BER-TLV, content. Octets 00 and FF between the rows mean nothing, as ISO/IEC 7816-4 clause 6.3 has
it for data objects, so that a sender may fill up its message.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from impl.codec.layout import Octets, UInt
from impl.errors import MalformedError, UnencodableError

_FILLERS: Final = (0x00, 0xFF)
_WHERE: Final = "FileContent"
_FID: Final = UInt(2)
_LONGEST: Final = 0xFFFF


class FileContent(NamedTuple):
    """What a file begins with; the rest of it is erased."""

    fid: int
    """File identifier. Its first octet is neither 00 nor FF."""
    octets: bytes


def encode_file_contents(contents: Iterable[FileContent]) -> bytes:
    """Write contents one behind the other.

    Raises:
        UnencodableError: an identifier that reads as filler, or more than 65535 octets.
    """
    return b"".join([_encode_one(*content) for content in contents])


def decode_file_contents(octets: bytes) -> tuple[FileContent, ...]:
    """Read contents up to the end of `octets`.

    Raises:
        TruncatedError: an identifier, length or content is cut short.
        MalformedError: a length in another form than 7F, 81 80 or 82 0100.
    """
    contents = []
    at = 0
    while at < len(octets):
        if octets[at] in _FILLERS:
            at += 1
            continue
        fid, at = _FID.take(octets, at, _WHERE)
        size, at = _take_size(octets, at)
        content, at = Octets(size).take(octets, at, _WHERE)
        contents.append(FileContent(fid, content))
    return tuple(contents)


def _encode_one(fid: int, octets: bytes) -> bytes:
    identifier = _FID.put(fid, _WHERE)
    if identifier[0] in _FILLERS:
        raise UnencodableError(_WHERE, f"identifier {fid:04X} reads as filler")
    size = len(octets)
    if size < 0x80:
        length = bytes((size,))
    elif size <= 0xFF:
        length = bytes((0x81, size))
    elif size <= _LONGEST:
        length = b"\x82" + size.to_bytes(2, "big")
    else:
        raise UnencodableError(_WHERE, f"{size} octets exceed {_LONGEST}")
    return identifier + length + octets


def _take_size(octets: bytes, at: int) -> tuple[int, int]:
    size, at = UInt(1).take(octets, at, _WHERE)
    if size < 0x80:
        return size, at
    more = size - 0x80
    if more not in {1, 2}:
        raise MalformedError(_WHERE, f"length form {size:02X} is none of one to three octets")
    size, at = UInt(more).take(octets, at, _WHERE)
    if size < 0x80 or (more == 2 and size <= 0xFF):
        raise MalformedError(_WHERE, "length is not in its shortest form")
    return size, at
