from __future__ import annotations

import pytest

from steps.checks.interleavings import Orderable
from steps.checks.scenarios import Scenario
from steps.driver import Means, Network, Setup, Standing, User
from steps.drivers import load


@pytest.fixture
def driver():
    made = Scenario("plain").begin(load("simulated"), Setup())
    yield made
    made.close()


def test_at_rest_nothing_is_under_way_and_no_time_passes(driver):
    assert isinstance(driver, Orderable)
    assert not driver.under_way()
    assert not driver.let_time_pass()


def test_what_was_said_first_on_a_way_is_the_next_to_arrive_there(driver):
    driver.request_change(Network.SECOND, Means.MENU, User.THE_USER)
    ((way, (receiver, messages)),) = driver.under_way().items()
    assert way.startswith("device 1 > sm ")
    assert receiver in driver.tell(messages[0])
    driver.let_arrive(messages[0])
    assert way not in driver.under_way()
    assert driver.under_way()


def test_a_change_whose_last_message_always_comes_first_ends_as_well(driver):
    driver.request_change(Network.SECOND, Means.MENU, User.THE_USER)
    while True:
        ways = driver.under_way()
        if ways:
            _, messages = list(ways.values())[-1]
            driver.let_arrive(messages[0])
        elif not driver.let_time_pass():
            break
    assert driver.standing(User.THE_USER) is Standing.CHANGED


def test_requests_meet_at_the_server_at_registers_and_at_short_message_centres(driver):
    kinds = {name.split()[0] for name in driver.meeting_places()}
    assert kinds == {"application-server", "HLR", "SMSC"}
