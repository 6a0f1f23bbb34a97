"""Errors of the model: what is wrong is the step taken, the table, or the method itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum


class ModelError(Exception):
    """Root of every error that `model` raises on purpose."""


class ForbiddenTransitionError(ModelError):
    """No arrow leads on from here: the state is as it was."""

    def __init__(self, event: str, component: str, state: Enum) -> None:
        super().__init__(f"{event}: {component} draws no such arrow from {state.name}")
        self.event = event
        self.component = component
        self.state = state


class UnknownEventError(ModelError):
    """No table has an event of this name: the state is as it was."""

    def __init__(self, event: str, known: Iterable[str]) -> None:
        super().__init__(f"no table has the event {event!r}; there are {', '.join(sorted(known))}")
        self.event = event


class TableError(ModelError):
    """A table says something that a state machine cannot do; nothing was built from it."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class ViolationError(ModelError):
    """The system reached a state that an obligation excludes. It stays there, for inspection."""

    def __init__(self, cites: str, sentence: str, trace: Sequence[str]) -> None:
        super().__init__(f"{cites} is broken - {sentence} - by: {' > '.join(trace) or 'nothing'}")
        self.cites = cites
        self.sentence = sentence
        self.trace = tuple(trace)
