"""A line between processes that can be cut: what is said to one address goes on to another.

Several may be behind it: connections go to them in turn, past those that do not listen.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine
from contextlib import suppress

from impl.served.deployment import split_address

CHUNK = 1 << 16


class Proxy:
    """Carries the octets of all connections to one address, in both directions, until it is cut."""

    def __init__(self, *goes_to: str) -> None:
        """Prepare; `goes_to` are the addresses behind it."""
        self._behind = deque(map(split_address, goes_to))
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()
        self._is_cut = False

    async def open(self, address: str) -> None:
        """Listen there.

        Raises:
            OSError: the address is taken.
        """
        self._server = await asyncio.start_server(self._accept, *split_address(address))

    async def close(self) -> None:
        """End everything."""
        if self._server is not None:
            self._server.close()
        await self.cut()

    async def cut(self) -> None:
        """End all connections in the middle of what they carry, and let none begin."""
        self._is_cut = True
        lines = tuple(self._lines)
        for line in lines:
            line.cancel()
        await asyncio.gather(*lines, return_exceptions=True)

    def mend(self) -> None:
        """Let connections begin again."""
        self._is_cut = False

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.current_task()
        assert line is not None
        self._lines.add(line)
        writers = [writer]
        try:
            if not self._is_cut:
                behind, onward = await self._dial()
                writers.append(onward)
                await _first_of(_carry(reader, onward), _carry(behind, writer))
        except OSError:
            pass  # nobody listens behind it: whoever dialled finds nobody
        except asyncio.CancelledError:
            pass  # it was cut
        finally:
            for one in writers:
                one.transport.abort()
            self._lines.discard(line)

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return a connection to the next who listens; OSError if nobody does."""
        for _ in range(len(self._behind) - 1):
            with suppress(OSError):
                return await self._dial_next()
        return await self._dial_next()

    async def _dial_next(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self._behind.rotate(-1)
        return await asyncio.open_connection(*self._behind[-1])


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry octets one way until an end goes away."""
    with suppress(OSError):
        while octets := await reader.read(CHUNK):
            writer.write(octets)
            await writer.drain()


async def _first_of(*ways: Coroutine[None, None, None]) -> None:
    """Run all until one has ended, and end the others."""
    tasks = [asyncio.create_task(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
