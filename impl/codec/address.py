"""Addresses of subscribers, service centres and servers, as TPDUs, RPDUs and the card carry them.

TP addresses count digits (TS 23.040 clause 9.1.2.5), RP and card toolkit addresses count octets
(TS 24.011 clause 8.2.5.1, TS 102 223 clause 8.1); the octets counted are the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Final

from impl.codec.digits import decode_bcd, encode_bcd
from impl.codec.gsm7 import decode_gsm7, encode_gsm7
from impl.errors import MalformedError, TruncatedError, UnencodableError

_EXTENSION_BIT: Final = 0x80  # 1: no further octet of type and plan follows
_LONGEST_TP: Final = 20  # semi-octets: an address field has at most 12 octets
_LONGEST_RP: Final = 11  # octets of type, plan and digits
# TS 24.008 table 10.5.118 reserves the type: only TP addresses count finely enough to carry a text.
_NO_TEXT: Final = "is alphanumeric, which only a TP address can be"


class TypeOfNumber(IntEnum):
    """Type of number, TS 23.040 clause 9.1.2.5."""

    UNKNOWN = 0
    INTERNATIONAL = 1
    NATIONAL = 2
    NETWORK_SPECIFIC = 3
    SUBSCRIBER = 4
    ALPHANUMERIC = 5
    ABBREVIATED = 6
    RESERVED = 7


class NumberingPlan(IntEnum):
    """Numbering plan identification, TS 23.040 clause 9.1.2.5."""

    UNKNOWN = 0
    ISDN = 1
    DATA = 3
    TELEX = 4
    SERVICE_CENTRE_1 = 5
    SERVICE_CENTRE_2 = 6
    NATIONAL = 8
    PRIVATE = 9
    ERMES = 10
    RESERVED = 15


@dataclass(frozen=True, slots=True, init=False)
class Address:
    """Whom a message comes from or goes to: `Address("33609001000")`.

    `digits` has no prefix; of an alphanumeric address it is the text. `international=False` is
    short for the type of number "unknown", as short codes have; `ton` says any other type.
    """

    digits: str
    ton: TypeOfNumber
    npi: NumberingPlan

    def __init__(
        self,
        digits: str,
        *,
        international: bool = True,
        ton: TypeOfNumber | None = None,
        npi: NumberingPlan = NumberingPlan.ISDN,
    ) -> None:
        if ton is None:
            ton = TypeOfNumber.INTERNATIONAL if international else TypeOfNumber.UNKNOWN
        object.__setattr__(self, "digits", str(digits))
        object.__setattr__(self, "ton", ton)
        object.__setattr__(self, "npi", npi)

    @property
    def international(self) -> bool:
        """Whether the digits begin with a country code."""
        return self.ton is TypeOfNumber.INTERNATIONAL

    def encode(self) -> bytes:
        """Write type, plan and digits without a length: the value of a toolkit or RP address.

        Raises:
            UnencodableError: the digits have no coding, or it is alphanumeric.
        """
        if self.ton is TypeOfNumber.ALPHANUMERIC:
            raise UnencodableError("Address", _NO_TEXT)
        return self._encode()[1]

    @classmethod
    def decode(cls, octets: bytes) -> Address:
        """Read type, plan and digits; their length is what the surrounding field says.

        Raises:
            MalformedError: no octet, an unknown type or numbering plan, or a digit behind a filler.
        """
        if not octets:
            raise TruncatedError("Address", needed=1, present=0)
        ton, npi = _split_type(octets[0])
        if ton is TypeOfNumber.ALPHANUMERIC:
            raise MalformedError("Address", _NO_TEXT)
        return cls(decode_bcd(octets[1:]), ton=ton, npi=npi)

    def encode_tp(self) -> bytes:
        """Write a TP address: length in semi-octets, type and plan, digits.

        Raises:
            UnencodableError: more than 20 digits or 11 characters, or digits that have no coding.
        """
        length, octets = self._encode()
        if length > _LONGEST_TP:
            raise UnencodableError("TP address", f"{length} semi-octets, at most {_LONGEST_TP} fit")
        return bytes((length,)) + octets

    @classmethod
    def take_tp(cls, octets: bytes, at: int) -> tuple[Address, int]:
        """Read a TP address at offset `at`; return it and the offset behind it.

        Raises:
            MalformedError: cut short, too long, or its length does not fit its digits.
        """
        if at >= len(octets):
            raise TruncatedError("TP address", needed=2, present=0)
        end = at + 2 + (octets[at] + 1) // 2
        if end > len(octets):
            raise TruncatedError("TP address", needed=end - at, present=len(octets) - at)
        return _decode_tp(octets[at:end]), end

    def encode_rp(self) -> bytes:
        """Write an RP address: length in octets, type and plan, digits (TS 24.011 8.2.5.1).

        Raises:
            UnencodableError: more than 20 digits, or digits that have no coding.
        """
        octets = self.encode()
        if len(octets) > _LONGEST_RP:
            raise UnencodableError("RP address", f"{len(octets)} octets, at most {_LONGEST_RP} fit")
        return bytes((len(octets),)) + octets

    def _encode(self) -> tuple[int, bytes]:
        """Return the number of useful semi-octets and the octets from type and plan on."""
        head = bytes((_EXTENSION_BIT | self.ton << 4 | self.npi,))
        if self.ton is not TypeOfNumber.ALPHANUMERIC:
            return len(self.digits), head + encode_bcd(self.digits)
        octets, septets = encode_gsm7(self.digits)
        return (7 * septets + 3) // 4, head + octets


@lru_cache(maxsize=1024)  # most messages are of few correspondents
def _decode_tp(octets: bytes) -> Address:
    """Read a TP address that fills `octets`, at least 2, as its length says."""
    length = octets[0]
    if length > _LONGEST_TP:
        raise MalformedError("TP address", f"{length} semi-octets exceed {_LONGEST_TP}")
    ton, npi = _split_type(octets[1])
    if ton is TypeOfNumber.ALPHANUMERIC:
        return Address(decode_gsm7(octets[2:], septets=4 * length // 7), ton=ton, npi=npi)
    digits = decode_bcd(octets[2:])
    if len(digits) != length:
        raise MalformedError("TP address", f"{length} digits announced, {len(digits)} present")
    return Address(digits, ton=ton, npi=npi)


_TYPES: Final = {
    _EXTENSION_BIT | ton << 4 | npi: (ton, npi) for ton in TypeOfNumber for npi in NumberingPlan
}


def _split_type(octet: int) -> tuple[TypeOfNumber, NumberingPlan]:
    try:
        return _TYPES[octet]
    except KeyError:
        raise MalformedError("Address", f"type and plan {octet:02X} are not defined") from None
