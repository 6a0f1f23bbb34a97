"""Tests of the network entity between application server and home register."""

from __future__ import annotations

import pytest

from impl.codec.operator import decode_operator, encode_operator
from impl.events import Arrived, Command, Expired, Interface, Peer, Send, Started
from impl.messages import (
    AskAcknowledgement,
    ConfirmChange,
    IdentityInUse,
    IdentityNotice,
    IdentityReleased,
    InformLeft,
    Malformed,
    Noted,
    OperatorMessage,
    Refusal,
    RefusalReason,
    ReleaseIdentity,
    RequestChange,
    ReserveIdentity,
)
from impl.network.gateway import APPLICATION_SERVER, Gateway, GatewayConfig
from impl.values import ICCID, IMSI, MSISDN, PLMN, Secret, TransactionId

CARD = ICCID("8933010000000000017")
TRANSACTION = TransactionId("0000000a")
CONFIG = GatewayConfig(PLMN("20802"))
REGISTER = CONFIG.register
STRANGER = Peer(Interface.OPERATOR, "20803")
NOTICE = IdentityNotice(
    id="1",
    transaction=TRANSACTION,
    imsi=IMSI("208020000000001"),
    k=Secret(bytes(range(16))),
    opc=Secret(bytes(range(16, 32))),
    msisdn=MSISDN("33602080200"),
    service_centre=MSISDN("33609001"),
)
NOTED = Noted(id="1", transaction=TRANSACTION)
REFUSAL = Refusal(id="1", reason=RefusalReason.NO_FREE_IDENTITY)
RESERVE = ReserveIdentity(id="1", transaction=TRANSACTION, iccid=CARD)
CONFIRM = ConfirmChange(id="1", transaction=TRANSACTION)


def take(source: Peer, message: OperatorMessage) -> list[Command]:
    return Gateway(CONFIG).handle(Arrived(source, encode_operator(message)))


@pytest.mark.parametrize(
    "message",
    [
        RESERVE,
        ReleaseIdentity(id="1", transaction=TRANSACTION),
        InformLeft(id="1", transaction=TRANSACTION, iccid=CARD),
        NOTED,
        REFUSAL,
        Malformed(id="1", why="x"),
    ],
)
def test_what_the_application_server_may_say_reaches_the_register(message):
    assert take(APPLICATION_SERVER, message) == [Send(REGISTER, encode_operator(message))]


@pytest.mark.parametrize(
    "message",
    [
        NOTICE,
        IdentityReleased(id="1", transaction=TRANSACTION),
        IdentityInUse(id="1", transaction=TRANSACTION),
        CONFIRM,
        NOTED,
        REFUSAL,
        Malformed(id="1", why="x"),
    ],
)
def test_what_the_register_may_say_reaches_the_application_server(message):
    assert take(REGISTER, message) == [Send(APPLICATION_SERVER, encode_operator(message))]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (APPLICATION_SERVER, CONFIRM),
        (
            APPLICATION_SERVER,
            AskAcknowledgement(id="1", transaction=TRANSACTION, iccid=CARD, plmn=PLMN("20801")),
        ),
        (REGISTER, RESERVE),
        (REGISTER, RequestChange(id="1", iccid=CARD, plmn=PLMN("20802"), user_agreed=True)),
        (STRANGER, RESERVE),
        (STRANGER, CONFIRM),
    ],
)
def test_what_the_sender_may_not_say_is_refused_and_goes_no_further(source, message):
    (command,) = take(source, message)
    assert isinstance(command, Send)
    assert command.target == source
    refusal = decode_operator(command.octets)
    assert refusal == Refusal(id="1", reason=RefusalReason.NOT_AUTHORIZED)


@pytest.mark.parametrize("source", [APPLICATION_SERVER, STRANGER])
def test_an_answer_that_nobody_may_give_is_dropped(source):
    assert take(source, NOTICE) == []


@pytest.mark.parametrize("source", [APPLICATION_SERVER, REGISTER, STRANGER])
def test_what_cannot_be_read_is_answered_and_goes_no_further(source):
    (command,) = Gateway(CONFIG).handle(Arrived(source, b"{"))
    assert isinstance(command, Send)
    assert command.target == source
    assert isinstance(decode_operator(command.octets), Malformed)


@pytest.mark.parametrize(
    "event", [Started(), Expired("any"), Arrived(Peer(Interface.CENTRE, "x"), b"")]
)
def test_nothing_else_concerns_it(event):
    assert Gateway(CONFIG).handle(event) == []
