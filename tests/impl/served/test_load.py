"""Loads of a few users through real processes, and what is noted of them."""

import asyncio

import pytest

from impl.served.deployment import read_deployment
from impl.served.load import ALL, Load, LoadError, LoadPlan, strikable
from impl.served.set_up import cards_of


@pytest.fixture
def load(tmp_path):
    """Prepare a load in a folder of its own."""

    def make(cards, tell=lambda *_: None, **facts):
        return Load(tmp_path, LoadPlan(cards, 5, **facts), tell, pytest.fail)

    make.file = tmp_path / "deployment.yaml"
    return make


def test_all_users_change_though_processes_die_a_line_is_cut_and_a_disk_is_full(load):
    told = []
    faults = (
        ("fill", "application-server"),
        ("kill", "crowd"),
        ("cut", "to-server"),
        ("kill", "application-server"),
    )
    made = load(16, lambda *one: told.append(one), faults=faults, patience_s=4.0, longest_s=300.0)
    outcome = asyncio.run(made.run())
    assert (outcome.arrived, outcome.faults, outcome.is_good) == (16, [], True)
    assert outcome.struck == [
        "filled the disk of application-server",
        "killed crowd",
        "cut the line to-server",
        "killed application-server",
    ]
    assert outcome.asked >= 16
    assert all(outcome.troubles.values())
    assert 0 < outcome.took_s < 300
    times = outcome.phases["asks to arrives, by the user"]
    assert len(times) == 16
    assert min(times) > 0
    assert max(map(len, outcome.phases.values())) >= 16
    assert [one for one in told if one[0] == "changes"][-1] == ("changes", 16, 16)


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


@pytest.mark.parametrize(
    ("kind", "name", "what"),
    [
        ("kill", "hlr", "--kill 'hlr': there is all, application-server, hlr 20801, vlr 20801, "),
        ("cut", "crowd", "--cut 'crowd': there is all, to-server, register 20801, gsup 20801, "),
        ("fill", "vlr 20801", "--fill 'vlr 20801': there is all, application-server, hlr 20801, "),
    ],
)
def test_what_is_not_there_cannot_go_wrong(load, kind, name, what):
    with pytest.raises(LoadError) as refused:
        load(1, faults=((kind, name),))
    assert str(refused.value).startswith(what)
    assert not cards_of(read_deployment(load.file))


@pytest.mark.parametrize("node", ["application-server", "application-server 2", "hlr 20801"])
def test_a_disk_that_keeps_nothing_of_a_node_cannot_be_full(load, node):
    elsewhere = (("application-server", "postgresql:///one"), ("hlr 20801", "postgresql:///two"))
    with pytest.raises(LoadError, match=f"--fill '{node}': there is all, smsc 20801, hlr 26202"):
        load(1, faults=(("fill", node),), databases=elsewhere, servers=2)


def test_each_of_several_servers_can_be_killed(load):
    made = load(1, faults=(("kill", "application-server 2"),), servers=2)
    assert made.faults == [("kill", "application-server 2")]


def test_a_node_without_a_database_can_have_none_elsewhere(load):
    with pytest.raises(LoadError) as refused:
        load(1, databases=(("vlr 20801", "postgresql://u:hush@/one"),))
    assert str(refused.value) == (
        "--database 'vlr 20801': there is application-server, hlr 20801, smsc 20801, hlr 26202,"
        " smsc 26202"
    )


@pytest.mark.parametrize(("kind", "count"), [("kill", 1 + 2 * 4 + 1), ("cut", 11), ("fill", 5)])
def test_all_of_a_kind_is_each_once_and_among_what_there_is(load, kind, count):
    names = strikable(kind, ["20801", "26202"])
    made = load(1, faults=((kind, ALL), (kind, names[0])))
    assert made.faults == [*((kind, name) for name in names), (kind, names[0])]
    assert len(set(names)) == count
