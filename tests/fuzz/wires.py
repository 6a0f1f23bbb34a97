"""Hostile octets on every wire: framing, links and listeners as they are served, sockets apart.

What is no message ends the connection or is answered, and changes nothing: what the node behind it
keeps is the same after any number of them, and no connection leaves anything behind. What is one
after all goes no further than to the door of the node; behind it `test_fuzz_nodes.py` goes on.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, cast

from aiohttp import web
from test_fuzz_nodes import FIRST, PLANS, SERVER, Door, means_nothing, picture, ready, said

from impl.codec.ipa import carry_gsup, tell_identity
from impl.errors import MalformedError
from impl.events import Arrived, Command, Event, Interface, Node, Peer, Send
from impl.runtime.deployment import make_iccid
from impl.served import gsup_link, radio_link, smpp_link
from impl.served.host import Host
from impl.served.libraries import LibraryLog
from impl.served.log import Log
from impl.served.openapi import JSON, PATH
from impl.served.operator_link import OperatorServer
from impl.served.pki import Pins
from impl.served.stream import Listener, Stream
from impl.served.vpcd import CardInReader, Control

CHANGE_UNDER_WAY = 45
"""Events after which a change is about half done."""
INPUTS_OF_A_LOOK = 500
"""After so many inputs is looked whether anything changed."""
CERTIFICATE = b"of the home register"
HTTP_HEAD = f"POST {PATH} HTTP/1.1\r\nHost: a\r\nContent-Type: {JSON}\r\nContent-Length: %d\r\n\r\n"
TURNS = 12
"""Of the loop, in which aiohttp answers a request that is there."""

LOOP = asyncio.new_event_loop()


class Alarm:
    """A log in which nothing may stand: of the lowest level that is a fault of ours."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, line: str) -> None:
        """Note a fault; an error raised here would end in the library that told it."""
        self.lines.append(line)

    def flush(self) -> None:
        """There is nothing to flush."""

    def demand_silence(self) -> None:
        """Complain of what was told, once."""
        lines, self.lines = self.lines, []
        assert not lines, "".join(lines)


class Doorkeeper:
    """Stands before a node: lets in what means nothing, and turns the rest away."""

    def __init__(self, name: str, node: Node) -> None:
        self._name = name
        self._node = node
        self.before = picture(node)
        self.let_in = self.turned_away = 0

    def handle(self, event: Event) -> Sequence[Command]:
        """See `Node`."""
        if not isinstance(event, Arrived):
            return []
        if not means_nothing(Door(self._name, event.source), event.octets):
            self.turned_away += 1
            return []
        self.let_in += 1
        commands = self._node.handle(event)
        assert all(isinstance(one, Send) and one.target == event.source for one in commands)
        return commands

    def demand_unchanged(self) -> None:
        """Look at all that the node keeps."""
        assert picture(self._node) == self.before, "what means nothing left a trace"


class Line(asyncio.Transport):
    """The other end is this test: it says what it likes, and reads everything."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = bytearray()
        self.is_cut = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Say who is at the other end."""
        return {"peername": ("192.0.2.1", 7), "ssl_object": self}.get(name, default)

    def getpeercert(self, *, binary_form: bool) -> bytes:
        """Show what the session proved."""
        assert binary_form
        return CERTIFICATE

    def write(self, data: bytes | bytearray | memoryview[int]) -> None:
        """Take an answer."""
        self.answers += data

    def get_write_buffer_size(self) -> int:
        """Everything is read at once."""
        return 0

    def is_closing(self) -> bool:
        """Whether our side hung up."""
        return self.is_cut

    def close(self) -> None:
        """Hang up."""
        self.is_cut = True

    abort = close

    def pause_reading(self) -> None:
        """Nothing waits in this line."""

    resume_reading = pause_reading


class Wire(ABC):
    """A node in the middle of a change, and the wire to it."""

    def __init__(
        self, name: str, reframe: Callable[[bytes], bytes], node: Node | None = None
    ) -> None:
        """Prepare.

        Args:
            name: of the node.
            reframe: mends the length in front of octets, so that they get further.
            node: one that no world has.
        """
        world = ready()
        world.choose(world.handsets[0], PLANS[1].name)
        for _ in range(CHANGE_UNDER_WAY):
            world.simulation.step()
        self.keeper = Doorkeeper(name, node or world.simulation._nodes[name])
        self.alarm = Alarm()
        self.host = Host(Log("fuzz", "error", cast("Any", self.alarm)))
        self.host._nodes[name] = self.keeper  # it has started in its world
        self.name = name
        self._reframe = reframe
        self._count = 0

    def __call__(self, octets: bytes) -> None:
        """Say octets on a connection of their own, in two parts; every other time well framed."""
        self._count += 1
        if self._count % 2:
            octets = self._reframe(octets)
        half = self._count % (len(octets) + 1)
        LOOP.run_until_complete(self.say(octets[:half], octets[half:]))
        self.alarm.demand_silence()
        if self._count % INPUTS_OF_A_LOOK == 0:
            self.demand_unchanged()

    @abstractmethod
    async def say(self, *parts: bytes) -> None:
        """Open a connection, say the parts, and hang up."""

    def demand_unchanged(self) -> None:
        """Look at all that the node keeps, and at what connections left behind."""
        self.keeper.demand_unchanged()
        assert not self.host._links
        assert not self.host._timers
        assert not asyncio.all_tasks(LOOP)
        assert len(self.host.counts) < 100


class StreamWire(Wire):
    """SMPP, GSUP, the air or a control interface."""

    def __init__(
        self,
        name: str,
        open_on: Callable[[Host], Callable[[], Stream]],
        reframe: Callable[[bytes], bytes],
        greeting: bytes = b"",
        node: Node | None = None,
    ) -> None:
        """Prepare as any wire; `open_on` returns what begins a connection with a host."""
        super().__init__(name, reframe, node)
        self._open = open_on(self.host)
        self._greeting = greeting

    async def say(self, *parts: bytes) -> None:
        """See `Wire`."""
        line = Line()
        stream = self._open()
        stream.connection_made(line)
        for part in (self._greeting, *parts):
            if part and not line.is_cut:
                stream.data_received(part)
        stream.connection_lost(None)
        assert not stream._buffer


class ListeningWire(StreamWire):
    """A connection that a node took."""

    def __init__(
        self,
        name: str,
        listen: Callable[[Host, str], Listener],
        reframe: Callable[[bytes], bytes],
        greeting: bytes = b"",
    ) -> None:
        def begin(host: Host) -> Callable[[], Stream]:
            self._listener = listen(host, name)
            return self._listener._accept

        super().__init__(name, begin, reframe, greeting)

    async def say(self, *parts: bytes) -> None:
        """See `Wire`."""
        await super().say(*parts)
        assert len(self._listener._streams) <= 1


class HttpWire(Wire):
    """The HTTPS interface, of whose sessions only the TLS is left out."""

    def __init__(self, name: str, peer: Peer) -> None:
        super().__init__(name, _http)
        pins = cast("Pins", Agreed({CERTIFICATE: peer}))
        server = OperatorServer(self.host, name, pins)
        log = logging.Logger("aiohttp.server")  # noqa: LOG001 - that of pytest stays as it is
        log.addHandler(LibraryLog(self.host.log))
        self._runner = web.AppRunner(
            server._application(),
            logger=log,
            access_log=None,
            handle_signals=False,
            lingering_time=0.0,  # else the rest of a body is waited for, for 10 s
        )
        LOOP.run_until_complete(self._runner.setup())

    async def say(self, *parts: bytes) -> None:
        """See `Wire`; a request that nobody waits for any more comes to its end by itself."""
        assert self._runner.server is not None
        line = Line()
        protocol = self._runner.server()
        protocol.connection_made(line)
        for part in parts:
            if not line.is_cut:
                protocol.data_received(part)
                await _turns()
        protocol.connection_lost(None)
        await _turns()
        assert len(asyncio.all_tasks()) == 1, asyncio.all_tasks()
        assert not line.answers.startswith(b"HTTP/1.1 5"), bytes(line.answers)


class Agreed:
    """Whose certificates are pinned."""

    def __init__(self, peers: dict[bytes, Peer]) -> None:
        self.peers = peers


class CardWire:
    """A virtual reader that says what it likes to a card."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, octets: bytes) -> None:
        """Say octets; every other time as one whole frame behind power."""
        self._count += 1
        if self._count % 2:
            octets = _vpcd(bytes([Control.POWER_ON])) + _vpcd(octets)
        card = Card()
        driver = Driver(octets)
        try:
            CardInReader(card).serve(cast("socket.socket", driver))
        except MalformedError:
            return
        assert driver.is_read, "a card left while its reader spoke"
        assert not card.is_powered, "a card kept its power when its reader had gone"


class Card:
    """Answers what it cannot have: commands that nobody knows."""

    is_powered = False

    def power_on(self) -> bytes:
        """Answer to reset."""
        self.is_powered = True
        return b"\x3b\x00"

    def power_off(self) -> None:
        """Have no power any more."""
        self.is_powered = False

    def transmit(self, command: bytes) -> bytes:
        """Know no instruction."""
        assert len(command) >= 4
        return b"\x6d\x00"


class Driver:
    """The socket of a card, at whose other end is this test."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self.is_read = False

    def setsockopt(self, *_: int) -> None:
        """There is nothing to set."""

    def recv(self, most: int) -> bytes:
        """Return a part of what there is to read, none at its end."""
        part, self._octets = self._octets[: min(most, 7)], self._octets[min(most, 7) :]
        self.is_read = not part
        return part

    def sendall(self, octets: bytes) -> None:
        """Take a whole answer."""
        assert int.from_bytes(octets[:2], "big") == len(octets) - 2


async def _turns() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)


def smpp_frame(octets: bytes) -> bytes:
    return len(octets).to_bytes(4, "big") + octets[4:] if len(octets) >= 16 else octets


def ipa_frame(octets: bytes) -> bytes:
    return (len(octets) - 3).to_bytes(2, "big") + octets[2:] if len(octets) > 3 else octets


def radio_frame(octets: bytes) -> bytes:
    return (len(octets) - 2).to_bytes(2, "big") + octets[2:] if len(octets) > 2 else octets


def _vpcd(octets: bytes) -> bytes:
    return len(octets).to_bytes(2, "big") + octets


def _http(octets: bytes) -> bytes:
    """Return a request whose body is that of `octets`."""
    _, _, body = octets.rpartition(b"\r\n\r\n")
    return HTTP_HEAD.encode() % len(body) + body


def air_frames(kind: str, *interfaces: Interface) -> Iterator[bytes]:
    for interface in interfaces:
        for message in said()[kind, interface]:
            yield radio_link.encode_frame(interface, make_iccid(1), message)


def smpp_wire() -> Wire:
    """Return the wire from the application server to a short message centre."""
    peer = Peer(Interface.SMPP, SERVER)
    return ListeningWire(f"SMSC {FIRST.plmn}", lambda *to: smpp_link.listen(*to, peer), smpp_frame)


def gsup_wire() -> Wire:
    """Return the wire from a VLR to its home register."""
    return ListeningWire(f"HLR {FIRST.plmn}", gsup_link.listen, ipa_frame, tell_identity("vlr"))


def radio_wire() -> Wire:
    """Return the air before a VLR."""
    return ListeningWire(f"VLR {FIRST.plmn}", radio_link.listen, radio_frame)


def https_wire() -> Wire:
    """Return the wire from a home register to the application server."""
    return HttpWire(SERVER, Peer(Interface.OPERATOR, FIRST.plmn))


WIRES: dict[str, Callable[[], Wire]] = {
    "SMPP": smpp_wire,
    "GSUP": gsup_wire,
    "radio": radio_wire,
    "HTTPS": https_wire,
}


@cache
def friendly(name: str) -> list[bytes]:
    """Return what is said over a wire."""
    match name:
        case "SMPP":
            return said()["SMSC", Interface.SMPP]
        case "GSUP":
            return [carry_gsup(one) for one in said()["HLR", Interface.GSUP]]
        case "radio":
            return list(air_frames("VLR", Interface.MM, Interface.SM))
        case "HTTPS":
            return [_http(one) for one in said()[SERVER, Interface.OPERATOR]]
    apdus = (bytes.fromhex(one) for one in ("00a4000c022fe2", "00b000000a", "80f2000c"))
    return [_vpcd(one) for one in (*apdus, *(bytes([control]) for control in Control))]


@cache
def wire(name: str) -> Wire:
    """Return a wire that all tests share."""
    return WIRES[name]()


def targets() -> dict[str, tuple[Callable[[bytes], object], list[bytes]]]:
    """Return what deep fuzzing gives its inputs to, with their seeds."""
    made = {f"wires.{name}": (wire(name), friendly(name)) for name in WIRES}
    return {**made, "wires.vpcd": (CardWire(), friendly("vpcd"))}
