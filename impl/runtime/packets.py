"""Packets of IPv4, UDP and TCP, and the pcapng file that holds them for Wireshark.

Internet protocols: RFC 791, 768 and 9293. File: draft-ietf-opsawg-pcapng, big-endian, with one
interface that delivers bare IP packets.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import IntEnum, IntFlag
from typing import Annotated

from impl.codec.layout import U8, U16, U32, Coded, Layout, Octets

LONGEST_SEGMENT = 1460
"""Octets that one TCP segment carries."""
EPHEMERAL_PORT = 49152
"""Port of whoever opens a connection or sends a datagram (RFC 6335 clause 6)."""


class Protocol(IntEnum):
    """What an IPv4 packet carries."""

    TCP = 6
    UDP = 17
    GRE = 47


class Ipv4Header(Layout):
    """RFC 791 clause 3.1, without options; nothing is ever fragmented."""

    version_and_length: U8 = 0x45  # in words of 4 octets
    service: U8 = 0
    total_length: U16 = 0
    identification: U16 = 0
    flags_and_offset: U16 = 0x4000
    time_to_live: U8 = 64
    protocol: Annotated[Protocol, Coded(Protocol)] = Protocol.TCP
    checksum: U16 = 0
    source: Annotated[bytes, Octets(4)] = bytes(4)
    destination: Annotated[bytes, Octets(4)] = bytes(4)


class UdpHeader(Layout):
    """RFC 768; a checksum of 0 says that none was made."""

    source: U16
    destination: U16
    length: U16
    checksum: U16 = 0


class GreHeader(Layout):
    """RFC 2784 clause 2.1, without checksum; RFC 2637 clause 4.1 has the number of PPP."""

    flags_and_version: U16 = 0
    protocol: U16 = 0x880B


class TcpFlag(IntFlag):
    """Control bits that are used."""

    SYN = 0x02
    PSH = 0x08
    ACK = 0x10


class TcpHeader(Layout):
    """RFC 9293 clause 3.1, without options."""

    source: U16
    destination: U16
    sequence: U32
    acknowledgement: U32
    data_offset: U8 = 0x50  # in words of 4 octets, in the upper half
    flags: Annotated[TcpFlag, Coded(TcpFlag)] = TcpFlag.ACK
    window: U16 = 0xFFFF
    checksum: U16 = 0
    urgent: U16 = 0


class _PseudoHeader(Layout):
    """What the checksum of TCP covers of the IP header (RFC 9293 clause 3.1)."""

    source: Annotated[bytes, Octets(4)]
    destination: Annotated[bytes, Octets(4)]
    protocol: U16  # behind an octet of zero
    length: U16


def datagram(source: bytes, destination: bytes, port: int, payload: bytes) -> bytes:
    """Return the packet that carries `payload` to a UDP port; addresses are 4 octets.

    Raises:
        UnencodableError: the packet would be longer than 65535 octets.
    """
    header = UdpHeader(EPHEMERAL_PORT, port, 8 + len(payload)).encode()
    return _packet(Protocol.UDP, source, destination, header + payload)


def tunnelled(source: bytes, destination: bytes, frame: bytes) -> bytes:
    """Return the packet that carries a frame of PPP in GRE; addresses are 4 octets.

    Raises:
        UnencodableError: the packet would be longer than 65535 octets.
    """
    return _packet(Protocol.GRE, source, destination, GreHeader().encode() + frame)


class Connection:
    """One TCP connection, as somebody sees it who listens in the middle; nothing is repeated."""

    def __init__(self, client: bytes, server: bytes, port: int) -> None:
        """The client, at its 4 octets of address, will open it to `port` of the server."""
        self._ports = {client: EPHEMERAL_PORT, server: port}
        self._next = dict.fromkeys((client, server), 0)
        self._opening: tuple[tuple[bytes, bytes, TcpFlag], ...] = (
            (client, server, TcpFlag.SYN),
            (server, client, TcpFlag.SYN | TcpFlag.ACK),
            (client, server, TcpFlag.ACK),
        )

    def send(self, source: bytes, destination: bytes, payload: bytes) -> Iterator[bytes]:
        """Yield the packets that carry `payload`, those of the opening before the first."""
        opening, self._opening = self._opening, ()
        for sender, receiver, flags in opening:
            yield self._segment(sender, receiver, flags)
        for at in range(0, len(payload), LONGEST_SEGMENT):
            part = payload[at : at + LONGEST_SEGMENT]
            yield self._segment(source, destination, TcpFlag.PSH | TcpFlag.ACK, part)

    def _segment(
        self, source: bytes, destination: bytes, flags: TcpFlag, payload: bytes = b""
    ) -> bytes:
        header = TcpHeader(
            self._ports[source],
            self._ports[destination],
            self._next[source],
            self._next[destination] if flags & TcpFlag.ACK else 0,
            flags=flags,
        )
        covered = _PseudoHeader(source, destination, Protocol.TCP, 20 + len(payload)).encode()
        checksum = _checksum(covered + header.encode() + payload)
        segment = replace(header, checksum=checksum).encode() + payload
        self._next[source] += len(payload) + bool(flags & TcpFlag.SYN)
        return _packet(Protocol.TCP, source, destination, segment)


def _packet(protocol: Protocol, source: bytes, destination: bytes, payload: bytes) -> bytes:
    header = Ipv4Header(
        total_length=20 + len(payload), protocol=protocol, source=source, destination=destination
    )
    return replace(header, checksum=_checksum(header.encode())).encode() + payload


def _checksum(octets: bytes) -> int:
    """Return the complement of the sum of all words of 16 bits, carries added (RFC 1071)."""
    words = len(octets) // 2 + len(octets) % 2
    total = int.from_bytes(octets.ljust(2 * words, b"\0"), "big") % 0xFFFF
    return 0xFFFF - total


# The file


class _BlockType(IntEnum):
    SECTION_HEADER = 0x0A0D0D0A
    INTERFACE_DESCRIPTION = 1
    NAME_RESOLUTION = 4
    ENHANCED_PACKET = 6


class _SectionHeader(Layout):
    byte_order: U32 = 0x1A2B3C4D
    major: U16 = 1
    minor: U16 = 0
    section_length: Annotated[bytes, Octets(8)] = b"\xff" * 8  # not said


class _InterfaceDescription(Layout):
    link_type: U16 = 101  # LINKTYPE_RAW: packets begin with their IP header
    reserved: U16 = 0
    snap_length: U32 = 0  # packets are whole


class _PacketHead(Layout):
    """Of an enhanced packet block; the time is in microseconds since the epoch."""

    interface: U32
    time_high: U32
    time_low: U32
    captured_length: U32
    original_length: U32


COMMENT_OPTION, IPV4_RECORD, END = 1, 1, bytes(4)


@dataclass(slots=True)
class PacketFile:
    """A pcapng file in the making; what went in, in that order, is what comes out."""

    _addresses: dict[str, bytes] = field(default_factory=dict)
    _packets: list[bytes] = field(default_factory=list)

    def address_of(self, name: str) -> bytes:
        """Return the address in 127.0.0.0/8 that stands for a party, 4 octets.

        It follows from the name alone, unless another party of this file has that address already.
        Wireshark shows the name (name resolution of network addresses).
        """
        if name not in self._addresses:
            number = zlib.crc32(name.encode()) % 0xFFFFFE
            while (
                address := b"\x7f" + (number + 1).to_bytes(3, "big")
            ) in self._addresses.values():
                number = (number + 1) % 0xFFFFFE
            self._addresses[name] = address
        return self._addresses[name]

    def add(self, time_s: float, packet: bytes, comment: str = "") -> None:
        """Put in an IPv4 packet, seen `time_s` seconds after the epoch."""
        high, low = divmod(round(time_s * 1_000_000), 1 << 32)
        size = len(packet)
        options = _record(COMMENT_OPTION, comment.encode()) + END if comment else b""
        head = _PacketHead(0, high, low, size, size).encode()
        self._packets.append(_block(_BlockType.ENHANCED_PACKET, head + _padded(packet) + options))

    def encode(self) -> bytes:
        """Write the whole file."""
        names = b"".join(
            _record(IPV4_RECORD, address + name.encode() + b"\0")
            for name, address in self._addresses.items()
        )
        return b"".join(
            (
                _block(_BlockType.SECTION_HEADER, _SectionHeader().encode()),
                _block(_BlockType.INTERFACE_DESCRIPTION, _InterfaceDescription().encode()),
                _block(_BlockType.NAME_RESOLUTION, names + END),
                *self._packets,
            )
        )


def _block(kind: _BlockType, body: bytes) -> bytes:
    length = (12 + len(body)).to_bytes(4, "big")
    return kind.to_bytes(4, "big") + length + body + length


def _record(kind: int, value: bytes) -> bytes:
    """Return an option or a name: type and length of 2 octets each, value, padding."""
    return kind.to_bytes(2, "big") + len(value).to_bytes(2, "big") + _padded(value)


def _padded(octets: bytes) -> bytes:
    return octets + bytes(-len(octets) % 4)
