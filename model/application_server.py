"""The application server: one change of one card, from request to certain end, steps S1 to S5."""

from __future__ import annotations

from enum import Enum

from model.table import Arrow, Component, Kind, Option, each, only


class Change(Enum):
    """Where the change of a card stands at the application server."""

    IDLE = "S0 no change was asked for"
    REFUSED = "S1 the last request was refused"
    REQUESTED = "S1 took Req"
    CONNECTED = "S2 has a session with HLR2 and asked for an identity"
    RESERVED = "S2 holds IMSI2 and AK2, by MesN"
    ASKED = "S3 asked operator 1 for acknowledgement"
    ACKNOWLEDGED = "S3 operator 1 said yes"
    PREPARED = "S3 retrieved the admin code"
    SENT = "S3 sent MesP: uncertain"
    RESENT = "S3 sent MesP again, for the last time: uncertain"
    REPORTED = "S4 the card says that it has changed: still uncertain"
    CONFIRMED = "S5 operator 2 confirmed: certain"
    INFORMED = "S5 told operator 1 that the user has left"
    UNANSWERED = "S5 certain, and operator 1 never said that it has deleted: a person sees to it"
    CHANGED = "S5 done: the user is with operator 2"
    CANCELLING = "nothing happened at the card: asks HLR2 to free IMSI2"
    GIVING_UP = "waited long enough: asks HLR2 to free IMSI2 if nobody attached with it"
    FORGETTING = "IMSI2 is free: the card is to forget it"
    ORDERED = "ordered the card to forget"
    UNCHANGED = "done: the user is with operator 1"


class Sealing(Enum):
    """What the application server retrieved for the card's messages, by IdSC."""

    NONE = "nothing yet"
    RIGHT = "this card's admin code and keys"
    WRONG_CODE = "another card's admin code"
    WRONG_KEYS = "another card's keys"


C, S = Change, Sealing
FAULT, TIMER, INTERNAL = Kind.FAULT, Kind.TIMER, Kind.INTERNAL
CLOSED = frozenset({C.IDLE, C.REFUSED, C.CHANGED, C.UNANSWERED, C.UNCHANGED})
ORDERING = frozenset({C.FORGETTING, C.ORDERED})
"""Over, but that the card is still told: IMSI2 is free, the user is with operator 1."""
OPEN = frozenset(C) - CLOSED - ORDERING
ASKABLE = frozenset({C.IDLE, C.REFUSED})
UNCERTAIN = frozenset({C.SENT, C.RESENT, C.REPORTED})
WAITING = UNCERTAIN | {C.GIVING_UP}
PAST_HOPE = frozenset({C.GIVING_UP, C.FORGETTING, C.ORDERED, C.UNCHANGED})
UNREPORTED = frozenset({C.SENT, C.RESENT, C.GIVING_UP})
SETTLED = frozenset({C.CANCELLING, C.FORGETTING, C.ORDERED, C.UNCHANGED})
TOLD = frozenset({C.INFORMED, C.UNANSWERED})
CERTAIN = TOLD | {C.CONFIRMED, C.CHANGED}
AFTER_SENDING = UNCERTAIN | PAST_HOPE | {C.CANCELLING}

# fmt: off
ARROWS = (
    #     step  cites     event                      from            to              kind
    *each("S1", "1a 10a", "take_request",            ASKABLE,        C.REQUESTED),
    *each("S1", "E01",    "refuse_unagreed",         ASKABLE,        C.REFUSED,      FAULT),
    *each("S1", "E08",    "refuse_unknown_card",     ASKABLE,        C.REFUSED,      FAULT),
    *each("S1", "1a",     "refuse_own_network",      ASKABLE,        C.REFUSED,      FAULT),
    *each("S1", "B06",    "refuse_second_request",   OPEN),
    Arrow("S1", "B10",    "refuse_outdated_request", C.IDLE,         C.REFUSED),
    *each("S1", "B02",    "refuse_repeated_request", C),
    *each("S1", "B02",    "repeat_request",          set(C) - {C.IDLE}, None,        FAULT),

    Arrow("S2", "1b 10b", "open_session",            C.REQUESTED,    C.CONNECTED),
    Arrow("S2", "1b",     "reject_impostor",         C.REQUESTED,    C.UNCHANGED,    FAULT),
    Arrow("S2", "1c",     "provide_identity",        C.CONNECTED,    C.CONNECTED),
    Arrow("S2", "1c",     "garble_identity",         C.CONNECTED,    C.CONNECTED,    FAULT),
    Arrow("S2", "E11",    "exhaust_pool",            C.CONNECTED,    C.CONNECTED,    FAULT),
    Arrow("S2", "1c 10b", "take_identity",           C.CONNECTED,    C.RESERVED),
    Arrow("S2", "E11",    "refuse_exhausted",        C.CONNECTED,    C.UNCHANGED),
    Arrow("S2", "1c B13", "refuse_identity",         C.CONNECTED,    C.CANCELLING),
    Arrow("S2", "B03",    "ask_again",               C.CONNECTED,    C.CONNECTED,    TIMER),
    Arrow("S2", "B05",    "stop_waiting",            C.CONNECTED,    C.CANCELLING,   TIMER),

    *only(Option.ACKNOWLEDGED,
        Arrow("S3", "9a E18", "ask_acknowledgement",    C.RESERVED,  C.ASKED),
        Arrow("S3", "9a",     "grant_acknowledgement",  C.ASKED,     C.ACKNOWLEDGED),
        Arrow("S3", "9b",     "refuse_acknowledgement", C.ASKED,     C.CANCELLING,   FAULT),
        Arrow("S3", "9b",     "miss_acknowledgement",   C.ASKED,     C.CANCELLING,   TIMER),
    ),

    Arrow("S3", "3b",     "retrieve_admin_code",     C.ACKNOWLEDGED, C.PREPARED),
    Arrow("S3", "1f",     "retrieve_wrong_code",     C.ACKNOWLEDGED, C.PREPARED,     FAULT),
    Arrow("S3", "6a",     "retrieve_wrong_keys",     C.ACKNOWLEDGED, C.PREPARED,     FAULT),
    *only(Option.UNACKNOWLEDGED,
        Arrow("S3", "3b", "retrieve_admin_code",     C.RESERVED,     C.PREPARED),
        Arrow("S3", "1f", "retrieve_wrong_code",     C.RESERVED,     C.PREPARED,     FAULT),
        Arrow("S3", "6a", "retrieve_wrong_keys",     C.RESERVED,     C.PREPARED,     FAULT),
    ),

    Arrow("S3", "1d 10c", "send_message",            C.PREPARED,     C.SENT),
    Arrow("S3", "B14",    "resend_message",          C.SENT,         C.RESENT,       TIMER),
    *each("S3", "B02",    "repeat_message",          AFTER_SENDING,  None,           FAULT),

    # A report stops the resending, but only operator 2 can make a change certain.
    *each("S4", "B14",    "hear_done",               UNCERTAIN,      C.REPORTED),
    *each("S4", "B14",    "hear_done",               CERTAIN | PAST_HOPE),
    # Who reports that nothing happened has nothing to forget.
    *each("S4", "1f B14", "hear_wrong_code",         UNREPORTED,     C.CANCELLING),
    *each("S4", "1f B14", "hear_wrong_code",         SETTLED),
    *each("S4", "E15 B14", "hear_refusal",           UNREPORTED,     C.CANCELLING),
    *each("S4", "E15 B14", "hear_refusal",           SETTLED),
    *each("S4", "B11 B14", "hear_blocked",           UNREPORTED,     C.CANCELLING),
    *each("S4", "B11 B14", "hear_blocked",           SETTLED),

    *each("S5", "E17",    "confirm_change",          WAITING,        C.CONFIRMED),
    Arrow("S5", "5a",     "inform_left",             C.CONFIRMED,    C.INFORMED),
    *each("S5", "5b",     "delete_subscriber",       TOLD),
    *each("S5", "5b",     "note_deletion",           TOLD,           C.CHANGED),
    Arrow("S5", "5a",     "stop_informing",          C.INFORMED,     C.UNANSWERED,   TIMER),

    # Uncertain ends by asking HLR2: it frees the identity, or it says that the change is certain.
    *each("S5", "B14",    "give_up",                 {C.RESENT, C.REPORTED}, C.GIVING_UP, TIMER),
    Arrow("S5", "B05",    "release_identity",        C.CANCELLING,   C.UNCHANGED),
    Arrow("S5", "B08",    "refuse_release",          C.GIVING_UP,    C.CONFIRMED),
    *only(Option.LITERAL,
        Arrow("S5", "B05", "release_identity",       C.GIVING_UP,    C.UNCHANGED),
    ),
    *only(Option.HARDENED,
        Arrow("S5", "B05", "release_identity",       C.GIVING_UP,    C.FORGETTING),
        Arrow("S5", "B04", "send_order",             C.FORGETTING,   C.ORDERED),
        *each("S5", "B14", "hear_receipt",           {C.ORDERED, C.UNCHANGED}, C.UNCHANGED),
        Arrow("S5", "B14", "leave_order",            C.ORDERED,      C.UNCHANGED,    TIMER),
    ),

    # It dies and starts again: its records are durable, what was said to it meanwhile is not.
    *each("S1", "B12",    "crash_server",            C,              None,           FAULT),

    Arrow("S1", "E21",    "turn_round",              C.CHANGED,      C.IDLE,         INTERNAL),
    Arrow("S1", "E21",    "start_over",              C.UNCHANGED,    C.IDLE,         INTERNAL),
    # Who is still to be told to forget may ask again: nothing of the change is uncertain.
    *only(Option.HARDENED,
        *each("S1", "B06 E21", "start_over",         ORDERING,       C.IDLE,         INTERNAL),
    ),
)

SEALING = (

    Arrow("S3", "3b",  "retrieve_admin_code", S.NONE,  S.RIGHT),
    Arrow("S3", "1f",  "retrieve_wrong_code", S.NONE,  S.WRONG_CODE, FAULT),
    Arrow("S3", "6a",  "retrieve_wrong_keys", S.NONE,  S.WRONG_KEYS, FAULT),
    Arrow("S1", "E21", "turn_round",          S.RIGHT, S.NONE,       INTERNAL),
    *each("S1", "E21", "start_over",          S,       S.NONE,       INTERNAL),
)
# fmt: on

COMPONENTS = (
    Component("application_server", ARROWS, Change.IDLE),
    Component("sealing", SEALING, Sealing.NONE),
)
