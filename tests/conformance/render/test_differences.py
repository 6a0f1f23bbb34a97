"""Systems differ where a case came to something else, or a question got another answer."""

from dataclasses import replace

from conformance.evidence import Call
from conformance.render.differences import differences
from conformance.verdicts import Verdict

NA, PASS = Verdict.NA, Verdict.PASS


def test_systems_that_agree_do_not_differ(record):
    found = differences(record({"bulb": {}, "tube": {}}))
    assert (found.patterns, found.answers) == ((), ())


def test_cases_that_came_to_the_same_on_each_system_stand_together(record):
    report = record({"bulb": {"lamp/1a/1": NA, "lamp/1b/1": NA}, "tube": {"lamp/2a/1": NA}})
    first, second = differences(report).patterns
    assert (first.verdicts, first.cases) == ((NA, PASS), ("lamp/1a/1", "lamp/1b/1"))
    assert first.reasons == ("because NA", "")
    assert (second.verdicts, second.cases) == ((PASS, NA), ("lamp/2a/1",))


def test_a_case_that_one_system_did_not_run_is_a_difference(record):
    report = record({"bulb": {}, "tube": {}})
    bulb, tube = report.systems
    report = replace(report, systems=(bulb, replace(tube, results=tube.results[1:])))
    (pattern,) = differences(report).patterns
    assert pattern.verdicts == (PASS, None)


def test_another_answer_to_the_same_question_is_a_difference(record):
    report = record({"bulb": {}, "tube": {}})
    bulb, tube = report.systems
    result = tube.results[0]
    asked = (Call("shines()", "True"), Call("shines()", "False"), Call("burns()", "False"))
    steps = (*result.steps[:2], replace(result.steps[2], calls=asked))
    tube = replace(tube, results=(replace(result, steps=steps), *tube.results[1:]))
    assert differences(replace(report, systems=(bulb, tube))).answers == ()
    asked = (Call("shines()", "False"), *asked[1:])
    steps = (*steps[:2], replace(steps[2], calls=asked))
    tube = replace(tube, results=(replace(result, steps=steps), *tube.results[1:]))
    (answers,) = differences(replace(report, systems=(bulb, tube))).answers
    assert (answers.call, answers.answers) == ("shines()", ("True", "False"))
