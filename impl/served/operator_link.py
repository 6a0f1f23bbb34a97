"""Operator messages over HTTPS: JSON, mutual TLS 1.3, pinned certificates [054] [068].

Each party both listens and dials. A message is one `POST /v1/messages`; 202 says that it was taken
(and is durable where it has to be), not what is answered: the answer is a message of its own, in
the other direction. Who speaks is who the certificate says, and nothing in the message.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

import aiohttp
from aiohttp import web

from impl.codec.operator import LONGEST, decode_operator
from impl.errors import MalformedError
from impl.events import Peer
from impl.served.host import Host, kind
from impl.served.https import HttpsListener
from impl.served.openapi import JSON, PATH, PROBLEM, openapi
from impl.served.pki import OwnKeys

ANSWER_S = 10.0
"""How long a peer may take to read or to take a message."""
PEERS_IDLE_S = 600.0
MOST_WAITING = 10_000
"""Messages that wait for a connection; what comes then is lost, and said again by its sender."""


class OperatorLink:
    """Says messages to one peer, in their order as far as one connection keeps it."""

    at_once = 8
    """Requests that are under way together, each on a connection that stays open."""

    def __init__(self, host: Host, node: str, peer: Peer, pins: OwnKeys, address: str) -> None:
        """Prepare.

        Args:
            host: of the node.
            node: the name of the node.
            peer: whom it speaks to.
            pins: what both ends show.
            address: host and port where the peer listens.
        """
        self._host = host
        self._node = node
        self._peer = peer
        self._pins = pins
        self._url = url_of(address)
        self._waiting: deque[bytes] = deque()
        self._wake = asyncio.Event()
        self._hung_up = asyncio.Event()

    def send(self, octets: bytes) -> None:
        """See `Link`."""
        if len(self._waiting) >= MOST_WAITING:
            self._host.lost(self._node, self._peer, "too many wait")
            return
        self._waiting.append(octets)
        self._wake.set()

    async def run(self) -> None:
        """Post what there is to say, until cancelled."""
        timeout = aiohttp.ClientTimeout(total=ANSWER_S)
        while True:
            self._hung_up.clear()
            connector = aiohttp.TCPConnector(limit=self.at_once, keepalive_timeout=300.0)
            async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
                posting = [asyncio.create_task(self._post_on(session)) for _ in range(self.at_once)]
                try:
                    await self._hung_up.wait()
                finally:
                    for task in posting:
                        task.cancel()
                    await asyncio.gather(*posting, return_exceptions=True)

    def hang_up(self) -> None:
        """End the connections; what is said next opens another session."""
        self._hung_up.set()

    async def _post_on(self, session: aiohttp.ClientSession) -> None:
        while True:
            while not self._waiting or self._hung_up.is_set():
                self._wake.clear()
                await self._wake.wait()
            await self._post(session, self._waiting.popleft())

    async def _post(self, session: aiohttp.ClientSession, octets: bytes) -> bool:
        """Say one message; return whether it was taken."""
        name = self._pins.names.get(self._peer)
        if name is None:
            self._host.lost(self._node, self._peer, "no agreement: its certificate is not pinned")
            return False
        try:
            async with session.post(
                self._url,
                data=octets,
                headers={"Content-Type": JSON},
                ssl=self._pins.client_context,
                server_hostname=name,
            ) as response:
                await response.read()
                why = None if response.status == 202 else f"status {response.status}"
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            why = kind(error)
        if why is not None:
            self._host.lost(self._node, self._peer, why)
        return why is None


def url_of(address: str) -> str:
    """Return where messages are posted to who listens at host and port."""
    return f"https://{address}{PATH}"


class OperatorServer:
    """Listens for the messages of those with whom there is an agreement."""

    def __init__(
        self,
        host: Host,
        node: str,
        pins: OwnKeys,
        routes: Iterable[web.RouteDef] = (),
        paths: Mapping[str, Any] | None = None,
    ) -> None:
        """Prepare.

        Args:
            host: of the node.
            node: its name.
            pins: what it shows, and whom it accepts.
            routes: what else the same parties may ask for.
            paths: what the OpenAPI document says of these.
        """
        self._host = host
        self._node = node
        self._pins = pins
        self._routes = tuple(routes)
        self._paths = dict(paths or {})
        self._listener = HttpsListener(self._application, pins, PEERS_IDLE_S)

    async def open(self, host: str, port: int) -> int:
        """Listen; see `HttpsListener.open`."""
        return await self._listener.open(host, port)

    async def close(self) -> None:
        """Take nothing any more."""
        await self._listener.close()

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=LONGEST + 1, middlewares=[_tell_problems])
        application.router.add_post(PATH, self._take)
        application.router.add_get("/openapi.json", self._describe)
        application.router.add_routes(self._routes)
        return application

    async def _take(self, request: web.Request) -> web.Response:
        source = source_of(request, self._pins)
        if request.content_type != JSON:
            raise web.HTTPUnsupportedMediaType(text=f"a message is {JSON}")
        async with asyncio.timeout(ANSWER_S):
            octets = await request.read()
        try:
            decode_operator(octets)
        except MalformedError as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        if not self._host.arrived(self._node, source, octets):
            raise web.HTTPServiceUnavailable(text="not taken: say it again")
        return web.Response(status=202)

    async def _describe(self, request: web.Request) -> web.Response:
        del request
        described = openapi()
        return web.json_response(described | {"paths": described["paths"] | self._paths})


def source_of(request: web.Request, pins: OwnKeys) -> Peer:
    """Return who speaks, as the session proves.

    Raises:
        web.HTTPForbidden: their certificate was pinned when the session began, and is not any more.
    """
    connection: Any = request.transport
    session: ssl.SSLObject = connection.get_extra_info("ssl_object")
    certificate = session.getpeercert(binary_form=True)
    peer = pins.peers.get(certificate or b"")
    if peer is None:
        raise web.HTTPForbidden(text="no agreement")
    return peer


@web.middleware
async def _tell_problems(request: web.Request, handler: Any) -> web.StreamResponse:
    """Answer what goes wrong as RFC 9457 says: application/problem+json."""
    try:
        response: web.StreamResponse = await handler(request)
    except web.HTTPException as error:
        return _problem(error.status, error.reason, error.text or "", error.headers.get("Allow"))
    except TimeoutError:
        return _problem(408, "Request Timeout", "the message did not come whole in time", None)
    return response


def _problem(status: int, title: str, detail: str, allow: str | None) -> web.Response:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    headers = {"Allow": allow} if allow else {}
    return web.json_response(body, status=status, content_type=PROBLEM, headers=headers)
