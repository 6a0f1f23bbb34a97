"""A simulation that can stand: then what is said waits, and so does every timer.

Whoever steps it decides which message is passed on, lost or said again, and which timer runs out.
Messages that the gate does not keep are carried at once. A message is kept as its sender wrote it,
before a secured session seals it: kept, lost or said late, it breaks no session.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar

from impl.events import Command, Expired, Peer, Send, SetTimer, StopTimer
from impl.runtime.simulation import Runtime, Simulation
from impl.runtime.world import World


@dataclass(frozen=True, slots=True)
class Kept:
    """A message that waits."""

    sender: str
    target: Peer
    octets: bytes
    """As its sender wrote it."""


Gate = Callable[[Kept], bool]
"""Whether a message is kept; whoever keeps it passes it on."""


class SteppedSimulation(Simulation):
    """A simulation that flows as any other, until somebody lets it stand."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.gate: Gate | None = None
        """As long as there is one, it stands."""
        self.armed: dict[tuple[str, str], SetTimer] = {}
        """Timers that were set, by node and name, as they were."""
        self.ever_armed: dict[tuple[str, str], None] = {}
        """All that were set since it stands, as they came."""

    def perform(self, name: str, commands: Iterable[Command]) -> None:
        """Carry out what a node wants done; while it stands, a timer is only noted."""
        if self.gate is None:
            super().perform(name, commands)
            return
        for command in commands:
            match command:
                case Send(target, octets):
                    if not self.gate(Kept(name, target, octets)):
                        super().perform(name, (command,))
                case SetTimer(timer):
                    self.armed[name, timer] = command
                    self.ever_armed[name, timer] = None
                case StopTimer(timer):
                    self.armed.pop((name, timer), None)

    def stand(self, gate: Gate) -> None:
        """Let nothing happen by itself from here on; nothing but timers may be under way."""
        self.armed = {
            (name, event.timer): SetTimer(
                event.timer, due - self.now_s, is_idle=agenda is self._idle
            )
            for agenda in (self._agenda, self._idle)
            for due, order, name, event in agenda
            if isinstance(event, Expired) and self._timers.get((name, event.timer)) == order
        }
        self._timers.clear()
        self._agenda.clear()
        self._idle.clear()
        self.gate = gate

    def pass_on(self, kept: Kept) -> None:
        """Send a message that was kept, and let everything happen that follows from it."""
        super().perform(kept.sender, (Send(kept.target, kept.octets),))
        self.run()

    def expire(self, name: str, timer: str) -> bool:
        """Let a timer run out now, and everything happen that follows; whether it was set."""
        if self.armed.pop((name, timer), None) is None:
            return False
        self.overrun(name, timer)
        return True

    def overrun(self, name: str, timer: str) -> None:
        """Let a timer run out that nobody set, or that was stopped too late."""
        self.perform(name, self._nodes[name].handle(Expired(timer)))
        self.run()

    def flow(self) -> None:
        """From here on time passes and messages are carried, as in any simulation."""
        self.gate = None
        armed, self.armed = self.armed, {}
        for (name, _), command in armed.items():
            super().perform(name, (command,))

    def _drop_timers(self, name: str) -> None:
        super()._drop_timers(name)
        for key in [key for key in self.armed if key[0] == name]:
            del self.armed[key]


class SteppedWorld(World):
    """A world that can stand."""

    make_runtime: ClassVar[Callable[[int], Runtime]] = SteppedSimulation
