"""What secured packets say of themselves: SPI, KIc, KID, TAR, CNTR; status, and refusals by it.

TS 102 225 release 17 clause 5.
"""

from __future__ import annotations

from enum import KEEP, IntEnum, IntFlag
from typing import Annotated, ClassVar, Final

from impl.codec.layout import U8, U40, Coded, Layout, Octets
from impl.errors import RefusedError

LAST_COUNTER: Final = (1 << 40) - 1


class PorStatus(IntEnum):
    """Response status code, TS 102 225 table 5 and TS 31.115 clause 7."""

    OK = 0x00
    INTEGRITY_FAILED = 0x01
    COUNTER_LOW = 0x02
    COUNTER_HIGH = 0x03
    COUNTER_BLOCKED = 0x04
    CIPHERING_ERROR = 0x05
    UNIDENTIFIED_SECURITY = 0x06
    INSUFFICIENT_MEMORY = 0x07
    MORE_TIME = 0x08
    TAR_UNKNOWN = 0x09
    INSUFFICIENT_SECURITY = 0x0A
    RESPONSE_BY_SUBMIT = 0x0B
    RESPONSE_BY_USSD = 0x0C


class SecuredPacketError(RefusedError):
    """A packet that its security does not bear out. The receiver's state is unchanged."""

    status: ClassVar[PorStatus]


class IntegrityError(SecuredPacketError):
    """The checksum is not that of these octets under this key."""

    status = PorStatus.INTEGRITY_FAILED


class CipheringError(SecuredPacketError):
    """What should be ciphered does not decipher to a packet."""

    status = PorStatus.CIPHERING_ERROR


class UnidentifiedSecurityError(SecuredPacketError):
    """SPI, KIc or KID name what the keyset does not have."""

    status = PorStatus.UNIDENTIFIED_SECURITY


class InsufficientSecurityError(SecuredPacketError):
    """Single DES, which is guessed in a day."""

    status = PorStatus.INSUFFICIENT_SECURITY


class Integrity(IntEnum):
    """Which check a packet carries."""

    NONE = 0
    RC = 1
    CC = 2
    DS = 3
    """Digital signature: the standard names no algorithm, so there is none to do."""


_INTEGRITIES: Final = tuple(Integrity)


class CounterMode(IntEnum):
    """What the receiver does with the counter."""

    NONE = 0
    UNCHECKED = 1
    HIGHER = 2
    NEXT = 3


class Spi1(IntFlag, boundary=KEEP):
    """First octet of the security parameter indicator: the command packet (clause 5.1.1)."""

    RC = 0x01
    CC = 0x02
    DS = 0x03
    CIPHERED = 0x04
    COUNTER_UNCHECKED = 0x08
    COUNTER_HIGHER = 0x10
    COUNTER_NEXT = 0x18

    @property
    def integrity(self) -> Integrity:
        """Bits 2 and 1."""
        return _INTEGRITIES[int(self) & 0x3]

    @property
    def counter_mode(self) -> CounterMode:
        """Bits 5 and 4."""
        return CounterMode(int(self) >> 3 & 0x3)

    @property
    def is_ciphered(self) -> bool:
        """Bit 3."""
        return bool(int(self) & 0x4)

    def meets(self, minimum: Spi1) -> bool:
        """Whether check, ciphering and counter are each at least those of `minimum` (the MSL)."""
        return (
            self.integrity >= minimum.integrity
            and self.is_ciphered >= minimum.is_ciphered
            and self.counter_mode >= minimum.counter_mode
        )


class Spi2(IntFlag, boundary=KEEP):
    """Second octet of the security parameter indicator: the response packet, PoR (clause 5.1.1)."""

    POR_ALWAYS = 0x01
    POR_ON_ERROR = 0x02
    POR_RC = 0x04
    POR_CC = 0x08
    POR_DS = 0x0C
    POR_CIPHERED = 0x10
    POR_BY_SUBMIT = 0x20

    @property
    def integrity(self) -> Integrity:
        """Bits 4 and 3."""
        return _INTEGRITIES[int(self) >> 2 & 0x3]

    @property
    def is_ciphered(self) -> bool:
        """Bit 5."""
        return bool(int(self) & 0x10)

    @property
    def is_by_submit(self) -> bool:
        """Bit 6: the answer is a short message of its own, not the delivery report."""
        return bool(int(self) & 0x20)

    def wants_response(self, status: PorStatus) -> bool:
        """Whether this outcome is to be answered: bits 2 and 1; 11 is reserved and asks nothing."""
        request = int(self) & 0x3
        return request == Spi2.POR_ALWAYS or (
            request == Spi2.POR_ON_ERROR and status is not PorStatus.OK
        )


class CommandHeader(Layout):
    """What a command packet says in the clear, TS 102 225 table 1."""

    spi1: Annotated[Spi1, Coded(Spi1)]
    spi2: Annotated[Spi2, Coded(Spi2)]
    kic: U8  # key version in the high half, Algorithm in the low one; so KID, or the CRC
    kid: U8
    tar: Annotated[bytes, Octets(3)]


class SecurityParameters(CommandHeader):
    """How a command packet is secured, and its answer: SPI, KIc, KID, TAR and CNTR."""

    counter: U40 = 0


def judge_counter(mode: CounterMode, received: int, stored: int) -> PorStatus:
    """Say whether a counter may pass: OK, or the status to refuse it with (clause 5.1.4).

    `stored` is that of the last packet which passed. At its last value it is blocked for good,
    where it is compared at all.
    """
    if mode in (CounterMode.NONE, CounterMode.UNCHECKED):
        return PorStatus.OK
    if stored >= LAST_COUNTER:
        return PorStatus.COUNTER_BLOCKED
    if received <= stored:
        return PorStatus.COUNTER_LOW
    if mode is CounterMode.NEXT and received > stored + 1:
        return PorStatus.COUNTER_HIGH
    return PorStatus.OK
