"""The application server AS [053] to [056]: events in, commands out.

Each event is one transaction of the store: what it decides is committed, with what has to be said,
before anything is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select

from impl.application_server import changes, messaging
from impl.application_server.admin_codes import AdminCodes, FileFormat
from impl.application_server.change import State
from impl.application_server.changes import ChangeRow, Wanted
from impl.application_server.config import ApplicationServerConfig
from impl.application_server.course import ChangeUnderWayError, Course
from impl.application_server.esme import TIMER as SESSION_TIMER
from impl.application_server.installation import Installations, InstallationView
from impl.application_server.messaging import MessagingModule
from impl.application_server.operators import Operators
from impl.application_server.reception import Reception
from impl.application_server.records import CARD_SECRETS, agreement, refusal
from impl.application_server.reports import Reports
from impl.codec.personalization import Outcome
from impl.crypto.vault import Vault
from impl.events import Arrived, Command, Event, Expired, Interface, Peer, Reconnected, Started
from impl.messages import RefusalReason
from impl.outbox import TAKEOVER_TIMER
from impl.outbox import TIMER as OUTBOX_TIMER
from impl.ports import Store, Surroundings
from impl.values import ICCID, MSISDN, PLMN, OtaKeys, Secret, TransactionId

# Made once: making a statement costs more than carrying it out.
_FIND_AGREEMENT = select(agreement.c.plmn).where(agreement.c.plmn == bindparam("wanted"))
_AGREE = insert(agreement)
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
    """Seconds since the epoch, as the next."""
    ended: float | None
    """None as long as it is open."""
    attempts: int
    """How often MesP left."""
    report: Outcome | None
    """What the card reported last."""


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Some changes, newest first."""

    changes: list[ChangeView]
    older: int | None
    """Where the next page begins, None if this is the last."""


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
        self._vault = vault = Vault(config.key_encryption_key, surroundings.random_octets)
        self._codes = AdminCodes(vault)
        self._messaging = MessagingModule(config)
        self._course = Course(config, surroundings, vault, self._codes, self._messaging)
        self._installations = Installations(self._codes, self._messaging)
        self._reception = Reception(surroundings, self._codes, self._messaging, self._course)
        self._operators = Operators(self._reception, self._course)
        self._reports = Reports(self._codes, self._messaging, self._course, self._installations)

    def agree(self, plmn: PLMN, name: str) -> None:
        """Note that the operator of `plmn` agreed on subscription change (S0) [059]."""
        with self._store.begin() as connection:
            if connection.execute(_FIND_AGREEMENT, {"wanted": plmn}).first() is None:
                connection.execute(_AGREE, {"plmn": plmn, "name": name})

    def import_cards(
        self, text: str | Iterable[str], file_format: FileFormat = FileFormat.CSV
    ) -> int:
        """Take a manufacturer's file (S0) [060], whole or line by line; return how many cards.

        Raises:
            CardFileError: lines cannot be taken. No card of the file was.
        """
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

    def demand_keys(self) -> None:
        """Make sure, before anything is said, that the keys open what is in the database.

        Raises:
            UnsealError: the key-encryption keys are not those of this database. Nothing changed.
        """
        CARD_SECRETS.demand_keys(self._store, self._vault)

    def reseal(self) -> int:
        """Seal everything anew that is not under the newest key-encryption key; return how much.

        It is done in short transactions between which the server serves; once it has ended, no
        older key is needed any more.
        """
        count = CARD_SECRETS.reseal(self._store, self._vault)
        with self._store.begin() as connection:
            names = changes.sealed(connection)
        for name in names:
            with self._store.begin() as connection:
                row = changes.find(connection, name)
                if row and row.identity and not self._vault.is_newest(row.identity):
                    identity = self._vault.reseal(row.identity, name)
                    changes.write(connection, row, identity=identity)
                    count += 1
        return count

    def remove_card(self, iccid: ICCID) -> None:
        """Forget a card: it cannot be personalized any more [067].

        Raises:
            ChangeUnderWayError: it is being personalized. Nothing was forgotten.
        """
        with self._store.begin() as connection:
            if changes.is_under_way(connection, iccid):
                raise ChangeUnderWayError
            self._codes.remove(connection, iccid)

    def install_application(self, iccid: ICCID) -> list[Command]:
        """Send a card the personalization application [051]; UnknownCardError if it is not there.

        What the card reports stands in `installations`.
        """
        with self._transaction() as connection:
            self._installations.begin(connection, iccid)
        return self._messaging.keep()

    def installations(self) -> list[InstallationView]:
        """Return the cards that the application was sent to, with what they reported."""
        with self._store.begin() as connection:
            return self._installations.all(connection)

    def inform_again(self, transaction: TransactionId) -> list[Command]:
        """Tell a left network again that never answered, once it is known why it did not.

        Nothing happens if the change is not unanswered, or not known.
        """
        with self._store.begin() as connection:
            row = changes.find(connection, transaction)
            return self._course.inform_again(connection, row) if row else []

    def changes(self, iccid: ICCID | None = None) -> list[ChangeView]:
        """Return all changes, or those of one card, oldest first."""
        with self._store.begin() as connection:
            return [_view(row) for row in changes.every(connection, iccid)]

    def changes_of(self, plmn: PLMN, wanted: Wanted) -> ChangePage:
        """Return changes that are the affair of an operator, newest first, a page at a time."""
        with self._store.begin() as connection:
            rows, older = changes.shown_to(connection, plmn, wanted)
        return ChangePage([_view(row) for row in rows], older)

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
        """Decide what follows from `event`. If the store fails nothing does."""
        return [*self._decide(event), *self._messaging.keep()]

    def _decide(self, event: Event) -> list[Command]:
        match event:
            case Reconnected(Peer(Interface.SMPP, name)):
                return self._messaging.bind(PLMN(name))
            case Arrived(Peer(Interface.SMPP, name), octets):
                return self._take_short_message(PLMN(name), octets)
            case Arrived(Peer(Interface.OPERATOR | Interface.CENTRE) as source, octets):
                with self._transaction() as connection:
                    return self._operators.take(connection, source, octets)
            case Expired(timer):
                return self._expire(timer)
            case Started():
                with self._transaction() as connection:
                    commands = self._course.restore(connection)
                return [*self._messaging.start(), *commands]
        return []

    def _expire(self, timer: str) -> list[Command]:
        kind, _, name = timer.partition("/")
        if kind == SESSION_TIMER:
            return self._messaging.expire(PLMN(name))
        with self._transaction() as connection:
            if kind == TAKEOVER_TIMER:
                return self._course.takeover.look(connection)
            if kind == OUTBOX_TIMER:
                return self._course.expire_question(connection, name)
            row = changes.find(connection, TransactionId(name))
            return self._course.expire(connection, row) if row else []

    def _take_short_message(self, plmn: PLMN, octets: bytes) -> list[Command]:
        commands, incoming = self._messaging.take(plmn, octets)
        if incoming is None:
            return commands
        with self._transaction() as connection:
            if isinstance(incoming, messaging.Expired):
                return [*commands, *self._reports.take_expiry(connection, incoming)]
            if not incoming.is_response:
                return [*commands, *self._reception.take_from_device(connection, incoming)]
            return [*commands, *self._reports.take(connection, incoming)]

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """Begin one that may send messages to cards; they leave when its caller keeps them."""
        try:
            with self._store.begin() as connection:
                yield connection
        except BaseException:
            self._messaging.undo()
            raise


def _view(row: ChangeRow) -> ChangeView:
    return ChangeView(
        TransactionId(row.transaction_id),
        ICCID(row.iccid),
        PLMN(row.source_plmn),
        PLMN(row.target_plmn),
        State(row.state),
        row.reason,
        row.opened,
        row.ended,
        row.attempts,
        None if row.report is None else Outcome(row.report),
    )
