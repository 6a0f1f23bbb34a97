"""What cards report (PoR) on messages to them: whose words it is, and about which change.

What is not surely the card's own is dropped: the timer of its change sends the message again. So
does the network's report that it gave a message up, at once.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from impl.application_server import changes
from impl.application_server.admin_codes import AdminCodes, CardRecord
from impl.application_server.change import State
from impl.application_server.changes import ChangeRow
from impl.application_server.course import Course
from impl.application_server.installation import Installations
from impl.application_server.messaging import Expired, Incoming, MessagingModule
from impl.codec.ota_profile import CARD_MANAGER_TAR, CPA_TAR, USIM_FILES_TAR
from impl.codec.personalization import Outcome, decode_result
from impl.codec.remote_command import RemoteResponse
from impl.codec.replacement_script import outcome_of
from impl.codec.secured_packet import ResponsePacket, peek_response_tar
from impl.codec.security_parameters import PorStatus
from impl.errors import MalformedError, RefusedError
from impl.events import Command
from impl.values import ICCID

SAYING: Final = frozenset({State.SENT, State.ABANDONED})
"""States in which something is said to a card, and its report awaited."""


class Reports:
    """Takes reports, within the caller's transaction."""

    def __init__(
        self,
        codes: AdminCodes,
        messaging: MessagingModule,
        course: Course,
        installations: Installations,
    ) -> None:
        self._codes = codes
        self._messaging = messaging
        self._course = course
        self._installations = installations

    def take(self, connection: Connection, incoming: Incoming) -> list[Command]:
        """Take a report, by the application of the card that it is from.

        It comes from the card's own number, or, if the card has changed networks before it spoke,
        from the one that it has by its open change.
        """
        try:
            tar = peek_response_tar(incoming.packet)
        except MalformedError:
            return []
        if tar == CARD_MANAGER_TAR:
            self._installations.take_report(connection, incoming)
            return []
        sender = (incoming.plmn, incoming.sender)
        row = changes.newest_of_number(connection, *sender) or changes.joined_as(
            connection, *sender
        )
        return self._take(connection, incoming, row) if row else []

    def take_expiry(self, connection: Connection, expired: Expired) -> list[Command]:
        """Say again at once what the network gave up, or give up too: waiting is of no use."""
        row = changes.newest_of_number(connection, expired.plmn, expired.receiver)
        if row is None or State(row.state) not in SAYING:
            return []
        return self._course.expire(connection, row)

    def _take(self, connection: Connection, incoming: Incoming, newest: ChangeRow) -> list[Command]:
        try:
            card = self._codes.find(connection, ICCID(newest.iccid))
            report = self._messaging.open_report(card, incoming.packet)
            if report.status is not PorStatus.OK or not report.is_authentic:
                return []
            row, outcome = _read(connection, newest, card, report)
        except (MalformedError, RefusedError):
            return []
        return self._course.take_report(connection, row, outcome, report.counter) if row else []


def _read(
    connection: Connection, newest: ChangeRow, card: CardRecord, report: ResponsePacket
) -> tuple[ChangeRow | None, Outcome]:
    """Return which change of the card a report is about, and what it says of it."""
    if report.tar == USIM_FILES_TAR:
        outcome = outcome_of(RemoteResponse.decode(report.data))
        return newest if _is_of(newest, card, report) else None, outcome
    result = decode_result(report.data)
    if result.transaction is None or report.tar != CPA_TAR:
        return None, result.outcome
    if result.transaction == newest.transaction_id:
        return newest, result.outcome
    row = changes.find(connection, result.transaction)
    return row if row and row.card_key == newest.card_key else None, result.outcome


def _is_of(newest: ChangeRow, card: CardRecord, report: ResponsePacket) -> bool:
    """Whether the answer to a script, which names no change, is to a message of this open one."""
    first = card.sent_counter - newest.attempts + 1
    return bool(newest.open) and first <= report.counter <= card.sent_counter
