import asyncio
import os
import signal

import pytest

from impl.served.signals import end_on_signal


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_end_is_heard(number):
    async def go():
        ended = asyncio.Event()
        end_on_signal(ended)
        assert not ended.is_set()
        os.kill(os.getpid(), number)
        async with asyncio.timeout(20):
            await ended.wait()

    asyncio.run(go())
