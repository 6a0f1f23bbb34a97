"""What device and network say to each other until the device is attached, or is not.

A dialogue is with one network and of its generation. It knows the card and no link, timer or other
network: those are the registration's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from impl.codec.mobility import LocationArea
from impl.device.reject_causes import Effect
from impl.events import Interface


@dataclass(frozen=True, slots=True)
class Admitted:
    """The network gives service in this area."""

    location: LocationArea
    update_s: float | None = None
    """Seconds after which it wants to hear again of the device, 0 for never; None if it did not say
    so here but broadcasts it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The network gives none, for this cause (TS 24.008 clause 10.5.3.6, TS 24.301 9.9.3.9)."""

    cause: int
    effect: Effect
    is_proven: bool = False
    """Whether integrity protection shows that the network said so, and not anybody with a radio."""


Verdict = Admitted | Refused | None


class Step(NamedTuple):
    """What follows from what the network said."""

    answers: tuple[bytes, ...] = ()
    verdict: Verdict = None
    """None while the network has not decided."""


class Dialogue(Protocol):
    """One attach to one network."""

    @property
    def interface(self) -> Interface:
        """What is spoken."""

    @property
    def answer_s(self) -> float:
        """Seconds after which the request has failed if the network did not decide."""

    @property
    def again_s(self) -> float:
        """Seconds from a request that failed to the next."""

    @property
    def attempts(self) -> int:
        """How many requests in a row may fail before the device looks elsewhere."""

    def begin(self) -> bytes:
        """Ask for service, for the first time or again; where there is service, to keep it."""

    def take(self, octets: bytes) -> Step:
        """Go on with what the network says; what cannot be read or is out of turn is ignored.

        Raises:
            CardMuteError, CardRefusedError, MalformedError: of the card.
        """

    def fail(self, *, is_last: bool) -> None:
        """End a request that was not decided, or rejected for now.

        Args:
            is_last: this network is not asked again: what it gave is worth nothing any more.

        Raises:
            CardMuteError, CardRefusedError: of the card.
        """

    def leave(self) -> bytes:
        """Say goodbye to a network that gives service; nobody answers."""
