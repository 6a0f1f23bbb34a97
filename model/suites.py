"""Walks over every reachable state: what is to be met, and a shortest way to what was not met yet.

A goal is a transition (a row of a table), a refusal (an event that a component in a state does not
let happen), a pair of events in sequence, or a fault in a state of the application server. A walk
serves as a suite for any system that can be carried on event by event.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, TypeVar

from model.compile import Packed, Space, Step, clusters
from model.table import Kind, Needs

SERVER = "application_server"
MOST_IN_VAIN = 12
"""In how many states an event is tried to be brought about before it is listed as out of reach."""
FAR_OFF = "what leads there cannot be brought about"
AFTER = "after "
At = TypeVar("At")


class What(Enum):
    """Kinds of goals."""

    TRANSITION = "transitions"
    REFUSAL = "refusals"
    PAIR = "pairs of events"
    FAULT = "faults by state of the server"
    TARGET = "targets of transitions, by the W-method"


class Goal(NamedTuple):
    """Something to be met: `event` in `where`, of `component` where one component is meant."""

    what: What
    event: str
    where: str
    component: str = ""

    def __str__(self) -> str:
        return f"{self.component} {self.event} {self.where}".strip()


class Place(NamedTuple):
    """A state, and the event that led there; none at the beginning."""

    state: Packed
    last: str = ""


class Goals:
    """What is met by an event in a state, found once for all states that read the same there."""

    def __init__(self, space: Space, kinds: Iterable[What] = tuple(What)) -> None:
        self.space = space
        self.kinds = frozenset(kinds)
        self._steps: dict[Packed, tuple[Step, ...]] = {}
        self._met: dict[tuple[str, Packed], tuple[Goal, ...]] = {}
        composition, packing = space.composition, space.packing
        server = frozenset({SERVER}) & composition.initial.keys()
        reads = {event: composition.reads[event] | server for event in composition.events}
        self._masks = {event: packing.mask(names) for event, names in reads.items()}
        self._groups = [
            (events, packing.mask(names), dict[Packed, tuple[frozenset[Goal], frozenset[Goal]]]())
            for events, names in clusters(reads, packing)
        ]

    def steps(self, state: Packed) -> tuple[Step, ...]:
        """Return what can happen in a state."""
        if state not in self._steps:
            self._steps[state] = tuple(self.space.steps(state))
        return self._steps[state]

    def of_step(self, place: Place, step: Step) -> tuple[Goal, ...]:
        """Return what is met when `step` is taken from `place`."""
        key = (step.event, place.state & self._masks[step.event])
        if key not in self._met:
            self._met[key] = tuple(self._of(step, self.space.packing.unpack(place.state)))
        if What.PAIR in self.kinds and place.last:
            return (*self._met[key], Goal(What.PAIR, step.event, f"{AFTER}{place.last}"))
        return self._met[key]

    def of_refusals(self, state: Packed) -> Iterator[frozenset[Goal]]:
        """Yield, in sets, what is met when everything is tried that cannot happen in a state."""
        if What.REFUSAL in self.kinds:
            for events, mask, known in self._groups:
                key = state & mask
                if key not in known:
                    known[key] = self._judge(events, key)
                yield known[key][0]

    def new_at(self, state: Packed) -> Iterator[Goal]:
        """Yield what can be met in a state, but pairs, unless another reads the same to it."""
        for events, mask, known in self._groups:
            key = state & mask
            if key not in known:
                known[key] = self._judge(events, key)
                yield from known[key][0]
                yield from known[key][1]

    def _judge(self, events: Sequence[str], key: Packed) -> tuple[frozenset[Goal], frozenset[Goal]]:
        state = self.space.packing.unpack(key)
        refused: set[Goal] = set()
        met: set[Goal] = set()
        for event in events:
            steps = tuple(self.space.step(event, state))
            if not steps and What.REFUSAL in self.kinds:
                refused.update(self._refusing(event, state))
            met.update(goal for step in steps for goal in self._of(step, state))
        return frozenset(refused), frozenset(met)

    def _of(self, step: Step, state: Mapping[str, Enum]) -> Iterator[Goal]:
        composition = self.space.composition
        arrows = composition.arrows(step.event, state) or ()
        for part, arrow in zip(composition.participants(step.event), arrows, strict=True):
            if What.TRANSITION in self.kinds:
                needs = _written(arrow.needs)
                where = f"{arrow.source.name} to {arrow.target.name}{needs}"
                yield Goal(What.TRANSITION, step.event, where, part.name)
        if What.FAULT in self.kinds and step.kind is Kind.FAULT and SERVER in state:
            yield Goal(What.FAULT, step.event, f"in {state[SERVER].name}")

    def _refusing(self, event: str, state: Mapping[str, Enum]) -> Iterator[Goal]:
        for part in self.space.composition.participants(event):
            if part.arrow(event, state[part.name], state) is None:
                yield Goal(What.REFUSAL, event, f"in {state[part.name].name}", part.name)


@dataclass(frozen=True)
class Reached:
    """Every place that can be reached, with the shortest way to each, and every goal there is."""

    goals: Goals
    nearest: Mapping[Goal, Packed]
    """By goal, a state nearest to the beginning in which it can be met."""
    _before: Mapping[Packed, tuple[Packed, str] | None]

    @property
    def states(self) -> Iterable[Packed]:
        """Every reachable state, the nearest first."""
        return self._before

    def way_to(self, state: Packed) -> tuple[str, ...]:
        """Return the events of a shortest way from the beginning."""
        return _way(self._before, state)

    def is_refused_alone(self, refusal: Goal) -> bool:
        """Whether there is a state in which nobody but this component refuses the event."""
        space = self.goals.space
        composition, mask = space.composition, space.events[refusal.event].mask
        others = [
            part
            for part in composition.participants(refusal.event)
            if part.name != refusal.component
        ]
        for key in {state & mask for state in self.states}:
            state = space.packing.unpack(key)
            is_there = refusal.where == f"in {state[refusal.component].name}"
            if is_there and all(one.arrow(refusal.event, state[one.name], state) for one in others):
                return True
        return False


def reach(space: Space, kinds: Iterable[What] = (What.TRANSITION, What.REFUSAL)) -> Reached:
    """Visit every reachable state."""
    goals, start = Goals(space, kinds), space.initial
    before: dict[Packed, tuple[Packed, str] | None] = {start: None}
    nearest: dict[Goal, Packed] = {}
    into: dict[Packed, set[str]] = {}
    pairs = What.PAIR in goals.kinds
    queue = [start]
    for state in queue:  # grows while it is walked
        for goal in goals.new_at(state):
            nearest.setdefault(goal, state)
        for step in goals.steps(state):
            after = state + step.added
            if after not in before:
                before[after] = (state, step.event)
                queue.append(after)
            if pairs:
                into.setdefault(after, set()).add(step.event)
    for state, lasts in into.items():
        for step in goals.steps(state):
            for last in lasts:
                nearest.setdefault(Goal(What.PAIR, step.event, f"{AFTER}{last}"), state)
    return Reached(goals, nearest, before)


@dataclass
class Tour:
    """Plans, from wherever the walk is, the shortest way to something that was not met yet."""

    reached: Reached
    stop: Callable[[Tour], bool] = lambda tour: not tour.left
    left: set[Goal] = field(init=False)
    met: set[Goal] = field(default_factory=set)
    hidden: dict[Goal, str] = field(default_factory=dict)
    """Goals that the system under test cannot be brought to, with the reason."""
    closed: dict[tuple[Packed, str], str] = field(default_factory=dict)
    """Events that could not be brought about in a state, with the reason."""
    _vain: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.left = set(self.reached.nearest)
        self._targets = list(self.reached.nearest)

    def meet(self, goals: Iterable[Goal]) -> None:
        """Note what was met."""
        for goal in goals:
            if goal in self.left or goal in self.hidden:
                self.left.discard(goal)
                self.hidden.pop(goal, None)
                self.met.add(goal)

    def close(self, place: Place, event: str, reason: str) -> None:
        """Note that `event` cannot be brought about there; after many places, try no more."""
        self.closed[place.state, event] = reason
        self._vain[event] += 1
        if self._vain[event] == MOST_IN_VAIN:
            out = {goal for goal in self.left if goal.event == event}
            out -= {goal for goal in out if goal.what is What.REFUSAL}
            self.hidden |= dict.fromkeys(out, reason)
            self.left -= out

    def follow(self, place: Place, way: Iterable[str]) -> Place:
        """Note what is met by `way`, and by all that cannot happen at its end; return its end."""
        goals = self.reached.goals
        for event in way:
            step = next(one for one in goals.steps(place.state) if one.event == event)
            self.meet(goals.of_step(place, step))
            place = Place(place.state + step.added, event)
        for some in goals.of_refusals(place.state):
            self.meet(some)
        return place

    def plan(
        self, place: Place, most: int | None = None, without: Container[str] = ()
    ) -> tuple[str, ...] | None:
        """Return the events to the nearest thing not met; None if there is none in reach.

        Args:
            place: where the walk is.
            most: how many places are looked at; None for all.
            without: events that are not to be used.
        """
        if self.stop(self):
            return None
        pairs = What.PAIR in self.reached.goals.kinds
        start = Place(place.state, place.last if pairs else "")
        before: dict[Place, tuple[Place, str] | None] = {start: None}
        queue = deque([start])
        goals = self.reached.goals
        refusals = {goal for goal in self.left if goal.what is What.REFUSAL}
        wanted = {goal.event for goal in self.left - refusals}
        while queue and (most is None or len(before) < most):
            here = queue.popleft()
            if refusals and not all(map(refusals.isdisjoint, goals.of_refusals(here.state))):
                return _way(before, here)
            for step in goals.steps(here.state):
                if step.event in without or (here.state, step.event) in self.closed:
                    continue
                if step.event in wanted and not self.left.isdisjoint(goals.of_step(here, step)):
                    return (*_way(before, here), step.event)
                there = Place(here.state + step.added, step.event if pairs else "")
                if there not in before:
                    before[there] = (here, step.event)
                    queue.append(there)
        return None

    def begin(self) -> tuple[str, ...] | None:
        """Return the events from the beginning to the nearest thing not met, by a shortest way.

        None if all is met, or if an event on the way cannot be brought about: `plan` finds others.
        """
        while self._targets and self._targets[0] not in self.left:
            self._targets.pop(0)
        if not self._targets or self.stop(self):
            return None
        goal = self._targets.pop(0)
        way = self.reached.way_to(self.reached.nearest[goal])
        way = way if goal.what is What.REFUSAL else (*way, goal.event)
        state = self.reached.goals.space.initial
        for event in way:
            if (state, event) in self.closed:
                return None
            steps = self.reached.goals.steps(state)
            state += next(one.added for one in steps if one.event == event)
        return way

    def give_up(self) -> None:
        """Note that what is left cannot be met, with the reasons why the events cannot be."""
        reasons: dict[str, str] = {}
        for (_, event), reason in self.closed.items():
            reasons.setdefault(event, reason)
        for goal in self.left:
            self.hidden[goal] = reasons.get(goal.event, FAR_OFF)
        self.left.clear()


def _way(before: Mapping[At, tuple[At, str] | None], here: At) -> tuple[str, ...]:
    events = []
    while (step := before[here]) is not None:
        here, event = step
        events.append(event)
    return tuple(reversed(events))


def _written(needs: Needs) -> str:
    if not needs:
        return ""
    each = (
        f"{name} {'/'.join(sorted(state.name for state in states))}"
        for name, states in sorted(needs.items())
    )
    return f" if {', '.join(each)}"


def sequences(
    reached: Reached, without: Container[str] = (), most: int = 2_000
) -> Iterator[Sequence[str]]:
    """Yield walks from the beginning that together meet every goal, as few as is easily found.

    Args:
        reached: the places and goals.
        without: events that are not to be used.
        most: how many places are looked at for the next goal before a new walk begins.
    """
    tour = Tour(reached)
    while tour.left:
        events: list[str] = []
        place = Place(reached.goals.space.initial)
        way = tour.begin()
        if way is None or any(event in without for event in way):
            way = tour.plan(place, without=without)
        if way is None:
            return
        while way is not None:
            place = tour.follow(place, way)
            events += way
            way = tour.plan(place, most, without)
        yield tuple(events)


def shortest_to(reached: Reached, needs: Needs) -> tuple[str, ...] | None:
    """Return the events of a shortest way to a state that is as `needs` says; None if none is."""
    packing = reached.goals.space.packing
    mask = packing.mask(set(needs))
    wanted: dict[Packed, bool] = {}
    for state in reached.states:
        key = state & mask
        if key not in wanted:
            unpacked = packing.unpack(key)
            wanted[key] = all(unpacked[name] in states for name, states in needs.items())
        if wanted[key]:
            return reached.way_to(state)
    return None
