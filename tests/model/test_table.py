from enum import Enum

import pytest

from model.errors import ForbiddenTransitionError, UnknownEventError
from model.table import Arrow, Automaton, Component, Kind, Needs, Option, each, only


class Door(Enum):
    OPEN = "open"
    SHUT = "shut"
    LOCKED = "locked"


class Key(Enum):
    THERE = "there"
    LOST = "lost"


HAVING_THE_KEY: Needs = {"key": {Key.THERE}}
DOOR = Component(
    "door",
    (
        Arrow("S1", "1a", "shut", Door.OPEN, Door.SHUT),
        Arrow("S1", "1a", "open", Door.SHUT, Door.OPEN),
        Arrow("S2", "1b", "lock", Door.SHUT, Door.LOCKED, needs=HAVING_THE_KEY),
        Arrow("S2", "1f", "lock", Door.SHUT, Door.SHUT, needs={"key": {Key.LOST}}),
        Arrow("S2", "1b", "unlock", Door.LOCKED, Door.SHUT, needs=HAVING_THE_KEY),
    ),
    Door.OPEN,
)


def test_an_automaton_takes_the_arrow_of_the_event() -> None:
    door = Automaton(DOOR)
    door.fire("shut", {"key": Key.LOST})
    assert door.state is Door.SHUT


def test_an_event_without_an_arrow_from_here_is_forbidden() -> None:
    door = Automaton(DOOR)
    with pytest.raises(ForbiddenTransitionError, match="open: door draws no such arrow from OPEN"):
        door.fire("open", {"key": Key.THERE})
    assert door.state is Door.OPEN


def test_an_arrow_whose_condition_fails_is_forbidden() -> None:
    door = Automaton(DOOR, Door.LOCKED)
    with pytest.raises(ForbiddenTransitionError):
        door.fire("unlock", {"key": Key.LOST})
    assert door.state is Door.LOCKED


@pytest.mark.parametrize(("key", "state"), [(Key.THERE, Door.LOCKED), (Key.LOST, Door.SHUT)])
def test_of_two_arrows_the_one_whose_condition_holds_is_taken(key: Key, state: Door) -> None:
    door = Automaton(DOOR, Door.SHUT)
    door.fire("lock", {"key": key})
    assert door.state is state


def test_an_event_that_the_table_does_not_have_is_unknown() -> None:
    door = Automaton(DOOR)
    with pytest.raises(UnknownEventError, match="fly"):
        door.fire("fly", {})
    assert door.state is Door.OPEN


def test_no_state_can_be_jumped_to() -> None:
    assert not [event for event in DOOR.machine.events if event.startswith("to_")]
    with pytest.raises(UnknownEventError):
        Automaton(DOOR).fire("to_LOCKED", {})


def test_two_automata_of_one_table_do_not_share_a_state() -> None:
    one, other = Automaton(DOOR), Automaton(DOOR)
    one.fire("shut", {})
    assert (one.state, other.state) == (Door.SHUT, Door.OPEN)


def test_the_machine_has_the_arrows_of_the_table_and_no_others() -> None:
    drawn = {
        (event.name, transition.source, transition.dest)
        for event in DOOR.machine.events.values()
        for transitions in event.transitions.values()
        for transition in transitions
    }
    assert drawn == {(row.event, row.source.name, row.target.name) for row in DOOR.arrows}


def test_the_alphabet_is_the_events_of_the_rows() -> None:
    assert DOOR.alphabet == {"shut", "open", "lock", "unlock"}
    assert DOOR.states == (Door.OPEN, Door.SHUT, Door.LOCKED)


def test_a_component_finds_the_arrow_that_the_machine_takes() -> None:
    arrow = DOOR.arrow("lock", Door.SHUT, {"key": Key.LOST})
    assert arrow is DOOR.arrows[3]
    assert DOOR.arrow("unlock", Door.LOCKED, {"key": Key.LOST}) is None


def test_each_writes_a_row_for_each_source() -> None:
    rows = each("S1", "1a", "slam", {Door.OPEN, Door.LOCKED}, Door.SHUT, Kind.FAULT)
    assert [(row.source, row.target, row.kind) for row in rows] == [
        (Door.LOCKED, Door.SHUT, Kind.FAULT),
        (Door.OPEN, Door.SHUT, Kind.FAULT),
    ]


def test_each_without_a_target_stays() -> None:
    rows = each("S1", "1a", "knock", set(Door))
    assert [(row.source, row.target) for row in rows] == [
        (state, state) for state in (Door.LOCKED, Door.OPEN, Door.SHUT)
    ]


def test_rows_of_an_option_are_there_under_it_only() -> None:
    rows = (DOOR.arrows[0], *only(Option.LITERAL, *DOOR.arrows[1:]))
    door = Component("door", rows, Door.OPEN)
    assert door.under({Option.LITERAL}).arrows == rows
    assert door.under({Option.HARDENED}).arrows == rows[:1]
