"""Nodes die at every one of their commits, before and after it, and live again (B12).

`World.let_die` lets a node die; what a commit is worth by itself is tested in `test_store`.
"""

from __future__ import annotations

from itertools import count

import pytest

from impl.application_server.change import State
from impl.runtime.deployment import NETWORKS
from impl.runtime.world import SERVER
from impl.values import Secret

FIRST, SECOND, THIRD = NETWORKS
REGISTERS = tuple(f"HLR {plan.plmn}" for plan in NETWORKS)
CENTRES = tuple(f"SMSC {plan.plmn}" for plan in NETWORKS)

deaths = pytest.mark.parametrize("kept", [False, True], ids=["before the commit", "after it"])


def each_death(begin, name, *, kept, **options):
    """Yield one trial for each decision of the node, the user's request already under way."""
    for decision in count(1):
        with begin(**options) as trial:
            trial.world.let_die(name, decision, kept=kept)
            mortal = trial.world.simulation._nodes[name]
            trial.ask(SECOND)
            trial.world.settle()
            if trial.world.simulation._nodes[name] is mortal:
                return
            yield trial


@deaths
@pytest.mark.parametrize(
    ("name", "decisions"),
    [(SERVER, 7), (REGISTERS[0], 10), (REGISTERS[1], 5), (CENTRES[0], 8)],
)
def test_a_node_that_dies_at_any_commit_of_a_change_goes_on(begin, name, decisions, kept):
    trials = 0
    for trial in each_death(begin, name, kept=kept):
        trials += 1
        standing = trial.standing()
        if standing == trial.settled_in(FIRST):  # the request itself was lost: the user asks again
            assert trial.world.server.changes() == []
            trial.change(SECOND)
            standing = trial.standing()
        assert standing == trial.settled_in(SECOND), trials
        (change,) = trial.world.server.changes()
        assert change.state is State.DONE
    assert trials >= decisions


@deaths
@pytest.mark.parametrize("name", [SERVER, REGISTERS[0], REGISTERS[1], CENTRES[0]])
def test_a_node_that_dies_while_a_change_fails_keeps_no_identity(begin, name, kept):
    trials = 0
    for decision in count(1):
        with begin() as trial:
            trial.world.server.replace_admin_code(trial.user.profile.iccid, Secret(b"guessed!"))
            trial.world.let_die(name, decision, kept=kept)
            mortal = trial.world.simulation._nodes[name]
            trial.change(SECOND)
            if trial.world.simulation._nodes[name] is mortal:
                break
            trials += 1
            assert trial.standing() == trial.settled_in(FIRST), decision
    assert trials > 1


@deaths
@pytest.mark.parametrize("name", [SERVER, "HLR 20801"])
def test_a_death_while_the_left_operator_is_asked_is_none_to_the_change(begin, name, kept):
    for trial in each_death(begin, name, kept=kept, asks_for_acknowledgement=True):
        if not trial.world.server.changes():
            trial.change(SECOND)
        assert trial.standing() == trial.settled_in(SECOND)
        assert trial.world.networks[FIRST.plmn].centre.was_asked(trial.user.profile.iccid)


@deaths
def test_short_messages_that_were_taken_outlive_the_centre(begin, kept):
    """Die at the commit that takes a part of MesP: it is neither lost for good nor doubled."""
    for trial in each_death(begin, CENTRES[0], kept=kept):
        if trial.world.server.changes():
            assert trial.world.server.changes()[0].attempts <= 2
            device = trial.user.name
            assert len(trial.world.journal.downloads(device)) <= 4


def test_all_nodes_that_are_killed_at_rest_serve_the_next_change(begin):
    with begin() as trial:
        trial.change(SECOND)
        for name in (SERVER, *REGISTERS, *CENTRES):
            trial.world.simulation.remove(name)
            trial.world.start(name)
        trial.world.settle()
        trial.change(THIRD)
        assert trial.standing() == trial.settled_in(THIRD)


def test_a_node_that_is_dead_hears_nothing_and_the_world_waits_for_it(begin):
    with begin() as trial:
        trial.world.simulation.remove(REGISTERS[1])
        trial.ask(SECOND)
        while not trial.world.server.changes():
            assert trial.world.simulation.step()
        assert trial.world.server.changes()[0].state is State.REQUESTED
        trial.world.start(REGISTERS[1])
        trial.world.settle()
        assert trial.standing() == trial.settled_in(SECOND)
