"""Tables compiled for speed: what `model.explore` walks.

A state is one integer, with a field of bits for each component; events are a mask over the fields
that they read, and a table from what stands there to what has to be added. These tables are filled
as states are met, so that only what can happen is ever computed.
`tests/model/test_compile.py` walks the machines of `transitions` beside it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum
from typing import NamedTuple, TypeVar

from model.system import PROGRESS, Composition
from model.table import Arrow, Kind

MOST_COMBINATIONS = 1 << 18
"""Of the states of the components that one compiled table reads."""

T = TypeVar("T")
Packed = int
"""A state of the whole: the number of each component's state, in that component's field of bits."""


class Packing:
    """Between states of a composition and integers."""

    def __init__(self, composition: Composition) -> None:
        self._fields: dict[str, tuple[int, int, tuple[Enum, ...]]] = {}
        self._numbers: dict[str, dict[Enum, int]] = {}
        shift = 0
        for part in composition.components:
            width = max(1, (len(part.states) - 1).bit_length())
            self._fields[part.name] = (shift, (1 << width) - 1, part.states)
            self._numbers[part.name] = {state: i for i, state in enumerate(part.states)}
            shift += width

    def pack(self, state: Mapping[str, Enum]) -> Packed:
        """Return the integer of a state, which may leave components out: their fields are zero."""
        return sum(
            self._numbers[name][value] << self._fields[name][0] for name, value in state.items()
        )

    def unpack(self, packed: Packed) -> dict[str, Enum]:
        """Return the state of each component."""
        return {
            name: states[packed >> shift & mask]
            for name, (shift, mask, states) in self._fields.items()
        }

    def mask(self, names: AbstractSet[str]) -> Packed:
        """Return ones in the fields of the components named."""
        return sum(self._fields[name][1] << self._fields[name][0] for name in names)

    def combinations(self, names: AbstractSet[str]) -> int:
        """Return in how many ways the components named can stand together."""
        return math.prod(len(self._fields[name][2]) for name in names)


def clusters(
    reads: Mapping[T, AbstractSet[str]], packing: Packing
) -> list[tuple[tuple[T, ...], frozenset[str]]]:
    """Group what reads much the same components: a group needs one look-up for a state."""
    found: list[tuple[list[T], frozenset[str]]] = []
    for one, names in reads.items():
        for i, (members, together) in enumerate(found):
            if packing.combinations(together | names) <= MOST_COMBINATIONS:
                found[i] = ([*members, one], together | names)
                break
        else:
            found.append(([one], frozenset(names)))
    return [(tuple(members), together) for members, together in found]


class Step(NamedTuple):
    """An event that can happen, and what it adds to the state."""

    event: str
    kind: Kind
    added: Packed


class Event(dict[Packed, tuple[Step, ...]]):
    """The step of one event, if it can happen, by what stands in the fields that it reads."""

    def __init__(self, packing: Packing, composition: Composition, event: str) -> None:
        super().__init__()
        self.mask = packing.mask(composition.reads.get(event, frozenset()))
        self.fired: set[Arrow] = set()
        """The rows met so far that were drawn by an event that can happen."""
        self._packing = packing
        self._composition = composition
        self._event = event

    def __missing__(self, key: Packed) -> tuple[Step, ...]:
        state = self._packing.unpack(key)
        there = self._event in self._composition.events  # a mutant may have lost its last row
        arrows = self._composition.arrows(self._event, state) if there else None
        self[key] = steps = () if arrows is None else (self._step(arrows, state),)
        return steps

    def _step(self, arrows: Sequence[Arrow], state: Mapping[str, Enum]) -> Step:
        self.fired.update(arrows)
        names = [part.name for part in self._composition.participants(self._event)]
        before = {name: state[name] for name in names}
        after = {name: arrow.target for name, arrow in zip(names, arrows, strict=True)}
        added = self._packing.pack(after) - self._packing.pack(before)
        return Step(self._event, self._composition.kinds[self._event], added)


class _Steps(dict[Packed, tuple[Step, ...]]):
    """The steps of some events, by what stands in the fields that these events read."""

    def __init__(self, mask: Packed, parts: Sequence[Event]) -> None:
        super().__init__()
        self.mask = mask
        self._parts = [(part.mask, part) for part in parts]

    def __missing__(self, key: Packed) -> tuple[Step, ...]:
        self[key] = steps = tuple(step for mask, part in self._parts for step in part[key & mask])
        return steps


class Moves(dict[Packed, tuple[Packed, ...]]):
    """What the steps of a table add, each once: all that a search needs in its innermost loop.

    A step back to its own state leads nowhere new; `keeping` it is for who looks for cycles.
    """

    def __init__(self, steps: _Steps, *, keeping: bool = False) -> None:
        super().__init__()
        self.mask = steps.mask
        self._steps = steps
        self._keeping = keeping

    def __missing__(self, key: Packed) -> tuple[Packed, ...]:
        added = dict.fromkeys(step.added for step in self._steps[key])
        self[key] = moves = tuple(one for one in added if one or self._keeping)
        return moves


class Space:
    """The compiled tables of a composition."""

    def __init__(self, composition: Composition) -> None:
        self.composition = composition
        self.packing = Packing(composition)
        self.initial = self.packing.pack(composition.initial)
        self.events = {
            event: Event(self.packing, composition, event) for event in composition.events
        }
        self.tables = self._tables(composition.events)

    @property
    def fired(self) -> frozenset[Arrow]:
        """The rows met so far that were drawn by an event that can happen."""
        return frozenset(row for event in self.events.values() for row in event.fired)

    def moves(self) -> list[Moves]:
        """Return what can happen, compiled."""
        return [Moves(table) for table in self.tables]

    def progress(self) -> list[Moves]:
        """Return what parties and timers can do of themselves, compiled."""
        kinds = self.composition.kinds
        own = [event for event in self.composition.events if kinds[event] in PROGRESS]
        return [Moves(table, keeping=True) for table in self._tables(own)]

    def _tables(self, events: Iterable[str]) -> list[_Steps]:
        reads = {event: self.composition.reads[event] for event in events}
        return [
            _Steps(self.packing.mask(names), [self.events[event] for event in together])
            for together, names in clusters(reads, self.packing)
        ]

    def step(self, event: str, state: Mapping[str, Enum]) -> Iterator[Step]:
        """Yield the step of `event`, if it can happen amid `state`."""
        table = self.events[event]
        yield from table[self.packing.pack(state) & table.mask]

    def steps(self, state: Packed) -> Iterator[Step]:
        """Yield what can happen in `state`."""
        for table in self.tables:
            yield from table[state & table.mask]
