"""EAP between a device and the network that authenticates it: RFC 3748 clause 4.

Its packets have the same frame as those of the link control protocol of PPP.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Final, Self

from impl.codec.layout import U8, Coded, Layout, UInt
from impl.errors import MalformedError, TruncatedError, UnencodableError
from impl.values import IMSI, PLMN

_HEADER: Final = 4
_LONGEST: Final = 1020
"""Octets of a packet that any link carries without fragments (clause 3.1)."""


@dataclass(frozen=True, slots=True)
class FramedForm:
    """A length of 2 octets that counts the 4 octets of the header, then what it frames.

    What lies behind is padding of the link, and ignored.
    """

    def take(self, octets: bytes, at: int, where: str) -> tuple[bytes, int]:
        """Read the content."""
        length, start = UInt(2).take(octets, at, where)
        end = at - 2 + length
        if length < _HEADER:
            raise MalformedError(where, f"says {length} octets, which its own header exceeds")
        if end > len(octets):
            raise TruncatedError(where, needed=end - start, present=len(octets) - start)
        return octets[start:end], len(octets)

    def put(self, value: bytes, where: str) -> bytes:
        """Write length and content."""
        length = _HEADER + len(value)
        if length > _LONGEST:
            raise UnencodableError(where, f"{length} octets exceed {_LONGEST}")
        return length.to_bytes(2, "big") + value


class EapCode(IntEnum):
    """What a packet is (clause 4)."""

    REQUEST = 1
    RESPONSE = 2
    SUCCESS = 3
    FAILURE = 4


class EapMethod(IntEnum):
    """Types of requests and responses (clause 5; RFC 5448 clause 3)."""

    IDENTITY = 1
    NAK = 3
    AKA_PRIME = 50


class EapPacket(Layout):
    """One packet; success and failure have no content, others begin it with their type."""

    code: Annotated[EapCode, Coded(EapCode)]
    identifier: U8
    content: Annotated[bytes, FramedForm()] = b""

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """Read a packet.

        Raises:
            MalformedError: cut short, of an unknown code, or a request or response without a type.
        """
        packet = super().decode(octets)
        is_bare = packet.code in {EapCode.SUCCESS, EapCode.FAILURE}
        if is_bare == bool(packet.content):
            raise MalformedError(cls.__name__, "has a type where there is none, or none")
        return packet

    @property
    def method(self) -> int | None:
        """The type of a request or response."""
        return self.content[0] if self.content else None

    @property
    def data(self) -> bytes:
        """What is behind the type."""
        return self.content[1:]


def network_access_identifier(imsi: IMSI, home: PLMN) -> bytes:
    """Return the permanent identity of a subscriber in EAP-AKA' (TS 23.003 clause 19.3.2)."""
    realm = f"nai.epc.mnc{home.mnc:0>3}.mcc{home.mcc}.3gppnetwork.org"
    return f"6{imsi}@{realm}".encode("ascii")


def imsi_of_identifier(identity: bytes) -> IMSI:
    """Return whose permanent identity in EAP-AKA' this is, whatever the realm says.

    Raises:
        MalformedError: nobody's, or an identity of another kind.
    """
    name, _, _ = identity.partition(b"@")
    if not name.startswith(b"6") or not name.isdigit():
        raise MalformedError("EAP identity", "is no permanent identity of EAP-AKA'")
    return IMSI(name[1:].decode("ascii"))
