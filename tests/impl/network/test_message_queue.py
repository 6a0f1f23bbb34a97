"""Tests of the durable queue of an SMSC."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

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


def test_only_what_is_past_its_validity_expires(connection: Any) -> None:
    message_queue.put(connection, MESSAGE)
    later = message_queue.put(connection, replace(MESSAGE, expires=200.0))
    message_queue.drop_expired(connection, ONE, 99.0)
    assert len(message_queue.first_two(connection, ONE)) == 2
    message_queue.drop_expired(connection, ONE, 100.0)
    assert [message.id for message in message_queue.first_two(connection, ONE)] == [later]


def test_another_receiver_expires_by_itself(connection: Any) -> None:
    message_queue.put(connection, replace(MESSAGE, destination=OTHER))
    message_queue.drop_expired(connection, ONE, 1000.0)
    assert len(message_queue.first_two(connection, OTHER)) == 1


def test_attempts_are_counted(connection: Any) -> None:
    message_id = message_queue.put(connection, MESSAGE)
    message_queue.count_attempt(connection, message_id)
    message_queue.count_attempt(connection, message_id)
    assert message_queue.first_two(connection, ONE)[0].attempts == 2
