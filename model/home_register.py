"""The home registers: of the network that is left and of the one that is joined, steps S2 and S5.

One life of a subscriber's record, in two roles: at the network that is joined an identity is
reserved and becomes active by the first location update, the point of no return; at the network
that is left it is deleted.
"""

from __future__ import annotations

from enum import Enum

from model.table import Arrow, Component, Kind, Needs, Option, each, only


class Record(Enum):
    """What a home register holds of this card."""

    FREE = "nothing: no identity is set aside for this card"
    RESERVED = "an identity and key for a change under way; nobody attached with them yet"
    ACTIVE = "a subscriber: a device attached with them"
    RELEASED = "nothing again: the identity of this change may go to another card, with another key"


class Notice(Enum):
    """MesN, the answer of HLR2 on its way to the application server."""

    NONE = "not under way"
    UNDER_WAY = "under way with IMSI2 and AK2"
    MALFORMED = "under way with an identity that is not of that network"


class Pool(Enum):
    """The set of free identities of the network that is joined."""

    AVAILABLE = "one at least is free"
    EXHAUSTED = "none is free"


R, N, P = Record, Notice, Pool
FAULT, TIMER, INTERNAL = Kind.FAULT, Kind.TIMER, Kind.INTERNAL
TAKEN = frozenset({R.RESERVED, R.ACTIVE})
NOT_TAKEN = frozenset({R.FREE, R.RELEASED})
SOME_FREE: Needs = {"pool": {P.AVAILABLE}}
NONE_FREE: Needs = {"pool": {P.EXHAUSTED}}
UNUSED: Needs = {"home_joined": {R.FREE}}

# fmt: off
LEFT = (
    #     step  cites      event                from          to          kind, only if
    Arrow("S5", "5a",      "inform_left",       R.ACTIVE,     R.ACTIVE),
    Arrow("S5", "5b",      "delete_subscriber", R.ACTIVE,     R.FREE),
    Arrow("S5", "5b",      "note_deletion",     R.FREE,       R.FREE),
    *each("S5", "B12",     "crash_left",        {R.ACTIVE, R.FREE}, None, FAULT),

    # The network that was joined is the next one to be left.
    Arrow("S1", "E21",     "turn_round",        R.FREE,       R.ACTIVE,   INTERNAL),
)

JOINED = (
    #     step  cites      event                from          to          kind, only if
    Arrow("S2", "E10",     "provide_identity",  R.FREE,       R.RESERVED, needs=SOME_FREE),
    Arrow("S2", "1c",      "garble_identity",   R.FREE,       R.RESERVED, FAULT, SOME_FREE),
    Arrow("S2", "E11",     "refuse_exhausted",  R.FREE,       R.FREE,     needs=NONE_FREE),
    Arrow("S2", "1b",      "reject_impostor",   R.FREE,       R.FREE,     FAULT),
    Arrow("S2", "E10",     "ask_again",         R.RESERVED,   R.RESERVED, TIMER),

    # A device attaches for the first time: from here on release is refused. Of the two, one wins.
    *each("S5", "E16 E28", "accept_joined",     TAKEN,        R.ACTIVE),
    *each("S5", "B03",     "lose_accept",       TAKEN,        R.ACTIVE,   FAULT),
    Arrow("S5", "E17",     "confirm_change",    R.ACTIVE,     R.ACTIVE),
    *only(Option.HARDENED,
        Arrow("S5", "E28", "reject_joined",     R.RELEASED,   R.RELEASED),
    ),

    # It dies and starts again: the record is durable, a notice on its way is not.
    *each("S2", "B12",     "crash_joined",      R,            None,       FAULT),

    # Asked twice, it is done once; and what was never reserved can be released as well.
    *each("S5", "B05",     "release_identity",  NOT_TAKEN | {R.RESERVED}, R.RELEASED),
    Arrow("S5", "B07 B08", "refuse_release",    R.ACTIVE,     R.ACTIVE),
    Arrow("S5", "B05",     "expire_lease",      R.RESERVED,   R.RELEASED, TIMER),

    Arrow("S1", "E21",     "turn_round",        R.ACTIVE,     R.FREE,     INTERNAL),
    *each("S1", "E21",     "start_over",        NOT_TAKEN,    R.FREE,     INTERNAL),
)

NOTICE = (
    #     step  cites      event                from          to           kind
    Arrow("S2", "1c",      "provide_identity",  N.NONE,       N.UNDER_WAY),
    Arrow("S2", "1c",      "garble_identity",   N.NONE,       N.MALFORMED, FAULT),
    Arrow("S2", "1c 10b",  "take_identity",     N.UNDER_WAY,  N.NONE),
    Arrow("S2", "1c B13",  "refuse_identity",   N.MALFORMED,  N.NONE),
    Arrow("S2", "B03",     "lose_notice",       N.UNDER_WAY,  N.NONE,      FAULT),
    Arrow("S2", "B03",     "ask_again",         N.NONE,       N.UNDER_WAY, TIMER),
    *each("S2", "B05",     "stop_waiting",      N,            N.NONE,      TIMER),
    *each("S2", "B12",     "crash_server",      N,            N.NONE,      FAULT),
    *each("S2", "B12",     "crash_joined",      N,            N.NONE,      FAULT),
)

POOL = (
    #     step  cites      event                from          to           kind, only if
    Arrow("S2", "E11",     "exhaust_pool",      P.AVAILABLE,  P.EXHAUSTED, FAULT, UNUSED),
    *each("S1", "E21",     "start_over",        P,            P.AVAILABLE, INTERNAL),
)
# fmt: on

COMPONENTS = (
    Component("home_left", LEFT, Record.ACTIVE),
    Component("home_joined", JOINED, Record.FREE),
    Component("notice", NOTICE, Notice.NONE),
    Component("pool", POOL, Pool.AVAILABLE),
)
