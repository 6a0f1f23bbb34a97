"""What the calls of a driver are about: networks, users, parties, and what can be said of them."""

from __future__ import annotations

from enum import StrEnum


class Network(StrEnum):
    """The networks of a scenario. The first and the second are TN1 and TN2 of the specification."""

    FIRST = "the first network"
    SECOND = "the second network"
    THIRD = "the third network"


class Generation(StrEnum):
    """What a network of a scenario is, and how it authenticates therefore [030] [031] [035]."""

    GSM = "GSM"
    UMTS = "UMTS"
    LTE = "LTE"
    CDMA = "CDMA"


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


class Ban(StrEnum):
    """What a network tells devices of others for good, though it cannot know."""

    UNKNOWN_CARD = "that nobody knows their card"
    FORBIDDEN_CARD = "that their card is forbidden"
    FORBIDDEN_DEVICE = "that they are forbidden themselves"


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


class Message(StrEnum):
    """Messages of the method that can be lost, come late or come again."""

    REQUEST = "request of the device"
    NOTICE = "identity notice of the second operator"
    PERSONALIZATION = "personalization message"
    REPORT = "report of the card"
    CONFIRMATION = "confirmation of the second operator"
    LEAVING = "notice to the first operator"
    RELEASE = "release of an identity"


class Interface(StrEnum):
    """Where something can be said to a party."""

    SERVER_FROM_REGISTER = "the application server, in a session with a home register"
    SERVER_FROM_DESK = "the application server, in a session with a customer centre"
    SERVER_FROM_CENTRE = "the application server, from a short message centre"
    SERVER_FROM_FILE = "the application server, in a file of the manufacturer"
    REGISTER_FROM_SERVER = "a home register, in a session with the application server"
    REGISTER_FROM_NETWORK = "a home register, from its own network"
    DESK_FROM_SERVER = "a customer centre, in a session with the application server"
    CENTRE_FROM_SERVER = "a short message centre, from the application server"
    NETWORK_FROM_ATTACH = "a network, from a device that attaches"
    NETWORK_FROM_MESSAGE = "a network, from a device that sends a short message"
    DEVICE_FROM_NETWORK = "a device, from its network"
    CARD_FROM_DEVICE = "a card, from its device"
    CARD_FROM_AIR = "a card, in a short message"
