"""Learns how a system answers, and holds what was learned against the model, exactly.

A projection is a small alphabet: what users and the world do, one call of the driver each, and
after each of them what an outsider sees. AALpy learns the automaton of the system by asking it
only. The model is brought through the same calls; the product of both automata either shows no
difference or a shortest one, and then the system itself is asked which of the two it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aalpy import SUL, MealyMachine, Oracle, run_Lstar

from steps.driver import (
    CardReport,
    Driver,
    Factory,
    Means,
    Message,
    Network,
    Setup,
    Standing,
    User,
)
from steps.drivers.modelled import ModelledDriver

USER = User.THE_USER

Word = tuple[str, ...]
"""Names of calls, in order."""
Answer = tuple[str, ...]
"""What is seen, as sentences."""


@dataclass(frozen=True, slots=True)
class Call:
    """An input: the sentence that stands for it, and what it does to a driver."""

    sentence: str
    carry_out: Callable[[Driver], object]


@dataclass(frozen=True, slots=True)
class Projection:
    """An alphabet, and what is so from the beginning."""

    name: str
    calls: Mapping[str, Call]
    given: tuple[Call, ...] = ()

    def begin(self, factory: Factory) -> Driver:
        """Make a system in which the user subscribes to the first network."""
        driver = factory(Setup())
        for call in (*BACKGROUND, *self.given):
            call.carry_out(driver)
        driver.settle()
        return driver

    def step(self, driver: Driver, letter: str) -> Answer:
        """Carry a call out, wait for rest, and say what is seen then."""
        self.calls[letter].carry_out(driver)
        driver.settle()
        return tuple(seen(driver))


def _agree(driver: Driver) -> None:
    driver.agree(Network.FIRST)
    driver.agree(Network.SECOND)


BACKGROUND = (
    Call(
        "the application server has agreements with the operators of the first and the second "
        "network",
        _agree,
    ),
    Call(
        f"a user who subscribes to {Network.FIRST}",
        lambda driver: driver.subscribe(Network.FIRST, USER),
    ),
)


def _request(network: Network) -> Call:
    return Call(
        f"the device has requested a change to {network}",
        lambda driver: driver.request_change(network, Means.MENU, USER),
    )


def _request_amid(fault: Call) -> Call:
    """Return a request during which something goes wrong, once."""

    def carry_out(driver: Driver) -> None:
        fault.carry_out(driver)
        driver.request_change(Network.SECOND, Means.MENU, USER)

    return Call(f"{fault.sentence}\n  And {_request(Network.SECOND).sentence}", carry_out)


def _lose(message: Message) -> Call:
    return Call(f"the next {message} is lost", lambda driver: driver.lose(message, 1))


def _refused(driver: Driver) -> None:
    driver.refuse_attach(Network.SECOND)
    driver.request_change(Network.SECOND, Means.MENU, USER)
    driver.settle()
    driver.allow_attach(Network.SECOND)


REQUESTS = {"to second": _request(Network.SECOND), "to first": _request(Network.FIRST)}
PROJECTIONS = (
    Projection(
        "delivery",
        {
            **REQUESTS,
            "message lost": _request_amid(_lose(Message.PERSONALIZATION)),
            "report lost": _request_amid(_lose(Message.REPORT)),
            "request lost": _request_amid(_lose(Message.REQUEST)),
        },
    ),
    Projection(
        "admin code",
        {
            **REQUESTS,
            "wrong code": Call(
                "the application server holds another card's admin code for the card",
                lambda driver: driver.exchange_admin_code(USER),
            ),
            "right code": Call(
                "the application server holds the admin code of the card again",
                lambda driver: driver.restore_admin_code(USER),
            ),
        },
    ),
    Projection(
        "attach",
        {
            "to second": REQUESTS["to second"],
            "refused": Call(
                f"{Network.SECOND} rejects every attach for good\n"
                f"  And {REQUESTS['to second'].sentence}\n"
                f"  And {Network.SECOND} accepts its subscribers again",
                _refused,
            ),
        },
    ),
    Projection(
        "acknowledgement",
        {
            **REQUESTS,
            "refusing": Call(
                f"the operator of {Network.FIRST} refuses acknowledgement",
                lambda driver: driver.refuse_acknowledgement(Network.FIRST),
            ),
            "silent": Call(
                f"the operator of {Network.FIRST} never answers a question for acknowledgement",
                lambda driver: driver.silence_acknowledgement(Network.FIRST),
            ),
            "granting": Call(
                f"the operator of {Network.FIRST} grants acknowledgement again",
                lambda driver: driver.grant_acknowledgement(Network.FIRST),
            ),
        },
        given=(
            Call(
                "the application server asks for acknowledgement before a subscriber leaves",
                lambda driver: driver.ask_for_acknowledgement(),
            ),
        ),
    ),
)

STANDINGS = {
    Standing.CHANGED: "the change is complete",
    Standing.UNCHANGED: "the change has ended without effect",
    Standing.REFUSED: "the application server has refused the request",
}
REPORTS = {
    CardReport.NONE: "the card has reported nothing",
    CardReport.DONE: "the card has reported that it has changed",
    CardReport.WRONG_ADMIN_CODE: "the card has reported a wrong admin code",
    CardReport.REFUSED: "the card has reported a refusal",
}


def seen(driver: Driver) -> Iterator[str]:
    """Yield what an outsider sees of the user's card, as sentences of the features."""
    if agreed := driver.agreed_network(USER):
        yield f"all parties agree that the card is of {agreed}"
    yield f"the device is attached to {driver.attached_to(USER) or 'no network'}"
    for network in (Network.FIRST, Network.SECOND):
        knows = "knows" if driver.register_knows(network, USER) else "does not know"
        yield f"the home register of {network} {knows} the card"
    if (standing := driver.standing(USER)) in STANDINGS:
        yield STANDINGS[standing]
    yield REPORTS[driver.card_report(USER)]


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
    """A shortest way to what the system answers otherwise than the model."""

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
    states: int
    queries: int
    calls: int  # to the system, those of replies that were known already left out
    difference: Difference | None


def learn(projection: Projection, factory: Factory, model: ModelMachine) -> Learned:
    """Learn a system; stop at the first difference to the model, for the system is wrong then."""
    system = _System(projection, factory)
    oracle = _Reference(system, model)
    machine = run_Lstar(list(projection.calls), system, oracle, "mealy", print_level=0)
    return Learned(
        projection,
        states=len(machine.states),
        queries=system.num_queries,
        calls=system.num_steps,
        difference=oracle.difference,
    )


def differences(factory: Factory) -> list[Difference]:
    """Learn every projection of a system, and return what differs from the model."""
    found = (learn(one, factory, ModelMachine(one)).difference for one in PROJECTIONS)
    return [difference for difference in found if difference is not None]


class _System(SUL):  # type: ignore[misc] # AALpy has no types
    """A system as AALpy asks it: made anew for every question."""

    def __init__(self, projection: Projection, factory: Factory) -> None:
        super().__init__()
        self.projection = projection
        self._factory = factory
        self._driver: Driver | None = None

    def pre(self) -> None:
        """Make the system."""
        self._driver = self.projection.begin(self._factory)

    def post(self) -> None:
        """Let go of it."""
        assert self._driver is not None
        self._driver.close()

    def step(self, letter: str) -> Answer:
        """Carry a call out."""
        assert self._driver is not None
        return self.projection.step(self._driver, letter)


class _Reference(Oracle):  # type: ignore[misc] # AALpy has no types
    """Compares what was learned with the model, and asks the system who is right."""

    def __init__(self, system: _System, model: ModelMachine) -> None:
        super().__init__(list(system.projection.calls), system)
        self.difference: Difference | None = None
        self._system = system
        self._model = model

    def find_cex(self, hypothesis: MealyMachine) -> Word | None:
        """Return where the hypothesis is wrong; None where it is right, or the system is wrong."""
        word = self._parting(hypothesis)
        if word is None:
            return None
        says, expected = self._system.query(word), self._model.answers(word)
        pairs = enumerate(zip(says, expected, strict=True))
        at = next((i for i, (one, other) in pairs if one != other), None)
        if at is None:
            return word
        self.difference = Difference(
            self._system.projection, word[: at + 1], says[at], expected[at]
        )
        return None

    def _parting(self, hypothesis: MealyMachine) -> Word | None:
        """Return a shortest word to which hypothesis and model answer otherwise."""
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
