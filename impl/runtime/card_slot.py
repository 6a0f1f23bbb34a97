"""The slot of a simulated device: a card that can be listened to and lose power at any write."""

from __future__ import annotations

from collections.abc import Callable

from impl.errors import CardMuteError
from impl.ports import CardReader

Listener = Callable[[bytes, bytes], None]
"""Gets each C-APDU with the R-APDU that answered it; the latter is empty if the card went mute."""


class CardSlot:
    """`CardReader` over a card in the same process."""

    def __init__(self, card: CardReader, listener: Listener) -> None:
        self.card = card
        self._listener = listener

    def power_on(self) -> bytes:
        """Power the card and return its answer to reset."""
        return self.card.power_on()

    def power_off(self) -> None:
        """Take power from the card."""
        self.card.power_off()

    def transmit(self, command: bytes) -> bytes:
        """Exchange one APDU; CardMuteError if the card lost power in it."""
        try:
            response = self.card.transmit(command)
        except CardMuteError:
            self._listener(command, b"")
            raise
        self._listener(command, response)
        return response
