"""What must never be, whatever goes wrong: each obligation as states that exclude each other.

An invariant is data, as a guard is: conjunctions of component states. Each has a witness, a state
that must be reachable, so that none holds only because nothing ever came near it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from model.application_server import CLOSED, OPEN, TOLD, Change, Sealing
from model.bearer import Message, Report, Request
from model.card import NEW_IN_USE, OLD_IN_USE, Card, Counter, Guesses, Holding
from model.customer_centre import Acknowledgement
from model.device import Device
from model.home_register import Notice, Record
from model.table import Needs, Option


class Moment(Enum):
    """When an invariant is held against a state."""

    ALWAYS = "in every state"
    AT_REST = "when no party has anything left to do and no timer runs"
    BEFORE = "whenever its event is about to happen"


@dataclass(frozen=True, eq=False)
class Invariant:
    """`never` lists what is excluded at `moment`; `witness` is what must be possible then."""

    cites: str
    sentence: str
    never: tuple[Needs, ...]
    witness: Needs
    moment: Moment = Moment.ALWAYS
    event: str = ""
    option: Option | None = None

    @property
    def reads(self) -> frozenset[str]:
        """The names of the components that decide it."""
        return frozenset(self.witness).union(*self.never)

    def broken_in(self, state: Mapping[str, Enum]) -> bool:
        """Whether `state` is one of those that are excluded."""
        return any(matches(needs, state) for needs in self.never)


def matches(needs: Needs, state: Mapping[str, Enum]) -> bool:
    """Whether every component that `needs` names is in a state that it gives."""
    return all(state[name] in states for name, states in needs.items())


C, R = Card, Record
BOTH = frozenset({C.BOTH_NEW_ACTIVE, C.BOTH_OLD_ACTIVE})
CHANGED_CARD = BOTH | {C.NEW_ONLY, C.TORN}
UNKNOWN = frozenset({R.FREE, R.RELEASED})
NOT_ATTACHED_YET = UNKNOWN | {R.RESERVED}
STAYED = CLOSED - {Change.CHANGED, Change.UNANSWERED}

INVARIANTS = (
    Invariant(
        "1d 3b",
        "MesP leaves only with IMSI2, AK2 and the admin code that was retrieved for the card",
        never=({"message": {Message.UNDER_WAY}, "sealing": {Sealing.NONE}},),
        witness={"message": {Message.UNDER_WAY}, "sealing": {Sealing.RIGHT}},
    ),
    Invariant(
        "1c",
        "an identity is taken only from a notice that is one of that network",
        never=({"notice": {Notice.NONE, Notice.MALFORMED}},),
        witness={"notice": {Notice.UNDER_WAY}},
        moment=Moment.BEFORE,
        event="take_identity",
    ),
    Invariant(
        "1f 4a",
        "a card that gets another card's admin code keeps what it has",
        never=({"sealing": {Sealing.WRONG_CODE}, "card": CHANGED_CARD},),
        witness={"sealing": {Sealing.WRONG_CODE}, "report": {Report.WRONG_CODE}},
    ),
    Invariant(
        "6a",
        "a card does not obey what was not enciphered with its own keys",
        never=({"sealing": {Sealing.WRONG_KEYS}, "card": CHANGED_CARD},),
        witness={"sealing": {Sealing.WRONG_KEYS}, "holding": {Holding.MESSAGE}},
    ),
    Invariant(
        "E15",
        "a card whose user refused keeps what it has",
        never=({"report": {Report.REFUSED, Report.REFUSAL_GONE}, "card": CHANGED_CARD},),
        witness={"report": {Report.REFUSED}},
    ),
    Invariant(
        "7a",
        "the card acts only on the complete message",
        never=({"holding": {Holding.NOTHING, Holding.SOME_PARTS}},),
        witness={"holding": {Holding.MESSAGE}},
        moment=Moment.BEFORE,
        event="replace_identity",
    ),
    Invariant(
        "9b",
        "without the acknowledgement of operator 1 no MesP leaves",
        never=(
            {
                "message": set(Message) - {Message.NONE},
                "acknowledgement": set(Acknowledgement) - {Acknowledgement.GRANTED},
            },
        ),
        witness={"acknowledgement": {Acknowledgement.REFUSED}},
        option=Option.ACKNOWLEDGED,
    ),
    Invariant(
        "B01",
        "the card never holds the identity of one pair with the key of the other",
        never=({"card": {C.TORN}},),
        witness={"card": {C.OLD_ONLY}, "holding": {Holding.MESSAGE}},
    ),
    Invariant(
        "B02",
        "a message that the card obeyed before changes nothing",
        never=({"counter": {Counter.AT_MESSAGE, Counter.AT_ORDER}},),
        witness={"counter": {Counter.BEHIND}},
        moment=Moment.BEFORE,
        event="replace_identity",
    ),
    Invariant(
        "B03 1p",
        "at rest a change has happened at all parties or at none, and no change is left open",
        never=(
            {"application_server": set(Change) - STAYED - {Change.CHANGED}},
            {"application_server": {Change.CHANGED}, "card": set(C) - {C.NEW_ONLY}},
            {"application_server": {Change.CHANGED}, "home_joined": set(R) - {R.ACTIVE}},
            {"application_server": {Change.CHANGED}, "home_left": set(R) - {R.FREE}},
            {
                "application_server": {Change.CHANGED},
                "device": set(Device) - {Device.ATTACHED_JOINED},
            },
            {"application_server": STAYED, "card": set(C) - OLD_IN_USE},
            {"application_server": STAYED, "home_joined": {R.ACTIVE, R.RESERVED}},
            {"application_server": STAYED, "home_left": set(R) - {R.ACTIVE}},
            {"application_server": STAYED, "device": set(Device) - {Device.ATTACHED_LEFT}},
        ),
        witness={"application_server": {Change.CHANGED}},
        moment=Moment.AT_REST,
    ),
    Invariant(
        "B04 1e",
        "the old pair is kept until the network that is joined accepted the new one",
        never=({"card": {C.NEW_ONLY}, "home_joined": NOT_ATTACHED_YET},),
        witness={"card": NEW_IN_USE, "home_joined": {R.RELEASED}},
    ),
    Invariant(
        "B05",
        "when the change has ended no identity stays reserved for it",
        never=({"application_server": CLOSED, "home_joined": {R.RESERVED}},),
        witness={"application_server": {Change.UNCHANGED}, "home_joined": {R.RELEASED}},
    ),
    Invariant(
        "B06",
        "a request is taken only when no change of that card is open",
        never=({"application_server": OPEN},),
        witness={"application_server": {Change.IDLE}},
        moment=Moment.BEFORE,
        event="take_request",
    ),
    Invariant(
        "B06",
        "of two requests for one card the second is refused while the change of the first is open",
        never=({"application_server": CLOSED},),
        witness={"application_server": {Change.SENT}, "request": {Request.FROM_CENTRE}},
        moment=Moment.BEFORE,
        event="refuse_second_request",
    ),
    Invariant(
        "B07 E28",
        "a card is attached with an identity only while that identity is its own",
        never=({"device": {Device.ATTACHED_JOINED}, "home_joined": NOT_ATTACHED_YET},),
        witness={"device": {Device.SEARCHING}, "card": NEW_IN_USE, "home_joined": {R.RELEASED}},
    ),
    Invariant(
        "B07",
        "an identity that a device attached with is not given back",
        never=({"home_joined": {R.ACTIVE}},),
        witness={"home_joined": {R.RESERVED}},
        moment=Moment.BEFORE,
        event="release_identity",
    ),
    Invariant(
        "B11",
        "a card that takes no admin code any more does not change",
        never=({"guesses": {Guesses.BLOCKED}},),
        witness={"sealing": {Sealing.RIGHT}},
        moment=Moment.BEFORE,
        event="replace_identity",
    ),
    Invariant(
        "B11",
        "a card that takes no admin code any more keeps what it has",
        never=({"guesses": {Guesses.BLOCKED}, "sealing": {Sealing.RIGHT}, "card": CHANGED_CARD},),
        witness={"guesses": {Guesses.BLOCKED}, "sealing": {Sealing.RIGHT}},
    ),
    Invariant(
        "B08",
        "a card is never left without a pair that some home register knows",
        never=(
            {"card": {C.OLD_ONLY, C.STALE_SEALED, C.STALE_ACTIVE}, "home_left": {R.FREE}},
            {"card": {C.NEW_ONLY}, "home_joined": UNKNOWN},
            {"card": BOTH, "home_left": {R.FREE}, "home_joined": UNKNOWN},
            {"card": {C.STALE_ONLY}},
        ),
        witness={"card": {C.BOTH_OLD_ACTIVE}, "home_left": {R.FREE}, "home_joined": {R.ACTIVE}},
    ),
    Invariant(
        "B08 E17 5b",
        "HLR1 deletes only after the network that is joined authenticated the card",
        never=(
            {"home_joined": NOT_ATTACHED_YET},
            {"application_server": set(Change) - TOLD},
        ),
        witness={"home_joined": {R.ACTIVE}, "card": {C.BOTH_OLD_ACTIVE}},
        moment=Moment.BEFORE,
        event="delete_subscriber",
    ),
)

CLAIMED = tuple(one for one in INVARIANTS if "B" not in one.cites)
"""Those that the claims alone demand: the literal reading keeps them, and breaks others."""

GOOD_ENDS: tuple[Needs, ...] = (
    {
        "application_server": {Change.CHANGED},
        "card": {C.NEW_ONLY},
        "home_left": {R.FREE},
        "home_joined": {R.ACTIVE},
        "device": {Device.ATTACHED_JOINED},
    },
    {
        "application_server": STAYED,
        "card": OLD_IN_USE,
        "home_left": {R.ACTIVE},
        "home_joined": UNKNOWN,
        "device": {Device.ATTACHED_LEFT},
    },
)
"""Changed, or unchanged, and all parties agree: one of them stays reachable (B03, B04, B14)."""
