"""Text string objects of the card application toolkit: ETSI TS 102 223 clause 8.15."""

from __future__ import annotations

from enum import IntEnum
from typing import Final, Self

from impl.codec.alpha import decode_ucs2, encode_ucs2
from impl.codec.gsm7 import decode_gsm7, decode_unpacked, encode_gsm7, encode_unpacked, is_gsm7
from impl.errors import MalformedError, UnencodableError


class TextCoding(IntEnum):
    """Data coding schemes of toolkit texts."""

    PACKED = 0x00  # GSM default alphabet, 8 septets in 7 octets
    UNPACKED = 0x04  # GSM default alphabet, one octet a septet
    UCS2 = 0x08


class CodedText(str):
    """A text that remembers how it is coded. Two are equal that say the same."""

    __slots__ = ("coding",)
    coding: TextCoding

    def __new__(cls, text: str, coding: TextCoding = TextCoding.UNPACKED) -> Self:
        """Keep `coding` beside the text."""
        self = super().__new__(cls, text)
        self.coding = coding
        return self


def encode_text(text: str) -> bytes:
    """Write data coding scheme and text.

    A plain text is written unpacked where the GSM default alphabet has its characters, else in
    UCS2; a plain empty text is the null text string, which has no coding scheme either.

    Raises:
        UnencodableError: the coding has no such character, or the text is packed and would be read
            without its last `@`, which nothing tells from spare bits.
    """
    if isinstance(text, CodedText):
        coding = text.coding
    elif text:
        coding = TextCoding.UNPACKED if is_gsm7(text) else TextCoding.UCS2
    else:
        return b""
    return bytes((coding,)) + _ENCODERS[coding](text)


def decode_text(octets: bytes) -> str:
    """Read a text; a `CodedText` but for the null text string.

    Of the coding scheme only the alphabet counts (TS 102 223 8.15).

    Raises:
        MalformedError: the scheme says no alphabet or compression, or the octets are not of it.
    """
    if not octets:
        return ""
    coding = _coding_of(octets[0])
    return CodedText(_DECODERS[coding](octets[1:]), coding)


def _coding_of(scheme: int) -> TextCoding:
    """Find the alphabet in a data coding scheme of TS 23.038 clause 4."""
    if scheme & 0xF0 == 0xF0:
        return TextCoding.UNPACKED if scheme & 0x04 else TextCoding.PACKED
    if scheme & 0xE0 == 0 and scheme & 0x0C != 0x0C:  # general group, not compressed
        return TextCoding(scheme & 0x0C)
    raise MalformedError("text string", f"data coding scheme {scheme:02X} says no alphabet")


def _encode_packed(text: str) -> bytes:
    octets, septets = encode_gsm7(text)
    if septets and septets % 8 == 0 and octets[-1] < 0x02:  # the last septet is the upper 7 bits
        raise UnencodableError("text string", "a last @ that fills the last octet is not told")
    return octets


def _decode_packed(octets: bytes) -> str:
    septets = len(octets) * 8 // 7
    if octets and len(octets) % 7 == 0 and octets[-1] < 0x02:
        septets -= 1  # seven spare bits, else there would be an @ in every such text
    return decode_gsm7(octets, septets)


_ENCODERS: Final = {
    TextCoding.PACKED: _encode_packed,
    TextCoding.UNPACKED: encode_unpacked,
    TextCoding.UCS2: encode_ucs2,
}
_DECODERS: Final = {
    TextCoding.PACKED: _decode_packed,
    TextCoding.UNPACKED: decode_unpacked,
    TextCoding.UCS2: decode_ucs2,
}
