"""Requests at the same time, in every order in which their messages can arrive.

Several requests are made at once; then what arrives next is chosen, again and again, until every
order was run that can make a difference. An order is accepted if the model, asked for the same one
after the other in some order, explains all answers and the end. Otherwise the history is shown.

Orders are thinned out (dynamic partial-order reduction): messages on one way keep their order, as
on any connection; of two messages that different parties receive, or of which one is sent because
of the other, there is one order to run. Only where several requests meet - at the application
server, at home registers, and at short message centres, which put what they take from both sides on
one way - a message that could as well have come first is let come first, in a run of its own.
Timers are slow: they run out when nothing is under way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple, Protocol, runtime_checkable

from steps.checks.concurrency import CASES, Case, Outcome, outcome_of, sequential_outcomes
from steps.driver import Factory, Setup, UnsupportedError

MOST_RUNS = 400
MOST_ARRIVALS = 5000
"""In one run; a change needs some two hundred."""


@runtime_checkable
class Orderable(Protocol):
    """What a driver offers beyond `Driver` if it can be told what arrives next."""

    def under_way(self) -> Mapping[str, tuple[str, Sequence[object]]]:
        """Return by way who receives, and the messages there, the next to arrive first.

        Ways stand in the order in which their first messages would arrive by themselves.
        """

    def let_arrive(self, message: object) -> None:
        """Let the first message of a way arrive."""

    def let_time_pass(self) -> bool:
        """Let the next timer run out; return whether there was one."""

    def tell(self, message: object) -> str:
        """Say in words what a message is."""

    def meeting_places(self) -> frozenset[str]:
        """Return the parties that decide for several requests."""


class Arrival(NamedTuple):
    """One message that arrived, or the running out of a timer."""

    way: str
    receiver: str
    sent_by: int | None
    """Which arrival of this run let it be sent; None if it was under way from the start."""
    told: str


TIME = "time"
Order = tuple[str, ...]
"""Ways, in the order in which their messages arrive."""


@dataclass(frozen=True, slots=True)
class Finding:
    """An order that no sequence of the requests explains."""

    case: str
    arrivals: tuple[Arrival, ...]
    meeting_places: frozenset[str]
    outcome: Outcome | str
    explained: frozenset[Outcome]
    seed: int = 0

    def __str__(self) -> str:
        met = [one.told for one in self.arrivals if one.receiver in self.meeting_places]
        history = [f"{number:4}. {told}" for number, told in enumerate(met, start=1)]
        allowed = [f"    or: {one}" for one in sorted(map(str, self.explained))]
        heads = [f"{self.case} (seed {self.seed}): B06 B07: no sequence explains this order"]
        return "\n".join([*heads, *history, f"    ends: {self.outcome}", "  explained:", *allowed])


@dataclass(slots=True)
class Interleavings:
    """What was run, and what was found."""

    runs: dict[str, int] = field(default_factory=dict)
    is_complete: dict[str, bool] = field(default_factory=dict)
    """Whether every order that makes a difference was run, by case."""
    outcomes: dict[str, set[Outcome]] = field(default_factory=dict)
    """What the requests came to in some order, by case."""
    findings: list[Finding] = field(default_factory=list)


Progress = Callable[[str, int, int], None]
"""Told, after each run, the case, how many runs are done, and how many are known of by now."""
DEFAULT = Setup()


def explore_interleavings(
    factory: Factory,
    cases: Sequence[Case] = CASES,
    most_runs: int = MOST_RUNS,
    setup: Setup = DEFAULT,
    progress: Progress | None = None,
) -> Interleavings:
    """Run each case in every order of arrivals, up to `most_runs`.

    Raises:
        UnsupportedError: the system cannot be told what arrives next, or lacks a case.
    """
    found = Interleavings()
    for case in cases:
        explained = sequential_outcomes(case, setup)
        waiting: list[Order] = [()]
        choice = Random(f"{setup.seed}/{case.name}")  # noqa: S311 - seeded on purpose
        seen: set[object] = {_class_of((), {})}
        runs, outcomes = 0, found.outcomes.setdefault(case.name, set())
        while waiting and runs < most_runs:
            arrivals, outcome, places = _run(case, factory, setup, _pick(waiting, choice))
            runs += 1
            if outcome in explained and isinstance(outcome, Outcome):
                outcomes.add(outcome)
            else:
                finding = Finding(case.name, arrivals, places, outcome, explained, setup.seed)
                found.findings.append(finding)
            waiting += _reversed_races(arrivals, places, seen)
            if progress:
                progress(case.name, runs, runs + len(waiting))
        found.runs[case.name], found.is_complete[case.name] = runs, not waiting
    return found


def _pick(waiting: list[Order], choice: Random) -> Order:
    """Take one of the orders that wait: any, so that few runs show much that is different."""
    index = choice.randrange(len(waiting))
    waiting[index], waiting[-1] = waiting[-1], waiting[index]
    return waiting.pop()


def _run(
    case: Case, factory: Factory, setup: Setup, order: Order
) -> tuple[tuple[Arrival, ...], Outcome | str, frozenset[str]]:
    """Run a case with the messages arriving in `order`, then as they come."""
    driver = case.begin(factory, setup)
    try:
        if not isinstance(driver, Orderable):
            raise UnsupportedError("the system cannot be told what arrives next")
        run = _Run(driver)
        for ask in case.asks:
            ask.make(driver)
        try:
            run.go(order)
            outcome: Outcome | str = outcome_of(driver, case.users)
        except UnsupportedError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a system breaks off with is a finding
            outcome = f"{type(error).__name__}: {error}"
        return tuple(run.arrivals), outcome, driver.meeting_places()
    finally:
        driver.close()


class _Run:
    """Lets messages arrive, and notes which arrival let which message be sent."""

    def __init__(self, driver: Orderable) -> None:
        self.arrivals: list[Arrival] = []
        self._driver = driver
        self._senders: dict[str, deque[int | None]] = {}

    def go(self, order: Order) -> None:
        """Let messages arrive in `order`, then as they come, until all is at rest."""
        self._note_sent(None)
        for way in order:
            self._advance(way)
        while len(self.arrivals) < MOST_ARRIVALS and self._advance(None):
            pass

    def _advance(self, way: str | None) -> bool:
        """Let the next message arrive, of `way` if it is given; return whether there was one."""
        ways = self._driver.under_way()
        number = len(self.arrivals)
        if not ways:
            if not self._driver.let_time_pass():
                return False
            self.arrivals.append(Arrival(TIME, TIME, None, "a timer runs out"))
        else:
            way = next(iter(ways)) if way is None else way
            receiver, messages = ways[way]
            sender = self._senders[way].popleft()
            told = self._driver.tell(messages[0])
            self.arrivals.append(Arrival(way, receiver, sender, told))
            self._driver.let_arrive(messages[0])
        self._note_sent(number)
        return True

    def _note_sent(self, arrival: int | None) -> None:
        for way, (_, messages) in self._driver.under_way().items():
            senders = self._senders.setdefault(way, deque())
            senders.extend([arrival] * (len(messages) - len(senders)))


def _reversed_races(
    arrivals: Sequence[Arrival], places: frozenset[str], seen: set[object]
) -> Iterator[Order]:
    """Yield an order for each two arrivals that could as well have come the other way round.

    `seen` holds the orders that were yielded before, and gets these.
    """
    before = _causes(arrivals)
    last: dict[str, int] = {}
    receivers = {one.way: one.receiver for one in arrivals}
    for second, arrival in enumerate(arrivals):
        first = last.get(arrival.receiver)
        last[arrival.receiver] = second
        if first is None or arrival.receiver not in places:
            continue
        if arrivals[first].way == arrival.way or _is_caused(arrival, first, before):
            continue
        kept = [*range(first), *(i for i in range(first, second) if not _follows(i, first, before))]
        order = tuple(arrivals[i].way for i in (*kept, second))
        class_of = _class_of(order, receivers)
        if class_of not in seen:
            seen.add(class_of)
            yield order


def _causes(arrivals: Sequence[Arrival]) -> list[int]:
    """Return for each arrival the arrivals that had to come before it, as a set of bits."""
    before: list[int] = []
    last: dict[str, int] = {}
    everything = 0
    barrier = 0
    for number, arrival in enumerate(arrivals):
        causes = barrier
        for cause in (last.get(arrival.receiver), arrival.sent_by):
            if cause is not None:
                causes |= before[cause] | 1 << cause
        if arrival.way == TIME:
            causes = everything
            barrier = everything | 1 << number
        before.append(causes)
        last[arrival.receiver] = number
        everything |= 1 << number
    return before


def _is_caused(arrival: Arrival, first: int, before: Sequence[int]) -> bool:
    """Whether a message was only sent because of the arrival `first`, or after a timer since."""
    cause = arrival.sent_by
    return cause is not None and (cause == first or bool(before[cause] >> first & 1))


def _follows(later: int, first: int, before: Sequence[int]) -> bool:
    return later == first or bool(before[later] >> first & 1)


def _class_of(order: Order, receivers: Mapping[str, str]) -> object:
    """Return what is the same for orders that differ only in who of several parties is first."""
    by_receiver: dict[str, list[str]] = {}
    for way in order:
        by_receiver.setdefault(receivers[way], []).append(way)
    return frozenset((receiver, tuple(ways)) for receiver, ways in by_receiver.items())
