"""Cucumber Messages of a report are valid, refer to one another, and are rendered by Cucumber."""

import json
import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from conformance.cucumber import write_messages
from conformance.verdicts import Verdict

SCHEMA = json.loads((Path(__file__).parent / "schemas/cucumber-messages.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)
CASE = "lamp/1b/1"
BAD = [Verdict.FAIL, Verdict.ERROR, Verdict.INCONC]
FORMATTER = "@cucumber/html-formatter"
RENDER = """
const { CucumberHtmlStream } = require("@cucumber/html-formatter");
const { NdjsonToMessageStream } = require("@cucumber/message-streams");
const fs = require("fs"), path = require("path");
const dist = path.dirname(require.resolve("@cucumber/html-formatter/package.json")) + "/dist/";
fs.createReadStream(process.argv[1], "utf8").pipe(new NdjsonToMessageStream())
  .pipe(new CucumberHtmlStream(dist + "main.css", dist + "main.js")).pipe(process.stdout);
"""


@pytest.fixture
def stream(record, tmp_path):
    """Write the messages of a report, check each, and give them by kind."""

    def of(systems, **facts):
        path = tmp_path / "messages.ndjson"
        write_messages(record(systems, **facts), path)
        found = {}
        for line in path.read_text("utf-8").splitlines():
            envelope = json.loads(line)
            VALIDATOR.validate(envelope)
            ((kind, message),) = envelope.items()
            found.setdefault(kind, []).append(message)
        return found

    return of


def finished(found):
    return Counter(one["testStepResult"]["status"] for one in found["testStepFinished"])


def test_a_run_that_goes_well_is_a_success(stream):
    found = stream({"bulb": {}})
    assert found["testRunFinished"][0]["success"] is True
    assert finished(found) == {"PASSED": 15}
    assert len(found["pickle"]) == len(found["testCase"]) == len(found["testCaseFinished"]) == 5


@pytest.mark.parametrize("evidence", [True, False])
@pytest.mark.parametrize("verdict", BAD)
def test_a_case_that_goes_wrong_has_a_failed_step_that_says_why(stream, verdict, evidence):
    found = stream({"bulb": {CASE: verdict}}, evidence=evidence)
    assert found["testRunFinished"][0]["success"] is False
    (failed,) = (
        one["testStepResult"]
        for one in found["testStepFinished"]
        if one["testStepResult"]["status"] == "FAILED"
    )
    assert failed["message"] == f"{verdict}: because {verdict}"
    assert [one["body"] for one in found["attachment"]] == ["lamp.py:1 in on"]
    told = [one for one in found["testStepFinished"] if "message" in one["testStepResult"]]
    assert len(told) == 1


@pytest.mark.parametrize("verdict", [Verdict.NA, Verdict.SKIP])
def test_a_case_that_was_not_run_is_skipped_and_no_failure(stream, verdict):
    found = stream({"bulb": {CASE: verdict}}, evidence=False)
    assert found["testRunFinished"][0]["success"] is True
    assert finished(found) == {"PASSED": 12, "SKIPPED": 3}


def test_each_system_has_documents_of_its_own(stream):
    found = stream({"bulb": {}, "tube": {}})
    uris = [one["uri"] for one in found["gherkinDocument"]]
    assert uris == ["bulb/features/lamp.feature", "tube/features/lamp.feature"]
    assert {one["uri"] for one in found["pickle"]} == set(uris)


def test_every_reference_leads_somewhere_and_every_id_is_given_once(stream):
    found = stream({"bulb": {CASE: Verdict.FAIL}, "tube": {}})
    rules = [
        child["rule"] for one in found["gherkinDocument"] for child in one["feature"]["children"]
    ]
    scenarios = [child["scenario"] for rule in rules for child in rule["children"]]
    nodes = [one["id"] for one in scenarios]
    nodes += [step["id"] for one in scenarios for step in one["steps"]]
    pickles = found["pickle"]
    of_pickles = [node for one in pickles for node in one["astNodeIds"]]
    of_pickles += [node for one in pickles for step in one["steps"] for node in step["astNodeIds"]]
    assert sorted(nodes) == sorted(of_pickles)
    tests = {one["id"]: one["pickleId"] for one in found["testCase"]}
    assert sorted(tests.values()) == sorted(one["id"] for one in pickles)
    assert [one["testCaseId"] for one in found["testCaseStarted"]] == list(tests)
    steps = [step["id"] for one in found["testCase"] for step in one["testSteps"]]
    assert [one["testStepId"] for one in found["testStepFinished"]] == steps
    given = [*nodes, *tests, *steps, *(one["id"] for one in pickles)]
    assert len(set(given)) == len(given)


def test_tables_and_texts_of_steps_are_kept(stream):
    step = stream({"bulb": {}})["pickle"][0]["steps"][2]
    assert step["argument"] == {"docString": {"content": "a text"}}


@pytest.mark.parametrize("name", ["\ud800", "</script><script>alert(1)</script>", "\u2028"])
def test_hostile_names_are_valid_messages(stream, name):
    assert stream({name: {CASE: Verdict.FAIL}})["pickle"][0]["uri"].startswith(name)


def test_the_official_formatter_renders_them(record, tmp_path):
    """Needs node, and the formatter installed beside it: `npm install` in tests/conformance."""
    modules = Path(__file__).parent / "node_modules"
    if not (shutil.which("node") and (modules / FORMATTER).is_dir()):
        assert "REQUIRE_CUCUMBER_FORMATTER" not in os.environ
        pytest.skip(f"{FORMATTER} is not installed: npm install --prefix tests/conformance")
    write_messages(record({"bulb": {CASE: Verdict.FAIL}, "tube": {}}), tmp_path / "m.ndjson")
    done = subprocess.run(
        ["node", "-e", RENDER, tmp_path / "m.ndjson"],
        env={**os.environ, "NODE_PATH": str(modules)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("<!DOCTYPE html>")
    assert done.stdout.count('"pickle":') >= 10
    assert "because FAIL" in done.stdout
