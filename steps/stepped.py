"""What a driver offers beside `Driver` that can be carried on by single events of the model."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from steps.driver import Driver, UnsupportedError


@runtime_checkable
class Stepped(Protocol):
    """A driver that can also be carried on by single events of the model's tables.

    What it does then stands for nothing else of `Driver`: it has a card of its own, of a subscriber
    of the first network, and nothing happens but what is said.
    """

    def happen(self, event: str) -> None:
        """Let `event` happen, and nothing else."""

    def try_in_vain(self, event: str) -> None:
        """Try an event that must not happen now."""

    def comes_to_agree(self) -> bool:
        """Undo every fault, let all go on, and say whether the parties agree on the user."""


def stepped(driver: Driver) -> Stepped:
    """Return the driver as one that can be carried on by single events.

    Raises:
        UnsupportedError: it can be driven as a whole only.
    """
    if not isinstance(driver, Stepped):
        raise UnsupportedError("this system is not carried on event by event")
    return driver
