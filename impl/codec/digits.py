"""Swapped BCD, and the identities that card files and messages hold in it.

TS 31.102 and TS 24.008 as of release 17. In swapped BCD the first digit stands in the low half of
the octet; a half that no digit fills holds the filler F.
"""

from __future__ import annotations

from typing import Final

from impl.errors import MalformedError, TrailingError, TruncatedError, UnencodableError
from impl.values import ICCID, IMSI, PLMN

_FILLER: Final = "f"
_SWAPPED: Final = bytes((octet << 4 | octet >> 4) & 0xFF for octet in range(256))
# TS 24.008 table 10.5.118: the dialled signs beside the ten digits.
_TO_HEX: Final = str.maketrans("*#abc", "abcde")
_FROM_HEX: Final = str.maketrans("abcde", "*#abc")
_SIGNS: Final = frozenset("0123456789*#abc")

_ODD_COUNT: Final = "9"  # type of identity 001 (IMSI) with the parity bit 1
_EVEN_COUNT: Final = "1"
_IMSI_SIZE: Final = 9
_ICCID_SIZE: Final = 10
_PLMN_SIZE: Final = 3


def encode_bcd(digits: str, size: int | None = None) -> bytes:
    """Write digits, and the signs `*#abc`, two an octet; F fills up to `size` octets if given.

    Raises:
        UnencodableError: another character, or more digits than `size` octets hold.
    """
    if not (digits.isascii() and digits.isdigit()):
        digits = _as_hex(digits)
    if size is not None and len(digits) > 2 * size:
        raise UnencodableError("BCD", f"{len(digits)} digits do not fit in {size} octets")
    if size is not None:
        digits = digits.ljust(2 * size, _FILLER)
    elif len(digits) % 2:
        digits += _FILLER
    return bytes.fromhex(digits).translate(_SWAPPED)


def decode_bcd(octets: bytes) -> str:
    """Read digits, and the signs `*#abc`, up to the first filler.

    Raises:
        MalformedError: a digit stands behind a filler.
    """
    digits = octets.translate(_SWAPPED).hex()
    if digits.isdecimal():
        return digits
    digits = digits.rstrip(_FILLER)
    if _FILLER in digits:
        raise MalformedError("BCD", "a digit stands behind a filler")
    return digits.translate(_FROM_HEX)


def encode_imsi(imsi: IMSI) -> bytes:
    """Write the 9 octets of EF.IMSI: length, parity and digits, then FF (TS 31.102 4.2.2)."""
    coded = encode_bcd((_ODD_COUNT if len(imsi) % 2 else _EVEN_COUNT) + imsi)
    return bytes((len(coded),)) + coded.ljust(_IMSI_SIZE - 1, b"\xff")


def decode_imsi(octets: bytes) -> IMSI:
    """Read the 9 octets of EF.IMSI.

    Raises:
        MalformedError: it holds no IMSI, as on a card that was never personalized (all FF).
    """
    _check_size("EF.IMSI", octets, _IMSI_SIZE)
    length = octets[0]
    if not 0 < length < _IMSI_SIZE:
        raise MalformedError("EF.IMSI", f"length {length} is outside 1 to {_IMSI_SIZE - 1}")
    if any(octet != 0xFF for octet in octets[length + 1 :]):
        raise MalformedError("EF.IMSI", "octets behind the identity are not FF")
    coded = decode_bcd(octets[1 : length + 1])
    imsi = IMSI(coded[1:])
    if encode_imsi(imsi) != octets:
        raise MalformedError("EF.IMSI", "parity, type of identity or length do not fit the digits")
    return imsi


def encode_iccid(iccid: ICCID) -> bytes:
    """Write the 10 octets of EF.ICCID (TS 102 221 clause 13.2)."""
    return encode_bcd(iccid, _ICCID_SIZE)


def decode_iccid(octets: bytes) -> ICCID:
    """Read the 10 octets of EF.ICCID.

    Raises:
        MalformedError: no 10 octets, or not 18 to 20 digits with fillers behind them.
    """
    _check_size("EF.ICCID", octets, _ICCID_SIZE)
    return ICCID(decode_bcd(octets))


def encode_plmn(plmn: PLMN) -> bytes:
    """Write 3 octets: MCC2 MCC1, MNC3 or filler and MCC3, MNC2 MNC1 (TS 24.008 10.5.1.13)."""
    mnc3 = plmn.mnc[2:] or _FILLER
    return bytes.fromhex(plmn.mcc + mnc3 + plmn.mnc[:2]).translate(_SWAPPED)


def decode_plmn(octets: bytes) -> PLMN:
    """Read the 3 octets of a PLMN.

    Raises:
        MalformedError: no 3 octets, or not 5 or 6 digits, as where nothing is stored (FF FF FF).
    """
    _check_size("PLMN", octets, _PLMN_SIZE)
    digits = octets.translate(_SWAPPED).hex()
    mnc3 = digits[3].removesuffix(_FILLER)
    return PLMN(digits[:3] + digits[4:] + mnc3)


def _as_hex(signs: str) -> str:
    if not _SIGNS.issuperset(signs):
        raise UnencodableError("BCD", "holds digits and * # a b c only")
    return signs.translate(_TO_HEX)


def _check_size(what: str, octets: bytes, size: int) -> None:
    if len(octets) < size:
        raise TruncatedError(what, needed=size, present=len(octets))
    if len(octets) > size:
        raise TrailingError(what, surplus=len(octets) - size)
