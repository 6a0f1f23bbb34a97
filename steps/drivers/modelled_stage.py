"""The model on a stage: its own events, and what would be seen of it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from enum import Enum

from model.application_server import Change
from model.bearer import Receipt, Report, Request
from model.card import Card
from model.device import Device
from model.errors import ForbiddenTransitionError
from model.home_register import Notice, Record
from model.system import PROGRESS, System, compose
from model.table import Kind, Option
from steps.driver import UnsettledError
from steps.drivers.model_line import REFUSED
from steps.drivers.stage import ObstacleError, PairView, Place, RecordView, Seen, ServerView

C, V, P = Change, ServerView, PairView
SERVER: Mapping[Change, ServerView] = {
    C.IDLE: V.NONE,
    C.REFUSED: V.NONE,
    C.REQUESTED: V.REQUESTED,
    C.CONNECTED: V.REQUESTED,
    C.RESERVED: V.REQUESTED,
    C.ASKED: V.ASKING,
    C.ACKNOWLEDGED: V.ASKING,
    C.PREPARED: V.SENT,
    C.SENT: V.SENT,
    C.RESENT: V.RESENT,
    C.REPORTED: V.REPORTED,
    C.CONFIRMED: V.CONFIRMED,
    C.INFORMED: V.CONFIRMED,
    C.UNANSWERED: V.UNANSWERED,
    C.CHANGED: V.DONE,
    C.CANCELLING: V.RELEASING,
    C.GIVING_UP: V.RELEASING,
    C.FORGETTING: V.ORDERING,
    C.ORDERED: V.ORDERING,
    C.UNCHANGED: V.ABANDONED,
}
PAIRS: Mapping[Card, tuple[PairView, PairView]] = {
    Card.OLD_ONLY: (P.OLD, P.NONE),
    Card.BOTH_NEW_ACTIVE: (P.NEW, P.OLD),
    Card.BOTH_OLD_ACTIVE: (P.OLD, P.NEW),
    Card.NEW_ONLY: (P.NEW, P.NONE),
    Card.STALE_ACTIVE: (P.STALE, P.OLD),
    Card.STALE_SEALED: (P.OLD, P.STALE),
    Card.STALE_ONLY: (P.STALE, P.NONE),
    Card.TORN: (P.NONE, P.NONE),
}
PLACES: Mapping[Device, Place] = {
    Device.SEARCHING: Place.NOWHERE,
    Device.ATTACHED_LEFT: Place.LEFT,
    Device.ATTACHED_JOINED: Place.JOINED,
}
RECORDS: Mapping[Record, RecordView] = {
    Record.FREE: RecordView.NOTHING,
    Record.RELEASED: RecordView.NOTHING,
    Record.RESERVED: RecordView.RESERVED,
    Record.ACTIVE: RecordView.ACTIVE,
}
NOT_UNDER_WAY: Mapping[str, frozenset[Enum]] = {
    "request": frozenset({Request.NONE}),
    "notice": frozenset({Notice.NONE}),
    "report": frozenset({Report.NONE, Report.GONE, Report.REFUSAL_GONE}),
    "receipt": frozenset({Receipt.NONE}),
}
MOST_EVENTS = 200
REFUSALS = REFUSED | {"refuse_centre"}


class ModelledStage:
    """See `Stage`."""

    def __init__(self, variant: Option, *, asks: bool) -> None:
        asking = Option.ACKNOWLEDGED if asks else Option.UNACKNOWLEDGED
        self.composition = compose(variant, asking)
        self._system = System(self.composition, invariants=())
        self._refused = 0

    def obstacle(self, event: str) -> str | None:
        """See `Stage`."""
        return None if self._system.allows(event) else "no arrow leads on by it"

    def carry_out(self, event: str) -> None:
        """See `Stage`."""
        reason = self.obstacle(event)
        if reason:
            raise ObstacleError(f"{event}: {reason}")
        self._system.fire(event)
        self._refused += event in REFUSALS

    def offer(self, event: str) -> bool:
        """See `Stage`. Whatever comes, the tables refuse it."""
        with suppress(ForbiddenTransitionError):
            self._system.fire(event)
        return True

    def seen(self) -> Seen:
        """See `Stage`."""
        state = self._system.state
        in_use, sealed = PAIRS[Card[state["card"].name]]
        return Seen(
            server=SERVER[C[state["application_server"].name]],
            left=RECORDS[Record[state["home_left"].name]],
            joined=RECORDS[Record[state["home_joined"].name]],
            in_use=in_use,
            sealed=sealed,
            device=PLACES[Device[state["device"].name]],
            refused=self._refused,
            under_way={
                name: state[name] not in states
                for name, states in NOT_UNDER_WAY.items()
                if name in state
            },
        )

    def drain(self) -> Seen:
        """See `Stage`."""
        kinds = self._system.composition.kinds
        for _ in range(MOST_EVENTS):
            todo = sorted(
                (event for event in self._system.enabled() if kinds[event] in PROGRESS),
                key=lambda event: kinds[event] is not Kind.NORMAL,
            )
            if not todo:
                return self.seen()
            self.carry_out(todo[0])
        raise UnsettledError(f"not at rest after {MOST_EVENTS} events")
