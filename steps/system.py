"""A system under test as a factory sees it: what it is told, what it shows, what it may raise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

Choice = TypeVar("Choice")


class DriverError(Exception):
    """Root of what a driver may raise beside its own failures."""


class UnsupportedError(DriverError):
    """The system does not have this option; nothing was done."""


class UnsettledError(DriverError):
    """The system did not come to rest within its own bound; the verdict is inconclusive."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a factory is told: the seed of every random choice, and the options of the ICS."""

    seed: int = 0
    options: Mapping[str, str] = field(default_factory=dict)

    def choose(self, name: str, among: Mapping[str, Choice]) -> Choice:
        """Return what the option `name` chooses of `among`: the first where the ICS is silent.

        Raises:
            UnsupportedError: it chooses what the system does not have.
        """
        chosen = self.options.get(name, next(iter(among)))
        if chosen not in among:
            raise UnsupportedError(f"{name} {chosen!r}: this system has {', '.join(among)}")
        return among[chosen]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message that passed between two parties, as evidence. Nothing in it is secret."""

    number: int  # 1-based, in the order of sending
    time_s: float  # virtual or real seconds since the scenario began
    sender: str
    receiver: str
    protocol: str  # for example "SMS-DELIVER", "APDU", "GSUP"
    name: str  # for example "LOCATION UPDATING REQUEST"
    octets: bytes = b""  # empty where a system has symbols only, or where they may not be shown
    fields: Mapping[str, str] = field(default_factory=dict)
    delivered: bool = True  # False: it was lost on the way
    spans: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """By the name of a field, the octets that say it: the first, and the one behind the last."""
    withheld: Sequence[tuple[int, int]] = ()
    """Which of the octets are not the true ones, since a secret stood there."""
