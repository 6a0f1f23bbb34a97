"""Tests of the outbox."""

from __future__ import annotations

from typing import Any

import pytest

from impl.events import Interface, Peer, Send, SetTimer, StopTimer
from impl.network.records import HOME_REGISTER, OUTBOX
from impl.outbox import FIRST_WAIT_S, LONGEST_WAIT_S
from impl.runtime.store import SqlStore

TARGET = Peer(Interface.OPERATOR, "application-server")


@pytest.fixture
def connection() -> Any:
    store = SqlStore(HOME_REGISTER)
    with store.begin() as connection:
        yield connection
    store.close()


def test_a_message_is_sent_at_once_and_again_after_a_while(connection: Any) -> None:
    first = OUTBOX.put(connection, "one", TARGET, b"\1")
    assert first == [Send(TARGET, b"\1"), SetTimer("outbox/one", FIRST_WAIT_S)]
    again = OUTBOX.send_again(connection, "one")
    assert again == [Send(TARGET, b"\1"), SetTimer("outbox/one", 2 * FIRST_WAIT_S)]


def test_the_wait_doubles_up_to_its_bound(connection: Any) -> None:
    OUTBOX.put(connection, "one", TARGET, b"\1")
    waits = [OUTBOX.send_again(connection, "one")[1] for _ in range(1200)]
    seconds = [wait.after_s for wait in waits if isinstance(wait, SetTimer)]
    assert seconds[:3] == [20.0, 40.0, 80.0]
    assert seconds[-1] == LONGEST_WAIT_S


def test_an_answered_message_is_sent_no_more(connection: Any) -> None:
    OUTBOX.put(connection, "one", TARGET, b"\1")
    assert OUTBOX.drop(connection, "one") == [StopTimer("outbox/one")]
    assert OUTBOX.send_again(connection, "one") == []


def test_dropping_what_is_not_kept_does_nothing(connection: Any) -> None:
    assert OUTBOX.drop(connection, "one") == []


def test_a_message_of_the_same_name_takes_the_place_of_the_former(connection: Any) -> None:
    OUTBOX.put(connection, "one", TARGET, b"\1")
    OUTBOX.put(connection, "one", TARGET, b"\2")
    assert OUTBOX.send_again(connection)[0] == Send(TARGET, b"\2")


def test_after_a_restart_all_are_sent_again_in_order(connection: Any) -> None:
    for name in ("two", "one"):
        OUTBOX.put(connection, name, TARGET, name.encode())
    sent = [c.octets for c in OUTBOX.send_again(connection) if isinstance(c, Send)]
    assert sent == [b"one", b"two"]


def test_attempts_are_counted_as_long_as_a_message_is_kept(connection: Any) -> None:
    assert OUTBOX.attempts(connection, "one") == 0
    OUTBOX.put(connection, "one", TARGET, b"\1")
    OUTBOX.send_again(connection, "one")
    assert OUTBOX.attempts(connection, "one") == 2
    OUTBOX.drop(connection, "one")
    assert OUTBOX.attempts(connection, "one") == 0
