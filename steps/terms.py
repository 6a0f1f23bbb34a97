"""What the calls of a driver are about: networks, users, parties, and what can be said of them."""

from __future__ import annotations

from enum import StrEnum


class Network(StrEnum):
    """The networks of a scenario. The first and the second are TN1 and TN2 of the specification."""

    FIRST = "the first network"
    SECOND = "the second network"
    THIRD = "the third network"


class User(StrEnum):
    """The users of a scenario; each has one device with one card."""

    THE_USER = "the user"
    ANOTHER = "another user"


class Party(StrEnum):
    """Parties that keep records, and can die and be started again."""

    APPLICATION_SERVER = "the application server"
    FIRST_REGISTER = "the home register of the first network"
    SECOND_REGISTER = "the home register of the second network"
    FIRST_CENTRE = "the short message centre of the first network"
    SECOND_CENTRE = "the short message centre of the second network"


class Means(StrEnum):
    """How the user asks the device for a change [063]."""

    MENU = "the menu"
    COMMAND_CODE = "a command code"
    UNKNOWN_CODE = "a command code that is in no document"


class Answer(StrEnum):
    """What the user answers when the card asks whether to change [076]."""

    YES = "yes"
    NO = "no"
    NONE = "nothing"


class CardReport(StrEnum):
    """What the card reported to the application server about the last personalization message."""

    NONE = "nothing"
    DONE = "that it has changed"
    WRONG_ADMIN_CODE = "a wrong admin code"
    REFUSED = "that it refuses for another reason"


class Standing(StrEnum):
    """Where a user's change stands, as the application server says."""

    NEVER_ASKED = "never asked"
    REFUSED = "refused"
    OPEN = "open"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
