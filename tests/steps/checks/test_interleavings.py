from __future__ import annotations

import pytest

from impl.application_server import changes, course
from impl.application_server.change import OPEN, State
from steps.checks.concurrency import CASES, sequential_outcomes
from steps.checks.interleavings import (
    Arrival,
    Orderable,
    _class_of,
    _reversed_races,
    explore_interleavings,
)
from steps.driver import Network, Setup, UnsupportedError, User
from steps.drivers import load
from steps.drivers.patched import Patch, with_patches

SIMULATED = load("simulated")
BY_NAME = {case.name: case for case in CASES}
DIFFERENT = BY_NAME["device and operator ask for different networks"]
SAME = BY_NAME["device and operator ask for the same network"]
OPERATORS = BY_NAME["two operators ask"]
LAST = BY_NAME["two cards ask for the last identity"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_order_is_explained_by_some_sequence(case):
    found = explore_interleavings(SIMULATED, [case], most_runs=25)
    assert not found.findings, str(found.findings[0])
    assert found.runs[case.name] == 25 or found.is_complete[case.name]
    assert found.outcomes[case.name] <= sequential_outcomes(case, Setup())
    assert found.outcomes[case.name]


def test_of_two_cards_each_can_get_the_last_identity():
    found = explore_interleavings(SIMULATED, [LAST], most_runs=120)
    winners = {
        user
        for outcome in found.outcomes[LAST.name]
        for user, network, *_ in outcome.users
        if network is Network.SECOND
    }
    assert winners == {User.THE_USER, User.ANOTHER}


_PUT = changes.put


def _close_until_the_identity_comes(connection, **columns):
    return _PUT(connection, **{**columns, "open": None})


def test_a_gap_between_two_steps_of_the_server_is_found_with_its_history():
    gap = with_patches(Patch(changes, "put", _close_until_the_identity_comes))
    found = explore_interleavings(gap, [OPERATORS], most_runs=20)
    assert found.findings
    text = str(found.findings[0])
    assert "no sequence explains this order" in text
    assert "-> application-server: request-change" in text
    assert "explained:" in text


def test_a_gap_that_shows_in_some_orders_only_is_found():
    gap = with_patches(Patch(course, "OPEN", OPEN - {State.SENT}))
    assert not explore_interleavings(gap, [OPERATORS], most_runs=1).findings
    assert explore_interleavings(gap, [OPERATORS], most_runs=40).findings


def test_a_system_that_cannot_be_told_what_arrives_next_is_not_supported():
    assert not isinstance(load("modelled")(Setup()), Orderable)
    with pytest.raises(UnsupportedError):
        explore_interleavings(load("modelled"), [DIFFERENT])


def test_progress_is_told_after_each_run():
    told = []
    explore_interleavings(SIMULATED, [SAME], 3, progress=lambda *one: told.append(one))
    assert [(name, done) for name, done, _ in told] == [(SAME.name, number) for number in (1, 2, 3)]


def arrivals(*triples):
    return [Arrival(way, receiver, sender, way) for way, receiver, sender in triples]


def test_two_messages_that_meet_are_let_come_the_other_way_round():
    orders = _reversed_races(
        arrivals(("a", "x", None), ("c", "y", None), ("b", "x", None)), frozenset("x"), set()
    )
    assert list(orders) == [("c", "b")]


@pytest.mark.parametrize(
    "history",
    [
        pytest.param([("a", "x", None), ("b", "y", None)], id="different receivers"),
        pytest.param([("a", "x", None), ("a", "x", None)], id="one way"),
        pytest.param([("a", "x", None), ("b", "x", 0)], id="cause and effect"),
        pytest.param([("a", "x", None), ("c", "y", 0), ("b", "x", 1)], id="indirect effect"),
        pytest.param([("a", "x", None), ("time", "time", None), ("b", "x", 1)], id="a timer"),
        pytest.param([("a", "z", None), ("b", "z", None)], id="no meeting place"),
    ],
)
def test_what_cannot_or_need_not_come_the_other_way_round_does_not(history):
    assert not list(_reversed_races(arrivals(*history), frozenset("xy"), set()))


def test_an_order_is_yielded_once():
    seen = set()
    history = arrivals(("a", "x", None), ("b", "x", None))
    assert list(_reversed_races(history, frozenset("x"), seen)) == [("b",)]
    assert not list(_reversed_races(history, frozenset("x"), seen))


def test_orders_that_no_party_can_tell_apart_are_one():
    receivers = {"a": "x", "b": "y", "c": "x"}
    assert _class_of(("a", "b"), receivers) == _class_of(("b", "a"), receivers)
    assert _class_of(("a", "c"), receivers) != _class_of(("c", "a"), receivers)
