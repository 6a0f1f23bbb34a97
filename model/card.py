"""The smart card: what it holds of a message, what it obeys, its pairs of IMSI and AK; step S4.

Literal: the new pair takes the place of the old one at once. Hardened: the old pair is kept,
sealed, until the new one is accepted; a pair that is rejected gives way to the other; the new pair
is forgotten only by order of the application server.
"""

from __future__ import annotations

from enum import Enum

from model.application_server import Sealing
from model.table import Arrow, Component, Kind, Needs, Option, each, only


class Card(Enum):
    """Which pairs the card holds and which it uses; old is that of the network that is left."""

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


class Guesses(Enum):
    """Whether the card takes admin codes; the world chooses at which wrong one it is enough."""

    COUNTED = "wrong codes so far are within the limit"
    BLOCKED = "there were too many: it takes none any more"


C, N, H, G = Card, Counter, Holding, Guesses
FAULT, INTERNAL = Kind.FAULT, Kind.INTERNAL
OLD_IN_USE = frozenset({C.OLD_ONLY, C.BOTH_OLD_ACTIVE, C.STALE_SEALED})
NEW_IN_USE = frozenset({C.NEW_ONLY, C.BOTH_NEW_ACTIVE})
REPLACEABLE = frozenset({C.OLD_ONLY, C.STALE_SEALED})
OLD_SEALED = frozenset({C.BOTH_NEW_ACTIVE, C.STALE_ACTIVE})
OTHER_SEALED = frozenset({C.BOTH_OLD_ACTIVE, C.STALE_SEALED})
BELOW_ORDER = frozenset({N.BEHIND, N.AT_MESSAGE})
INCOMPLETE = frozenset({H.NOTHING, H.SOME_PARTS})
GENUINE: Needs = {"sealing": {Sealing.RIGHT}}
WRONG_CODE: Needs = {"sealing": {Sealing.WRONG_CODE}}
WRONG_KEYS: Needs = {"sealing": {Sealing.WRONG_KEYS}}
READABLE: Needs = {"sealing": {Sealing.RIGHT, Sealing.WRONG_CODE}}

# fmt: off
IN_BOTH_VARIANTS = (
    #     step  cites     event                from               to                 kind, only if
    *each("S4", "1f 4a",  "refuse_wrong_code", REPLACEABLE,       needs=WRONG_CODE),
    *each("S4", "B11",    "block_admin_code",  REPLACEABLE,       None, FAULT, WRONG_CODE),
    *each("S4", "B11",    "refuse_blocked",    REPLACEABLE,       needs=READABLE),
    *each("S4", "E15",    "refuse_by_user",    REPLACEABLE,       None, FAULT, GENUINE),
    Arrow("S5", "1e E16", "accept_joined",     C.NEW_ONLY,        C.NEW_ONLY),
    Arrow("S5", "B03",    "lose_accept",       C.NEW_ONLY,        C.NEW_ONLY,        FAULT),
    *each("S5", "1f E28", "accept_left",       OLD_IN_USE),
    Arrow("S1", "E21",    "turn_round",        C.NEW_ONLY,        C.OLD_ONLY,        INTERNAL),
    Arrow("S1", "E21",    "start_over",        C.OLD_ONLY,        C.OLD_ONLY,        INTERNAL),
)

LITERAL = only(Option.LITERAL,
    Arrow("S4", "1e 11b", "replace_identity",  C.OLD_ONLY,        C.NEW_ONLY, needs=GENUINE),

    # Power fails between two writes. A message of an earlier change comes late, and is obeyed.
    Arrow("S4", "B01",    "cut_power",         C.OLD_ONLY,        C.TORN, FAULT, GENUINE),
    Arrow("S4", "B03",    "obey_late_message", C.OLD_ONLY,        C.STALE_ONLY,      FAULT),
)

HARDENED = only(Option.HARDENED,
    *each("S4", "1e 11b", "replace_identity",  REPLACEABLE,       C.BOTH_NEW_ACTIVE, needs=GENUINE),
    Arrow("S4", "B02",    "answer_again",      C.BOTH_OLD_ACTIVE, C.BOTH_OLD_ACTIVE),

    # Accepted: now the deletion of claim 1 is complete.
    Arrow("S5", "1e E16", "accept_joined",     C.BOTH_NEW_ACTIVE, C.NEW_ONLY),
    Arrow("S5", "B03",    "lose_accept",       C.BOTH_NEW_ACTIVE, C.BOTH_NEW_ACTIVE, FAULT),

    # Rejected for good, or no service for the set time: the other pair has its turn.
    Arrow("S5", "B04",    "reject_joined",     C.BOTH_NEW_ACTIVE, C.BOTH_OLD_ACTIVE),
    Arrow("S5", "B04",    "miss_joined",       C.BOTH_NEW_ACTIVE, C.BOTH_OLD_ACTIVE, FAULT),
    Arrow("S5", "B08",    "reject_left",       C.BOTH_OLD_ACTIVE, C.BOTH_NEW_ACTIVE),
    Arrow("S5", "B08",    "miss_left",         C.BOTH_OLD_ACTIVE, C.BOTH_NEW_ACTIVE, FAULT),

    # Only an order of the application server for this very change makes the card forget the pair.
    Arrow("S5", "B04",    "obey_order",        C.BOTH_OLD_ACTIVE, C.OLD_ONLY),
    *each("S5", "B04",    "obey_order",        REPLACEABLE),

    # Power fails: the one transaction is undone whole.
    *each("S4", "B01",    "cut_power",         REPLACEABLE, None, FAULT, GENUINE),

    # A message of an earlier change, given up, comes late. The card cannot know; it finds out.
    Arrow("S4", "B03",    "obey_late_message", C.OLD_ONLY,        C.STALE_ACTIVE,    FAULT),
    Arrow("S5", "B04",    "reject_late",       C.STALE_ACTIVE,    C.STALE_SEALED),
    Arrow("S5", "B08",    "miss_left",         C.STALE_SEALED,    C.STALE_ACTIVE,    FAULT),

    *each("S1", "E21",    "start_over",        OLD_SEALED,        C.STALE_ACTIVE,    INTERNAL),
    *each("S1", "E21",    "start_over",        OTHER_SEALED,      C.STALE_SEALED,    INTERNAL),
)

COUNTER = (
    Arrow("S4", "B02", "replace_identity",  N.BEHIND,     N.AT_MESSAGE),
    *each("S4", "B02", "refuse_wrong_code", BELOW_ORDER,  N.AT_MESSAGE),
    *each("S4", "B11", "block_admin_code",  BELOW_ORDER,  N.AT_MESSAGE, FAULT),
    *each("S4", "B11", "refuse_blocked",    BELOW_ORDER,  N.AT_MESSAGE),
    Arrow("S4", "E15", "refuse_by_user",    N.BEHIND,     N.AT_MESSAGE, FAULT),
    *each("S4", "B02", "refuse_replay",     {N.AT_MESSAGE, N.AT_ORDER}),
    Arrow("S4", "B01", "cut_power",         N.BEHIND,     N.BEHIND, FAULT),
    Arrow("S4", "B03", "obey_late_message", N.BEHIND,     N.BEHIND, FAULT),
    Arrow("S1", "E21", "turn_round",        N.AT_MESSAGE, N.BEHIND, INTERNAL),
    *each("S1", "E21", "start_over",        N,            N.BEHIND, INTERNAL),
    *only(Option.HARDENED,
        # An order that reads wrong has told the card its counter; one under other keys has not.
        Arrow("S5", "B02", "refuse_order",  N.AT_ORDER,   N.AT_ORDER),
        *each("S5", "1f B11", "refuse_order", BELOW_ORDER, N.AT_ORDER, needs=READABLE),
        Arrow("S5", "6a",  "refuse_order",  N.BEHIND,     N.BEHIND, needs=WRONG_KEYS),
        Arrow("S4", "B02", "answer_again",  N.AT_MESSAGE, N.AT_MESSAGE),
        *each("S5", "B02", "obey_order",    BELOW_ORDER,  N.AT_ORDER),
    ),
)

HOLDING = (
    # A card executes a message in the very ENVELOPE that brings the last part of it (TS 31.111
    # clause 7.1): while it has one whole, no device restarts it but by cutting its power.
    *each("S3", "11a E14", "receive_message",    INCOMPLETE,   H.MESSAGE),
    *each("S3", "7a E14",  "receive_some_parts", INCOMPLETE,   H.SOME_PARTS),
    Arrow("S3", "7a E14",  "receive_rest",       H.SOME_PARTS, H.MESSAGE),
    Arrow("S3", "7a",      "repeat_part",        H.SOME_PARTS, H.SOME_PARTS, FAULT),
    *each("S5", "B03",     "restart_device",     INCOMPLETE,   None, FAULT),
    *each("S4", "B03",     "obey_late_message",  INCOMPLETE,   None, FAULT),

    Arrow("S4", "1e 7a",   "replace_identity",   H.MESSAGE,    H.NOTHING),
    Arrow("S4", "1f 4a",   "refuse_wrong_code",  H.MESSAGE,    H.NOTHING),
    Arrow("S4", "B11",     "block_admin_code",   H.MESSAGE,    H.NOTHING, FAULT),
    Arrow("S4", "B11",     "refuse_blocked",     H.MESSAGE,    H.NOTHING),
    Arrow("S4", "E15",     "refuse_by_user",     H.MESSAGE,    H.NOTHING, FAULT),
    Arrow("S4", "6a",      "refuse_wrong_keys",  H.MESSAGE,    H.NOTHING, needs=WRONG_KEYS),
    Arrow("S4", "B02",     "refuse_replay",      H.MESSAGE,    H.NOTHING),
    Arrow("S4", "B01",     "cut_power",          H.MESSAGE,    H.NOTHING, FAULT),
    *only(Option.HARDENED,
        Arrow("S4", "B02", "answer_again",       H.MESSAGE,    H.NOTHING),
        *each("S5", "E28", "reject_left",        INCOMPLETE),
        *each("S5", "B08", "miss_left",          INCOMPLETE,   None, FAULT),
    ),

    *each("S1", "E21",     "turn_round",         INCOMPLETE,   H.NOTHING, INTERNAL),
    *each("S1", "E21",     "start_over",         INCOMPLETE,   H.NOTHING, INTERNAL),
)

GUESSES = (
    # Blocked for good: the card goes on working with what it has.
    Arrow("S4", "B11",     "refuse_wrong_code",  G.COUNTED,    G.COUNTED),
    Arrow("S4", "B11",     "block_admin_code",   G.COUNTED,    G.BLOCKED, FAULT),
    Arrow("S4", "B11",     "refuse_blocked",     G.BLOCKED,    G.BLOCKED),
    Arrow("S4", "B11",     "replace_identity",   G.COUNTED,    G.COUNTED),
    Arrow("S4", "E15",     "refuse_by_user",     G.COUNTED,    G.COUNTED, FAULT),
    Arrow("S4", "B01",     "cut_power",          G.COUNTED,    G.COUNTED, FAULT),
    Arrow("S4", "B03",     "obey_late_message",  G.COUNTED,    G.COUNTED, FAULT),
    *only(Option.HARDENED,
        Arrow("S5", "B11", "obey_order",         G.COUNTED,    G.COUNTED),
    ),
)
# fmt: on

COMPONENTS = (
    Component("card", (*IN_BOTH_VARIANTS, *LITERAL, *HARDENED), Card.OLD_ONLY),
    Component("counter", COUNTER, Counter.BEHIND),
    Component("holding", HOLDING, Holding.NOTHING),
    Component("guesses", GUESSES, Guesses.COUNTED),
)
