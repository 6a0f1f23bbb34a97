"""Coverage is counted from trails: transitions, and pairs that follow each other."""

import pytest

from conformance.machines import Machine, State, Transition, cover

ON, OFF = "OFF - press -> ON", "ON - press -> OFF"
BURN = "ON - burn -> ON"


@pytest.fixture
def lamp():
    """Make a lamp that can be on or off."""
    return Machine(
        "lamp",
        "OFF",
        (State("OFF", "dark"), State("ON", "it shines")),
        (
            Transition("OFF", "press", "ON", "normal", ("1a",)),
            Transition("ON", "press", "OFF", "normal", ("1b",)),
            Transition("ON", "burn", "ON", "fault", ()),
        ),
    )


def test_pairs_are_transitions_of_which_one_can_follow_the_other(lamp):
    assert set(lamp.pairs) == {(ON, OFF), (ON, BURN), (OFF, ON), (BURN, OFF), (BURN, BURN)}


def test_transitions_and_pairs_of_a_trail_are_counted(lamp):
    found = cover([lamp], [[f"lamp: {ON}", f"lamp: {OFF}", f"lamp: {ON}"]])["lamp"]
    assert found.taken == {ON: 2, OFF: 1}
    assert found.followed == {(ON, OFF): 1, (OFF, ON): 1}
    assert (found.transitions, found.pairs) == ((2, 3), (2, 5))


def test_a_trail_does_not_go_on_in_the_next(lamp):
    assert cover([lamp], [[f"lamp: {ON}"], [f"lamp: {OFF}"]])["lamp"].followed == {}


def test_what_another_lamp_does_is_no_pair_with_this_one(lamp):
    trail = [f"lamp: {ON}", f"lamp (of a neighbour): {ON}", f"lamp: {OFF}"]
    found = cover([lamp], [trail])["lamp"]
    assert found.taken == {ON: 2, OFF: 1}
    assert found.followed == {(ON, OFF): 1}


def test_what_happens_in_another_machine_does_not_part_a_pair(lamp):
    trail = [f"lamp: {ON}", "eye: SHUT - open -> OPEN", f"lamp: {OFF}"]
    assert cover([lamp], [trail])["lamp"].followed == {(ON, OFF): 1}


@pytest.mark.parametrize("step", ["dark", "eye: A - b -> C", "lamp: A - b -> C", "", "lamp"])
def test_what_the_machine_does_not_know_is_not_counted(lamp, step):
    assert cover([lamp], [[step]])["lamp"].transitions == (0, 3)


def test_two_that_cannot_follow_each_other_are_no_pair(lamp):
    assert cover([lamp], [[f"lamp: {ON}", f"lamp: {ON}"]])["lamp"].pairs == (0, 5)
