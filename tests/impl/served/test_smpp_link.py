import asyncio

from impl.codec.smpp import BindTransceiver, EnquireLink, EnquireLinkResp, decode_smpp
from impl.events import Arrived, Interface, Peer, Reconnected, Send
from impl.served import smpp_link
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
            await until(lambda: len(arrivals(both.esme)) >= 3)
            assert both.esme.events.count(Reconnected(CENTRE)) == 1

    asyncio.run(go())


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
        link = smpp_link.SmppLink(host, "AS", CENTRE)
        link.send(BIND)
        assert host.counts["AS", "smpp", "lost"] == 1

    asyncio.run(go())
