"""The bearer: short messages down to the card and up from it, lost, late, doubled and out of order.

Whatever was sent once may arrive any number of times and at any later moment, or never: each kind
of message is under way or gone, and what is gone can be repeated. So no bound on copies hides a
behaviour.
"""

from __future__ import annotations

from enum import Enum

from model.application_server import Sealing
from model.card import Counter, Guesses
from model.device import Device
from model.home_register import Record
from model.table import Arrow, Component, Kind, Needs, Option, each, only


class Request(Enum):
    """Req, on its way up."""

    NONE = "not under way"
    FROM_DEVICE = "under way as a short message"
    FROM_CENTRE = "under way from the customer centre of the operator that is joined"
    REPEATED = "under way once more, after the application server has had it"
    OUTDATED = "under way, and the card is another network's since this was asked"


class Message(Enum):
    """MesP, on its way down."""

    NONE = "never sent"
    UNDER_WAY = "under way, all parts"
    REST = "the parts that the card does not hold yet are under way"
    ALTERED = "under way, not as it was sent"
    GONE = "nothing under way any more"


class Order(Enum):
    """The order to forget the new pair, on its way down."""

    NONE = "never sent"
    UNDER_WAY = "under way"
    GONE = "nothing under way any more"


class Late(Enum):
    """MesP of an earlier change, which the card cannot tell from a new one."""

    NONE = "there is none"
    WAITING = "waits somewhere, and may come"


class Report(Enum):
    """PoR, what the card says of MesP, on its way up."""

    NONE = "never sent"
    DONE = "under way: changed"
    WRONG_CODE = "under way: the admin code is wrong"
    REFUSED = "under way: the user does not want to change"
    BLOCKED = "under way: no admin code is taken any more"
    GONE = "nothing under way any more"
    REFUSAL_GONE = "nothing under way any more, after the user refused"


class Receipt(Enum):
    """PoR, that the card has forgotten, on its way up."""

    NONE = "not under way"
    UNDER_WAY = "under way"


Q, M, F, L, P, T = Request, Message, Order, Late, Report, Receipt
FAULT, WISH, INTERNAL, TIMER = Kind.FAULT, Kind.WISH, Kind.INTERNAL, Kind.TIMER
ASKED_FOR = frozenset({Q.FROM_DEVICE, Q.FROM_CENTRE})
SENT = frozenset(M) - {M.NONE}
INTACT = frozenset({M.UNDER_WAY, M.REST})
REPORTED = frozenset({P.DONE, P.WRONG_CODE, P.BLOCKED})
UNHEARD = frozenset({P.NONE, P.WRONG_CODE, P.BLOCKED, P.GONE})

REACHABLE: Needs = {"device": {Device.ATTACHED_LEFT}, "home_left": {Record.ACTIVE}}
GENUINE: Needs = {"sealing": {Sealing.RIGHT}}
WRONG_CODE: Needs = {"sealing": {Sealing.WRONG_CODE}}
WRONGLY_SEALED: Needs = {"sealing": {Sealing.WRONG_CODE, Sealing.WRONG_KEYS}}
NOT_GENUINE: Needs = {"sealing": frozenset(Sealing) - {Sealing.RIGHT}}
BEHIND: Needs = {"counter": {Counter.BEHIND}}
OVERTAKEN: Needs = {"counter": {Counter.AT_MESSAGE, Counter.AT_ORDER}}
NOT_OBEYED: Needs = {"counter": {Counter.BEHIND, Counter.AT_MESSAGE}}
COUNTED: Needs = {"guesses": {Guesses.COUNTED}}
BLOCKED: Needs = {"guesses": {Guesses.BLOCKED}}
OBEYED: Needs = {"counter": {Counter.AT_ORDER}}
READABLE = REACHABLE | GENUINE
UNREAD = READABLE | NOT_OBEYED
WELL = GENUINE | COUNTED
IN_VAIN = GENUINE | BLOCKED

# fmt: off
REQUEST = (
    #     step  cites      event                      from           to             kind
    Arrow("S1", "2a 3a",   "request_change",          Q.NONE,        Q.FROM_DEVICE, WISH),
    Arrow("S1", "2b 3a E07", "ask_centre",            Q.NONE,        Q.FROM_CENTRE, WISH),
    Arrow("S1", "2b E07",  "decline_at_centre",       Q.NONE,        Q.NONE,        WISH),
    *each("S1", "1a 10a",  "take_request",            ASKED_FOR,     Q.NONE),
    # Who agreed on nothing has no session with the server: its centre cannot even ask.
    Arrow("S1", "E01",     "refuse_unagreed",         Q.FROM_DEVICE, Q.NONE,        FAULT),
    Arrow("S1", "E01 B10", "refuse_centre",           Q.FROM_CENTRE, Q.NONE,        FAULT),
    *each("S1", "E08",     "refuse_unknown_card",     ASKED_FOR,     Q.NONE,        FAULT),
    *each("S1", "1a",      "refuse_own_network",      ASKED_FOR,     Q.NONE,        FAULT),
    Arrow("S1", "3a",      "refuse_nameless_request", Q.FROM_DEVICE, Q.NONE,        FAULT),
    *each("S1", "B06",     "refuse_second_request",   ASKED_FOR,     Q.NONE),
    Arrow("S1", "B03",     "lose_request",            Q.FROM_DEVICE, Q.NONE,        FAULT),
    Arrow("S1", "B02",     "repeat_request",          Q.NONE,        Q.REPEATED,    FAULT),
    Arrow("S1", "B02",     "refuse_repeated_request", Q.REPEATED,    Q.NONE),
    Arrow("S1", "B10",     "refuse_outdated_request", Q.OUTDATED,    Q.NONE),
    *each("S1", "B10 E21", "turn_round",              ASKED_FOR,     Q.OUTDATED,    INTERNAL),
    *each("S1", "E21",     "turn_round",              {Q.NONE, Q.REPEATED}, None,   INTERNAL),
)

MESSAGE = (
    #     step  cites      event                     from         to           kind, only if
    Arrow("S3", "1d E13",  "send_message",           M.NONE,      M.UNDER_WAY),
    *each("S3", "B14",     "resend_message",         SENT,        M.UNDER_WAY, TIMER),
    Arrow("S3", "B02",     "repeat_message",         M.GONE,      M.UNDER_WAY, FAULT),
    Arrow("S3", "11a E13", "receive_message",        M.UNDER_WAY, M.GONE,      needs=REACHABLE),
    Arrow("S3", "7a",      "receive_some_parts",     M.UNDER_WAY, M.REST,      needs=REACHABLE),
    Arrow("S3", "7a",      "receive_rest",           M.REST,      M.GONE,      needs=REACHABLE),
    *each("S3", "7a B02",  "repeat_part",            SENT,        None, FAULT, REACHABLE),
    *each("S3", "B03 7a",  "lose_message",           INTACT | {M.ALTERED}, M.GONE, FAULT),
    *each("S3", "6a",      "alter_message",          INTACT,      M.ALTERED,   FAULT),
    Arrow("S3", "6a B13",  "refuse_altered_message", M.ALTERED,   M.GONE,      needs=REACHABLE),
    *each("S3", "B12",     "crash_message_centre",   M,           None,        FAULT),
    *each("S1", "E21",     "turn_round",             SENT,        M.NONE,      INTERNAL),
    *each("S1", "E21",     "start_over",             M,           M.NONE,      INTERNAL),
)

ORDER = (
    #     step  cites    event           from         to           kind, only if
    Arrow("S5", "B04",   "send_order",   F.NONE,      F.UNDER_WAY),
    Arrow("S5", "B04",   "obey_order",   F.UNDER_WAY, F.GONE, needs=READABLE | NOT_OBEYED),
    Arrow("S5", "B02",   "refuse_order", F.UNDER_WAY, F.GONE, needs=READABLE | OBEYED),
    Arrow("S5", "1f 6a", "refuse_order", F.UNDER_WAY, F.GONE, needs=REACHABLE | WRONGLY_SEALED),
    Arrow("S5", "B11",   "refuse_order", F.UNDER_WAY, F.GONE, needs=UNREAD | BLOCKED),
    Arrow("S5", "B03",   "lose_order",   F.UNDER_WAY, F.GONE,      FAULT),
    Arrow("S5", "B02",   "repeat_order", F.GONE,      F.UNDER_WAY, FAULT),
    *each("S1", "E21",   "start_over",   F,           F.NONE,      INTERNAL),
)

LATE = (
    # What the card had before, it refuses by its counter (hardened only). What it never had, it
    # cannot tell from a new message - until it has obeyed a newer one.
    #     step  cites  event                from       to         kind, only if
    Arrow("S3", "B03", "obey_late_message", L.WAITING, L.WAITING, FAULT,    REACHABLE | BEHIND),
    Arrow("S1", "B02", "start_over",        L.NONE,    L.NONE,    INTERNAL, NOT_GENUINE),
    Arrow("S1", "B02", "start_over",        L.NONE,    L.NONE,    INTERNAL, GENUINE | OVERTAKEN),
    Arrow("S1", "B03", "start_over",        L.NONE,    L.WAITING, INTERNAL, GENUINE | BEHIND),
    Arrow("S1", "B03", "start_over",        L.WAITING, L.WAITING, INTERNAL, BEHIND),
    Arrow("S1", "B02", "start_over",        L.WAITING, L.NONE,    INTERNAL, OVERTAKEN),
    *only(Option.HARDENED, *each("S1", "B02", "turn_round", L, L.NONE, INTERNAL)),
    *only(Option.LITERAL, *each("S1", "B03", "turn_round", L, L.WAITING, INTERNAL)),
)

REPORT = (
    #     step  cites     event                from             to            kind, only if
    Arrow("S4", "B14",    "replace_identity",  P.NONE,          P.DONE),
    *each("S4", "1f B14", "refuse_wrong_code", {P.NONE, P.WRONG_CODE, P.GONE}, P.WRONG_CODE),
    *each("S4", "B11 B14", "block_admin_code", {P.NONE, P.WRONG_CODE, P.GONE}, P.WRONG_CODE, FAULT),
    *each("S4", "B11 B14", "refuse_blocked",   UNHEARD,         P.BLOCKED),
    *only(Option.HARDENED,
        *each("S4", "B14", "answer_again",     {P.DONE, P.GONE}, P.DONE),
    ),
    Arrow("S4", "E15 B14", "refuse_by_user",   P.NONE,          P.REFUSED,    FAULT),
    Arrow("S4", "B14",    "hear_done",         P.DONE,          P.GONE),
    Arrow("S4", "1f B14", "hear_wrong_code",   P.WRONG_CODE,    P.GONE),
    Arrow("S4", "E15 B14", "hear_refusal",     P.REFUSED,       P.REFUSAL_GONE),
    Arrow("S4", "B11 B14", "hear_blocked",     P.BLOCKED,       P.GONE),
    *each("S4", "B03",    "lose_report",       REPORTED,        P.GONE,       FAULT),
    Arrow("S4", "B03",    "lose_report",       P.REFUSED,       P.REFUSAL_GONE, FAULT),
    Arrow("S4", "B02",    "repeat_report",     P.REFUSAL_GONE,  P.REFUSED,    FAULT),
    Arrow("S4", "B02",    "repeat_report",     P.GONE,          P.DONE,       FAULT, WELL),
    Arrow("S4", "B02",    "repeat_report",     P.GONE,          P.WRONG_CODE, FAULT, WRONG_CODE),
    Arrow("S4", "B02",    "repeat_report",     P.GONE,          P.BLOCKED,    FAULT, IN_VAIN),
    *each("S1", "E21",    "turn_round",        {P.DONE, P.GONE}, P.NONE,      INTERNAL),
    *each("S1", "E21",    "start_over",        P,               P.NONE,       INTERNAL),
)

RECEIPT = (
    #     step  cites  event           from         to           kind
    Arrow("S5", "B14", "obey_order",   T.NONE,      T.UNDER_WAY),
    Arrow("S5", "B14", "hear_receipt", T.UNDER_WAY, T.NONE),
    Arrow("S5", "B03", "lose_receipt", T.UNDER_WAY, T.NONE, FAULT),
    *each("S1", "E21", "start_over",   T,           T.NONE, INTERNAL),
)
# fmt: on

COMPONENTS = (
    Component("request", REQUEST, Request.NONE),
    Component("message", MESSAGE, Message.NONE),
    Component("order", ORDER, Order.NONE, Option.HARDENED),
    Component("late", LATE, Late.NONE),
    Component("report", REPORT, Report.NONE),
    Component("receipt", RECEIPT, Receipt.NONE, Option.HARDENED),
)
