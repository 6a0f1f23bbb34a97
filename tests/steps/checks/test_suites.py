import json

from impl.application_server.course import Course
from model.compile import Space
from model.suites import Goal, What
from model.system import compose
from model.table import Option
from steps.checks.coverage import Walks, summary
from steps.checks.script import Refused
from steps.checks.suites import options_of, tour
from steps.driver import Setup
from steps.drivers import load
from steps.drivers.patched import Patch, with_patches

FROM_CENTRE = Goal(What.FAULT, "exhaust_pool", "in CONNECTED")


class Bound:
    """A stage on which `event` can be brought about only after `first`, if that is anything."""

    def __init__(self, stage, event, first):
        self.stage = stage
        self.event = event
        self.first = first
        self.happened = set()

    def obstacle(self, event):
        is_bound = event == self.event and self.first not in self.happened
        return "bound" if is_bound else self.stage.obstacle(event)

    def carry_out(self, event):
        self.happened.add(event)
        self.stage.carry_out(event)

    def seen(self):
        return self.stage.seen()

    def offer(self, event):
        return self.stage.offer(event)

    def drain(self):
        return self.stage.drain()


def bound(event, first):
    """Return a factory of models on such a stage."""

    def factory(setup):
        driver = load("modelled")(setup)
        stage = Bound(driver.stage(), event, first)
        driver.stage = lambda: stage
        return driver

    return factory


def mute(setup):
    """Return a model on a stage on which nothing ever comes once more."""
    driver = load("modelled")(setup)
    stage = Bound(driver.stage(), "", "")
    stage.offer = lambda _: False
    driver.stage = lambda: stage
    return driver


def run_suite(factory, setup, kinds=(What.TRANSITION, What.REFUSAL), most_steps=200_000):
    """Walk the tour of the model without acknowledgement."""
    return tour(Walks(factory, setup, Space(compose()), most_steps=most_steps), kinds)


DEAF = with_patches(Patch(Course, "take_report", lambda *_: []))


def test_the_first_steps_of_the_suite_find_nothing_in_a_right_system_and_say_what_they_met():
    coverage = run_suite(load("simulated"), Setup(seed=1), most_steps=150)
    assert not coverage.differences
    assert coverage.met[What.REFUSAL] > 100
    assert coverage.by_how()[Refused.AGAIN] > 20
    assert coverage.by_how().total() == coverage.met[What.REFUSAL]
    assert not coverage.is_complete
    data = json.loads(json.dumps(coverage.as_data()))
    assert {one["kind"] for one in data["kinds"]} == {"transitions", "refusals"}
    assert set(summary(coverage)) == {"transitions", "refusals"}


def test_the_suite_finds_a_server_that_does_not_hear_reports():
    coverage = run_suite(DEAF, Setup(seed=1), [What.TRANSITION])
    (found,) = coverage.differences
    assert any(event.startswith("hear_") for event in found.trace)
    assert coverage.as_data()["differences"][0]["after"] == found.event


def test_the_options_of_the_model_are_those_of_the_statement():
    setup = Setup(options={"variant": "literal", "acknowledgement": "yes"})
    assert options_of(setup) == (Option.LITERAL, Option.ACKNOWLEDGED)
    assert options_of(Setup()) == (Option.HARDENED, Option.UNACKNOWLEDGED)


def test_what_cannot_be_brought_about_on_one_way_is_met_on_another():
    coverage = run_suite(bound("exhaust_pool", "decline_at_centre"), Setup(seed=1), [What.FAULT])
    assert not coverage.hidden
    assert coverage.is_complete


def test_a_refusal_that_another_party_decides_anyhow_is_told_apart_from_what_was_never_tried():
    coverage = run_suite(mute, Setup(), [What.REFUSAL], most_steps=100)
    nowhere = {str(goal) for goal, how in coverage.refused.items() if how is Refused.NOWHERE}
    assert "application_server hear_done in IDLE" in nowhere  # no report is under way either
    assert "home_left note_deletion in ACTIVE" in set(map(str, coverage.untried()))


def test_what_no_way_brings_about_is_listed_with_the_reason():
    coverage = run_suite(bound("exhaust_pool", "nothing"), Setup(seed=1), [What.FAULT])
    assert coverage.hidden == {FROM_CENTRE: "bound"}
    assert coverage.met[What.FAULT] == coverage.there[What.FAULT] - 1
