from enum import Enum
from random import Random

import pytest

from model.compile import Space
from model.suites import Goal, What, reach
from model.system import Composition, compose
from model.table import Arrow, Component
from model.ways import FEW, Way, Ways


class Walker(Enum):
    HOME = "at home"
    BRIDGE = "on the bridge"
    FERRY = "on the ferry"
    TOWN = "in town"
    SEA = "out at sea"


W = Walker
ROWS = (
    Arrow("S1", "1a", "walk", W.HOME, W.BRIDGE),
    Arrow("S1", "1a", "embark", W.HOME, W.FERRY),
    Arrow("S1", "1a", "cross", W.BRIDGE, W.TOWN),
    Arrow("S1", "1a", "land", W.FERRY, W.TOWN),
    Arrow("S1", "1a", "drift", W.FERRY, W.SEA),
    Arrow("S1", "1a", "shop", W.TOWN, W.HOME),
)
SHOP = Goal(What.TRANSITION, "shop", "TOWN to HOME", "walker")


@pytest.fixture
def reached():
    return reach(Space(Composition((Component("walker", ROWS, W.HOME),), frozenset())))


def walked(reached, seed, closed=frozenset(), goal=SHOP, last=("shop",)):
    """Follow a way to a goal, around what is closed; return the events."""
    random = Random(seed)
    way = Way(reached, Ways(reached).to(goal, random))
    state, events = reached.goals.space.initial, []
    while tuple(events[-len(last) :]) != last:
        step = way.next(state, closed, random)
        if step is None:
            return events
        way.take(state, step)
        events.append(step.event)
        state += step.added
    return events


def test_different_ways_lead_to_one_goal_and_none_from_where_there_is_no_return(reached):
    ways = {tuple(walked(reached, seed)) for seed in range(20)}
    assert ("walk", "cross", "shop") in ways
    assert ("embark", "land", "shop") in ways
    assert not any("drift" in way for way in ways)


def test_a_way_goes_around_what_cannot_be_brought_about(reached):
    bridge = reached.goals.space.packing.pack({"walker": W.BRIDGE})
    town = reached.goals.space.packing.pack({"walker": W.TOWN})
    start = reached.goals.space.initial
    assert walked(reached, 1, {(start, "walk"), (bridge, "cross")}) == ["embark", "land", "shop"]
    assert walked(reached, 1, {(town, "shop")})[-1] in {"cross", "land"}


def test_one_seed_gives_one_way(reached):
    assert walked(reached, 3) == walked(reached, 3)


def test_a_pair_is_met_by_its_second_event_right_after_the_first(reached):
    pair = Goal(What.PAIR, "shop", "after land")
    for seed in range(10):
        events = walked(reached, seed, goal=pair, last=("land", "shop"))
        assert len(events) < 40


def test_a_way_to_a_pair_begins_again_where_the_second_event_cannot_be_brought_about(reached):
    town = reached.goals.space.packing.pack({"walker": W.TOWN})
    pair = Goal(What.PAIR, "shop", "after land")
    assert "shop" not in walked(reached, 1, {(town, "shop")}, pair)


def test_a_way_to_a_refusal_ends_where_it_is_refused(reached):
    refusal = Goal(What.REFUSAL, "cross", "in FERRY", "walker")
    (leg,) = Ways(reached).to(refusal, Random(1))
    at_sea = reached.goals.space.packing.pack({"walker": W.FERRY})
    assert leg.distances[at_sea] == 0
    assert leg.distances[reached.goals.space.initial] == 1


def test_an_event_can_happen_before_it_is_refused(reached):
    random = Random(4)
    refusal = Goal(What.REFUSAL, "shop", "in BRIDGE", "walker")
    way = Way(reached, Ways(reached).again(refusal, random))
    state, events = reached.goals.space.initial, []
    while "shop" not in events or events[-1] != "walk":
        step = way.next(state, frozenset(), random)
        way.take(state, step)
        events.append(step.event)
        state += step.added
    assert events.index("shop") < len(events) - 1


def test_a_way_may_end_wherever_its_goal_is_met_or_in_a_few_states_only():
    space = Space(compose())
    every = Ways(reach(space, [What.TRANSITION]))
    lost = Goal(What.TRANSITION, "lose_report", "DONE to GONE", "report")
    ends = {
        sum(not distance for distance in every.to(lost, Random(seed))[0].distances.values())
        for seed in range(6)
    }
    assert min(ends) == FEW
    assert max(ends) > 100 * FEW


def test_what_no_state_lacks_alone_is_known(reached):
    refusal = Goal(What.REFUSAL, "cross", "in FERRY", "walker")
    assert reached.is_refused_alone(refusal)  # there is nobody else
    assert not reached.is_refused_alone(refusal._replace(where="in SEA IN VAIN"))
