"""The words of the sentences: phrases of the features and what the driver calls them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from steps.driver import Answer, Ban, Generation, Interface, Message, Network, Party, User


@dataclass(frozen=True, slots=True)
class Word:
    """A type of the library `parse`: which phrases it takes, and what each means."""

    pattern: str
    """Regular expression of the phrases."""
    meaning: Callable[[str], Any]
    regex_group_count: int = 0

    def __call__(self, phrase: str) -> Any:
        """Return what `phrase` means."""
        return self.meaning(phrase)


def _owner(phrase: str) -> User:
    return User.ANOTHER if "other" in phrase else User.THE_USER


TYPES: Mapping[str, Word] = {
    "Network": Word("the first network|the second network|the third network", Network),
    "Generation": Word("|".join(Generation), Generation),
    "User": Word("a user|another user", _owner),
    "Device": Word("the device of the other user|the device", _owner),
    "Card": Word("the card of the other user|the card", _owner),
    "Party": Word("|".join(Party), Party),
    "Message": Word("|".join(Message), Message),
    "Interface": Word("|".join(Interface), Interface),
    "Answer": Word("|".join(Answer), Answer),
    "Ban": Word("|".join(Ban), Ban),
    "Number": Word("[0-9]+", int),
}
"""Types that a pattern may name: `{card:Card}` takes "the card" and gives its user."""
