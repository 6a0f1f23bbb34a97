"""Random walks of a system beside the model, by hypothesis: one rule for each event of the tables.

A rule lets its event happen in both where the model allows it, and tries it in vain where not. At
the end of a walk every fault is undone, all goes on by itself, and the parties have to agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from model.compile import Space
from model.table import Kind
from steps.checks.replay import shorten
from steps.checks.script import HiddenError, LockstepError, beside
from steps.driver import Driver, Factory, Setup
from steps.drivers.stage import disagreements

ONWARD = frozenset({Kind.NORMAL, Kind.INTERNAL})
ONWARD_RULES = 10
ANYTHING = 168
"""From here on an octet chooses among everything that can happen, about one time in three."""
CHOICES = strategies.binary(min_size=1, max_size=12)
"""An octet a step, drawn together: hypothesis takes longer to draw anything than most systems take
to do it. A whole change without faults is twice as long."""
AFTERWARDS = strategies.binary(max_size=6)
"""How the parties go on after an event was tried."""


class Mode(Enum):
    """Which events are tried."""

    GUARDED = "what the model lets happen"
    INOPPORTUNE = "everything: what the model does not let happen may change nothing"


@dataclass
class Lockstep:
    """What is held against the model, and what was seen."""

    factory: Factory
    setup: Setup
    space: Space
    mode: Mode = Mode.INOPPORTUNE
    happened: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    hidden: dict[str, str] = field(default_factory=dict)
    """By event, the last reason why it could not be brought about."""
    walks: int = 0
    failure: LockstepError | None = None
    failed_after: int = 0
    """Steps until the first difference, that one among them; 0 while there is none."""

    @property
    def steps(self) -> int:
        """How many events happened or were tried."""
        return self.happened.total() + self.refused.total()

    @property
    def never(self) -> tuple[str, ...]:
        """Events that did not happen once, and are not known to be impossible in this system."""
        events = self.space.composition.events
        return tuple(one for one in events if not self.happened[one] and one not in self.hidden)

    def run(self, seed: int = 0, walks: int = 100, length: int = 50) -> LockstepError | None:
        """Walk at random; return the difference found, by as short a trace as is easily found.

        Args:
            seed: of the walks.
            walks: how many.
            length: of each, in events.
        """
        machine = hypothesis.seed(seed)(make_machine(self))
        self.failure = None
        try:
            run_state_machine_as_test(machine, settings=_settings(walks, length))
        except LockstepError as error:
            self.failure = shorten(self.factory, self.setup, self.space, error)
        return self.failure


class _Machine(RuleBasedStateMachine):
    """One walk."""

    lockstep: Lockstep

    def __init__(self) -> None:
        super().__init__()
        lockstep = self.lockstep
        lockstep.walks += 1
        self.driver: Driver = lockstep.factory(lockstep.setup)
        try:
            self.walk = beside(lockstep.space, self.driver)
        except BaseException:
            self.driver.close()  # there is no teardown of what was not made
            raise
        self.failed = False
        self.enabled = self.walk.enabled()
        self.possible = {one.event for one in self.enabled}

    def try_event(self, event: str) -> None:
        """Let `event` happen in both, or try it in vain."""
        lockstep = self.lockstep
        try:
            if event in self.possible:
                self.walk.step(event)
                lockstep.happened[event] += 1
                self.enabled = self.walk.enabled()
                self.possible = {one.event for one in self.enabled}
            else:
                self.walk.refuse(event)
                lockstep.refused[event] += 1
        except HiddenError as hidden:
            lockstep.hidden[event] = hidden.reason
        except LockstepError:
            self.fail()
            raise

    def fail(self) -> None:
        """Note how far it was: hypothesis walks the same way once more, to be sure."""
        self.failed = True
        self.lockstep.failed_after = self.lockstep.failed_after or self.lockstep.steps + 1

    def go_on(self, choices: bytes) -> None:
        """Let the parties do what they have to do next; a high choice is anything that can be."""
        for choice in choices:
            onward = [one for one in self.enabled if one.kind in ONWARD and choice < ANYTHING]
            todo = [one.event for one in onward or self.enabled if self.offers(one.event)]
            if not todo:
                return
            self.try_event(todo[choice % len(todo)])

    def offers(self, event: str) -> bool:
        """Whether the system can be brought to `event` now."""
        return self.walk.stage.obstacle(event) is None

    def teardown(self) -> None:
        """Undo every fault and let all go on: then all parties have to agree."""
        try:
            if not self.failed:
                self.drain()
        finally:
            self.driver.close()

    def drain(self) -> None:
        """Let everything happen that is to happen."""
        seen = self.walk.stage.drain()
        found = list(disagreements(seen))
        if found:
            self.fail()
            raise LockstepError("coming to rest", found, self.walk.trace)


def make_machine(lockstep: Lockstep) -> type[RuleBasedStateMachine]:
    """Return the state machine of hypothesis with one rule for each event of the tables."""
    rules = {
        event: _rule_of(event, guarded=lockstep.mode is Mode.GUARDED)
        for event in lockstep.space.composition.events
    }
    # A walk of wishes and faults alone would hardly get beyond the first message.
    rules |= {f"go_on_{i}": _onward(f"go_on_{i}") for i in range(ONWARD_RULES)}
    return type("LockstepMachine", (_Machine,), {"lockstep": lockstep, **rules})


def _onward(name: str) -> Callable[..., Any]:
    def go_on(self: _Machine, choices: bytes) -> None:
        self.go_on(choices)

    go_on.__name__ = name
    made: Callable[..., Any] = rule(choices=CHOICES)(go_on)
    return made


def _rule_of(event: str, *, guarded: bool) -> Callable[..., Any]:
    def happen(self: _Machine, choices: bytes) -> None:
        self.try_event(event)
        self.go_on(choices)

    happen.__name__ = event
    made: Callable[..., Any] = rule(choices=AFTERWARDS)(happen)
    if not guarded:
        return made
    limited: Callable[..., Any] = precondition(lambda self: event in self.possible)(made)
    return limited


def _settings(walks: int, length: int) -> settings:
    return settings(
        max_examples=walks,
        stateful_step_count=length,
        deadline=None,
        database=None,
        print_blob=False,
        verbosity=hypothesis.Verbosity.quiet,
        phases=(Phase.generate,),  # `shorten` needs a hundredth of the time to shrink
        suppress_health_check=tuple(HealthCheck),
        report_multiple_bugs=False,
    )


def as_data(lockstep: Lockstep) -> Mapping[str, Any]:
    """Return what was seen as plain data, for a report."""
    events = lockstep.space.composition.events
    failure = lockstep.failure
    return {
        "mode": lockstep.mode.name.lower(),
        "walks": lockstep.walks,
        "steps": lockstep.steps,
        "events": [
            {
                "event": event,
                "happened": lockstep.happened[event],
                "refused": lockstep.refused[event],
                "hidden": lockstep.hidden.get(event),
            }
            for event in events
        ],
        "difference": failure
        and {"after": failure.event, "what": failure.found, "trace": failure.trace},
    }
