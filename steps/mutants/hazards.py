"""Systems that fall to a hazard: power, repetition, loss, races, death, guessing, nonsense."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select, update

from impl.application_server import changes, operators, reception, records
from impl.application_server.change import Occasion
from impl.application_server.course import INFORM, Course
from impl.card import fallback, image
from impl.card.admin_code import AdminCode
from impl.card.fallback import Fallback
from impl.card.memory import Memory
from impl.card.pairs import Pairs
from impl.codec.security_parameters import PorStatus
from impl.device import registration
from impl.errors import MalformedError
from impl.events import Command, Send
from impl.messages import Noted
from impl.network import hlr
from impl.network.identity_pool import IdentityPool
from impl.network.records import SubscriberState, subscriber
from impl.network.subscriptions import Subscriptions
from impl.outbox import Outbox
from impl.values import Secret, TransactionId
from steps.drivers.patched import Patch, with_patches
from steps.mutants import Mutant

_take, _begin, _take_report = IdentityPool.take, Course.begin, Course.take_report


def _leave_torn(self: Memory) -> None:
    self._commit()


def _overwrite(self: Pairs, subscription: Any, transaction: TransactionId, **_: bool) -> None:
    here = self.active
    self._fill(here, subscription)
    image.PAIRS[here].origin.set_number(self._memory, image.TRANSACTION)
    image.PAIRS[here].transaction.write(self._memory, transaction.octets)
    self._activate(here)


def _accept_any_counter(*_: object) -> PorStatus:
    return PorStatus.OK


def _give_up_at_once(self: Course, connection: Connection, row: Any) -> list[Command]:
    return self.go_on(connection, row, Occasion.EXHAUSTED, reason="no-confirmation")


def _stay_with_new(self: Fallback, changes: int) -> None:
    del self, changes


def _keep_reserved(
    self: Subscriptions, connection: Connection, transaction: TransactionId
) -> list[Command]:
    del self, connection, transaction
    return []


def _close_the_other_first(self: Course, connection: Connection, card: Any, *rest: Any) -> Any:
    change = records.change
    own = change.c.card_key == records.card_key(card.iccid)
    connection.execute(update(change).where(own).values(card_key=-change.c.number))
    return _begin(self, connection, card, *rest)


def _give_one_to_all(self: IdentityPool, connection: Connection, iccid: Any, state: Any) -> Any:
    if state is SubscriberState.RESERVED:
        query = select(subscriber.c.imsi).where(subscriber.c.state == SubscriberState.ACTIVE)
        given = connection.execute(query).scalars().first()
        if given is not None:
            return self.of_imsi(connection, given)
    return _take(self, connection, iccid, state)


def _inform_on_report(
    self: Course, connection: Connection, row: Any, outcome: Any, counter: int
) -> list[Command]:
    commands = _take_report(self, connection, row, outcome, counter)
    told = [each for each in self._inform(connection, row) if isinstance(each, Send)]
    records.OUTBOX.drop(connection, INFORM + row.transaction_id)  # said once, and not again
    return [*commands, *told]


def _show(self: Secret) -> str:
    return self.reveal().hex()


def _take_from_anybody(operator: Any, request: Any) -> None:
    del operator, request


def _count_nothing(self: AdminCode) -> None:
    del self


def _forget_what_was_said(
    self: Outbox,
    connection: Connection,
    now: float,
    name: str | None = None,
    *,
    is_shared: bool = False,
) -> list[Command]:
    del self, connection, now, name, is_shared
    return []


def _note_nonsense(error: MalformedError) -> Noted:
    del error
    return Noted(id="1", transaction=TransactionId("00000000"))


def _know_only_the_left(*_: object, **__: object) -> None:
    """Find no change by the number that its card gets."""


MUTANTS = (
    Mutant(
        "tears-the-pair",
        breaks=("B01", "B04"),
        what="the card overwrites the old pair, and what was half written stays so",
        factory=with_patches(
            Patch(Memory, "_roll_back", _leave_torn), Patch(Pairs, "bring", _overwrite)
        ),
    ),
    Mutant(
        "takes-requests-again",
        breaks=("B02",),
        what="takes a request that was taken before",
        factory=with_patches(Patch(reception, "judge_counter", _accept_any_counter)),
    ),
    Mutant(
        "sends-once",
        breaks=("B03", "B14"),
        what="gives a message up when the first is not answered",
        factory=with_patches(Patch(Course, "expire", _give_up_at_once)),
    ),
    Mutant(
        "never-comes-back",
        breaks=("B04", "E16"),
        what="the card stays with the new pair though its network rejects it",
        factory=with_patches(Patch(Fallback, "_change", _stay_with_new)),
    ),
    Mutant(
        "believes-any-network",
        breaks=("B04",),
        what="device and card take the word of a foreign network that the card is invalid",
        factory=with_patches(
            Patch(registration, "MOST_UNPROVEN", 0),
            Patch(fallback, "ENDING_SEARCHES", frozenset()),
        ),
    ),
    Mutant(
        "hears-the-left-network-only",
        breaks=("B14",),
        what="takes no report that leaves the device in the joined network",
        factory=with_patches(Patch(changes, "joined_as", _know_only_the_left)),
    ),
    Mutant(
        "keeps-what-is-released",
        breaks=("B05", "9b", "1f", "B04"),
        what="the home register says that an identity is free, and keeps it reserved",
        factory=with_patches(Patch(Subscriptions, "end_lease", _keep_reserved)),
    ),
    Mutant(
        "serves-two-at-once",
        breaks=("B06",),
        what="opens a change of a card while another one is open",
        factory=with_patches(Patch(Course, "begin", _close_the_other_first)),
    ),
    Mutant(
        "gives-one-identity-to-all",
        breaks=("B07", "E10"),
        what="the home register gives the identity of a subscriber to the next",
        factory=with_patches(Patch(IdentityPool, "take", _give_one_to_all)),
    ),
    Mutant(
        "informs-too-early",
        breaks=("B08", "E17"),
        what="tells the left operator as soon as the card reports, before any attach",
        factory=with_patches(Patch(Course, "take_report", _inform_on_report)),
    ),
    Mutant(
        "shows-secrets",
        breaks=("B09",),
        what="keys and codes show what they are wherever they are written down",
        factory=with_patches(Patch(Secret, "__repr__", _show)),
    ),
    Mutant(
        "takes-from-anybody",
        breaks=("B10",),
        what="takes the word of an operator for another one",
        factory=with_patches(Patch(reception, "_check_operator", _take_from_anybody)),
    ),
    Mutant(
        "never-blocks",
        breaks=("B11",),
        what="the card does not count wrong admin codes",
        factory=with_patches(Patch(AdminCode, "count_guess", _count_nothing)),
    ),
    Mutant(
        "forgets-what-it-has-to-say",
        breaks=("B12",),
        what="what was kept to be said is not said again",
        factory=with_patches(Patch(Outbox, "send_again", _forget_what_was_said)),
    ),
    Mutant(
        "takes-nonsense",
        breaks=("B13",),
        what="answers what it could not read as if it were noted",
        factory=with_patches(
            Patch(operators, "answer_to_unread", _note_nonsense),
            Patch(hlr, "answer_to_unread", _note_nonsense),
        ),
    ),
)
