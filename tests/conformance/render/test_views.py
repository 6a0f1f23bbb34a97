"""A case is shown in the parts of a test specification; what systems agree on is shown once."""

from dataclasses import replace

from conformance.catalogue import StepText
from conformance.evidence import StepStatus
from conformance.render.divergence import Divergence
from conformance.render.shelf import Shelf
from conformance.render.views import case_views, groups, phases_of
from conformance.verdicts import Verdict

CASE = "lamp/1a/1"


def views(report, leaving=None):
    return case_views(report, Shelf(report), leaving or {})


def test_and_and_but_belong_to_what_stands_before_them():
    words = ["And", "Given", "And", "When", "But", "Then", "*", "When"]
    found = phases_of([StepText(word, "x") for word in words])
    initial, procedure, criteria = "Initial conditions", "Procedure", "Acceptance criteria"
    assert found == [
        initial, initial, initial, procedure, procedure, criteria, criteria, procedure,
    ]  # fmt: skip


def test_a_case_has_its_parts_in_order(record):
    view = views(record({"bulb": {}, "tube": {}}))[CASE]
    assert [(name, len(lines)) for name, lines in view.phases] == [
        ("Initial conditions", 1),
        ("Procedure", 1),
        ("Acceptance criteria", 1),
    ]
    assert view.columns == ("bulb", "tube")
    assert view.agreed is Verdict.PASS


def test_what_systems_agree_on_is_one_cell_and_what_they_do_not_is_two(record):
    report = record({"bulb": {}, "tube": {CASE: Verdict.FAIL}})
    bulb, tube = report.systems
    result = tube.results[0]
    steps = (*result.steps[:2], replace(result.steps[2], status=StepStatus.FAILED))
    tube = replace(tube, results=(replace(result, steps=steps), *tube.results[1:]))
    view = views(replace(report, systems=(bulb, tube)))[CASE]
    lines = [line for _, part in view.phases for line in part]
    assert [width for _, width in lines[0].merged] == [2]
    assert [width for _, width in lines[2].merged] == [1, 1]
    assert view.agreed is None
    assert "Then the lamp shines - did not hold" in view.results[1].chart
    assert "did not hold" not in view.results[0].chart


def test_where_a_result_diverges_the_chart_is_marked(record):
    leaving = {("bulb", CASE): Divergence(2, "tube")}
    found = views(record({"bulb": {}, "tube": {}}), leaving)[CASE]
    assert "first divergence" in found.results[0].chart
    assert "first divergence" not in found.results[1].chart
    assert found.results[0].divergence.number == 2


def test_cases_stand_under_the_obligation_that_names_them(record):
    report = record({"bulb": {}})
    found = {
        one.id: [view.case.id for view in shown] for one, shown in groups(report, views(report))
    }
    assert found["1a"] == ["lamp/1a/1", "lamp/1a/2"]
    assert found["2b"] == []
