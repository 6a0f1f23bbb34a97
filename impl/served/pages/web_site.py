"""A web site on a socket: HTTPS for browsers, which show no certificate of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

from impl.served.pki import SiteKeys

HANDSHAKE_S = 10.0
IDLE_S = 30.0
"""How long a connection is kept on which nothing is asked for."""


class WebSite:
    """Listens."""

    def __init__(self, make: Callable[[], web.Application], keys: SiteKeys) -> None:
        """Prepare; `make` makes what answers, on the loop that it will run on."""
        self._make = make
        self._keys = keys
        self._runner: web.AppRunner | None = None
        self._listening: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> int:
        """Listen; return the port, which the system chooses if it was 0.

        Raises:
            OSError: the address is taken or not of this machine.
        """
        self._runner = web.AppRunner(
            self._make(), access_log=None, keepalive_timeout=IDLE_S, handle_signals=False
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
