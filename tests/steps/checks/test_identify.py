import dataclasses

import pytest

from model.compile import Space
from model.identify import Party
from model.suites import What, reach
from model.system import compose
from model.table import Option
from steps.checks import identify
from steps.checks.coverage import Walks
from steps.checks.script import Refused
from steps.driver import Setup
from steps.drivers import load
from steps.drivers.stage import ServerView

ASKING = Setup(options={"acknowledgement": "yes"})


class Shaken:
    """A stage whose centre answers again after it has crashed, and only then."""

    def __init__(self, stage):
        self.stage = stage
        self.has_crashed = self.is_heard = False

    def __getattr__(self, name):
        return getattr(self.stage, name)

    def carry_out(self, event):
        self.has_crashed = event == "crash_centre"
        self.stage.carry_out(event)

    def offer(self, event):
        self.is_heard = self.has_crashed
        return self.stage.offer(event)

    def seen(self):
        seen = self.stage.seen()
        return dataclasses.replace(seen, server=ServerView.DONE) if self.is_heard else seen


def shaken(setup):
    driver = load("modelled")(setup)
    on_stage = driver.stage
    driver.stage = lambda: Shaken(on_stage())
    return driver


@pytest.fixture(scope="module")
def reached():
    return reach(Space(compose(asking=Option.ACKNOWLEDGED)), [What.TRANSITION])


@pytest.fixture
def centre_only(monkeypatch, reached):
    """Let there be but the smallest party, and let all states be visited once for all tests."""
    monkeypatch.setattr(identify, "reach", lambda *_: reached)
    monkeypatch.setattr(
        identify,
        "parties",
        lambda reached, weak: [Party(reached, "customer centre", ["acknowledgement"], weak)],
    )


def walks(factory):
    return Walks(factory, ASKING, Space(compose(asking=Option.ACKNOWLEDGED)))


@pytest.mark.usefixtures("centre_only")
@pytest.mark.parametrize("system", ["modelled", "simulated"])
def test_a_party_is_where_it_has_to_be_after_each_transition(system):
    coverage = identify.identify(walks(load(system)))
    assert coverage.met[What.TARGET] == coverage.there[What.TARGET] > 10
    assert not coverage.differences
    assert coverage.is_complete
    assert Refused.ABSENT not in coverage.by_how()
    assert all(coverage.trails)


@pytest.mark.usefixtures("centre_only")
def test_a_party_that_is_elsewhere_after_one_transition_is_found():
    coverage = identify.identify(walks(shaken))
    (found,) = coverage.differences
    assert found.trace[-2] == "crash_centre"
    assert found.trace[-1].startswith("(")
    assert not coverage.is_complete


@pytest.mark.usefixtures("centre_only")
def test_walks_that_are_over_leave_the_rest_untried():
    few = dataclasses.replace(walks(load("modelled")), most_steps=20)
    coverage = identify.identify(few)
    assert coverage.met[What.TARGET] < coverage.there[What.TARGET]
    assert not coverage.is_complete


def test_a_word_that_nobody_comes_to_without_the_party_doing_more_is_no_trial(reached):
    party = Party(reached, "home register that is left", ["home_left"])
    for trial in identify.trials(party):
        assert trial.sources
        assert trial.goal.what is What.TARGET
        assert trial.goal.component == party.name
