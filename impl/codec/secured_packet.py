"""Secured packets, both ends: TS 102 225 release 17 clause 5, in short messages by TS 31.115.

A receiver goes in this order: `peek_command`; is the TAR known; `Spi1.meets` the minimum security
level; `open_command` (key, ciphering, checksum); `judge_counter`; then it acts, and keeps the
counter. Each refusal has the PorStatus to answer with, where `Spi2.wants_response`.
"""

from __future__ import annotations

import hmac
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from impl.codec.layout import Coded
from impl.codec.security_parameters import (
    LAST_COUNTER,
    CipheringError,
    CommandHeader,
    CounterMode,
    InsufficientSecurityError,
    Integrity,
    IntegrityError,
    PorStatus,
    SecuredPacketError,
    SecurityParameters,
    Spi1,
    Spi2,
    UnidentifiedSecurityError,
    judge_counter,
)
from impl.crypto.ciphers import (
    Algorithm,
    PacketCipher,
    crc16,
    crc32,
    packet_checksum,
    packet_cipher,
)
from impl.errors import (
    MalformedError,
    TrailingError,
    TruncatedError,
    UnencodableError,
    UnusableKeyError,
)
from impl.values import OtaKeys

__all__ = [
    "COMMAND_IDENTIFIER",
    "LAST_COUNTER",
    "RESPONSE_IDENTIFIER",
    "STRICT",
    "Algorithm",
    "CipheringError",
    "CommandHeader",
    "CommandPacket",
    "CounterMode",
    "InsufficientSecurityError",
    "Integrity",
    "IntegrityError",
    "PorStatus",
    "ResponsePacket",
    "SecuredPacketError",
    "SecurityParameters",
    "Spi1",
    "Spi2",
    "Terms",
    "UnidentifiedSecurityError",
    "judge_counter",
    "open_command",
    "open_response",
    "peek_command",
    "peek_data",
    "peek_response_tar",
    "seal_command",
    "seal_response",
]

COMMAND_IDENTIFIER: Final = 0x70
"""Information element of the short message where a command packet begins (TS 31.115 clause 4.2)."""
RESPONSE_IDENTIFIER: Final = 0x71

# Refusals that may come unprotected, from a receiver that trusts no key or signs no refusal.
_SAID_WITHOUT_KEYS: Final = frozenset(
    (
        PorStatus.INTEGRITY_FAILED,
        PorStatus.COUNTER_LOW,
        PorStatus.COUNTER_HIGH,
        PorStatus.COUNTER_BLOCKED,
        PorStatus.CIPHERING_ERROR,
        PorStatus.UNIDENTIFIED_SECURITY,
        PorStatus.TAR_UNKNOWN,
        PorStatus.INSUFFICIENT_SECURITY,
    )
)
_LENGTHS: Final = struct.Struct(">HB")  # CPL and CHL, or RPL and RHL
_LONGEST: Final = 0xFFFF
_PCNTR_AT: Final = 5
_CBC_MAC_SIZE: Final = 8
_CRC16: Final = 0x1  # low half of KID where it names a CRC (clause 5.1.3.2)
_CRC_CODES: Final = (0x0, _CRC16, 0x5)
_ALGORITHMS: Final = {int(algorithm): algorithm for algorithm in Algorithm}
_STATUS: Final = Coded(PorStatus)


@dataclass(frozen=True, slots=True)
class Terms:
    """What both ends agreed on for a keyset and no packet says."""

    cc_size: Literal[8, 4] = 8
    """Octets of the CC with AES; with DES it is always 8."""
    allow_weak: bool = False
    """Whether single DES may be used, as cards of the last century do."""


STRICT: Final = Terms()


class CommandPacket(NamedTuple):
    """A command packet that was opened."""

    parameters: SecurityParameters
    data: bytes


class ResponsePacket(NamedTuple):
    """A response packet (PoR) that was opened."""

    tar: bytes
    counter: int
    """That of the command which it answers."""
    status: PorStatus
    data: bytes
    is_authentic: bool
    """Whether a CC proves it. Where none does, anybody may have sent it."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """What tells commands and responses apart: sizes in octets."""

    clear: int  # SPI to TAR, or TAR
    head: int  # CNTR and PCNTR, with the status
    checked_before: bytes = b""
    """Octets in front of the packet that the checksum covers as well."""


_COMMAND: Final = _Shape(clear=7, head=6)
# TS 31.115 clause 4.3: the checksum of a response covers its user data header.
_RESPONSE: Final = _Shape(3, 7, checked_before=bytes((2, RESPONSE_IDENTIFIER, 0)))


def _no_check(octets: bytes) -> bytes:  # noqa: ARG001 - as every check
    return b""


class _Security(NamedTuple):
    """How one packet is protected; as it stands here, not at all."""

    cipher: PacketCipher | None = None
    check_size: int = 0
    check: Callable[[bytes], bytes] = _no_check
    """From the octets that RC or CC covers to RC or CC."""


def seal_command(
    parameters: SecurityParameters, data: bytes, keys: OtaKeys, terms: Terms = STRICT
) -> bytes:
    """Return a command packet, from CPL on.

    Raises:
        UnencodableError: a parameter does not fit, or the packet is longer than CPL can say.
        SecuredPacketError: the parameters and the keyset do not go together, or are too weak.
    """
    security = _security(parameters, parameters.spi1, keys, terms)
    octets = parameters.encode()
    clear, counter = octets[: _COMMAND.clear], octets[_COMMAND.clear :]
    return _seal(_COMMAND, security, clear, (counter, b""), data)


def peek_command(packet: bytes) -> CommandHeader:
    """Return what a command packet says in the clear, nothing of it proved.

    Raises:
        MalformedError: no command packet: cut short, or with lengths that do not hold.
    """
    _check_lengths(_COMMAND, packet)
    return CommandHeader.take(packet, _LENGTHS.size)[0]


def peek_data(packet: bytes) -> bytes:
    """Return the data of a command packet that is not ciphered, nothing of it proved.

    A receiver needs it to learn whose keys prove the packet.

    Raises:
        MalformedError: as for `peek_command`, or it is ciphered.
    """
    if peek_command(packet).spi1.is_ciphered:
        raise MalformedError("secured packet", "is ciphered")
    return packet[_LENGTHS.size + packet[_LENGTHS.size - 1] :]


def open_command(packet: bytes, keys: OtaKeys, terms: Terms = STRICT) -> CommandPacket:
    """Decipher and check a command packet; its counter is the caller's to judge.

    Raises:
        MalformedError: as for `peek_command`.
        SecuredPacketError: it does not pass with this keyset; the error has the status to answer.
    """
    header = peek_command(packet)
    security = _security(header, header.spi1, keys, terms)
    counter, _, data = _open(_COMMAND, security, packet)
    spi1, spi2, kic, kid, tar = vars(header).values()
    return CommandPacket(SecurityParameters(spi1, spi2, kic, kid, tar, counter), data)


def seal_response(
    command: SecurityParameters,
    status: PorStatus,
    data: bytes,
    keys: OtaKeys | None,
    terms: Terms = STRICT,
) -> bytes:
    """Return the response packet to a command, from RPL on, protected as its SPI asks.

    Without `keys` it is neither checked nor ciphered: a refusal before any key could be trusted.

    Raises:
        UnencodableError, SecuredPacketError: as for `seal_command`.
    """
    security = _Security()
    if keys is not None:
        security = _security(command, command.spi2, keys, terms)
    head = command.encode()[_COMMAND.clear :], bytes((status,))
    return _seal(_RESPONSE, security, command.tar, head, data)


def peek_response_tar(packet: bytes) -> bytes:
    """Return which application a response packet says it is from, nothing of it proved.

    Raises:
        MalformedError: no response packet: cut short, or with lengths that do not hold.
    """
    _check_lengths(_RESPONSE, packet)
    return packet[_LENGTHS.size : _LENGTHS.size + _RESPONSE.clear]


def open_response(
    packet: bytes, command: CommandHeader, keys: OtaKeys, terms: Terms = STRICT
) -> ResponsePacket:
    """Decipher and check the response to `command`; TAR and counter are the caller's to compare.

    A refusal may come unprotected although more was asked: it is read, as not authentic.

    Raises:
        MalformedError: no response packet: cut short, lengths that do not hold, or no known status.
        SecuredPacketError: it does not pass, or is unprotected and claims more than a refusal.
    """
    _check_lengths(_RESPONSE, packet)
    security = _security(command, command.spi2, keys, terms)
    is_bare = _is_bare_response(packet, security)
    counter, octets, data = _open(_RESPONSE, _Security() if is_bare else security, packet)
    status, _ = _STATUS.take(octets, 0, "ResponsePacket.status")
    if is_bare and status not in _SAID_WITHOUT_KEYS:
        raise IntegrityError("an unprotected response claims more than a refusal")
    return ResponsePacket(
        tar=peek_response_tar(packet),
        counter=counter,
        status=PorStatus(status),
        data=data,
        is_authentic=command.spi2.integrity is Integrity.CC and not is_bare,
    )


def _is_bare_response(packet: bytes, security: _Security) -> bool:
    """Whether a response lacks the protection that was asked for."""
    if packet[_LENGTHS.size - 1] != _RESPONSE.clear + _RESPONSE.head:
        return False
    ciphered = len(packet) - _LENGTHS.size - _RESPONSE.clear
    return security.check_size > 0 or (
        security.cipher is not None and ciphered % security.cipher.block_size != 0
    )


def _security(header: CommandHeader, spi: Spi1 | Spi2, keys: OtaKeys, terms: Terms) -> _Security:
    """Gather what the command's half of SPI asks for, or the response's.

    Raises:
        SecuredPacketError: the keyset does not have it, or it is too weak.
    """
    try:
        cipher = None
        if spi.is_ciphered:
            cipher = packet_cipher(_algorithm(header.kic, keys, terms), keys.kic)
        return _Security(cipher, *_check(header, spi.integrity, keys, terms))
    except UnusableKeyError as error:
        raise UnidentifiedSecurityError(str(error)) from None


def _check(
    header: CommandHeader, integrity: Integrity, keys: OtaKeys, terms: Terms
) -> tuple[int, Callable[[bytes], bytes]]:
    """Return size and function of the check."""
    if integrity is Integrity.NONE:
        return 0, _no_check
    if integrity is Integrity.RC:
        return _crc(header)
    if integrity is Integrity.DS:
        raise UnidentifiedSecurityError("the standard names no algorithm of digital signatures")
    algorithm = _algorithm(header.kid, keys, terms)
    is_aes = algorithm in (Algorithm.AES, Algorithm.IMPLICIT)
    size = terms.cc_size if is_aes else _CBC_MAC_SIZE
    return size, packet_checksum(algorithm, keys.kid, size)


def _algorithm(octet: int, keys: OtaKeys, terms: Terms) -> Algorithm:
    """Return what KIc or KID names, for a key of this keyset."""
    if octet >> 4 != keys.version:
        raise UnidentifiedSecurityError(f"key version {octet >> 4} is not that of the keyset")
    algorithm = _ALGORITHMS.get(octet & 0xF)
    if algorithm is None:
        raise UnidentifiedSecurityError(f"algorithm {octet & 0xF:X} is not offered")
    if algorithm is Algorithm.DES and not terms.allow_weak:
        raise InsufficientSecurityError("single DES is not enough")
    return algorithm


def _crc(header: CommandHeader) -> tuple[int, Callable[[bytes], bytes]]:
    """Return size and function of the CRC that KID names (clause 5.1.3.2).

    Where it names a key instead, because only the response has a CRC, that is the CRC 32.
    """
    code = header.kid & 0xF
    if header.spi1.integrity is Integrity.RC and code not in _CRC_CODES:
        raise UnidentifiedSecurityError(f"CRC {code:X} is not defined")
    return (2, crc16) if code == _CRC16 else (4, crc32)


def _seal(
    shape: _Shape, security: _Security, clear: bytes, head: tuple[bytes, bytes], data: bytes
) -> bytes:
    """Write a packet; `head` is what stands before PCNTR and what stands behind it."""
    cipher = security.cipher
    block_size = cipher.block_size if cipher else 1
    padding = -(shape.head + security.check_size + len(data)) % block_size
    header_size = shape.clear + shape.head + security.check_size
    padded = data + bytes(padding)
    size = 1 + header_size + len(padded)
    if size > _LONGEST:
        raise UnencodableError("secured packet", f"{size} octets exceed {_LONGEST}")
    start = _LENGTHS.pack(size, header_size) + clear
    before, behind = head
    whole_head = before + bytes((padding,)) + behind
    check = security.check(shape.checked_before + start + whole_head + padded)
    body = whole_head + check + padded
    return start + (cipher.encipher(body) if cipher else body)


def _check_lengths(shape: _Shape, packet: bytes) -> None:
    if len(packet) < _LENGTHS.size:
        raise TruncatedError("secured packet", needed=_LENGTHS.size, present=len(packet))
    size, header_size = _LENGTHS.unpack_from(packet)
    present = len(packet) - 2
    if present < size:
        raise TruncatedError("secured packet", needed=size, present=present)
    if present > size:
        raise TrailingError("secured packet", surplus=present - size)
    if not shape.clear + shape.head <= header_size < size:
        raise MalformedError("secured packet", f"header length {header_size} does not hold")


def _open(shape: _Shape, security: _Security, packet: bytes) -> tuple[int, bytes, bytes]:
    """Return CNTR, what stands behind PCNTR, and the data; the lengths were checked."""
    check_end = shape.head + security.check_size
    if packet[_LENGTHS.size - 1] != shape.clear + check_end:
        raise IntegrityError("the checksum is not of the length that was agreed on")
    body_at = _LENGTHS.size + shape.clear
    start, body = packet[:body_at], packet[body_at:]
    if security.cipher:
        body = _decipher(security.cipher, body)
    head, check, padded = body[: shape.head], body[shape.head : check_end], body[check_end:]
    expected = security.check(shape.checked_before + start + head + padded)
    if not hmac.compare_digest(check, expected):
        raise IntegrityError("the checksum does not verify")
    padding = head[_PCNTR_AT]
    if padding > len(padded) or padding >= (security.cipher.block_size if security.cipher else 1):
        raise CipheringError(f"{padding} octets of padding do not hold")
    counter = int.from_bytes(head[:_PCNTR_AT], "big")
    return counter, head[_PCNTR_AT + 1 :], padded[: len(padded) - padding]


def _decipher(cipher: PacketCipher, octets: bytes) -> bytes:
    if len(octets) % cipher.block_size:
        raise CipheringError("the ciphered octets are no whole blocks")
    return cipher.decipher(octets)
