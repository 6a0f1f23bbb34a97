"""What becomes of an event that a node could not take, because its store failed.

It is lost, as if the network had lost it: whoever sent it says it again. A timer has nobody who
would, so it runs out again. And where the connection to the store broke, what the node wanted may
stand there all the same, unsaid: it starts anew over what is kept, as after a death.
"""

from __future__ import annotations

from typing import Final

from impl.errors import StoreLostError
from impl.events import Command, Event, Expired, SetTimer, Started

AGAIN_S: Final = 5.0
"""After which a timer that a node could not take runs out again, and a node starts anew."""
RESUME: Final = "resume"
"""The timer after which a node starts anew."""


def taken_as(event: Event) -> Event:
    """Return what a runtime hands to a node: the timer `RESUME` is its start."""
    return Started() if event == Expired(RESUME) else event


def when_lost(event: Event, error: Exception) -> list[Command]:
    """Return what is carried out in place of what would have followed from `event`."""
    match event:
        case Started():
            return [SetTimer(RESUME, AGAIN_S)]
        case Expired(timer):
            again: list[Command] = [SetTimer(timer, AGAIN_S)]
        case _:
            again = []
    return [*again, SetTimer(RESUME, AGAIN_S)] if isinstance(error, StoreLostError) else again
