"""Remote file management: TS 102 226 clause 6, the other way to carry out ComP [074].

A script writes identity and keys into their files, and the card makes a pair of them.
"""

from __future__ import annotations

from impl.card.cpa import Errand
from impl.card.fallback import Fallback
from impl.card.file_script import FileScript
from impl.card.memory import Memory
from impl.card.pairs import Pairs
from impl.card.question import Question
from impl.card.script import Script, run
from impl.card.status import StatusError
from impl.card.tree import Directory
from impl.codec.apdu import SW


class RemoteFileManagement:
    """One instance: of the UICC, whose scripts begin at the MF, or of an application."""

    __slots__ = ("_fallback", "_memory", "_pairs", "_question", "_root")

    is_selectable = True

    def __init__(
        self,
        memory: Memory,
        pairs: Pairs,
        fallback: Fallback,
        question: Question,
        root: Directory | None = None,
    ) -> None:
        """Serve the MF, or the application `root`."""
        self._memory = memory
        self._pairs = pairs
        self._fallback = fallback
        self._question = question
        self._root = root

    def execute(self, octets: bytes, errand: Errand) -> bytes:
        """Carry out a script whole or not at all, and return its answer.

        A script that changed identity or keys has the pair before sealed, and ends with a REFRESH.

        Raises:
            StatusError: the user is being asked about an order; nothing was done.
        """
        if self._question.is_open:
            raise StatusError(SW.TOOLKIT_BUSY)
        script = Script(octets)
        if script.is_read:
            visit = FileScript(self._memory, self._pairs, self._root)
            visit.count_guess(script.commands)
            run(script, visit, self._memory, errand)
            visit.settle_guess()
            self._fallback.remind()
        return script.answer()
