"""Suites of the model, carried out on a system: what was met, what cannot be and why, what differs.

Every walk begins with a new system. Where an event cannot be brought about, another way is planned;
what stays out of reach is listed with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache, partial
from random import Random

from model.compile import Packed, Space
from model.suites import FAR_OFF, Goal, Place, Reached, Tour, What, reach
from model.table import Option
from model.ways import Way, Ways
from steps.checks.coverage import Coverage, Progress, Walks
from steps.checks.script import HiddenError, LockstepError, Refused, Walk
from steps.driver import Setup

DIFFERS = "system and model differ after it"
NEARBY = 300
"""How many places are looked at for the next goal before a new system is made."""
FAR = 3_000
"""Likewise, from the beginning."""
MOST_WAYS = 30
"""How many ways are tried to what the tour could not bring about."""
MOST_WAYS_TO_PAIR = 6
"""Likewise, to a pair of events, of which there are thousands."""
MOST_AGAIN = 2
"""How many ways to a refusal, on which its event happened before."""


def options_of(setup: Setup) -> tuple[Option, Option]:
    """Return the options of the model that an ICS means."""
    variant = Option[setup.options.get("variant", "hardened").upper()]
    asks = setup.options.get("acknowledgement", "no") == "yes"
    return variant, Option.ACKNOWLEDGED if asks else Option.UNACKNOWLEDGED


def tour(walks: Walks, kinds: Iterable[What], tell: Progress = lambda _: None) -> Coverage:
    """Walk until every goal of these kinds is met, or has a reason not to be.

    Args:
        walks: made of a system, until they are over.
        kinds: of goals.
        tell: is told of every walk.
    """
    reached = _reach(walks.space, tuple(kinds))
    walks.coverage.there = Counter(goal.what for goal in reached.nearest)
    return _Suite(walks, reached).run(tell)


@lru_cache(maxsize=1)
def _reach(space: Space, kinds: tuple[What, ...]) -> Reached:
    """Visit every reachable state: once, though many systems are walked beside one space."""
    return reach(space, kinds)


@dataclass
class _Suite:
    walks: Walks
    reached: Reached

    def __post_init__(self) -> None:
        self.tour = Tour(self.reached)
        self.coverage = self.walks.coverage
        self._absent: set[Goal] = set()  # refusals that nothing could be brought about for so far

    def run(self, tell: Progress) -> Coverage:
        """Make systems and walk, until nothing is left."""
        while self._goes_on():
            if self.walks.go(self._walk) is False:  # None: it ended in a difference
                self.tour.give_up()
            tell(self.coverage)
        ways = Ways(self.reached)
        self._try_other_ways(ways, tell)
        self._let_it_happen_before(ways, tell)
        self.coverage.met = Counter(goal.what for goal in self.tour.met)
        self.coverage.hidden = self.tour.hidden
        return self.coverage

    def _goes_on(self) -> bool:
        return bool(self.tour.left) and not self.walks.are_over

    def _try_other_ways(self, ways: Ways, tell: Progress) -> None:
        """Try to come to what is out of reach with another past: the model knows only a part."""
        for goal in sorted(self.tour.hidden, key=str):
            for seed in range(_most_ways(goal)):
                if not self._is_wanted(goal) or self.walks.are_over:
                    break
                random = Random(seed)  # noqa: S311 - chooses a way, guards nothing
                way = Way(self.reached, ways.to(goal, random))
                self.walks.go(partial(self._wander, goal, way, random))
                tell(self.coverage)
            else:
                self._leave(goal)

    def _let_it_happen_before(self, ways: Ways, tell: Progress) -> None:
        """Try what was refused without having been tried, where it can come once more."""
        for goal in sorted(self._absent, key=str):
            for seed in range(MOST_AGAIN):
                if not self._is_wanted(goal) or self.walks.are_over:
                    break
                random = Random(seed)  # noqa: S311 - chooses a way, guards nothing
                way = Way(self.reached, ways.again(goal, random))
                self.walks.go(partial(self._wander, goal, way, random))
                tell(self.coverage)
        alone = {goal for goal in self._absent if self.reached.is_refused_alone(goal)}
        self.coverage.refused |= dict.fromkeys(self._absent - alone, Refused.NOWHERE)

    def _leave(self, goal: Goal) -> None:
        """Say of a goal that was not come near that it was the ways that were lacking."""
        if self.tour.hidden[goal] == FAR_OFF:
            self.tour.hidden[goal] = f"none of {_most_ways(goal)} ways came there"

    def _meet(self, walk: Walk, goals: Iterable[Goal]) -> None:
        before = len(self.tour.met)
        self.tour.meet(goals)
        if len(self.tour.met) > before:
            self.walks.note(walk)

    def _wander(self, goal: Goal, way: Way, random: Random, walk: Walk) -> None:
        """Walk at random towards a goal, around what cannot be brought about."""
        closed: set[tuple[Packed, str]] = set()
        goals = self.reached.goals
        place = Place(walk.state)
        for _ in range(way.most):
            step = way.next(place.state, closed, random)
            if step is None or not self._is_wanted(goal):
                break
            try:
                walk.step(step.event)
            except HiddenError as hidden:
                closed.add((place.state, step.event))
                self.coverage.miss(step.event)
                self._explain(goals.of_step(place, step), hidden.reason)
                continue
            way.take(place.state, step)
            self.coverage.take(step.event)
            self._meet(walk, goals.of_step(place, step))
            place = Place(walk.state, step.event)
            self._refuse_all(walk, place)

    def _is_wanted(self, goal: Goal) -> bool:
        return goal in self.tour.hidden or goal in self._absent

    def _explain(self, goals: Iterable[Goal], reason: str) -> None:
        for goal in goals:
            if goal in self.tour.hidden:
                self.tour.hidden[goal] = reason

    def _walk(self, walk: Walk) -> bool:
        """Walk as far as there is something near; whether there was anything at all."""
        place = Place(walk.state)
        way = self.tour.begin() or self.tour.plan(place, FAR)
        is_led = way is not None
        while way is not None and not self.walks.are_over:
            place = self._follow(walk, place, way)
            way = self.tour.plan(place, NEARBY)
        return is_led

    def _follow(self, walk: Walk, place: Place, way: Iterable[str]) -> Place:
        goals = self.reached.goals
        self._refuse_all(walk, place)
        for event in way:
            if (place.state, event) in self.tour.closed:
                return place
            step = next(one for one in goals.steps(place.state) if one.event == event)
            try:
                walk.step(event)
            except HiddenError as hidden:
                self.tour.close(place, event, hidden.reason)
                self.coverage.miss(event)
                return place
            except LockstepError:
                self.tour.close(place, event, DIFFERS)
                raise
            self.coverage.take(event)
            self._meet(walk, goals.of_step(place, step))
            place = Place(walk.state, event)
            self._refuse_all(walk, place)
        return place

    def _refuse_all(self, walk: Walk, place: Place) -> None:
        """Try every event that was not refused like this before."""
        for some in self.reached.goals.of_refusals(place.state):
            new = some & (self.tour.left | self.tour.hidden.keys() | self._absent)
            for event in sorted({goal.event for goal in new}):
                goals = {goal for goal in new if goal.event == event}
                self._meet(walk, goals)
                how = walk.refuse(event)
                self.coverage.refused |= dict.fromkeys(goals, how)
                self.coverage.steps += how is not Refused.ABSENT
                self._absent -= goals
                self._absent |= goals if how is Refused.ABSENT else set()


def _most_ways(goal: Goal) -> int:
    return MOST_WAYS_TO_PAIR if goal.what is What.PAIR else MOST_WAYS
