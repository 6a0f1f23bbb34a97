"""The course of one change: what the server does when its state changes.

State, outbox and counters are written in the caller's transaction; the commands that come back are
carried out after its commit. Everything said to operators is named by transaction and kept until it
is answered; everything said to the card is said again under a new counter.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Update, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from impl.application_server.admin_codes import AdminCodes, CardRecord
from impl.application_server.change import OPEN, Occasion, State, follow
from impl.application_server.config import ApplicationServerConfig
from impl.application_server.messaging import MessagingModule
from impl.application_server.records import OUTBOX, card_key, change
from impl.application_server.vault import Vault
from impl.codec.operator import decode_operator, encode_operator
from impl.codec.personalization import Forget, Outcome, PersonalizationCommand, Replace
from impl.errors import MalformedError, RefusedError
from impl.events import Command, Interface, Peer, SetTimer, StopTimer
from impl.messages import (
    AskAcknowledgement,
    IdentityNotice,
    InformLeft,
    OperatorMessage,
    ReleaseIdentity,
    ReserveIdentity,
)
from impl.ports import Surroundings
from impl.values import ICCID, PLMN, TransactionId

TIMER = "change"
RESERVE, ASK, RELEASE, INFORM = "reserve:", "ask:", "release:", "inform:"

QUESTIONS = {State.REQUESTED: RESERVE, State.ASKING: ASK, State.RELEASING: RELEASE}
"""What is asked in a state: once the state is left, the answer is no longer waited for."""

ChangeRow = Row[Any]


# Made once: making a statement costs more than carrying it out.
_OPEN = insert(change)
_FIND = select(change).where(change.c.transaction_id == bindparam("wanted"))
_NEWEST = (
    select(change)
    .where(change.c.card_key == bindparam("wanted"))
    .order_by(change.c.opened.desc())
    .limit(1)
)
_DUE = select(change).where(change.c.due.is_not(None))


class ChangeUnderWayError(RefusedError):
    """Another change of this card is open. It goes on as if nothing had been asked."""


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
        self._config = config
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
        transaction = TransactionId(self._surroundings.random_octets(4).hex())
        row = {
            "transaction_id": transaction,
            "card_key": card_key(card.iccid),
            "iccid": card.iccid,
            "source_plmn": source,
            "target_plmn": target,
            "state": State.REQUESTED,
            "open": 1,
            "opened": self._surroundings.now(),
            "attempts": 0,
            "orders": 0,
        }
        try:
            with connection.begin_nested():
                connection.execute(_OPEN, row)
        except IntegrityError:
            raise ChangeUnderWayError("a change of this card is under way") from None
        question = ReserveIdentity(
            id=RESERVE + transaction, transaction=transaction, iccid=card.iccid
        )
        return transaction, self._tell(connection, Interface.OPERATOR, target, question)

    def find(self, connection: Connection, transaction: TransactionId) -> ChangeRow | None:
        """Return the row of a change."""
        return connection.execute(_FIND, {"wanted": transaction}).one_or_none()

    def newest(self, connection: Connection, iccid: ICCID) -> ChangeRow | None:
        """Return the row of the change of this card that was opened last."""
        return connection.execute(_NEWEST, {"wanted": card_key(iccid)}).one_or_none()

    def go_on(
        self, connection: Connection, row: ChangeRow, occasion: Occasion, reason: str = ""
    ) -> list[Command]:
        """Let `occasion` move a change on; nothing happens if it does not concern it."""
        state = follow(State(row.state), occasion)
        if state is None:
            return []
        written: dict[str, object] = {"state": state, "due": None}
        if state not in OPEN:
            written["open"] = None
        if reason:
            written["reason"] = reason
        _write(connection, row, **written)
        commands: list[Command] = [StopTimer(_timer(row))]
        if question := QUESTIONS.get(State(row.state)):
            commands += OUTBOX.drop(connection, question + row.transaction_id)
        return commands + self._enter(connection, row, state, occasion)

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
        _write(connection, row, identity=sealed)
        asks = self._config.asks_for_acknowledgement
        occasion = Occasion.IDENTITY_TO_ASK if asks else Occasion.IDENTITY
        return self.go_on(connection, self._again(connection, row), occasion)

    def expire(self, connection: Connection, row: ChangeRow) -> list[Command]:
        """Go on after the timer of a change ran out."""
        match State(row.state):
            case State.ASKING:
                return self.go_on(connection, row, Occasion.NOT_GRANTED, reason="no-answer")
            case State.SENT if row.attempts < self._config.attempts:
                return self._send_message(connection, row)
            case State.ABANDONED:
                return self._send_order(connection, row)
        return self.go_on(connection, row, Occasion.EXHAUSTED, reason="no-confirmation")

    def expire_question(self, connection: Connection, name: str) -> list[Command]:
        """Ask an operator again, or give up after as many attempts as messages have."""
        question, separator, transaction = name.rpartition(":")
        row = self.find(connection, TransactionId(transaction))
        tried = OUTBOX.attempts(connection, name)
        gives_up = question + separator in {RESERVE, RELEASE} and tried >= self._config.attempts
        if row is None or not gives_up:
            return OUTBOX.send_again(connection, name)
        return self.go_on(connection, row, Occasion.EXHAUSTED, reason="no-answer")

    def restore(self, connection: Connection) -> list[Command]:
        """Go on after a restart: every question is asked again, every timer is set."""
        commands = OUTBOX.send_again(connection)
        now = self._surroundings.now()
        for row in connection.execute(_DUE).all():
            remaining_s = max(0.0, row.due - now)
            commands.append(SetTimer(_timer(row), remaining_s))
        return commands

    def end_order(self, connection: Connection, row: ChangeRow) -> list[Command]:
        """Stop telling the card to forget: it reported."""
        _write(connection, row, due=None)
        return [StopTimer(_timer(row))]

    def note_report(self, connection: Connection, row: ChangeRow, outcome: int) -> None:
        """Keep what the card reported last."""
        _write(connection, row, report=outcome)

    def _enter(
        self, connection: Connection, row: ChangeRow, state: State, occasion: Occasion
    ) -> list[Command]:
        if state is State.ABANDONED:
            # A card that reported a refusal holds nothing that it could forget.
            may_hold = row.attempts and row.report in {None, Outcome.DONE}
            forgets = occasion is Occasion.RELEASED and may_hold
            return self._send_order(connection, row) if forgets else []
        entries = {
            State.SENT: self._send_message,
            State.ASKING: self._ask,
            State.PERSONALIZED: self._await_confirmation,
            State.RELEASING: self._release,
            State.CONFIRMED: self._inform,
            State.DONE: self._close,
        }
        return entries[state](connection, row)

    def _ask(self, connection: Connection, row: ChangeRow) -> list[Command]:
        """Ask the left operator whether its subscriber may go [079]."""
        transaction = TransactionId(row.transaction_id)
        question = AskAcknowledgement(
            id=ASK + transaction,
            transaction=transaction,
            iccid=ICCID(row.iccid),
            plmn=PLMN(row.target_plmn),
        )
        commands = self._tell(connection, Interface.CENTRE, PLMN(row.source_plmn), question)
        return [*commands, self._wait(connection, row, self._config.acknowledgement_wait_s)]

    def _await_confirmation(self, connection: Connection, row: ChangeRow) -> list[Command]:
        return [self._wait(connection, row, self._config.confirmation_wait_s)]

    def _release(self, connection: Connection, row: ChangeRow) -> list[Command]:
        """Give the identity back, unless a device attached with it."""
        transaction = TransactionId(row.transaction_id)
        message = ReleaseIdentity(id=RELEASE + transaction, transaction=transaction)
        return self._tell(connection, Interface.OPERATOR, PLMN(row.target_plmn), message)

    def _inform(self, connection: Connection, row: ChangeRow) -> list[Command]:
        """Tell the left operator, now that the change is certain [078]."""
        transaction = TransactionId(row.transaction_id)
        message = InformLeft(
            id=INFORM + transaction, transaction=transaction, iccid=ICCID(row.iccid)
        )
        return self._tell(connection, Interface.OPERATOR, PLMN(row.source_plmn), message)

    def _close(self, connection: Connection, row: ChangeRow) -> list[Command]:
        """Note that the card is a card of the joined network."""
        notice = self._notice(row)
        self._codes.settle(connection, ICCID(row.iccid), PLMN(row.target_plmn), notice.msisdn)
        return OUTBOX.drop(connection, INFORM + row.transaction_id)

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
        )
        _write(connection, row, attempts=row.attempts + 1)
        return self._send_to_card(connection, row, card, command)

    def _send_order(self, connection: Connection, row: ChangeRow) -> list[Command]:
        """Tell the card to forget the released pair, as often as a message is sent."""
        if row.orders >= self._config.attempts:
            return self.end_order(connection, row)
        _write(connection, row, orders=row.orders + 1)
        card = self._codes.find(connection, ICCID(row.iccid))
        order = Forget(
            transaction=TransactionId(row.transaction_id),
            iccid=card.iccid,
            admin_code=self._messaging.code_field(card),
        )
        return self._send_to_card(connection, row, card, order)

    def _send_to_card(
        self,
        connection: Connection,
        row: ChangeRow,
        card: CardRecord,
        command: PersonalizationCommand,
    ) -> list[Command]:
        counter = card.sent_counter + 1
        self._codes.count_sent(connection, card.iccid, counter)
        timer = self._wait(connection, row, self._config.resend_after_s)
        return [*self._messaging.send(card, command, counter), timer]

    def _tell(
        self, connection: Connection, interface: Interface, plmn: PLMN, message: OperatorMessage
    ) -> list[Command]:
        target = Peer(interface, plmn)
        return OUTBOX.put(connection, message.id, target, encode_operator(message))

    def _wait(self, connection: Connection, row: ChangeRow, after_s: float) -> SetTimer:
        _write(connection, row, due=self._surroundings.now() + after_s)
        return SetTimer(_timer(row), after_s)

    def _notice(self, row: ChangeRow) -> IdentityNotice:
        notice = decode_operator(self._vault.unseal(row.identity, row.transaction_id))
        if not isinstance(notice, IdentityNotice):
            raise MalformedError("change.identity", "is no identity notice")
        return notice

    def _again(self, connection: Connection, row: ChangeRow) -> ChangeRow:
        return connection.execute(_FIND, {"wanted": row.transaction_id}).one()


@cache
def _setting(*names: str) -> Update:
    """Return the statement that sets these columns of the change `wanted`."""
    values: dict[str, Any] = {name: bindparam(name) for name in names}
    return update(change).where(change.c.transaction_id == bindparam("wanted")).values(values)


def _write(connection: Connection, row: ChangeRow, **values: object) -> None:
    connection.execute(_setting(*values), {"wanted": row.transaction_id, **values})


def _timer(row: ChangeRow) -> str:
    return f"{TIMER}/{row.transaction_id}"
