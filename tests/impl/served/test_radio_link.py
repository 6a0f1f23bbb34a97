import asyncio
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.errors import MalformedError
from impl.events import Arrived, Interface, Peer, Reconnected, Send
from impl.runtime.deployment import make_iccid
from impl.served import radio_link
from impl.served.radio_link import DeviceAir, decode_frame, encode_frame

ONE, OTHER = make_iccid(1), make_iccid(2)


@given(st.sampled_from(list(radio_link.INTERFACES)), st.binary(max_size=300))
def test_a_frame_is_read_as_it_was_written(interface, message):
    assert decode_frame(encode_frame(interface, ONE, message)) == (interface, ONE, message)


@pytest.mark.parametrize("octets", [b"", bytes(12), b"\0\x0b\x09" + bytes(10)], ids=repr)
def test_what_is_no_frame_is_refused(octets):
    with pytest.raises(MalformedError):
        decode_frame(octets)


@given(st.binary(max_size=40))
def test_any_octets_are_read_or_refused(octets):
    with suppress(MalformedError):
        decode_frame(octets)


class Air:
    """A VLR and two devices that hear it, on one host."""

    def __init__(self, host, make_node):
        self.host = host
        self.vlr, self.nodes = make_node(), {ONE: make_node(), OTHER: make_node()}
        host.add("VLR", self.vlr)
        self.air = DeviceAir(host, "20801")
        for iccid, node in self.nodes.items():
            host.add(f"device {iccid}", node)
            self.air.carry(f"device {iccid}", iccid)

    async def __aenter__(self):
        self.listener = radio_link.listen(self.host, "VLR")
        port = await self.listener.open("127.0.0.1", 0)
        dialer = radio_link.dial(self.host, self.air, ("127.0.0.1", port))
        self.task = asyncio.create_task(dialer.run())
        return self

    async def __aexit__(self, *error):
        self.task.cancel()
        await self.listener.close()


def arrivals(node):
    return [one for one in node.events if isinstance(one, Arrived)]


def test_each_device_is_heard_and_spoken_to_by_its_card(host, make_node, until):
    async def go():
        async with Air(host, make_node) as air:
            await until(lambda: air.air.is_open)
            host.perform(f"device {ONE}", [Send(Peer(Interface.MM, "20801"), b"hello")])
            await until(lambda: arrivals(air.vlr))
            assert arrivals(air.vlr) == [Arrived(Peer(Interface.MM, ONE), b"hello")]
            host.perform("VLR", [Send(Peer(Interface.SM, ONE), b"message")])
            await until(lambda: arrivals(air.nodes[ONE]))
            assert arrivals(air.nodes[ONE]) == [Arrived(Peer(Interface.SM, "20801"), b"message")]
            assert not arrivals(air.nodes[OTHER])

    asyncio.run(go())


def test_a_device_that_never_spoke_is_not_reached(host, make_node, until):
    async def go():
        async with Air(host, make_node) as air:
            await until(lambda: air.air.is_open)
            host.perform("VLR", [Send(Peer(Interface.SM, OTHER), b"message")])
            assert host.counts["VLR", "sm", "lost"] == 1

    asyncio.run(go())


def test_when_the_air_is_gone_so_are_its_devices(host, make_node, until):
    async def go():
        async with Air(host, make_node) as air:
            await until(lambda: air.air.is_open)
            host.perform(f"device {ONE}", [Send(Peer(Interface.MM, "20801"), b"hello")])
            await until(lambda: arrivals(air.vlr))
            air.task.cancel()
            await until(lambda: Reconnected(Peer(Interface.SM, ONE)) in air.vlr.events)
            assert not host.links_of("VLR")

    asyncio.run(go())


def test_a_device_out_of_reach_loses_what_it_says(host, make_node):
    async def go():
        air = Air(host, make_node)
        assert not air.air.is_open
        host.perform(f"device {ONE}", [Send(Peer(Interface.MM, "20801"), b"hello")])
        assert host.counts[f"device {ONE}", "mm", "lost"] == 1

    asyncio.run(go())


def test_more_devices_than_a_connection_may_have_are_refused(host, make_node, until, monkeypatch):
    monkeypatch.setattr(radio_link, "MOST_DEVICES", 1)

    async def go():
        async with Air(host, make_node) as air:
            await until(lambda: air.air.is_open)
            for iccid in (ONE, OTHER):
                host.perform(f"device {iccid}", [Send(Peer(Interface.MM, "20801"), b"hello")])
            await until(lambda: not air.air.is_open)
            assert [one.source.name for one in arrivals(air.vlr)] == [ONE]

    asyncio.run(go())
