"""Values that every party means the same by: identities, addresses and secrets."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final, Self

from impl.errors import MalformedError


class Generation(StrEnum):
    """How a network authenticates who attaches [030] [031] [035]."""

    GSM = "GSM"  # the device answers a challenge (TS 43.020)
    UMTS = "UMTS"  # network and card prove themselves (AKA, TS 33.102)
    LTE = "LTE"  # AKA bound to the serving network (EPS AKA, TS 33.401)
    CDMA = "CDMA"  # eHRPD: AKA inside EAP (EAP-AKA', RFC 5448; TS 33.402)


class Algorithm(IntEnum):
    """What the K of a subscriber is for, by the numbers that key files of cards begin with."""

    COMP128_V1 = 0x01
    COMP128_V2 = 0x02
    COMP128_V3 = 0x03
    MILENAGE = 0x14  # with OPc, not OP
    TUAK = 0x16  # with TOPc, not TOP

    @property
    def opc_octets(self) -> int:
        """How long its OPc is; COMP128 has none."""
        return {Algorithm.MILENAGE: 16, Algorithm.TUAK: 32}.get(self, 0)


class _Digits(str):
    """A string of decimal digits whose length is bounded by its standard."""

    __slots__ = ()
    shortest: int
    longest: int

    def __new__(cls, digits: str) -> Self:
        """Check digits and length."""
        if not isinstance(digits, str):
            raise MalformedError(cls.__name__, "must be a string of digits")
        if not (
            cls.shortest <= len(digits) <= cls.longest and digits.isascii() and digits.isdigit()
        ):
            bounds = f"{cls.shortest} to {cls.longest}"
            raise MalformedError(cls.__name__, f"must be {bounds} decimal digits")
        return super().__new__(cls, digits)


class IMSI(_Digits):
    """International mobile subscriber identity, 6 to 15 digits (TS 23.003 clause 2.2)."""

    __slots__ = ()
    shortest, longest = 6, 15

    def is_of(self, plmn: PLMN) -> bool:
        """Whether `plmn` issued this identity."""
        return self.startswith(plmn)


class ICCID(_Digits):
    """Identifier of the card (IdSC), 18 to 20 digits with check digit (ITU-T E.118)."""

    __slots__ = ()
    shortest, longest = 18, 20

    @property
    def has_valid_check_digit(self) -> bool:
        """Whether the last digit is the Luhn digit of the others; of some cards it is not."""
        odd = sum(int(digit) for digit in self[-1::-2])
        even = sum(sum(divmod(2 * int(digit), 10)) for digit in self[-2::-2])
        return (odd + even) % 10 == 0


class PLMN(_Digits):
    """Identifier of a network (IdMNO): MCC, then MNC of 2 or 3 digits (TS 23.003 2.2)."""

    __slots__ = ()
    shortest, longest = 5, 6

    @property
    def mcc(self) -> str:
        """Mobile country code."""
        return self[:3]

    @property
    def mnc(self) -> str:
        """Mobile network code, 2 or 3 digits."""
        return self[3:]


class MSISDN(_Digits):
    """International E.164 number without prefix: of a subscriber, a service centre or a server."""

    __slots__ = ()
    shortest, longest = 3, 15


class Secret:
    """Octets that may be used and compared, never shown: K, OPc, admin codes, OTA keys."""

    __slots__ = ("_octets",)

    def __init__(self, octets: bytes) -> None:
        self._octets = bytes(octets)

    def reveal(self) -> bytes:
        """Return the octets, for an algorithm or a protected message: never for a text."""
        return self._octets

    def __len__(self) -> int:
        return len(self._octets)

    def __eq__(self, other: object) -> bool:
        """Compare in constant time."""
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._octets, other._octets)

    def __hash__(self) -> int:
        return hash(self._octets)

    def __repr__(self) -> str:
        return "Secret(...)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a Secret is not pickled: store it encrypted")


_TRANSACTION_ID: Final = re.compile("[0-9a-f]{8}").fullmatch


class TransactionId(str):
    """Names one change of subscription in every message about it: 8 hexadecimal digits."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Check the form."""
        if not isinstance(text, str) or not _TRANSACTION_ID(text):
            raise MalformedError(cls.__name__, "must be 8 lower-case hexadecimal digits")
        return super().__new__(cls, text)

    @property
    def octets(self) -> bytes:
        """The 4 octets that messages to the card carry."""
        return bytes.fromhex(self)


NO_OPC: Final = Secret(b"")
"""Stands where an algorithm has none."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What makes a card a card of one network: IMSI, K (AK), and OPc or TOPc."""

    imsi: IMSI
    k: Secret
    """16 octets."""
    opc: Secret
    """As many octets as the algorithm says."""
    algorithm: Algorithm = Algorithm.MILENAGE

    def __post_init__(self) -> None:
        if len(self.k) != 16 or len(self.opc) != self.algorithm.opc_octets:
            raise MalformedError("Credentials", "K or OPc is not as long as the algorithm has it")


@dataclass(frozen=True, slots=True)
class OtaKeys:
    """One over-the-air keyset of a card: KIc ciphers, KID authenticates (TS 102 225)."""

    version: int
    """1 to 15; stands in the high nibble of the octets KIc and KID of a packet."""
    kic: Secret
    kid: Secret
