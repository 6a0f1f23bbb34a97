"""A foreign network says that a card is invalid, though it does not know: nobody is stranded."""

from __future__ import annotations

import pytest

from impl.application_server.change import State
from impl.device import registration
from impl.events import Interface
from impl.runtime.deployment import NETWORKS
from impl.runtime.faults import BanningFault

FIRST, SECOND, THIRD = NETWORKS
CAUSES = pytest.mark.parametrize("cause", [0x02, 0x03, 0x06])


def misjudge(trial, plan, cause):
    """Let a network reject for this cause whomever it does not let in."""
    trial.world.simulation.filters.append(BanningFault(plan.serving_node, cause))


def silence(trial, plan, until_s):
    """Let nobody hear a network until then."""

    def lose(frame):
        is_of_network = plan.serving_node in {frame.sender, frame.receiver}
        is_on_air = frame.target.interface in {Interface.MM, Interface.SM}
        is_lost = is_of_network and is_on_air and trial.world.simulation.now_s < until_s
        return [] if is_lost else [(0.0, frame)]

    trial.world.simulation.filters.append(lose)


def stay_where_are(trial, *plans):
    user = trial.user
    trial.world.perform(user.name, user.terminal.move(tuple(plan.plmn for plan in plans)))
    trial.world.settle()


@CAUSES
@pytest.mark.parametrize("gives_up", [False, True], ids=["looks again", "looks no more"])
def test_during_a_change_the_card_goes_back_to_the_pair_that_has_service(
    begin, monkeypatch, cause, gives_up
):
    if gives_up:  # as devices do that do not ask who said so
        monkeypatch.setattr(registration, "MOST_UNPROVEN", 0)
    with begin() as trial:
        stay_where_are(trial, FIRST, THIRD)
        for plan in (FIRST, THIRD):
            misjudge(trial, plan, cause)
        trial.change(SECOND)
        (change,) = trial.world.server.changes()
        assert change.state is State.ABANDONED
        assert trial.user.terminal.serving_network == FIRST.plmn
        stay_where_are(trial, FIRST, SECOND, THIRD)
        trial.change(SECOND)
        assert trial.standing() == trial.settled_in(SECOND)


@CAUSES
def test_a_subscriber_whose_network_is_away_has_service_when_it_is_back(begin, cause):
    with begin() as trial:
        now_s = trial.world.simulation.now_s
        silence(trial, FIRST, now_s + 600)
        misjudge(trial, SECOND, cause)
        stay_where_are(trial, FIRST, SECOND)
        assert trial.user.terminal.serving_network == FIRST.plmn
        assert 1800 <= trial.world.simulation.now_s - now_s <= 3700


@CAUSES
def test_a_device_that_believes_anybody_has_none_until_it_is_powered_anew(
    begin, monkeypatch, cause
):
    monkeypatch.setattr(registration, "MOST_UNPROVEN", 0)
    with begin() as trial:
        silence(trial, FIRST, trial.world.simulation.now_s + 600)
        misjudge(trial, SECOND, cause)
        stay_where_are(trial, FIRST, SECOND)
        assert trial.user.terminal.serving_network is None
