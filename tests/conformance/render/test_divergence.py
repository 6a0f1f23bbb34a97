"""The first divergence is the first message that is not as on a system where the case passed."""

from dataclasses import replace

import pytest

from conformance.catalogue import StepText
from conformance.evidence import StepStatus
from conformance.render.divergence import Divergence, divergences, failing, step_texts
from conformance.verdicts import Verdict

CASE = "lamp/1a/1"


@pytest.fixture
def compared(record):
    """Compare a failed case with one that passed, whose messages are given."""

    def of(messages, verdict=Verdict.FAIL):
        report = record({"bulb": {CASE: verdict}, "tube": {}})
        bulb, tube = report.systems
        changed = replace(bulb.results[0], messages=tuple(messages))
        systems = (replace(bulb, results=(changed, *bulb.results[1:])), tube)
        return divergences(replace(report, systems=systems))

    return of


@pytest.mark.parametrize(
    "odd", [{"name": "OFF"}, {"receiver": "eye"}, {"protocol": "AIR"}, {"delivered": False}]
)
def test_a_message_that_is_another_diverges(compared, message, odd):
    found = compared([message(1), message(2, **odd), message(3)])
    assert found == {("bulb", CASE): Divergence(2, "tube")}


def test_messages_that_are_missing_diverge_behind_the_last(compared, message):
    assert compared([message(1), message(2)])["bulb", CASE].number == 3


def test_other_octets_and_times_are_no_divergence(compared, message):
    assert compared([message(n, octets="ff", time_s=9.0) for n in (1, 2, 3)]) == {}


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.NA, Verdict.SKIP])
def test_what_did_not_go_wrong_is_not_compared(compared, message, verdict):
    assert compared([message(1, name="OFF")], verdict) == {}


def test_a_system_that_speaks_of_other_things_is_not_compared(compared, message):
    assert compared([message(1, protocol="AIR"), message(2)]) == {}


def test_what_went_wrong_everywhere_diverges_from_nothing(record):
    assert divergences(record({"bulb": {CASE: Verdict.FAIL}, "tube": {CASE: Verdict.FAIL}})) == {}


def test_the_step_that_did_not_hold_is_found(record):
    result = record({"bulb": {}}).systems[0].results[0]
    assert failing(result) == 0
    first, second, third = result.steps
    bad = replace(second, status=StepStatus.FAILED)
    assert (
        failing(replace(result, steps=(first, bad, replace(third, status=StepStatus.SKIPPED)))) == 2
    )


def test_a_case_without_steps_has_one_to_draw(record):
    case = record({"bulb": {}}).cases[0]
    assert step_texts(case)[0] == "Given a lamp"
    assert step_texts(replace(case, steps=())) == ["The case"]
    assert step_texts(replace(case, steps=(StepText("*", "a"),))) == ["* a"]
