"""One life of the card at the contacts: what it remembers from power on to power off."""

from __future__ import annotations

from impl.card.card_manager import CardManager
from impl.card.channels import Channels
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
from impl.card.toolkit import Toolkit
from impl.card.usim import Usim
from impl.codec.ota_profile import CARD_MANAGER_TAR, CPA_TAR, UICC_FILES_TAR, USIM_FILES_TAR


class Session:
    """The card's applications and logical channels, joined over one memory."""

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
        "selection",
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

        self.channels = Channels(memory, self.pins)
        self.selection = self.channels.find(0)
        """What is current in the channel of the command that is being carried out."""
        self.response = b""
        """What waits for GET RESPONSE."""
        self.answering = 0
        """Number of the channel in which it waits."""
