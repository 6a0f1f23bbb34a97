import json

from impl.application_server.course import Course
from model.suites import What
from model.table import Option
from steps.checks.suites import options_of, run_suite, summary
from steps.driver import Setup
from steps.drivers import load
from steps.drivers.patched import Patch, with_patches

DEAF = with_patches(Patch(Course, "take_report", lambda *_: []))


def test_the_first_steps_of_the_suite_find_nothing_in_a_right_system_and_say_what_they_met():
    coverage = run_suite(load("simulated"), Setup(seed=1), most_steps=150)
    assert not coverage.differences
    assert coverage.met[What.REFUSAL] > 100
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
