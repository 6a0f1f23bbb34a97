"""The states of one change of subscription, as the application server keeps them.

The table decides: what it has no row for is not this change's affair any more, and is ignored.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a change stands."""

    REQUESTED = "requested"  # S2: an identity is asked of the joined network
    ASKING = "asking"  # S3: the left network is asked for its acknowledgement [079]
    SENT = "sent"  # S3: MesP left; whether the card has it is uncertain
    PERSONALIZED = "personalized"  # S4: the card reported that it has changed
    CONFIRMED = "confirmed"  # S5: the joined network authenticated the card: certain
    DONE = "done"  # S5: the left network has forgotten the card
    RELEASING = "releasing"  # given up, if no device ever attached with the identity
    ABANDONED = "abandoned"  # given up: the identity is free again
    UNANSWERED = "unanswered"  # S5: certain, and the left network never said that it deleted
    OVERTAKEN = "overtaken"  # confirmed when a later change had taken the card elsewhere


class Occasion(StrEnum):
    """What makes a change go on."""

    IDENTITY = "the joined network provided an identity"
    IDENTITY_TO_ASK = "it did, and the left network has to be asked first"
    NO_IDENTITY = "the joined network refused to provide one"
    GRANTED = "the left network acknowledged"
    NOT_GRANTED = "the left network refused, or was silent too long"
    CARD_CHANGED = "the card reported that it has changed"
    CARD_REFUSED = "the card reported that it has not"
    CONFIRMED = "the joined network authenticated the card"
    CONFIRMED_LATE = "it did, and a later change has taken the card to another network since"
    EXHAUSTED = "all attempts were made, and nobody answered"
    RELEASED = "the joined network took the identity back"
    INFORMED = "the network that the card left was informed, and has deleted"


S, O = State, Occasion  # noqa: E741 - the table reads by its first letters
# fmt: off
TABLE: dict[tuple[State, Occasion], State] = {
    (S.REQUESTED,    O.IDENTITY):        S.SENT,
    (S.REQUESTED,    O.IDENTITY_TO_ASK): S.ASKING,
    (S.REQUESTED,    O.NO_IDENTITY):     S.ABANDONED,
    (S.REQUESTED,    O.EXHAUSTED):       S.RELEASING,
    (S.ASKING,       O.GRANTED):         S.SENT,
    (S.ASKING,       O.NOT_GRANTED):     S.RELEASING,
    (S.SENT,         O.CARD_CHANGED):    S.PERSONALIZED,
    (S.SENT,         O.CARD_REFUSED):    S.RELEASING,
    (S.SENT,         O.CONFIRMED):       S.CONFIRMED,
    (S.SENT,         O.EXHAUSTED):       S.RELEASING,
    (S.PERSONALIZED, O.CONFIRMED):       S.CONFIRMED,
    (S.PERSONALIZED, O.EXHAUSTED):       S.RELEASING,
    (S.RELEASING,    O.RELEASED):        S.ABANDONED,
    (S.RELEASING,    O.CONFIRMED):       S.CONFIRMED,  # the attach was faster than the release
    (S.RELEASING,    O.EXHAUSTED):       S.ABANDONED,  # the lease ends what cannot be asked for
    (S.ABANDONED,    O.CONFIRMED):       S.CONFIRMED,  # unanswered, and attached after all
    (S.ABANDONED,    O.CONFIRMED_LATE):  S.OVERTAKEN,  # the joined network is one that it left
    (S.CONFIRMED,    O.INFORMED):        S.DONE,
    (S.CONFIRMED,    O.EXHAUSTED):       S.UNANSWERED,  # a person has to see to it
    (S.UNANSWERED,   O.INFORMED):        S.DONE,
    (S.UNANSWERED,   O.EXHAUSTED):       S.UNANSWERED,  # asked again by hand, and in vain
    (S.OVERTAKEN,    O.INFORMED):        S.OVERTAKEN,
    (S.OVERTAKEN,    O.EXHAUSTED):       S.OVERTAKEN,
}
# fmt: on

COMPLETE = frozenset({State.DONE, State.UNANSWERED})
"""States of a change after which the card is a card of the joined network."""

OPEN = frozenset(State) - COMPLETE - {State.ABANDONED, State.OVERTAKEN}
"""States in which no other change of the same card begins."""

CERTAIN = COMPLETE | {State.CONFIRMED, State.OVERTAKEN}
"""States in which the joined network's word is known: said again, nothing follows from it."""


def follow(state: State, occasion: Occasion) -> State | None:
    """Return the state that follows, None if the occasion does not concern such a change."""
    return TABLE.get((state, occasion))
