"""First-order mutants of the tables: each differs from them in one row.

Not every mutant is another system: `Comparison.difference` decides exactly, over the product of
both, whether anybody could see a difference. A suite of words has to notice each of those that
are; which it does, `killed` says.

What can be seen of a state is which events can happen in it, and where the device and the registers
are. What card and server hold inside is not seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from itertools import takewhile
from operator import eq

from model.compile import Event, Packed, Space, Step
from model.explore import Search
from model.system import PROGRESS, Composition
from model.table import Arrow, Component, Kind

SEEN = frozenset({"device", "home_left", "home_joined"})
NEXT = ("turn_round", "start_over", "request_change")
"""What begins another change, where it can."""
UNHEARD = frozenset({"message", "report"})
"""What waits at the door: it tells states apart that an event does not, since it comes next."""
Word = tuple[str, ...]
"""Events from the initial state on. In each state on the way all others are tried as well."""


class Fault(StrEnum):
    """In what a mutant differs."""

    MISSING = "a row is missing"
    TARGET = "a row leads elsewhere"
    DROPPED = "a condition is dropped"
    NEGATED = "a condition is negated"
    EXTRA = "an event happens where it must not"


@dataclass(frozen=True, eq=False)
class Mutant:
    """A component with one row changed; `event` is that of the row."""

    fault: Fault
    component: str
    event: str
    what: str
    arrows: tuple[Arrow, ...]

    def __str__(self) -> str:
        return f"{self.component}: {self.what}: {self.fault}"


def mutants(composition: Composition) -> Iterator[Mutant]:
    """Yield every first-order mutant of every table, row by row."""
    for part in composition.components:
        for at, row in enumerate(part.arrows):
            label = f"{row.event} from {row.source.name} to {row.target.name}"
            for fault, what, changed in _changed(part, row):
                rows = (*part.arrows[:at], *changed, *part.arrows[at + 1 :])
                yield Mutant(fault, part.name, row.event, f"{label}{what}", rows)
        yield from _extra(part)


def _changed(part: Component, row: Arrow) -> Iterator[tuple[Fault, str, tuple[Arrow, ...]]]:
    yield Fault.MISSING, "", ()
    for state in part.states:
        if state is not row.target:
            yield Fault.TARGET, f", now to {state.name}", (replace(row, target=state),)
    for name, states in row.needs.items():
        others = {key: value for key, value in row.needs.items() if key != name}
        yield Fault.DROPPED, f", whatever {name} is", (replace(row, needs=others),)
        negated = others | {name: _complement(states)}
        yield Fault.NEGATED, f", if {name} is otherwise", (replace(row, needs=negated),)


def _complement(states: AbstractSet[Enum]) -> AbstractSet[Enum]:
    return set(type(next(iter(states)))) - states


def _extra(part: Component) -> Iterator[Mutant]:
    """Let each event happen, and change nothing, where the component draws no arrow for it."""
    samples = {row.event: row for row in part.arrows}
    for event, row in samples.items():
        drawn = {one.source for one in part.arrows if one.event == event}
        for state in part.states:
            if state not in drawn:
                more = replace(row, source=state, target=state, needs={})
                what = f"{event} in {state.name}"
                yield Mutant(Fault.EXTRA, part.name, event, what, (*part.arrows, more))


@dataclass(frozen=True, slots=True)
class Node:
    """A state that the sound tables come to on the way of a word."""

    state: Packed
    event: str
    """What led here; empty at the root."""
    parent: int
    children: list[int]


@dataclass(frozen=True)
class Suite:
    """Words, and all their ways as one tree: what words have in common is gone once.

    A node stands in `nodes` behind the nodes on the way to it.
    """

    words: tuple[Word, ...]
    nodes: tuple[Node, ...]
    at: Mapping[Packed, Sequence[int]]
    """The nodes at each state."""

    @classmethod
    def of(cls, space: Space, words: Iterable[Word]) -> Suite:
        """Walk `words`, each once, in alphabetical order."""
        words = tuple(sorted(set(words)))
        nodes, at = [Node(space.initial, "", 0, [])], defaultdict[Packed, list[int]](list)
        at[space.initial].append(0)
        way, before = [0], Word()
        for word in words:
            common = sum(takewhile(bool, map(eq, word, before)))
            del way[common + 1 :]
            for event in word[common:]:
                parent = nodes[way[-1]]
                table = space.events[event]
                (step,) = table[parent.state & table.mask]
                parent.children.append(len(nodes))
                at[parent.state + step.added].append(len(nodes))
                way.append(len(nodes))
                nodes.append(Node(parent.state + step.added, event, way[-2], []))
            before = word
        return cls(words, tuple(nodes), at)

    def word(self, node: int) -> Word:
        """Return the events on the way to a node."""
        events = []
        while node:
            events.append(self.nodes[node].event)
            node = self.nodes[node].parent
        return (*reversed(events),)


class Comparison:
    """The sound tables, all their states, and what of a mutant differs from them."""

    def __init__(self, composition: Composition) -> None:
        self.composition = composition
        self.space = Space(composition)
        self.search = Search(self.space)
        self.search.run()
        self._seen = self.space.packing.mask(SEEN)
        self._order = {event: at for at, event in enumerate(composition.events)}
        self._stands: dict[Packed, set[Packed]] = {}

    def difference(self, mutant: Mutant) -> Word | None:
        """Return a way to what an outsider sees otherwise in the mutant; None if there is none.

        Both are alike until the changed row decides for the first time. From every state in which
        it does, all pairs of states that they reach together are looked at.
        """
        wrong, mask, odd = self._odd(mutant)
        sound = self.space.events[mutant.event]
        if not odd:
            return None
        pairs: dict[tuple[Packed, Packed], tuple[tuple[Packed, Packed], str]] = {}
        queue = []
        for state in self.search.reached:
            if state & mask not in odd:
                continue
            one, other = self._added(sound, state), self._added(wrong, state)
            if one is None or other is None or (one ^ other and self._shows(state, one, other)):
                return (*self.search.trace(state), mutant.event)
            pair = (state + one, state + other)
            if pair not in pairs:
                pairs[pair] = ((state, state), mutant.event)
                queue.append(pair)
        for pair in queue:  # grows while it is walked
            sound_steps = self._steps(pair[0])
            wrong_steps = self._steps(pair[1], wrong, mutant.event)
            for event in sound_steps.keys() | wrong_steps.keys():
                one, other = sound_steps.get(event), wrong_steps.get(event)
                if one is None or other is None or (pair[0] + one ^ pair[1] + other) & self._seen:
                    return (*self._trace(pairs, pair), event)
                after = (pair[0] + one, pair[1] + other)
                if after[0] != after[1] and after not in pairs:
                    pairs[after] = (pair, event)
                    queue.append(after)
        return None

    def suite(self) -> Suite:
        """Return words that draw every row from wherever it can be drawn, and refuse likewise.

        For each event, and each way in which the components that decide it can stand: a shortest
        way there, the event if it can happen, and what the parties then do of themselves.
        """
        words: dict[Word, None] = {}
        for event, table in self.space.events.items():
            nearest: dict[Packed, Packed] = {}
            mask = table.mask | self.space.packing.mask(UNHEARD)
            for state in self.search.reached:
                nearest.setdefault(
                    state & (mask if table[state & table.mask] else table.mask), state
                )
            for state in nearest.values():
                way, steps = self.search.trace(state), table[state & table.mask]
                for step in steps:
                    words[*way, event, *self._drained(state + step.added)] = None
                if not steps:
                    words[way] = None
        return Suite.of(self.space, _longest(words))

    def _drained(self, state: Packed) -> Word:
        """Return what the parties do of themselves until they rest, and one change more."""
        events, state = self._at_rest(state)
        for wish in NEXT:
            added = next((s.added for s in self.space.steps(state) if s.event == wish), None)
            if added is not None:
                events.append(wish)
                state += added
        more, _ = self._at_rest(state)
        return (*events, *more)

    def _at_rest(self, state: Packed) -> tuple[list[str], Packed]:
        events = []
        kinds, order = self.composition.kinds, self._order
        while own := [one for one in self.space.steps(state) if kinds[one.event] in PROGRESS]:
            first = min(own, key=lambda one: (kinds[one.event] is Kind.TIMER, order[one.event]))
            events.append(first.event)
            state += first.added
        return events, state

    def killed(self, mutant: Mutant, suite: Suite) -> Word | None:
        """Return the beginning of a word of `suite` at which the mutant is noticed, if any.

        Both go the ways of the suite together. Where they are in one state, nothing is to be seen
        before the changed row decides; from there on, as long as they are in two.
        """
        wrong, mask, odd = self._odd(mutant)
        begins = sorted(
            node for state, nodes in suite.at.items() if state & mask in odd for node in nodes
        )
        apart = set[int]()
        for begin in begins:
            if begin in apart:
                continue
            ways = [(begin, suite.nodes[begin].state)]
            for at, other in ways:  # grows while it is walked
                node = suite.nodes[at]
                if self._tells(mutant.event, wrong, node.state, other):
                    return suite.word(at)
                for child in node.children:
                    state, event = suite.nodes[child].state, suite.nodes[child].event
                    table = wrong if event == mutant.event else self.space.events[event]
                    (step,) = table[other & table.mask]  # else it would have been told
                    if other + step.added != state:
                        apart.add(child)
                        ways.append((child, other + step.added))
        return None

    def _tells(self, changed: str, wrong: Event, one: Packed, other: Packed) -> bool:
        """Whether somebody sees that the mutant is in `other` where the sound tables are in one."""
        if (one ^ other) & self._seen:
            return True
        if (self._added(self.space.events[changed], one) is None) is not (
            self._added(wrong, other) is None
        ):
            return True
        return one != other and any(
            here is not there and _without(changed, here) != _without(changed, there)
            for here, there in (
                (table[one & table.mask], table[other & table.mask]) for table in self.space.tables
            )
        )

    def _odd(self, mutant: Mutant) -> tuple[Event, Packed, set[Packed]]:
        """Return the changed event, and how what it reads stands where it differs."""
        wrong, sound = self._event(mutant), self.space.events[mutant.event]
        mask = sound.mask | wrong.mask
        if mask not in self._stands:
            self._stands[mask] = set(map(mask.__and__, self.search.reached))
        keys = self._stands[mask]
        return wrong, mask, {k for k in keys if self._added(sound, k) != self._added(wrong, k)}

    def _event(self, mutant: Mutant) -> Event:
        composition = self.composition.with_arrows(mutant.component, mutant.arrows)
        return Event(self.space.packing, composition, mutant.event)

    @staticmethod
    def _added(event: Event, state: Packed) -> Packed | None:
        return next((step.added for step in event[state & event.mask]), None)

    def _shows(self, state: Packed, one: Packed, other: Packed) -> bool:
        return bool((state + one ^ state + other) & self._seen)

    def _steps(
        self, state: Packed, wrong: Event | None = None, changed: str = ""
    ) -> dict[str, Packed]:
        steps = {step.event: step.added for step in self.space.steps(state)}
        if wrong is not None:
            steps.pop(changed, None)
            if (added := self._added(wrong, state)) is not None:
                steps[changed] = added
        return steps

    def _trace(
        self,
        pairs: Mapping[tuple[Packed, Packed], tuple[tuple[Packed, Packed], str]],
        pair: tuple[Packed, Packed],
    ) -> Word:
        events = []
        while pair in pairs:
            pair, event = pairs[pair]
            events.append(event)
        return (*self.search.trace(pair[0]), *reversed(events))


def _without(changed: str, steps: Iterable[Step]) -> list[str]:
    return [step.event for step in steps if step.event != changed]


def _longest(words: Iterable[Word]) -> list[Word]:
    """Leave out what is the beginning of another."""
    ordered = sorted(words)
    return [
        word
        for word, following in zip(ordered, [*ordered[1:], ()], strict=True)
        if following[: len(word)] != word
    ]
