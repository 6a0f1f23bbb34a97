"""A world whose nodes talk over real sockets of this machine, while its time stays virtual.

Each node has a host of its own, and each link is a connection in the protocol that `impl/served`
has for it, so that what the simulation carries in memory goes through the kernel, SMPP and IPA
framing, HTTP and TLS. Filters and taps are where the simulation has them: at the sender.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace

from impl.events import Command, Node, Peer, Send, SetTimer
from impl.runtime.secured_link import SecuredLink
from impl.runtime.simulation import (
    Filter,
    Frame,
    SeededSurroundings,
    Tap,
    UnboundedError,
    pass_filters,
)
from impl.served import radio_link
from impl.served.host import Host
from impl.served.joints import Joint, SecuredJoint, stream_joint
from impl.served.log import Log
from impl.served.virtual_loop import VirtualLoop

MOST_SECONDS = 1_000_000.0
MOST_REAL_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class _End:
    """One direction of a link."""

    receiver: str
    source: Peer
    joint: Joint


class _Party(Host):
    """The host of one node: what it sends passes filters and taps on its way to the link."""

    def __init__(self, log: Log, world: Loopback) -> None:
        super().__init__(log)
        self._world = world
        self._idle: set[tuple[str, str]] = set()

    @property
    def has_timers(self) -> bool:
        """Whether a timer of its node runs that is not idle."""
        return bool(self._timers.keys() - self._idle)

    def lost(self, name: str, target: Peer, why: str) -> None:
        """Let it be known, and note it."""
        self._world.losses.append((name, target, why))
        super().lost(name, target, why)

    def put(self, name: str, target: Peer, octets: bytes) -> None:
        """Send a message over its link."""
        super()._send(name, target, octets)

    def _set_timer(self, name: str, command: SetTimer) -> None:
        super()._set_timer(name, command)
        note = self._idle.add if command.is_idle else self._idle.discard
        note((name, command.timer))

    def _send(self, name: str, target: Peer, octets: bytes) -> None:
        self._world.send(name, target, octets)


class Loopback:
    """The runtime: see `impl.runtime.simulation.Runtime`."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.filters: list[Filter] = []
        self.taps: list[Tap] = []
        self.losses: list[tuple[str, Peer, str]] = []
        """Who said to whom what did not arrive, or was not taken, and why."""
        self._loop = VirtualLoop(self._goes_on)
        self._log = Log("loopback", "error")
        self._surroundings: dict[str, SeededSurroundings] = {}
        self._parties: dict[str, _Party] = {}
        self._guises: dict[str, list[Callable[[Node], Node]]] = {}
        self._ends: dict[tuple[str, Peer], _End] = {}
        self._joints: dict[tuple[str, ...], Joint] = {}
        self._numbers = itertools.count(1)
        self._late = 0
        self._runs = self._opens = False
        self._bound_s = self._real_bound_s = 0.0

    @property
    def now_s(self) -> float:
        """See `Runtime`."""
        return self._loop.time()

    def surroundings(self, name: str) -> SeededSurroundings:
        """See `Runtime`."""
        if name not in self._surroundings:
            self._surroundings[name] = SeededSurroundings(self, name)
        return self._surroundings[name]

    def add(self, name: str, node: Node) -> None:
        """See `Runtime`."""
        if name in self._parties:
            self.remove(name)
        party = self._parties[name] = _Party(self._log, self)
        for joint in self._joints_of(name):
            joint.open(name, party)
        self._loop.call_soon(self._begin, name, party, node)

    def double(
        self, name: str, make: Callable[[Node], Node], *, in_later_lives: bool = False
    ) -> None:
        """See `Runtime`."""
        self._loop.call_soon(self._parties[name].double, name, make)
        if in_later_lives:
            self._guises.setdefault(name, []).append(make)

    def remove(self, name: str) -> None:
        """See `Runtime`."""
        party = self._parties.pop(name, None)
        if party is not None:
            party.stop()
            for joint in self._joints_of(name):
                joint.close(name)

    def reconnect(self, name: str) -> None:
        """Nothing: the nodes at the other ends of its connections learn it from these."""

    def connect(
        self,
        one: tuple[str, Peer],
        other: tuple[str, Peer],
        delay_s: float = 0.0,
        secured: SecuredLink | None = None,
    ) -> None:
        """See `Runtime`; a message takes as long as it takes."""
        del delay_s
        names = one[0], other[0]
        air = one[1].interface in radio_link.INTERFACES
        key = (*names, "air" if air else one[1].interface)
        joint: Joint
        if secured is not None:
            joint = SecuredJoint(self._loop, dict((one, other)), secured, self._tell)
        elif key in self._joints:  # one connection is the air for all that is said over it
            joint = self._joints[key]
        else:
            joint = stream_joint(self._loop, one, other)
        self._joints[key] = joint
        for (sender, own), (receiver, source) in ((one, other), (other, one)):
            self._ends[sender, own] = _End(receiver, source, joint)
            if sender in self._parties and not joint.knows(sender):
                joint.open(sender, self._parties[sender])

    def perform(self, name: str, commands: Iterable[Command]) -> None:
        """See `Runtime`."""
        party = self._parties.get(name)
        if party is not None:
            self._loop.call_soon(party.perform, name, list(commands))

    def repeat(self, sender: str, receiver: str, message: bytes) -> None:
        """See `Runtime`."""
        for (name, target), end in tuple(self._ends.items()):
            if (name, end.receiver) == (sender, receiver):
                self.perform(sender, [Send(target, message)])

    def run(self) -> None:
        """See `Runtime`."""
        self._bound_s = self.now_s + MOST_SECONDS
        self._real_bound_s = time.monotonic() + MOST_REAL_SECONDS
        self._runs = True
        try:
            self._loop.run_forever()
        finally:
            self._runs = False
        if self.now_s > self._bound_s or time.monotonic() > self._real_bound_s:
            raise UnboundedError(f"not at rest after {MOST_SECONDS:.0f} virtual seconds")

    def wait(self, seconds: float) -> None:
        """See `Runtime`."""
        self._later(seconds, lambda: None)
        self.run()

    def let_open(self) -> None:
        """Let connections that are to be there come up; within a run they do by themselves."""
        if self._loop.is_running():
            return
        self._opens = True
        try:
            self.run()
        finally:
            self._opens = False

    def close(self) -> None:
        """Let go of sockets and loop."""
        for name in tuple(self._parties):
            self._parties.pop(name).stop()
        ending = [joint.end() for joint in self._joints.values()]
        self._loop.run_until_complete(_all(ending))
        self._loop.close()

    def send(self, name: str, target: Peer, octets: bytes) -> None:
        """Let a message of a node go its way; LookupError without a link to `target`."""
        end = self._ends[name, target]
        frame = Frame(
            next(self._numbers), self.now_s, name, end.receiver, target, end.source, octets, octets
        )
        passing = pass_filters(self.filters, frame)
        if isinstance(end.joint, SecuredJoint):
            if not passing:
                self._tell(replace(frame, octets=b"(lost on the way)"), False)  # noqa: FBT003 - as `Tell`
            for late_s, passed in passing:
                say = end.joint.say_altered if passed.octets != octets else end.joint.say
                self._later(late_s, say, frame)
            return
        is_there = self._parties[name].link(name, target) is not None
        self._tell(frame, bool(passing) and is_there)
        for late_s, passed in passing:
            self._later(late_s, self._parties[name].put, name, target, passed.octets)

    def _begin(self, name: str, party: _Party, node: Node) -> None:
        """Start a node, unless its life is over before the loop comes to it."""
        if self._parties.get(name) is not party:
            return
        for make in self._guises.get(name, ()):
            node = make(node)
        party.add(name, node)

    def _later(self, late_s: float, act: Callable[..., None], *arguments: object) -> None:
        if not late_s:
            act(*arguments)
            return

        def arrive() -> None:
            self._late -= 1
            act(*arguments)

        self._late += 1
        self._loop.call_later(late_s, arrive)

    def _tell(self, frame: Frame, delivered: bool) -> None:  # noqa: FBT001 - as `Tell` has it
        for tap in self.taps:
            tap(frame, delivered=delivered)

    def _joints_of(self, name: str) -> list[Joint]:
        return [joint for key, joint in self._joints.items() if name in key[:2]]

    def _goes_on(self) -> bool:
        """Whether time may pass when nothing else can happen; at rest, a run ends."""
        if not self._runs:
            return True
        if self.now_s > self._bound_s or time.monotonic() > self._real_bound_s:
            self._loop.stop()
            return False
        opens = not all(joint.is_settled for joint in self._joints.values())
        waits = any(party.has_timers for party in self._parties.values())
        if opens or (not self._opens and (self._late or waits)):
            return True
        self._loop.stop()
        return False


async def _all(coroutines: Iterable[Awaitable[None]]) -> None:
    await asyncio.gather(*coroutines)
