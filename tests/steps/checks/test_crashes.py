from __future__ import annotations

from dataclasses import replace

import pytest

from impl.application_server.admin_codes import AdminCodes
from impl.application_server.course import Course
from impl.card.memory import Memory
from impl.network.delivery import Delivery
from impl.network.identity_pool import IdentityPool
from impl.outbox import Outbox
from steps.checks import crashes
from steps.checks.crashes import Death, Extent, enumerate_crashes
from steps.checks.scenarios import SCENARIOS, Scenario
from steps.driver import Network, Party, Setup
from steps.drivers import load
from steps.drivers.patched import Patch, with_patches

SIMULATED = load("simulated")
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
CHANGE = BY_NAME["the device asks"]
AGAIN = next(scenario for scenario in SCENARIOS if len(scenario.networks) > 1)
SERVER, REGISTER, CENTRE = (
    Party.APPLICATION_SERVER.value,
    Party.SECOND_REGISTER.value,
    Party.FIRST_CENTRE.value,
)
AT_ONCE, LATER = (0.0,), (15.0,)


def died(*parties: str, stride: int = 1000) -> Extent:
    return Extent(AT_ONCE, stride, parties=frozenset(parties))


def cites(found) -> set[str]:
    return {finding.fault.cites for finding in found.findings}


def shown(found) -> str:
    return "\n".join(map(str, found.findings))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_nobody_who_dies_and_misses_what_is_said_loses_or_doubles_anything(scenario):
    found = enumerate_crashes(SIMULATED, [scenario], Extent(LATER, stride=800))
    assert not found.findings, shown(found)
    assert not found.unsupported
    moments = found.moments[scenario.name]
    assert {SERVER, REGISTER, CENTRE, "device 1", "card 1"} <= set(moments)
    assert found.runs >= sum(count for name, count in moments.items() if name != "card 1")


def test_nobody_who_dies_and_is_back_at_once_loses_or_doubles_anything():
    found = enumerate_crashes(SIMULATED, [CHANGE], Extent(AT_ONCE, stride=25))
    assert not found.findings, shown(found)
    assert found.runs >= 200


def test_a_second_death_at_any_moment_after_the_first_changes_nothing():
    server = frozenset({SERVER})
    found = enumerate_crashes(SIMULATED, [CHANGE], Extent(AT_ONCE, pairs=True, parties=server))
    assert not found.findings, shown(found)
    singles = found.moments[CHANGE.name][SERVER]
    assert found.runs >= singles + singles * (singles - 1) / 2


def test_progress_is_told_after_each_run():
    told = []
    enumerate_crashes(SIMULATED, [CHANGE], died(REGISTER), progress=lambda *one: told.append(one))
    assert told == [(CHANGE.name, done, len(told)) for done in range(1, len(told) + 1)]
    assert told


def _say_nothing_again(self, connection, now, name=None, *, is_shared=False):
    del self, connection, now, name, is_shared
    return []


def _resume_nothing(self, connection):
    del connection
    self._under_way.clear()
    return []


def _set_no_timer_again(self, connection):
    del self, connection
    return []


_TAKE, _FIND = IdentityPool.take, AdminCodes.find


def _take_in_a_transaction_of_its_own(self, connection, iccid, state):
    taken = _TAKE(self, connection, iccid, state)
    cursor = connection.connection.cursor()
    cursor.execute("COMMIT")
    cursor.execute("BEGIN IMMEDIATE")
    return taken


def _count_in_memory(self, connection, iccid, counter):
    del connection
    self.counted = {**getattr(self, "counted", {}), iccid: counter}


def _find_with_memory(self, connection, iccid):
    record = _FIND(self, connection, iccid)
    counted = getattr(self, "counted", {}).get(iccid, 0)
    return replace(record, sent_counter=max(record.sent_counter, counted))


def _leave_torn(self):
    self._commit()


OUTBOX = (Patch(Outbox, "send_again", _say_nothing_again),)
QUEUE = (Patch(Delivery, "resume", _resume_nothing),)
TIMERS = (Patch(Course, "restore", _set_no_timer_again),)
POOL = (Patch(IdentityPool, "take", _take_in_a_transaction_of_its_own),)
COUNTERS = (
    Patch(AdminCodes, "count_sent", _count_in_memory),
    Patch(AdminCodes, "find", _find_with_memory),
)


@pytest.mark.parametrize(
    ("patches", "scenario", "party", "expected"),
    [
        pytest.param(OUTBOX, CHANGE, SERVER, {"B03", "B12", "B14"}, id="the outbox is forgotten"),
        pytest.param(TIMERS, CHANGE, SERVER, {"B03", "B12", "B14"}, id="timers are not set again"),
        pytest.param(QUEUE, CHANGE, CENTRE, {"B12"}, id="what a centre took is forgotten"),
        pytest.param(POOL, CHANGE, REGISTER, {"B03", "B05", "B12"}, id="taken too early"),
        pytest.param(COUNTERS, AGAIN, SERVER, {"B12"}, id="a counter is in memory only"),
    ],
)
def test_a_fault_that_only_a_death_brings_out_is_found(patches, scenario, party, expected):
    found = enumerate_crashes(with_patches(*patches), [scenario], died(party))
    assert expected <= cites(found)
    assert {finding.deaths[0].party for finding in found.findings} == {party}
    right = enumerate_crashes(SIMULATED, [scenario], died(party))
    assert not right.findings


def test_a_card_that_does_not_put_itself_in_order_is_found():
    torn = with_patches(Patch(Memory, "_roll_back", _leave_torn))
    found = enumerate_crashes(torn, [CHANGE], died("card 1", stride=20))
    assert {"B03", "B08 B04"} <= cites(found)


def test_a_system_that_fails_without_a_death_is_found_and_not_killed_further():
    literal = Setup(options={"variant": "literal"})
    scenario = BY_NAME["the attach is refused"]
    found = enumerate_crashes(SIMULATED, [scenario], died(SERVER), literal)
    assert found.runs == 0
    assert "B03" in cites(found)
    assert {finding.deaths for finding in found.findings} == {()}


def test_an_end_that_is_not_the_models_is_found():
    longer = Scenario("refused, says nobody but us", networks=(Network.FIRST, Network.SECOND))

    class _Deaf:
        """A system that takes no request."""

        def __init__(self, setup):
            self._driver = SIMULATED(setup)

        def __getattr__(self, name):
            return getattr(self._driver, name)

        def request_change(self, *_):
            pass

    found = enumerate_crashes(_Deaf, [CHANGE], died(SERVER))
    assert any("the model ends otherwise" in str(finding) for finding in found.findings)
    assert longer.left is Network.FIRST


class _Closed:
    """The simulated system behind `Driver` alone: it does not tell its moments."""

    def __init__(self, setup):
        self._driver = SIMULATED(setup)

    def __getattr__(self, name):
        if name in {"expose", "spare"}:
            raise AttributeError(name)
        return getattr(self._driver, name)


def test_a_system_that_does_not_tell_its_moments_dies_around_its_decisions(monkeypatch):
    some = tuple((SERVER, f"at {number}") for number in range(1, 13))
    monkeypatch.setattr(crashes, "_DECISIONS", some)
    found = enumerate_crashes(_Closed, [CHANGE], Extent((0.0, 15.0)))
    assert not found.findings, shown(found)
    assert found.runs == len(some)


def test_a_scenario_that_the_system_does_not_have_is_told_with_the_reason():
    found = enumerate_crashes(load("shadowed"), [CHANGE])
    assert found.runs == 0
    assert set(found.unsupported) == {CHANGE.name}


def test_a_finding_tells_who_died_when_and_what_came_of_it():
    found = enumerate_crashes(with_patches(*POOL), [CHANGE], died(REGISTER), Setup(seed=7))
    text = str(found.findings[0])
    assert found.findings[0].deaths == (Death(REGISTER, 1),)
    assert "the device asks (seed 7):" in text
    assert "dies before it wrote what follows from reserve-identity from operator" in text
    assert "is back after 0 s" in text
