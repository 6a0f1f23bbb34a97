"""The deterministic runtime: one process, one virtual clock, one seed, one run.

Nodes are joined by links. What a node sends takes the link's delay and arrives whole; faults are
filters that lose, double, delay or change it. Taps see every frame as it is sent. There is no real
time and no randomness but the seed's: the same seed gives the same run.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from impl.errors import UncertainError
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
)
from impl.runtime.secured_link import SecuredLink
from impl.runtime.tls import SessionBrokenError, SessionRefusedError

EPOCH_S = 1_767_225_600.0  # 2026-01-01T00:00:00Z: where every virtual clock starts


class UnboundedError(UncertainError):
    """The nodes did not come to rest within the bound."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message on its way over a link."""

    number: int  # 1-based, in the order of sending
    time_s: float  # virtual seconds since the simulation began
    sender: str
    receiver: str
    target: Peer  # how the sender names the receiver
    source: Peer  # how the receiver names the sender
    octets: bytes  # as an eavesdropper sees them; none if the session was refused
    message: bytes  # as the sender wrote them
    session: int = 0  # which session of its link sealed it, from 1; 0: none


Filter = Callable[[Frame], Iterable[tuple[float, Frame]]]
"""What becomes of a frame: extra delays in seconds and frames; none if it is lost."""


class Tap(Protocol):
    """Sees every frame as it is sent."""

    def __call__(self, frame: Frame, *, delivered: bool) -> None:
        """Take note; `delivered` is false if it was lost or its session was refused."""


class Runtime(Protocol):
    """What a world needs of where its nodes run; `Simulation` says what each call does."""

    seed: int
    filters: list[Filter]
    taps: list[Tap]

    @property
    def now_s(self) -> float:
        """Virtual seconds since the run began."""

    def surroundings(self, name: str) -> SeededSurroundings:
        """See `Simulation`."""

    def add(self, name: str, node: Node) -> None:
        """See `Simulation`."""

    def double(
        self, name: str, make: Callable[[Node], Node], *, in_later_lives: bool = False
    ) -> None:
        """See `Simulation`."""

    def remove(self, name: str) -> None:
        """See `Simulation`."""

    def reconnect(self, name: str) -> None:
        """See `Simulation`."""

    def connect(
        self,
        one: tuple[str, Peer],
        other: tuple[str, Peer],
        delay_s: float = 0.01,
        secured: SecuredLink | None = None,
    ) -> None:
        """See `Simulation`."""

    def perform(self, name: str, commands: Iterable[Command]) -> None:
        """See `Simulation`."""

    def repeat(self, sender: str, receiver: str, message: bytes) -> None:
        """See `Simulation`."""

    def run(self) -> None:
        """See `Simulation`."""

    def wait(self, seconds: float) -> None:
        """See `Simulation`."""

    def close(self) -> None:
        """See `Simulation`."""


class SeededSurroundings:
    """Virtual time and the seed's randomness, a stream of its own for each node."""

    def __init__(self, simulation: Runtime, name: str) -> None:
        self._simulation = simulation
        self._stream = random.Random(f"{simulation.seed}/{name}")  # noqa: S311 - seeded on purpose

    def now(self) -> float:
        """Return the virtual time in seconds since the epoch."""
        return EPOCH_S + self._simulation.now_s

    def random_octets(self, count: int) -> bytes:
        """Return the next `count` octets of this node's stream."""
        return self._stream.randbytes(count)


@dataclass(frozen=True, slots=True)
class _Port:
    """One direction of a link."""

    sender: str
    receiver: str
    source: Peer
    delay_s: float
    secured: SecuredLink | None


_Entry = tuple[float, int, str, Event | Frame]
"""When it is due, in which order it came, at which node, what."""


class Simulation:
    """Carries frames between nodes and lets timers run out, in order of virtual time."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.now_s = 0.0
        self.filters: list[Filter] = []
        self.taps: list[Tap] = []
        self._nodes: dict[str, Node] = {}
        self._guises: dict[str, list[Callable[[Node], Node]]] = {}
        self._surroundings: dict[str, SeededSurroundings] = {}
        self._ports: dict[tuple[str, Peer], _Port] = {}
        self._agenda: list[_Entry] = []
        self._idle: list[_Entry] = []
        """What is due at its time, but only if something else goes on so long."""
        self._timers: dict[tuple[str, str], int] = {}
        self._order = itertools.count(1)
        self._numbers = itertools.count(1)

    def surroundings(self, name: str) -> SeededSurroundings:
        """Return what the node `name` sees of time and randomness, in each of its lives."""
        if name not in self._surroundings:
            self._surroundings[name] = SeededSurroundings(self, name)
        return self._surroundings[name]

    def add(self, name: str, node: Node) -> None:
        """Let a node take part, and start it. One of that name gives way to it, with its timers."""
        self._drop_timers(name)
        for make in self._guises.get(name, ()):
            node = make(node)
        self._nodes[name] = node
        self.perform(name, node.handle(Started()))

    def double(
        self, name: str, make: Callable[[Node], Node], *, in_later_lives: bool = False
    ) -> None:
        """Let what `make` returns stand in for a node that takes part already.

        Once it has died another life has no double, unless there is to be one `in_later_lives`.
        """
        self._nodes[name] = make(self._nodes[name])
        if in_later_lives:
            self._guises.setdefault(name, []).append(make)

    def remove(self, name: str) -> None:
        """Let a node die: its timers are gone, and what is sent to it is lost."""
        self._nodes.pop(name, None)
        self._drop_timers(name)
        for (sender, _), port in self._ports.items():
            if sender == name and port.secured:
                port.secured.end()

    def reconnect(self, name: str) -> None:
        """Tell the nodes at the other ends of its links that these broke and are there again."""
        for (sender, _), port in tuple(self._ports.items()):
            if sender == name and port.receiver in self._nodes:
                node = self._nodes[port.receiver]
                self.perform(port.receiver, node.handle(Reconnected(port.source)))

    def connect(
        self,
        one: tuple[str, Peer],
        other: tuple[str, Peer],
        delay_s: float = 0.01,
        secured: SecuredLink | None = None,
    ) -> None:
        """Join two nodes by a link on which a frame takes `delay_s` virtual seconds.

        `one` and `other` each say a node's name and how that node names the node at the other end.
        """
        for (sender, own), (receiver, source) in ((one, other), (other, one)):
            self._ports[sender, own] = _Port(sender, receiver, source, delay_s, secured)

    def perform(self, name: str, commands: Iterable[Command]) -> None:
        """Carry out what node `name` wants done, in its order."""
        for command in commands:
            if isinstance(command, Send):
                self._send(name, command)
            elif isinstance(command, SetTimer):
                order = next(self._order)
                self._timers[name, command.timer] = order
                due = self.now_s + command.after_s
                agenda = self._idle if command.is_idle else self._agenda
                heapq.heappush(agenda, (due, order, name, Expired(command.timer)))
            else:
                self._timers.pop((name, command.timer), None)

    def repeat(self, sender: str, receiver: str, message: bytes) -> None:
        """Say a message again over every link of `sender` to `receiver` that it may have taken."""
        for (name, target), port in tuple(self._ports.items()):
            if (name, port.receiver) == (sender, receiver):
                self.perform(sender, [Send(target, message)])

    def run(self, events: int = 100_000, seconds: float = 1_000_000.0) -> None:
        """Run until nothing is under way.

        Raises:
            UnboundedError: something still was after so many events or virtual seconds.
        """
        bound_s = self.now_s + seconds
        for _ in range(events):
            if not self.step():
                return
            if self.now_s > bound_s:
                break
        raise UnboundedError(f"not at rest after {events} events or {seconds:.0f} virtual seconds")

    def wait(self, seconds: float) -> None:
        """Run until so much time has passed and nothing is under way: idle timers run out, too."""
        self.perform("", [SetTimer("wait", seconds)])
        self.run()

    def close(self) -> None:
        """Let go of what a run holds; a simulation holds nothing."""

    def under_way(self) -> dict[tuple[str, Peer], list[Frame]]:
        """Return what is under way on each direction of a link, the next to arrive first.

        Directions stand in the order in which these would arrive.
        """
        frames: dict[tuple[str, Peer], list[Frame]] = {}
        for *_, event in sorted(self._agenda, key=lambda entry: entry[:2]):
            if isinstance(event, Frame):
                frames.setdefault((event.sender, event.target), []).append(event)
        return frames

    def let_arrive(self, frame: Frame) -> None:
        """Let this of the messages under way arrive now, before all others."""
        entry = next(entry for entry in self._agenda if entry[3] is frame)
        self._agenda.remove(entry)
        heapq.heapify(self._agenda)
        self.now_s = max(self.now_s, entry[0])
        self._deliver(entry[2], frame)

    def step(self) -> bool:
        """Let the next event happen; return whether there was one, but for idle timers."""
        if not self._next_of(self._agenda):
            return False
        is_idle = self._next_of(self._idle) and self._idle[0] < self._agenda[0]
        due, _, name, event = heapq.heappop(self._idle if is_idle else self._agenda)
        if isinstance(event, Expired):
            del self._timers[name, event.timer]
        self.now_s = max(self.now_s, due)  # what arrived early may have been due later
        self._deliver(name, event)
        return True

    def _next_of(self, agenda: list[_Entry]) -> bool:
        """Forget timers that were stopped or set anew; return whether something is left."""
        while agenda:
            _, order, name, event = agenda[0]
            if not isinstance(event, Expired) or self._timers.get((name, event.timer)) == order:
                return True
            heapq.heappop(agenda)
        return False

    def _drop_timers(self, name: str) -> None:
        for key in [key for key in self._timers if key[0] == name]:
            del self._timers[key]

    def _deliver(self, name: str, event: Event | Frame) -> None:
        if name not in self._nodes:
            return
        if isinstance(event, Frame):
            port = self._ports[event.sender, event.target]
            source, octets = event.source, event.octets
            if port.secured:
                try:
                    proven, octets = port.secured.open(name, octets, event.session)
                except SessionBrokenError:
                    return  # as with any broken connection, the sender learns it by silence
                source = Peer(source.interface, proven)
            event = Arrived(source, octets)
        self.perform(name, self._nodes[name].handle(event))

    def _send(self, name: str, command: Send) -> None:
        port = self._ports.get((name, command.target))
        if port is None:
            raise LookupError(f"{name} has no link to {command.target}")
        octets = command.octets
        on_the_way: list[tuple[float, Frame]] = []
        number = next(self._numbers)
        try:
            if port.secured:
                self._demand(port.receiver)
                octets = port.secured.seal(name, octets)
        except SessionRefusedError:
            octets = b""  # nothing was said to who could not prove to be the right one
        frame = Frame(
            number,
            self.now_s,
            name,
            port.receiver,
            command.target,
            port.source,
            octets,
            command.octets,
            port.secured.established if port.secured else 0,
        )
        if octets:
            on_the_way = pass_filters(self.filters, frame)
        for tap in self.taps:
            tap(frame, delivered=bool(on_the_way))
        for extra_s, passed in on_the_way:
            due = self.now_s + port.delay_s + extra_s
            heapq.heappush(self._agenda, (due, next(self._order), port.receiver, passed))

    def _demand(self, name: str) -> None:
        """Refuse a session with a node that does not run."""
        if name not in self._nodes:
            raise SessionRefusedError(f"{name} does not answer")


def pass_filters(filters: Iterable[Filter], frame: Frame) -> list[tuple[float, Frame]]:
    """Return what becomes of a frame that all filters concern, one behind the other."""
    passing = [(0.0, frame)]
    for concerns in filters:
        passing = [
            (delay_s + extra_s, after)
            for delay_s, before in passing
            for extra_s, after in concerns(before)
        ]
    return passing
