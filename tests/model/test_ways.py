from enum import Enum
from random import Random

import pytest

from model.compile import Space
from model.suites import Goal, Place, What, reach
from model.system import Composition
from model.table import Arrow, Component
from model.ways import Ways


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


def walked(reached, seed, closed=frozenset()):
    """Follow a way to the shop, around what is closed; return the events."""
    way, random = Ways(reached).to({SHOP}), Random(seed)
    place, events = Place(reached.goals.space.initial), []
    while "shop" not in events:
        step = way.next(place.state, closed, random)
        if step is None:
            return events
        events.append(step.event)
        place = Place(place.state + step.added, step.event)
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


def test_goals_of_two_events_are_not_one_way(reached):
    with pytest.raises(ValueError, match="too many values"):
        Ways(reached).to({SHOP, Goal(What.TRANSITION, "land", "FERRY to TOWN", "walker")})
