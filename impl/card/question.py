"""The question to the user before the card changes, which the device's application asks [076]."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from impl.card.toolkit import Toolkit
from impl.codec.toolkit import GetInkey, GetInkeyFlag, TerminalResponse

WORDS: Final = "Are you sure to change MNO and to become subscriber of {}?"
"""Those of [076]."""

Continuation = Callable[[bool], None]
"""Takes whether the user agreed."""


class Question:
    """Asks one user one thing at a time; what waits for the answer is lost with the power [073]."""

    __slots__ = ("_toolkit", "is_open")

    def __init__(self, toolkit: Toolkit) -> None:
        self._toolkit = toolkit
        self.is_open = False
        """Whether the answer is still to come."""

    def ask(self, operator: str, then: Continuation) -> None:
        """Ask whether to become a subscriber of `operator`; anything but a yes is a no.

        Where there is nobody to ask, no screen or no such command, `then` is told so at once.
        """
        self.is_open = True
        command = GetInkey(WORDS.format(operator), qualifier=GetInkeyFlag.YES_NO)
        self._toolkit.ask(command, partial(self._take_answer, then))

    def _take_answer(self, then: Continuation, response: TerminalResponse | None) -> None:
        self.is_open = False
        then(response is not None and response.is_yes)
