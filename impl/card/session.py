"""One life of the card at the contacts: what it remembers from power on to power off."""

from __future__ import annotations

from typing import Final

from impl.card.card_manager import CardManager
from impl.card.cpa import PersonalizationApplication
from impl.card.fallback import Fallback
from impl.card.image import USIM
from impl.card.memory import Memory
from impl.card.menu import Menu
from impl.card.ota import OverTheAir, Service
from impl.card.pairs import Pairs
from impl.card.pins import Pins
from impl.card.question import Question
from impl.card.remote_files import RemoteFileManagement
from impl.card.selection import Selection
from impl.card.status import StatusError
from impl.card.toolkit import Toolkit
from impl.card.usim import Usim
from impl.codec.apdu import SW
from impl.codec.ota_profile import CARD_MANAGER_TAR, CPA_TAR, UICC_FILES_TAR, USIM_FILES_TAR

CHANNELS: Final = 4
"""The basic logical channel, 0, and three more (TS 102 221 clause 8.7)."""


class Session:
    """Logical channels (TS 102 221 clause 8.7), and the applications joined over one memory."""

    __slots__ = (
        "answering",
        "channels",
        "fallback",
        "memory",
        "menu",
        "over_the_air",
        "pairs",
        "pins",
        "response",
        "toolkit",
        "usim",
    )

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.pins = Pins(memory)
        self.pairs = Pairs(memory)
        self.usim = Usim(self.pairs, self.pins)
        self.toolkit = Toolkit()
        self.fallback = Fallback(memory, self.pairs, self.usim, self.toolkit)
        self.menu = Menu(memory, self.toolkit)
        question = Question(self.toolkit)
        cpa = PersonalizationApplication(memory, self.pairs, self.fallback, question)
        shared = (memory, self.pairs, self.fallback, question)
        services = {
            CPA_TAR: Service(cpa),
            USIM_FILES_TAR: Service(RemoteFileManagement(*shared, USIM)),
            UICC_FILES_TAR: Service(RemoteFileManagement(*shared)),
            CARD_MANAGER_TAR: Service(CardManager(memory, self.menu, question)),
        }
        self.over_the_air = OverTheAir(memory, self.toolkit, services)

        self.channels = {0: Selection(memory, self.pins)}
        """What is current in each open channel, by its number."""
        self.response = b""
        """What waits for GET RESPONSE."""
        self.answering = 0
        """The channel in which it waits."""

    def open_channel(self, opener: int) -> int:
        """Open the next free channel and return its number, 1 to 3.

        It begins where the channel `opener` is, at the MF if that is the basic one.

        Raises:
            StatusError: all are open; nothing changed.
        """
        number = next((each for each in range(1, CHANNELS) if each not in self.channels), None)
        if number is None:
            raise StatusError(SW.FUNCTION_NOT_SUPPORTED)
        opened = Selection(self.memory, self.pins)
        if opener:
            opened.application = self.channels[opener].application
            opened.select(self.channels[opener].directory)
        self.channels[number] = opened
        return number

    def close_channel(self, number: int) -> None:
        """Close a channel other than the basic one.

        Raises:
            StatusError: it is not open; nothing changed.
        """
        if number not in self.channels:
            raise StatusError(SW.LOGICAL_CHANNEL_NOT_SUPPORTED)
        del self.channels[number]
