"""The W-method, carried out on a system: is each party, after each transition, where it has to be?

The words and the ways to them are those of `model.identify`. Each is tried on a new system: by a
shortest way to the transition first, and where that cannot be brought about by others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import NamedTuple

from model.compile import Packed
from model.identify import Party, Turn, Word, parties
from model.suites import FAR_OFF, Goal, Reached, What, reach
from model.ways import Leg, Way, Ways
from steps.checks.coverage import Coverage, Progress, Walks
from steps.checks.script import UNASKED, WORLD, HiddenError, Refused, Walk

WEAK = WORLD | UNASKED
"""Events that say little of a state: no party refuses the first, nobody asks for the second."""
MOST_WAYS = 10
"""How many ways are tried to each word."""
MOST_VAIN = 2
"""After how many more there has to be something to try a refusal with."""


class Trial(NamedTuple):
    """A word after a transition, the stretches of its ways, and from where they begin."""

    goal: Goal
    turn: Turn
    word: Word
    legs: Sequence[Leg]
    sources: Sequence[Packed]


def identify(walks: Walks, tell: Progress = lambda _: None) -> Coverage:
    """Try every word after every transition of every party.

    Args:
        walks: made of a system, until they are over.
        tell: is told of every walk.
    """
    reached = reach(walks.space, [What.TRANSITION])
    there = [trial for party in parties(reached, WEAK) for trial in trials(party)]
    walks.coverage.there[What.TARGET] = len(there)
    return _Identification(walks, reached, Ways(reached)).run(there, tell)


def trials(party: Party) -> Iterator[Trial]:
    """Yield what there is to try, but what nobody comes to without the party doing more."""
    for turn in party.turns:
        for word in party.words(turn.target):
            legs = party.legs(turn.target, word)
            sources = party.drawing(turn, legs[0].distances)
            if sources:
                yield Trial(party.goal(turn, word), turn, word, legs, sources)


@dataclass
class _Identification:
    walks: Walks
    reached: Reached
    ways: Ways

    def run(self, there: Sequence[Trial], tell: Progress) -> Coverage:
        """Try one after the other, until all are met or the walks are over."""
        coverage = self.walks.coverage
        for trial in there:
            reason: str | None = FAR_OFF
            for seed in range(MOST_WAYS):
                if self.walks.are_over:
                    return coverage
                random = Random(seed)  # noqa: S311 - chooses a way, guards nothing
                walk = self._walk if seed else self._walk_shortest
                reason = self.walks.go(partial(walk, trial, random))
                tell(coverage)
                if reason is None:
                    coverage.met[What.TARGET] += 1
                    break
                if seed == MOST_VAIN and reason == Refused.ABSENT.value:
                    coverage.hidden[trial.goal] = reason
                    break
            else:
                coverage.hidden[trial.goal] = reason or FAR_OFF
        return coverage

    def _walk_shortest(self, trial: Trial, random: Random, walk: Walk) -> str | None:
        """Walk the shortest way to where a word is tried; return the reason if that cannot be."""
        for event in (*self.reached.way_to(trial.sources[0]), trial.turn.event):
            try:
                walk.step(event)
            except HiddenError as hidden:
                return hidden.reason
            self.walks.coverage.steps += 1
        return self._go_on(walk, trial, Way(self.reached, trial.legs), random)

    def _walk(self, trial: Trial, random: Random, walk: Walk) -> str | None:
        """Walk at random to where a word is tried; return the reason if that cannot be."""
        ends = self.ways.toward(trial.goal, trial.sources, random)
        legs = (Leg(ends, trial.turn.event), *trial.legs)
        if not trial.word.is_taken:  # what happened before can come once more
            legs = (self.ways.happening(trial.word.event), *legs)
        return self._go_on(walk, trial, Way(self.reached, legs), random)

    def _go_on(self, walk: Walk, trial: Trial, way: Way, random: Random) -> str | None:
        closed: set[tuple[Packed, str]] = set()
        reason = FAR_OFF
        for _ in range(way.most):
            if way.is_over(walk.state):
                return self._refuse(walk, trial)
            state = walk.state
            step = way.next(state, closed, random)
            if step is None:
                break
            try:
                walk.step(step.event)
            except HiddenError as hidden:
                closed.add((state, step.event))
                reason = hidden.reason
                continue
            self.walks.coverage.steps += 1
            if way.take(state, step):
                self.walks.note(walk)
                return None
        return reason

    def _refuse(self, walk: Walk, trial: Trial) -> str | None:
        how = walk.refuse(trial.word.event)
        if how is Refused.ABSENT:
            return Refused.ABSENT.value
        self.walks.coverage.refused[trial.goal] = how
        self.walks.note(walk)
        return None
