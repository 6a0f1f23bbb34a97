"""Tests of captures: what of a journal is written, in which form, and what never is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import pytest

from impl.codec.apdu import CommandApdu, Ins, ResponseApdu
from impl.codec.authenticate import (
    AuthenticationContext,
    AuthenticationSuccess,
    GsmAlgorithmResult,
    GsmAuthentication,
    SynchronisationFailure,
    encode_outcome,
)
from impl.codec.gsup import AuthTuple, Gsup, GsupType, decode_gsup
from impl.codec.mobility import TmsiReallocationComplete
from impl.codec.relay import RpAck, RpError, RpSmma
from impl.codec.smpp import BindTransceiver, SubmitSm, decode_smpp
from impl.codec.terminal_response import TerminalResponse
from impl.codec.toolkit_values import CommandType, GeneralResult
from impl.events import Interface
from impl.runtime.deployment import NETWORKS
from impl.runtime.journal import Entry
from impl.runtime.packets import Ipv4Header, Protocol, TcpHeader, UdpHeader
from impl.runtime.pcap import GsmtapHeader, capture
from impl.runtime.simulation import EPOCH_S
from impl.runtime.world import World
from impl.values import IMSI, Secret

CK, IK, KC = (Secret(bytes([octet]) * size) for octet, size in ((0xC1, 16), (0xA1, 16), (0xCC, 8)))
RES, RAND, AUTN = b"\xee" * 8, b"\x12" * 16, b"\x34" * 16
SIM, ABIS = 4, 2


class Packet(NamedTuple):
    time_s: float
    protocol: Protocol
    port: int
    payload: bytes
    commented: bool


def packets(file: bytes) -> list[Packet]:
    """Read the packets of a file, by the lengths that it says."""
    found, at = [], 0
    while at < len(file):
        kind, length = (int.from_bytes(file[at + i : at + i + 4], "big") for i in (0, 4))
        if kind == 6:
            micros = int.from_bytes(file[at + 12 : at + 20], "big")
            size = int.from_bytes(file[at + 20 : at + 24], "big")
            packet = file[at + 28 : at + 28 + size]
            ip, start = Ipv4Header.take(packet, 0)
            form = UdpHeader if ip.protocol == Protocol.UDP else TcpHeader
            header, end = form.take(packet, start)
            padded = size + -size % 4
            found.append(
                Packet(
                    micros / 1e6,
                    Protocol(ip.protocol),
                    min(header.source, header.destination),
                    packet[end:],
                    commented=length > 32 + padded,
                )
            )
        at += length
    return found


def exchange(command: CommandApdu, answer: ResponseApdu, time_s: float = 0.0) -> Entry:
    return Entry(time_s, "device 1", "card 1", command.encode(), answer.encode(), None)


def message(interface: Interface, octets: bytes, sender: str, receiver: str) -> Entry:
    return Entry(0.0, sender, receiver, octets, octets, interface)


def taps(*entries: Entry) -> list[tuple[GsmtapHeader, bytes]]:
    found = []
    for packet in packets(capture(entries)):
        assert (packet.protocol, packet.port) == (Protocol.UDP, 4729)
        header, end = GsmtapHeader.take(packet.payload, 0)
        found.append((header, packet.payload[end:]))
    return found


def tpdus(*entries: Entry) -> list[str]:
    return [payload.hex() for _, payload in taps(*entries)]


def streamed(*entries: Entry) -> list[bytes]:
    return [packet.payload for packet in packets(capture(entries)) if packet.payload]


# The card


@pytest.mark.parametrize(
    ("command", "answer", "expected"),
    [
        (CommandApdu(0, 0x44, 0, 0), ResponseApdu(b"", 0x9000), ["00440000009000"]),
        (CommandApdu(0, 0xB0, 0, 0, le=2), ResponseApdu(b"ab", 0x9000), ["00b000000261629000"]),
        (CommandApdu(0, 0xD6, 0, 0, b"ab"), ResponseApdu(b"", 0x9000), ["00d600000261629000"]),
        (
            CommandApdu(0, 0xA4, 0, 4, b"\x3f\0", 256),
            ResponseApdu(b"fcp", 0x9000),
            ["00a40004023f006103", "00c00000036663709000"],
        ),
        (
            CommandApdu(0x81, 0xC2, 0, 0, b"ab", 256),
            ResponseApdu(b"c", 0x910B),
            ["81c2000002" + "6162" + "6101", "01c00000" + "01" + "63" + "910b"],
        ),
        (
            CommandApdu(0xA0, 0xC2, 0, 0, b"\0", 12),
            ResponseApdu(b"r", 0x9000),
            ["a0c2000001" + "00" + "9f01", "a0c00000" + "01" + "72" + "9000"],
        ),
        (
            CommandApdu(0, 0xB2, 1, 4, le=256),
            ResponseApdu(b"rec", 0x9000),
            ["00b20104006c03", "00b20104037265639000"],
        ),
        (CommandApdu(0, 0xB2, 1, 4, le=256), ResponseApdu(b"", 0x6C28), ["00b20104006c28"]),
    ],
    ids=["case 1", "case 2", "case 3", "case 4", "91xx", "class A0", "other length", "6Cxx"],
)
def test_an_exchange_is_written_as_t0_has_it(
    command: CommandApdu, answer: ResponseApdu, expected: list[str]
) -> None:
    assert tpdus(exchange(command, answer)) == expected


def test_an_exchange_is_gsmtap_of_a_sim() -> None:
    ((header, _),) = taps(exchange(CommandApdu(0, 0x44, 0, 0), ResponseApdu(b"", 0x9000)))
    assert (header.version, header.length, header.payload_type) == (2, 4, SIM)


def test_an_exchange_that_lost_power_or_has_no_form_in_t0_is_left_out() -> None:
    mute = Entry(0.0, "device 1", "card 1", bytes.fromhex("00440000"), b"", None)
    extended = exchange(CommandApdu(0, 0xD6, 0, 0, bytes(300)), ResponseApdu(b"", 0x9000))
    assert packets(capture([mute, extended])) == []


@pytest.mark.parametrize("ins", [0x20, 0x24, 0x26, 0x28, 0x2C])
def test_a_pin_is_written_as_zeros(ins: int) -> None:
    command = CommandApdu(0, ins, 0, 1, b"1234\xff\xff\xff\xff")
    (written,) = tpdus(exchange(command, ResponseApdu(b"", 0x9000)))
    assert written == f"00{ins:02x}000108" + "00" * 8 + "9000"


def test_what_a_user_typed_is_written_as_zeros() -> None:
    response = TerminalResponse(1, CommandType.GET_INPUT, 0, GeneralResult(0), text="4711")
    command = CommandApdu(0x80, Ins.TERMINAL_RESPONSE, 0, 0, response.encode())
    (written,) = tpdus(exchange(command, ResponseApdu(b"", 0x9000)))
    assert written == command.encode().replace(b"4711", bytes(4)).hex() + "9000"


def test_other_data_is_written_as_it_is() -> None:
    command = CommandApdu(0, Ins.UPDATE_BINARY, 0, 1, b"1234")
    (written,) = tpdus(exchange(command, ResponseApdu(b"", 0x9000)))
    assert b"1234".hex() in written


UMTS = CommandApdu(0, Ins.AUTHENTICATE, 0, AuthenticationContext.UMTS, b"\x10" + RAND, 256)


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (UMTS, encode_outcome(AuthenticationSuccess(RES, CK, IK, KC))),
        (UMTS._replace(p2=AuthenticationContext.GSM), GsmAuthentication(RES[:4], KC).encode()),
        (UMTS._replace(cla=0xA0, p2=0), GsmAlgorithmResult(RES[:4], KC).encode()),
    ],
    ids=["UMTS", "GSM", "class A0"],
)
def test_the_keys_that_a_card_answers_are_zeros_however_they_are_fetched(
    command: CommandApdu, answer: bytes
) -> None:
    expected = answer
    for key in (CK, IK, KC):
        expected = expected.replace(key.reveal(), bytes(len(key)))
    size = len(answer)
    at_once = tpdus(exchange(command, ResponseApdu(answer, 0x9000)))
    fetched = tpdus(
        exchange(command, ResponseApdu(b"", 0x6100 | size)),
        exchange(
            CommandApdu(command.cla, Ins.GET_RESPONSE, 0, 0, le=size), ResponseApdu(answer, 0x9000)
        ),
    )
    assert at_once[1] == fetched[1]
    assert at_once[1][10:] == expected.hex() + "9000"


def test_a_part_of_an_answer_with_keys_is_zeros() -> None:
    part = encode_outcome(AuthenticationSuccess(RES, CK, IK, KC))[:20]
    written = tpdus(
        exchange(UMTS, ResponseApdu(b"", 0x6114)),
        exchange(CommandApdu(0, Ins.GET_RESPONSE, 0, 0, le=20), ResponseApdu(part, 0x6121)),
    )
    assert written[1] == "00c0000014" + "00" * 20 + "6121"


def test_auts_is_no_secret() -> None:
    answer = encode_outcome(SynchronisationFailure(b"\x77" * 14))
    written = tpdus(exchange(UMTS, ResponseApdu(answer, 0x9000)))
    assert "77" * 14 in written[1]


# Radio


def test_mobility_management_is_bare_layer_3_with_its_direction() -> None:
    octets = TmsiReallocationComplete().encode()
    up, down = taps(
        message(Interface.MM, octets, "device 1", "VLR 20801"),
        message(Interface.MM, octets, "VLR 20801", "device 1"),
    )
    assert (up[0].payload_type, up[0].channel, up[1]) == (ABIS, 0x4000, octets)
    assert (down[0].payload_type, down[0].channel, down[1]) == (ABIS, 0, octets)


@pytest.mark.parametrize(
    ("relay", "header"),
    [
        (RpSmma(reference=9), "290102"),
        (RpAck(reference=9), "a90102"),
        (RpError(reference=7, cause=41), "890104"),
    ],
    ids=["who asks", "who acknowledges", "who refuses"],
)
def test_a_relay_message_gets_the_cp_header_that_the_links_leave_out(
    relay: RpSmma | RpAck | RpError, header: str
) -> None:
    octets = relay.encode()
    ((_, payload),) = taps(message(Interface.SM, octets, "device 1", "VLR 20801"))
    assert payload == bytes.fromhex(header) + octets


def test_keys_that_a_device_keeps_in_its_card_are_zeros() -> None:
    command = bytes.fromhex("00d6880021") + b"\x05" + CK.reveal() + IK.reveal()
    entry = Entry(0.0, "device 1", "card 1", command, bytes.fromhex("9000"), None)
    ((_, payload),) = taps(entry)
    assert payload == bytes.fromhex("00d6880021") + bytes(33) + bytes.fromhex("9000")


# Streams


def test_gsup_goes_in_ipa_frames_to_the_register() -> None:
    octets = Gsup(GsupType.SEND_AUTH_INFO_REQUEST, imsi=IMSI("208010000000001")).encode()
    (payload,) = streamed(message(Interface.GSUP, octets, "VLR 20801", "HLR 20801"))
    assert payload == (len(octets) + 1).to_bytes(2, "big") + b"\xee\x05" + octets
    for sender, receiver in (("HLR 20801", "SMSC 20801"), ("SMSC 20801", "HLR 20801")):
        file = capture([message(Interface.GSUP, octets, sender, receiver)])
        assert {packet.port for packet in packets(file)} == {4222}


def test_what_makes_a_session_key_or_is_one_is_zeros_in_gsup() -> None:
    vector = AuthTuple(
        rand=RAND, autn=AUTN, ck=CK, ik=IK, kc=KC, sres=Secret(RES[:4]), res=Secret(RES)
    )
    sent = Gsup(GsupType.SEND_AUTH_INFO_RESULT, IMSI("208010000000001"), auth_tuples=(vector,))
    (payload,) = streamed(message(Interface.GSUP, sent.encode(), "HLR 20801", "VLR 20801"))
    written = decode_gsup(payload[4:])
    blank = {
        name: Secret(bytes(size))
        for name, size in (("ck", 16), ("ik", 16), ("kc", 8), ("sres", 4), ("res", 8))
    }
    assert written == replace(sent, auth_tuples=(replace(vector, **blank),))


def test_gsup_without_a_secret_is_written_as_it_came_in_whatever_order() -> None:
    octets = bytes.fromhex("08 280102 010802080100000000f1")  # the domain goes before the IMSI
    assert decode_gsup(octets).encode() != octets
    (payload,) = streamed(message(Interface.GSUP, octets, "VLR 20801", "HLR 20801"))
    assert payload[4:] == octets


def test_a_password_is_asterisks_in_smpp() -> None:
    bind = BindTransceiver(sequence_number=1, system_id="reperso", password=Secret(b"reperso!"))
    (payload,) = streamed(
        message(Interface.SMPP, bind.encode(), "application-server", "SMSC 20801")
    )
    assert decode_smpp(payload) == replace(bind, password=Secret(b"********"))


def test_smpp_without_a_secret_is_written_as_it_is() -> None:
    octets = SubmitSm(sequence_number=2, destination_addr="33", short_message=b"hello").encode()
    entry = message(Interface.SMPP, octets, "application-server", "SMSC 20801")
    assert streamed(entry) == [octets]
    assert {packet.port for packet in packets(capture([entry]))} == {2775}


# The whole


def test_what_was_said_inside_tls_is_left_out() -> None:
    entries = [
        message(interface, b'{"kind": "x"}', "HLR 20801", "application-server")
        for interface in (Interface.OPERATOR, Interface.CENTRE)
    ]
    assert packets(capture(entries)) == []


@pytest.mark.parametrize("interface", [Interface.SMPP, Interface.GSUP, Interface.SM])
def test_what_cannot_be_read_is_left_out(interface: Interface) -> None:
    assert packets(capture([message(interface, b"\xff", "HLR 20801", "VLR 20801")])) == []


def test_a_message_that_was_lost_is_there_with_a_comment() -> None:
    octets = TmsiReallocationComplete().encode()
    entry = message(Interface.MM, octets, "device 1", "VLR 20801")
    kept, lost = packets(capture([entry, replace(entry, delivered=False)]))
    assert (kept.commented, lost.commented) == (False, True)
    assert kept.payload == lost.payload


def test_time_is_virtual() -> None:
    entry = exchange(CommandApdu(0, 0x44, 0, 0), ResponseApdu(b"", 0x9000), time_s=1.5)
    (packet,) = packets(capture([entry]))
    assert packet.time_s == EPOCH_S + 1.5


@pytest.fixture(scope="module")
def changed() -> Iterator[World]:
    """A world in which a card became a card of the second network."""
    world = World(7)
    for plan in NETWORKS:
        world.agree(plan.plmn)
    handset = world.subscribe(NETWORKS[0].plmn)
    world.settle()
    world.choose(handset, NETWORKS[1].name)
    world.settle()
    assert handset.terminal.serving_network == NETWORKS[1].plmn
    yield world
    world.close()


def test_a_whole_change_is_captured_without_any_secret(changed: World) -> None:
    journal = changed.journal
    vectors = [
        vector
        for entry in journal.entries
        if entry.interface is Interface.GSUP
        for vector in decode_gsup(entry.message).auth_tuples
    ]
    session_keys = [key for one in vectors for key in (one.ck, one.ik, one.kc) if key]
    pdus = [
        decode_smpp(entry.message) for entry in journal.entries if entry.interface is Interface.SMPP
    ]
    passwords = [pdu.password for pdu in pdus if isinstance(pdu, BindTransceiver)]
    lasting = [*journal._secrets, *journal._provided_keys()]
    assert (len(vectors), len(session_keys), len(passwords)) == (2, 6, 3)
    assert len(lasting) == 7  # admin code, KIc, KID and two pairs of K and OPc
    file = capture(journal.entries)
    everything = b"".join(entry.octets + entry.message for entry in journal.entries)
    for secret in (*session_keys, *passwords, *lasting):
        octets = secret.reveal()
        assert octets not in file
        assert octets.hex().encode() not in file
    for secret in (*session_keys, *passwords):
        assert secret.reveal() in everything


def test_a_whole_change_is_captured_whole(changed: World) -> None:
    entries = changed.journal.entries
    written = packets(capture(entries))
    streams = {Interface.SMPP: 2775, Interface.GSUP: 4222}
    for interface, port in streams.items():
        sent = sum(entry.interface is interface for entry in entries)
        assert sent == sum(packet.port == port and bool(packet.payload) for packet in written)
    taps_written = sum(packet.port == 4729 for packet in written)
    tapped = sum(entry.interface in {None, Interface.MM, Interface.SM} for entry in entries)
    assert taps_written > tapped > 0  # GET RESPONSE comes in addition


def test_the_same_journal_gives_the_same_octets(changed: World) -> None:
    assert capture(changed.journal.entries) == capture(list(changed.journal.entries))
