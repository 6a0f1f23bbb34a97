"""The words of the sentences: phrases of the features and what the driver calls them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from parse import with_pattern

from steps.driver import Network, User


@with_pattern(r"the (?:first|second|third) network")
def _network(phrase: str) -> Network:
    return Network(phrase)


@with_pattern(r"a user|another user")
def _user(phrase: str) -> User:
    return User.ANOTHER if phrase == "another user" else User.THE_USER


@with_pattern(r"the device of the other user|the device")
def _device(phrase: str) -> User:
    return _owner(phrase)


@with_pattern(r"the card of the other user|the card")
def _card(phrase: str) -> User:
    return _owner(phrase)


def _owner(phrase: str) -> User:
    return User.ANOTHER if phrase.endswith("the other user") else User.THE_USER


@with_pattern(r"\d+")
def _number(phrase: str) -> int:
    return int(phrase)


TYPES: dict[str, Callable[[str], Any]] = {
    "Network": _network,
    "User": _user,
    "Device": _device,
    "Card": _card,
    "Number": _number,
}
"""Types that a pattern may name: `{card:Card}` takes "the card" and gives its user."""
