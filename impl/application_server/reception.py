"""Whether a request is taken: origin, agreement, card, counter, and one change at a time (S1).

What is not taken is written down with its reason; nothing else changes.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, insert, select

from impl.application_server.admin_codes import AdminCodes, CardRecord, UnknownCardError
from impl.application_server.course import ChangeUnderWayError, Course
from impl.application_server.messaging import Incoming, MessagingModule
from impl.application_server.records import agreement, refusal
from impl.codec.ota_profile import request_header
from impl.codec.personalization import decode_request
from impl.codec.secured_packet import open_command, peek_data
from impl.codec.security_parameters import CounterMode, PorStatus, judge_counter
from impl.errors import MalformedError, RefusedError
from impl.events import Command
from impl.messages import ChangeRequest, RefusalReason, RequestChange, SendCode
from impl.ports import Surroundings
from impl.values import ICCID, PLMN, TransactionId

# Made once: making a statement costs more than carrying it out.
_AGREED: Final = select(agreement.c.plmn)
_AGREEMENTS: Final = select(agreement.c.plmn, agreement.c.name)
_NOTE: Final = insert(refusal)

CODE_TEXT: Final = "Code {} for your move to {}. Not you? Ignore."
"""With the longest name, no longer than one short message of UCS2."""
LONGEST_NAME: Final = 40
"""Octets of the name there, two or four a character."""


class RequestRefusedError(RefusedError):
    """A request is not taken. Nothing but the refusal was written."""

    def __init__(self, reason: RefusalReason) -> None:
        super().__init__(f"request refused: {reason}")
        self.reason = reason


class Reception:
    """Takes requests of devices and of operators, or refuses them."""

    def __init__(
        self,
        surroundings: Surroundings,
        codes: AdminCodes,
        messaging: MessagingModule,
        course: Course,
    ) -> None:
        self._surroundings = surroundings
        self._codes = codes
        self._messaging = messaging
        self._course = course

    def take_from_device(self, connection: Connection, incoming: Incoming) -> list[Command]:
        """Take Req as a card sent it [064] [067].

        A packet of which not even the card can be read leaves no trace: anybody can send such.
        """
        try:
            request = decode_request(peek_data(incoming.packet))
        except MalformedError:
            return []
        try:
            card = self._authentic(connection, incoming, request)
            _, commands = self._open(connection, card, request.plmn)
        except RequestRefusedError as error:
            sender = f"{incoming.plmn}/{incoming.sender}"
            self._note(connection, request.iccid, request.plmn, sender, error.reason)
            return []
        return commands

    def take_from_operator(
        self, connection: Connection, operator: PLMN, request: RequestChange
    ) -> tuple[TransactionId | RefusalReason, list[Command]]:
        """Take Req as an operator sent it for a user who agreed [066]."""
        try:
            _check_operator(operator, request)
            card = self._known(connection, request.iccid)
            return self._open(connection, card, request.plmn)
        except RequestRefusedError as error:
            self._note(connection, request.iccid, request.plmn, operator, error.reason)
            return error.reason, []

    def send_code(
        self, connection: Connection, operator: PLMN, request: SendCode
    ) -> RefusalReason | None:
        """Send the holder of a card the code of the operator whose customer they want to become.

        Nothing is written: whether a card is there, its holder alone learns. The words are the
        server's own, so that an operator cannot send texts under its number.
        """
        names = {row.plmn: row.name for row in connection.execute(_AGREEMENTS)}
        try:
            _check_network(operator, request.plmn)
            card = self._known(connection, request.iccid)
        except RequestRefusedError as error:
            return error.reason
        if operator not in names or card.plmn not in names:
            return RefusalReason.NO_AGREEMENT
        code, name = request.code.reveal().decode(), _shortened(names[operator])
        self._messaging.send_text(card, CODE_TEXT.format(code, name))
        return None

    def _authentic(
        self, connection: Connection, incoming: Incoming, request: ChangeRequest
    ) -> CardRecord:
        """Return the card that surely sent this request, just now and from its own network.

        What the packet says of its own security is the sender's choice: it has to be what the
        server demands, or anybody could ask without a key.
        """
        card = self._known(connection, request.iccid)
        demanded = request_header(card.keys)
        try:
            parameters = open_command(incoming.packet, card.keys).parameters
        except (MalformedError, RefusedError):
            raise RequestRefusedError(RefusalReason.NOT_AUTHORIZED) from None
        is_secured = parameters.spi1.meets(demanded.spi1) and parameters.tar == demanded.tar
        counter = parameters.counter
        judged = judge_counter(CounterMode.HIGHER, counter, card.seen_counter)
        if not is_secured or judged is not PorStatus.OK or incoming.plmn != card.plmn:
            raise RequestRefusedError(RefusalReason.NOT_AUTHORIZED)
        self._codes.count_seen(connection, card.iccid, counter)
        return card

    def _known(self, connection: Connection, iccid: ICCID) -> CardRecord:
        try:
            return self._codes.find(connection, iccid)
        except UnknownCardError:
            raise RequestRefusedError(RefusalReason.UNKNOWN_CARD) from None

    def _open(
        self, connection: Connection, card: CardRecord, target: PLMN
    ) -> tuple[TransactionId, list[Command]]:
        agreed = set(connection.execute(_AGREED).scalars())
        if target not in agreed or card.plmn is None or card.plmn not in agreed:
            raise RequestRefusedError(RefusalReason.NO_AGREEMENT)
        if card.plmn == target:
            raise RequestRefusedError(RefusalReason.ALREADY_SUBSCRIBED)
        try:
            return self._course.begin(connection, card, card.plmn, target)
        except ChangeUnderWayError:
            raise RequestRefusedError(RefusalReason.CHANGE_UNDER_WAY) from None

    def _note(
        self, connection: Connection, iccid: ICCID, plmn: PLMN, sender: str, reason: RefusalReason
    ) -> None:
        row = {
            "at": self._surroundings.now(),
            "iccid": iccid,
            "plmn": plmn,
            "sender": sender,
            "reason": reason,
        }
        connection.execute(_NOTE, row)


def _check_operator(operator: PLMN, request: RequestChange) -> None:
    """Let an operator ask for its own network only, and for a user who agreed."""
    _check_network(operator, request.plmn)
    if not request.user_agreed:
        raise RequestRefusedError(RefusalReason.USER_DID_NOT_AGREE)


def _check_network(operator: PLMN, plmn: PLMN) -> None:
    if plmn != operator:
        raise RequestRefusedError(RefusalReason.NOT_AUTHORIZED)


def _shortened(name: str) -> str:
    return name.encode("utf-16-be")[:LONGEST_NAME].decode("utf-16-be", "ignore")
