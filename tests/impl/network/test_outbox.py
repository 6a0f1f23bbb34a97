"""Tests of the outbox."""

from __future__ import annotations

from typing import Any

import pytest

from impl.events import Interface, Peer, Send, SetTimer, StopTimer
from impl.network import outbox
from impl.network.records import HOME_REGISTER

TARGET = Peer(Interface.OPERATOR, "application-server")


@pytest.fixture
def connection(store_of: Any) -> Any:
    with store_of(HOME_REGISTER).begin() as connection:
        yield connection


def test_a_message_is_sent_at_once_and_again_after_a_while(connection: Any) -> None:
    first = outbox.put(connection, "one", TARGET, b"\1")
    assert first == [Send(TARGET, b"\1"), SetTimer("outbox/one", outbox.FIRST_WAIT_S)]
    again = outbox.send_again(connection, "one")
    assert again == [Send(TARGET, b"\1"), SetTimer("outbox/one", 2 * outbox.FIRST_WAIT_S)]


def test_the_wait_doubles_up_to_its_bound(connection: Any) -> None:
    outbox.put(connection, "one", TARGET, b"\1")
    waits = [outbox.send_again(connection, "one")[1] for _ in range(1200)]
    seconds = [wait.after_s for wait in waits if isinstance(wait, SetTimer)]
    assert seconds[:3] == [20.0, 40.0, 80.0]
    assert seconds[-1] == outbox.LONGEST_WAIT_S


def test_an_answered_message_is_sent_no_more(connection: Any) -> None:
    outbox.put(connection, "one", TARGET, b"\1")
    assert outbox.drop(connection, "one") == [StopTimer("outbox/one")]
    assert outbox.send_again(connection, "one") == []


def test_dropping_what_is_not_kept_does_nothing(connection: Any) -> None:
    assert outbox.drop(connection, "one") == []


def test_a_message_of_the_same_name_takes_the_place_of_the_former(connection: Any) -> None:
    outbox.put(connection, "one", TARGET, b"\1")
    outbox.put(connection, "one", TARGET, b"\2")
    assert outbox.send_again(connection)[0] == Send(TARGET, b"\2")


def test_after_a_restart_all_are_sent_again_in_order(connection: Any) -> None:
    for name in ("two", "one"):
        outbox.put(connection, name, TARGET, name.encode())
    sent = [c.octets for c in outbox.send_again(connection) if isinstance(c, Send)]
    assert sent == [b"one", b"two"]
