"""What walks beside the model met of a system, of what there is, and how each of them is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from model.compile import Space
from model.suites import Goal, What
from steps.checks.script import LockstepError, Refused, Walk, beside
from steps.driver import Factory, Setup

T = TypeVar("T")
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

    there: Counter[What] = field(default_factory=Counter)
    met: Counter[What] = field(default_factory=Counter)
    hidden: dict[Goal, str] = field(default_factory=dict)
    refused: dict[Goal, Refused] = field(default_factory=dict)
    """By refusal, how it showed."""
    steps: int = 0
    walks: int = 0
    happened: set[str] = field(default_factory=set)
    """The events that did, at least once."""
    in_vain: Counter[str] = field(default_factory=Counter)
    """How often each of the others could not be brought about where the model lets it happen."""
    differences: list[Found] = field(default_factory=list)
    trails: list[tuple[str, ...]] = field(default_factory=list)
    """The events of each walk that met something, as far as it did."""

    @property
    def is_complete(self) -> bool:
        """Whether all was met but what has a reason not to be, and nothing differs."""
        hidden = Counter(goal.what for goal in self.hidden)
        whole = all(self.met[what] + hidden[what] == count for what, count in self.there.items())
        return whole and not self.differences

    def take(self, event: str) -> None:
        """Count an event that happened."""
        self.steps += 1
        self.happened.add(event)
        self.in_vain.pop(event, None)

    def miss(self, event: str) -> None:
        """Count an event that could not be brought about."""
        if event not in self.happened:
            self.in_vain[event] += 1

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


@dataclass
class Walks:
    """Makes a system for each walk beside the model, and notes what came of it."""

    factory: Factory
    setup: Setup
    space: Space
    coverage: Coverage = field(default_factory=Coverage)
    most_differences: int = 1
    most_steps: int = 200_000
    patience: int | None = None
    """How often an event may be tried in vain before it happens for the first time."""
    _useful: int = 0  # how much of the walk under way met anything

    @property
    def are_over(self) -> bool:
        """Whether enough differences were found, or enough steps made."""
        differs = len(self.coverage.differences) >= self.most_differences
        return differs or self.coverage.steps >= self.most_steps or bool(self.despaired_of)

    @property
    def despaired_of(self) -> str:
        """Return the event that was tried in vain for too long; empty if there is none."""
        if self.patience is None:
            return ""
        tried = self.coverage.in_vain.most_common(1)
        return next((event for event, times in tried if times > self.patience), "")

    def go(self, way: Callable[[Walk], T]) -> T | None:
        """Make a system, and note what a walk over it met; return what `way` returns of it.

        A difference, maybe at the very beginning, ends the walk and is noted: None is returned.
        """
        driver = self.factory(self.setup)
        self.coverage.walks += 1
        self._useful = 0
        try:
            walk = beside(self.space, driver)
            result = way(walk)
        except LockstepError as error:
            self.coverage.differences.append(Found(error.trace, error.event, error.found))
            self._keep(error.trace)
            return None
        else:
            self._keep(walk.trace)
            return result
        finally:
            driver.close()

    def note(self, walk: Walk) -> None:
        """Note that the walk has met something new."""
        self._useful = len(walk.trace)

    def _keep(self, trace: Sequence[str]) -> None:
        if self._useful:
            happened = (event for event in trace[: self._useful] if not event.startswith("("))
            self.coverage.trails.append(tuple(happened))


def summary(coverage: Coverage) -> Mapping[str, str]:
    """Return, by kind, how much was met, as a text."""
    hidden = Counter(goal.what for goal in coverage.hidden)
    return {
        what.value: f"{coverage.met[what]} of {count}, {hidden[what]} out of reach"
        for what, count in coverage.there.items()
    }
