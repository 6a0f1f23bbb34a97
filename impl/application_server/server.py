"""The application server AS [053] to [056]: events in, commands out.

Each event is one transaction of the store: what it decides is committed, with what has to be said,
before anything is said.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select

from impl.application_server.admin_codes import AdminCodes, FileFormat
from impl.application_server.change import Occasion, State
from impl.application_server.config import ApplicationServerConfig
from impl.application_server.course import RESERVE, ChangeRow, Course
from impl.application_server.messaging import Incoming, MessagingModule
from impl.application_server.reception import Reception
from impl.application_server.records import agreement, card, change, refusal
from impl.application_server.vault import Vault
from impl.codec.operator import answer_to_unread, decode_operator, encode_operator
from impl.codec.personalization import Outcome, decode_result
from impl.codec.security_parameters import PorStatus
from impl.errors import MalformedError, RefusedError
from impl.events import (
    Arrived,
    Command,
    Event,
    Expired,
    Interface,
    Peer,
    Reconnected,
    Send,
    Started,
)
from impl.messages import (
    Acknowledgement,
    ChangeTaken,
    ConfirmChange,
    IdentityInUse,
    IdentityNotice,
    IdentityReleased,
    Malformed,
    Noted,
    OperatorMessage,
    Refusal,
    RefusalReason,
    RequestChange,
)
from impl.outbox import TIMER as OUTBOX_TIMER
from impl.ports import Store, Surroundings
from impl.values import ICCID, MSISDN, PLMN, OtaKeys, Secret, TransactionId

# Made once: making a statement costs more than carrying it out.
_FIND_AGREEMENT = select(agreement.c.plmn).where(agreement.c.plmn == bindparam("wanted"))
_AGREE = insert(agreement)
_CHANGES = select(change).order_by(change.c.opened)
_CHANGES_OF_CARD = _CHANGES.where(change.c.iccid == bindparam("wanted"))
_LAST_CHANGE_OF_NUMBER = (
    select(change)
    .join(card, card.c.key == change.c.card_key)
    .where(card.c.msisdn == bindparam("msisdn"), card.c.plmn == bindparam("plmn"))
    .order_by(change.c.opened.desc())
    .limit(1)
)
_REFUSALS = select(refusal).order_by(refusal.c.id)


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A change as an operator of the server sees it."""

    transaction: TransactionId
    iccid: ICCID
    source: PLMN
    target: PLMN
    state: State
    reason: str | None
    opened: float
    """Seconds since the epoch."""
    attempts: int
    """How often MesP left."""
    report: Outcome | None
    """What the card reported last."""


@dataclass(frozen=True, slots=True)
class RefusalView:
    """A request that was not taken, as an operator of the server sees it."""

    at: float
    iccid: ICCID
    plmn: PLMN
    sender: str
    reason: RefusalReason


class ApplicationServer:
    """The node."""

    def __init__(
        self, config: ApplicationServerConfig, store: Store, surroundings: Surroundings
    ) -> None:
        self._store = store
        vault = Vault(config.key_encryption_key, surroundings.random_octets)
        self._codes = AdminCodes(vault)
        self._messaging = MessagingModule(config)
        self._course = Course(config, surroundings, vault, self._codes, self._messaging)
        self._reception = Reception(surroundings, self._codes, self._course)

    def agree(self, plmn: PLMN, name: str) -> None:
        """Note that the operator of `plmn` agreed on subscription change (S0) [059]."""
        with self._store.begin() as connection:
            if connection.execute(_FIND_AGREEMENT, {"wanted": plmn}).first() is None:
                connection.execute(_AGREE, {"plmn": plmn, "name": name})

    def import_cards(self, text: str, file_format: FileFormat = FileFormat.CSV) -> int:
        """Take a manufacturer's file (S0) [060]; return how many cards. See `AdminCodes`."""
        with self._store.begin() as connection:
            return self._codes.import_file(connection, text, file_format)

    def subscribe(self, iccid: ICCID, plmn: PLMN, msisdn: MSISDN) -> None:
        """Note whose card it becomes with its first subscription (S0) [061]."""
        with self._store.begin() as connection:
            self._codes.settle(connection, iccid, plmn, msisdn)

    def replace_admin_code(self, iccid: ICCID, admin_code: Secret) -> None:
        """Store another admin code for a card; UnknownCardError if it is not there."""
        with self._store.begin() as connection:
            self._codes.replace_admin_code(connection, iccid, admin_code)

    def replace_keys(self, iccid: ICCID, keys: OtaKeys) -> None:
        """Store another over-the-air keyset for a card; UnknownCardError if it is not there."""
        with self._store.begin() as connection:
            self._codes.replace_keys(connection, iccid, keys)

    def remove_card(self, iccid: ICCID) -> None:
        """Forget a card: it cannot be personalized any more [067]."""
        with self._store.begin() as connection:
            self._codes.remove(connection, iccid)

    def changes(self, iccid: ICCID | None = None) -> list[ChangeView]:
        """Return all changes, or those of one card, oldest first."""
        query, wanted = (_CHANGES, {}) if iccid is None else (_CHANGES_OF_CARD, {"wanted": iccid})
        with self._store.begin() as connection:
            return [_view(row) for row in connection.execute(query, wanted).all()]

    def refusals(self) -> list[RefusalView]:
        """Return the requests that were not taken, oldest first."""
        with self._store.begin() as connection:
            rows = connection.execute(_REFUSALS).all()
        return [
            RefusalView(
                row.at, ICCID(row.iccid), PLMN(row.plmn), row.sender, RefusalReason(row.reason)
            )
            for row in rows
        ]

    def handle(self, event: Event) -> list[Command]:
        """Decide what follows from `event`."""
        with self._store.begin() as connection:
            match event:
                case Started():
                    return [*self._messaging.bind(), *self._course.restore(connection)]
                case Reconnected(Peer(Interface.SMPP, name)):
                    return self._messaging.bind(PLMN(name))
                case Arrived(Peer(Interface.SMPP, name), octets):
                    return self._take_short_message(connection, PLMN(name), octets)
                case Arrived(Peer(Interface.OPERATOR | Interface.CENTRE) as source, octets):
                    return self._take_operator_message(connection, source, octets)
                case Expired(timer):
                    return self._expire(connection, timer)
        return []

    def _expire(self, connection: Connection, timer: str) -> list[Command]:
        kind, _, name = timer.partition("/")
        if kind == OUTBOX_TIMER:
            return self._course.expire_question(connection, name)
        row = self._course.find(connection, TransactionId(name))
        return self._course.expire(connection, row) if row else []

    def _take_short_message(
        self, connection: Connection, plmn: PLMN, octets: bytes
    ) -> list[Command]:
        commands, incoming = self._messaging.take(plmn, octets)
        if incoming is None:
            return commands
        if incoming.is_response:
            return [*commands, *self._take_report(connection, incoming)]
        return [*commands, *self._reception.take_from_device(connection, incoming)]

    def _take_report(self, connection: Connection, incoming: Incoming) -> list[Command]:
        """Take the card's report (PoR) on the change that was opened last for it."""
        row = self._change_of(connection, incoming)
        if row is None:
            return []
        try:
            record = self._codes.find(connection, ICCID(row.iccid))
            report = self._messaging.open_report(record, incoming.packet)
            result = decode_result(report.data) if report.status is PorStatus.OK else None
        except (MalformedError, RefusedError):
            return []  # not this card's words: the change's timer sends the message again
        if result is None or not report.is_authentic or result.transaction != row.transaction_id:
            return []
        if State(row.state) is State.ABANDONED:
            return self._course.end_order(connection, row)
        self._course.note_report(connection, row, result.outcome)
        if result.outcome is Outcome.DONE:
            return self._course.go_on(connection, row, Occasion.CARD_CHANGED)
        reason = result.outcome.name.lower().replace("_", "-")
        return self._course.go_on(connection, row, Occasion.CARD_REFUSED, reason)

    def _change_of(self, connection: Connection, incoming: Incoming) -> ChangeRow | None:
        wanted = {"msisdn": incoming.sender, "plmn": incoming.plmn}
        return connection.execute(_LAST_CHANGE_OF_NUMBER, wanted).one_or_none()

    def _take_operator_message(
        self, connection: Connection, source: Peer, octets: bytes
    ) -> list[Command]:
        try:
            message = decode_operator(octets)
        except MalformedError as error:
            return [Send(source, encode_operator(answer_to_unread(error)))]
        if isinstance(message, RequestChange):
            return self._take_request(connection, source, message)
        if isinstance(message, ConfirmChange):
            return self._take_confirmation(connection, source, message)
        if isinstance(message, Refusal | Malformed):
            return self._take_refusal(connection, source, message)
        return self._take_answer(connection, source, message)

    def _take_request(
        self, connection: Connection, source: Peer, request: RequestChange
    ) -> list[Command]:
        operator = PLMN(source.name)
        taken, commands = self._reception.take_from_operator(connection, operator, request)
        answer: OperatorMessage = (
            Refusal(id=request.id, reason=taken)
            if isinstance(taken, RefusalReason)
            else ChangeTaken(id=request.id, transaction=taken)
        )
        return [Send(source, encode_operator(answer)), *commands]

    def _take_confirmation(
        self, connection: Connection, source: Peer, message: ConfirmChange
    ) -> list[Command]:
        """Take the word of operator 2 that the card authenticated [078]."""
        row = self._named(connection, message.transaction)
        if row is None or not _joins(source, row):
            answer = Refusal(id=message.id, reason=RefusalReason.UNKNOWN_TRANSACTION)
            return [Send(source, encode_operator(answer))]
        commands = self._course.go_on(connection, row, Occasion.CONFIRMED)
        noted = Noted(id=message.id, transaction=message.transaction)
        return [Send(source, encode_operator(noted)), *commands]

    def _take_refusal(
        self, connection: Connection, source: Peer, message: Refusal | Malformed
    ) -> list[Command]:
        """Take that a question of ours is not answered: only a reservation ends by it."""
        question, separator, transaction = message.id.rpartition(":")
        row = self._named(connection, transaction)
        if question + separator != RESERVE or row is None or not _joins(source, row):
            return []
        reason = message.reason if isinstance(message, Refusal) else "malformed"
        return self._course.go_on(connection, row, Occasion.NO_IDENTITY, reason)

    def _take_answer(
        self, connection: Connection, source: Peer, message: OperatorMessage
    ) -> list[Command]:
        """Take an answer from the operator whose it is to give, and from no other."""
        row = self._named(connection, getattr(message, "transaction", ""))
        if row is None:
            return []
        if isinstance(message, IdentityNotice) and _joins(source, row):
            return self._course.take_identity(connection, row, message)
        occasion, reason = None, ""
        if isinstance(message, IdentityReleased) and _joins(source, row):
            occasion = Occasion.RELEASED
        elif isinstance(message, IdentityInUse) and _joins(source, row):
            occasion = Occasion.CONFIRMED
        elif isinstance(message, Noted) and _leaves(source, row, Interface.OPERATOR):
            occasion = Occasion.INFORMED
        elif isinstance(message, Acknowledgement) and _leaves(source, row, Interface.CENTRE):
            occasion = Occasion.GRANTED if message.granted else Occasion.NOT_GRANTED
            reason = "" if message.granted else "not-acknowledged"
        return self._course.go_on(connection, row, occasion, reason) if occasion else []

    def _named(self, connection: Connection, transaction: str) -> ChangeRow | None:
        try:
            return self._course.find(connection, TransactionId(transaction))
        except MalformedError:
            return None


def _joins(source: Peer, row: ChangeRow) -> bool:
    """Whether the home register of the joined network speaks."""
    return source == (Interface.OPERATOR, row.target_plmn)


def _leaves(source: Peer, row: ChangeRow, interface: Interface) -> bool:
    """Whether the left network speaks, on the link of that kind."""
    return source == (interface, row.source_plmn)


def _view(row: ChangeRow) -> ChangeView:
    return ChangeView(
        TransactionId(row.transaction_id),
        ICCID(row.iccid),
        PLMN(row.source_plmn),
        PLMN(row.target_plmn),
        State(row.state),
        row.reason,
        row.opened,
        row.attempts,
        None if row.report is None else Outcome(row.report),
    )
