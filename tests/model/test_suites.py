import itertools
from enum import Enum

import pytest

from model.compile import Space
from model.errors import UnknownEventError
from model.suites import Goal, Place, Tour, What, reach, sequences, shortest_to
from model.system import Composition
from model.table import Arrow, Component, Kind


class Door(Enum):
    SHUT = "shut"
    OPEN = "open"
    LOCKED = "locked"


class Key(Enum):
    AWAY = "away"
    HERE = "here"


D, K = Door, Key
DOOR = (
    Arrow("S1", "1a", "open", D.SHUT, D.OPEN),
    Arrow("S1", "1a", "shut", D.OPEN, D.SHUT),
    Arrow("S1", "1a", "lock", D.SHUT, D.LOCKED, needs={"key": {K.HERE}}),
    Arrow("S1", "1a", "unlock", D.LOCKED, D.SHUT, needs={"key": {K.HERE}}),
)
KEY = (
    Arrow("S1", "1a", "fetch", K.AWAY, K.HERE),
    Arrow("S1", "1a", "lose", K.HERE, K.AWAY, Kind.FAULT),
)


def space(door=DOOR):
    parts = (Component("door", door, D.SHUT), Component("key", KEY, K.AWAY))
    return Space(Composition(parts, frozenset()))


def walked(sequence, composition):
    """Walk a sequence, and yield each event with the state in which it happens."""
    state = dict(composition.initial)
    for event in sequence:
        arrows = composition.arrows(event, state)
        assert arrows is not None, f"{event} cannot happen in {state}"
        yield event, dict(state)
        for part, arrow in zip(composition.participants(event), arrows, strict=True):
            state[part.name] = arrow.target
    yield "", dict(state)


def test_the_goals_are_every_row_and_every_event_that_a_state_refuses():
    reached = reach(space())
    transitions = {goal for goal in reached.nearest if goal.what is What.TRANSITION}
    refusals = {goal for goal in reached.nearest if goal.what is What.REFUSAL}
    assert len(transitions) == len(DOOR) + len(KEY)
    assert Goal(What.REFUSAL, "lock", "in SHUT", "door") in refusals  # without the key
    assert Goal(What.REFUSAL, "open", "in LOCKED", "door") in refusals
    assert Goal(What.REFUSAL, "open", "in SHUT", "door") not in refusals
    assert len(list(reached.states)) == 6


def test_the_walks_take_every_row_and_come_to_every_refusal():
    made = space()
    steps = [one for walk in sequences(reach(made)) for one in walked(walk, made.composition)]
    taken = {
        (event, state["door"])
        for event, state in steps
        if event in {"open", "shut", "lock", "unlock"}
    }
    assert taken == {
        ("open", D.SHUT), ("shut", D.OPEN), ("lock", D.SHUT), ("unlock", D.LOCKED)
    }  # fmt: skip
    met = {state["door"] for _, state in steps}
    assert met == set(Door)


def test_a_walk_of_pairs_takes_every_event_after_every_other_that_it_can_follow():
    made = space()
    reached = reach(made, [What.PAIR])
    walks = list(sequences(reached))
    pairs = {pair for walk in walks for pair in itertools.pairwise(walk)}
    assert {("fetch", "lock"), ("lock", "unlock"), ("open", "shut"), ("lock", "lose")} <= pairs
    assert len(pairs) >= len(reached.nearest)
    assert ("open", "lock") not in pairs


def test_faults_are_goals_by_state_of_the_server_and_there_is_none_here():
    assert not reach(space(), [What.FAULT]).nearest


@pytest.mark.parametrize("missing", range(len(DOOR)))
def test_a_row_that_is_missing_is_noticed_by_a_walk_of_the_right_table(missing):
    wrong = space(DOOR[:missing] + DOOR[missing + 1 :]).composition
    whole = [walked(walk, wrong) for walk in sequences(reach(space()))]
    with pytest.raises((AssertionError, UnknownEventError)):
        list(itertools.chain(*whole))


@pytest.mark.parametrize("source", [D.OPEN, D.LOCKED])
def test_a_row_too_many_is_noticed_where_its_event_is_tried_in_vain(source):
    added = space((*DOOR, Arrow("S1", "1a", "open", source, D.OPEN))).composition
    right = space()
    noticed = False
    for walk in sequences(reach(right)):
        for _, state in walked(walk, right.composition):
            refused = right.composition.arrows("open", state) is None
            noticed |= refused and added.arrows("open", state) is not None
    assert noticed


def test_the_shortest_way_to_a_state_is_the_shortest():
    assert shortest_to(reach(space()), {"door": {D.LOCKED}}) == ("fetch", "lock")
    assert shortest_to(reach(space()), {"door": {D.SHUT}}) == ()


def test_without_an_event_that_leads_there_the_rest_is_walked_and_no_more():
    walks = list(sequences(reach(space()), without={"fetch"}))
    assert walks
    assert not {"fetch", "lock"} & {event for walk in walks for event in walk}


def test_what_cannot_be_brought_about_is_listed_with_the_reason():
    made = space()
    tour = Tour(reach(made))
    for door in (D.SHUT, D.OPEN):
        state = made.packing.pack({"door": door, "key": K.AWAY})
        tour.close(Place(state), "fetch", "there is no key")
    while (way := tour.plan(Place(made.initial))) is not None:
        tour.follow(Place(made.initial), way)
    tour.give_up()
    reasons = {goal.event: reason for goal, reason in tour.hidden.items()}
    assert reasons["fetch"] == "there is no key"
    assert reasons["unlock"] == "what leads there cannot be brought about"
    assert Goal(What.TRANSITION, "open", "SHUT to OPEN", "door") in tour.met


def test_a_tour_ends_where_it_is_told_to():
    tour = Tour(reach(space()), stop=lambda tour: len(tour.met) >= 1)
    way = tour.begin()
    assert way is not None
    tour.follow(Place(tour.reached.goals.space.initial), way)
    assert tour.plan(Place(tour.reached.goals.space.initial)) is None
    assert tour.left
