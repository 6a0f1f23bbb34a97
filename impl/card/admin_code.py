"""The admin code that the manufacturer wrote in the card, and the guesses at it [056] [074].

Wrong guesses are counted by one counter, whoever presents the code and in what form.
"""

from __future__ import annotations

from impl.card import image
from impl.card.memory import Memory
from impl.values import Secret


class AdminCode:
    """Compares; the caller says when a guess is counted: before, so that no power cut wins one."""

    __slots__ = ("_memory",)

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    @property
    def is_key(self) -> bool:
        """Whether it made the keys of every packet, and therefore stands in none."""
        return image.ADMIN_MODE.number(self._memory) == image.KEYING

    @property
    def guesses_left(self) -> int:
        """Wrong codes that may still come; 0 where it is blocked."""
        spent = image.GUESSES.number(self._memory)
        return max(0, image.GUESS_LIMIT.number(self._memory) - spent)

    def count_guess(self) -> None:
        """Note that somebody presents a code, whatever it is."""
        image.GUESSES.set_number(self._memory, image.GUESSES.number(self._memory) + 1)

    def take_back_guess(self) -> None:
        """Note that the guess counted last was not compared after all."""
        image.GUESSES.set_number(self._memory, image.GUESSES.number(self._memory) - 1)

    def forgive(self) -> None:
        """Forget the guesses: the right code came."""
        image.GUESSES.set_number(self._memory, 0)

    def is_right(self, code: Secret) -> bool:
        """Whether `code` is it, compared in constant time."""
        return Secret(image.ADMIN_CODE.read(self._memory)) == code
