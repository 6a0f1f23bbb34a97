"""A system that can be carried on one event at a time, and what is seen of it after each.

The events are those of the model's tables, for one card. A driver that can be stepped so has a
method `stage() -> Stage`; where it has none, the model can only be held against what is seen when
all is at rest (`shadowed`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable

from steps.driver import DriverError


class ServerView(StrEnum):
    """Where the application server says that the change under way stands."""

    NONE = "no change was taken"
    REQUESTED = "asked the joined network for an identity"
    ASKING = "asked the left operator"
    SENT = "sent the personalization message"
    RESENT = "sent it again"
    REPORTED = "heard that the card has changed"
    CONFIRMED = "heard that the card attached"
    DONE = "changed"
    UNANSWERED = "changed, and the left network never said that it has deleted"
    RELEASING = "asks to free the identity"
    ORDERING = "unchanged, and orders the card to forget"
    ABANDONED = "unchanged"


class RecordView(StrEnum):
    """What a home register holds of the card."""

    NOTHING = "nothing"
    RESERVED = "a reserved identity"
    ACTIVE = "a subscriber"


class PairView(StrEnum):
    """Whose pair of identity and key: of which network, and by which change."""

    OLD = "of the network that is left"
    NEW = "of the change under way"
    STALE = "of an earlier change that was given up"
    NONE = "there is none"


class Place(StrEnum):
    """Where the device is attached."""

    NOWHERE = "nowhere"
    LEFT = "to the network that is left"
    JOINED = "to the network that is joined"


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen of a system between two events."""

    server: ServerView
    left: RecordView
    joined: RecordView
    in_use: PairView
    sealed: PairView
    device: Place
    refused: int = 0
    """How many requests for a card of this user the server refused so far."""
    under_way: Mapping[str, bool] = field(default_factory=dict)
    """By component of the bearer's tables, whether such a message is under way."""
    unasked: int = 0
    """Messages for the card that left the server so far upon something that came out of turn."""


class ObstacleError(DriverError):
    """The event cannot be brought about in this system now: nothing was done."""


class Stage(Protocol):
    """A system with one card, carried on one event of the model at a time."""

    def obstacle(self, event: str) -> str | None:
        """Say why `event` cannot be brought about now; None if it can."""

    def carry_out(self, event: str) -> None:
        """Bring `event` about.

        Raises:
            ObstacleError: it cannot be now. Nothing was done.
        """

    def offer(self, event: str) -> bool:
        """Let what brings `event` about come out of turn, where it cannot happen.

        A message that arrived before arrives again, a timer that was stopped runs out. What is
        answered to it is lost. Returns whether there was anything of it to come.
        """

    def seen(self) -> Seen:
        """Return what is seen now; nothing is changed by looking."""

    def drain(self) -> Seen:
        """Undo every fault, let all go on until nothing is under way, and return what is seen.

        Raises:
            UnsettledError: it does not come to rest.
        """


@runtime_checkable
class Staged(Protocol):
    """A driver that can be carried on by single events."""

    def stage(self) -> Stage:
        """Put one card of the first network on a stage; to be called once, on a new system."""


class OnStage(ABC):
    """The calls of `steps.driver.Stepped` for a driver that has a `stage()`."""

    _stage: Stage | None = None

    @abstractmethod
    def stage(self) -> Stage:
        """Put one card on a stage; see `Staged`."""

    def happen(self, event: str) -> None:
        """See `Stepped`."""
        self._on_stage().carry_out(event)

    def try_in_vain(self, event: str) -> None:
        """See `Stepped`. Where there is nothing to bring it about with, that is what in vain is."""
        if not self._on_stage().obstacle(event):
            self._on_stage().carry_out(event)

    def comes_to_agree(self) -> bool:
        """See `Stepped`."""
        return not list(disagreements(self._on_stage().drain()))

    def _on_stage(self) -> Stage:
        self._stage = self._stage or self.stage()
        return self._stage


def disagreements(seen: Seen) -> Iterator[str]:
    """Yield who is not of one mind with the others, once nothing goes wrong any more (B03)."""
    changed = seen.server is ServerView.DONE
    left, joined = RecordView.ACTIVE, RecordView.NOTHING
    expected = {
        "the server": seen.server in {ServerView.NONE, ServerView.DONE, ServerView.ABANDONED},
        "the register that is left": seen.left is (joined if changed else left),
        "the register that is joined": seen.joined is (left if changed else joined),
        "the card": seen.in_use is (PairView.NEW if changed else PairView.OLD),
        "the device": seen.device is (Place.JOINED if changed else Place.LEFT),
    }
    end = "changed" if changed else "stayed"
    yield from (
        f"{who} does not say that the user has {end}"
        for who, agrees in expected.items()
        if not agrees
    )
