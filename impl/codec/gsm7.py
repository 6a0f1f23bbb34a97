"""GSM 7 bit default alphabet with its extension table and packing: 3GPP TS 23.038 clause 6."""

from __future__ import annotations

from typing import Final

from impl.errors import MalformedError, TrailingError, TruncatedError, UnencodableError

_ESCAPE: Final = 0x1B

# TS 23.038 6.2.1, columns one behind the other; the escape's place holds a space, as it is shown
# by a receiver that finds nothing behind it.
_DEFAULT: Final = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
# TS 23.038 6.2.1.1; form feed is the page break of that table.
_EXTENSION: Final = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_CODES: Final = {
    character: bytes((code,)) for code, character in enumerate(_DEFAULT) if code != _ESCAPE
} | {character: bytes((_ESCAPE, code)) for code, character in _EXTENSION.items()}


def is_gsm7(text: str) -> bool:
    """Whether the default alphabet with its extension table can say `text`."""
    return _CODES.keys() >= set(text)


def encode_unpacked(text: str) -> bytes:
    """Return one octet for each septet, bit 8 zero: "GSM default alphabet, 8 bit" of card files.

    Raises:
        UnencodableError: a character is not in the alphabet.
    """
    try:
        return b"".join([_CODES[character] for character in text])
    except KeyError:
        raise UnencodableError("text", "a character is not in the GSM default alphabet") from None


def decode_unpacked(octets: bytes) -> str:
    """Return the text of septets that stand in one octet each.

    Behind an escape, a code that the extension table lacks is read from the default alphabet, and a
    lone escape as a space (TS 23.038 6.2.1.1): no septets are without meaning.

    Raises:
        MalformedError: an octet with bit 8 set.
    """
    if not octets.isascii():
        raise MalformedError("text", "an octet is no septet")
    if _ESCAPE not in octets:
        return "".join([_DEFAULT[septet] for septet in octets])
    characters = []
    septets = iter(octets)
    for septet in septets:
        if septet != _ESCAPE:
            characters.append(_DEFAULT[septet])
            continue
        code = next(septets, _ESCAPE)
        characters.append(_EXTENSION.get(code, _DEFAULT[code]))
    return "".join(characters)


def encode_gsm7(text: str, fill_bits: int = 0) -> tuple[bytes, int]:
    """Pack `text`; return the octets and the number of septets, escapes counted.

    `fill_bits`, 0 to 6, are zeros before the first septet: they bring it to a septet boundary
    behind a user data header (TS 23.040 9.2.3.24).

    Raises:
        UnencodableError: a character is not in the alphabet.
    """
    septets = encode_unpacked(text)
    packed = b"".join([_pack(septets[at : at + 8]) for at in range(0, len(septets), 8)])
    size = _packed_size(len(septets), fill_bits)
    return (int.from_bytes(packed, "little") << fill_bits).to_bytes(size, "little"), len(septets)


def decode_gsm7(octets: bytes, septets: int, fill_bits: int = 0) -> str:
    """Unpack `septets` septets that fill `octets` but for the last octet's spare bits.

    Spare and fill bits are not looked at.

    Raises:
        TruncatedError: fewer octets than the septets need.
        TrailingError: whole octets are left.
    """
    size = _packed_size(septets, fill_bits)
    if size > len(octets):
        raise TruncatedError("text", needed=size, present=len(octets))
    if size < len(octets):
        raise TrailingError("text", surplus=len(octets) - size)
    packed = (int.from_bytes(octets, "little") >> fill_bits).to_bytes(size, "little")
    unpacked = b"".join([_unpack(packed[at : at + 7]) for at in range(0, size, 7)])
    return decode_unpacked(unpacked[:septets])


def _packed_size(septets: int, fill_bits: int) -> int:
    return (fill_bits + 7 * septets + 7) // 8


def _pack(septets: bytes) -> bytes:
    """Pack up to 8 septets in as many octets as they need: a bound that keeps packing linear."""
    bits = sum(septet << 7 * place for place, septet in enumerate(septets))
    return bits.to_bytes(_packed_size(len(septets), 0), "little")


def _unpack(octets: bytes) -> bytes:
    """Unpack up to 7 octets to 8 septets, zeros where there is nothing."""
    bits = int.from_bytes(octets, "little")
    return bytes([bits >> 7 * place & 0x7F for place in range(8)])
