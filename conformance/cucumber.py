"""Cucumber Messages of a report, as NDJSON: what the tools of the Cucumber family read.

https://github.com/cucumber/messages. Each system is a set of documents of its own, because the
protocol knows no systems: `simulated/features/x.feature`. Cucumber has fewer words: FAIL, INCONC
and ERROR are FAILED, and NA and SKIP are SKIPPED; the message begins with our word.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count, groupby
from pathlib import Path
from typing import Any

from conformance.catalogue import Case, StepText
from conformance.evidence import Report, Result, StepStatus, SystemRun
from conformance.verdicts import Verdict

PROTOCOL = "34.2.1"
STATUSES = {
    StepStatus.PASSED: "PASSED",
    StepStatus.FAILED: "FAILED",
    StepStatus.ERROR: "FAILED",
    StepStatus.UNDEFINED: "UNDEFINED",
    StepStatus.SKIPPED: "SKIPPED",
}
WHOLE = {Verdict.PASS: "PASSED", Verdict.NA: "SKIPPED", Verdict.SKIP: "SKIPPED"}
"""The status of every step of a case whose steps were not recorded; else its last one failed."""

KEYWORDS = {"Given": "Context", "When": "Action", "Then": "Outcome"}
LOG = "text/x.cucumber.log+plain"
Envelope = dict[str, Any]


def write_messages(report: Report, path: Path) -> None:
    """Write `report` to `path` as Cucumber Messages, one a line."""
    with path.open("w", encoding="ascii", newline="\n") as stream:
        for envelope in Stream(report).envelopes():
            stream.write(f"{json.dumps(envelope)}\n")


class Stream:
    """The messages of a report, in the order of a run."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._cases = {case.id: case for case in report.cases}
        self._ids = map(str, count(1))
        self._now_s = datetime.fromisoformat(report.started).timestamp()

    def envelopes(self) -> Iterator[Envelope]:
        """Yield them all."""
        name, _, version = self._report.tool.partition(" ")
        unknown = {"name": "unknown"}  # the same report is the same bytes, wherever it is made
        yield {
            "meta": {
                "protocolVersion": PROTOCOL,
                "implementation": {"name": name, "version": version},
                "cpu": unknown, "os": unknown, "runtime": {"name": "Python"},
            }
        }  # fmt: skip
        run = next(self._ids)
        yield {"testRunStarted": {"id": run, "timestamp": self._time()}}
        for system in self._report.systems:
            yield from self._system(system, run)
        bad = {Verdict.FAIL, Verdict.INCONC, Verdict.ERROR}
        found = {result.verdict for one in self._report.systems for result in one.results}
        finished = {"testRunStartedId": run, "success": bad.isdisjoint(found)}
        yield {"testRunFinished": finished | {"timestamp": self._time()}}

    def _system(self, system: SystemRun, run: str) -> Iterator[Envelope]:
        for file, results in groupby(system.results, lambda one: self._cases[one.case].file):
            shown = [(self._cases[result.case], result) for result in results]
            uri = f"{system.name}/{file}"
            scenarios = [self._scenario(case) for case, _ in shown]
            yield {"gherkinDocument": _document(uri, system.name, shown, scenarios)}
            for (case, result), scenario in zip(shown, scenarios, strict=True):
                yield from self._case(uri, case, result, scenario, run)

    def _scenario(self, case: Case) -> dict[str, Any]:
        location = {"line": max(case.line, 1)}
        return {
            "id": next(self._ids),
            "location": location,
            "tags": [_tag(tag, case, next(self._ids)) for tag in case.tags],
            "keyword": "Scenario",
            "name": case.name,
            "description": "",
            "steps": [self._step(step, location) for step in case.steps],
            "examples": [],
        }

    def _step(self, step: StepText, location: dict[str, int]) -> dict[str, Any]:
        found = {
            "id": next(self._ids),
            "location": location,
            "keyword": f"{step.keyword} ",
            "keywordType": KEYWORDS.get(step.keyword, "Conjunction"),
            "text": step.text,
        }
        if step.table:
            rows = [self._row(cells, location) for cells in step.table]
            found["dataTable"] = {"location": location, "rows": rows}
        if step.doc:
            found["docString"] = {"location": location, "content": step.doc, "delimiter": '"""'}
        return found

    def _row(self, cells: Sequence[str], location: dict[str, int]) -> dict[str, Any]:
        found = [{"location": location, "value": cell} for cell in cells]
        return {"id": next(self._ids), "location": location, "cells": found}

    def _case(
        self, uri: str, case: Case, result: Result, scenario: dict[str, Any], run: str
    ) -> Iterator[Envelope]:
        pickle, test, started = next(self._ids), next(self._ids), next(self._ids)
        steps = [(next(self._ids), next(self._ids), step) for step in scenario["steps"]]
        yield {
            "pickle": {
                "id": pickle, "uri": uri, "name": case.name, "language": "en",
                "location": scenario["location"], "astNodeIds": [scenario["id"]],
                "tags": [{"name": tag["name"], "astNodeId": tag["id"]} for tag in scenario["tags"]],
                "steps": [_pickle_step(id_, step) for id_, _, step in steps],
            }
        }  # fmt: skip
        tested = [{"id": id_, "pickleStepId": of, "stepDefinitionIds": []} for of, id_, _ in steps]
        test_case = {"id": test, "pickleId": pickle, "testRunStartedId": run, "testSteps": tested}
        yield {"testCase": test_case}
        started_case = {"id": started, "testCaseId": test, "attempt": 0, "timestamp": self._time()}
        yield {"testCaseStarted": started_case}
        yield from self._carried_out([id_ for _, id_, _ in steps], result, started)
        finished = {"testCaseStartedId": started, "willBeRetried": False}
        yield {"testCaseFinished": finished | {"timestamp": self._time()}}

    def _carried_out(self, ids: Sequence[str], result: Result, started: str) -> Iterator[Envelope]:
        said = f"{result.verdict}: {result.reason}" if result.reason else ""
        steps = _steps(result, len(ids))
        wrong = (at for at, (status, _) in enumerate(steps) if status not in ("PASSED", "SKIPPED"))
        cause = next(wrong, len(ids) - 1) if said else -1
        for at, (id_, (status, took_s)) in enumerate(zip(ids, steps, strict=True)):
            of = {"testCaseStartedId": started, "testStepId": id_}
            yield {"testStepStarted": of | {"timestamp": self._time()}}
            if at == cause and result.trace:
                log = {"body": "\n".join(result.trace), "contentEncoding": "IDENTITY"}
                yield {"attachment": of | log | {"mediaType": LOG}}
            self._now_s += took_s
            outcome: dict[str, Any] = {"status": status, "duration": _duration(took_s)}
            if at == cause:
                outcome["message"] = said
            yield {"testStepFinished": of | {"testStepResult": outcome, "timestamp": self._time()}}

    def _time(self) -> dict[str, int]:
        return _duration(self._now_s)


def _document(
    uri: str,
    system: str,
    shown: Sequence[tuple[Case, Result]],
    scenarios: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    first = shown[0][0]
    location = {"line": 1}
    children: list[dict[str, Any]] = []
    pairs = zip((case for case, _ in shown), scenarios, strict=True)
    for rule, group in groupby(pairs, lambda pair: pair[0].rule):
        inside = [{"scenario": scenario} for _, scenario in group]
        if not rule:
            children += inside
            continue
        named = {"location": inside[0]["scenario"]["location"], "keyword": "Rule", "name": rule}
        id_ = f"rule-of-{inside[0]['scenario']['id']}"
        more = {"id": id_, "tags": [], "description": "", "children": inside}
        children.append({"rule": named | more})
    feature = {
        "location": location, "tags": [], "language": "en", "keyword": "Feature",
        "name": f"{first.feature} ({system})", "description": "", "children": children,
    }  # fmt: skip
    return {"uri": uri, "feature": feature, "comments": []}


def _tag(name: str, case: Case, id_: str) -> dict[str, Any]:
    return {"location": {"line": max(case.line, 1)}, "name": f"@{name}", "id": id_}


def _pickle_step(id_: str, step: dict[str, Any]) -> dict[str, Any]:
    kind = step["keywordType"] if step["keywordType"] != "Conjunction" else "Unknown"
    found = {"id": id_, "text": step["text"], "type": kind, "astNodeIds": [step["id"]]}
    if "dataTable" in step:
        rows = [
            {"cells": [{"value": cell["value"]} for cell in row["cells"]]}
            for row in step["dataTable"]["rows"]
        ]
        found["argument"] = {"dataTable": {"rows": rows}}
    if "docString" in step:
        found["argument"] = {"docString": {"content": step["docString"]["content"]}}
    return found


def _steps(result: Result, number: int) -> list[tuple[str, float]]:
    """Return status and duration of each step; without a record they are as the whole case was."""
    if len(result.steps) == number:
        found = [(STATUSES[step.status], step.duration_s) for step in result.steps]
        bad = result.verdict not in WHOLE
        if bad and found and all(status in ("PASSED", "SKIPPED") for status, _ in found):
            found[-1] = ("FAILED", found[-1][1])  # what went wrong was no step: closing, evidence
        return found
    if result.verdict in WHOLE:
        return [(WHOLE[result.verdict], 0.0)] * number
    return [("SKIPPED", 0.0)] * (number - 1) + [("FAILED", 0.0)] * bool(number)


def _duration(seconds: float) -> dict[str, int]:
    nanos = round(seconds * 1_000_000_000)
    return {"seconds": nanos // 1_000_000_000, "nanos": nanos % 1_000_000_000}
