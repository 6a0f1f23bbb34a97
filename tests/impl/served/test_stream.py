import asyncio
import socket

import pytest

from impl.errors import MalformedError
from impl.served import stream as module
from impl.served.framing import RadioFraming
from impl.served.stream import Dialer, Listener


def frame(octets):
    return len(octets).to_bytes(2, "big") + octets


class Talk:
    def __init__(self):
        self.open = []
        self.heard = []
        self.ended = 0

    def opened(self, stream):
        self.open.append(stream)

    def took(self, _, message):
        if message == frame(b"bad"):
            raise MalformedError("talk", "is bad")
        self.heard.append(message)

    def closed(self, _):
        self.ended += 1


def test_messages_go_both_ways(log, until):
    async def go():
        here, there = Talk(), Talk()
        listener = Listener(RadioFraming(), lambda: here, log)
        port = await listener.open("127.0.0.1", 0)
        task = asyncio.create_task(Dialer(RadioFraming(), there, log, ("127.0.0.1", port)).run())
        await until(lambda: here.open and there.open)
        assert there.open[0].send(frame(b"question"))
        await until(lambda: here.heard == [frame(b"question")])
        assert here.open[0].send(frame(b"answer"))
        await until(lambda: there.heard == [frame(b"answer")])
        assert here.open[0].peer_address.startswith("127.0.0.1:")
        task.cancel()
        await listener.close()

    asyncio.run(go())


def test_who_dials_dials_again(log, until):
    async def go():
        talks = []

        def make():
            talks.append(Talk())
            return talks[-1]

        listener = Listener(RadioFraming(), make, log)
        port = await listener.open("127.0.0.1", 0)
        there = Talk()
        task = asyncio.create_task(Dialer(RadioFraming(), there, log, ("127.0.0.1", port)).run())
        await until(lambda: talks)
        talks[0].open[0].close()
        await until(lambda: len(there.open) == 2)
        assert there.ended == 1
        task.cancel()
        await listener.close()

    asyncio.run(go())


def test_who_dials_waits_for_who_does_not_listen_yet(log, lines, until):
    async def go():
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))
            port = held.getsockname()[1]
        there = Talk()
        task = asyncio.create_task(Dialer(RadioFraming(), there, log, ("127.0.0.1", port)).run())
        await until(lambda: any(one["event"] == "nobody listens" for one in lines.records))
        listener = Listener(RadioFraming(), Talk, log)
        await listener.open("127.0.0.1", port)
        await until(lambda: there.open)
        task.cancel()
        await listener.close()

    asyncio.run(go())


@pytest.fixture
def served(log):
    """Run a test's coroutine with a talk that listens, and a plain connection to it."""

    def serve(test, make_talk=Talk):
        async def go():
            talks = []

            def make():
                talks.append(make_talk())
                return talks[-1]

            listener = Listener(RadioFraming(), make, log)
            port = await listener.open("127.0.0.1", 0)
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            await test(talks, reader, writer)
            writer.close()
            await listener.close()

        asyncio.run(go())

    return serve


def test_garbage_is_hung_up_on_and_told_once(served, lines):
    async def test(talks, reader, writer):
        writer.write(b"\xff" * 64)
        assert await reader.read() == b""
        assert not talks[0].heard

    served(test)
    assert [one["event"] for one in lines.records] == ["hung up"]


def test_a_message_that_its_talk_refuses_ends_the_connection(served):
    async def test(talks, reader, writer):
        writer.write(frame(b"good") + frame(b"bad") + frame(b"never"))
        assert await reader.read() == b""
        assert talks[0].heard == [frame(b"good")]

    served(test)


def test_a_message_that_does_not_end_in_time_ends_the_connection(served, lines, monkeypatch):
    monkeypatch.setattr(module, "MESSAGE_S", 0.02)

    async def test(talks, reader, writer):
        writer.write(frame(b"whole") + b"\0")
        assert await reader.read() == b""
        assert talks[0].heard == [frame(b"whole")]

    served(test)
    assert lines.records[-1]["why"] == "does not end its message"


def test_a_peer_that_does_not_read_is_hung_up_on(served, lines, monkeypatch, until):
    monkeypatch.setattr(module, "MOST_UNSENT", 10_000)

    async def test(talks, reader, writer):
        del reader, writer
        await until(lambda: talks)
        taken = [talks[0].open[0].send(frame(bytes(1000))) for _ in range(20_000)]
        assert taken[0]
        assert not taken[-1]
        await until(lambda: talks[0].ended)

    served(test)
    assert lines.records[-1]["why"] == "does not read"


def test_one_connection_too_many_is_closed(served, monkeypatch):
    monkeypatch.setattr(module, "MOST_CONNECTIONS", 0)

    async def test(talks, reader, writer):
        writer.write(frame(b"x"))
        assert await reader.read() == b""
        assert not talks

    served(test)
