"""Suites of the model, carried out on a system: what was met, what cannot be and why, what differs.

Every walk begins with a new system. Where an event cannot be brought about, another way is planned;
what stays out of reach is listed with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from model.compile import Packed, Space
from model.suites import FAR_OFF, Goal, Place, Reached, Tour, What, reach
from model.system import compose
from model.table import Option
from model.ways import Way, Ways
from steps.checks.script import HiddenError, LockstepError, Refused, Walk, beside
from steps.driver import Factory, Setup

DIFFERS = "system and model differ after it"
NEARBY = 300
"""How many places are looked at for the next goal before a new system is made."""
FAR = 3_000
"""Likewise, from the beginning."""
MOST_WAYS = 30
"""How many ways are tried to what the tour could not bring about."""
MOST_AGAIN = 2
"""How many ways to a refusal, on which its event happened before."""
DETOURS = 3
"""How many times as long as the shortest each may be, and"""
LEAST_WAY = 40
"""how many events longer."""
Progress = Callable[["Coverage"], None]


@dataclass(frozen=True)
class Found:
    """A way on which system and model differ."""

    trace: tuple[str, ...]
    event: str
    found: tuple[str, ...]


@dataclass
class Coverage:
    """What a suite met of what there is, by kind."""

    there: Counter[What]
    met: Counter[What] = field(default_factory=Counter)
    hidden: dict[Goal, str] = field(default_factory=dict)
    refused: dict[Goal, Refused] = field(default_factory=dict)
    """By refusal, how it showed."""
    steps: int = 0
    walks: int = 0
    differences: list[Found] = field(default_factory=list)
    trails: list[tuple[str, ...]] = field(default_factory=list)
    """The events of each walk that met something, as far as it did."""

    @property
    def is_complete(self) -> bool:
        """Whether all was met but what has a reason not to be, and nothing differs."""
        hidden = Counter(goal.what for goal in self.hidden)
        whole = all(self.met[what] + hidden[what] == count for what, count in self.there.items())
        return whole and not self.differences

    def by_how(self) -> Counter[Refused]:
        """Return how many refusals showed in each way."""
        return Counter(self.refused.values())

    def untried(self) -> list[Goal]:
        """Return the refusals for which there was never anything to bring them about with."""
        return [goal for goal, how in self.refused.items() if how is Refused.ABSENT]

    def as_data(self) -> dict[str, Any]:
        """Return this as plain data, for a report."""
        hidden = Counter(goal.what for goal in self.hidden)
        return {
            "kinds": [
                {
                    "kind": what.value,
                    "there": count,
                    "met": self.met[what],
                    "hidden": hidden[what],
                }
                for what, count in self.there.items()
            ],
            "steps": self.steps,
            "walks": self.walks,
            "trails": self.trails,
            "refusals_by_how": {how.value: count for how, count in self.by_how().items()},
            "untried": sorted(str(goal) for goal in self.untried()),
            "hidden": [
                {"kind": goal.what.value, "goal": str(goal), "reason": reason}
                for goal, reason in sorted(self.hidden.items(), key=str)
            ],
            "differences": [
                {"after": one.event, "what": list(one.found), "trace": list(one.trace)}
                for one in self.differences
            ],
        }


def options_of(setup: Setup) -> tuple[Option, Option]:
    """Return the options of the model that an ICS means."""
    variant = Option[setup.options.get("variant", "hardened").upper()]
    asks = setup.options.get("acknowledgement", "no") == "yes"
    return variant, Option.ACKNOWLEDGED if asks else Option.UNACKNOWLEDGED


def run_suite(  # noqa: PLR0913 - what, on what, how far
    factory: Factory,
    setup: Setup,
    kinds: Iterable[What] = (What.TRANSITION, What.REFUSAL),
    *,
    most_differences: int = 1,
    most_steps: int = 200_000,
    tell: Progress = lambda _: None,
) -> Coverage:
    """Walk until every goal of these kinds is met, or has a reason not to be.

    Args:
        factory: of the system.
        setup: what it is told.
        kinds: of goals.
        most_differences: after how many it stops.
        most_steps: after how many it stops.
        tell: is told of every walk.
    """
    reached = reach(Space(compose(*options_of(setup))), kinds)
    return _Suite(factory, setup, reached, most_differences, most_steps).run(tell)


@dataclass
class _Suite:
    factory: Factory
    setup: Setup
    reached: Reached
    most_differences: int
    most_steps: int

    def __post_init__(self) -> None:
        self.tour = Tour(self.reached)
        self.coverage = Coverage(Counter(goal.what for goal in self.reached.nearest))
        self._useful = 0  # how much of the walk under way met anything
        self._absent: set[Goal] = set()  # refusals that nothing could be brought about for so far

    def run(self, tell: Progress) -> Coverage:
        """Make systems and walk, until nothing is left."""
        while self._goes_on():
            if not self._walk():
                self.tour.give_up()
            tell(self.coverage)
        ways = Ways(self.reached)
        self._try_other_ways(ways, tell)
        self._let_it_happen_before(ways, tell)
        self.coverage.met = Counter(goal.what for goal in self.tour.met)
        self.coverage.hidden = self.tour.hidden
        return self.coverage

    def _goes_on(self) -> bool:
        return bool(self.tour.left) and not self._is_over()

    def _is_over(self) -> bool:
        coverage = self.coverage
        differs = len(coverage.differences) >= self.most_differences
        return differs or coverage.steps >= self.most_steps

    def _try_other_ways(self, ways: Ways, tell: Progress) -> None:
        """Try to come to what is out of reach with another past: the model knows only a part."""
        for goal in sorted(self.tour.hidden, key=str):
            for seed in range(MOST_WAYS):
                if not self._is_wanted(goal) or self._is_over():
                    break
                random = Random(seed)  # noqa: S311 - chooses a way, guards nothing
                self._wander(goal, Way(self.reached, ways.to(goal, random)), random)
                tell(self.coverage)
            else:
                self._leave(goal)

    def _let_it_happen_before(self, ways: Ways, tell: Progress) -> None:
        """Try what was refused without having been tried, where it can come once more."""
        for goal in sorted(self._absent, key=str):
            for seed in range(MOST_AGAIN):
                if not self._is_wanted(goal) or self._is_over():
                    break
                random = Random(seed)  # noqa: S311 - chooses a way, guards nothing
                self._wander(goal, Way(self.reached, ways.again(goal, random)), random)
                tell(self.coverage)
        alone = {goal for goal in self._absent if self.reached.is_refused_alone(goal)}
        self.coverage.refused |= dict.fromkeys(self._absent - alone, Refused.NOWHERE)

    def _leave(self, goal: Goal) -> None:
        """Say of a goal that was not come near that it was the ways that were lacking."""
        if self.tour.hidden[goal] == FAR_OFF:
            self.tour.hidden[goal] = f"none of {MOST_WAYS} ways came there"

    @contextmanager
    def _new_walk(self) -> Iterator[Walk]:
        """Make a system, and note what a walk over it met; a difference ends the walk."""
        driver = self.factory(self.setup)
        self.coverage.walks += 1
        self._useful = 0
        try:
            walk = beside(self.reached.goals.space, driver)
            yield walk
            self._keep(walk.trace)
        except LockstepError as error:
            self.coverage.differences.append(Found(error.trace, error.event, error.found))
            self._keep(error.trace)
        finally:
            driver.close()

    def _keep(self, trace: Sequence[str]) -> None:
        if self._useful:
            happened = (event for event in trace[: self._useful] if not event.startswith("("))
            self.coverage.trails.append(tuple(happened))

    def _meet(self, walk: Walk, goals: Iterable[Goal]) -> None:
        before = len(self.tour.met)
        self.tour.meet(goals)
        if len(self.tour.met) > before:
            self._useful = len(walk.trace)

    def _wander(self, goal: Goal, way: Way, random: Random) -> None:
        """Walk at random towards a goal, around what cannot be brought about."""
        closed: set[tuple[Packed, str]] = set()
        goals = self.reached.goals
        with self._new_walk() as walk:
            place = Place(walk.state)
            for _ in range(DETOURS * way.length + LEAST_WAY):
                step = way.next(place.state, closed, random)
                if step is None or not self._is_wanted(goal):
                    break
                try:
                    walk.step(step.event)
                except HiddenError as hidden:
                    closed.add((place.state, step.event))
                    self._explain(goals.of_step(place, step), hidden.reason)
                    continue
                way.take(place.state, step)
                self.coverage.steps += 1
                self._meet(walk, goals.of_step(place, step))
                place = Place(walk.state, step.event)
                self._refuse_all(walk, place)

    def _is_wanted(self, goal: Goal) -> bool:
        return goal in self.tour.hidden or goal in self._absent

    def _explain(self, goals: Iterable[Goal], reason: str) -> None:
        for goal in goals:
            if goal in self.tour.hidden:
                self.tour.hidden[goal] = reason

    def _walk(self) -> bool:
        """Walk as far as there is something near; whether there was anything at all."""
        with self._new_walk() as walk:
            place = Place(walk.state)
            way = self.tour.begin() or self.tour.plan(place, FAR)
            is_led = way is not None
            while way is not None and self.coverage.steps < self.most_steps:
                place = self._follow(walk, place, way)
                way = self.tour.plan(place, NEARBY)
            return is_led
        return True  # it ended in a difference

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
                return place
            except LockstepError:
                self.tour.close(place, event, DIFFERS)
                raise
            self.coverage.steps += 1
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


def summary(coverage: Coverage) -> Mapping[str, str]:
    """Return, by kind, how much was met, as a text."""
    hidden = Counter(goal.what for goal in coverage.hidden)
    return {
        what.value: f"{coverage.met[what]} of {count}, {hidden[what]} out of reach"
        for what, count in coverage.there.items()
    }
