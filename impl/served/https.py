"""HTTPS on a socket: what a party of the deployment listens on, for its peers or for browsers."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Protocol

from aiohttp import web

HANDSHAKE_S = 10.0
IDLE_S = 30.0
"""How long a connection is kept on which nothing is asked for; peers keep theirs longer."""


class Keys(Protocol):
    """What a listener shows, and whom it lets in."""

    @property
    def server_context(self) -> ssl.SSLContext:
        """The context of each session; it reads newer keys by itself."""


class HttpsListener:
    """Listens."""

    def __init__(
        self, make: Callable[[], web.Application], keys: Keys, idle_s: float = IDLE_S
    ) -> None:
        """Prepare.

        Args:
            make: makes what answers, on the loop that it will run on.
            keys: what is shown, and who is let in.
            idle_s: see `IDLE_S`.
        """
        self._make = make
        self._keys = keys
        self._idle_s = idle_s
        self._runner: web.AppRunner | None = None
        self._listening: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> int:
        """Listen; return the port, which the system chooses if it was 0.

        Raises:
            OSError: the address is taken or not of this machine.
        """
        self._runner = web.AppRunner(
            self._make(), access_log=None, keepalive_timeout=self._idle_s, handle_signals=False
        )
        await self._runner.setup()
        assert self._runner.server is not None
        self._listening = await asyncio.get_running_loop().create_server(
            self._runner.server,
            host,
            port,
            ssl=self._keys.server_context,
            ssl_handshake_timeout=HANDSHAKE_S,
        )
        number: int = self._listening.sockets[0].getsockname()[1]
        return number

    async def close(self) -> None:
        """Answer nothing any more."""
        if self._listening is not None:
            self._listening.close()
        if self._runner is not None:
            await self._runner.cleanup()
