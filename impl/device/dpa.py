"""The device personalization application (DPA): what the user sees and answers.

A person looks at the screen and types; a machine has no screen and nobody to answer [037] [039].
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from impl.errors import RefusedError


class NotOnMenuError(RefusedError):
    """The card's menu has no such item. Nothing was sent to the card."""


class Answer(Enum):
    """What comes back when the card asks the user yes or no."""

    YES = "the user says yes"
    NO = "the user says no"
    NONE = "nobody answers"


@dataclass(slots=True)
class DevicePersonalizationApplication:
    """Screen and keys of the device, as far as the card uses them [063] [076]."""

    has_screen: bool = True
    answer: Answer = Answer.YES
    title: str = ""
    items: dict[int, str] = field(default_factory=dict)
    """The menu that the card set up: item identifier to text."""
    questions: list[str] = field(default_factory=list)
    """What the card asked or displayed, oldest first."""
    texts: list[str] = field(default_factory=list)
    """Short messages for the user, oldest first."""
    announce: Callable[[str], object] = str
    """Hears of each of them; the text alone does nothing."""
    _typed: str | None = None

    def show_menu(self, title: str, items: dict[int, str]) -> None:
        """Replace the menu by the card's; a card without items takes its menu away."""
        self.title, self.items = title, dict(items)

    def choose(self, text: str) -> int:
        """Return the identifier of the item that reads `text`.

        Raises:
            NotOnMenuError: there is none, or no screen to see it on.
        """
        for identifier, shown in self.items.items():
            if self.has_screen and shown == text:
                return identifier
        raise NotOnMenuError(f"no item {text!r} on the menu of the card")

    def type_in(self, text: str) -> None:
        """Keep `text` as what the user types when the card next asks for input."""
        self._typed = text

    def display(self, text: str) -> bool:
        """Show `text`; False where there is no screen."""
        if self.has_screen:
            self.questions.append(text)
        return self.has_screen

    def receive(self, text: str) -> None:
        """Show a short message for the user, where there is a screen."""
        if self.has_screen:
            self.texts.append(text)
            self.announce(text)

    def ask(self, text: str) -> Answer:
        """Ask the user yes or no."""
        return self.answer if self.display(text) else Answer.NONE

    def take_input(self, prompt: str) -> str | None:
        """Ask the user to type; None if nobody does."""
        typed, self._typed = self._typed, None
        return typed if self.display(prompt) else None
