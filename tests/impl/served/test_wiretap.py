import asyncio

import pytest

from impl.served.wiretap import Wiretap


@pytest.fixture
def tapped():
    """Run a test's coroutine with a tap before a server that answers in capitals."""

    def run(test):
        async def answer(reader, writer):
            while octets := await reader.read(100):
                writer.write(octets.upper())
            writer.close()

        async def go():
            server = await asyncio.start_server(answer, "127.0.0.1", 0)
            tap = Wiretap(server.sockets[0].getsockname()[1])
            await tap.open()
            host, port = tap.address.split(":")
            reader, writer = await asyncio.open_connection(host, int(port))
            await test(tap, reader, writer)
            writer.close()
            await tap.close()
            server.close()

        asyncio.run(go())

    return run


def test_octets_go_through_and_are_heard(tapped):
    async def test(tap, reader, writer):
        writer.write(b"hello")
        assert await reader.read(100) == b"HELLO"
        assert tap.take() == b"hello"
        assert tap.take() == b""

    tapped(test)


def test_what_comes_next_is_changed_once(tapped):
    async def test(tap, reader, writer):
        tap.alters = True
        writer.write(b"aa")
        assert await reader.read(100) == b"A`"
        writer.write(b"aa")
        assert await reader.read(100) == b"AA"

    tapped(test)


def test_when_one_end_is_gone_the_other_hears_it(tapped):
    async def test(tap, reader, writer):
        writer.write_eof()
        assert await reader.read(100) == b""
        assert tap.take() == b""

    tapped(test)
