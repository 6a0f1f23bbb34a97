import asyncio

import pytest

from impl.codec.ipa import Ccm, Extension, IpaFrame, StreamId, carry_gsup, ccm
from impl.events import Arrived, Reconnected, Send
from impl.network.provisioning import CONTROL
from impl.served import control_link

LINE = b"SET 1 subscriber.create 262020000000001"
FRAME = IpaFrame(StreamId.OSMO, bytes([Extension.CTRL]) + LINE).encode()
NO_LINE = IpaFrame(StreamId.OSMO, bytes([Extension.CTRL]) + b"OsmoHLR> ").encode()


def dialled(host, node, test):
    """Run `test` with what the program at the other end of the link reads and writes."""

    async def go():
        host.add("HLR", node)
        met = asyncio.get_running_loop().create_future()
        server = await asyncio.start_server(
            lambda *streams: met.done() or met.set_result(streams), "127.0.0.1", 0
        )
        dialer = control_link.dial(host, "HLR", server.sockets[0].getsockname())
        task = asyncio.create_task(dialer.run())
        reader, writer = await met
        await test(reader, writer)
        task.cancel()
        writer.close()
        server.close()

    asyncio.run(go())


def test_requests_go_out_and_answers_come_in(host, make_node, until):
    node = make_node()

    async def test(reader, writer):
        await until(lambda: Reconnected(CONTROL) in node.events)
        host.perform("HLR", [Send(CONTROL, LINE)])
        assert await reader.readexactly(len(FRAME)) == FRAME
        writer.write(FRAME)
        await until(lambda: Arrived(CONTROL, LINE) in node.events)

    dialled(host, node, test)


def test_a_ping_is_answered_and_nothing_else_of_the_management(host, make_node):
    async def test(reader, writer):
        writer.write(ccm(Ccm.ID_GET) + ccm(Ccm.PING))
        assert await reader.readexactly(4) == ccm(Ccm.PONG)

    dialled(host, make_node(), test)


@pytest.mark.parametrize("octets", [carry_gsup(b"\x08"), b"\0\1\x01x", b"\0\0\xee", NO_LINE])
def test_who_speaks_something_else_is_hung_up_on(host, make_node, lines, octets):
    node = make_node()

    async def test(reader, writer):
        writer.write(octets)
        assert await reader.read() == b""

    dialled(host, node, test)
    assert not [one for one in node.events if isinstance(one, Arrived)]
    assert "hung up" in lines.getvalue()


def test_what_cannot_be_sent_is_lost_and_said_to_be(host, make_node, lines):
    host.add("HLR", make_node())
    control_link.ControlLink(host, "HLR").send(LINE)
    assert "not connected" in lines.getvalue()
    assert "subscriber" not in lines.getvalue()


def test_the_node_hears_when_the_link_ends(host, make_node, until):
    node = make_node()

    async def test(_, writer):
        await until(lambda: host.link("HLR", CONTROL))
        writer.close()
        await until(lambda: node.events.count(Reconnected(CONTROL)) >= 2)

    dialled(host, node, test)
