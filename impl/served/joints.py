"""The links of a loopback world: which end listens, which dials, and what opens when a node lives.

Nodes come and go at any moment of a run, also inside an event, while sockets open and close as
tasks of the loop: so each joint works off what is asked of it in order.
"""

from __future__ import annotations

import asyncio
import ssl
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any, Protocol

import aiohttp

from impl.events import Interface, Peer
from impl.runtime.secured_link import EndMaker, SecuredLink
from impl.runtime.simulation import Frame
from impl.served import gsup_link, radio_link, smpp_link
from impl.served.host import Host
from impl.served.operator_link import OperatorLink, OperatorServer, url_of
from impl.served.stream import Dialer, Listener
from impl.served.wiretap import Wiretap
from impl.values import ICCID

HOST = "127.0.0.1"
NEVER_S = 1e9


class Closable(Protocol):
    """Whatever listens."""

    async def close(self) -> None:
        """Stop."""


class Joint(ABC):
    """A link between two nodes; `open` and `close` follow their lives."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._jobs: asyncio.Queue[Callable[[], Coroutine[Any, Any, None]]] = asyncio.Queue()
        self._undone = 0
        self._living: set[str] = set()
        self._hosts: dict[str, Host] = {}
        self._dialling: dict[str, list[asyncio.Task[None]]] = {}
        self._listening: dict[str, list[Closable]] = {}
        self._worker = loop.create_task(self._work())

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to open or close, and the link is there if both nodes live."""
        return self._undone == 0 and self._is_up()

    def knows(self, name: str) -> bool:
        """Whether a node that lives has its end, or will have."""
        return name in self._living

    def open(self, name: str, host: Host) -> None:
        """Let a node that begins to live have its end."""
        self._living.add(name)

        async def work() -> None:
            self._hosts[name] = host
            await self._open(name, host)

        self._do(work)

    def close(self, name: str) -> None:
        """Take the end of a node that died."""
        self._living.discard(name)
        self._do(lambda: self._close(name))

    async def end(self) -> None:
        """Let go of everything."""
        for name in tuple(self._hosts):
            await self._close(name)
        self._worker.cancel()
        await asyncio.gather(self._worker, return_exceptions=True)

    @abstractmethod
    def _is_up(self) -> bool:
        """Whether the link is there, as far as both nodes live."""

    @abstractmethod
    async def _open(self, name: str, host: Host) -> None:
        """Let a node have its end."""

    def _dial(self, name: str, dial: Coroutine[Any, Any, None]) -> None:
        self._dialling.setdefault(name, []).append(self._loop.create_task(dial))

    def _do(self, job: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._undone += 1
        self._jobs.put_nowait(job)

    async def _work(self) -> None:
        while True:
            job = await self._jobs.get()
            await job()
            self._undone -= 1

    async def _close(self, name: str) -> None:
        self._hosts.pop(name, None)
        tasks = self._dialling.pop(name, [])
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for server in self._listening.pop(name, []):
            await server.close()


class StreamJoint(Joint):
    """One connection that one node accepts and the other dials."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        listening: tuple[str, Callable[[Host], Listener]],
        dialling: tuple[str, Callable[[Host, tuple[str, int]], Dialer]],
        watched: tuple[str, Peer],
    ) -> None:
        """Join.

        Args:
            loop: of all.
            listening: the node that listens, and how.
            dialling: the node that dials, and how.
            watched: a node and whom it has a link to when the connection is there.
        """
        super().__init__(loop)
        self._listener, self._make_listener = listening
        self._dialer, self._make_dialer = dialling
        self._watched = watched
        self._port = 0
        self._has_port = asyncio.Event()

    def _is_up(self) -> bool:
        if {self._listener, self._dialer} - self._hosts.keys():
            return True
        node, peer = self._watched
        return self._hosts[node].link(node, peer) is not None

    async def _open(self, name: str, host: Host) -> None:
        if name == self._listener:
            listener = self._make_listener(host)
            self._port = await listener.open(HOST, self._port)
            self._listening.setdefault(name, []).append(listener)
            self._has_port.set()
        else:
            self._dial(name, self._reach(host))

    async def _reach(self, host: Host) -> None:
        await self._has_port.wait()
        await self._make_dialer(host, (HOST, self._port)).run()


Tell = Callable[[Frame, bool], None]
"""Gets what was said in a session, as it stood on the wire, and whether it was taken."""


class SecuredJoint(Joint):
    """Two nodes that post to each other over mutual TLS, with an eavesdropper on each way."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        ends: Mapping[str, Peer],
        secured: SecuredLink,
        tell: Tell,
    ) -> None:
        """Join; `ends` says for each node how it names the other."""
        super().__init__(loop)
        self._ends = ends
        self._secured = secured
        self._tell = tell
        self._links: dict[str, _TappedLink] = {}
        self._taps: dict[str, Wiretap] = {}
        self._has_session = False
        secured.when_ended = self._hang_up

    def say(self, frame: Frame) -> None:
        """Say a message in the session."""
        self._say(frame, is_altered=False)

    def say_altered(self, frame: Frame) -> None:
        """Say a message in the session, and let somebody on the wire change it."""
        self._say(frame, is_altered=True)

    def _say(self, frame: Frame, *, is_altered: bool) -> None:
        link = self._links.get(frame.sender)
        if link is None:
            self._tell(replace(frame, octets=b""), False)  # noqa: FBT003 - as Tell has it
        else:
            link.say(frame, is_altered=is_altered)

    def said(self, frame: Frame, *, taken: bool) -> None:
        """Note what became of a message."""
        if taken and not self._has_session:
            self._has_session = True
            self._secured.established += 1
        self._tell(frame, taken)

    def tap_before(self, name: str) -> Wiretap | None:
        """Return the eavesdropper in front of a node, None if it does not live."""
        (other,) = self._ends.keys() - {name}
        return self._taps.get(other)

    def _is_up(self) -> bool:
        return not any(link.is_busy for link in self._links.values())

    def _hang_up(self) -> None:
        self._has_session = False
        for link in self._links.values():
            self._loop.call_soon(link.hang_up)

    async def _open(self, name: str, host: Host) -> None:
        keys = _Keys(self._secured, name, self._ends)
        server = OperatorServer(host, name, keys)
        tap = Wiretap(await server.open(HOST, 0))
        self._listening[name] = [tap, server]
        self._taps[name] = tap
        await tap.open()
        link = self._links[name] = _TappedLink(host, name, self._ends[name], keys, self)
        host.join(name, self._ends[name], link)
        self._dial(name, link.run())

    async def _close(self, name: str) -> None:
        self._links.pop(name, None)
        self._taps.pop(name, None)
        await super()._close(name)
        self._hang_up()


class _TappedLink(OperatorLink):
    """Says one message after the other, so that what is on the wire is known to be of which."""

    at_once = 1

    def __init__(self, host: Host, node: str, peer: Peer, keys: _Keys, joint: SecuredJoint) -> None:
        super().__init__(host, node, peer, keys, "")
        self._joint = joint
        self._frames: list[tuple[Frame, bool]] = []
        self._under_way = 0

    @property
    def is_busy(self) -> bool:
        """Whether something is said of which it is not known yet what becomes of it."""
        return self._under_way > 0

    def say(self, frame: Frame, *, is_altered: bool) -> None:
        """Say a message."""
        self._under_way += 1
        self._frames.append((frame, is_altered))
        self.send(frame.message)

    async def _post(self, session: aiohttp.ClientSession, octets: bytes) -> bool:
        frame, altered = self._frames.pop(0)
        tap = self._joint.tap_before(self._node)
        taken = False
        try:
            if tap is not None:
                self._url = url_of(tap.address)
                tap.take()
                tap.alters = altered
                taken = await super()._post(session, octets)
        finally:
            self._under_way -= 1
            heard = tap.take() if tap is not None and (taken or altered) else b""
            self._joint.said(replace(frame, octets=heard), taken=taken)
        return taken


class _Keys:
    """What one node of a secured link shows and accepts: decided anew for each session."""

    def __init__(self, secured: SecuredLink, name: str, ends: Mapping[str, Peer]) -> None:
        (other,) = ends.keys() - {name}
        self._make_client: EndMaker = secured.openers[name][0]
        self._make_server: EndMaker = secured.openers[other][1]
        self._peer = ends[name]

    @property
    def peers(self) -> Mapping[bytes, Peer]:
        """See `OwnKeys`; whom the certificate names first is the peer."""
        pinned = self._make_server().pinned
        return {der: Peer(self._peer.interface, name.split(".")[0]) for der, name in pinned.items()}

    @property
    def names(self) -> Mapping[Peer, str]:
        """See `OwnKeys`."""
        return {self._peer: self._make_client().server_name or ""}

    @property
    def client_context(self) -> ssl.SSLContext:
        """See `OwnKeys`."""
        return self._make_client().context

    @property
    def server_context(self) -> ssl.SSLContext:
        """See `OwnKeys`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.verify_mode = ssl.CERT_REQUIRED
        context.num_tickets = 0

        def choose(connection: ssl.SSLObject, name: str | None, first: ssl.SSLContext) -> None:
            del name, first
            connection.context = self._make_server().context

        context.sni_callback = choose
        return context


Named = tuple[str, Peer]
"""A node's name, and how it names the node at the other end."""


def stream_joint(loop: asyncio.AbstractEventLoop, one: Named, other: Named) -> StreamJoint:
    """Join a centre, a register or what serves devices, which listens, with who dials it."""
    interface = one[1].interface
    listens = {Interface.SMPP: "SMSC", Interface.GSUP: "HLR"}.get(interface)
    is_server = one[0].startswith(listens) if listens else not one[0].startswith("device")
    listening, dialling = (one, other) if is_server else (other, one)
    make = {Interface.SMPP: _smpp, Interface.GSUP: _gsup}.get(interface, _air)
    return make(loop, listening, dialling)


def _smpp(loop: asyncio.AbstractEventLoop, listening: Named, dialling: Named) -> StreamJoint:
    (centre, esme), (node, peer) = listening, dialling
    return StreamJoint(
        loop,
        (centre, lambda host: smpp_link.listen(host, centre, esme, NEVER_S)),
        (node, lambda host, address: smpp_link.dial(host, node, peer, address, NEVER_S)),
        watched=listening,
    )


def _gsup(loop: asyncio.AbstractEventLoop, listening: Named, dialling: Named) -> StreamJoint:
    (register, client), (node, peer) = listening, dialling
    return StreamJoint(
        loop,
        (register, lambda host: gsup_link.listen(host, register)),
        (node, lambda host, at: gsup_link.dial(host, node, client.name, at, peer.name)),
        watched=listening,
    )


def _air(loop: asyncio.AbstractEventLoop, listening: Named, dialling: Named) -> StreamJoint:
    (network, device), (node, peer) = listening, dialling

    def dial(host: Host, address: tuple[str, int]) -> Dialer:
        air = radio_link.DeviceAir(host, peer.name)
        air.carry(node, ICCID(device.name))
        return radio_link.dial(host, air, address)

    return StreamJoint(
        loop,
        (network, lambda host: radio_link.listen(host, network)),
        (node, dial),
        watched=dialling,
    )
