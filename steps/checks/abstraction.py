"""What is seen of a system, as what the model may say of its own state then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum

from model.application_server import Change
from model.bearer import Receipt, Report, Request
from model.card import Card
from model.device import Device
from model.home_register import Notice, Record
from steps.drivers.stage import PairView, Place, RecordView, Seen, ServerView

C = Change
# What the implementation does in one transaction is several events of the model, and it does it
# with the last of them: until then the server is seen where it was.
SERVER: Mapping[ServerView, frozenset[Change]] = {
    ServerView.NONE: frozenset({C.IDLE, C.REFUSED}),
    ServerView.REQUESTED: frozenset({C.REQUESTED, C.CONNECTED, C.RESERVED}),
    ServerView.ASKING: frozenset({C.ASKED, C.ACKNOWLEDGED}),
    ServerView.SENT: frozenset({C.PREPARED, C.SENT}),
    ServerView.RESENT: frozenset({C.RESENT}),
    ServerView.REPORTED: frozenset({C.REPORTED}),
    ServerView.CONFIRMED: frozenset({C.CONFIRMED, C.INFORMED}),
    ServerView.DONE: frozenset({C.CHANGED}),
    ServerView.UNANSWERED: frozenset({C.UNANSWERED}),
    ServerView.RELEASING: frozenset({C.CANCELLING, C.GIVING_UP}),
    ServerView.ORDERING: frozenset({C.FORGETTING, C.ORDERED}),
    ServerView.ABANDONED: frozenset({C.UNCHANGED}),
}
RECORDS: Mapping[RecordView, frozenset[Record]] = {
    RecordView.NOTHING: frozenset({Record.FREE, Record.RELEASED}),
    RecordView.RESERVED: frozenset({Record.RESERVED}),
    RecordView.ACTIVE: frozenset({Record.ACTIVE}),
}
P = PairView
CARDS: Mapping[tuple[PairView, PairView], Card] = {
    (P.OLD, P.NONE): Card.OLD_ONLY,
    (P.NEW, P.OLD): Card.BOTH_NEW_ACTIVE,
    (P.OLD, P.NEW): Card.BOTH_OLD_ACTIVE,
    (P.NEW, P.NONE): Card.NEW_ONLY,
    (P.STALE, P.OLD): Card.STALE_ACTIVE,
    (P.OLD, P.STALE): Card.STALE_SEALED,
    (P.STALE, P.NONE): Card.STALE_ONLY,
}
DEVICES: Mapping[Place, Device] = {
    Place.NOWHERE: Device.SEARCHING,
    Place.LEFT: Device.ATTACHED_LEFT,
    Place.JOINED: Device.ATTACHED_JOINED,
}
UNDER_WAY: Mapping[str, frozenset[Enum]] = {
    "request": frozenset(Request) - {Request.NONE},
    "notice": frozenset({Notice.UNDER_WAY, Notice.MALFORMED}),
    "report": frozenset({Report.DONE, Report.WRONG_CODE, Report.REFUSED, Report.BLOCKED}),
    "receipt": frozenset({Receipt.UNDER_WAY}),
}
DELIVERED_LATER = {"notice": frozenset({C.RESERVED})}
"""The server has it in the model, and gets it with the next event in the implementation."""


def differences(seen: Seen, state: Mapping[str, Enum]) -> Iterator[str]:
    """Yield in what a system and a state of the model differ, as sentences."""
    card = CARDS.get((seen.in_use, seen.sealed), Card.TORN)
    possible: dict[str, frozenset[Enum]] = {
        "application_server": frozenset(SERVER[seen.server]),
        "home_left": frozenset(RECORDS[seen.left]),
        "home_joined": frozenset(RECORDS[seen.joined]),
        "card": frozenset({card}),
        "device": frozenset({DEVICES[seen.device]}),
    }
    for name, states in possible.items():
        if state[name] not in states:
            names = " or ".join(sorted(one.name for one in states))
            yield f"{name} is {names}, in the model {state[name].name}"
    for name, is_there in seen.under_way.items():
        if name not in state or state["application_server"] in DELIVERED_LATER.get(name, ()):
            continue
        expected = state[name] in UNDER_WAY[name]
        if is_there is not expected:
            says = "is under way" if is_there else "is not under way"
            yield f"{name} {says}, in the model it is {state[name].name}"
