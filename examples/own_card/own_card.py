"""The implementation with one role replaced: the card is yours, everything around it is ours.

reperso run --sut examples.own_card.own_card:factory

A card is what `impl.ports.CardReader` says: it is powered, reset and given command APDUs. Here the
card behind the reader is still ours, so that the example runs anywhere; put the transmission to
your card, your emulator or a PC/SC reader in the place of `self._inside`.
"""

from __future__ import annotations

import impl.runtime.world
from impl.card.memory import Memory
from impl.card.uicc import Uicc
from impl.ports import CardReader
from steps.drivers.patched import Patch, with_patches


class OwnCard:
    """A card that is reached through a reader: octets go in, octets come out."""

    def __init__(self, memory: Memory) -> None:
        """Make the card; `memory` is what its manufacturer wrote in it (`impl.card.profile`)."""
        self._inside: CardReader = Uicc(memory)
        self.exchanges = 0

    def power_on(self) -> bytes:
        """Power the card and return its answer to reset."""
        return self._inside.power_on()

    def power_off(self) -> None:
        """Take power from the card."""
        self._inside.power_off()

    def transmit(self, command: bytes) -> bytes:
        """Return the response to a command APDU, with its status word."""
        self.exchanges += 1
        return self._inside.transmit(command)


factory = with_patches(Patch(impl.runtime.world, "Uicc", OwnCard))
"""The simulated system, in every device of which stands a card of yours."""
