"""What a node may ask of the runtime it lives in: time, randomness, a store, a card reader."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from sqlalchemy import Connection


HISTORY: Final = "history"
"""In `MetaData.info`: under which name a store finds the versions that tables went through."""


class Surroundings(Protocol):
    """Time and randomness: virtual and seeded in the simulation, real in the service."""

    def now(self) -> float:
        """Return the time in seconds since the epoch."""

    def random_octets(self, count: int) -> bytes:
        """Return `count` octets that nobody can guess."""


class Store(Protocol):
    """Durable tables of one node."""

    def begin(self) -> AbstractContextManager[Connection]:
        """Open a transaction: committed at the end of the block, rolled back if it raises.

        Where several nodes share a database, transactions run side by side: what is read in order
        to be changed is read with its row locked (`with_for_update`), a card before its changes.

        Raises:
            StoreBusyError: another transaction was in the way. Nothing was written: ask again.
        """


class CardReader(Protocol):
    """The slot of the device. One APDU goes in, one comes out (TS 102 221 clause 7)."""

    def power_on(self) -> bytes:
        """Power the card and return its answer to reset; raise CardMuteError if there is none."""

    def power_off(self) -> None:
        """Take power from the card; what it had not committed is gone."""

    def transmit(self, command: bytes) -> bytes:
        """Exchange one C-APDU for its R-APDU (data, then SW1 SW2).

        Raises:
            CardMuteError: the card does not answer; it has to be powered anew.
        """
