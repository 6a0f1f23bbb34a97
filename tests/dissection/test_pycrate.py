"""Everything that a change there and back says by radio, as pycrate reads it and as we do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from pycrate_mobile.TS24008_MM import MMTypeClasses
from pycrate_mobile.TS24011_PPSMS import PPSMSRPTypeClasses
from pycrate_mobile.TS31115 import PacketCmdSMSPP, PacketRespSMSPP

from impl.codec.address import Address
from impl.codec.digits import encode_plmn
from impl.codec.mobility import (
    TMSI,
    AuthenticationRequest,
    AuthenticationResponse,
    LocationUpdatingAccept,
    LocationUpdatingRequest,
    decode_mm,
)
from impl.codec.relay import RpData, decode_rp
from impl.codec.secured_packet import (
    COMMAND_IDENTIFIER,
    RESPONSE_IDENTIFIER,
    peek_command,
    peek_data,
)
from impl.codec.short_message import Deliver, Submit, decode_downlink, decode_uplink
from impl.events import Interface
from impl.runtime.deployment import NETWORKS
from impl.runtime.journal import Entry
from impl.runtime.world import World
from impl.values import IMSI

HOME, TARGET = NETWORKS[:2]
CONCATENATION = 0


class Message(NamedTuple):
    """One short message by radio."""

    theirs: Any
    ours: Deliver | Submit


@pytest.fixture(scope="module")
def journal() -> Iterator[list[Entry]]:
    world = World(3)
    for plan in (HOME, TARGET):
        world.agree(plan.plmn)
    handset = world.subscribe(HOME.plmn)
    world.settle()
    for plan in (TARGET, HOME):
        world.choose(handset, plan.name)
        world.settle()
        assert handset.terminal.serving_network == plan.plmn
    yield world.journal.entries
    world.close()


@pytest.fixture(scope="module")
def mobility(journal: list[Entry]) -> list[tuple[Any, Any]]:
    """Return each message of mobility management: theirs, ours."""
    read = []
    for entry in journal:
        if entry.interface is Interface.MM:
            theirs = MMTypeClasses[entry.octets[1] & 0x3F]()
            theirs.from_bytes(entry.octets)
            assert theirs.to_bytes() == entry.octets
            read.append((theirs, decode_mm(entry.octets)))
    return read


@pytest.fixture(scope="module")
def relayed(journal: list[Entry]) -> list[tuple[Any, Any, bool]]:
    """Return each relay message: theirs, ours, and whether the network sent it."""
    read = []
    for entry in journal:
        if entry.interface is Interface.SM:
            theirs = PPSMSRPTypeClasses[entry.octets[0] & 0x07]()
            theirs.from_bytes(entry.octets)
            assert theirs.to_bytes() == entry.octets
            from_network = entry.sender.startswith("VLR")
            read.append((theirs, decode_rp(entry.octets, from_network=from_network), from_network))
    return read


@pytest.fixture(scope="module")
def messages(relayed: list[tuple[Any, Any, bool]]) -> list[Message]:
    read = []
    for theirs, ours, from_network in relayed:
        if isinstance(ours, RpData):
            tpdu = (decode_downlink if from_network else decode_uplink)(ours.user_data)
            assert isinstance(tpdu, Deliver | Submit)
            read.append(Message(theirs["RPUserData"][-1], tpdu))
    return read


def test_each_message_has_the_same_name(mobility: list[tuple[Any, Any]]) -> None:
    assert len(mobility) == 17
    for theirs, ours in mobility:
        assert theirs._name.lower() == f"mm{type(ours).__name__}".lower()


def test_each_identity_and_area_is_the_same(mobility: list[tuple[Any, Any]]) -> None:
    seen = set()
    for theirs, ours in mobility:
        if isinstance(identity := getattr(ours, "identity", None), IMSI | TMSI):
            digits = theirs["ID"]["ID"].decode()[1]
            assert digits == (identity if isinstance(identity, IMSI) else int.from_bytes(identity))
            seen.add(type(identity))
        if isinstance(ours, LocationUpdatingAccept | LocationUpdatingRequest):
            area = theirs.get_val_d()["LAI"]["LAI"]
            plmn = ours.location.plmn
            assert area["PLMN"] == (encode_plmn(plmn) if plmn else b"\xff\xff\xff")
            assert area["LAC"] == ours.location.lac
    assert seen == {IMSI, TMSI}


def test_each_challenge_and_answer_is_the_same(mobility: list[tuple[Any, Any]]) -> None:
    seen = 0
    for theirs, ours in mobility:
        said = theirs.get_val_d()
        if isinstance(ours, AuthenticationRequest):
            autn = said["AUTN"]["AUTN"]
            assert said["RAND"]["V"] == ours.rand
            assert autn["SQNxAK"] + autn["AMF"] + autn["MAC"] == ours.autn
            seen += 1
        if isinstance(ours, AuthenticationResponse):
            assert said["RES"]["V"] + said["RESExt"]["V"] == ours.res
            seen += 1
    assert seen == 6


def test_each_relay_message_has_the_same_addresses(
    relayed: list[tuple[Any, Any, bool]],
) -> None:
    for theirs, ours, from_network in relayed:
        assert theirs["Ref"].get_val() == ours.reference
        assert theirs._name.startswith(f"RP_{type(ours).__name__[2:].upper()}_")
        if isinstance(ours, RpData):
            name = "RPOriginatorAddress" if from_network else "RPDestinationAddress"
            centre = ours.originator if from_network else ours.destination
            assert isinstance(centre, Address)
            assert theirs[name][name]["Num"].decode() == centre.digits
            assert centre.digits in {HOME.service_centre, TARGET.service_centre}


def test_each_short_message_is_the_same(messages: list[Message]) -> None:
    assert {message.theirs._name for message in messages} == {"SMS_DELIVER", "SMS_SUBMIT"}
    for theirs, ours in messages:
        end = ours.originator if isinstance(ours, Deliver) else ours.destination
        name = "TP_OA" if isinstance(ours, Deliver) else "TP_DA"
        assert theirs[name]["Num"].decode() == end.digits
        assert theirs["TP_PID"].to_bytes() == bytes((ours.pid,))
        assert theirs["TP_DCS"].to_bytes() == bytes((ours.dcs,))
        assert theirs["TP_UD"]["UD"].to_bytes() == ours.user_data
        elements = theirs["TP_UD"]["UDH"]["UDH"]
        read = [(element["T"].get_val(), element[2].to_bytes()) for element in elements]
        assert read == [(element.identifier, element.data) for element in ours.header]


def test_each_command_packet_is_the_same(messages: list[Message]) -> None:
    packets = [packet for kind, packet in joined(messages) if kind == COMMAND_IDENTIFIER]
    assert len(packets) == 4  # two requests and two personalization messages
    for packet in packets:
        theirs = PacketCmdSMSPP()
        theirs.from_bytes(packet)
        assert theirs.to_bytes() == packet
        header = peek_command(packet)
        assert theirs["SPI"].to_bytes() == bytes((header.spi1, header.spi2))
        assert theirs["KIc"].to_bytes() + theirs["KID"].to_bytes() == bytes(
            (header.kic, header.kid)
        )
        assert theirs["TAR"].to_bytes() == header.tar
        if not header.spi1.is_ciphered:
            assert theirs["CNTR"].get_val() > 0
            assert theirs["Data"].to_bytes() == peek_data(packet)


def test_each_response_packet_is_the_same(messages: list[Message]) -> None:
    packets = [packet for kind, packet in joined(messages) if kind == RESPONSE_IDENTIFIER]
    assert len(packets) == 2
    for packet in packets:
        theirs = PacketRespSMSPP()
        theirs.from_bytes(packet)
        assert theirs.to_bytes() == packet
        assert theirs["RespPacketLen"].get_val() == len(packet) - 2


def joined(messages: list[Message]) -> Iterator[tuple[int, bytes]]:
    """Yield what each packet is and its octets, as pycrate numbers and reads the parts."""
    parts: dict[int, bytes] = {}
    kind = 0
    for message in messages:
        elements = {
            element["T"].get_val(): element[2] for element in message.theirs["TP_UD"]["UDH"]["UDH"]
        }
        kinds = elements.keys() & {COMMAND_IDENTIFIER, RESPONSE_IDENTIFIER}
        kind = kinds.pop() if kinds else kind
        total, number = 1, 1
        if CONCATENATION in elements:
            total, number = (
                elements[CONCATENATION][name].get_val() for name in ("MsgParts", "MsgNum")
            )
        parts[number] = message.theirs["TP_UD"]["UD"].to_bytes()
        if len(parts) == total:
            yield kind, b"".join(parts[one] for one in sorted(parts))
            parts = {}
