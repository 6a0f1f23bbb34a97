"""Loads of a few users through real processes, and what is noted of them."""

import asyncio

import pytest

from impl.served.deployment import read_deployment
from impl.served.load import ALL, Load, LoadError, LoadPlan, killable
from impl.served.set_up import cards_of


@pytest.fixture
def load(tmp_path):
    """Prepare a load in a folder of its own."""

    def make(cards, tell=lambda *_: None, **facts):
        return Load(tmp_path, LoadPlan(cards, 5, **facts), tell, pytest.fail)

    make.file = tmp_path / "deployment.yaml"
    return make


def test_all_users_change_though_server_and_devices_die_under_way(load):
    told = []
    kills = ("crowd", "application-server")
    made = load(12, lambda *one: told.append(one), kills=kills, patience_s=5.0, longest_s=90.0)
    outcome = asyncio.run(made.run())
    assert (outcome.arrived, outcome.faults, outcome.is_good) == (12, [], True)
    assert outcome.killed == list(kills)
    assert outcome.asked >= 12
    assert all(outcome.troubles.values())
    assert 0 < outcome.took_s < 90
    times = outcome.phases["asks to arrives, by the user"]
    assert len(times) == 12
    assert min(times) > 0
    assert max(map(len, outcome.phases.values())) >= 12
    assert [one for one in told if one[0] == "changes"][-1] == ("changes", 12, 12)


def test_a_load_that_is_cut_short_is_not_good_and_what_has_no_end_is_told(load):
    outcome = asyncio.run(load(4, rate=0.5, longest_s=3.0).run())
    assert outcome.arrived < 4
    assert not outcome.is_good


def test_whoever_asked_again_is_measured_from_the_first_time(load):
    made = load(1)
    for time_s, step in ((1, "waits"), (2, "asks"), (22, "waits"), (23, "asks"), (24, "restarts")):
        made.hear(record(step, time_s))
    assert made.outcome.arrived == 0
    for _ in range(2):  # the second time it comes up where it is
        made.hear(record("arrives", 25))
    assert (made.outcome.arrived, made.outcome.asked, made.outcome.took_s) == (1, 2, 24.0)
    assert made.outcome.phases == {
        "asks to arrives, by the user": [23.0],
        "asks to restarts, the card has changed": [22.0],
        "restarts to arrives, the attach": [1.0],
    }


def test_what_goes_wrong_in_the_logs_is_counted(load):
    made = load(1)
    for record_of in ({"level": "warning", "why": "no link"}, {"level": "error", "error": "Full"}):
        for _ in range(2):
            made.hear({"process": "smsc", "event": "message lost", **record_of})
    made.hear({"process": "smsc", "event": "stops", "level": "info"})
    assert made.outcome.troubles == {
        "smsc: message lost, no link": 2,
        "smsc: message lost, Full": 2,
    }


def record(step, time_s):
    return {"event": "user", "level": "info", "card": "1", "step": step, "time": time_s}


def test_a_process_that_is_not_there_cannot_be_killed(load):
    with pytest.raises(
        LoadError, match="no process 'hlr' to kill: there is application-server, network"
    ):
        load(1, kills=("hlr",))
    with pytest.raises(LoadError, match="'network 20801' is no one process"):
        load(1, kills=("network 20801", "vlr 20801"))
    assert not cards_of(read_deployment(load.file))


def test_all_that_can_be_killed_is_each_node_once(load):
    made = load(1, kills=(ALL,))
    names = killable(read_deployment(load.file))
    assert list(made.kills) == [name for name in names if not name.startswith("network")]
    assert len(made.kills) == 1 + 2 * 4 + 1
