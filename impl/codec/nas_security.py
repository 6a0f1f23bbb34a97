"""How messages of EPS mobility management are protected: 3GPP TS 24.301 clauses 4.4 and 9.1.

Integrity by 128-EIA2 (TS 33.401 clause B.2.3), no ciphering (EEA0): a capture can be read.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Annotated, Final, Self

from impl.codec.eps_mobility import EmmMessage, decode_emm
from impl.codec.layout import U8, Layout, Octets, Rest
from impl.crypto.conversions import NasKey, nas_key
from impl.crypto.eia2 import eia2
from impl.errors import MacFailureError, MalformedError, UnencodableError
from impl.values import Secret

ALGORITHMS: Final = 0x02
"""EEA0 and 128-EIA2, as SECURITY MODE COMMAND names them (clause 9.9.3.23)."""
_EIA2: Final = 2
_EPS_MOBILITY: Final = 0x07
_UPLINK, _DOWNLINK = 0, 1
_LAST: Final = 0xFF
PLAIN_AT: Final = 6
"""Offset of a plain message in the one that protects it."""


class Protection(IntEnum):
    """Security header types (clause 9.3.1)."""

    NONE = 0
    INTEGRITY = 1
    CIPHERED = 2
    INTEGRITY_NEW = 3  # with a new context
    CIPHERED_NEW = 4


class ProtectedMessage(Layout):
    """Clause 9.1: a message inside another."""

    header: U8  # security header type above, protocol discriminator below
    mac: Annotated[bytes, Octets(4)]
    sequence: U8
    message: Annotated[bytes, Rest()]

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """Read header, code, number and what is inside.

        Raises:
            MalformedError: of another protocol or type, or cut short.
        """
        protected = super().decode(octets)
        kind, protocol = divmod(protected.header, 16)
        if protocol != _EPS_MOBILITY or kind not in set(Protection) - {Protection.NONE}:
            raise MalformedError(cls.__name__, "is not a protected message of EPS mobility")
        return protected


def decode_nas(octets: bytes) -> EmmMessage:
    """Read any message, plain or protected, whoever protected it.

    Raises:
        MalformedError: no such message, or not well-formed.
    """
    if octets[:1] and octets[0] >> 4:
        octets = ProtectedMessage.decode(octets).message
    return decode_emm(octets)


def is_protected(octets: bytes) -> bool:
    """Whether a message is inside another that protects it."""
    return bool(octets[:1]) and octets[0] >> 4 != Protection.NONE


@dataclass(frozen=True, slots=True)
class NasContext:
    """A NAS security context at one of its ends; each message makes another of it.

    Numbers are the NAS COUNT of the next message sent and the least that is taken (clause 4.4.3.1).
    Their overflow is not counted: a context ends with its 256th message, and every attach has one
    of its own.
    """

    kasme: Secret
    """32 octets."""
    is_network: bool
    sent: int = 0
    received: int = 0

    @property
    def is_at_its_end(self) -> bool:
        """Whether it can protect no more than one message, a goodbye."""
        return self.sent >= _LAST

    def seal(self, message: EmmMessage, protection: Protection) -> tuple[bytes, NasContext]:
        """Protect a message; return it and the context after it.

        Raises:
            UnencodableError: the numbers of this context are used up.
        """
        if self.sent > _LAST:
            raise UnencodableError("NasContext", "its 256 messages were sent")
        octets = message.encode()
        direction = _DOWNLINK if self.is_network else _UPLINK
        mac = self._mac(self.sent, direction, octets)
        header = protection << 4 | _EPS_MOBILITY
        sealed = ProtectedMessage(header, mac, self.sent, octets).encode()
        return sealed, replace(self, sent=self.sent + 1)

    def open(self, octets: bytes) -> tuple[EmmMessage, NasContext]:
        """Return what a protected message says, and the context after it.

        Raises:
            MacFailureError: the other end did not make it, or it came before.
            MalformedError: it is none, or what is inside is none.
        """
        protected = ProtectedMessage.decode(octets)
        message = decode_emm(protected.message)
        direction = _UPLINK if self.is_network else _DOWNLINK
        expected = self._mac(protected.sequence, direction, protected.message)
        if protected.sequence < self.received or not hmac.compare_digest(expected, protected.mac):
            raise MacFailureError("the message is not of the other end of this context")
        return message, replace(self, received=protected.sequence + 1)

    def _mac(self, count: int, direction: int, octets: bytes) -> bytes:
        """Return the code over sequence number and message (clause 4.4.3.3); bearer is 0."""
        key = nas_key(self.kasme.reveal(), NasKey.INTEGRITY, _EIA2)
        return eia2(key, count, 0, direction, bytes((count,)) + octets)
