"""Hostile octets on every wire of the served system, see `wires.py`: they change nothing."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wires import WIRES, CardWire, Doorkeeper, friendly, wire

from impl.events import Arrived, Command, Event, Interface, Peer
from impl.runtime.deployment import NETWORKS
from impl.runtime.sessions import SERVER


@pytest.mark.parametrize("name", WIRES)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_hostile_octets_on_a_wire_change_nothing(name, data, hostile, bounded):
    octets = data.draw(hostile(friendly(name)))
    with bounded():
        wire(name)(octets)
    wire(name).demand_unchanged()


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_hostile_reader_gets_answers_or_is_left(data, hostile, bounded):
    octets = data.draw(hostile(friendly("vpcd")))
    with bounded():
        CardWire()(octets)


class Hoarder:
    """A node that keeps a note of what means nothing."""

    def __init__(self) -> None:
        self.notes: list[bytes] = []

    def handle(self, event: Event) -> Sequence[Command]:
        """See `Node`."""
        assert isinstance(event, Arrived)
        self.notes.append(event.octets)
        return []


Hoarder.__module__ = "impl.network"  # whose parts are looked at


def test_a_trace_of_what_means_nothing_is_found():
    keeper = Doorkeeper(SERVER, Hoarder())
    keeper.demand_unchanged()
    keeper.handle(Arrived(Peer(Interface.OPERATOR, NETWORKS[0].plmn), b"{"))
    with pytest.raises(AssertionError, match="left a trace"):
        keeper.demand_unchanged()


@pytest.mark.parametrize("name", WIRES)
def test_octets_come_to_the_door_of_the_node_by_every_wire(name):
    keeper = wire(name).keeper
    turned_away, let_in = keeper.turned_away, keeper.let_in
    for octets in friendly(name):
        for _ in range(2):  # as they are, and well framed
            wire(name)(octets)
            wire(name)(octets[:-1] + b"!")
    assert keeper.turned_away > turned_away
    assert (keeper.let_in > let_in) == (name != "HTTPS")  # whose server reads before the node
    wire(name).demand_unchanged()


def test_a_fault_of_a_node_does_not_pass_for_a_refusal(monkeypatch):
    monkeypatch.setattr(wire("SMPP").keeper, "handle", lambda event: event.nothing)
    with pytest.raises(AssertionError, match="event lost"):
        wire("SMPP")(friendly("SMPP")[0])
