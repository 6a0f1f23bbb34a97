import asyncio
from functools import partial

import pytest

from impl.served.local import free_ports
from impl.served.proxy import Proxy


@pytest.fixture
def lines():
    """Run a test with a proxy before a server that says everything again, in capitals."""

    def run(test, *, is_there=True):
        async def answer(reader, writer):
            while octets := await reader.read(100):
                writer.write(octets.upper())
            writer.close()

        async def go():
            behind, before = (f"127.0.0.1:{port}" for port in free_ports(2))
            server = None
            if is_there:
                server = await asyncio.start_server(answer, *behind.split(":"))
            proxy = Proxy(behind)
            await proxy.open(before)

            writers = []

            async def dial():
                reader, writer = await asyncio.open_connection(*before.split(":"))
                writers.append(writer)
                return reader, writer

            async with asyncio.timeout(20):
                await test(proxy, dial)
            for writer in writers:
                writer.close()
            await proxy.close()
            if server:
                server.close()

        asyncio.run(go())

    return run


async def said(reader, writer, octets=b"hello"):
    writer.write(octets)
    return await reader.read(100)


def test_what_is_said_is_carried_both_ways(lines):
    async def test(_, dial):
        first, second = await dial(), await dial()
        assert await said(*second, b"two") == b"TWO"
        assert await said(*first, b"one") == b"ONE"
        first[1].write_eof()
        assert await first[0].read() == b""
        assert await said(*second) == b"HELLO"

    lines(test)


def test_a_line_that_is_cut_ends_and_none_begins_until_it_is_mended(lines):
    async def test(proxy, dial):
        reader, writer = await dial()
        assert await said(reader, writer) == b"HELLO"
        await proxy.cut()
        assert await ended(reader)
        assert await ended((await dial())[0])
        proxy.mend()
        assert await said(*await dial()) == b"HELLO"

    lines(test)


def test_who_dials_where_nobody_listens_finds_nobody(lines):
    async def test(_, dial):
        assert await ended((await dial())[0])

    lines(test, is_there=False)


def test_several_behind_one_address_are_dialled_in_turn_past_those_who_are_not_there():
    async def go():
        behind = [f"127.0.0.1:{port}" for port in free_ports(4)]
        front, servers = behind.pop(), []
        for number in (0, 2):  # nobody listens on the one between
            host, _, port = behind[number].partition(":")
            greet = partial(tell, str(number).encode())
            servers.append(await asyncio.start_server(greet, host, port))
        proxy = Proxy(*behind)
        await proxy.open(front)
        heard = [await met(front) for _ in range(4)]
        servers[0].close()
        heard += [await met(front) for _ in range(3)]
        servers[1].close()
        heard.append(await met(front))
        await proxy.close()
        return heard

    async def tell(what, _, writer):
        writer.write(what)
        writer.close()

    async def met(address):
        reader, writer = await asyncio.open_connection(*address.split(":"))
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""
        finally:
            writer.close()

    heard = asyncio.run(go())
    assert set(heard[:4]) == {b"0", b"2"}
    assert heard[4:] == [b"2", b"2", b"2", b""]


async def ended(reader):
    try:
        return await reader.read() == b""
    except ConnectionResetError:
        return True
