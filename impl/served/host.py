"""The real runtime: the nodes of one process on an asyncio loop, joined to links.

A node is the same here as in the simulation: events in, commands out. What it decides is carried
out before the next event. A node whose store fails loses the event, and goes on
(`impl.runtime.resumption`).
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Protocol

from impl.events import (
    Arrived,
    Command,
    Event,
    Expired,
    Node,
    Peer,
    Reconnected,
    Send,
    SetTimer,
    Started,
    StopTimer,
)
from impl.runtime.resumption import taken_as, when_lost
from impl.served.log import Log


class Link(Protocol):
    """The own end of a link."""

    def send(self, octets: bytes) -> None:
        """Put one whole message on the wire; what cannot be sent now is lost, and counted so."""


class Surroundings:
    """Real time and randomness of the operating system."""

    def now(self) -> float:
        """Return the time in seconds since the epoch."""
        return time.time()

    def random_octets(self, count: int) -> bytes:
        """Return `count` octets that nobody can guess."""
        return os.urandom(count)


Trace = Callable[[str, Peer, bytes, str], None]
"""Gets each message: the node, whom it speaks to or hears, the octets, `sent` or `received`."""


class Host:
    """The nodes of one process. All methods are called on the thread of its loop."""

    def __init__(self, log: Log, trace: Trace | None = None) -> None:
        self.log = log
        self._trace = trace
        self.counts: Counter[tuple[str, str, str]] = Counter()
        """What happened, by node, interface and event: for the monitor."""
        self._nodes: dict[str, Node] = {}
        self._links: dict[tuple[str, Peer], Link] = {}
        self._timers: dict[tuple[str, str], asyncio.TimerHandle] = {}

    @property
    def nodes(self) -> tuple[str, ...]:
        """The names of the nodes that run."""
        return tuple(self._nodes)

    def links_of(self, name: str) -> list[Peer]:
        """Return to whom a node has a link now."""
        return [peer for node, peer in self._links if node == name]

    def add(self, name: str, node: Node) -> None:
        """Let a node take part, and start it."""
        self._nodes[name] = node
        self._handle(name, Started())

    def double(self, name: str, make: Callable[[Node], Node]) -> None:
        """Let what `make` returns stand in for a node that takes part already."""
        self._nodes[name] = make(self._nodes[name])

    def join(self, name: str, peer: Peer, link: Link) -> None:
        """Say over which link a node reaches a peer; one that it had gives way."""
        self._links[name, peer] = link
        self._count(name, peer, "joined")

    def link(self, name: str, peer: Peer) -> Link | None:
        """Return the link of a node to a peer, None if there is none now."""
        return self._links.get((name, peer))

    def part(self, name: str, peer: Peer, link: Link) -> None:
        """Take a link away, unless another has taken its place, and say that its session ended."""
        if self._links.get((name, peer)) is link:
            del self._links[name, peer]
            self._count(name, peer, "parted")
            self._handle(name, Reconnected(peer))

    def reconnected(self, name: str, peer: Peer) -> None:
        """Tell a node that a link broke and is there again."""
        self._handle(name, Reconnected(peer))

    def arrived(self, name: str, source: Peer, octets: bytes) -> bool:
        """Give a node one whole message; return whether it took it."""
        self._note(name, source, octets, "received")
        return self._handle(name, Arrived(source, octets))

    def perform(self, name: str, commands: Iterable[Command]) -> None:
        """Carry out what a node wants done, in its order."""
        for command in commands:
            match command:
                case Send(target, octets):
                    self._send(name, target, octets)
                case SetTimer():
                    self._set_timer(name, command)
                case StopTimer(timer):
                    self._stop_timer(name, timer)

    def stop(self) -> None:
        """Let all nodes end: no timer runs out any more, and nothing is handed to them."""
        for handle in self._timers.values():
            handle.cancel()
        self._timers.clear()
        self._nodes.clear()
        self._links.clear()

    def lost(self, name: str, target: Peer, why: str) -> None:
        """Note that a message was not sent; its sender says it again if it matters."""
        self._count(name, target, "lost")
        self.log.warning("message lost", node=name, peer=target.name, why=why)

    def _handle(self, name: str, event: Event) -> bool:
        node = self._nodes.get(name)
        if node is None:
            return False
        try:
            commands = node.handle(event)
        except Exception as error:  # noqa: BLE001 - a full disk must not end the other sessions
            # The text may quote what could not be stored: only the kind of error is told.
            what = type(event).__name__
            self.log.failure("event lost", node=name, what=what, error=kind(error))
            self.counts[name, "", "failed"] += 1
            self.perform(name, when_lost(event, error))
            return False
        self.perform(name, commands)
        return True

    def _send(self, name: str, target: Peer, octets: bytes) -> None:
        link = self._links.get((name, target))
        if link is None:
            self.lost(name, target, "no link")
            return
        self._note(name, target, octets, "sent")
        link.send(octets)

    def _expire(self, name: str, timer: str) -> None:
        del self._timers[name, timer]
        self._handle(name, taken_as(Expired(timer)))

    def _set_timer(self, name: str, command: SetTimer) -> None:
        self._stop_timer(name, command.timer)
        loop = asyncio.get_running_loop()
        handle = loop.call_later(command.after_s, self._expire, name, command.timer)
        self._timers[name, command.timer] = handle

    def _stop_timer(self, name: str, timer: str) -> None:
        handle = self._timers.pop((name, timer), None)
        if handle is not None:
            handle.cancel()

    def _note(self, name: str, peer: Peer, octets: bytes, what: str) -> None:
        self._count(name, peer, what)
        if self._trace is not None:
            self._trace(name, peer, octets, what)

    def _count(self, name: str, peer: Peer, what: str) -> None:
        self.counts[name, peer.interface, what] += 1


def kind(error: BaseException) -> str:
    """Return the name of an error's class, and of what caused it, but none of its text."""
    cause = error.__cause__
    return type(error).__name__ + (f" from {type(cause).__name__}" if cause else "")
