import asyncio
import contextlib

import pytest

from impl.codec.gsup import Gsup, GsupType
from impl.codec.ipa import Ccm, ask_identity, carry_gsup, ccm, tell_identity
from impl.events import Arrived, Interface, Peer, Reconnected, Send
from impl.served import gsup_link
from impl.served.virtual_loop import VirtualLoop
from impl.values import IMSI

REGISTER, VLR = Peer(Interface.GSUP, "hlr"), Peer(Interface.GSUP, "vlr")
REQUEST = Gsup(GsupType.SEND_AUTH_INFO_REQUEST, imsi=IMSI("208010000000001")).encode()


def arrivals(node):
    return [one for one in node.events if isinstance(one, Arrived)]


def test_register_and_vlr_find_each_other_by_name(host, make_node, until):
    async def go():
        register, vlr = make_node(), make_node()
        host.add("HLR", register)
        host.add("VLR", vlr)
        listener = gsup_link.listen(host, "HLR")
        port = await listener.open("127.0.0.1", 0)
        dialer = gsup_link.dial(host, "VLR", "vlr", ("127.0.0.1", port))
        task = asyncio.create_task(dialer.run())
        await until(lambda: Reconnected(REGISTER) in vlr.events and host.link("HLR", VLR))
        host.perform("VLR", [Send(REGISTER, REQUEST)])
        await until(lambda: arrivals(register))
        assert arrivals(register) == [Arrived(VLR, REQUEST)]
        host.perform("HLR", [Send(VLR, REQUEST)])
        await until(lambda: arrivals(vlr))
        assert arrivals(vlr) == [Arrived(REGISTER, REQUEST)]
        task.cancel()
        await until(lambda: host.link("HLR", VLR) is None)
        assert register.events[-1] == Reconnected(VLR)
        await listener.close()

    asyncio.run(go())


def dialled(host, make_node, test):
    """Run `test` with the node of a register and a plain connection to it."""

    async def go():
        register = make_node()
        host.add("HLR", register)
        listener = gsup_link.listen(host, "HLR")
        port = await listener.open("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        asked = ask_identity()
        assert await reader.readexactly(len(asked)) == asked
        await test(register, reader, writer)
        writer.close()
        await listener.close()

    asyncio.run(go())


def test_a_ping_is_answered(host, make_node):
    async def test(_, reader, writer):
        writer.write(ccm(Ccm.PING))
        assert await reader.readexactly(4) == ccm(Ccm.PONG)

    dialled(host, make_node, test)


def test_who_does_not_say_its_name_is_not_heard(host, make_node, until):
    async def test(register, _, writer):
        writer.write(carry_gsup(REQUEST) + tell_identity("vlr") + carry_gsup(REQUEST))
        await until(lambda: arrivals(register))
        assert arrivals(register) == [Arrived(VLR, REQUEST)]

    dialled(host, make_node, test)


@pytest.mark.parametrize("said", [b"", ccm(Ccm.PING), carry_gsup(REQUEST)])
def test_who_does_not_say_its_name_in_time_is_hung_up_on(host, make_node, lines, said):
    async def go():
        register = make_node()
        host.add("HLR", register)
        listener = gsup_link.listen(host, "HLR")
        port = await listener.open("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        with contextlib.suppress(ConnectionResetError):
            await reader.read()
        ended_s = asyncio.get_running_loop().time()
        writer.close()
        await listener.close()
        return ended_s, arrivals(register)

    with asyncio.Runner(loop_factory=lambda: VirtualLoop(lambda: True)) as runner:
        assert runner.run(go()) == (pytest.approx(30.0), [])
    assert [one["why"] for one in lines.records] == ["does not say who it is"]


def test_who_said_its_name_may_be_silent_for_ever(host, make_node):
    async def go():
        host.add("HLR", make_node())
        listener = gsup_link.listen(host, "HLR")
        port = await listener.open("127.0.0.1", 0)
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(tell_identity("vlr"))
        await asyncio.sleep(3600.0)
        is_there = host.link("HLR", VLR) is not None
        writer.close()
        await listener.close()
        return is_there

    with asyncio.Runner(loop_factory=lambda: VirtualLoop(lambda: True)) as runner:
        assert runner.run(go())


def test_who_has_a_name_does_not_get_another(host, make_node, until):
    async def test(register, _, writer):
        writer.write(tell_identity("vlr") + tell_identity("smsc") + carry_gsup(REQUEST))
        await until(lambda: arrivals(register))
        assert host.links_of("HLR") == [VLR]

    dialled(host, make_node, test)


def test_other_protocols_of_the_multiplex_are_not_handed_on(host, make_node):
    async def test(register, reader, writer):
        writer.write(tell_identity("vlr") + bytes.fromhex("0003ee00414200020a41"[:12]))
        writer.write(ccm(Ccm.PING))
        await reader.readexactly(4)
        assert not arrivals(register)

    dialled(host, make_node, test)


def test_an_identity_without_a_name_ends_the_connection(host, make_node, lines):
    async def test(_, reader, writer):
        writer.write(ccm(Ccm.ID_RESP))
        assert await reader.read() == b""

    dialled(host, make_node, test)
    assert "tells no name" in lines.getvalue()


def test_nobody_takes_the_name_of_a_register(host, make_node, lines):
    async def test(_, reader, writer):
        writer.write(tell_identity("hlr") + carry_gsup(REQUEST))
        assert await reader.read() == b""

    dialled(host, make_node, test)
    assert "is the name of a register" in lines.getvalue()
    assert host.links_of("HLR") == []
