"""Ways to a goal other than the shortest: for what a system cannot do on the first that was tried.

Two ways to one state of the model can leave a system with a different past, of which the model
knows nothing: on one of them an event can be brought about, on the other it cannot.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from random import Random

from model.compile import Packed, Step
from model.suites import AFTER, Goal, Place, Reached, What

DETOUR = 12
"""How many events farther than the beginning a state may be from a goal, to be looked at."""
NEARER = 0.75
"""How often a way goes nearer to its goal where it can: straight ways share one past."""

DETOURS = 3
"""How many times as long as the shortest a walk may be, and"""
LEAST_WAY = 40
"""how many events longer."""
ALL = 0.5
"""How often a way may end wherever its goal can be met."""
FEW = 5
"""In how many states it may end else."""


@dataclass(frozen=True)
class Leg:
    """A stretch of a way: to where `event` does what is wanted, or just to where that is so."""

    distances: Mapping[Packed, int]
    """By state, how many events it is from the end of this stretch; no other state is walked."""
    event: str = ""
    without: Container[str] = frozenset()
    """Events that are not to happen on this stretch."""


class Ways:
    """Every way backwards, found once for all goals."""

    def __init__(self, reached: Reached) -> None:
        self.reached = reached
        self._before: dict[str, Mapping[Packed, int]] = {}
        self._last: tuple[Goal, Mapping[Packed, int]] | None = None

    @cached_property
    def _into(self) -> Mapping[Packed, Collection[Packed]]:
        into: dict[Packed, set[Packed]] = {}
        steps = self.reached.goals.steps
        for state in self.reached.states:
            for step in steps(state):
                into.setdefault(state + step.added, set()).add(state)
        return into

    def to(self, goal: Goal, random: Random) -> Sequence[Leg]:
        """Return the stretches of ways to some of the states in which `goal` can be met."""
        if goal.what is What.REFUSAL:
            return (Leg(self.toward(goal, self._refusing(goal), random)),)
        if goal.what is not What.PAIR:
            return (Leg(self.toward(goal, self._meeting(goal), random), goal.event),)
        first = goal.where.removeprefix(AFTER)
        others = self.reached.goals.space.composition.events.keys() - {goal.event}
        then = Leg(dict.fromkeys(self.drawing(goal.event), 0), goal.event, others)
        ends = (state for state, after in self.drawing(first).items() if after in then.distances)
        return Leg(self.toward(goal, ends, random), first), then

    def again(self, refusal: Goal, random: Random) -> Sequence[Leg]:
        """Return the stretches of ways on which an event happens before it is refused."""
        there = self.toward(refusal, self._refusing(refusal), random)
        return self.happening(refusal.event), Leg(there)

    def happening(self, event: str) -> Leg:
        """Return the stretch to wherever an event happens."""
        if event not in self._before:
            self._before[event] = self.distances(self.drawing(event))
        return Leg(self._before[event], event)

    def drawing(self, event: str) -> Mapping[Packed, Packed]:
        """Return each state in which `event` can happen, with the one that it leads to."""
        table = self.reached.goals.space.events[event]
        steps = ((state, table[state & table.mask]) for state in self.reached.states)
        return {state: state + step.added for state, found in steps for step in found}

    def _meeting(self, goal: Goal) -> Iterable[Packed]:
        goals = self.reached.goals
        for state, after in self.drawing(goal.event).items():
            step = Step(goal.event, goals.space.composition.kinds[goal.event], after - state)
            if goal in goals.of_step(Place(state), step):
                yield state

    def _refusing(self, goal: Goal) -> Iterable[Packed]:
        space = self.reached.goals.space
        parts = space.composition.participants(goal.event)
        part = next(one for one in parts if one.name == goal.component)
        mask = space.packing.mask({part.name, *(name for row in part.arrows for name in row.needs)})
        refuses: dict[Packed, bool] = {}
        for key in {state & mask for state in self.reached.states}:
            state = space.packing.unpack(key)
            is_there = goal.where == f"in {state[part.name].name}"
            refuses[key] = is_there and part.arrow(goal.event, state[part.name], state) is None
        yield from (state for state in self.reached.states if refuses[state & mask])

    def toward(self, goal: Goal, ends: Iterable[Packed], random: Random) -> Mapping[Packed, int]:
        """Return how far it is to any of `ends`, or to a few: the nearest may be out of reach."""
        if random.random() >= ALL:
            found = list(ends)
            return self.distances(random.sample(found, min(len(found), FEW)))
        if self._last is None or self._last[0] != goal:
            self._last = goal, self.distances(ends)
        return self._last[1]

    def distances(self, ends: Iterable[Packed]) -> Mapping[Packed, int]:
        """Return how many events each state is away; only of states not much too far."""
        distances = dict.fromkeys(ends, 0)
        queue = list(distances)
        start, most = self.reached.goals.space.initial, len(self._into)
        for state in queue:  # grows while it is walked
            distance = distances[state] + 1
            if distance > most:
                break
            for before in self._into.get(state, ()):
                if before not in distances:
                    distances[before] = distance
                    queue.append(before)
                    if before == start:
                        most = distance + DETOUR
        return distances


class Way:
    """Chooses at random, and rather nearer to where its goal is met; begins again where it strays.

    Args:
        reached: every place there is.
        legs: the stretches, in order.
    """

    def __init__(self, reached: Reached, legs: Sequence[Leg]) -> None:
        self._goals = reached.goals
        self._legs = legs
        self._at = 0  # which stretch is walked

    @property
    def most(self) -> int:
        """How many events a walk may take to go this way."""
        return DETOURS * self.length + LEAST_WAY

    @property
    def length(self) -> int:
        """How many events it is at least from the beginning to the end of the first stretch."""
        return self._legs[0].distances.get(self._goals.space.initial, 0)

    def next(
        self, state: Packed, closed: AbstractSet[tuple[Packed, str]], random: Random
    ) -> Step | None:
        """Return an event to go on with; None if every one is in `closed` or leads too far.

        Args:
            state: where the walk is.
            closed: what could not be brought about on this walk.
            random: what chooses.
        """
        steps = self._open(state, closed)
        if not steps and self._at:
            self._at = 0
            steps = self._open(state, closed)
        if not steps:
            return None
        near = [step for step in steps if self._is_nearer(state, step)]
        return random.choice(near if near and random.random() < NEARER else steps)

    def is_over(self, state: Packed) -> bool:
        """Whether nothing but to be there is wanted any more."""
        leg = self._legs[self._at]
        is_last = self._at == len(self._legs) - 1
        return is_last and not leg.event and leg.distances.get(state) == 0

    def take(self, state: Packed, step: Step) -> bool:
        """Note that `step` was taken from `state`; whether that is what was wanted at the end."""
        is_end = self._ends(state, step)
        if is_end:
            self._at = (self._at + 1) % len(self._legs)
        elif state + step.added not in self._legs[self._at].distances:
            self._at = 0
        return is_end and self._at == 0

    def _open(self, state: Packed, closed: AbstractSet[tuple[Packed, str]]) -> list[Step]:
        leg = self._legs[self._at]
        return [
            step
            for step in self._goals.steps(state)
            if (state, step.event) not in closed
            and (
                self._ends(state, step)
                or (step.event not in leg.without and state + step.added in leg.distances)
            )
        ]

    def _ends(self, state: Packed, step: Step) -> bool:
        """Whether a step is what is wanted at the end of this stretch, and leads on to the next."""
        leg = self._legs[self._at]
        following = self._legs[self._at + 1 :]
        leads_on = not following or state + step.added in following[0].distances
        return step.event == leg.event and leg.distances.get(state) == 0 and leads_on

    def _is_nearer(self, state: Packed, step: Step) -> bool:
        if self._ends(state, step):
            return True
        distances = self._legs[self._at].distances
        here = distances.get(state, 0)
        return distances.get(state + step.added, here) < here
