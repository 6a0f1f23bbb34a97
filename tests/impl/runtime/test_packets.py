"""Tests of packets and of the file that holds them."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.layout import U16, U32, Layout
from impl.errors import UnencodableError
from impl.runtime.packets import (
    LONGEST_SEGMENT,
    Connection,
    Ipv4Header,
    PacketFile,
    Protocol,
    TcpFlag,
    TcpHeader,
    UdpHeader,
    datagram,
    tunnelled,
)

CLIENT, SERVER = bytes((127, 0, 0, 1)), bytes((127, 0, 0, 2))
payloads = st.binary(min_size=1, max_size=64)


def word_sum(octets: bytes) -> int:
    """Add words of 16 bits one by one, each carry at once: slow, and plainly RFC 1071."""
    total = 0
    for at in range(0, len(octets), 2):
        total += int.from_bytes(octets[at : at + 2].ljust(2, b"\0"), "big")
        total = (total & 0xFFFF) + (total >> 16)
    return total


def opened(packet: bytes) -> tuple[Ipv4Header, bytes]:
    header, end = Ipv4Header.take(packet, 0)
    assert header.total_length == len(packet)
    return header, packet[end:]


def segments(packets: list[bytes]) -> list[tuple[TcpHeader, bytes]]:
    found = []
    for packet in packets:
        header, end = TcpHeader.take(packet, 20)
        found.append((header, packet[end:]))
    return found


@given(payloads)
def test_a_datagram_carries_its_payload_to_the_port(payload: bytes) -> None:
    ip, rest = opened(datagram(CLIENT, SERVER, 4729, payload))
    assert (ip.protocol, ip.source, ip.destination) == (Protocol.UDP, CLIENT, SERVER)
    udp, end = UdpHeader.take(rest, 0)
    assert (udp.destination, udp.length) == (4729, len(rest))
    assert rest[end:] == payload


def test_a_datagram_that_no_packet_can_hold_is_refused() -> None:
    assert len(datagram(CLIENT, SERVER, 4729, bytes(65535 - 28))) == 65535
    with pytest.raises(UnencodableError):
        datagram(CLIENT, SERVER, 4729, bytes(65535 - 27))


@given(payloads)
def test_a_frame_of_ppp_goes_in_a_tunnel(payload: bytes) -> None:
    ip, rest = opened(tunnelled(CLIENT, SERVER, payload))
    assert (ip.protocol, ip.source, ip.destination) == (47, CLIENT, SERVER)
    assert rest == bytes.fromhex("0000880b") + payload


def test_the_ip_header_checksum_is_that_of_a_known_header() -> None:
    # The example that encyclopaedias and textbooks work out.
    source, destination = bytes((192, 168, 0, 1)), bytes((192, 168, 0, 199))
    packet = datagram(source, destination, 53, bytes(0x73 - 28))
    assert packet[:20].hex() == "45000073000040004011b861c0a80001c0a800c7"


@given(st.lists(st.tuples(st.booleans(), payloads), min_size=1, max_size=6))
def test_every_checksum_of_a_connection_holds(messages: list[tuple[bool, bytes]]) -> None:
    connection = Connection(CLIENT, SERVER, 2775)
    for from_client, payload in messages:
        ends = (CLIENT, SERVER) if from_client else (SERVER, CLIENT)
        for packet in connection.send(*ends, payload):
            ip, segment = opened(packet)
            assert word_sum(packet[:20]) == 0xFFFF
            pseudo = ip.source + ip.destination + bytes((0, Protocol.TCP))
            assert word_sum(pseudo + len(segment).to_bytes(2, "big") + segment) == 0xFFFF


def test_a_connection_is_opened_before_its_first_message_and_only_then() -> None:
    connection = Connection(CLIENT, SERVER, 2775)
    first = segments(list(connection.send(SERVER, CLIENT, b"hello")))
    second = segments(list(connection.send(CLIENT, SERVER, b"you")))
    push = TcpFlag.PSH | TcpFlag.ACK
    assert [header.flags for header, _ in first] == [
        TcpFlag.SYN,
        TcpFlag.SYN | TcpFlag.ACK,
        TcpFlag.ACK,
        push,
    ]
    assert [header.flags for header, _ in second] == [push]
    assert [header.destination for header, _ in first] == [2775, 49152, 2775, 49152]


def test_sequence_numbers_count_what_was_sent() -> None:
    connection = Connection(CLIENT, SERVER, 2775)
    list(connection.send(CLIENT, SERVER, b"12345"))
    list(connection.send(CLIENT, SERVER, b"678"))
    ((header, _),) = segments(list(connection.send(SERVER, CLIENT, b"9")))
    assert (header.sequence, header.acknowledgement) == (1, 9)
    ((header, _),) = segments(list(connection.send(CLIENT, SERVER, b"0")))
    assert (header.sequence, header.acknowledgement) == (9, 2)


def test_a_long_message_goes_in_segments() -> None:
    message = bytes(range(256)) * 12
    connection = Connection(CLIENT, SERVER, 2775)
    sent = [data for _, data in segments(list(connection.send(CLIENT, SERVER, message))) if data]
    assert b"".join(sent) == message
    assert max(map(len, sent)) == LONGEST_SEGMENT


# The file


class Head(Layout):
    kind: U32
    length: U32


class Field(Layout):
    kind: U16
    length: U16


def blocks(octets: bytes) -> list[tuple[int, bytes]]:
    found, at = [], 0
    while at < len(octets):
        head, start = Head.take(octets, at)
        at += head.length
        assert octets[at - 4 : at] == head.length.to_bytes(4, "big")
        assert head.length % 4 == 0
        found.append((head.kind, octets[start : at - 4]))
    return found


def records(octets: bytes) -> dict[int, bytes]:
    found, at = {}, 0
    while at < len(octets):
        head, start = Field.take(octets, at)
        at = start + head.length + -head.length % 4
        found[head.kind] = octets[start : start + head.length]
    return found


def test_a_file_begins_with_its_section_its_interface_and_the_names() -> None:
    file = PacketFile()
    address = file.address_of("VLR 20801")
    (section, head), (interface, described), (names, resolved) = blocks(file.encode())
    assert (section, interface, names) == (0x0A0D0D0A, 1, 4)
    assert head.hex() == "1a2b3c4d00010000" + "ff" * 8
    assert described.hex() == "00650000" + "00" * 4  # LINKTYPE_RAW
    assert records(resolved) == {1: address + b"VLR 20801\0", 0: b""}


@given(st.floats(0, 2**33), payloads)
def test_a_packet_stands_in_the_file_with_its_time(time_s: float, packet: bytes) -> None:
    file = PacketFile()
    file.add(time_s, packet)
    kind, body = blocks(file.encode())[-1]
    assert kind == 6
    assert int.from_bytes(body[4:12], "big") == round(time_s * 1_000_000)
    assert body[12:20] == len(packet).to_bytes(4, "big") * 2
    assert body[20:] == packet + bytes(-len(packet) % 4)


def test_a_comment_is_an_option_of_its_packet_alone() -> None:
    file = PacketFile()
    file.add(0.0, b"abc", "lost")
    file.add(1.0, b"def")
    (_, commented), (_, bare) = blocks(file.encode())[-2:]
    assert records(commented[24:]) == {1: b"lost", 0: b""}
    assert bare[20:] == b"def\0"


def test_a_party_has_one_address_in_every_file() -> None:
    file = PacketFile()
    address = file.address_of("SMSC 20801")
    assert address[0] == 127
    assert file.address_of("SMSC 20801") == address == PacketFile().address_of("SMSC 20801")
    assert file.address_of("SMSC 26202") != address


def test_two_parties_never_share_an_address() -> None:
    seen: dict[int, str] = {}
    names = (f"device {number}" for number in range(100_000))
    one, other = next(
        (seen[place], name)
        for name in names
        if (place := zlib.crc32(name.encode()) % 0xFFFFFE) in seen or seen.update({place: name})
    )
    file = PacketFile()
    assert PacketFile().address_of(one) == PacketFile().address_of(other)
    assert file.address_of(one) != file.address_of(other)
