from enum import Enum

import pytest

from model.card import Card
from model.compile import Space
from model.identify import PARTIES, Party, Word, parties
from model.suites import What, reach
from model.system import COMPONENTS, Composition, compose
from model.table import Arrow, Component, Option


class Lamp(Enum):
    OFF = "dark"
    DIM = "a little"
    BRIGHT = "much"
    SPENT = "dark for good"


class Room(Enum):
    EMPTY = "nobody is there"
    FULL = "somebody is there"


L, R = Lamp, Room
LAMP = (
    Arrow("S1", "1a", "press", L.OFF, L.DIM),
    Arrow("S1", "1a", "press", L.DIM, L.BRIGHT),
    Arrow("S1", "1a", "press", L.BRIGHT, L.SPENT),
    Arrow("S1", "1a", "read", L.BRIGHT, L.BRIGHT),
)
ROOM = (
    Arrow("S1", "1a", "enter", R.EMPTY, R.FULL),
    Arrow("S1", "1a", "leave", R.FULL, R.EMPTY),
    Arrow("S1", "1a", "read", R.FULL, R.FULL),
)


@pytest.fixture
def reached():
    parts = (Component("lamp", LAMP, L.OFF), Component("room", ROOM, R.EMPTY))
    return reach(Space(Composition(parts, frozenset())))


@pytest.fixture
def lamp(reached):
    return Party(reached, "lamp", ["lamp"])


@pytest.fixture
def named(lamp, reached):
    unpack = reached.goals.space.packing.unpack
    return {unpack(state)["lamp"]: state for state in lamp.regions}


def test_every_transition_of_a_party_is_one_whatever_the_others_do(lamp, named):
    turns = {(turn.source, turn.event, turn.target) for turn in lamp.turns}
    assert turns == {
        (named[L.OFF], "press", named[L.DIM]),
        (named[L.DIM], "press", named[L.BRIGHT]),
        (named[L.BRIGHT], "press", named[L.SPENT]),
        (named[L.BRIGHT], "read", named[L.BRIGHT]),
    }


def test_words_tell_a_state_from_every_other(lamp, named):
    assert [str(word) for word in lamp.words(named[L.BRIGHT])] == ["read"]
    assert [str(word) for word in lamp.words(named[L.SPENT])] == ["(press)"]


def test_what_one_event_does_not_tell_apart_a_longer_word_does(lamp, named):
    words = {str(word) for word in lamp.words(named[L.DIM])}
    assert "press read" in words  # OFF can be pressed as well, and is not read after it
    assert "press (read)" in {str(word) for word in lamp.words(named[L.OFF])}
    assert not lamp.alike


def test_states_that_can_do_the_same_for_ever_are_alike(named):
    rows = tuple(row for row in LAMP if row.event != "read")
    rows += (Arrow("S1", "1a", "press", L.SPENT, L.SPENT),)
    same = (Component("lamp", rows, L.OFF), Component("room", ROOM[:2], R.EMPTY))
    party = Party(reach(Space(Composition(same, frozenset()))), "lamp", ["lamp"])
    assert len(party.alike) == 6
    assert not party.words(named[L.OFF])


def test_the_others_go_where_they_have_to_be_for_a_word(lamp, named):
    (leg,) = lamp.legs(named[L.BRIGHT], Word((), "read", is_taken=True))
    assert sorted(leg.distances.values()) == [0, 1]
    assert leg.event == "read"
    assert {"press", "read"} <= set(leg.without)
    first, then = lamp.legs(named[L.DIM], next(w for w in lamp.words(named[L.DIM]) if w.lead))
    assert (first.event, then.event) == ("press", "read")


def test_a_refusal_is_tried_where_nobody_else_would_refuse(lamp, named):
    (leg,) = lamp.legs(named[L.OFF], Word((), "read", is_taken=False))
    (ready,) = (state for state, distance in leg.distances.items() if not distance)
    assert ready != named[L.OFF]  # somebody is in the room
    assert not leg.event


def test_weak_events_are_used_only_where_no_other_tells(reached, named):
    weak = Party(reached, "lamp", ["lamp"], weak={"read"})
    assert {str(word) for word in weak.words(named[L.SPENT])} == {"(press)"}
    assert [str(word) for word in weak.words(named[L.BRIGHT])][-1] == "read"


def test_every_table_of_a_party_is_one_of_the_system_and_of_one_party_only():
    tables = [table for names in PARTIES.values() for table in names]
    assert set(tables) < {part.name for part in COMPONENTS}
    assert len(tables) == len(set(tables))


def test_two_states_alone_are_alike_in_the_method():
    """Whether a card holds parts of a message that nobody carries any more, no word can tell."""
    space = Space(compose(asking=Option.ACKNOWLEDGED))
    reached = reach(space, [What.TRANSITION])
    found = parties(reached)
    assert [party.name for party in found] == list(PARTIES)
    alike = {
        party.name: [tuple(map(space.packing.unpack, pair)) for pair in party.alike]
        for party in found
        if party.alike
    }
    assert list(alike) == ["card"]
    ((one, other),) = alike["card"]
    assert one["card"] is other["card"] is Card.NEW_ONLY
    tables = ("card", "counter", "holding", "guesses")
    assert [name for name in tables if one[name] is not other[name]] == ["holding"]
    assert sum(len(party.turns) for party in found) > 500
