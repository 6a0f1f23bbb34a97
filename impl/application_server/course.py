"""The course of one change: what the server does when its state changes.

State, outbox and counters are written in the caller's transaction; the commands that come back are
carried out after its commit. Everything said to operators is named by transaction and kept until it
is answered; everything said to the card is said again under a new counter.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from sqlalchemy import Connection

from impl.application_server import changes
from impl.application_server.admin_codes import AdminCodes, CardRecord, UnknownCardError
from impl.application_server.change import CERTAIN, COMPLETE, OPEN, Occasion, State, follow
from impl.application_server.changes import ChangeRow
from impl.application_server.config import ApplicationServerConfig
from impl.application_server.messaging import MessagingModule
from impl.application_server.records import OUTBOX, card_key
from impl.application_server.takeover import Takeover, change_timer
from impl.codec.operator import decode_operator, encode_operator
from impl.codec.personalization import Forget, Outcome, PersonalizationCommand, Replace
from impl.crypto.vault import Vault
from impl.errors import MalformedError, RefusedError
from impl.events import Command, Interface, Peer, SetTimer, StopTimer
from impl.messages import (
    AskAcknowledgement,
    IdentityNotice,
    InformLeft,
    OperatorMessage,
    RefusalReason,
    ReleaseIdentity,
    ReserveIdentity,
)
from impl.ports import Surroundings
from impl.values import ICCID, PLMN, TransactionId

RESERVE, ASK, RELEASE, INFORM = "reserve:", "ask:", "release:", "inform:"

QUESTIONS: Final = {
    State.REQUESTED: RESERVE,
    State.ASKING: ASK,
    State.RELEASING: RELEASE,
    State.CONFIRMED: INFORM,
    State.UNANSWERED: INFORM,
    State.OVERTAKEN: INFORM,
}
"""What is asked in a state: once the state is left, the answer is no longer waited for."""

TAKEN: Final = frozenset({Outcome.DONE, Outcome.CONFIRMED})
"""Reports of a card that uses the new identity."""
MAY_HOLD: Final = frozenset({None, Outcome.DONE, Outcome.CHANGED_BACK})
"""Last reports of a card that may have the new identity, in use or sealed, when it is released."""

MOST_DRAWS = 8
"""How many names are drawn for a change until one is new."""


class ChangeUnderWayError(RefusedError):
    """Another change of this card is open. It goes on as if nothing had been asked."""

    def __init__(self) -> None:
        super().__init__("a change of this card is under way")


class UnbelievedError(RefusedError):
    """A confirmation that cannot be true, or not be acted on now. Nothing was written."""

    def __init__(self, reason: RefusalReason) -> None:
        super().__init__(f"confirmation refused: {reason}")
        self.reason = reason


class Course:
    """Moves changes on."""

    def __init__(
        self,
        config: ApplicationServerConfig,
        surroundings: Surroundings,
        vault: Vault,
        codes: AdminCodes,
        messaging: MessagingModule,
    ) -> None:
        self.takeover = Takeover(config.takeover_s, surroundings)
        self._config = config
        self._waits_s = {
            State.ASKING: config.acknowledgement_wait_s,
            State.PERSONALIZED: config.confirmation_wait_s,
        }
        self._surroundings = surroundings
        self._vault = vault
        self._codes = codes
        self._messaging = messaging

    def begin(
        self, connection: Connection, card: CardRecord, source: PLMN, target: PLMN
    ) -> tuple[TransactionId, list[Command]]:
        """Open a change of `card` from network `source` to `target` (S2).

        Raises:
            ChangeUnderWayError: one is open. Nothing was written.
        """
        transaction = self._put(connection, card.iccid, source, target)
        question = ReserveIdentity(
            id=RESERVE + transaction, transaction=transaction, iccid=card.iccid
        )
        return transaction, self._tell(connection, Interface.OPERATOR, target, question)

    def go_on(
        self,
        connection: Connection,
        row: ChangeRow,
        occasion: Occasion,
        reason: str | None = None,
        **facts: Any,
    ) -> list[Command]:
        """Let `occasion` move a change on; nothing happens if it does not concern it.

        `facts` are columns of the change that are written with its state.
        """
        state = follow(State(row.state), occasion)
        if state is None:
            return []
        now, wait_s = self._surroundings.now(), self._waits_s.get(state)
        facts |= {"state": state, "due": None if wait_s is None else now + wait_s}
        if reason or state is State.CONFIRMED:
            facts["reason"] = reason
        if (state in OPEN) is not bool(row.open):
            facts |= {"open": 1, "ended": None} if state in OPEN else {"open": None, "ended": now}
        # Once the card is settled, or the identity is free again, nobody needs the keys.
        is_over = state in COMPLETE or occasion is Occasion.RELEASED
        changes.write(connection, row, **facts, **({"identity": None} if is_over else {}))
        commands: list[Command] = [] if row.due is None else [StopTimer(change_timer(row))]
        if wait_s is not None:
            commands = [SetTimer(change_timer(row), wait_s)]
        if question := QUESTIONS.get(State(row.state)):
            commands += OUTBOX.drop(connection, question + row.transaction_id)
        return commands + self._enter(connection, row._replace(**facts), occasion)

    def take_identity(
        self, connection: Connection, row: ChangeRow, notice: IdentityNotice
    ) -> list[Command]:
        """Take MesN [069]: keep it sealed, then send MesP or ask the left operator first."""
        if State(row.state) is not State.REQUESTED:
            return []
        target = PLMN(row.target_plmn)
        if not notice.imsi.is_of(target) or notice.iccid not in {None, row.iccid}:
            return self.go_on(connection, row, Occasion.EXHAUSTED, reason="unusable-identity")
        sealed = self._vault.seal(encode_operator(notice), row.transaction_id)
        asks = self._config.asks_for_acknowledgement
        occasion = Occasion.IDENTITY_TO_ASK if asks else Occasion.IDENTITY
        return self.go_on(connection, row, occasion, identity=sealed, joined_msisdn=notice.msisdn)

    def take_report(
        self, connection: Connection, row: ChangeRow, outcome: Outcome, counter: int
    ) -> list[Command]:
        """Take what the card reported (PoR) on the packet of that counter, about this change."""
        if row.first_order is not None and counter >= row.first_order:
            return self.end_order(connection, row)
        occasion, reason = Occasion.CARD_CHANGED, None
        if outcome not in TAKEN:
            occasion, reason = Occasion.CARD_REFUSED, outcome.name.lower().replace("_", "-")
        if follow(State(row.state), occasion) is None:
            changes.write(connection, row, report=outcome)
            return []
        return self.go_on(connection, row, occasion, reason, report=outcome)

    def confirm(self, connection: Connection, row: ChangeRow) -> list[Command]:
        """Take the joined operator's word that a device authenticated with the identity [078].

        A change that was given up without an answer is confirmed even late. Where a later change
        has taken the card elsewhere since, the joined network is one that it has left again.

        Raises:
            UnbelievedError: no message ever left, the identity was released, or a later change of
                the card has to end first.
        """
        if State(row.state) in CERTAIN:
            return []
        if row.identity is None or not row.attempts:
            raise UnbelievedError(RefusalReason.UNKNOWN_TRANSACTION)
        later = set() if row.open else changes.later_states(connection, row)
        if later & OPEN:
            raise UnbelievedError(RefusalReason.CHANGE_UNDER_WAY)
        occasion = Occasion.CONFIRMED_LATE if later & COMPLETE else Occasion.CONFIRMED
        return self.go_on(connection, row, occasion)

    def expire(self, connection: Connection, row: ChangeRow) -> list[Command]:
        """Go on after the timer of a change ran out."""
        if row.due is None:
            return []  # it was stopped, but had run out already
        if waits := self.takeover.waits(row):
            return waits
        match State(row.state):
            case State.ASKING:
                return self.go_on(connection, row, Occasion.NOT_GRANTED, reason="no-answer")
            case State.SENT if row.attempts < self._config.attempts:
                return self._send_message(connection, row)
            case State.ABANDONED:
                return self._send_order(connection, row)
        return self.go_on(connection, row, Occasion.EXHAUSTED, reason="no-confirmation")

    def expire_question(self, connection: Connection, name: str) -> list[Command]:
        """Ask an operator again, or give up after as many attempts as the question has.

        That the card left is said for longer than the rest: nobody but the left network can delete.
        """
        question, separator, transaction = name.rpartition(":")
        row = changes.find(connection, TransactionId(transaction))
        if waits := self.takeover.waits_to_ask(connection, name):
            return waits
        attempts, config = OUTBOX.attempts(connection, name), self._config
        bounds = {RESERVE: config.attempts, RELEASE: config.attempts}
        bounds[INFORM] = config.inform_attempts
        bound = bounds.get(question + separator)
        if row is None or bound is None or attempts < bound:
            now, is_shared = self._surroundings.now(), self.takeover.is_shared
            return OUTBOX.send_again(connection, now, name, is_shared=is_shared)
        return self.go_on(connection, row, Occasion.EXHAUSTED, reason="no-answer")

    def inform_again(self, connection: Connection, row: ChangeRow) -> list[Command]:
        """Tell the left network once more, which did not answer; else nothing happens."""
        if State(row.state) is not State.UNANSWERED:
            return []
        return self._inform(connection, row)

    def restore(self, connection: Connection) -> list[Command]:
        """Go on after a restart: every question is asked again, every timer is set."""
        now = self._surroundings.now()
        commands = OUTBOX.send_again(connection, now)
        for row in changes.due(connection):
            assert row.due is not None
            commands.append(SetTimer(change_timer(row), max(0.0, row.due - now)))
        return commands + self.takeover.look_again()

    def end_order(self, connection: Connection, row: ChangeRow) -> list[Command]:
        """Stop telling the card to forget."""
        changes.write(connection, row, due=None)
        return [StopTimer(change_timer(row))]

    def _put(
        self, connection: Connection, iccid: ICCID, source: PLMN, target: PLMN
    ) -> TransactionId:
        """Write a new change under a name that no other ever had.

        Raises:
            ChangeUnderWayError: another is open, or no draw was new, as good randomness never does.
        """
        for _ in range(MOST_DRAWS):
            transaction = TransactionId(self._surroundings.random_octets(4).hex())
            is_new = changes.put(
                connection,
                transaction_id=transaction,
                card_key=card_key(iccid),
                iccid=iccid,
                source_plmn=source,
                target_plmn=target,
                state=State.REQUESTED,
                open=1,
                opened=self._surroundings.now(),
                attempts=0,
                orders=0,
            )
            if is_new:
                return transaction
            if changes.is_under_way(connection, iccid):
                break
        raise ChangeUnderWayError

    def _enter(self, connection: Connection, row: ChangeRow, occasion: Occasion) -> list[Command]:
        match State(row.state):
            case State.ABANDONED if occasion is Occasion.RELEASED and row.attempts:
                is_told = self._messaging.can_order_forgetting and row.report in MAY_HOLD
                return self._send_order(connection, row) if is_told else []
            case State.OVERTAKEN if occasion is Occasion.CONFIRMED_LATE:
                return self._inform(connection, row)
            case state if enter := self._entries().get(state):
                return enter(connection, row)
        return []

    def _entries(self) -> dict[State, Callable[[Connection, ChangeRow], list[Command]]]:
        """Return what is done first in a state, however it was entered."""
        return {
            State.SENT: self._send_message,
            State.ASKING: self._ask,
            State.RELEASING: self._release,
            State.CONFIRMED: self._inform,
            State.DONE: self._close,
            State.UNANSWERED: self._close,
        }

    def _ask(self, connection: Connection, row: ChangeRow) -> list[Command]:
        """Ask the left operator whether its subscriber may go [079]."""
        transaction = TransactionId(row.transaction_id)
        question = AskAcknowledgement(
            id=ASK + transaction,
            transaction=transaction,
            iccid=ICCID(row.iccid),
            plmn=PLMN(row.target_plmn),
        )
        return self._tell(connection, Interface.CENTRE, PLMN(row.source_plmn), question)

    def _release(self, connection: Connection, row: ChangeRow) -> list[Command]:
        """Give the identity back, unless a device attached with it."""
        transaction = TransactionId(row.transaction_id)
        message = ReleaseIdentity(id=RELEASE + transaction, transaction=transaction)
        return self._tell(connection, Interface.OPERATOR, PLMN(row.target_plmn), message)

    def _inform(self, connection: Connection, row: ChangeRow) -> list[Command]:
        """Tell the operator that the card left, now that this is certain [078]."""
        transaction = TransactionId(row.transaction_id)
        message = InformLeft(
            id=INFORM + transaction, transaction=transaction, iccid=ICCID(row.iccid)
        )
        return self._tell(connection, Interface.OPERATOR, left_network(row), message)

    def _close(self, connection: Connection, row: ChangeRow) -> list[Command]:
        """Note that the card is a card of the joined network, unless that was noted before."""
        if row.identity is None:
            return []
        with suppress(UnknownCardError):  # it may have been removed when all seemed over
            msisdn = self._notice(row).msisdn
            self._codes.settle(connection, ICCID(row.iccid), PLMN(row.target_plmn), msisdn)
        return []

    def _send_message(self, connection: Connection, row: ChangeRow) -> list[Command]:
        """Send MesP [072] under a new counter, and wait for the report."""
        card = self._codes.find(connection, ICCID(row.iccid))
        notice = self._notice(row)
        command = Replace(
            transaction=TransactionId(row.transaction_id),
            iccid=card.iccid,
            admin_code=self._messaging.code_field(card),
            plmn=PLMN(row.target_plmn),
            imsi=notice.imsi,
            k=notice.k,
            opc=notice.opc,
            msisdn=notice.msisdn,
            service_centre=notice.service_centre,
            extra=self._config.further_contents,
            algorithm=notice.algorithm,
        )
        return self._send_to_card(connection, row, card, command, attempts=row.attempts + 1)

    def _send_order(self, connection: Connection, row: ChangeRow) -> list[Command]:
        """Tell the card to forget the released pair, as often as a message is sent."""
        if row.orders >= self._config.attempts:
            return self.end_order(connection, row)
        try:
            card = self._codes.find(connection, ICCID(row.iccid))
        except UnknownCardError:  # nobody knows any more how to speak to it
            return self.end_order(connection, row)
        order = Forget(
            transaction=TransactionId(row.transaction_id),
            iccid=card.iccid,
            admin_code=self._messaging.code_field(card),
        )
        first = row.first_order or card.sent_counter + 1
        return self._send_to_card(
            connection, row, card, order, orders=row.orders + 1, first_order=first
        )

    def _send_to_card(
        self,
        connection: Connection,
        row: ChangeRow,
        card: CardRecord,
        command: PersonalizationCommand,
        **counts: int,
    ) -> list[Command]:
        wait_s = self._config.resend_after_s
        changes.write(connection, row, due=self._surroundings.now() + wait_s, **counts)
        counter = card.sent_counter + 1
        self._codes.count_sent(connection, card.iccid, counter)
        self._messaging.send(card, command, counter)
        return [SetTimer(change_timer(row), wait_s)]

    def _tell(
        self, connection: Connection, interface: Interface, plmn: PLMN, message: OperatorMessage
    ) -> list[Command]:
        target = Peer(interface, plmn)
        octets, now = encode_operator(message), self._surroundings.now()
        return OUTBOX.put(connection, message.id, target, octets, now)

    def _notice(self, row: ChangeRow) -> IdentityNotice:
        notice = decode_operator(self._vault.unseal(row.identity or b"", row.transaction_id))
        if not isinstance(notice, IdentityNotice):
            raise MalformedError("change.identity", "is no identity notice")
        return notice


def left_network(row: ChangeRow) -> PLMN:
    """Return the network that is told that the card left, if this change is certain."""
    return PLMN(row.target_plmn if row.state == State.OVERTAKEN else row.source_plmn)
