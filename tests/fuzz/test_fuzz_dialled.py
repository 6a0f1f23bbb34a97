"""Hostile octets of who was dialled: a centre, a register, a network, and an osmo-hlr.

Who listens is tried by `test_fuzz_wires.py`. A node that dials a machine of somebody else trusts it
no more than one that calls: what means nothing ends the connection, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_fuzz_nodes import FIRST, SERVER, picture, said
from wires import StreamWire, Wire, air_frames, ipa_frame, radio_frame, smpp_frame

from impl.codec.ipa import Extension, IpaFrame, StreamId, ask_identity, carry_gsup
from impl.codec.operator import encode_operator
from impl.crypto.vault import Vault
from impl.errors import HlrRefusedError, MalformedError
from impl.events import Arrived, Interface, Node, Peer, Send
from impl.messages import ReserveIdentity
from impl.network.gsup_proxy import REGISTER
from impl.network.hlr import HomeRegisterConfig
from impl.network.identity_pool import NumberRange
from impl.network.osmo_gateway import OsmoGateway
from impl.network.provisioning import CONTROL
from impl.network.records import HOME_REGISTER
from impl.network.subscriptions import APPLICATION_SERVER
from impl.runtime.deployment import make_iccid
from impl.runtime.simulation import SeededSurroundings, Simulation
from impl.runtime.store import SqlStore
from impl.served import control_link, gsup_link, radio_link, smpp_link
from impl.served.host import Host
from impl.served.stream import Dialer
from impl.values import Secret, TransactionId

NOWHERE = ("192.0.2.1", 7)
INPUTS_OF_A_GATEWAY = 40


def dialled_wire(
    name: str,
    dial: Callable[[Host], Dialer],
    reframe: Callable[[bytes], bytes],
    greeting: bytes = b"",
    node: Node | None = None,
) -> Wire:
    """Return the wire of connections that a node opens."""
    return StreamWire(name, lambda host: dial(host)._make, reframe, greeting, node)


class Gateway:
    """A gateway before an osmo-hlr, of which somebody waits for an identity."""

    def __init__(self) -> None:
        numbers = NumberRange(FIRST.first_imsi, FIRST.first_msisdn, 4)
        config = HomeRegisterConfig(FIRST.plmn, FIRST.service_centre, numbers)
        surroundings = SeededSurroundings(Simulation(0), "gateway")
        vault = Vault(Secret(bytes(32)), surroundings.random_octets)
        self.store = SqlStore(HOME_REGISTER)
        self.node = OsmoGateway(config, self.store, surroundings, vault)
        self.node.fill_pool(3)
        asked = ReserveIdentity(id="r", transaction=TransactionId("0a1b2c3d"), iccid=make_iccid(1))
        commands = self.node.handle(Arrived(APPLICATION_SERVER, encode_operator(asked)))
        (self.request,) = [
            one.octets for one in commands if isinstance(one, Send) and one.target == CONTROL
        ]


@cache
def lines() -> list[bytes]:
    """Return what an osmo-hlr says over its control interface to such a gateway."""
    _, number, variable, value = Gateway().request.split(b" ", 3)
    return [
        b" ".join((b"SET_REPLY", number, variable, value)),
        b" ".join((b"ERROR", number, b"Subscriber already exists.")),
        b" ".join((b"ERROR", number, b"No such subscriber.")),
        b" ".join((b"ERROR", number, b"The disk is full.")),
        b"ERROR err Command parser error.",
        b"TRAP 0 number-of-subscribers 1",
    ]


def centre_wire() -> Wire:
    """Return the wire of the application server to a short message centre."""
    peer = Peer(Interface.SMPP, FIRST.plmn)
    return dialled_wire(
        SERVER, lambda host: smpp_link.dial(host, SERVER, peer, NOWHERE), smpp_frame
    )


def register_wire() -> Wire:
    """Return the wire of a VLR to its home register."""
    name = f"VLR {FIRST.plmn}"
    return dialled_wire(
        name, lambda host: gsup_link.dial(host, name, "vlr", NOWHERE), ipa_frame, ask_identity()
    )


def network_wire() -> Wire:
    """Return the air before a device."""
    name, iccid = "device 1", make_iccid(1)

    def dial(host: Host) -> Dialer:
        air = radio_link.DeviceAir(host, FIRST.plmn)
        air.carry(name, iccid)
        return radio_link.dial(host, air, NOWHERE)

    return dialled_wire(name, dial, radio_frame)


def control_wire() -> Wire:
    """Return the wire of a gateway to the control interface of an osmo-hlr."""
    name, node = "gateway", Gateway().node
    return dialled_wire(
        name, lambda host: control_link.dial(host, name, NOWHERE), ipa_frame, node=node
    )


WIRES: dict[str, Callable[[], Wire]] = {
    "a centre": centre_wire,
    "a register": register_wire,
    "a network": network_wire,
    "an osmo-hlr": control_wire,
}


@cache
def friendly(name: str) -> list[bytes]:
    """Return what is said by who was dialled."""
    match name:
        case "a centre":
            return said()[SERVER, Interface.SMPP]
        case "a register":
            return [carry_gsup(one) for one in said()["VLR", Interface.GSUP]]
        case "a network":
            return list(air_frames("device", Interface.MM, Interface.SM))
    return [IpaFrame(StreamId.OSMO, bytes([Extension.CTRL]) + one).encode() for one in lines()]


@cache
def wire(name: str) -> Wire:
    """Return a wire that all tests share."""
    return WIRES[name]()


class LongGateway:
    """One gateway after the other, each for so many answers of its osmo-hlr."""

    def __init__(self, source: Peer) -> None:
        self._source = source
        self._left = 0

    def __call__(self, octets: bytes) -> None:
        """Give an answer to the gateway of now; one that is refused leaves no trace."""
        if not self._left:
            self._gateway, self._left = Gateway(), INPUTS_OF_A_GATEWAY
        self._left -= 1
        before = picture(self._gateway.store)
        try:
            self._gateway.node.handle(Arrived(self._source, octets))
        except (MalformedError, HlrRefusedError):
            assert picture(self._gateway.store) == before
        if not self._left:
            self._gateway.store.close()


def targets() -> dict[str, tuple[Callable[[bytes], object], list[bytes]]]:
    """Return what deep fuzzing gives its inputs to, with their seeds."""
    return {f"wires.{name}, dialled": (wire(name), friendly(name)) for name in WIRES} | {
        "nodes.osmo gateway over control": (LongGateway(CONTROL), lines()),
        "nodes.osmo gateway over gsup": (LongGateway(REGISTER), said()["VLR", Interface.GSUP]),
    }


@pytest.mark.parametrize("name", WIRES)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_hostile_octets_of_who_was_dialled_change_nothing(name, data, hostile, bounded):
    octets = data.draw(hostile(friendly(name)))
    with bounded():
        wire(name)(octets)
    wire(name).demand_unchanged()


@pytest.mark.parametrize("name", WIRES)
def test_octets_come_to_the_door_of_the_node_that_dialled(name):
    keeper = wire(name).keeper
    turned_away, let_in = keeper.turned_away, keeper.let_in
    for octets in friendly(name):
        for _ in range(2):  # as they are, and well framed
            wire(name)(octets)
            wire(name)(octets[:-1] + b"!")
            wire(name)(octets[: -len(octets) // 2])
    assert keeper.turned_away > turned_away
    assert (keeper.let_in > let_in) == (name != "an osmo-hlr")  # whose link reads before the node
    wire(name).demand_unchanged()


@pytest.mark.parametrize("source", [CONTROL, REGISTER], ids=["control", "gsup"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_gateway_survives_hostile_answers_of_its_register(source, data, hostile, bounded):
    seeds = lines() if source == CONTROL else said()["VLR", Interface.GSUP]
    answers = data.draw(st.lists(hostile(seeds), min_size=1, max_size=4))
    gateway = LongGateway(source)
    with bounded():
        for octets in answers:
            gateway(octets)


def test_an_answer_takes_a_gateway_further():
    gateway = Gateway()
    before = picture(gateway.store)
    gateway.node.handle(Arrived(CONTROL, lines()[0]))
    assert picture(gateway.store) != before
