from __future__ import annotations

import pytest

from steps.checks.scenarios import SCENARIOS, LostRequestError, Scenario
from steps.driver import Exchange, Network, Setup, Standing, User
from steps.drivers import load


@pytest.fixture
def driver():
    made = Scenario("plain").begin(load("simulated"), Setup())
    yield made
    made.close()


def test_every_scenario_has_a_name_of_its_own():
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)


def test_a_scenario_ends_with_its_last_change():
    both = Scenario("two", networks=(Network.SECOND, Network.THIRD))
    assert (both.left, both.joined) == (Network.SECOND, Network.THIRD)
    assert (Scenario("one").left, Scenario("one").joined) == (Network.FIRST, Network.SECOND)


@pytest.mark.parametrize("by_operator", [False, True])
def test_asking_changes_the_network(driver, by_operator):
    Scenario("asked", by_operator=by_operator).ask(driver)
    assert driver.standing(User.THE_USER) is Standing.CHANGED


class _Forgetful:
    """Forgets requests; `exchanges` says what its device heard."""

    def __init__(self, *names):
        self.asked = 0
        self._names = names

    def request_change(self, *_):
        self.asked += 1

    def settle(self):
        pass

    def requested_network(self, _):
        return None

    def exchanges(self):
        return [
            Exchange(i, 0.0, "one", "other", "TS 24.011", name)
            for i, name in enumerate(self._names, start=1)
        ]


def test_a_request_that_got_lost_is_made_again_once_for_each_death():
    forgetful = _Forgetful("RP-DATA (SMS-SUBMIT)", "RP-ERROR")
    Scenario("lost").ask(forgetful)
    assert forgetful.asked == 3


def test_a_request_that_was_acknowledged_must_not_get_lost():
    forgetful = _Forgetful("RP-DATA (SMS-SUBMIT)", "RP-ACK (SMS-SUBMIT-REPORT)")
    with pytest.raises(LostRequestError):
        Scenario("lost").ask(forgetful)


def test_an_acknowledgement_of_something_earlier_is_none():
    forgetful = _Forgetful("RP-ACK (SMS-SUBMIT-REPORT)", "RP-DATA (SMS-SUBMIT)")
    Scenario("lost").ask(forgetful)
    assert forgetful.asked == 3
