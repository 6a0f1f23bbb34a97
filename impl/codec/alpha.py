"""Alpha fields of card files and toolkit items: ETSI TS 102 221 annex A.

Written in the GSM default alphabet, one octet a septet, or wholly in UCS2 (first octet 80); read
also where UCS2 characters are said relative to a half page (81, 82).
"""

from __future__ import annotations

from typing import Final

from impl.codec.gsm7 import decode_unpacked, encode_unpacked, is_gsm7
from impl.errors import MalformedError, TruncatedError, UnencodableError

_FILLER: Final = 0xFF
_WHOLE_UCS2: Final = 0x80
_HALF_PAGE: Final = 0x81  # count, bits 15 to 8 of the base, characters
_BASE_POINTER: Final = 0x82  # count, 16 bits of the base, characters


def encode_alpha(text: str) -> bytes:
    """Write `text`, without filler.

    Raises:
        UnencodableError: a character is neither of the GSM default alphabet nor of UTF-16, or it is
            U+FFFF, which a file would take for filler.
    """
    if is_gsm7(text):
        return encode_unpacked(text)
    if "\uffff" in text:
        raise UnencodableError("alpha", "U+FFFF is how an unused character looks")
    return bytes((_WHOLE_UCS2,)) + encode_ucs2(text)


def decode_alpha(octets: bytes) -> str:
    """Read a text; octets FF behind it are filler.

    Raises:
        MalformedError: an octet above 7F where a septet stands, a lone surrogate, or octets other
            than filler behind the counted characters.
        TruncatedError: fewer characters than the count says.
    """
    first = octets[0] if octets else _FILLER
    if first == _WHOLE_UCS2:
        return _decode_whole(octets[1:])
    if first == _HALF_PAGE:
        return _decode_relative(octets, start=3)
    if first == _BASE_POINTER:
        return _decode_relative(octets, start=4)
    return decode_unpacked(octets.rstrip(b"\xff"))


def encode_ucs2(text: str) -> bytes:
    """Write two octets a character (four beyond the basic plane, as UTF-16 does).

    Raises:
        UnencodableError: a lone surrogate.
    """
    try:
        return text.encode("utf-16-be")
    except UnicodeEncodeError:
        raise UnencodableError("text", "a character is a lone surrogate") from None


def decode_ucs2(octets: bytes) -> str:
    """Read two octets a character.

    Raises:
        MalformedError: an odd number of octets, or a lone surrogate.
    """
    try:
        return octets.decode("utf-16-be")
    except UnicodeDecodeError:
        raise MalformedError("text", "is not UCS2") from None


def _decode_whole(octets: bytes) -> str:
    even = octets[:-1] if len(octets) % 2 and octets[-1] == _FILLER else octets
    return decode_ucs2(even).rstrip("\uffff")


def _decode_relative(octets: bytes, start: int) -> str:
    if len(octets) < start:
        raise TruncatedError("alpha", needed=start, present=len(octets))
    count = octets[1]
    end = start + count
    if end > len(octets):
        raise TruncatedError("alpha", needed=count, present=len(octets) - start)
    if octets[end:].strip(b"\xff"):
        raise MalformedError("alpha", "octets other than filler behind the last character")
    base = octets[2] << 7 if start == 3 else int.from_bytes(octets[2:4], "big")
    if base > 0xFF80:
        raise MalformedError("alpha", f"the half page at {base:04X} leaves UCS2")
    return "".join(_relative_parts(octets[start:end], base))


def _relative_parts(octets: bytes, base: int) -> list[str]:
    """Read each run of septets as such, each octet above 7F relative to `base`."""
    parts = []
    septets = bytearray()
    for octet in octets:
        if octet < 0x80:
            septets.append(octet)
            continue
        parts += [decode_unpacked(bytes(septets)), _character(base + (octet & 0x7F))]
        septets.clear()
    return [*parts, decode_unpacked(bytes(septets))]


def _character(code: int) -> str:
    if 0xD800 <= code <= 0xDFFF:
        raise MalformedError("alpha", "a character is a lone surrogate")
    return chr(code)
