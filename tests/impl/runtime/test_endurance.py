"""Hundreds of changes on one card, there and back: everything is as after the first."""

import gc
from collections import deque

import pytest

from impl.network.records import SubscriberState
from impl.runtime.deployment import NETWORKS
from impl.runtime.world import World

FIRST, SECOND = NETWORKS[:2]
WARM_UP, TIMES = 5, 100
CONTAINERS = (dict, list, set, deque)


@pytest.fixture
def world():
    made = World(1)
    for plan in (FIRST, SECOND):
        made.agree(plan.plmn)
    yield made
    made.close()


def go_there_and_back(world, handset, times):
    """Change twice, so often, and let go of the evidence: it is kept for whoever wants to see."""
    for _ in range(times):
        for plan in (SECOND, FIRST):
            world.choose(handset, plan.name)
            world.settle()
            assert handset.terminal.serving_network == plan.plmn
            world.journal.entries.clear()


def kept():
    """Return how many objects of the system there are, and how much they hold in containers."""
    gc.collect()
    own = [one for one in gc.get_objects() if str(type(one).__module__).startswith("impl.")]
    held = [each for one in own for each in gc.get_referents(one) if isinstance(each, CONTAINERS)]
    return len(own), sum(map(len, held))


def identities(world):
    """Return how many identities are free and in use, by network."""
    states = (SubscriberState.FREE, SubscriberState.RESERVED, SubscriberState.ACTIVE)
    return {
        plmn: [network.register.count(state) for state in states]
        for plmn, network in world.networks.items()
    }


def test_nothing_grows_with_the_changes_of_a_card(world):
    handset = world.subscribe(FIRST.plmn)
    world.settle()
    go_there_and_back(world, handset, WARM_UP)  # what is made once is made
    before, size, free = kept(), len(handset.memory.image), identities(world)
    go_there_and_back(world, handset, TIMES)
    assert kept() == before
    assert len(handset.memory.image) == size
    assert identities(world) == free
    changes = world.server.changes(handset.profile.iccid)
    assert len(changes) == 2 * (WARM_UP + TIMES)
    assert {change.attempts for change in changes} == {1}
