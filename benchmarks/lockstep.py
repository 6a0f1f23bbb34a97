"""Steps a second of a system beside the model, against hypothesis alone with as many rules.

A bare machine has one rule for each event and does nothing in it; so what it takes for a step is
what hypothesis takes to choose one. Ours goes on for some steps after each that it chose.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from measure import compare

from model.compile import Space
from model.system import compose
from steps.checks.lockstep import Lockstep, Mode
from steps.checks.script import put_on_stage
from steps.driver import Setup
from steps.drivers import load

ROUNDS = 5
WALKS = 20
LENGTH = 60
TARGETS = {"modelled": 3_000, "simulated": 1_000}
RESET_S = 0.005


@dataclass
class Bare:
    """Hypothesis with rules that do nothing."""

    rules: int
    steps: int = 0

    def run(self, seed: int) -> None:
        """Walk as often and as far as ours."""

        def count(_machine: RuleBasedStateMachine) -> None:
            self.steps += 1

        made = {f"event_{i}": rule()(_named(count, f"event_{i}")) for i in range(self.rules)}
        machine: Any = type("BareMachine", (RuleBasedStateMachine,), made)
        run_state_machine_as_test(
            hypothesis.seed(seed)(machine),
            settings=settings(
                max_examples=WALKS,
                stateful_step_count=LENGTH,
                deadline=None,
                database=None,
                phases=(Phase.generate,),
                suppress_health_check=tuple(HealthCheck),
            ),
        )


def _named(count: Callable[[Any], None], name: str) -> Callable[[Any], None]:
    def happen(machine: RuleBasedStateMachine) -> None:
        count(machine)

    happen.__name__ = name
    return happen


def ours(system: str, space: Space, mode: Mode, seed: int) -> float:
    """Return the steps of walks for each second of CPU; a difference ends the benchmark."""
    lockstep = Lockstep(load(system), Setup(seed=1), space, mode)
    begun = time.process_time()
    found = lockstep.run(seed, WALKS, LENGTH)
    took_s = time.process_time() - begun
    if found is not None:
        raise found
    return lockstep.steps / took_s


def bare(rules: int, seed: int) -> float:
    """Return the same of the machine that does nothing."""
    machine = Bare(rules)
    begun = time.process_time()
    machine.run(seed)
    return machine.steps / (time.process_time() - begun)


def rates() -> None:
    """Print the steps a second, the median over rounds in which all took turns."""
    space = Space(compose())
    events = len(space.composition.events)
    kinds = [(system, mode) for system in TARGETS for mode in Mode]
    floors: list[float] = []
    found: dict[tuple[str, Mode], list[float]] = {kind: [] for kind in kinds}
    for seed in range(ROUNDS):
        floors.append(bare(events, seed))
        for kind in kinds:
            found[kind].append(ours(kind[0], space, kind[1], seed))
    print(f"{'hypothesis alone, ' + str(events) + ' rules':<32} {median(floors):>8,.0f} steps/s")
    for (system, mode), values in found.items():
        ratio = median(one / floor for one, floor in zip(values, floors, strict=True))
        print(
            f"{system + ', ' + mode.name.lower():<32} {median(values):>8,.0f} steps/s"
            f"  {ratio:>5.2f} x alone  (to reach: {TARGETS[system]:,} steps/s)"
        )


def resets() -> None:
    """Print what a new system takes: made and closed, and with a subscriber on a stage."""
    works: dict[str, Callable[[], Any]] = {}
    for system in TARGETS:
        works[f"{system}, made and closed"] = lambda system=system: _reset(system, staged=False)
        works[f"{system}, with a card on a stage"] = lambda system=system: _reset(
            system, staged=True
        )
    timings = compare(works, rounds=9, slice_s=0.1)
    for name in works:
        aim = f"(to reach: < {RESET_S * 1e3:.0f})"
        print(f"{name:<32} {timings.seconds(name) * 1e3:>8.2f} ms  {aim}")


def _reset(system: str, *, staged: bool) -> None:
    driver = load(system)(Setup(seed=1))
    if staged:
        put_on_stage(driver)
    driver.close()


if __name__ == "__main__":
    rates()
    resets()
