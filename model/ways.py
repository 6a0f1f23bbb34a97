"""Ways to a goal other than the shortest: for what a system cannot do on the first that was tried.

Two ways to one state of the model can leave a system with a different past, of which the model
knows nothing: on one of them an event can be brought about, on the other it cannot.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from random import Random

from model.compile import Packed, Step
from model.suites import Goal, Place, Reached

DETOUR = 12
"""How many events farther than the beginning a state may be from a goal, to be looked at."""
NEARER = 0.75
"""How often a way goes nearer to its goal where it can: straight ways share one past."""


class Ways:
    """Every way backwards, found once for all goals."""

    def __init__(self, reached: Reached) -> None:
        self._reached = reached

    @cached_property
    def _into(self) -> Mapping[Packed, Sequence[Packed]]:
        into: dict[Packed, list[Packed]] = {}
        steps = self._reached.goals.steps
        for state in self._reached.states:
            for step in steps(state):
                into.setdefault(state + step.added, []).append(state)
        return into

    def to(self, wanted: AbstractSet[Goal]) -> Way:
        """Return what finds ways to any of `wanted`, which are of one event."""
        (event,) = {goal.event for goal in wanted}
        goals = self._reached.goals
        ends = [
            state
            for state in self._reached.states
            for step in goals.steps(state)
            if step.event == event and not wanted.isdisjoint(goals.of_step(Place(state), step))
        ]
        return Way(self._reached, event, self._distances(ends))

    def _distances(self, ends: Iterable[Packed]) -> Mapping[Packed, int]:
        """Return how many events each state is away; only of states not much too far."""
        distances = dict.fromkeys(ends, 0)
        queue = list(distances)
        start, most = self._reached.goals.space.initial, len(self._into)
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
    """Chooses at random, and rather nearer to where `event` meets what is wanted."""

    def __init__(self, reached: Reached, event: str, distances: Mapping[Packed, int]) -> None:
        self.event = event
        self._reached = reached
        self._distances = distances

    def next(
        self, state: Packed, closed: AbstractSet[tuple[Packed, str]], random: Random
    ) -> Step | None:
        """Return an event to go on with; None if every one is in `closed` or leads too far.

        Args:
            state: where the walk is.
            closed: what could not be brought about on this walk.
            random: what chooses.
        """
        steps = [
            step
            for step in self._reached.goals.steps(state)
            if (state, step.event) not in closed
            and (step.event == self.event or state + step.added in self._distances)
        ]
        if not steps:
            return None
        here = self._distances.get(state, 0)
        near = [step for step in steps if self._is_nearer(state, step, here)]
        return random.choice(near if near and random.random() < NEARER else steps)

    def _is_nearer(self, state: Packed, step: Step, here: int) -> bool:
        if here == 0:
            return step.event == self.event
        return self._distances.get(state + step.added, here) < here
