"""Tests of the outbox."""

from __future__ import annotations

from typing import Any

import pytest

from impl.events import Command, Interface, Peer, Send, SetTimer, StopTimer
from impl.network.records import HOME_REGISTER, OUTBOX
from impl.outbox import EARLY_S, FIRST_WAIT_S, LONGEST_WAIT_S
from impl.runtime.store import SqlStore

TARGET = Peer(Interface.OPERATOR, "application-server")
NOW = 1000.0


@pytest.fixture
def connection() -> Any:
    store = SqlStore(HOME_REGISTER)
    with store.begin() as connection:
        yield connection
    store.close()


def test_a_message_is_sent_at_once_and_again_after_a_while(connection: Any) -> None:
    first = OUTBOX.put(connection, "one", TARGET, b"\1", NOW)
    assert first == [Send(TARGET, b"\1"), SetTimer("outbox/one", FIRST_WAIT_S)]
    again = OUTBOX.send_again(connection, NOW, "one")
    assert again == [Send(TARGET, b"\1"), SetTimer("outbox/one", 2 * FIRST_WAIT_S)]


def test_the_wait_doubles_up_to_its_bound(connection: Any) -> None:
    OUTBOX.put(connection, "one", TARGET, b"\1", NOW)
    waits = [OUTBOX.send_again(connection, NOW, "one")[1] for _ in range(1200)]
    seconds = [wait.after_s for wait in waits if isinstance(wait, SetTimer)]
    assert seconds[:3] == [20.0, 40.0, 80.0]
    assert seconds[-1] == LONGEST_WAIT_S


def test_an_answered_message_is_sent_no_more(connection: Any) -> None:
    OUTBOX.put(connection, "one", TARGET, b"\1", NOW)
    assert OUTBOX.drop(connection, "one") == [StopTimer("outbox/one")]
    assert OUTBOX.send_again(connection, NOW, "one") == []


def test_dropping_what_is_not_kept_does_nothing(connection: Any) -> None:
    assert OUTBOX.drop(connection, "one") == []


def test_a_message_of_the_same_name_takes_the_place_of_the_former(connection: Any) -> None:
    OUTBOX.put(connection, "one", TARGET, b"\1", NOW)
    OUTBOX.put(connection, "one", TARGET, b"\2", NOW)
    assert OUTBOX.send_again(connection, NOW)[0] == Send(TARGET, b"\2")


def test_after_a_restart_all_are_sent_again_in_order(connection: Any) -> None:
    for name in ("two", "one"):
        OUTBOX.put(connection, name, TARGET, name.encode(), NOW)
    sent = [c.octets for c in OUTBOX.send_again(connection, NOW) if isinstance(c, Send)]
    assert sent == [b"one", b"two"]


def test_attempts_are_counted_as_long_as_a_message_is_kept(connection: Any) -> None:
    assert OUTBOX.attempts(connection, "one") == 0
    OUTBOX.put(connection, "one", TARGET, b"\1", NOW)
    OUTBOX.send_again(connection, NOW, "one")
    assert OUTBOX.attempts(connection, "one") == 2
    OUTBOX.drop(connection, "one")
    assert OUTBOX.attempts(connection, "one") == 0


@pytest.fixture
def shared(lasting: str) -> Any:
    """Open a database twice, as two nodes do that share it."""
    stores = [SqlStore(HOME_REGISTER, lasting) for _ in range(2)]
    yield stores
    for store in stores:
        store.close()


def again(store: SqlStore, now: float) -> list[Command]:
    """Let the timer of the message run out at a node."""
    with store.begin() as connection:
        return OUTBOX.send_again(connection, now, "one", is_shared=True)


def overdue(store: SqlStore, now: float) -> list[Command]:
    with store.begin() as connection:
        return OUTBOX.overdue(connection, now, since_s=5.0)


def test_of_two_nodes_whose_timers_run_out_one_sends_and_the_other_waits(shared: Any) -> None:
    with shared[0].begin() as connection:
        OUTBOX.put(connection, "one", TARGET, b"\1", NOW)
    due = NOW + FIRST_WAIT_S
    sent = again(shared[1], due)
    assert sent == [Send(TARGET, b"\1"), SetTimer("outbox/one", 2 * FIRST_WAIT_S)]
    assert again(shared[0], due + 1) == [SetTimer("outbox/one", 2 * FIRST_WAIT_S - 1)]
    assert again(shared[0], due + 2 * FIRST_WAIT_S)[0] == Send(TARGET, b"\1")


def test_a_timer_that_is_early_by_a_trifle_is_not_early(shared: Any) -> None:
    with shared[0].begin() as connection:
        OUTBOX.put(connection, "one", TARGET, b"\1", NOW)
    early = NOW + FIRST_WAIT_S - EARLY_S
    assert [type(one) for one in again(shared[0], early - EARLY_S)] == [SetTimer]
    assert [type(one) for one in again(shared[0], early)] == [Send, SetTimer]


def test_what_nobody_sent_in_time_is_found_and_taken_over(shared: Any) -> None:
    with shared[0].begin() as connection:
        OUTBOX.put(connection, "one", TARGET, b"\1", NOW)
    due = NOW + FIRST_WAIT_S
    assert overdue(shared[1], due + 4.9) == []
    assert overdue(shared[1], due + 5.0) == [SetTimer("outbox/one", 0.0)]
    again(shared[1], due + 5.0)
    assert overdue(shared[0], due + 5.0) == []


def test_what_was_answered_meanwhile_is_neither_sent_nor_waited_for(shared: Any) -> None:
    with shared[0].begin() as connection:
        OUTBOX.put(connection, "one", TARGET, b"\1", NOW)
    with shared[1].begin() as connection:
        OUTBOX.drop(connection, "one")
    assert again(shared[0], NOW + FIRST_WAIT_S) == []


def test_what_another_is_just_sending_is_left_to_it(postgresql: str) -> None:
    stores = [SqlStore(HOME_REGISTER, postgresql) for _ in range(2)]
    with stores[0].begin() as connection:
        OUTBOX.put(connection, "one", TARGET, b"\1", NOW)
    due = NOW + FIRST_WAIT_S
    with stores[0].begin() as first:
        assert len(OUTBOX.send_again(first, due, "one", is_shared=True)) == 2
        assert again(stores[1], due) == []
    for store in stores:
        store.close()


def test_a_peer_that_is_back_is_told_what_is_for_it_and_nobody_else(connection: Any) -> None:
    other = Peer(Interface.CONTROL, "hlr")
    OUTBOX.put(connection, "one", TARGET, b"\1", NOW)
    OUTBOX.put(connection, "two", other, b"\2", NOW)
    sent = [c for c in OUTBOX.send_again_to(connection, other, NOW) if isinstance(c, Send)]
    assert sent == [Send(other, b"\2")]
    assert OUTBOX.attempts(connection, "two") == 2


def test_what_is_kept_is_found(connection: Any) -> None:
    OUTBOX.put(connection, "one", TARGET, b"\1", NOW)
    assert OUTBOX.find(connection, "one") == b"\1"
    assert OUTBOX.find(connection, "two") is None
