import asyncio
import socket
import time

import pytest

from impl.served.virtual_loop import VirtualLoop


@pytest.fixture
def loop():
    made = VirtualLoop(lambda: True)
    yield made
    made.close()


def test_hours_pass_at_once(loop):
    begun = time.monotonic()
    loop.run_until_complete(asyncio.sleep(7200))
    assert loop.time() == pytest.approx(7200)
    assert time.monotonic() - begun < 5


def test_timers_run_out_in_their_order(loop):
    order = []
    for name, after_s in (("late", 100), ("early", 1), ("middle", 50)):
        loop.call_later(after_s, order.append, name)
    loop.run_until_complete(asyncio.sleep(200))
    assert order == ["early", "middle", "late"]


def test_what_is_on_its_way_arrives_before_time_passes(loop):
    async def go():
        one, other = socket.socketpair()
        reader, own = await asyncio.open_connection(sock=one)
        _, writer = await asyncio.open_connection(sock=other)
        writer.write(b"x")
        async with asyncio.timeout(0.001):
            assert await reader.read(1) == b"x"
        for end in (own, writer):
            end.close()
        assert loop.time() == 0

    loop.run_until_complete(go())


def test_time_does_not_pass_against_the_will_of_who_asked():
    asked = []

    def idle():
        asked.append(loop.time())
        loop.stop()
        return False

    loop = VirtualLoop(idle)
    loop.call_later(10, asked.append, "never")
    loop.run_forever()
    assert asked == [0]
    loop.close()
