"""Learns how a system answers, and holds what was learned against the model, exactly.

AALpy learns the automaton of the system for a projection by asking it only. The model is brought
through the same calls. An answer that is not the model's ends the learning, with a way to it that
no call can be left out of; where there is none, the product of both automata shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aalpy import SUL, MealyMachine, Oracle, run_Lstar

from steps.checks.projections import BACKGROUND, PROJECTIONS, USER, Answer, Projection
from steps.driver import Driver, Factory, Setup
from steps.drivers.modelled import ModelledDriver

Word = tuple[str, ...]
"""Names of calls, in order."""


class ModelMachine:
    """The automaton of the model for a projection, found by walking all of it."""

    def __init__(self, projection: Projection, setup: Setup | None = None) -> None:
        self._projection = projection
        self._setup = setup or Setup()
        self.rows: list[dict[str, tuple[int, Answer]]] = []
        words: list[Word] = [()]
        numbers = {self._run(())[0]: 0}
        for word in words:  # grows while it is walked
            self.rows.append({})
            for letter in projection.calls:
                position, answer = self._run((*word, letter))
                if position not in numbers:
                    numbers[position] = len(words)
                    words.append((*word, letter))
                self.rows[-1][letter] = (numbers[position], answer)

    def answers(self, word: Sequence[str]) -> list[Answer]:
        """Return what is seen after each call of a word."""
        state, answers = 0, []
        for letter in word:
            state, answer = self.rows[state][letter]
            answers.append(answer)
        return answers

    def _run(self, word: Word) -> tuple[object, Answer]:
        driver = self._projection.begin(lambda _: ModelledDriver(self._setup))
        assert isinstance(driver, ModelledDriver)
        answer: Answer = ()
        for letter in word:
            answer = self._projection.step(driver, letter)
        return position_of(driver), answer


def position_of(driver: ModelledDriver) -> object:
    """Return all that decides what the model does and says from here on."""
    world = driver._world  # noqa: SLF001 - the learner has to know when two worlds are alike
    line, conditions = world.lines[USER], world.conditions
    return (
        frozenset(line.system.state.items()),
        frozenset(line.networks.items()),
        (line.wanted, line.requested, line.ended, line.report, line.is_blocked, line.wrong_codes),
        frozenset(conditions.wrong_codes),
        frozenset(conditions.closed),
        frozenset(conditions.refusing),
        frozenset(conditions.silent),
        frozenset(message for message, times in conditions.losses.items() if times),
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """A way to what the system answers otherwise than the model; no call can be left out of it."""

    projection: Projection
    word: Word
    system: Answer
    model: Answer

    def __str__(self) -> str:
        """Write it as a scenario that fails on the system, if the model is right."""
        calls = [*BACKGROUND, *self.projection.given]
        calls += [self.projection.calls[letter] for letter in self.word]
        missing = [one for one in self.model if one not in self.system]
        more = [one for one in self.system if one not in self.model]
        given = [*(call.sentence for call in calls)]
        return "\n".join(
            (
                f"Scenario: {self.projection.name}: {', '.join(self.word)}",
                *(f"  {_word('Given', at)} {text}" for at, text in enumerate(given)),
                *(f"  {_word('Then', at)} {text}" for at, text in enumerate(missing)),
                *(f"  # the system says: {text}" for text in more),
            )
        )


def _word(keyword: str, at: int) -> str:
    return "And" if at else keyword


@dataclass(frozen=True, slots=True)
class Learned:
    """What came of learning a projection."""

    projection: Projection
    states: int  # 0 if a difference was there first
    queries: int
    calls: int  # to the system, those of replies that were known already left out
    difference: Difference | None


def learn(projection: Projection, factory: Factory, model: ModelMachine) -> Learned:
    """Learn a system; stop at the first difference to the model, for the system is wrong then."""
    system = _System(projection, factory, model)
    oracle = _Reference(system, model)
    states, difference = 0, None
    try:
        machine = run_Lstar(list(projection.calls), system, oracle, "mealy", print_level=0)
        states = len(machine.states)
    except _DiffersError as differs:
        difference = _shortened(system, differs.difference)
    return Learned(projection, states, system.num_queries, system.num_steps, difference)


def difference_of(factory: Factory) -> Difference | None:
    """Learn one projection of a system after the other, until it differs from the model."""
    found = (learn(one, factory, ModelMachine(one)).difference for one in PROJECTIONS)
    return next(filter(None, found), None)


def _shortened(system: _System, difference: Difference) -> Difference:
    """Leave out of the way to a difference each call that it can do without."""
    at = 0
    while at < len(difference.word) > 1:
        try:
            system.query(difference.word[:at] + difference.word[at + 1 :])
        except _DiffersError as shorter:
            difference, at = shorter.difference, 0
        else:
            at += 1
    return difference


class _DiffersError(Exception):
    """The system answered otherwise than the model."""

    def __init__(self, difference: Difference) -> None:
        super().__init__(str(difference))
        self.difference = difference


class _System(SUL):  # type: ignore[misc] # AALpy has no types
    """A system as AALpy asks it: made anew for every question, and held against the model."""

    def __init__(self, projection: Projection, factory: Factory, model: ModelMachine) -> None:
        super().__init__()
        self._projection = projection
        self._factory = factory
        self._model = model
        self._driver: Driver | None = None

    def query(self, word: Word) -> list[Answer]:
        """Answer a question.

        Raises:
            _DiffersError: the model says something else. The system is closed, as always.
        """
        try:
            answers: list[Answer] = super().query(word)
        except BaseException:
            self.post()
            raise
        return answers

    def pre(self) -> None:
        """Make the system."""
        self._way: Word = ()
        self._driver = self._projection.begin(self._factory)

    def post(self) -> None:
        """Let go of it, if it could be made."""
        if self._driver is not None:
            self._driver.close()
        self._driver = None

    def step(self, letter: str) -> Answer:
        """Carry a call out."""
        assert self._driver is not None
        self._way += (letter,)
        says = self._projection.step(self._driver, letter)
        expected = self._model.answers(self._way)[-1]
        if says != expected:
            raise _DiffersError(Difference(self._projection, self._way, says, expected))
        return says


class _Reference(Oracle):  # type: ignore[misc] # AALpy has no types
    """Compares what was learned with the model."""

    def __init__(self, system: _System, model: ModelMachine) -> None:
        super().__init__(list(model.rows[0]), system)
        self._model = model

    def find_cex(self, hypothesis: MealyMachine) -> Word | None:
        """Return a shortest word to which hypothesis and model answer otherwise; None if none."""
        begin = (hypothesis.initial_state, 0)
        ways: dict[tuple[Any, int], Word] = {begin: ()}
        queue = [begin]
        for learned, number in queue:  # grows while it is walked
            for letter, (after, answer) in self._model.rows[number].items():
                word = (*ways[learned, number], letter)
                if learned.output_fun[letter] != answer:
                    return word
                pair = (learned.transitions[letter], after)
                if pair not in ways:
                    ways[pair] = word
                    queue.append(pair)
        return None
