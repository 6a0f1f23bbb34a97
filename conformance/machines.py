"""State machines of a specification, and which of their transitions a run took, alone and in pairs.

A trail is what a system says of its states: `card: OLD_ONLY - replace_identity -> NEW_ONLY`, with
`card (another user): ...` where there are several of a machine. What is not a transition of a
machine is passed over: a system may tell more than the specification knows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

_STEP = re.compile(r"(?P<machine>[^(:]+?)(?: \((?P<whose>[^)]*)\))?: (?P<transition>.+)")


@dataclass(frozen=True, slots=True)
class State:
    """One state, and what it means."""

    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Transition:
    """What an event makes of a state."""

    source: str
    event: str
    target: str
    kind: str  # why it happens
    cites: tuple[str, ...]  # ids of obligations

    @property
    def name(self) -> str:
        """Return how a trail calls it."""
        return f"{self.source} - {self.event} -> {self.target}"


@dataclass(frozen=True, slots=True)
class Machine:
    """A state machine as the specification has it."""

    name: str
    initial: str
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Return each two transitions of which one can follow the other at once, by name."""
        return tuple(
            (first.name, second.name)
            for first in self.transitions
            for second in self.transitions
            if first.target == second.source
        )


@dataclass(frozen=True, slots=True)
class Goals:
    """What a suite was to meet of one kind, such as refusals, and what it met."""

    kind: str
    there: int
    met: int
    hidden: int  # cannot be brought about on that system, each with a reason

    @property
    def left(self) -> int:
        """Return how many were neither met nor out of reach."""
        return self.there - self.met - self.hidden


@dataclass(frozen=True, slots=True)
class SuiteRun:
    """What a suite that was made from the machines did on a system."""

    name: str  # such as "suite of transitions"
    system: str
    steps: int
    goals: tuple[Goals, ...]
    reasons: tuple[str, ...]  # what is out of reach, each with why
    trails: tuple[tuple[str, ...], ...]  # each from the beginning of a run on


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often trails took the transitions of one machine, and its pairs."""

    machine: Machine
    taken: Mapping[str, int]  # by the name of a transition; those that occurred
    followed: Mapping[tuple[str, str], int]

    @property
    def transitions(self) -> tuple[int, int]:
        """Return how many transitions were taken, and how many there are."""
        return len(self.taken), len({one.name for one in self.machine.transitions})

    @property
    def pairs(self) -> tuple[int, int]:
        """Return how many pairs were taken, and how many there are."""
        return len(self.followed), len(set(self.machine.pairs))


def cover(machines: Sequence[Machine], trails: Iterable[Sequence[str]]) -> dict[str, Coverage]:
    """Return what `trails` covered of each machine, by its name."""
    known = {machine.name: {one.name for one in machine.transitions} for machine in machines}
    taken: dict[str, Counter[str]] = {name: Counter() for name in known}
    followed: dict[str, Counter[tuple[str, str]]] = {name: Counter() for name in known}
    for trail in trails:
        before: dict[str, str] = {}  # by machine and whose it is
        for machine, whose, transition in _steps(trail):
            if transition in known.get(machine, ()):
                taken[machine][transition] += 1
                last = before.get(whose)
                followed[machine].update([(last, transition)] if last else [])
                before[whose] = transition
    return {
        machine.name: Coverage(
            machine, taken[machine.name], _adjacent(machine, followed[machine.name])
        )
        for machine in machines
    }


def _steps(trail: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the machine, the machine with whose it is, and the transition, of each step."""
    for step in trail:
        found = _STEP.fullmatch(step)
        if found:
            whose = f"{found['machine']} ({found['whose'] or ''})"
            yield found["machine"], whose, found["transition"]


def _adjacent(
    machine: Machine, followed: Mapping[tuple[str, str], int]
) -> dict[tuple[str, str], int]:
    """Keep the pairs that the machine has: a trail may leave out what happened in between."""
    there = set(machine.pairs)
    return {pair: count for pair, count in followed.items() if pair in there}
