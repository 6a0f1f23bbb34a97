"""EAP-AKA': RFC 5448 clause 3, over the messages and attributes of RFC 4187 clauses 8 to 10.

An attribute is its type, its length in words of 4 octets, and a value. Types below 128 have to be
understood.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Annotated, Any, Final, Self

from impl.codec.eap import EapCode, EapMethod, EapPacket
from impl.codec.layout import Coded, Form, Layout, Octets, Place, UInt
from impl.crypto.eap_aka_prime import MAC_OCTETS, packet_mac
from impl.errors import MalformedError, TrailingError, TruncatedError, UnencodableError

KDF_PRIME: Final = 1
"""The key derivation of RFC 5448 clause 3.3: the only one."""
HRPD: Final = b"HRPD"
"""The name of an access network of HRPD (TS 24.302 clause 8.1.1)."""
GENERAL_FAILURE: Final = 16384
"""AT_NOTIFICATION: failure, before the device proved itself (RFC 4187 clause 10.19)."""
UNABLE_TO_PROCESS: Final = 0
"""AT_CLIENT_ERROR_CODE (RFC 4187 clause 10.20)."""
_WORD: Final = 4
_MAC: Final = 11
_LAST_NEEDED: Final = 127


class Subtype(IntEnum):
    """What a message is (RFC 4187 clause 11)."""

    CHALLENGE = 1
    AUTHENTICATION_REJECT = 2
    SYNCHRONIZATION_FAILURE = 4
    IDENTITY = 5
    NOTIFICATION = 12
    REAUTHENTICATION = 13
    CLIENT_ERROR = 14


@dataclass(frozen=True, slots=True)
class _Reserved:
    """Two octets that say nothing, then `size` octets."""

    size: int

    def take(self, octets: bytes, at: int, where: str) -> tuple[bytes, int]:
        return Octets(self.size).take(octets, at + 2, where)

    def put(self, value: bytes, where: str) -> bytes:
        return bytes(2) + Octets(self.size).put(value, where)


@dataclass(frozen=True, slots=True)
class _Sized:
    """A length of 2 octets in units of `unit` bits, the octets, and padding up to a word."""

    unit: int
    shortest: int
    longest: int

    def take(self, octets: bytes, at: int, where: str) -> tuple[bytes, int]:
        length, start = UInt(2).take(octets, at, where)
        size, rest = divmod(length * self.unit, 8)
        if rest or not self.shortest <= size <= self.longest:
            raise MalformedError(where, f"must be {self.shortest} to {self.longest} octets")
        value, end = Octets(size).take(octets, start, where)
        if len(octets) - end >= _WORD:
            raise TrailingError(where, surplus=len(octets) - end)
        return value, len(octets)

    def put(self, value: bytes, where: str) -> bytes:
        if not self.shortest <= len(value) <= self.longest:
            raise UnencodableError(where, f"must be {self.shortest} to {self.longest} octets")
        padding = bytes(-len(value) % _WORD)
        return (len(value) * 8 // self.unit).to_bytes(2, "big") + value + padding


@dataclass(frozen=True, slots=True)
class Attribute:
    """One row: its type, and how the value stands. None is absent."""

    attribute: int
    form: Form

    def take(self, octets: bytes, at: int, where: str) -> tuple[Any, int]:
        """Read the value."""
        value, end = self.form.take(octets, at, where)
        if end != len(octets):
            raise TrailingError(where, surplus=len(octets) - end)
        return value, end

    def put(self, value: Any, where: str) -> bytes:
        """Write type, length and value."""
        if value is None:
            return b""
        octets = self.form.put(value, where)
        return bytes((self.attribute, (2 + len(octets)) // _WORD)) + octets


class AkaPrimeMessage(Layout):
    """The data of a request or response of this type; attributes may come in any order."""

    subtype: Annotated[Subtype, Coded(Subtype)]
    rand: Annotated[bytes | None, Attribute(1, _Reserved(16))] = None
    autn: Annotated[bytes | None, Attribute(2, _Reserved(16))] = None
    res: Annotated[bytes | None, Attribute(3, _Sized(1, 4, 16))] = None
    auts: Annotated[bytes | None, Attribute(4, Octets(14))] = None
    notification: Annotated[int | None, Attribute(12, UInt(2))] = None
    client_error: Annotated[int | None, Attribute(22, UInt(2))] = None
    kdf: Annotated[int | None, Attribute(24, UInt(2))] = None
    """Of several that a network offers, the first."""
    network: Annotated[bytes | None, Attribute(23, _Sized(8, 1, 255))] = None
    """AT_KDF_INPUT: the name of the access network."""
    mac: Annotated[bytes | None, Attribute(_MAC, _Reserved(MAC_OCTETS))] = None

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """Read the data behind the type.

        Raises:
            MalformedError: cut short, an attribute has no meaning or comes twice, or one has to be
                understood and is not known.
        """
        subtype, at = Coded(Subtype).take(octets, 0, "AkaPrimeMessage.subtype")
        rows = {
            row.attribute: (name, row, where)
            for name, row, where in cls.rows()
            if isinstance(row, Attribute)
        }
        values: dict[str, Any] = {}
        for kind, start, end in _attributes(octets, at + 2):
            if kind not in rows:
                _pass_over(kind)
                continue
            name, row, where = rows[kind]
            if name not in values:
                values[name], _ = row.take(octets[start:end], 0, where)
            elif name != "kdf":
                raise MalformedError(where, "comes twice")
        return cls(subtype, **values)  # type: ignore[arg-type]  # Coded gives a Subtype

    @classmethod
    def places(cls, octets: bytes, at: int = 0) -> Iterator[Place]:
        """Yield where the subtype and each attribute stand, its type and length with it."""
        yield "subtype", at, at + 1
        names = {row.attribute: name for name, row, _ in cls.rows() if isinstance(row, Attribute)}
        for kind, start, end in _attributes(octets, at + 3):
            if kind in names:
                yield names[kind], start - 2, end

    def encode(self) -> bytes:
        """Write the data behind the type; UnencodableError if a value does not fit."""
        attributes = (
            row.put(getattr(self, name), where)
            for name, row, where in self.rows()
            if isinstance(row, Attribute)
        )
        return bytes((self.subtype, 0, 0)) + b"".join(attributes)


def seal(
    code: EapCode, identifier: int, message: AkaPrimeMessage, k_aut: bytes | None = None
) -> EapPacket:
    """Return the packet that carries a message, with AT_MAC if there is a key for it."""
    if k_aut is None:
        return EapPacket(code, identifier, _typed(message))
    blank = EapPacket(code, identifier, _typed(replace(message, mac=bytes(MAC_OCTETS))))
    mac = packet_mac(k_aut, blank.encode())
    return EapPacket(code, identifier, _typed(replace(message, mac=mac)))


def is_sealed(packet: EapPacket, k_aut: bytes) -> bool:
    """Whether AT_MAC of a packet is there, and of this key (RFC 5448 clause 3.1)."""
    octets = packet.encode()
    start = len(octets) - len(packet.data)
    for kind, at, end in _attributes(packet.data, 3):
        if kind == _MAC:
            first = start + at + 2
            blank = octets[:first] + bytes(MAC_OCTETS) + octets[start + end :]
            return hmac.compare_digest(packet_mac(k_aut, blank), octets[first : start + end])
    return False


def _typed(message: AkaPrimeMessage) -> bytes:
    return bytes((EapMethod.AKA_PRIME,)) + message.encode()


def _pass_over(kind: int) -> None:
    if kind <= _LAST_NEEDED:
        raise MalformedError("AkaPrimeMessage", f"attribute {kind} has to be understood")


def _attributes(octets: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Walk attributes: type, first octet of the value, octet behind it."""
    if at > len(octets):
        raise TruncatedError("AkaPrimeMessage", needed=at, present=len(octets))
    while at < len(octets):
        kind, start = UInt(1).take(octets, at, "AkaPrimeMessage")
        words, start = UInt(1).take(octets, start, "AkaPrimeMessage")
        end = at + words * _WORD
        if not words or end > len(octets):
            raise TruncatedError("AkaPrimeMessage", needed=end - at, present=len(octets) - at)
        yield kind, start, end
        at = end
