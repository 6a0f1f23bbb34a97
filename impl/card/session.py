"""One life of the card at the contacts: what it remembers from power on to power off."""

from __future__ import annotations

from impl.card.cpa import PersonalizationApplication
from impl.card.fallback import Fallback
from impl.card.image import ROOT
from impl.card.memory import Memory
from impl.card.menu import Menu
from impl.card.ota import OverTheAir
from impl.card.pairs import Pairs
from impl.card.pins import Pins
from impl.card.question import Question
from impl.card.toolkit import Toolkit
from impl.card.tree import Directory, File
from impl.card.usim import Usim
from impl.codec.ota_profile import CPA_TAR


class Session:
    """Selection (TS 102 221 clause 8.4), and the card's applications joined over its memory."""

    __slots__ = (
        "application",
        "directory",
        "fallback",
        "file",
        "memory",
        "menu",
        "over_the_air",
        "pairs",
        "pins",
        "record",
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
        self.over_the_air = OverTheAir(memory, self.toolkit, {CPA_TAR: cpa})

        self.application: Directory | None = None
        self.directory = ROOT
        self.file: File | None = None
        self.record = 0
        """Number of the current record, 1-based; 0 where there is none yet."""
        self.response = b""
        """What waits for GET RESPONSE."""

    def select(self, chosen: File | Directory) -> None:
        """Make a file or directory the current one."""
        self.record = 0
        if isinstance(chosen, File):
            self.file = chosen
            self.directory = chosen.directory
        else:
            self.file = None
            self.directory = chosen
