"""A card that loses power while it carries out a message: a double for the card of a slot."""

from __future__ import annotations

from copy import deepcopy

from impl.card.memory import Memory
from impl.codec.apdu import Ins
from impl.codec.envelope import SMS_PP_DOWNLOAD
from impl.errors import CardMuteError
from impl.ports import CardReader

PLENTY = 1_000_000


class PowerCut:
    """The card, until a short message makes it write: then it loses power in the middle of that."""

    def __init__(self, card: CardReader, memory: Memory, share: int, *, comes_back: bool) -> None:
        """Prepare the cut.

        Args:
            card: which loses power.
            memory: its memory.
            share: hundredths of what it has to write after which power is gone, 0 to 99.
            comes_back: whether whoever powers the card anew has power again.
        """
        self._card = card
        self._memory = memory
        self._share = share
        self._comes_back = comes_back
        self._is_due = True

    def power_on(self) -> bytes:
        """Power the card, unless the power is gone for good."""
        if self._memory.fuse is not None:
            if not self._comes_back:
                raise CardMuteError("there is no power")
            self.restore()
        return self._card.power_on()

    def power_off(self) -> None:
        """Take the power."""
        self._card.power_off()

    def restore(self) -> None:
        """Give the power back to who had lost it."""
        self._memory.fuse = None

    def transmit(self, command: bytes) -> bytes:
        """Exchange one APDU; CardMuteError if power is lost in it."""
        is_download = command[1] == Ins.ENVELOPE and command[5] == SMS_PP_DOWNLOAD
        if self._is_due and is_download and (burnt := self._rehearse(command)):
            self._is_due = False
            self._memory.fuse = burnt * self._share // 100
        return self._card.transmit(command)

    def _rehearse(self, command: bytes) -> int:
        """Return how many octets a command makes the card write."""
        card, memory = deepcopy((self._card, self._memory))
        memory.fuse = PLENTY
        card.transmit(command)
        return PLENTY - memory.fuse
