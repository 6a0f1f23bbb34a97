"""SARIF of a report is valid, and says of each case what it verifies and how it went."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft4Validator

from conformance.baseline import Baseline
from conformance.changes import against, marked
from conformance.sarif import sarif_of, write_sarif
from conformance.verdicts import Verdict

SCHEMA = json.loads((Path(__file__).parent / "schemas/sarif-2.1.0.json").read_text())
CASE = "lamp/1b/1"


@pytest.fixture
def result(record):
    """Give the result of a case that came to a verdict, out of a valid log."""

    def of(verdict):
        log = sarif_of(record({"bulb": {CASE: verdict}, "tube": {}}))
        Draft4Validator(SCHEMA).validate(log)
        found = [one for one in log["runs"][0]["results"] if one["properties"]["case"] == CASE]
        return found[0] if found else None

    return of


@pytest.mark.parametrize(
    ("verdict", "kind", "level"),
    [
        (Verdict.PASS, "pass", "none"),
        (Verdict.FAIL, "fail", "error"),
        (Verdict.NA, "notApplicable", "none"),
        (Verdict.INCONC, "open", "none"),
        (Verdict.ERROR, "open", "none"),
    ],
)
def test_each_verdict_has_its_kind(result, verdict, kind, level):
    found = result(verdict)
    assert (found["kind"], found["level"], found["ruleId"]) == (kind, level, "1b")
    assert found["properties"]["verdict"] == verdict


def test_a_case_that_was_not_run_has_no_result(result):
    assert result(Verdict.SKIP) is None


def test_a_result_points_at_its_scenario_and_its_rule(result, record):
    found = result(Verdict.FAIL)
    place = found["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "features/lamp.feature"
    assert place["region"] == {"startLine": 30}
    rules = sarif_of(record({"bulb": {}}))["runs"][0]["tool"]["driver"]["rules"]
    assert rules[found["ruleIndex"]]["id"] == "1b"


def test_a_report_that_was_held_against_a_baseline_says_what_changed(record):
    report = record({"bulb": {CASE: Verdict.FAIL}})
    (run,) = sarif_of(marked(report, against(report, Baseline({}))))["runs"]
    states = {one["properties"]["case"]: one["baselineState"] for one in run["results"]}
    assert states.pop(CASE) == "new"
    assert set(states.values()) == {"unchanged"}
    assert "baselineState" not in str(sarif_of(report))


@pytest.mark.parametrize("name", ["\ud800", "\x00\x1b[31m", '"\\', "\u2028 é"])
def test_hostile_names_are_written_as_valid_json(record, tmp_path, name):
    write_sarif(record({name: {}}), tmp_path / "log.sarif")
    log = json.loads((tmp_path / "log.sarif").read_text("utf-8"))
    Draft4Validator(SCHEMA).validate(log)
    assert log["runs"][0]["results"][0]["properties"]["sut"] == name
