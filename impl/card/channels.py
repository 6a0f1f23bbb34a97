"""Logical channels: TS 102 221 clauses 8.7 and 11.1.17.

Each has its own current file and application; what was verified counts in all of them.
"""

from __future__ import annotations

from typing import Final

from impl.card.memory import Memory
from impl.card.pins import Pins
from impl.card.selection import Selection
from impl.card.status import StatusError
from impl.codec.apdu import SW, CommandApdu

CHANNELS: Final = 4
"""The basic logical channel, 0, and three more."""
CHANNEL_BITS: Final = 0x03
"""Those of the class octets 0X and 8X that name the channel (table 10.3); of A0 they are zero."""

_OPEN, _CLOSE = 0x00, 0x80


class Channels:
    """The open channels during one life of the card."""

    __slots__ = ("_memory", "_open", "_pins")

    def __init__(self, memory: Memory, pins: Pins) -> None:
        self._memory = memory
        self._pins = pins
        self._open = {0: Selection(memory, pins)}

    def find(self, cla: int) -> Selection:
        """Return what is current in the channel that a class octet names.

        Raises:
            StatusError: it is not open.
        """
        selection = self._open.get(cla & CHANNEL_BITS)
        if selection is None:
            raise StatusError(SW.LOGICAL_CHANNEL_NOT_SUPPORTED)
        return selection

    def manage(self, command: CommandApdu) -> bytes:
        """MANAGE CHANNEL: open the next free channel and return its number, or close one."""
        if command.data:
            raise StatusError(SW.WRONG_LENGTH)
        if (command.p1, command.p2) == (_OPEN, 0):
            return bytes((self._open_next(command.cla & CHANNEL_BITS),))
        if command.p1 != _CLOSE or not 1 <= command.p2 < CHANNELS:
            raise StatusError(SW.INCORRECT_P1_P2)
        self.find(command.p2)
        del self._open[command.p2]
        return b""

    def _open_next(self, opener: int) -> int:
        """Begin in the MF, or where a channel other than the basic one is that asks for it."""
        number = next((each for each in range(1, CHANNELS) if each not in self._open), None)
        if number is None:
            raise StatusError(SW.FUNCTION_NOT_SUPPORTED)
        opened = Selection(self._memory, self._pins)
        if opener:
            opened.application = self._open[opener].application
            opened.select(self._open[opener].directory)
        self._open[number] = opened
        return number
