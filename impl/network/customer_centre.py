"""The customer centre of an operator: its users ask here for a change, and to leave [066] [079]."""

from __future__ import annotations

from dataclasses import dataclass

from impl.codec.operator import answer_to_unread, decode_operator, encode_operator, is_answer
from impl.errors import MalformedError, UserDidNotAgreeError
from impl.events import Arrived, Command, Event, Interface, Peer, Send
from impl.messages import (
    Acknowledgement,
    AskAcknowledgement,
    ChangeTaken,
    Malformed,
    OperatorMessage,
    Refusal,
    RefusalReason,
    RequestChange,
    SendCode,
)
from impl.ports import Surroundings
from impl.values import ICCID, PLMN, Secret, TransactionId

APPLICATION_SERVER = Peer(Interface.CENTRE, "application-server")

Outcome = ChangeTaken | Refusal | Malformed


@dataclass(frozen=True, slots=True)
class CustomerCentreConfig:
    """What distinguishes the centre of one operator from another's."""

    plmn: PLMN
    acknowledges: bool | None = True
    """What it answers when asked whether a subscriber may leave; None: it never answers."""


class CustomerCentre:
    """The node. It keeps nothing: what matters is durable in the application server."""

    def __init__(self, config: CustomerCentreConfig, surroundings: Surroundings) -> None:
        self.acknowledges = config.acknowledges
        self.plmn = config.plmn
        self._surroundings = surroundings
        self._requests: dict[str, ICCID] = {}
        self._outcomes: dict[ICCID, Outcome] = {}
        self._answers: dict[TransactionId, bool] = {}
        self._leavers: set[ICCID] = set()

    def request(self, iccid: ICCID, *, user_agreed: bool) -> list[Command]:
        """Ask that the card of a user who contacted the operator becomes a card of it [066].

        Raises:
            UserDidNotAgreeError: nothing is sent without the user's agreement.
        """
        if not user_agreed:
            raise UserDidNotAgreeError
        message = RequestChange(
            id=self._surroundings.random_octets(8).hex(),
            iccid=iccid,
            plmn=self.plmn,
            user_agreed=True,
        )
        self._requests[message.id] = iccid
        self._outcomes.pop(iccid, None)
        return [_send(APPLICATION_SERVER, message)]

    def send_code(self, iccid: ICCID, code: Secret) -> list[Command]:
        """Ask that the holder of a card gets a code of 8 digits by short message.

        Whoever says the code to the centre holds the card, and may ask for it. What is answered
        is of no concern: somebody who does not hold the card must not learn whether there is one.
        """
        name = self._surroundings.random_octets(8).hex()
        message = SendCode(id=name, iccid=iccid, plmn=self.plmn, code=code)
        return [_send(APPLICATION_SERVER, message)]

    def outcome(self, iccid: ICCID) -> Outcome | None:
        """Return what was answered to the last request for this card, None as long as nothing."""
        return self._outcomes.get(iccid)

    def was_asked(self, iccid: ICCID) -> bool:
        """Whether this operator was asked to acknowledge that the user of this card leaves."""
        return iccid in self._leavers

    def handle(self, event: Event) -> list[Command]:
        """Take one event."""
        match event:
            case Arrived(Peer(Interface.CENTRE) as source, octets):
                try:
                    message = decode_operator(octets)
                except MalformedError as error:
                    return [_send(source, answer_to_unread(error))]
                return self._take(source, message)
        return []

    def _take(self, source: Peer, message: OperatorMessage) -> list[Command]:
        if source == APPLICATION_SERVER:
            match message:
                case AskAcknowledgement():
                    return self._acknowledge(message)
                case ChangeTaken() | Refusal() | Malformed() if message.id in self._requests:
                    self._outcomes[self._requests.pop(message.id)] = message
        if is_answer(message):
            return []
        return [_send(source, Refusal(id=message.id, reason=RefusalReason.NOT_AUTHORIZED))]

    def _acknowledge(self, message: AskAcknowledgement) -> list[Command]:
        """Answer by the operator's policy; asked again about a change, the same as before [079]."""
        self._leavers.add(message.iccid)
        granted = self._answers.get(message.transaction, self.acknowledges)
        if granted is None:
            return []
        self._answers[message.transaction] = granted
        answer = Acknowledgement(id=message.id, transaction=message.transaction, granted=granted)
        return [_send(APPLICATION_SERVER, answer)]


def _send(target: Peer, message: OperatorMessage) -> Send:
    return Send(target, encode_operator(message))
