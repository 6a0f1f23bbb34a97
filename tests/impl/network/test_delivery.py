"""Tests of store and forward."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from impl.codec.gsup import Gsup, GsupType, decode_gsup
from impl.codec.gsup_elements import RpAddress, RpAddressKind
from impl.codec.receipt import MessageState, receipted
from impl.codec.relay import RpCause
from impl.codec.short_message import Deliver, DeliverReport, StatusReport
from impl.codec.smpp import BindTransceiver, DeliverSm, ReceiptsAsked, decode_smpp
from impl.codec.timestamp import decode_timestamp
from impl.events import Command, Interface, Peer, Send, SetTimer, StopTimer
from impl.network import message_queue
from impl.network.delivery import HUB, Delivery
from impl.network.esme_sessions import EsmeSessions
from impl.network.message_queue import QueuedMessage
from impl.network.outcomes import Outcomes
from impl.network.records import SHORT_MESSAGE_CENTRE
from impl.network.smsc import SmscConfig
from impl.values import IMSI, MSISDN, Secret

CENTRE, SERVER, SUBSCRIBER = MSISDN("33609"), MSISDN("33700"), MSISDN("33600000001")
OTHER = MSISDN("33600000002")
CONFIG = SmscConfig(CENTRE, {"as": (Secret(b"word"), SERVER)})
NO_ROOM = DeliverReport.failing(0xD4).encode()
LINK = Peer(Interface.SMPP, "application-server")


class Centre:
    """A queue with its delivery, and a server that is bound."""

    def __init__(self, connection: Any, surroundings: Any) -> None:
        self.connection, self.surroundings = connection, surroundings
        self.sessions = EsmeSessions(CONFIG.esmes)
        self.sessions.bind(LINK, BindTransceiver(system_id="as", password=Secret(b"word")))
        self.outcomes = Outcomes(self.sessions, CONFIG.validity_s, surroundings)
        self.delivery = self.made()

    def made(self) -> Delivery:
        return Delivery(CONFIG, self.surroundings, self.sessions, self.outcomes)

    def put(
        self,
        text: bytes = b"\1",
        destination: MSISDN = SUBSCRIBER,
        lasts_s: int = 9999,
        **facts: Any,
    ) -> int:
        now = self.surroundings.now()
        message = QueuedMessage(destination, SERVER, 0, 0x7F, 0xF6, text, now + lasts_s, taken=now)
        return message_queue.put(self.connection, replace(message, **facts))

    def give_up_waiting(self) -> list[Command]:
        return self.delivery.give_up_waiting(self.connection, SUBSCRIBER)

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
    return [decode_gsup(send.octets) for send in sends if send.target == HUB]


def said_to_server(commands: list[Command]) -> list[DeliverSm]:
    sends = [command for command in commands if isinstance(command, Send)]
    pdus = [decode_smpp(send.octets) for send in sends if send.target == LINK]
    return [pdu for pdu in pdus if isinstance(pdu, DeliverSm)]


def receipts_in(commands: list[Command]) -> list[tuple[int, MessageState]]:
    found = [receipted(pdu) for pdu in said_to_server(commands)]
    return [(int(name), state) for name, state in found]


def report_in(commands: list[Command]) -> StatusReport:
    (request,) = requests_of(commands)
    return StatusReport.decode(request.sm_rp_ui or b"")


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
    assert requests_of(first)[0].sm_rp_mms == 1
    second = centre.take(answer_to(first))
    assert StopTimer(f"answer/{SUBSCRIBER}") in second
    assert deliver_of(second).user_data == b"\2"
    assert not deliver_of(second).more_messages
    assert requests_of(second)[0].sm_rp_mms is None
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
        {"sm_rp_cause": RpCause.PROTOCOL_ERROR, "sm_rp_ui": NO_ROOM},
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
    assert centre.give_up_waiting() == [SetTimer(f"retry/{SUBSCRIBER}", 60.0)]
    assert centre.give_up_waiting() == []
    assert len(requests_of(centre.attempt())) == 1
    assert centre.take(answer_to(first)) == []
    assert centre.waiting() == 1


def test_a_message_is_given_up_when_its_validity_is_over(centre: Centre) -> None:
    centre.put(lasts_s=45)
    centre.attempt()
    assert centre.give_up_waiting() == [SetTimer(f"retry/{SUBSCRIBER}", 45.0)]
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
    centre.put()
    answer = answer_to(centre.attempt())
    report = DeliverReport.acknowledging(b"\2\x71\0")
    (told,) = said_to_server(centre.take(replace(answer, sm_rp_ui=report.encode())))
    assert (told.esm_class, told.short_message) == (0x48, b"\2\x71\0")


def test_what_the_card_answered_to_a_message_that_failed_is_told_too(centre: Centre) -> None:
    centre.put()
    refused = answer_to(centre.attempt(), sm_rp_cause=RpCause.PROTOCOL_ERROR)
    report = DeliverReport.failing(0xD5, b"\2\x71\0")
    (told,) = said_to_server(centre.take(replace(refused, sm_rp_ui=report.encode())))
    assert told.short_message == b"\2\x71\0"


def test_where_nothing_was_answered_or_it_is_tried_again_nothing_is_told(centre: Centre) -> None:
    centre.put()
    busy = answer_to(centre.attempt(), sm_rp_cause=RpCause.PROTOCOL_ERROR)
    report = DeliverReport.failing(0xD4, b"\2\x71\0")
    assert said_to_server(centre.take(replace(busy, sm_rp_ui=report.encode()))) == []
    assert said_to_server(centre.take(answer_to(centre.attempt()))) == []


ENDS = [
    ({}, MessageState.DELIVERED),
    ({"sm_rp_cause": RpCause.UNKNOWN_SUBSCRIBER}, MessageState.UNDELIVERABLE),
    ({"sm_rp_cause": RpCause.FACILITY_NOT_SUBSCRIBED}, MessageState.UNDELIVERABLE),
    ({"sm_rp_cause": RpCause.TRANSFER_REJECTED}, MessageState.REJECTED),
    (
        {
            "sm_rp_cause": RpCause.PROTOCOL_ERROR,
            "sm_rp_ui": DeliverReport.failing(0xD5).encode(),
        },
        MessageState.REJECTED,
    ),
]


@pytest.mark.parametrize("asked", ReceiptsAsked)
@pytest.mark.parametrize(("error", "state"), ENDS)
def test_a_server_hears_of_the_ends_that_it_asked_for(
    centre: Centre, error: dict[str, Any], state: MessageState, asked: ReceiptsAsked
) -> None:
    number = centre.put(receipts=asked)
    commands = centre.take(answer_to(centre.attempt(), **error))
    hears = asked is ReceiptsAsked.ALWAYS or (asked is ReceiptsAsked.ON_FAILURE and bool(error))
    assert receipts_in(commands) == ([(number, state)] if hears else [])


def test_a_server_hears_of_every_message_that_expired(centre: Centre) -> None:
    first = centre.put(lasts_s=45, receipts=ReceiptsAsked.ON_FAILURE)
    second = centre.put(lasts_s=40, receipts=ReceiptsAsked.ON_FAILURE)
    centre.attempt()
    assert centre.give_up_waiting() == [SetTimer(f"retry/{SUBSCRIBER}", 40.0)]
    centre.surroundings.time_s += 40
    commands = centre.attempt()
    assert receipts_in(commands) == [(second, MessageState.EXPIRED)]
    assert len(requests_of(commands)) == 1
    assert centre.give_up_waiting() == [SetTimer(f"retry/{SUBSCRIBER}", 5.0)]
    centre.surroundings.time_s += 5
    assert receipts_in(centre.attempt()) == [(first, MessageState.EXPIRED)]


def test_what_arrives_when_its_validity_is_over_has_arrived(centre: Centre) -> None:
    number = centre.put(lasts_s=45, receipts=ReceiptsAsked.ALWAYS)
    under_way = centre.attempt()
    centre.surroundings.time_s += 50
    commands = centre.take(answer_to(under_way))
    assert receipts_in(commands) == [(number, MessageState.DELIVERED)]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ({}, 0x00),
        ({"sm_rp_cause": RpCause.UNKNOWN_SUBSCRIBER}, 0x43),
        ({"sm_rp_cause": RpCause.FACILITY_NOT_SUBSCRIBED}, 0x40),
        ({"sm_rp_cause": RpCause.TRANSFER_REJECTED}, 0x42),
    ],
)
def test_a_device_that_asks_hears_how_its_message_ended(
    centre: Centre, error: dict[str, Any], status: int
) -> None:
    centre.put(originator=OTHER, reference=9, receipts=ReceiptsAsked.ALWAYS)
    taken = centre.surroundings.now()
    commands = centre.attempt()
    centre.surroundings.time_s += 30
    told = centre.take(answer_to(commands, **error))
    (request,) = requests_of(told)
    assert request.sm_rp_da == RpAddress(RpAddressKind.MSISDN, OTHER)
    report = report_in(told)
    assert (report.reference, report.recipient.digits) == (9, SUBSCRIBER)
    assert (report.status, report.more_messages) == (status, False)
    assert decode_timestamp(report.timestamp) == taken
    assert decode_timestamp(report.discharge_time) == taken + 30
    assert requests_of(centre.take(answer_to(told))) == []
    assert message_queue.destinations(centre.connection) == []


def test_a_device_that_does_not_ask_hears_nothing(centre: Centre) -> None:
    centre.put(originator=OTHER, reference=9)
    assert requests_of(centre.take(answer_to(centre.attempt()))) == []


def test_a_report_waits_its_turn_and_says_that_more_comes(centre: Centre) -> None:
    centre.put(originator=OTHER, reference=9, receipts=ReceiptsAsked.ALWAYS)
    centre.put(b"\1", destination=OTHER)
    before = centre.attempt(OTHER)
    assert requests_of(centre.take(answer_to(centre.attempt()))) == []
    centre.put(b"\2", destination=OTHER)
    assert report_in(centre.take(answer_to(before))).more_messages


def test_a_device_that_wrote_to_itself_hears_of_every_message_that_expired(centre: Centre) -> None:
    facts = {"originator": SUBSCRIBER, "receipts": ReceiptsAsked.ALWAYS, "lasts_s": 10}
    centre.put(reference=1, **facts)
    centre.put(reference=2, **facts)
    centre.surroundings.time_s += 10
    first = centre.attempt()
    second = centre.take(answer_to(first))
    assert [report_in(first).reference, report_in(second).reference] == [1, 2]
    assert report_in(second).status == 0x46
    assert requests_of(centre.take(answer_to(second))) == []
    assert centre.waiting() == 0


@pytest.mark.parametrize("is_silent", [False, True])
def test_a_single_shot_is_tried_once(centre: Centre, is_silent: bool) -> None:  # noqa: FBT001 - a row of the table
    number = centre.put(is_single_shot=True, receipts=ReceiptsAsked.ON_FAILURE)
    centre.put(b"\2")
    commands = centre.attempt()
    if is_silent:
        ended = centre.give_up_waiting()
    else:
        cause = RpCause.DESTINATION_OUT_OF_ORDER
        ended = centre.take(answer_to(commands, sm_rp_cause=cause))
    assert receipts_in(ended) == [(number, MessageState.UNDELIVERABLE)]
    (request,) = requests_of(ended)
    assert Deliver.decode(request.sm_rp_ui or b"").user_data == b"\2"


def test_a_device_that_came_back_during_an_attempt_is_tried_again_at_once(centre: Centre) -> None:
    centre.put()
    commands = centre.attempt()
    assert centre.delivery.alert(centre.connection, SUBSCRIBER) == []
    absent = answer_to(commands, sm_rp_cause=RpCause.DESTINATION_OUT_OF_ORDER)
    again = centre.take(absent)
    assert len(requests_of(again)) == 1
    absent = answer_to(again, sm_rp_cause=RpCause.DESTINATION_OUT_OF_ORDER)
    assert requests_of(centre.take(absent)) == []
    assert len(requests_of(centre.delivery.alert(centre.connection, SUBSCRIBER))) == 1


def test_that_a_device_came_back_counts_for_one_attempt(centre: Centre) -> None:
    centre.put(b"\1")
    centre.put(b"\2")
    first = centre.attempt()
    centre.delivery.alert(centre.connection, SUBSCRIBER)
    absent = {"sm_rp_cause": RpCause.DESTINATION_OUT_OF_ORDER}
    assert requests_of(centre.take(answer_to(centre.take(answer_to(first)), **absent))) == []


def test_after_a_restart_everything_is_sent_again(centre: Centre) -> None:
    centre.put(b"\1")
    centre.put(b"\2")
    centre.put(b"\3", destination=OTHER)
    centre.attempt()
    sent = requests_of(centre.made().resume(centre.connection))
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
