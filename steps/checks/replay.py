"""A trace carried out again, and a shorter one that shows the same difference."""

from __future__ import annotations

from collections.abc import Sequence

from model.compile import Space
from steps.checks.script import HiddenError, LockstepError, Walk, beside
from steps.driver import Factory, Setup

TRIED = "()"


def replay(
    factory: Factory, setup: Setup, space: Space, trace: Sequence[str]
) -> LockstepError | None:
    """Carry out a trace in a new system; return the difference that it shows, None if none.

    An event in brackets is tried, and may change nothing. What cannot happen is passed over.

    Raises:
        UnknownEventError: the trace names an event that no table has.
    """
    driver = factory(setup)
    try:
        walk = beside(space, driver)
        for event in trace:
            _carry_out(walk, event)
    except LockstepError as error:
        return error
    finally:
        driver.close()
    return None


def _carry_out(walk: Walk, event: str) -> None:
    name = event.strip(TRIED)
    happens = walk.following(name) is not None
    if happens == event.startswith(TRIED[0]):
        return
    if not happens:
        if not event.startswith(TRIED[0]):
            return
        walk.refuse(name)
        return
    try:
        walk.step(name)
    except HiddenError:
        return


def shorten(factory: Factory, setup: Setup, space: Space, error: LockstepError) -> LockstepError:
    """Return the same difference by as short a trace as leaving events out can find."""
    best = error
    size = max(1, len(best.trace) // 2)
    while size:
        at = 0
        while at < len(best.trace):
            shorter = (*best.trace[:at], *best.trace[at + size :])
            found = replay(factory, setup, space, shorter)
            if found and found.event == best.event and len(found.trace) < len(best.trace):
                best = found
            else:
                at += size
        size //= 2
    return best


def as_feature(trace: Sequence[str], event: str, found: Sequence[str]) -> str:
    """Write a trace as a feature that fails by itself on `shadowed(...)` of the system."""
    lines = [
        "Feature: What a walk beside the model found",
        "",
        *(f"  # after {event}: {what}" for what in found),
        "  @beyond-B03",
        "  Scenario: System and model differ",
    ]
    for number, one in enumerate(trace):
        name = one.strip(TRIED)
        says = f"{name} is tried in vain" if one != name else f"nothing but {name} happens"
        lines.append(f"    {'And' if number else 'When'} {says}")
    return "\n".join([*lines, "    Then all parties come to agree", ""])
