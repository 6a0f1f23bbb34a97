import asyncio
import contextlib

import pytest

from impl.codec.smpp import (
    BindTransceiver,
    BindTransceiverResp,
    CommandStatus,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    decode_smpp,
)
from impl.events import Arrived, Interface, Peer, Reconnected, Send
from impl.served import smpp_link
from impl.served.virtual_loop import VirtualLoop
from impl.values import Secret

CENTRE = Peer(Interface.SMPP, "20801")
BIND = BindTransceiver(system_id="reperso", password=Secret(b"abcd"), sequence_number=1).encode()


class Both:
    """A centre and an ESME on one host."""

    quiet_s = 30.0

    def __init__(self, host, make_node):
        self.host = host
        self.centre, self.esme = make_node(), make_node()
        host.add("SMSC", self.centre)
        host.add("AS", self.esme)

    async def __aenter__(self):
        self.listener = smpp_link.listen(self.host, "SMSC")
        port = await self.listener.open("127.0.0.1", 0)
        dialer = smpp_link.dial(self.host, "AS", CENTRE, ("127.0.0.1", port), self.quiet_s)
        self.task = asyncio.create_task(dialer.run())
        return self

    async def __aexit__(self, *error):
        self.task.cancel()
        await self.listener.close()


def arrivals(node):
    return [one for one in node.events if isinstance(one, Arrived)]


def test_the_esme_hears_that_it_may_bind_and_its_pdu_arrives(host, make_node, until):
    async def go():
        async with Both(host, make_node) as both:
            await until(lambda: Reconnected(CENTRE) in both.esme.events)
            host.perform("AS", [Send(CENTRE, BIND)])
            await until(lambda: arrivals(both.centre))
            (arrived,) = arrivals(both.centre)
            assert arrived.octets == BIND
            assert arrived.source.interface is Interface.SMPP
            assert arrived.source.name.startswith("127.0.0.1:")
            host.perform("SMSC", [Send(arrived.source, BIND)])
            await until(lambda: arrivals(both.esme))
            assert arrivals(both.esme) == [Arrived(CENTRE, BIND)]

    asyncio.run(go())


def test_the_centre_hears_that_an_esme_is_gone(host, make_node, until):
    async def go():
        async with Both(host, make_node) as both:
            await until(lambda: host.links_of("SMSC"))
            (peer,) = host.links_of("SMSC")
            both.task.cancel()
            await until(lambda: Reconnected(peer) in both.centre.events)
            assert host.link("SMSC", peer) is None

    asyncio.run(go())


def test_a_silent_centre_is_asked_and_then_hung_up_on(host, make_node, until, monkeypatch):
    monkeypatch.setattr(Both, "quiet_s", 0.02)

    async def go():
        async with Both(host, make_node) as both:
            await until(lambda: both.esme.events.count(Reconnected(CENTRE)) >= 2)
            asked = [decode_smpp(one.octets) for one in arrivals(both.centre)]
            assert asked
            assert {type(one) for one in asked} == {EnquireLink}

    asyncio.run(go())


def test_a_centre_that_answers_is_not_hung_up_on(host, make_node, until, monkeypatch):
    monkeypatch.setattr(Both, "quiet_s", 0.02)

    class Answering(make_node):
        def handle(self, event):
            if isinstance(event, Arrived):
                answer = EnquireLinkResp(sequence_number=decode_smpp(event.octets).sequence_number)
                self.commands = [Send(event.source, answer.encode())]
            return super().handle(event)

    async def go():
        async with Both(host, make_node) as both:
            both.centre = Answering()
            host.add("SMSC", both.centre)
            await until(lambda: len(arrivals(both.centre)) >= 3)
            assert arrivals(both.esme) == []
            assert both.esme.events.count(Reconnected(CENTRE)) == 1

    asyncio.run(go())


class Binding:
    """A centre that lets everybody in."""

    def handle(self, event):
        if not isinstance(event, Arrived):
            return []
        pdu = decode_smpp(event.octets)
        if isinstance(pdu, BindTransceiver):
            return [Send(event.source, BindTransceiverResp(sequence_number=1).encode())]
        status = CommandStatus.RINVBNDSTS
        return [Send(event.source, GenericNack(status, pdu.sequence_number).encode())]


def until_hung_up(host, node, said, answered=0):
    """Say this to a centre, answer so many of its questions; return what came, and after when."""

    async def go():
        host.add("SMSC", node)
        listener = smpp_link.listen(host, "SMSC")
        port = await listener.open("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        heard = []
        with contextlib.suppress(ConnectionResetError):
            while header := await reader.read(4):
                body = await reader.readexactly(int.from_bytes(header, "big") - 4)
                heard.append(decode_smpp(header + body))
                if len([one for one in heard if isinstance(one, EnquireLink)]) <= answered:
                    writer.write(smpp_link.ANSWER)
        ended_s = asyncio.get_running_loop().time()
        writer.close()
        await listener.close()
        return [type(one) for one in heard], ended_s

    with asyncio.Runner(loop_factory=lambda: VirtualLoop(lambda: True)) as runner:
        return runner.run(go())


@pytest.mark.parametrize("said", [b"", EnquireLink(sequence_number=1).encode()])
def test_who_does_not_bind_in_time_is_hung_up_on(host, lines, said):
    heard, ended_s = until_hung_up(host, Binding(), said)
    assert ended_s == pytest.approx(30.0)
    assert EnquireLink not in heard
    assert [one["why"] for one in lines.records] == ["does not say who it is"]


@pytest.mark.parametrize("answered", [0, 2])
def test_who_is_bound_and_silent_is_asked_and_then_hung_up_on(host, lines, answered):
    heard, ended_s = until_hung_up(host, Binding(), BIND, answered)
    assert [one for one in heard if one is not GenericNack] == (
        [BindTransceiverResp] + [EnquireLink] * (answered + 1)
    )
    assert ended_s == pytest.approx(60.0 * (answered + 2))
    assert [one["why"] for one in lines.records] == ["does not answer enquire_link"]


def test_a_centre_whose_store_fails_hangs_up(host, make_node, until):
    class Full:
        def handle(self, event):
            if isinstance(event, Arrived):
                raise OSError("disk full")
            return []

    async def go():
        async with Both(host, make_node) as both:
            host.add("SMSC", Full())
            await until(lambda: Reconnected(CENTRE) in both.esme.events)
            host.perform("AS", [Send(CENTRE, BIND)])
            await until(lambda: both.esme.events.count(Reconnected(CENTRE)) >= 2)

    asyncio.run(go())


def test_without_a_connection_a_pdu_is_lost(host):
    async def go():
        link = smpp_link.SmppLink(host, "AS", CENTRE, 30.0, is_centre=False)
        link.send(BIND)
        assert host.counts["AS", "smpp", "lost"] == 1

    asyncio.run(go())
