"""The nodes against hostile messages, each at any moment of a change of subscription.

What means nothing is answered to who sent it, or not at all, and leaves no trace. What means
something may have consequences, but no node falls over them, and the whole comes to rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from impl.codec.concatenation import split
from impl.codec.gsup import decode_gsup
from impl.codec.mobility import decode_mm
from impl.codec.nas_security import decode_nas
from impl.codec.operator import decode_operator
from impl.codec.osmo_control import decode_control
from impl.codec.ota_profile import message_header, request_header
from impl.codec.personalization import (
    Outcome,
    PersonalizationResult,
    encode_request,
    encode_result,
)
from impl.codec.ppp import decode_ppp
from impl.codec.relay import decode_rp
from impl.codec.secured_packet import (
    COMMAND_IDENTIFIER,
    RESPONSE_IDENTIFIER,
    PorStatus,
    SecurityParameters,
    seal_command,
    seal_response,
)
from impl.codec.smpp import DeliverSm, EsmClass, decode_smpp
from impl.codec.user_data import InformationElement
from impl.errors import MalformedError
from impl.events import Arrived, Interface, Peer, Send, SetTimer, StopTimer
from impl.messages import ChangeRequest
from impl.runtime.deployment import NETWORKS, SERVER_NUMBER, make_iccid
from impl.runtime.simulation import Frame
from impl.runtime.store import SqlStore
from impl.runtime.world import World
from impl.values import Generation, TransactionId

INPUTS_OF_A_WORLD = 40
SERVER = "application-server"
STEPS = 90
"""Events of a whole change, about."""
SLOW_ENOUGH = 20_000
FIRST, SECOND, THIRD = PLANS = (
    NETWORKS[0],
    replace(NETWORKS[1], generation=Generation.LTE),
    replace(NETWORKS[2], generation=Generation.CDMA),
)
KINDS = ("HLR", "HSGW", "MME", "SMSC", "VLR", "application-server", "centre", "device", "gateway")
READERS: dict[Interface, Callable[[bytes, str], object]] = {
    Interface.OPERATOR: lambda octets, _: decode_operator(octets),
    Interface.CENTRE: lambda octets, _: decode_operator(octets),
    Interface.SMPP: lambda octets, _: decode_smpp(octets),
    Interface.GSUP: lambda octets, _: decode_gsup(octets),
    Interface.CONTROL: lambda octets, _: decode_control(octets),
    Interface.MM: lambda octets, _: decode_mm(octets),
    Interface.EMM: lambda octets, _: decode_nas(octets),
    Interface.PPP: lambda octets, _: decode_ppp(octets),
    Interface.SM: lambda octets, kind: decode_rp(octets, from_network=kind == "device"),
}


class Door(NamedTuple):
    """A node, and a peer from whom it gets messages."""

    node: str
    source: Peer

    @property
    def kind(self) -> str:
        """The kind of node."""
        return self.node.split()[0]


def ready() -> World:
    """Make a world with a user who may change; one network has a gateway."""
    world = World(0, PLANS)
    world.interpose_gateway(SECOND.plmn)
    world.agree(FIRST.plmn)
    world.agree(SECOND.plmn)
    world.subscribe(FIRST.plmn)
    world.settle()
    return world


def doors(world: World) -> list[Door]:
    """Return where messages come in."""
    ports = world.simulation._ports.values()
    found = {Door(port.receiver, port.source) for port in ports}
    return sorted(door for door in found if door.kind in KINDS)


@cache
def said() -> dict[tuple[str, Interface], list[bytes]]:
    """Return what each kind of node heard over each kind of link in a whole change."""
    heard: dict[tuple[str, Interface], dict[bytes, None]] = {}

    def tap(frame: Frame, *, delivered: bool) -> None:
        if delivered:
            key = Door(frame.receiver, frame.source).kind, frame.source.interface
            heard.setdefault(key, {})[frame.message] = None

    world = World(0, PLANS)
    world.simulation.taps.append(tap)
    world.interpose_gateway(SECOND.plmn)
    world.agree(FIRST.plmn)
    world.agree(SECOND.plmn)
    world.agree(THIRD.plmn)
    handset = world.subscribe(FIRST.plmn)
    world.settle()
    for plan in (SECOND, THIRD, SECOND):
        world.choose(handset, plan.name)
        world.settle()
    world.write_to(handset)
    world.settle()
    centre = world.networks[FIRST.plmn].centre
    asked = centre.request(handset.profile.iccid, user_agreed=True)
    world.reconfigure_server(asks_for_acknowledgement=True)
    world.perform(f"centre {FIRST.plmn}", asked)
    world.settle()
    world.close()
    return {key: list(messages) for key, messages in heard.items()}


def deliver(world: World, door: Door, octets: bytes) -> None:
    """Let a message come in, and demand of what follows what can be demanded."""
    node = world.simulation._nodes[door.node]
    before = picture(node)
    commands = node.handle(Arrived(door.source, octets))
    if means_nothing(door, octets):
        assert picture(node) == before, "what means nothing left a trace"
        assert all(isinstance(one, Send) and one.target == door.source for one in commands)
    for command in commands:
        assert isinstance(command, Send | SetTimer | StopTimer)
    world.perform(door.node, commands)


def means_nothing(door: Door, octets: bytes) -> bool:
    """Whether nobody can read the message."""
    try:
        READERS[door.source.interface](octets, door.kind)
    except MalformedError:
        return True
    return False


def picture(value: Any) -> Any:
    """Return all that a node keeps, in its records and beside them, as what can be compared."""
    match value:
        case None | bool() | int() | float() | str() | bytes() | Enum():
            return value
        case dict():
            return {key: picture(one) for key, one in value.items()}
        case tuple() | list() | set() | frozenset():
            return [picture(one) for one in value]
        case SqlStore():
            return list(_records(value))
    return _picture_of_parts(value)


def _picture_of_parts(value: Any) -> Any:
    if not type(value).__module__.startswith(("impl.network", "impl.device", "impl.application")):
        return type(value).__name__
    if is_dataclass(value):
        return [picture(getattr(value, field.name)) for field in fields(value)]
    return {name: picture(one) for name, one in vars(value).items()}


def _records(store: SqlStore) -> Iterator[list[tuple[Any, ...]]]:
    with store.begin() as connection:
        for table in store._metadata.sorted_tables:
            yield [tuple(row) for row in connection.execute(select(table)).all()]


class LongWorld:
    """One world after the other, each for so many inputs at one kind of door."""

    def __init__(self, kind: str, interface: Interface) -> None:
        self._kind, self._interface = kind, interface
        self._count = 0
        self._world: World | None = None

    def __call__(self, octets: bytes) -> None:
        """Give a message to a node of the world of now, at the next moment of its change."""
        at = self._count % INPUTS_OF_A_WORLD
        self._count += 1
        if at == 0 or self._world is None:
            self._begin()
        world = self._world
        assert world is not None
        try:
            for _ in range(self._count % 5):
                world.simulation.step()
            deliver(world, self._doors[self._count % len(self._doors)], octets)
            if at == INPUTS_OF_A_WORLD - 1:
                world.simulation.run(SLOW_ENOUGH)
        except Exception:
            self._world = None  # the next input begins anew
            raise

    def _begin(self) -> None:
        if self._world is not None:
            self._world.close()
        self._world = ready()
        self._world.choose(self._world.handsets[0], SECOND.name)
        found = doors(self._world)
        self._doors = [
            door
            for door in found
            if door.kind == self._kind and door.source.interface is self._interface
        ]


class Thief:
    """Somebody who has the keys of a card, and tells the application server what he likes."""

    def __init__(self) -> None:
        self._counter = 1000

    def __call__(self, content: bytes) -> None:
        """Say it as a request, and as a report on the change that is under way."""
        world = ready()
        world.choose(world.handsets[0], SECOND.name)
        for _ in range(STEPS // 2):
            world.simulation.step()
        self._counter += 1
        keys = world.handsets[0].profile.ota_keys
        request = SecurityParameters(**vars(request_header(keys)), counter=self._counter)
        order = message_header(keys, report_by_submit=True)
        reported = SecurityParameters(**vars(order), counter=1)
        self._say(world, COMMAND_IDENTIFIER, seal_command(request, content, keys))
        for status in (PorStatus.OK, PorStatus.INTEGRITY_FAILED):
            packet = seal_response(reported, status, content, keys)
            self._say(world, RESPONSE_IDENTIFIER, packet)
        world.simulation.run(SLOW_ENOUGH)
        world.close()

    def _say(self, world: World, identifier: int, packet: bytes) -> None:
        door = Door(SERVER, Peer(Interface.SMPP, FIRST.plmn))
        for part in split(packet, InformationElement(identifier), self._counter % 256):
            pdu = DeliverSm(
                source_addr=world.handsets[0].profile.msisdn,
                destination_addr=SERVER_NUMBER,
                esm_class=EsmClass.UDHI,
                short_message=part.encode(),
            )
            deliver(world, door, pdu.encode())


def contents() -> list[bytes]:
    """Return what a card tells the application server."""
    done = PersonalizationResult(TransactionId("0a1b2c3d"), Outcome.DONE)
    wrong = PersonalizationResult(TransactionId("0a1b2c3d"), Outcome.WRONG_ADMIN_CODE, 2)
    request = ChangeRequest(iccid=make_iccid(1), plmn=SECOND.plmn)
    return [encode_request(request), encode_result(done), encode_result(wrong)]


def targets() -> dict[str, tuple[Callable[[bytes], object], list[bytes]]]:
    """Return what deep fuzzing gives its inputs to, with their seeds."""
    return {
        f"nodes.{kind} over {interface}": (LongWorld(kind, interface), messages)
        for (kind, interface), messages in sorted(said().items())
        if kind in KINDS
    } | {"nodes.application-server, contents of packets": (Thief(), contents())}


LINKS = (
    ("HLR", Interface.OPERATOR),
    ("HLR", Interface.GSUP),
    ("SMSC", Interface.SMPP),
    ("SMSC", Interface.GSUP),
    ("HSGW", Interface.GSUP),
    ("HSGW", Interface.PPP),
    ("HSGW", Interface.SM),
    ("MME", Interface.GSUP),
    ("MME", Interface.EMM),
    ("MME", Interface.SM),
    ("VLR", Interface.GSUP),
    ("VLR", Interface.MM),
    ("VLR", Interface.SM),
    ("application-server", Interface.OPERATOR),
    ("application-server", Interface.CENTRE),
    ("application-server", Interface.SMPP),
    ("centre", Interface.CENTRE),
    ("device", Interface.MM),
    ("device", Interface.EMM),
    ("device", Interface.PPP),
    ("device", Interface.SM),
    ("gateway", Interface.OPERATOR),
)


@pytest.mark.parametrize(("kind", "interface"), LINKS)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_node_survives_hostile_messages_at_any_moment_of_a_change(
    kind, interface, data, hostile, bounded
):
    world = ready()
    world.choose(world.handsets[0], SECOND.name)
    ways = [one for one in doors(world) if (one.kind, one.source.interface) == (kind, interface)]
    for _ in range(data.draw(st.integers(1, 3), label="messages")):
        for _ in range(data.draw(st.integers(0, STEPS), label="events before")):
            world.simulation.step()
        door = data.draw(st.sampled_from(ways), label="door")
        octets = data.draw(hostile(said()[kind, interface]), label="octets")
        with bounded():
            deliver(world, door, octets)
    with bounded():
        world.simulation.run(SLOW_ENOUGH)
    world.close()


@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_the_server_survives_contents_that_the_keys_of_a_card_prove(data, hostile, bounded):
    content = data.draw(hostile(contents()))
    with bounded():
        Thief()(content)


def test_every_door_is_tried():
    world = ready()
    assert {(door.kind, door.source.interface) for door in doors(world)} == set(LINKS)
    assert said().keys() >= set(LINKS)
    world.close()


@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_a_change_succeeds_while_octets_that_mean_nothing_come_to_every_door(data):
    world = ready()
    handset = world.handsets[0]
    world.choose(handset, SECOND.name)
    nonsense = data.draw(st.binary(max_size=60))
    moment = data.draw(st.integers(0, STEPS), label="events before")
    for _ in range(moment):
        world.simulation.step()
    for door in doors(world):
        if means_nothing(door, nonsense):
            deliver(world, door, nonsense)
    world.settle()
    assert handset.terminal.serving_network == SECOND.plmn
    world.close()
