"""Tests of store and forward."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from impl.codec.gsup import Gsup, GsupType, decode_gsup
from impl.codec.gsup_elements import RpAddress, RpAddressKind
from impl.codec.relay import RpCause
from impl.codec.short_message import Deliver, DeliverReport
from impl.codec.timestamp import decode_timestamp
from impl.events import Command, Send, SetTimer, StopTimer
from impl.network import message_queue
from impl.network.delivery import HUB, Delivery
from impl.network.message_queue import QueuedMessage
from impl.network.records import SHORT_MESSAGE_CENTRE
from impl.values import IMSI, MSISDN

CENTRE, SERVER, SUBSCRIBER = MSISDN("33609"), MSISDN("33700"), MSISDN("33600000001")
OTHER = MSISDN("33600000002")


class Centre:
    """A queue with its delivery."""

    def __init__(self, connection: Any, surroundings: Any) -> None:
        self.connection, self.surroundings = connection, surroundings
        self.acknowledged: list[tuple[int, bytes]] = []
        self.delivery = Delivery(CENTRE, 60.0, surroundings, self.acknowledge)

    def acknowledge(self, message: QueuedMessage, report: DeliverReport) -> list[Command]:
        self.acknowledged.append((message.id, report.user_data))
        return []

    def put(
        self, text: bytes = b"\1", destination: MSISDN = SUBSCRIBER, lasts_s: int = 9999
    ) -> int:
        expires = self.surroundings.now() + lasts_s
        message = QueuedMessage(destination, SERVER, 0, 0x7F, 0xF6, text, expires)
        return message_queue.put(self.connection, message)

    def attempt(self, destination: MSISDN = SUBSCRIBER) -> list[Command]:
        return self.delivery.attempt(self.connection, destination)

    def take(self, answer: Gsup) -> list[Command]:
        return self.delivery.take_answer(self.connection, answer)

    def waiting(self) -> int:
        return len(message_queue.first_two(self.connection, SUBSCRIBER))


@pytest.fixture
def centre(store_of: Any, surroundings: Any) -> Any:
    with store_of(SHORT_MESSAGE_CENTRE).begin() as connection:
        yield Centre(connection, surroundings)


def requests_of(commands: list[Command]) -> list[Gsup]:
    sends = [command for command in commands if isinstance(command, Send)]
    assert all(send.target == HUB for send in sends)
    return [decode_gsup(send.octets) for send in sends]


def deliver_of(commands: list[Command]) -> Deliver:
    (request,) = requests_of(commands)
    return Deliver.decode(request.sm_rp_ui or b"")


def answer_to(commands: list[Command], **error: Any) -> Gsup:
    """Answer as the hub does: with the number of the receiver and its IMSI."""
    (request,) = requests_of(commands)
    known = replace(request, imsi=IMSI("208010000000001"))
    answer = known.error(**error) if error else known.result()
    digits = request.sm_rp_da.digits if request.sm_rp_da else None
    return replace(answer, msisdn=digits)


def test_a_message_goes_to_the_hub_as_a_short_message(centre: Centre) -> None:
    centre.put(b"\1\2")
    commands = centre.attempt()
    (request,) = requests_of(commands)
    assert request.sm_rp_da == RpAddress(RpAddressKind.MSISDN, SUBSCRIBER)
    assert request.sm_rp_oa == RpAddress(RpAddressKind.SERVICE_CENTRE, CENTRE)
    deliver = deliver_of(commands)
    assert (deliver.originator.digits, deliver.user_data) == (SERVER, b"\1\2")
    assert (deliver.pid, deliver.dcs, deliver.more_messages) == (0x7F, 0xF6, False)
    assert decode_timestamp(deliver.timestamp) == centre.surroundings.now()
    assert SetTimer(f"answer/{SUBSCRIBER}", 60.0) in commands


def test_nothing_is_sent_where_nothing_waits(centre: Centre) -> None:
    assert requests_of(centre.attempt()) == []


def test_a_delivered_message_is_forgotten_and_the_next_sent(centre: Centre) -> None:
    centre.put(b"\1")
    centre.put(b"\2")
    first = centre.attempt()
    assert deliver_of(first).more_messages
    second = centre.take(answer_to(first))
    assert StopTimer(f"answer/{SUBSCRIBER}") in second
    assert deliver_of(second).user_data == b"\2"
    assert not deliver_of(second).more_messages
    centre.take(answer_to(second))
    assert centre.waiting() == 0


def test_one_message_a_receiver_is_under_way(centre: Centre) -> None:
    centre.put()
    centre.put(destination=OTHER)
    centre.attempt()
    assert centre.attempt() == []
    assert len(requests_of(centre.attempt(OTHER))) == 1


@pytest.mark.parametrize(
    "cause",
    [
        {"sm_rp_cause": RpCause.DESTINATION_OUT_OF_ORDER},
        {"sm_rp_cause": RpCause.MEMORY_EXCEEDED},
        {"cause": 0x11},
        {
            "sm_rp_cause": RpCause.PROTOCOL_ERROR,
            "sm_rp_ui": DeliverReport.failing(0xD4).encode(),
        },
    ],
)
def test_what_fails_for_now_is_tried_again_later_and_later(
    centre: Centre, cause: dict[str, Any]
) -> None:
    centre.put()
    waits = []
    for _ in range(9):
        commands = centre.take(answer_to(centre.attempt(), **cause))
        waits += [command.after_s for command in commands if isinstance(command, SetTimer)]
    assert waits[:3] == [60.0, 120.0, 240.0]
    assert waits[-1] == 3600.0
    assert centre.waiting() == 1


@pytest.mark.parametrize(
    "cause",
    [
        {"sm_rp_cause": RpCause.UNKNOWN_SUBSCRIBER},
        {"sm_rp_cause": RpCause.FACILITY_NOT_SUBSCRIBED},
        {"sm_rp_cause": RpCause.PROTOCOL_ERROR},
        {
            "sm_rp_cause": RpCause.PROTOCOL_ERROR,
            "sm_rp_ui": DeliverReport.failing(0xD5).encode(),
        },
    ],
)
def test_what_fails_for_good_is_given_up(centre: Centre, cause: dict[str, Any]) -> None:
    centre.put(b"\1")
    centre.put(b"\2")
    commands = centre.take(answer_to(centre.attempt(), **cause))
    assert deliver_of(commands).user_data == b"\2"
    assert centre.waiting() == 1


def test_silence_is_a_failure_for_now(centre: Centre) -> None:
    centre.put()
    first = centre.attempt()
    assert centre.delivery.give_up_waiting(SUBSCRIBER) == [SetTimer(f"retry/{SUBSCRIBER}", 60.0)]
    assert centre.delivery.give_up_waiting(SUBSCRIBER) == []
    assert len(requests_of(centre.attempt())) == 1
    assert centre.take(answer_to(first)) == []
    assert centre.waiting() == 1


def test_a_message_is_given_up_when_its_validity_is_over(centre: Centre) -> None:
    centre.put(lasts_s=45)
    centre.attempt()
    assert centre.delivery.give_up_waiting(SUBSCRIBER) == [SetTimer(f"retry/{SUBSCRIBER}", 45.0)]
    centre.surroundings.time_s += 45
    assert requests_of(centre.attempt()) == []
    assert centre.waiting() == 0


def test_an_answer_that_nobody_waits_for_is_ignored(centre: Centre) -> None:
    centre.put()
    answer = answer_to(centre.attempt())
    assert centre.take(replace(answer, msisdn=OTHER)) == []
    assert centre.take(replace(answer, msisdn=None)) == []
    assert centre.take(replace(answer, sm_rp_mr=(answer.sm_rp_mr or 0) ^ 1)) == []
    assert centre.waiting() == 1
    assert centre.take(answer) != []


def test_what_the_card_answered_is_told_to_who_sent_the_message(centre: Centre) -> None:
    number = centre.put()
    answer = answer_to(centre.attempt())
    centre.take(replace(answer, sm_rp_ui=DeliverReport.acknowledging(b"\2\x71\0").encode()))
    assert centre.acknowledged == [(number, b"\2\x71\0")]


def test_what_the_card_answered_to_a_message_that_failed_is_told_too(centre: Centre) -> None:
    number = centre.put()
    refused = answer_to(centre.attempt(), sm_rp_cause=RpCause.PROTOCOL_ERROR)
    report = DeliverReport.failing(0xD5, b"\2\x71\0")
    centre.take(replace(refused, sm_rp_ui=report.encode()))
    assert centre.acknowledged == [(number, b"\2\x71\0")]


def test_where_nothing_was_answered_or_it_is_tried_again_nothing_is_told(centre: Centre) -> None:
    centre.put()
    busy = answer_to(centre.attempt(), sm_rp_cause=RpCause.PROTOCOL_ERROR)
    report = DeliverReport.failing(0xD4, b"\2\x71\0")
    centre.take(replace(busy, sm_rp_ui=report.encode()))
    centre.take(answer_to(centre.attempt()))
    assert centre.acknowledged == []


def test_after_a_restart_everything_is_sent_again(centre: Centre) -> None:
    centre.put(b"\1")
    centre.put(b"\2")
    centre.put(b"\3", destination=OTHER)
    centre.attempt()
    reborn = Delivery(CENTRE, 60.0, centre.surroundings, centre.acknowledge)
    sent = requests_of(reborn.resume(centre.connection))
    tpdus = [Deliver.decode(request.sm_rp_ui or b"").user_data for request in sent]
    assert tpdus == [b"\1", b"\3"]


def test_an_answer_is_of_a_message_or_an_error(centre: Centre) -> None:
    centre.put()
    answer = answer_to(centre.attempt())
    assert answer.message_type is GsupType.MT_FORWARD_SM_RESULT


def test_any_number_of_attempts_has_a_wait(centre: Centre) -> None:
    centre.put(lasts_s=100_000)
    for _ in range(1200):
        commands = centre.take(answer_to(centre.attempt(), cause=0x11))
    assert commands[-1] == SetTimer(f"retry/{SUBSCRIBER}", 3600.0)
