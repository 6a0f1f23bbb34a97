from __future__ import annotations

import pytest

from steps.checks.crashes import Perishable
from steps.checks.scenarios import Scenario
from steps.driver import Party, Setup
from steps.drivers import load

CHANGE = Scenario("plain")


@pytest.fixture
def driver():
    made = CHANGE.begin(load("simulated"), Setup())
    yield made
    made.close()


def test_a_simulated_system_tells_its_moments_by_party(driver):
    assert isinstance(driver, Perishable)
    driver.expose([], 0.0)
    CHANGE.ask(driver)
    moments = driver.spare()
    parties = {party for party, _ in moments}
    assert {Party.APPLICATION_SERVER.value, Party.SECOND_REGISTER.value, "device 1"} <= parties
    told = next(what for party, what in moments if party == Party.APPLICATION_SERVER.value)
    assert str(told) == "before it wrote what follows from deliver_sm from smpp 20801"


def test_a_party_dies_at_its_moment(driver):
    driver.expose([(Party.APPLICATION_SERVER.value, 1)], 0.0)
    before = driver.world.server
    CHANGE.ask(driver)
    assert driver.world.server is not before


def test_a_moment_that_never_comes_kills_nobody(driver):
    driver.expose([(Party.APPLICATION_SERVER.value, 1000)], 0.0)
    before = driver.world.server
    CHANGE.ask(driver)
    assert driver.world.server is before
