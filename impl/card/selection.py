"""What commands on files go by: current file, directory and application (TS 102 221 clause 8.4)."""

from __future__ import annotations

from collections.abc import Callable

from impl.card.files import Access
from impl.card.image import ROOT
from impl.card.memory import Memory
from impl.card.pins import Pins
from impl.card.tree import Directory, File


class Selection:
    """Of one logical channel at the contacts, or of one script that came over the air."""

    __slots__ = ("allows", "application", "directory", "file", "memory", "pins", "record")

    def __init__(
        self,
        memory: Memory,
        pins: Pins,
        allows: Callable[[Access], bool] | None = None,
        application: Directory | None = None,
    ) -> None:
        """Begin at the MF, or at an application.

        `allows` says who speaks: whether an access condition is fulfilled. At the contacts the PINs
        say so.
        """
        self.memory = memory
        self.pins = pins
        self.allows = allows or pins.allows
        self.application = application
        """What the identifier 7FFF stands for here."""
        self.directory = application or ROOT
        self.file: File | None = None
        self.record = 0
        """Number of the current record, 1-based; 0 where there is none yet."""

    def select(self, chosen: File | Directory) -> None:
        """Make a file or directory the current one."""
        self.record = 0
        if isinstance(chosen, File):
            self.file = chosen
            self.directory = chosen.directory
        else:
            self.file = None
            self.directory = chosen
