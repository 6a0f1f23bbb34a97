"""One TCP connection that carries framed messages, and how to listen for it or to dial it.

What a peer sends costs bounded memory: a message has a greatest length, one that begins has to end
in time, and a peer that does not read, or does not say who it is where that is asked, is hung up
on; one that is gone without a word the system finds out (TCP keep-alive). Where there are too many
connections the one that was silent longest gives way: who holds them open without a word keeps
nobody out. Who dials tries again, waiting longer.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Protocol

from impl.errors import MalformedError
from impl.served.framing import Framing
from impl.served.log import Log

MOST_UNSENT = 1 << 20
"""Octets that wait for a peer to read before it is hung up on."""
MESSAGE_S = 30.0
"""How long a message may take from its first to its last octet."""
INTRODUCTION_S = 30.0
"""How long who dialled may be there before it said who it is (SMPP 3.4 clause 7.2:
session_init_timer); the same over IPA."""
KEEP_ALIVE = {socket.TCP_KEEPIDLE: 60, socket.TCP_KEEPINTVL: 15, socket.TCP_KEEPCNT: 4}
"""Seconds of silence, seconds between questions, and how many go without an answer."""
FIRST_WAIT_S, LONGEST_WAIT_S = 0.05, 5.0
"""How long who dials waits after a failure, doubled each time.

A connection that ended sooner than the longest wait is a failure, too: one that is hung up on at
once would be dialled twenty times a second."""
MOST_CONNECTIONS = 1024


class Talk(Protocol):
    """What is done with the messages of one connection."""

    def opened(self, stream: Stream) -> None:
        """The connection is there."""

    def took(self, stream: Stream, message: bytes) -> None:
        """One whole message came; a MalformedError ends the connection."""

    def closed(self, stream: Stream) -> None:
        """The connection is gone."""


class Stream(asyncio.Protocol):
    """One end of a connection."""

    def __init__(
        self, framing: Framing, talk: Talk, log: Log, introduction_s: float | None = None
    ) -> None:
        """Prepare; with `introduction_s` the talk has to call `introduced` in that time."""
        self.peer_address = ""
        """Address and port of the other end, as a name of this connection."""
        self._framing = framing
        self._talk = talk
        self._log = log
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._introduction_s = introduction_s
        self._introduction: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self.heard_at_s = self._loop.time()
        """When the last whole message came, or the connection began, on the clock of the loop."""
        self.ended = self._loop.create_future()
        """Done when the connection is gone."""

    def send(self, message: bytes) -> bool:
        """Write a whole message; return whether the connection takes it."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return False
        if transport.get_write_buffer_size() > MOST_UNSENT:
            self.hang_up("does not read")
            return False
        transport.write(message)
        return True

    def introduced(self) -> None:
        """Note that the peer said who it is."""
        if self._introduction is not None:
            self._introduction.cancel()

    def close(self) -> None:
        """End the connection after what is written has left."""
        if self._transport is not None:
            self._transport.close()

    def hang_up(self, why: str) -> None:
        """End the connection at once, and tell the log why."""
        self._log.warning("hung up", peer=self.peer_address, why=why)
        self._buffer.clear()
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        assert isinstance(transport, asyncio.Transport)
        host, port, *_ = transport.get_extra_info("peername") or ("?", 0)
        self.peer_address = f"{host}:{port}"
        self._transport = transport
        _keep_alive(transport.get_extra_info("socket"))
        if self._introduction_s is not None:
            self._introduction = self._loop.call_later(
                self._introduction_s, self.hang_up, "does not say who it is"
            )
        self._talk.opened(self)

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        self._buffer += data
        try:
            for message in self._framing.split(self._buffer):
                self._rest()
                self.heard_at_s = self._loop.time()
                self._talk.took(self, message)
        except MalformedError as error:
            self.hang_up(str(error))
            return
        if self._buffer and self._deadline is None:
            self._deadline = self._loop.call_later(
                MESSAGE_S, self.hang_up, "does not end its message"
            )

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        del exc
        self._rest()
        self.introduced()
        self._transport = None
        self._buffer.clear()
        if not self.ended.done():
            self.ended.set_result(None)
        self._talk.closed(self)

    def _rest(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def _keep_alive(connection: socket.socket | None) -> None:
    """Let the system find out when the host at the other end is gone; a pipe has none."""
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in KEEP_ALIVE.items():
            connection.setsockopt(socket.IPPROTO_TCP, option, value)


class Listener:
    """Accepts connections on one address, each with a talk of its own."""

    def __init__(
        self,
        framing: Framing,
        make_talk: Callable[[], Talk],
        log: Log,
        introduction_s: float | None = None,
    ) -> None:
        """Prepare; see `Stream`."""
        self._framing = framing
        self._introduction_s = introduction_s
        self._make_talk = make_talk
        self._log = log
        self._server: asyncio.Server | None = None
        self._streams: list[Stream] = []

    async def open(self, host: str, port: int) -> int:
        """Listen; return the port, which the system chooses if it was 0.

        Raises:
            OSError: the address is taken or not of this machine.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._accept, host, port)
        number: int = self._server.sockets[0].getsockname()[1]
        return number

    async def close(self) -> None:
        """Accept nobody any more, and end the connections."""
        if self._server is not None:
            self._server.close()
        streams = tuple(self._streams)
        for stream in streams:
            stream.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*(one.ended for one in streams)), 2.0)

    def _accept(self) -> Stream:
        self._streams = [stream for stream in self._streams if not stream.ended.done()]
        if len(self._streams) >= MOST_CONNECTIONS:
            quietest = min(self._streams, key=lambda stream: stream.heard_at_s)
            quietest.hang_up("was silent longest of too many")
            self._streams.remove(quietest)
        stream = Stream(self._framing, self._make_talk(), self._log, self._introduction_s)
        self._streams.append(stream)
        return stream


class Dialer:
    """Keeps one connection to an address open."""

    def __init__(self, framing: Framing, talk: Talk, log: Log, address: tuple[str, int]) -> None:
        self._framing = framing
        self._talk = talk
        self._log = log
        self._address = address
        self._stream: Stream | None = None

    async def run(self) -> None:
        """Dial, and dial again whenever the connection is lost, until cancelled."""
        host, port = self._address
        loop = asyncio.get_running_loop()
        wait_s = FIRST_WAIT_S
        try:
            while True:
                began_s = loop.time()
                try:
                    _, self._stream = await loop.create_connection(self._make, host, port)
                except OSError as error:
                    self._log.debug("nobody listens", address=f"{host}:{port}", error=str(error))
                else:
                    await self._stream.ended
                    if loop.time() - began_s >= LONGEST_WAIT_S:
                        wait_s = FIRST_WAIT_S
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, LONGEST_WAIT_S)
        finally:
            if self._stream is not None:
                self._stream.close()

    def _make(self) -> Stream:
        return Stream(self._framing, self._talk, self._log)
