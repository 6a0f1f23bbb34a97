from __future__ import annotations

from collections import Counter

import pytest

from impl.application_server.change import State
from impl.runtime.deaths import STORE, Death, Deaths
from impl.runtime.deployment import NETWORKS
from impl.runtime.sessions import SERVER

FIRST, SECOND, _ = NETWORKS
REGISTER = f"HLR {SECOND.plmn}"


def moments(begin, party=None):
    """Return the moments of a change in which nobody dies."""
    with begin() as trial:
        deaths = Deaths(trial.world)
        trial.change(SECOND)
        deaths.end()
        return [one for one in deaths.moments if party in {None, one.party}]


def test_counting_changes_nothing(begin):
    passed = []
    for counts in (False, True):
        with begin() as trial:
            if counts:
                Deaths(trial.world)
            trial.change(SECOND)
            entries = trial.world.journal.entries
            passed.append([(one.sender, one.receiver, one.message) for one in entries])
            assert trial.standing() == trial.settled_in(SECOND)
    assert passed[0] == passed[1]


def test_every_party_has_moments_and_each_tells_what_it_is_about(begin):
    every = moments(begin)
    counts = Counter(one.party for one in every)
    assert {SERVER, REGISTER, f"SMSC {FIRST.plmn}", "device 1", "card 1"} <= set(counts)
    texts = {str(one) for one in every}
    assert "after it said submit_sm to smpp 20801, upon identity-notice from operator 26202" in {
        text.replace(SECOND.plmn, "26202") for text in texts
    }
    assert "before its card gets ENVELOPE, upon RP-DATA (SMS-DELIVER) from sm 20801" in texts
    assert "before an octet that it writes upon ENVELOPE" in texts
    assert len(every) == sum(counts.values())


@pytest.mark.parametrize(
    ("moment", "is_known"),
    [
        pytest.param(1, False, id="before it wrote"),
        pytest.param(2, True, id="after it wrote"),
        pytest.param(3, True, id="after it said something"),
    ],
)
def test_a_node_that_dies_keeps_what_it_wrote_and_nothing_else(begin, moment, is_known):
    with begin() as trial:
        first = trial.world.server
        Deaths(trial.world, [Death(SERVER, moment)])
        trial.ask(SECOND)
        while trial.world.server is first:
            assert trial.world.simulation.step()
        changes = trial.world.server.changes()
        assert [change.state for change in changes] == [State.REQUESTED] * is_known


def test_a_node_that_is_away_misses_what_is_said_to_it(begin):
    with begin() as trial:
        Deaths(trial.world, [Death(REGISTER, 1)], absent_s=15.0)
        trial.ask(SECOND)
        trial.world.settle()
        lost = [one for one in trial.world.journal.entries if not one.delivered]
        assert {one.receiver for one in lost} == {REGISTER}
        assert trial.standing() == trial.settled_in(SECOND)


@pytest.mark.parametrize(
    ("moment", "is_known"),
    [pytest.param(1, False, id="before it wrote"), pytest.param(2, True, id="after it wrote")],
)
@pytest.mark.parametrize("absent_s", [0.0, 15.0])
def test_a_node_outlives_its_store_and_takes_up_what_is_kept(begin, moment, is_known, absent_s):
    with begin() as trial:
        first = trial.world.server
        deaths = Deaths(trial.world, [Death(STORE + SERVER, moment)], absent_s)
        trial.ask(SECOND)
        while not deaths.moments or deaths.moments[-1].party != STORE + SERVER:
            assert trial.world.simulation.step()
        states = [change.state for change in trial.world.server.changes()]
        assert states == [State.REQUESTED] * is_known
        trial.world.settle()
        assert trial.world.server is first
        about = [str(one) for one in deaths.moments if one.party == SERVER]
        assert "before it wrote what follows from started" in about
        if not is_known:  # the request itself was lost: the user asks again
            trial.change(SECOND)
        assert trial.standing() == trial.settled_in(SECOND)


def test_a_store_that_is_away_takes_nothing(begin):
    with begin() as trial:
        deaths = Deaths(trial.world, [Death(STORE + REGISTER, 1)], absent_s=15.0)
        trial.change(SECOND)
        tried = [one for one in deaths.moments if one.party == REGISTER]
        written = [one for one in deaths.moments if one.party == STORE + REGISTER]
        assert [one.where for one in written[:2]] == ["before it wrote what follows from"] * 2
        assert [one.where for one in tried[:2]] == ["before it wrote what follows from"] * 2
        assert len([one for one in tried if one.where.startswith("before")]) > len(
            [one for one in written if one.where.startswith("before")]
        )
        assert trial.standing() == trial.settled_in(SECOND)


def test_a_node_can_die_again_while_it_starts(begin):
    with begin() as trial:
        first = trial.world.server
        deaths = Deaths(trial.world, [Death(SERVER, 2), Death(SERVER, 3), Death(SERVER, 4)])
        trial.change(SECOND)
        about = [str(one) for one in deaths.moments if one.party == SERVER]
        assert "before it wrote what follows from started" in about
        assert trial.world.server is not first
        assert trial.standing() == trial.settled_in(SECOND)


def test_a_device_that_loses_power_has_a_new_life_and_its_network_hears_nothing(begin):
    with begin() as trial:
        first = trial.user.terminal
        Deaths(trial.world, [Death("device 1", 4)])
        trial.change(SECOND)
        assert trial.user.terminal is not first
        assert trial.user.terminal.config == first.config
        assert trial.standing() == trial.settled_in(SECOND)


def test_a_card_loses_power_at_the_very_octet(begin):
    writes = moments(begin, "card 1")
    for octet in (1, len(writes) // 2, len(writes)):
        with begin() as trial:
            deaths = Deaths(trial.world, [Death("card 1", octet)])
            trial.ask(SECOND)
            trial.world.settle()
            deaths.end()
            mute = [e for e in trial.world.journal.entries if not e.interface and not e.message]
            assert len(mute) == 1
            assert trial.user.memory.fuse is None


def test_once_it_is_over_nobody_dies_and_the_card_is_as_before(begin):
    with begin() as trial:
        card, server = trial.user.slot.card, trial.world.server
        deaths = Deaths(trial.world, [Death(SERVER, 1), Death("device 1", 1), Death("card 1", 1)])
        deaths.end()
        assert trial.user.slot.card is card
        trial.change(SECOND)
        assert trial.world.server is server
        assert deaths.moments == []
