"""Ways to search a system for what it does otherwise than the model, up to a number of steps.

A step is an event that happened in system and model, or that was tried in vain in the system.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import count
from random import Random

from model.compile import Space
from model.suites import What
from model.system import compose
from model.table import Option
from steps.checks.breaking import broken
from steps.checks.coverage import Walks
from steps.checks.lockstep import Lockstep
from steps.checks.script import HiddenError, LockstepError, beside
from steps.checks.suites import options_of, tour
from steps.driver import Factory, Setup, UnsupportedError
from steps.drivers.stage import disagreements

LENGTH = 50
"""Events of a plain random walk; then all comes to rest, and the next begins."""
WALKS = 4
"""Of the lockstep, before its steps are counted again."""
PATIENCE = 10
"""How often a tour may try in vain what never happened before; the implementation needs three."""
PLAIN = Setup()


@dataclass(frozen=True, slots=True)
class Searched:
    """What came of a search."""

    found: str
    """The first difference; empty if there was none."""
    steps: int
    """Until then, or all that were made."""


Search = Callable[[Factory, int, int], Searched]
"""Takes a factory, a seed and a number of steps after which it gives up.

It raises UnsupportedError if single events cannot be brought about in the system.
"""


def walk_beside(factory: Factory, seed: int, most: int, setup: Setup = PLAIN) -> Searched:
    """Search by lockstep, in every mode of its rules."""
    lockstep = Lockstep(factory, setup, _space(*options_of(setup)))

    def search() -> str:
        for each in count(seed):
            if lockstep.steps >= most:
                break
            failure = lockstep.run(each, WALKS, LENGTH)
            if failure is not None:
                return str(failure)
        return ""

    return _searched(search, lambda: lockstep.failed_after or lockstep.steps)


def walk_suites(factory: Factory, seed: int, most: int, setup: Setup = PLAIN) -> Searched:
    """Search by the tour of all transitions and refusals, which is the same for every seed.

    What never happens though the model lets it, again and again, is a difference too.
    """
    del seed
    space = _space(*options_of(setup))
    walks = Walks(factory, setup, space, most_steps=most, patience=PATIENCE)

    def search() -> str:
        found = tour(walks, (What.TRANSITION, What.REFUSAL)).differences
        if found:
            return f"after {found[0].event}: {'; '.join(found[0].found)}"
        return f"{walks.despaired_of} never happens" if walks.despaired_of else ""

    return _searched(search, lambda: walks.coverage.steps)


def walk_plainly(factory: Factory, seed: int, most: int) -> Searched:
    """Search by a plain random walk: any event that the model lets happen is as likely."""
    random = Random(seed)  # noqa: S311 - chooses a way, guards nothing
    told: list[str] = []

    def search() -> str:
        while len(told) < most:
            for error in _walk_once(factory, random):
                told.append(error)
                if error:
                    return error
        return ""

    return _searched(search, lambda: len(told))


def _searched(search: Callable[[], str], steps: Callable[[], int]) -> Searched:
    """Carry out a search; a system that breaks off is found, too."""
    try:
        return Searched(search(), steps())
    except UnsupportedError:
        raise
    except Exception as error:  # noqa: BLE001 - a wrong system may break in any way
        return Searched(broken(error), steps())


def _walk_once(factory: Factory, random: Random) -> list[str]:
    """Return what differed after each step; it can be anything but empty in the last only."""
    driver = factory(PLAIN)
    told: list[str] = []
    try:
        walk = beside(_space(*options_of(PLAIN)), driver)
        for _ in range(LENGTH):
            enabled = walk.enabled()
            if not enabled:
                break
            try:
                walk.step(random.choice(enabled).event)
            except HiddenError:
                continue
            told.append("")
        told.append("; ".join(disagreements(walk.stage.drain())))
    except LockstepError as error:
        told.append(str(error))
    finally:
        driver.close()
    return told


@cache
def _space(*options: Option) -> Space:
    return Space(compose(*options))
