"""A state machine as a table: one row per arrow, each citing the obligation it states.

A table is the truth; the runner (`model.system`), the explorer (`model.explore`) and the diagrams
read it. Only this file knows `transitions`, because three of its defaults let a wrong model pass:
automatic `to_X()` jumps anywhere, a failed guard answers `False`, and a method of the model
silently replaces an event of its name.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import groupby

from transitions import Machine

from model.errors import ForbiddenTransitionError, UnknownEventError

Needs = dict[str, AbstractSet[Enum]]
"""A condition as data: each component named is in one of the states given."""


class Kind(Enum):
    """Why an event happens. Of one event, every row in every table has the same kind."""

    NORMAL = "a party does what it has to do next"
    TIMER = "a party has waited long enough"
    WISH = "a user asks for something, or asks for nothing"
    FAULT = "the world goes wrong, or was wrong from the start"
    INTERNAL = "nobody does anything: the networks change their roles for the next change"


class Option(Enum):
    """What a row may be limited to. A composition has one of each pair."""

    LITERAL = "the specification as it reads: the card overwrites at once, nothing is kept"
    HARDENED = "the card keeps the old pair until the new one is accepted (design decision 2)"
    ACKNOWLEDGED = "the operator that is left is asked first [079]"
    UNACKNOWLEDGED = "the operator that is left is not asked"


@dataclass(frozen=True, eq=False, slots=True)
class Arrow:
    """In `step`, `event` takes the machine from `source` to `target` - only if `needs` holds.

    Two arrows of one source and event need conditions that exclude each other. A row is itself:
    two rows that say the same are two rows, and the linter refuses them.
    """

    step: str
    cites: str  # ids of obligations, separated by blanks
    event: str
    source: Enum
    target: Enum
    kind: Kind = Kind.NORMAL
    needs: Needs = field(default_factory=dict)
    option: Option | None = None

    def holds(self, surroundings: Mapping[str, Enum]) -> bool:
        """Whether every component that this row names is in a state that the row needs."""
        return all(surroundings[name] in states for name, states in self.needs.items())


def each(  # noqa: PLR0913, PLR0917 - the columns of a table
    step: str,
    cites: str,
    event: str,
    sources: Iterable[Enum],
    target: Enum | None = None,
    kind: Kind = Kind.NORMAL,
    needs: Needs | None = None,
) -> tuple[Arrow, ...]:
    """Write one row for each of `sources`; without a target each stays where it is."""
    return tuple(
        Arrow(step, cites, event, source, target or source, kind, needs or {})
        for source in sorted(sources, key=lambda state: state.name)
    )


def only(option: Option, *rows: Arrow) -> tuple[Arrow, ...]:
    """Limit `rows` to compositions with this option."""
    return tuple(replace(row, option=option) for row in rows)


@dataclass(frozen=True, eq=False)
class Component:
    """A table with its name and first state; with an option, it is there only under it."""

    name: str
    arrows: tuple[Arrow, ...]
    initial: Enum
    option: Option | None = None

    @property
    def states(self) -> tuple[Enum, ...]:
        """Every state of the machine, in the order in which it was written."""
        return tuple(type(self.initial))

    def under(self, options: AbstractSet[Option]) -> Component:
        """Return this component with the rows that hold under `options`."""
        rows = tuple(row for row in self.arrows if row.option is None or row.option in options)
        return Component(self.name, rows, self.initial, self.option)

    @functools.cached_property
    def alphabet(self) -> frozenset[str]:
        """The events that cannot happen without this component."""
        return frozenset(arrow.event for arrow in self.arrows)

    @functools.cached_property
    def rows(self) -> Mapping[tuple[str, Enum], tuple[Arrow, ...]]:
        """The arrows of each event and source."""
        ordered = sorted(self.arrows, key=lambda arrow: (arrow.event, arrow.source.name))
        groups = groupby(ordered, key=lambda arrow: (arrow.event, arrow.source))
        return {key: tuple(group) for key, group in groups}

    @functools.cached_property
    def machine(self) -> Machine:
        """The table as a machine of `transitions`, shared by all that run it: state is theirs."""
        machine = Machine(
            model=None,  # events are fired by name: no method can take the place of one
            states=type(self.initial),
            initial=self.initial,
            auto_transitions=False,  # else to_X() jumps anywhere
            ignore_invalid_triggers=False,
        )
        for arrow in self.arrows:
            machine.add_transition(arrow.event, arrow.source, arrow.target, arrow.holds)
        return machine

    def arrow(self, event: str, state: Enum, surroundings: Mapping[str, Enum]) -> Arrow | None:
        """Return the arrow that `event` draws from `state`, None if there is none."""
        for arrow in self.rows.get((event, state), ()):
            if arrow.holds(surroundings):
                return arrow
        return None


class Automaton:
    """Runs a table. What the table does not allow raises; nothing is ignored."""

    state: Enum

    def __init__(self, component: Component, state: Enum | None = None) -> None:
        self.component = component
        self.state = component.initial if state is None else state

    def fire(self, event: str, surroundings: Mapping[str, Enum]) -> None:
        """Take the arrow that `event` draws from here.

        Raises:
            UnknownEventError: the table has no such event. State is unchanged.
            ForbiddenTransitionError: no such arrow, or its condition fails. State is unchanged.
        """
        machine = self.component.machine
        if event not in machine.events:
            raise UnknownEventError(event, self.component.alphabet)
        forbidden = ForbiddenTransitionError(event, self.component.name, self.state)
        if event not in machine.get_triggers(self.state):
            raise forbidden
        moved = machine.events[event].trigger(self, surroundings)
        if not moved:  # transitions answers a failed guard with False, not with an error
            raise forbidden
