"""Tests of the customer centre."""

from __future__ import annotations

import pytest

from impl.codec.operator import decode_operator, encode_operator
from impl.errors import UserDidNotAgreeError
from impl.events import Arrived, Command, Interface, Peer, Send, Started
from impl.messages import (
    Acknowledgement,
    AskAcknowledgement,
    ChangeTaken,
    CodeSent,
    InformLeft,
    Malformed,
    Noted,
    OperatorMessage,
    Refusal,
    RefusalReason,
    RequestChange,
    SendCode,
)
from impl.network.customer_centre import (
    APPLICATION_SERVER,
    CustomerCentre,
    CustomerCentreConfig,
)
from impl.values import ICCID, PLMN, Secret, TransactionId

CARD = ICCID("8933010000000000017")
TRANSACTION = TransactionId("0000000a")
STRANGER = Peer(Interface.CENTRE, "20803")


class Surroundings:
    """A clock that stands and octets that count up."""

    def __init__(self) -> None:
        self.count = 0

    def now(self) -> float:
        return 0.0

    def random_octets(self, count: int) -> bytes:
        self.count += 1
        return self.count.to_bytes(count, "big")


def centre(*, acknowledges: bool | None = True) -> CustomerCentre:
    return CustomerCentre(CustomerCentreConfig(PLMN("20802"), acknowledges), Surroundings())


def said(commands: list[Command]) -> list[OperatorMessage]:
    sends = [command for command in commands if isinstance(command, Send)]
    assert all(send.target == APPLICATION_SERVER for send in sends)
    return [decode_operator(send.octets) for send in sends]


def tell(
    node: CustomerCentre, message: OperatorMessage, source: Peer = APPLICATION_SERVER
) -> list[Command]:
    return node.handle(Arrived(source, encode_operator(message)))


def ask(transaction: TransactionId = TRANSACTION) -> AskAcknowledgement:
    return AskAcknowledgement(id="1", transaction=transaction, iccid=CARD, plmn=PLMN("20801"))


def test_a_user_who_agreed_is_asked_for_at_the_application_server() -> None:
    (message,) = said(centre().request(CARD, user_agreed=True))
    assert isinstance(message, RequestChange)
    assert (message.iccid, message.plmn, message.user_agreed) == (CARD, "20802", True)


def test_nothing_is_sent_for_a_user_who_did_not_agree() -> None:
    node = centre()
    with pytest.raises(UserDidNotAgreeError):
        node.request(CARD, user_agreed=False)
    assert node.outcome(CARD) is None


def test_a_code_for_the_holder_of_a_card_goes_to_the_application_server() -> None:
    node, code = centre(), Secret(b"12345678")
    (message,) = said(node.send_code(CARD, code))
    assert isinstance(message, SendCode)
    assert (message.iccid, message.plmn, message.code) == (CARD, "20802", code)


def test_whether_a_code_was_sent_is_not_an_outcome() -> None:
    node = centre()
    (message,) = said(node.send_code(CARD, Secret(b"12345678")))
    refused = Refusal(id=message.id, reason=RefusalReason.UNKNOWN_CARD)
    assert tell(node, CodeSent(id=message.id)) == tell(node, refused) == []
    assert node.outcome(CARD) is None


@pytest.mark.parametrize("kind", ["taken", "refused", "malformed"])
def test_the_answer_to_a_request_is_kept(kind: str) -> None:
    node = centre()
    (request,) = said(node.request(CARD, user_agreed=True))
    answers: dict[str, OperatorMessage] = {
        "taken": ChangeTaken(id=request.id, transaction=TRANSACTION),
        "refused": Refusal(id=request.id, reason=RefusalReason.UNKNOWN_CARD),
        "malformed": Malformed(id=request.id, why="iccid"),
    }
    assert node.outcome(CARD) is None
    assert tell(node, answers[kind]) == []
    assert node.outcome(CARD) == answers[kind]


def test_an_answer_to_no_request_or_of_a_stranger_is_ignored() -> None:
    node = centre()
    (request,) = said(node.request(CARD, user_agreed=True))
    taken = ChangeTaken(id=request.id, transaction=TRANSACTION)
    assert tell(node, taken, STRANGER) == []
    assert tell(node, ChangeTaken(id="other", transaction=TRANSACTION)) == []
    assert node.outcome(CARD) is None


def test_a_new_request_forgets_the_answer_to_the_last() -> None:
    node = centre()
    (request,) = said(node.request(CARD, user_agreed=True))
    tell(node, Refusal(id=request.id, reason=RefusalReason.UNKNOWN_CARD))
    (again,) = said(node.request(CARD, user_agreed=True))
    assert again.id != request.id
    assert node.outcome(CARD) is None


@pytest.mark.parametrize("granted", [True, False])
def test_a_leaver_is_acknowledged_by_policy(granted: bool) -> None:  # noqa: FBT001 - parametrized
    node = centre(acknowledges=granted)
    assert said(tell(node, ask())) == [
        Acknowledgement(id="1", transaction=TRANSACTION, granted=granted)
    ]
    assert node.was_asked(CARD)


def test_a_silent_operator_does_not_answer() -> None:
    node = centre(acknowledges=None)
    assert tell(node, ask()) == []
    assert node.was_asked(CARD)


def test_the_policy_may_change_but_not_what_was_answered() -> None:
    node = centre(acknowledges=False)
    tell(node, ask())
    node.acknowledges = True
    other = TransactionId("0000000b")
    assert said(tell(node, ask())) == [
        Acknowledgement(id="1", transaction=TRANSACTION, granted=False)
    ]
    assert said(tell(node, ask(other))) == [
        Acknowledgement(id="1", transaction=other, granted=True)
    ]


def test_a_stranger_is_not_told_whether_a_subscriber_may_leave() -> None:
    node = centre()
    (command,) = tell(node, ask(), STRANGER)
    assert isinstance(command, Send)
    assert command.target == STRANGER
    refusal = decode_operator(command.octets)
    assert refusal == Refusal(id="1", reason=RefusalReason.NOT_AUTHORIZED)
    assert not node.was_asked(CARD)


def test_what_a_centre_does_not_serve_is_refused() -> None:
    left = InformLeft(id="7", transaction=TRANSACTION, iccid=CARD)
    assert said(tell(centre(), left)) == [Refusal(id="7", reason=RefusalReason.NOT_AUTHORIZED)]


def test_octets_without_meaning_are_answered_as_malformed() -> None:
    (answer,) = said(centre().handle(Arrived(APPLICATION_SERVER, b"{")))
    assert isinstance(answer, Malformed)


def test_answers_that_are_not_meant_for_it_are_not_answered() -> None:
    assert tell(centre(), Noted(id="1", transaction=TRANSACTION)) == []
    assert tell(centre(), Malformed(id="1", why="x"), STRANGER) == []


def test_other_events_do_nothing() -> None:
    assert centre().handle(Started()) == []
    assert centre().handle(Arrived(Peer(Interface.OPERATOR, "application-server"), b"{")) == []
