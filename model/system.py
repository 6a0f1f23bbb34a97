"""The parties joined into one system.

An event happens only if every component that has it in its alphabet draws an arrow for it from
where it is; then all of them move at once. So a table that lacks a row forbids, and a table that
lacks an event does not care.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from model import application_server, bearer, card, customer_centre, device, home_register, method
from model.errors import ForbiddenTransitionError, UnknownEventError, ViolationError
from model.invariants import INVARIANTS, Invariant, Moment
from model.table import Arrow, Automaton, Component, Kind, Option

COMPONENTS: tuple[Component, ...] = (
    *method.COMPONENTS,
    *application_server.COMPONENTS,
    *customer_centre.COMPONENTS,
    *home_register.COMPONENTS,
    *card.COMPONENTS,
    *device.COMPONENTS,
    *bearer.COMPONENTS,
)
PROGRESS = frozenset({Kind.NORMAL, Kind.TIMER})


@dataclass(frozen=True, eq=False)
class Composition:
    """Components that move together, under options. Of each component there is one of its name."""

    components: tuple[Component, ...]
    options: frozenset[Option]

    @functools.cached_property
    def events(self) -> Mapping[str, tuple[Component, ...]]:
        """Every event, in the order of the tables, with the components that take part in it."""
        names = dict.fromkeys(arrow.event for part in self.components for arrow in part.arrows)
        return {
            event: tuple(part for part in self.components if event in part.alphabet)
            for event in names
        }

    @functools.cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """Why each event happens."""
        return {arrow.event: arrow.kind for part in self.components for arrow in part.arrows}

    @functools.cached_property
    def initial(self) -> Mapping[str, Enum]:
        """The state of each component in which everything begins."""
        return {part.name: part.initial for part in self.components}

    def participants(self, event: str) -> tuple[Component, ...]:
        """Return the components that take part in `event`.

        Raises:
            UnknownEventError: no table has it.
        """
        if event not in self.events:
            raise UnknownEventError(event, self.events)
        return self.events[event]

    @functools.cached_property
    def reads(self) -> Mapping[str, frozenset[str]]:
        """The components that decide whether an event can happen, and what it does; by event."""
        reads: dict[str, set[str]] = {event: set() for event in self.events}
        for part in self.components:
            for row in part.arrows:
                reads[row.event] |= {part.name, *row.needs}
        return {event: frozenset(names) for event, names in reads.items()}

    def arrows(self, event: str, state: Mapping[str, Enum]) -> tuple[Arrow, ...] | None:
        """Return the arrows that `event` draws from `state`, in the order of its participants.

        None if one of them draws none: then the event cannot happen.
        """
        drawn = []
        for part in self.participants(event):
            arrow = part.arrow(event, state[part.name], state)
            if arrow is None:
                return None
            drawn.append(arrow)
        return tuple(drawn)

    def invariants(self, among: Sequence[Invariant] = INVARIANTS) -> tuple[Invariant, ...]:
        """Return those of `among` that apply under these options."""
        return tuple(one for one in among if one.option is None or one.option in self.options)

    def with_arrows(self, name: str, arrows: Sequence[Arrow]) -> Composition:
        """Return a composition in which the component `name` has these rows instead of its own."""
        changed = tuple(
            Component(part.name, tuple(arrows), part.initial, part.option)
            if part.name == name
            else part
            for part in self.components
        )
        return Composition(changed, self.options)


@functools.cache
def compose(
    variant: Option = Option.HARDENED, asking: Option = Option.UNACKNOWLEDGED
) -> Composition:
    """Join all parties: LITERAL or HARDENED, ACKNOWLEDGED or UNACKNOWLEDGED."""
    options = frozenset({variant, asking})
    there = (part for part in COMPONENTS if part.option is None or part.option in options)
    return Composition(tuple(part.under(options) for part in there), options)


class Transition(NamedTuple):
    """One arrow that one component took."""

    component: str
    source: Enum
    event: str
    target: Enum


class System:
    """Runs a composition, and holds the invariants against every state that it reaches."""

    def __init__(
        self,
        composition: Composition,
        state: Mapping[str, Enum] | None = None,
        invariants: Sequence[Invariant] = INVARIANTS,
    ) -> None:
        self.composition = composition
        self.trail: list[Transition] = []
        self.trace: list[str] = []
        begin = {**composition.initial, **(state or {})}
        self._automata = {
            part.name: Automaton(part, begin[part.name]) for part in composition.components
        }
        self._invariants = composition.invariants(invariants)

    @property
    def state(self) -> dict[str, Enum]:
        """The state of each component now."""
        return {name: automaton.state for name, automaton in self._automata.items()}

    def allows(self, event: str) -> bool:
        """Whether `event` can happen now."""
        return self.composition.arrows(event, self.state) is not None

    def enabled(self) -> tuple[str, ...]:
        """Return the events that can happen now, in the order of the tables."""
        state, arrows = self.state, self.composition.arrows
        return tuple(event for event in self.composition.events if arrows(event, state) is not None)

    def fire(self, event: str) -> None:
        """Let `event` happen: every component that takes part moves, or none does.

        Raises:
            UnknownEventError: no table has it. State is unchanged.
            ForbiddenTransitionError: a participant draws no arrow. State is unchanged.
            ViolationError: an obligation excludes the event here (then the state is unchanged)
                or the state that it leads to (then the system is in it).
        """
        before = self.state
        parts = self.composition.participants(event)
        if self.allows(event):
            self._hold(Moment.BEFORE, before, event)
        try:
            for part in parts:
                self._automata[part.name].fire(event, before)
        except ForbiddenTransitionError:
            for part in parts:
                self._automata[part.name].state = before[part.name]
            raise
        after = self.state
        self.trace.append(event)
        self.trail.extend(
            Transition(part.name, before[part.name], event, after[part.name]) for part in parts
        )
        self._hold(Moment.ALWAYS, after)

    def rests(self) -> bool:
        """Whether no party has anything left to do and no timer runs.

        Raises:
            ViolationError: it rests in a state in which it must not.
        """
        kinds = self.composition.kinds
        if any(kinds[event] in PROGRESS for event in self.enabled()):
            return False
        self._hold(Moment.AT_REST, self.state)
        return True

    def _hold(self, moment: Moment, state: Mapping[str, Enum], event: str = "") -> None:
        for one in self._invariants:
            if one.moment is moment and one.event == event and one.broken_in(state):
                raise ViolationError(
                    one.cites, one.sentence, [*self.trace, event] if event else self.trace
                )
