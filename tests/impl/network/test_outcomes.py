"""Tests of receipts: until the server that asked took them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from impl.codec.receipt import MessageState, receipted
from impl.codec.smpp import (
    BindTransceiver,
    CommandStatus,
    DeliverSm,
    DeliverSmResp,
    EsmClass,
    GenericNack,
    Parameter,
    Tag,
    decode_smpp,
)
from impl.events import Command, Interface, Peer, Send, SetTimer, StopTimer
from impl.network.esme_sessions import EsmeSessions
from impl.network.message_queue import QueuedMessage
from impl.network.outcomes import WINDOW, Outcomes, message_name
from impl.network.records import SHORT_MESSAGE_CENTRE
from impl.values import MSISDN, Secret

LINK = Peer(Interface.SMPP, "application-server")
SERVER, SUBSCRIBER = MSISDN("33700"), MSISDN("33600000001")
ESMES = {"as": (Secret(b"word"), SERVER)}
VALIDITY_S = 1000.0
MESSAGE = QueuedMessage(
    SUBSCRIBER, SERVER, 0, 0, 0, b"Are you there?", 100.0, id=17, taken=1_767_225_540.0
)


class Centre:
    """Receipts with a session or without."""

    def __init__(self, connection: Any, surroundings: Any) -> None:
        self.connection, self.surroundings = connection, surroundings
        self.restart()

    def restart(self) -> None:
        self.sessions = EsmeSessions(ESMES)
        self.outcomes = Outcomes(self.sessions, VALIDITY_S, self.surroundings)

    def bind(self) -> list[Command]:
        self.sessions.bind(LINK, BindTransceiver(system_id="as", password=Secret(b"word")))
        return self.outcomes.begin(self.connection, LINK)

    def put(self, message_id: int = 17, **facts: Any) -> list[Command]:
        message = replace(MESSAGE, id=message_id, **facts)
        return self.outcomes.put(self.connection, message, MessageState.UNDELIVERABLE, 27)

    def answer(
        self, told: DeliverSm, status: CommandStatus = CommandStatus.ROK
    ) -> list[Command] | None:
        response = DeliverSmResp(status, told.sequence_number)
        return self.outcomes.take(self.connection, LINK, response)

    def expire(self, told: DeliverSm) -> list[Command]:
        timer = f"receipt/application-server/{told.sequence_number}"
        return self.outcomes.expire(self.connection, timer)


@pytest.fixture
def centre(store_of: Any, surroundings: Any) -> Any:
    with store_of(SHORT_MESSAGE_CENTRE).begin() as connection:
        yield Centre(connection, surroundings)


def told_in(commands: list[Command] | None) -> list[DeliverSm]:
    sends = [command for command in commands or [] if isinstance(command, Send)]
    assert all(send.target == LINK for send in sends)
    pdus = [decode_smpp(send.octets) for send in sends]
    assert all(isinstance(pdu, DeliverSm) for pdu in pdus)
    return pdus  # type: ignore[return-value]  # as the line before has it


def names_in(commands: list[Command] | None) -> list[str]:
    return [receipted(pdu)[0] for pdu in told_in(commands)]


def test_a_server_is_told_at_once_if_it_is_bound(centre: Centre) -> None:
    centre.bind()
    commands = centre.put()
    (told,) = told_in(commands)
    assert (told.esm_class, told.data_coding) == (EsmClass.DELIVERY_RECEIPT, 0)
    assert (told.source_addr, told.destination_addr) == (SUBSCRIBER, SERVER)
    assert receipted(told) == ("0000000017", MessageState.UNDELIVERABLE)
    assert Parameter(Tag.NETWORK_ERROR_CODE, b"\x03\x00\x1b") in told.parameters
    assert told.short_message == (
        b"id:0000000017 sub:001 dlvrd:000 submit date:2512312359 done date:2601010000"
        b" stat:UNDELIV err:027 Text:Are you there?"
    )
    assert SetTimer("receipt/application-server/1", 25.0) in commands


def test_what_is_no_text_is_not_repeated(centre: Centre) -> None:
    centre.bind()
    (told,) = told_in(centre.put(data_coding=0xF6))
    assert told.short_message.endswith(b" Text:")


def test_what_the_server_took_is_not_said_again(centre: Centre) -> None:
    centre.bind()
    (told,) = told_in(centre.put())
    assert centre.answer(told) == [StopTimer("receipt/application-server/1")]
    assert told_in(centre.bind()) == []
    assert centre.expire(told) == []


@pytest.mark.parametrize("answer", [DeliverSmResp(CommandStatus.RX_R_APPN), GenericNack(3)])
def test_what_the_server_will_not_take_is_not_said_again(
    centre: Centre, answer: DeliverSmResp | GenericNack
) -> None:
    centre.bind()
    (told,) = told_in(centre.put())
    numbered = replace(answer, sequence_number=told.sequence_number)
    assert centre.outcomes.take(centre.connection, LINK, numbered) is not None
    assert told_in(centre.bind()) == []


def test_what_the_server_cannot_take_now_is_said_later_and_later(centre: Centre) -> None:
    centre.bind()
    (told,) = told_in(centre.put())
    again = centre.answer(told, CommandStatus.RX_T_APPN)
    assert again == [SetTimer("receipt/application-server/1", 50.0)]
    commands = centre.expire(told)
    assert names_in(commands) == ["0000000017"]
    assert SetTimer("receipt/application-server/2", 100.0) in commands


def test_silence_is_waited_out_up_to_an_hour(centre: Centre) -> None:
    centre.bind()
    centre.surroundings.time_s -= 900
    commands, waits = centre.put(), []
    for _ in range(9):
        waits += [command.after_s for command in commands if isinstance(command, SetTimer)]
        (told,) = told_in(commands)
        commands = centre.expire(told)
    assert waits == [25.0, 50.0, 100.0, 200.0, 400.0, 800.0, 1600.0, 3200.0, 3200.0]


def test_a_server_that_is_not_bound_is_told_when_it_is(centre: Centre) -> None:
    assert centre.put(1) == []
    assert centre.put(2) == []
    assert names_in(centre.bind()) == [message_name(1), message_name(2)]


def test_a_server_that_binds_anew_is_told_again(centre: Centre) -> None:
    centre.bind()
    (lost,) = told_in(centre.put())
    assert names_in(centre.bind()) == ["0000000017"]
    assert centre.answer(lost) == [StopTimer("receipt/application-server/1")]


def test_receipts_survive_the_centre(centre: Centre) -> None:
    centre.bind()
    centre.put()
    centre.restart()
    assert names_in(centre.bind()) == ["0000000017"]


def test_a_window_is_told_at_once_and_the_next_when_one_was_taken(centre: Centre) -> None:
    for message_id in range(1, WINDOW + 3):
        centre.put(message_id)
    told = told_in(centre.bind())
    assert len(told) == WINDOW
    assert names_in(centre.answer(told[0])) == [message_name(WINDOW + 1)]
    assert names_in(centre.answer(told[1])) == [message_name(WINDOW + 2)]
    assert names_in(centre.answer(told[2])) == []


def test_a_receipt_that_nobody_fetches_expires(centre: Centre) -> None:
    centre.put()
    centre.surroundings.time_s += VALIDITY_S
    assert told_in(centre.bind()) == []


def test_an_answer_to_anything_else_is_none_to_a_receipt(centre: Centre) -> None:
    centre.bind()
    (told,) = told_in(centre.put())
    other = Peer(Interface.SMPP, "other")
    response = DeliverSmResp(0, told.sequence_number)
    assert centre.outcomes.take(centre.connection, other, response) is None
    response = DeliverSmResp(0, told.sequence_number + 1)
    assert centre.outcomes.take(centre.connection, LINK, response) is None


def test_a_link_without_a_session_is_told_nothing(centre: Centre) -> None:
    centre.put()
    assert centre.outcomes.begin(centre.connection, LINK) == []
