"""A relay in front of a listening socket: what an eavesdropper hears on the wire, or changes."""

from __future__ import annotations

import asyncio
from contextlib import suppress

CHUNK_OCTETS = 1 << 16


class Wiretap:
    """Stands between who dials and who listens, and hands octets on."""

    def __init__(self, port: int) -> None:
        """Prepare; `port` is where the other end listens on this machine."""
        self._port = port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._heard = bytearray()
        self.address = ""
        """Where it is dialled."""
        self.alters = False
        """Whether the last octet of what comes next from who dialled is changed, once."""

    async def open(self) -> None:
        """Listen, where `address` says from now on."""
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        self.address = f"{host}:{port}"

    async def close(self) -> None:
        """End the connections and listen no more."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def take(self) -> bytes:
        """Return what who dialled has said since it was last asked."""
        heard = bytes(self._heard)
        self._heard.clear()
        return heard

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with suppress(OSError, asyncio.CancelledError):
            behind, onward = await asyncio.open_connection("127.0.0.1", self._port)
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._forward(reader, onward, listens=True))
                    both.create_task(self._forward(behind, writer, listens=False))
            finally:
                onward.close()
                writer.close()

    async def _forward(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, listens: bool
    ) -> None:
        with suppress(OSError):
            while octets := await reader.read(CHUNK_OCTETS):
                if listens:
                    self._heard += octets
                    if self.alters:
                        self.alters = False
                        octets = octets[:-1] + bytes([octets[-1] ^ 0x01])
                writer.write(octets)
                await writer.drain()
        writer.close()
