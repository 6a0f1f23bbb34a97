"""The smart card: what it holds of a message, which messages it obeys, and its pairs of IMSI and AK, step S4.

Literal: the new pair takes the place of the old one at once. Hardened: pair 1 is kept, sealed, until pair 2 is
accepted; a rejected pair gives way to the other; pair 2 is forgotten only by order of the application server.
"""

from __future__ import annotations

from enum import Enum

from model.application_server import Sealing
from model.table import Arrow, Component, Kind, Option, each


class Card(Enum):
    """Which pairs the card holds, and which of them it uses. Old is the pair of the network that is left."""

    OLD_ONLY = "the old pair only"
    BOTH_NEW_ACTIVE = "both pairs, the new one in use, the old one sealed"
    BOTH_OLD_ACTIVE = "both pairs, the old one in use, the new one sealed"
    NEW_ONLY = "the new pair only"
    STALE_ACTIVE = "the old pair sealed, in use that of an earlier change that was given up"
    STALE_SEALED = "the old pair in use, sealed that of an earlier change that was given up"
    STALE_ONLY = "only the pair of an earlier change that was given up"
    TORN = "the identity of one pair with the key of the other"


class Counter(Enum):
    """The newest message of this change that the card obeyed, by the counter of its packet."""

    BEHIND = "none"
    AT_MESSAGE = "a personalization message"
    AT_ORDER = "the order to forget"


class Holding(Enum):
    """What the card holds of a personalization message until its application executes it [073]."""

    NOTHING = "nothing"
    SOME_PARTS = "some parts"
    MESSAGE = "all parts"


C, N, H = Card, Counter, Holding
HARDENED, LITERAL = Option.HARDENED, Option.LITERAL
OLD_IN_USE = frozenset({C.OLD_ONLY, C.BOTH_OLD_ACTIVE, C.STALE_SEALED})
NEW_IN_USE = frozenset({C.NEW_ONLY, C.BOTH_NEW_ACTIVE})
REPLACEABLE = (C.OLD_ONLY, C.STALE_SEALED)
GENUINE = {"sealing": {Sealing.RIGHT}}
WRONG_CODE = {"sealing": {Sealing.WRONG_CODE}}
FAULT, INTERNAL = Kind.FAULT, Kind.INTERNAL

# fmt: off
ARROWS = (
    #     step  cites     event                from                to
    *only(HARDENED,
        *each("S4", "1e 11b", "replace_identity",  REPLACEABLE,       C.BOTH_NEW_ACTIVE, needs=GENUINE),
    ),
    *only(LITERAL,
        Arrow("S4", "1e 11b", "replace_identity",  C.OLD_ONLY,        C.NEW_ONLY,        needs=GENUINE),
    ),
    *each("S4", "1f 4a",  "refuse_wrong_code", REPLACEABLE,       None,              needs=WRONG_CODE),
    *only(HARDENED,
        Arrow("S4", "B02",    "answer_again",      C.BOTH_OLD_ACTIVE, C.BOTH_OLD_ACTIVE),
    ),

    # Power fails in the midst: one transaction is undone whole, two writes are left half done.
    *only(HARDENED,
        *each("S4", "B01",    "cut_power",         REPLACEABLE,       None,              FAULT, needs=GENUINE),
    ),
    *only(LITERAL,
        Arrow("S4", "B01",    "cut_power",         C.OLD_ONLY,        C.TORN,            FAULT, needs=GENUINE),
    ),

    # A message of an earlier change, given up, comes late. The card cannot know.
    *only(HARDENED,
        Arrow("S4", "B03",    "obey_late_message", C.OLD_ONLY,        C.STALE_ACTIVE,    FAULT),
    ),
    *only(LITERAL,
        Arrow("S4", "B03",    "obey_late_message", C.OLD_ONLY,        C.STALE_ONLY,      FAULT),
    ),
    *only(HARDENED,
        Arrow("S5", "B04",    "reject_late",       C.STALE_ACTIVE,    C.STALE_SEALED),
    ),

    # Accepted: now the deletion of claim 1 is complete. Rejected for good: the other pair has its turn.
    *only(HARDENED,
        Arrow("S5", "1e E16", "accept_joined",     C.BOTH_NEW_ACTIVE, C.NEW_ONLY),
    ),
    Arrow("S5", "1e E16", "accept_joined",     C.NEW_ONLY,        C.NEW_ONLY),
    *only(HARDENED,
        Arrow("S5", "B03",    "lose_accept",       C.BOTH_NEW_ACTIVE, C.BOTH_NEW_ACTIVE, FAULT),
    ),
    Arrow("S5", "B03",    "lose_accept",       C.NEW_ONLY,        C.NEW_ONLY,        FAULT),
    *only(HARDENED,
        Arrow("S5", "B04",    "reject_joined",     C.BOTH_NEW_ACTIVE, C.BOTH_OLD_ACTIVE),
        Arrow("S5", "B04",    "miss_joined",       C.BOTH_NEW_ACTIVE, C.BOTH_OLD_ACTIVE, FAULT),
    ),
    *each("S5", "1f E28", "accept_left",       OLD_IN_USE),
    *only(HARDENED,
        Arrow("S5", "B08",    "reject_left",       C.BOTH_OLD_ACTIVE, C.BOTH_NEW_ACTIVE),
        Arrow("S5", "B08",    "miss_left",         C.BOTH_OLD_ACTIVE, C.BOTH_NEW_ACTIVE, FAULT),
        Arrow("S5", "B08",    "miss_left",         C.STALE_SEALED,    C.STALE_ACTIVE,    FAULT),
    ),

    # Only an order of the application server, for this very change, makes the card forget the new pair.
    *only(HARDENED,
        Arrow("S5", "B04",    "obey_order",        C.BOTH_OLD_ACTIVE, C.OLD_ONLY),
        *each("S5", "B04",    "obey_order",        REPLACEABLE),
    ),

    Arrow("S1", "E21",    "turn_round",        C.NEW_ONLY,        C.OLD_ONLY,        INTERNAL),
    Arrow("S1", "E21",    "start_over",        C.OLD_ONLY,        C.OLD_ONLY,        INTERNAL),
    *only(HARDENED,
        *each("S1", "E21",    "start_over",        OLD_SEALED,        C.STALE_ACTIVE,    INTERNAL),
        *each("S1", "E21",    "start_over",        OTHER_SEALED,      C.STALE_SEALED,    INTERNAL),
    ),
)
COUNTER = (

    Arrow("S4", "B02", "replace_identity",  N.BEHIND,     N.AT_MESSAGE),
    *each("S4", "B02", "refuse_wrong_code", BELOW_ORDER,  N.AT_MESSAGE),
    *only(HARDENED,
        Arrow("S4", "B02", "answer_again",      N.AT_MESSAGE, N.AT_MESSAGE),
    ),
    *each("S4", "B02", "refuse_replay",     {N.AT_MESSAGE, N.AT_ORDER}),
    Arrow("S4", "B01", "cut_power",         N.BEHIND,     N.BEHIND, FAULT),
    *only(HARDENED,
        *each("S5", "B02", "obey_order",        BELOW_ORDER,  N.AT_ORDER),
    ),
    Arrow("S4", "B03", "obey_late_message", N.BEHIND,     N.BEHIND, FAULT),
    Arrow("S1", "E21", "turn_round",        N.AT_MESSAGE, N.BEHIND, INTERNAL),
    *each("S1", "E21", "start_over",        N,            N.BEHIND, INTERNAL),
)
HOLDING = (

    *each("S3", "11a E14", "receive_message",    INCOMPLETE,   H.MESSAGE),
    *each("S3", "7a E14",  "receive_some_parts", INCOMPLETE,   H.SOME_PARTS),
    Arrow("S3", "7a E14",  "receive_rest",       H.SOME_PARTS, H.MESSAGE),
    Arrow("S3", "7a",      "repeat_part",        H.SOME_PARTS, H.SOME_PARTS, FAULT),
    Arrow("S4", "1e 7a",   "replace_identity",   H.MESSAGE,    H.NOTHING),
    Arrow("S4", "1f 4a",   "refuse_wrong_code",  H.MESSAGE,    H.NOTHING),
    Arrow("S4", "6a",      "refuse_wrong_keys",  H.MESSAGE,    H.NOTHING,    needs={"sealing": {Sealing.WRONG_KEYS}}),
    *only(HARDENED,
        Arrow("S4", "B02",     "answer_again",       H.MESSAGE,    H.NOTHING),
    ),
    Arrow("S4", "B02",     "refuse_replay",      H.MESSAGE,    H.NOTHING),
    Arrow("S4", "B01",     "cut_power",          H.MESSAGE,    H.NOTHING,    FAULT),
    *each("S1", "E21",     "turn_round",         INCOMPLETE,   H.NOTHING,    INTERNAL),
    *each("S1", "E21",     "start_over",         INCOMPLETE,   H.NOTHING,    INTERNAL),
)
# fmt: on

COMPONENTS = (
    Component("card", ARROWS, Card.OLD_ONLY),
    Component("counter", COUNTER, Counter.BEHIND),
    Component("holding", HOLDING, Holding.NOTHING),
)
