import asyncio

from impl.errors import StoreLostError
from impl.events import (
    Arrived,
    Expired,
    Interface,
    Peer,
    Reconnected,
    Send,
    SetTimer,
    Started,
    StopTimer,
)
from impl.runtime import resumption
from impl.served.host import Host, Surroundings, kind

PEER = Peer(Interface.GSUP, "vlr")


class Wire:
    def __init__(self):
        self.sent = []

    def send(self, octets):
        self.sent.append(octets)


class Full:
    """A node whose disk is full."""

    def handle(self, event):
        if isinstance(event, Arrived):
            raise OSError("4a6f686e cannot be written")
        return []


def test_a_node_is_started_when_it_is_added(host, make_node):
    node = make_node()
    host.add("hlr", node)
    assert node.events == [Started()]
    assert host.nodes == ("hlr",)


def test_what_arrives_is_handled_and_answered_over_its_link(host, make_node):
    node, wire = make_node(), Wire()
    host.add("hlr", node)
    host.join("hlr", PEER, wire)
    node.commands = [Send(PEER, b"answer")]
    assert host.arrived("hlr", PEER, b"question")
    assert node.events[-1] == Arrived(PEER, b"question")
    assert wire.sent == [b"answer"]


def test_without_a_link_a_message_is_lost_and_counted(host, lines):
    host.perform("hlr", [Send(PEER, b"x")])
    assert host.counts["hlr", "gsup", "lost"] == 1
    assert lines.records[-1]["why"] == "no link"


def test_a_node_that_is_not_there_takes_nothing(host):
    assert not host.arrived("hlr", PEER, b"x")


def test_a_node_that_fails_loses_the_event_and_lives(host, lines):
    host.add("hlr", Full())
    assert not host.arrived("hlr", PEER, b"x")
    assert host.counts["hlr", "", "failed"] == 1
    assert lines.records[-1]["error"] == "OSError"
    assert "4a6f" not in lines.getvalue()
    assert host.nodes == ("hlr",)


def test_a_timer_runs_out_once(host, make_node, until):
    async def go():
        node = make_node()
        host.add("hlr", node)
        host.perform("hlr", [SetTimer("lease", 0.005)])
        await until(lambda: Expired("lease") in node.events)
        await asyncio.sleep(0.02)
        assert node.events.count(Expired("lease")) == 1

    asyncio.run(go())


def test_a_timer_that_is_stopped_or_set_anew_does_not_run_out(host, make_node):
    async def go():
        node = make_node()
        host.add("hlr", node)
        host.perform("hlr", [SetTimer("a", 0.005), StopTimer("a"), StopTimer("never")])
        host.perform("hlr", [SetTimer("b", 0.005), SetTimer("b", 60.0)])
        await asyncio.sleep(0.03)
        assert node.events == [Started()]
        host.stop()

    asyncio.run(go())


def test_a_timer_that_could_not_be_taken_runs_out_again(host, until, monkeypatch):
    monkeypatch.setattr(resumption, "AGAIN_S", 0.005)
    taken = []

    class FullForAWhile:
        left = 2

        def handle(self, event):
            if isinstance(event, Expired):
                self.left -= 1
                if self.left >= 0:
                    raise OSError("disk full")
                taken.append(event)
            return []

    async def go():
        host.add("hlr", FullForAWhile())
        host.perform("hlr", [SetTimer("lease", 0.001)])
        await until(lambda: taken)
        await asyncio.sleep(0.02)
        assert taken == [Expired("lease")]

    asyncio.run(go())


def test_a_node_that_could_not_start_or_lost_its_store_starts_again(host, until, monkeypatch):
    monkeypatch.setattr(resumption, "AGAIN_S", 0.005)
    taken = []

    class Disconnected:
        left = 2

        def handle(self, event):
            if isinstance(event, Started):
                self.left -= 1
            if self.left >= 0 or isinstance(event, Arrived):
                raise StoreLostError
            taken.append(event)
            return []

    async def go():
        host.add("hlr", Disconnected())
        await until(lambda: taken == [Started()])
        assert not host.arrived("hlr", PEER, b"question")
        assert not host.arrived("hlr", PEER, b"another")
        await until(lambda: len(taken) > 1)
        await asyncio.sleep(0.02)
        assert taken == [Started(), Started()]

    asyncio.run(go())


def test_when_all_end_no_timer_runs_out(host, make_node):
    async def go():
        node = make_node()
        host.add("hlr", node)
        host.perform("hlr", [SetTimer("a", 0.005)])
        host.stop()
        await asyncio.sleep(0.03)
        assert node.events == [Started()]
        assert host.nodes == ()

    asyncio.run(go())


def test_a_link_that_is_gone_ends_the_session(host, make_node):
    node, wire = make_node(), Wire()
    host.add("smsc", node)
    host.join("smsc", PEER, wire)
    assert host.links_of("smsc") == [PEER]
    host.part("smsc", PEER, wire)
    assert host.link("smsc", PEER) is None
    assert node.events[-1] == Reconnected(PEER)


def test_a_link_that_another_replaced_is_not_missed(host, make_node):
    node, old, new = make_node(), Wire(), Wire()
    host.add("smsc", node)
    host.join("smsc", PEER, old)
    host.join("smsc", PEER, new)
    host.part("smsc", PEER, old)
    assert host.link("smsc", PEER) is new
    assert node.events == [Started()]


def test_a_trace_sees_both_directions(log, make_node):
    seen = []
    host = Host(log, lambda *message: seen.append(message))
    node = make_node()
    host.add("hlr", node)
    host.join("hlr", PEER, Wire())
    node.commands = [Send(PEER, b"answer")]
    host.arrived("hlr", PEER, b"question")
    assert seen == [("hlr", PEER, b"question", "received"), ("hlr", PEER, b"answer", "sent")]


def test_an_error_is_told_by_its_kind_only():
    error = ValueError("4a6f")
    error.__cause__ = KeyError("4b")
    assert kind(error) == "ValueError from KeyError"
    assert kind(OSError("4a6f")) == "OSError"


def test_surroundings_are_real():
    one = Surroundings()
    assert one.now() > 1_700_000_000
    assert one.random_octets(16) != one.random_octets(16)
    assert len(one.random_octets(5)) == 5
