"""The W-method for single parties: after each transition, is the party where the table says?

A walk that meets every transition may end each time in a wrong state without anybody noticing. So
after each transition of a party words are tried that tell its target from every other state of that
party (Chow 1978; a set of words for each state: the Wp-method of Fujiwara and others, 1991). What a
party can do is all that tells states apart here: what is seen of it from outside is not counted.

A party is the product of its tables. While a word is tried nothing else of that party happens; the
other parties go wherever they have to be for it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from functools import cache, cached_property, partial
from typing import NamedTuple

from model.compile import Packed
from model.suites import Goal, Reached, What
from model.ways import Leg

PARTIES: Mapping[str, Sequence[str]] = {
    "application server": ("application_server", "sealing"),
    "home register that is left": ("home_left",),
    "home register that is joined": ("home_joined", "pool"),
    "customer centre": ("acknowledgement",),
    "card": ("card", "counter", "holding", "guesses"),
    "device": ("device",),
}
"""The tables of each party, by their names."""


class Turn(NamedTuple):
    """A transition of a party, between states of all of its tables."""

    source: Packed
    event: str
    target: Packed


class Word(NamedTuple):
    """What tells a state from another: after `lead`, `event` can happen or cannot."""

    lead: tuple[Turn, ...]
    event: str
    is_taken: bool

    def __str__(self) -> str:
        last = self.event if self.is_taken else f"({self.event})"
        return " ".join((*(turn.event for turn in self.lead), last))


class Party:
    """What one party can do, found in all reachable states of the whole.

    Args:
        reached: these.
        name: of the party.
        tables: of it that are there.
        weak: events that tell little, used only where no other tells anything.
    """

    def __init__(
        self, reached: Reached, name: str, tables: Sequence[str], weak: Container[str] = ()
    ) -> None:
        space = reached.goals.space
        self.name = name
        self._tables = tables
        self._reached = reached
        self._weak = weak
        self._mask = space.packing.mask(set(tables))
        self._own = frozenset(
            event
            for event, parts in space.composition.events.items()
            if any(part.name in tables for part in parts)
        )
        self.regions: dict[Packed, list[Packed]] = {}
        """By state of the party, the states of the whole, those nearest to the beginning first."""
        for state in reached.states:
            self.regions.setdefault(state & self._mask, []).append(state)
        self._takes: dict[Packed, set[str]] = {own: set() for own in self.regions}
        self._leads: dict[tuple[Packed, str], set[Packed]] = {}
        self._look()

    @property
    def turns(self) -> Sequence[Turn]:
        """Every transition of the party."""
        return [
            Turn(source, event, target)
            for (source, event), targets in self._leads.items()
            for target in sorted(targets)
        ]

    @cached_property
    def alike(self) -> Sequence[tuple[Packed, Packed]]:
        """Pairs of states that no word tells apart."""
        return [
            (one, other)
            for one in self.regions
            for other in self.regions
            if one < other and (one, other) not in self._parting
        ]

    @cache  # noqa: B019 - a party lives as long as its suite
    def words(self, state: Packed) -> Sequence[Word]:
        """Return what tells a state from every other one."""
        others = {other for other in self.regions if (state, other) in self._parting}
        words: list[Word] = []
        for events in ([*filter(partial(self._says_much, state), self._alphabet)], self._alphabet):
            while others and events:
                best = max(events, key=lambda event: self._gain(event, state, others))
                told = self._told(best, state, others)
                if not told:
                    break
                words.append(Word((), best, best in self._takes[state]))
                others -= told
        words += {self._parting[state, other]: None for other in sorted(others)}
        return words

    def goal(self, turn: Turn, word: Word) -> Goal:
        """Return what is met by `word` after `turn`."""
        where = f"after {turn.event} from {self._named(turn.source)} to {self._named(turn.target)}"
        return Goal(What.TARGET, str(word), where, self.name)

    @cache  # noqa: B019 - a party lives as long as its suite
    def legs(self, state: Packed, word: Word) -> Sequence[Leg]:
        """Return the stretches on which `word` is tried from `state`, without other own events."""
        following: Leg = self._last(word.lead[-1].target if word.lead else state, word)
        legs = [following]
        for turn in reversed(word.lead):
            ends = self.drawing(turn, following.distances)
            following = Leg(self._within(turn.source, ends), turn.event, self._own)
            legs.insert(0, following)
        return legs

    def drawing(self, turn: Turn, into: Container[Packed]) -> list[Packed]:
        """Return the states from which `turn` leads into others, the nearest first."""
        event = self._reached.goals.space.events[turn.event]
        return [
            state
            for state in self.regions[turn.source]
            for step in event[state & event.mask]
            if state + step.added in into and (state + step.added) & self._mask == turn.target
        ]

    def _look(self) -> None:
        space = self._reached.goals.space
        reads, tables = space.composition.reads, set(self._tables)
        relevant = {name: table for name, table in space.events.items() if reads[name] & tables}
        for own, states in self.regions.items():
            for name, event in relevant.items():
                keys = {state & event.mask for state in states}
                ends = {(key | own) + step.added for key in keys for step in event[key]}
                if ends:
                    self._takes[own].add(name)
                if ends and name in self._own:
                    self._leads[own, name] = {end & self._mask for end in ends}

    @cached_property
    def _alphabet(self) -> Sequence[str]:
        return sorted(set[str]().union(*self._takes.values()))

    def _says_much(self, state: Packed, event: str) -> bool:
        """Whether it is worth to try an event: who refuses it is this party, and no other."""
        is_taken = event in self._takes[state]
        return event not in self._weak and (is_taken or bool(self._ready(state, event)))

    @cache  # noqa: B019 - a party lives as long as its suite
    def _ready(self, state: Packed, event: str) -> Sequence[Packed]:
        """Return where every party but this one would let an event happen."""
        mask = self._reached.goals.space.events[event].mask
        return [one for one in self.regions[state] if self._others_draw(event, one & mask)]

    @cached_property
    def _parting(self) -> Mapping[tuple[Packed, Packed], Word]:
        """By two states, a shortest word that tells the first from the second."""
        parting: dict[tuple[Packed, Packed], Word] = {}
        pairs = {(one, other) for one in self.regions for other in self.regions if one != other}
        for one, other in pairs:
            if differing := self._takes[one] ^ self._takes[other]:
                event = min(differing, key=lambda name: (name in self._weak, name))
                parting[one, other] = Word((), event, event in self._takes[one])
        while found := {
            pair: word for pair in pairs - parting.keys() if (word := self._longer(*pair, parting))
        }:
            parting |= found
        return parting

    def _longer(
        self, one: Packed, other: Packed, parting: Mapping[tuple[Packed, Packed], Word]
    ) -> Word | None:
        for event in sorted(self._takes[one] & self._own):
            for target in sorted(self._leads[one, event]):
                words = {parting.get((target, end)) for end in self._leads[other, event]}
                word = words.pop()
                if word and not words:
                    return word._replace(lead=(Turn(one, event, target), *word.lead))
        return None

    def _told(self, event: str, state: Packed, others: Iterable[Packed]) -> set[Packed]:
        is_taken = event in self._takes[state]
        return {other for other in others if (event in self._takes[other]) is not is_taken}

    def _gain(self, event: str, state: Packed, others: Iterable[Packed]) -> tuple[int, bool]:
        return len(self._told(event, state, others)), event in self._takes[state]

    def _last(self, state: Packed, word: Word) -> Leg:
        event = self._reached.goals.space.events[word.event]
        if word.is_taken:
            ends = [one for one in self.regions[state] if event[one & event.mask]]
            return Leg(self._within(state, ends), word.event, self._own)
        ready = self._ready(state, word.event) or self.regions[state]
        return Leg(self._within(state, ready), "", self._own)

    @cache  # noqa: B019 - a party lives as long as its suite
    def _others_draw(self, event: str, key: Packed) -> bool:
        """Whether every party but this one would let an event happen."""
        space = self._reached.goals.space
        state = space.packing.unpack(key)
        return all(
            part.name in self._tables or part.arrow(event, state[part.name], state)
            for part in space.composition.participants(event)
        )

    def _within(self, own: Packed, ends: Iterable[Packed]) -> Mapping[Packed, int]:
        """Return how far states of one region are from `ends`, by events of other parties."""
        distances = dict.fromkeys(ends, 0)
        queue = list(distances)
        for state in queue:  # grows while it is walked
            for before in self._into(own).get(state, ()):
                if before not in distances:
                    distances[before] = distances[state] + 1
                    queue.append(before)
        return distances

    @cache  # noqa: B019 - a party lives as long as its suite
    def _into(self, own: Packed) -> Mapping[Packed, Sequence[Packed]]:
        into: dict[Packed, list[Packed]] = {}
        for state in self.regions[own]:
            for step in self._reached.goals.steps(state):
                if step.added and step.event not in self._own:
                    into.setdefault(state + step.added, []).append(state)
        return into

    def _named(self, own: Packed) -> str:
        state = self._reached.goals.space.packing.unpack(own)
        return "/".join(state[name].name for name in self._tables)


def parties(reached: Reached, weak: Container[str] = ()) -> list[Party]:
    """Return every party that has a table in this composition."""
    there = reached.goals.space.composition.initial
    named = {name: [one for one in tables if one in there] for name, tables in PARTIES.items()}
    return [Party(reached, name, tables, weak) for name, tables in named.items() if tables]
