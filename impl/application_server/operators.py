"""What operators say to the server: requests, answers to its questions, and confirmations.

The session proves who speaks. A word counts only from the operator whose it is to give, on the link
on which it is given: of its home register, or of its customer centre.
"""

from __future__ import annotations

from sqlalchemy import Connection

from impl.application_server import changes
from impl.application_server.change import Occasion, State
from impl.application_server.changes import ChangeRow
from impl.application_server.course import (
    ASK,
    RELEASE,
    RESERVE,
    Course,
    UnbelievedError,
    left_network,
)
from impl.application_server.reception import Reception
from impl.codec.operator import answer_to_unread, decode_operator, encode_operator, is_answer
from impl.errors import MalformedError
from impl.events import Command, Interface, Peer, Send
from impl.messages import (
    Acknowledgement,
    ChangeTaken,
    CodeSent,
    ConfirmChange,
    IdentityInUse,
    IdentityNotice,
    IdentityReleased,
    Malformed,
    Noted,
    OperatorMessage,
    Refusal,
    RefusalReason,
    ReleaseIdentity,
    RequestChange,
    SendCode,
)
from impl.values import PLMN, TransactionId

NOT_ACKNOWLEDGED = "not-acknowledged"


class Operators:
    """Hears operators, and answers them; every call is part of the caller's transaction."""

    def __init__(self, reception: Reception, course: Course) -> None:
        self._reception = reception
        self._course = course

    def take(self, connection: Connection, source: Peer, octets: bytes) -> list[Command]:
        """Take one message; every request is answered, no answer is."""
        try:
            message = decode_operator(octets)
        except MalformedError as error:
            return [_say(source, answer_to_unread(error))]
        match message, source.interface:
            case ((RequestChange() | SendCode()), Interface.CENTRE):
                return self._take_from_centre(connection, source, message)
            case ConfirmChange(), Interface.OPERATOR:
                return self._take_confirmation(connection, source, message)
            case ((Refusal() | Malformed()), _):
                return self._take_refusal(connection, source, message)
        if is_answer(message):
            return self._take_answer(connection, source, message)
        return [_refuse(source, message, RefusalReason.NOT_AUTHORIZED)]

    def _take_from_centre(
        self, connection: Connection, source: Peer, request: RequestChange | SendCode
    ) -> list[Command]:
        """Take Req of the operator that the user wants to join [066], or send its user a code."""
        operator = PLMN(source.name)
        if isinstance(request, SendCode):
            refused = self._reception.send_code(connection, operator, request)
            if refused:
                return [_refuse(source, request, refused)]
            return [_say(source, CodeSent(id=request.id))]
        taken, commands = self._reception.take_from_operator(connection, operator, request)
        if isinstance(taken, RefusalReason):
            return [_refuse(source, request, taken)]
        return [_say(source, ChangeTaken(id=request.id, transaction=taken)), *commands]

    def _take_confirmation(
        self, connection: Connection, source: Peer, message: ConfirmChange
    ) -> list[Command]:
        """Take the word of operator 2 that the card authenticated [078]."""
        row = changes.find(connection, message.transaction)
        if row is None or not _joins(source, row):
            return [_refuse(source, message, RefusalReason.UNKNOWN_TRANSACTION)]
        try:
            commands = self._course.confirm(connection, row)
        except UnbelievedError as error:
            return [_refuse(source, message, error.reason)]
        return [_say(source, Noted(id=message.id, transaction=message.transaction)), *commands]

    def _take_refusal(
        self, connection: Connection, source: Peer, message: Refusal | Malformed
    ) -> list[Command]:
        """Take that a question is refused: to provide an identity, or to acknowledge."""
        question, separator, transaction = message.id.rpartition(":")
        row = _named(connection, transaction)
        if row is None:
            return []
        reason = message.reason if isinstance(message, Refusal) else "malformed"
        match question + separator:
            case str(asked) if asked == RESERVE and _joins(source, row):
                return self._course.go_on(connection, row, Occasion.NO_IDENTITY, reason)
            case str(asked) if asked == ASK and _leaves(source, row, Interface.CENTRE):
                return self._course.go_on(connection, row, Occasion.NOT_GRANTED, NOT_ACKNOWLEDGED)
        return []

    def _take_answer(
        self, connection: Connection, source: Peer, message: OperatorMessage
    ) -> list[Command]:
        row = _named(connection, getattr(message, "transaction", ""))
        if row is None:
            return []
        match message:
            case IdentityNotice() | IdentityReleased() | IdentityInUse() if _joins(source, row):
                return self._take_from_joined(connection, row, message)
            case Noted() if _leaves(source, row, Interface.OPERATOR):
                return self._course.go_on(connection, row, Occasion.INFORMED)
            case Acknowledgement(granted=granted) if _leaves(source, row, Interface.CENTRE):
                occasion = Occasion.GRANTED if granted else Occasion.NOT_GRANTED
                reason = None if granted else NOT_ACKNOWLEDGED
                return self._course.go_on(connection, row, occasion, reason)
        return []

    def _take_from_joined(
        self,
        connection: Connection,
        row: ChangeRow,
        message: IdentityNotice | IdentityReleased | IdentityInUse,
    ) -> list[Command]:
        if isinstance(message, IdentityNotice):
            if State(row.state) is State.ABANDONED:
                return [_give_back(row)]
            return self._course.take_identity(connection, row, message)
        if isinstance(message, IdentityReleased):
            return self._course.go_on(connection, row, Occasion.RELEASED)
        try:
            return self._course.confirm(connection, row)
        except UnbelievedError:
            return []  # an answer is not answered


def _named(connection: Connection, transaction: str) -> ChangeRow | None:
    try:
        return changes.find(connection, TransactionId(transaction))
    except MalformedError:
        return None


def _joins(source: Peer, row: ChangeRow) -> bool:
    """Whether the home register of the joined network speaks."""
    return source == (Interface.OPERATOR, row.target_plmn)


def _leaves(source: Peer, row: ChangeRow, interface: Interface) -> bool:
    """Whether the network that the card leaves speaks, on the link of that kind."""
    return source == (interface, left_network(row))


def _give_back(row: ChangeRow) -> Send:
    """Free what was reserved upon a question that came late, for a change that is over [B05].

    Said once: where that is lost, the reservation ends with its lease.
    """
    transaction = TransactionId(row.transaction_id)
    message = ReleaseIdentity(id=RELEASE + transaction, transaction=transaction)
    return _say(Peer(Interface.OPERATOR, row.target_plmn), message)


def _say(target: Peer, message: OperatorMessage) -> Send:
    return Send(target, encode_operator(message))


def _refuse(target: Peer, message: OperatorMessage, reason: RefusalReason) -> Send:
    return _say(target, Refusal(id=message.id, reason=reason))
