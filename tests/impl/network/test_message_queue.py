"""Tests of the durable queue of an SMSC."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from impl.codec.smpp import ReceiptsAsked
from impl.network import message_queue
from impl.network.message_queue import QueuedMessage
from impl.network.records import SHORT_MESSAGE_CENTRE
from impl.runtime.store import SqlStore
from impl.values import MSISDN

ONE, OTHER = MSISDN("33600000001"), MSISDN("33600000002")
MESSAGE = QueuedMessage(ONE, MSISDN("33700"), 0x40, 0x7F, 0xF6, b"\x02\x70\x00", 100.0)


@pytest.fixture
def connection(database: str) -> Any:
    store = SqlStore(SHORT_MESSAGE_CENTRE, database)
    with store.begin() as connection:
        yield connection
    store.close()


def test_messages_come_out_as_they_went_in_and_in_order(connection: Any) -> None:
    ids = [message_queue.put(connection, replace(MESSAGE, protocol_id=n)) for n in range(3)]
    message_queue.put(connection, replace(MESSAGE, destination=OTHER))
    first, second = message_queue.first_two(connection, ONE)
    assert first == replace(MESSAGE, protocol_id=0, id=ids[0])
    assert second == replace(MESSAGE, protocol_id=1, id=ids[1])
    assert message_queue.destinations(connection) == [ONE, OTHER]


def test_what_is_dropped_is_gone_and_its_id_never_given_again(connection: Any) -> None:
    first = message_queue.put(connection, MESSAGE)
    message_queue.drop(connection, first)
    assert message_queue.first_two(connection, ONE) == []
    assert message_queue.destinations(connection) == []
    assert message_queue.put(connection, MESSAGE) > first


def test_a_message_of_a_device_comes_out_as_it_went_in(connection: Any) -> None:
    message = replace(
        MESSAGE,
        taken=50.0,
        receipts=ReceiptsAsked.ON_FAILURE,
        reference=255,
        is_single_shot=True,
        is_report=True,
    )
    number = message_queue.put(connection, message)
    assert message_queue.first_two(connection, ONE) == [replace(message, id=number)]


def test_only_what_is_past_its_validity_is_expired(connection: Any) -> None:
    first = message_queue.put(connection, MESSAGE)
    message_queue.put(connection, replace(MESSAGE, expires=200.0))
    assert message_queue.expired(connection, ONE, 99.0) == []
    assert message_queue.expired(connection, ONE, 100.0) == [replace(MESSAGE, id=first)]
    assert len(message_queue.expired(connection, ONE, 200.0)) == 2
    assert message_queue.expired(connection, OTHER, 200.0) == []


def test_the_first_to_expire_is_known(connection: Any) -> None:
    assert message_queue.first_expiry(connection, ONE) is None
    for expires in (300.0, 100.0, 200.0):
        message_queue.put(connection, replace(MESSAGE, expires=expires))
    message_queue.put(connection, replace(MESSAGE, expires=50.0, destination=OTHER))
    assert message_queue.first_expiry(connection, ONE) == 100.0


@pytest.mark.parametrize(
    ("other", "is_twin"),
    [
        ({}, True),
        ({"user_data": b"else"}, True),
        ({"reference": 8}, False),
        ({"destination": OTHER}, False),
        ({"originator": OTHER}, False),
    ],
)
def test_a_twin_is_of_the_same_sender_receiver_and_reference(
    connection: Any, other: dict[str, Any], *, is_twin: bool
) -> None:
    message = replace(MESSAGE, reference=7)
    message_queue.put(connection, message)
    assert message_queue.has_twin(connection, replace(message, **other)) is is_twin


def test_attempts_are_counted(connection: Any) -> None:
    message_id = message_queue.put(connection, MESSAGE)
    message_queue.count_attempt(connection, message_id)
    message_queue.count_attempt(connection, message_id)
    assert message_queue.first_two(connection, ONE)[0].attempts == 2
