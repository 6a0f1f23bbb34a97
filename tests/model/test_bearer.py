from enum import Enum

import pytest

from model.application_server import Sealing
from model.bearer import COMPONENTS, Late, Message, Order, Receipt, Report, Request
from model.card import Counter, Guesses
from model.device import Device
from model.errors import ForbiddenTransitionError
from model.home_register import Record
from model.table import Automaton, Option

REQUEST, MESSAGE, ORDER, LATE, REPORT, RECEIPT = (
    part.under({Option.HARDENED}) for part in COMPONENTS
)
AROUND: dict[str, Enum] = {
    "device": Device.ATTACHED_LEFT,
    "home_left": Record.ACTIVE,
    "sealing": Sealing.RIGHT,
    "counter": Counter.BEHIND,
}


def walk(automaton: Automaton, *events: str, **otherwise: Enum) -> Automaton:
    for event in events:
        automaton.fire(event, {**AROUND, **otherwise})
    return automaton


@pytest.mark.parametrize(
    ("wish", "state"),
    [("request_change", Request.FROM_DEVICE), ("ask_centre", Request.FROM_CENTRE)],
)
def test_a_request_comes_from_the_device_or_from_the_second_operator(
    wish: str, state: Request
) -> None:
    request = walk(Automaton(REQUEST), wish)
    assert request.state is state
    assert walk(request, "take_request").state is Request.NONE


def test_a_user_who_does_not_agree_sends_no_request() -> None:
    assert walk(Automaton(REQUEST), "decline_at_centre").state is Request.NONE


def test_a_repeated_request_is_refused_and_never_taken() -> None:
    request = walk(Automaton(REQUEST), "repeat_request")
    with pytest.raises(ForbiddenTransitionError):
        walk(request, "take_request")
    assert walk(request, "refuse_repeated_request").state is Request.NONE


@pytest.mark.parametrize("state", [Request.FROM_DEVICE, Request.FROM_CENTRE])
def test_a_request_that_a_change_overtook_is_not_taken(state: Request) -> None:
    request = walk(Automaton(REQUEST, state), "turn_round")
    assert request.state is Request.OUTDATED
    with pytest.raises(ForbiddenTransitionError):
        walk(request, "take_request")
    assert walk(request, "refuse_outdated_request").state is Request.NONE
    with pytest.raises(ForbiddenTransitionError):
        walk(Automaton(REQUEST, state), "refuse_outdated_request")


def test_only_a_short_message_can_lack_the_name_of_the_card() -> None:
    with pytest.raises(ForbiddenTransitionError):
        walk(Automaton(REQUEST), "ask_centre", "refuse_nameless_request")


def test_a_message_arrives_where_the_device_is_attached() -> None:
    message = walk(Automaton(MESSAGE), "send_message")
    with pytest.raises(ForbiddenTransitionError):
        walk(message, "receive_message", device=Device.SEARCHING)
    with pytest.raises(ForbiddenTransitionError):
        walk(message, "receive_message", home_left=Record.FREE)
    assert walk(message, "receive_message").state is Message.GONE


def test_a_part_comes_again_only_where_the_device_is_attached() -> None:
    sent = Automaton(MESSAGE, Message.GONE)
    assert walk(sent, "repeat_part", device=Device.ATTACHED_LEFT).state is Message.GONE
    for device in (Device.SEARCHING, Device.ATTACHED_JOINED):
        with pytest.raises(ForbiddenTransitionError):
            walk(sent, "repeat_part", device=device)
    with pytest.raises(ForbiddenTransitionError):
        walk(Automaton(MESSAGE), "repeat_part", device=Device.ATTACHED_LEFT)


def test_what_was_sent_may_come_again_any_number_of_times() -> None:
    message = walk(Automaton(MESSAGE), "send_message")
    for _ in range(3):
        walk(message, "receive_message", "repeat_message")
    assert message.state is Message.UNDER_WAY


def test_what_was_never_sent_does_not_come() -> None:
    with pytest.raises(ForbiddenTransitionError):
        walk(Automaton(MESSAGE), "repeat_message")


def test_a_message_of_which_a_part_is_lost_is_gone() -> None:
    message = walk(Automaton(MESSAGE), "send_message", "receive_some_parts", "lose_message")
    assert message.state is Message.GONE
    with pytest.raises(ForbiddenTransitionError):
        walk(message, "receive_rest")


def test_an_altered_message_is_refused_and_not_received() -> None:
    message = walk(Automaton(MESSAGE), "send_message", "alter_message")
    with pytest.raises(ForbiddenTransitionError):
        walk(message, "receive_message")
    assert walk(message, "refuse_altered_message").state is Message.GONE


def test_an_order_is_obeyed_once() -> None:
    order = walk(Automaton(ORDER), "send_order", "obey_order", "repeat_order")
    with pytest.raises(ForbiddenTransitionError):
        walk(order, "obey_order", counter=Counter.AT_ORDER)
    assert walk(order, "refuse_order", counter=Counter.AT_ORDER).state is Order.GONE


@pytest.mark.parametrize("sealing", [Sealing.WRONG_CODE, Sealing.WRONG_KEYS])
def test_an_order_that_is_wrongly_sealed_is_refused(sealing: Sealing) -> None:
    order = walk(Automaton(ORDER), "send_order")
    with pytest.raises(ForbiddenTransitionError):
        walk(order, "obey_order", sealing=sealing)
    assert walk(order, "refuse_order", sealing=sealing).state is Order.GONE


@pytest.mark.parametrize(
    ("counter", "state"),
    [
        (Counter.BEHIND, Late.WAITING),
        (Counter.AT_MESSAGE, Late.NONE),
        (Counter.AT_ORDER, Late.NONE),
    ],
)
def test_only_a_message_that_the_card_never_had_can_come_late(
    counter: Counter, state: Late
) -> None:
    assert walk(Automaton(LATE), "start_over", counter=counter).state is state


def test_a_newer_message_makes_a_late_one_harmless() -> None:
    late = Automaton(LATE, Late.WAITING)
    assert walk(late, "obey_late_message").state is Late.WAITING
    with pytest.raises(ForbiddenTransitionError):
        walk(late, "obey_late_message", counter=Counter.AT_MESSAGE)


def test_a_literal_card_has_no_counter_to_tell_a_late_message_by() -> None:
    literal = COMPONENTS[3].under({Option.LITERAL})
    assert walk(Automaton(literal), "turn_round").state is Late.WAITING
    assert walk(Automaton(LATE), "turn_round").state is Late.NONE


@pytest.mark.parametrize(
    ("sealing", "guesses", "state"),
    [
        (Sealing.RIGHT, Guesses.COUNTED, Report.DONE),
        (Sealing.WRONG_CODE, Guesses.COUNTED, Report.WRONG_CODE),
        (Sealing.RIGHT, Guesses.BLOCKED, Report.BLOCKED),
    ],
)
def test_a_repeated_report_says_what_it_said(
    sealing: Sealing, guesses: Guesses, state: Report
) -> None:
    report = Automaton(REPORT, Report.GONE)
    assert walk(report, "repeat_report", sealing=sealing, guesses=guesses).state is state


def test_a_lost_report_is_not_heard() -> None:
    report = walk(Automaton(REPORT), "replace_identity", "lose_report")
    with pytest.raises(ForbiddenTransitionError):
        walk(report, "hear_done")


def test_a_receipt_is_heard_once() -> None:
    receipt = walk(Automaton(RECEIPT), "obey_order", "hear_receipt")
    assert receipt.state is Receipt.NONE
    with pytest.raises(ForbiddenTransitionError):
        walk(receipt, "hear_receipt")
