import asyncio
import socket

import pytest

from impl.errors import MalformedError
from impl.served import stream as module
from impl.served.framing import RadioFraming
from impl.served.stream import Dialer, Listener
from impl.served.virtual_loop import VirtualLoop


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


def test_a_peer_that_is_gone_without_a_word_is_found_out(served):
    async def test(talks, reader, writer):
        del reader
        writer.write(frame(b"hello"))
        (stream,) = talks[0].open
        own = stream._transport.get_extra_info("socket")
        assert own.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        kept = {option: own.getsockopt(socket.IPPROTO_TCP, option) for option in module.KEEP_ALIVE}
        assert kept == module.KEEP_ALIVE

    served(test)


def test_of_too_many_connections_the_silent_one_gives_way(served, lines, monkeypatch, until):
    monkeypatch.setattr(module, "MOST_CONNECTIONS", 2)

    async def test(talks, reader, writer):
        address = writer.get_extra_info("peername")
        silent, held = await asyncio.open_connection(*address)
        await until(lambda: len(talks) == 2)
        writer.write(frame(b"older, but it speaks"))
        await until(lambda: talks[0].heard)
        _, newest = await asyncio.open_connection(*address)
        await until(silent.at_eof)
        newest.write(frame(b"taken"))
        writer.write(frame(b"goes on"))
        await until(lambda: talks[2].heard and len(talks[0].heard) == 2)
        assert not reader.at_eof()
        held.close()
        newest.close()

    served(test)
    assert [one["why"] for one in lines.records] == ["was silent longest of too many"]


def test_as_many_connections_as_may_be_are_kept(served, lines, monkeypatch, until):
    monkeypatch.setattr(module, "MOST_CONNECTIONS", 2)

    async def test(talks, _, writer):
        second = (await asyncio.open_connection(*writer.get_extra_info("peername")))[1]
        second.write(frame(b"second"))
        writer.write(frame(b"first"))
        await until(lambda: len(talks) == 2 and all(talk.heard for talk in talks))
        second.close()

    served(test)
    assert not lines.records


@pytest.mark.parametrize(
    ("lasting_s", "waits"),
    [
        (0.0, [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]),
        (4.9, [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]),
        (5.0, [0.05] * 9),
    ],
)
def test_who_dials_waits_longer_each_time_unless_a_connection_lasted(log, lasting_s, waits):
    ended, waited = [], []

    async def go():
        loop = asyncio.get_running_loop()
        enough = asyncio.Event()

        class Brief(Talk):
            def opened(self, stream):
                if ended:
                    waited.append(loop.time() - ended[-1])
                if len(waited) == len(waits):
                    enough.set()
                loop.call_later(lasting_s, stream.close)

            def closed(self, _):
                ended.append(loop.time())

        listener = Listener(RadioFraming(), Talk, log)
        port = await listener.open("127.0.0.1", 0)
        dialer = Dialer(RadioFraming(), Brief(), log, ("127.0.0.1", port))
        task = asyncio.create_task(dialer.run())
        await enough.wait()
        task.cancel()
        await listener.close()

    with asyncio.Runner(loop_factory=lambda: VirtualLoop(lambda: True)) as runner:
        runner.run(go())
    assert waited == pytest.approx(waits)
