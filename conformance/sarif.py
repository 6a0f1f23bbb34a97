"""SARIF 2.1.0 of a report: a run a system, a rule an obligation, a result a case.

https://docs.oasis-open.org/sarif/sarif/v2.1.0. A case that goes wrong is a result of kind `fail` at
the line of its scenario, so that a code-hosting site shows it there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.catalogue import Case
from conformance.evidence import Report, Result, SystemRun
from conformance.obligations import Obligation
from conformance.verdicts import Level, Verdict

SCHEMA_URI = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
KINDS = {
    Verdict.PASS: "pass",
    Verdict.FAIL: "fail",
    Verdict.NA: "notApplicable",
    Verdict.INCONC: "open",
    Verdict.ERROR: "open",
}
"""How a verdict is said in SARIF; a case that was not run has no result."""

LEVELS = {Level.MUST: "error", Level.SHOULD: "warning", Level.MAY: "note"}
STATES = {
    "REGRESSED": "updated",
    "FIXED": "updated",
    "STALE-EXPECTATION": "updated",
    "NEW-FAIL": "new",
    "NEW-PASS": "new",
}
"""How a change is said in SARIF; what did not change, or fails still, is `unchanged`."""


def write_sarif(report: Report, path: Path) -> None:
    """Write `report` to `path` as SARIF."""
    text = json.dumps(sarif_of(report), indent=1, ensure_ascii=False)
    # A lone surrogate, which a system may put in a name, becomes the JSON escape of it.
    path.write_text(f"{text}\n", encoding="utf-8", errors="backslashreplace")


def sarif_of(report: Report) -> dict[str, Any]:
    """Return `report` as a SARIF log."""
    cases = {case.id: case for case in report.cases}
    runs = [_run(report, system, cases) for system in report.systems]
    return {"$schema": SCHEMA_URI, "version": "2.1.0", "runs": runs}


def _run(report: Report, system: SystemRun, cases: Mapping[str, Case]) -> dict[str, Any]:
    name, _, version = report.tool.partition(" ")
    rules = {one.id: at for at, one in enumerate(report.obligations)}
    has_baseline = any(result.change for result in system.results)
    shown = [result for result in system.results if result.verdict in KINDS]
    results = [_result(system, cases[one.case], one, rules) for one in shown]
    if has_baseline:
        for found, result in zip(results, shown, strict=True):
            found["baselineState"] = STATES.get(result.change, "unchanged")
    driver = {"name": name, "version": version or "0", "rules": [*map(_rule, report.obligations)]}
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"{name}/{system.name}/"},
        "invocations": [{"executionSuccessful": report.complete, "startTimeUtc": report.started}],
        "originalUriBaseIds": {"SUITE": {"description": {"text": "where the features stand"}}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }


def _rule(obligation: Obligation) -> dict[str, Any]:
    cites = " ".join(f"[{paragraph:03}]" for paragraph in obligation.cites)
    return {
        "id": obligation.id,
        "name": obligation.tag,
        "shortDescription": {"text": obligation.text},
        "fullDescription": {"text": f"{obligation.text} {cites}".rstrip()},
        "defaultConfiguration": {"level": LEVELS[obligation.level]},
        "properties": {"tags": [str(obligation.kind)]},
    }


def _result(
    system: SystemRun, case: Case, result: Result, rules: Mapping[str, int]
) -> dict[str, Any]:
    rule = case.obligations[0]
    about = f"{result.verdict}: {case.name}"
    location = {
        "artifactLocation": {"uri": case.file, "uriBaseId": "SUITE"},
        "region": {"startLine": max(case.line, 1)},
    }
    return {
        "ruleId": rule,
        "ruleIndex": rules[rule],
        "kind": KINDS[result.verdict],
        "level": LEVELS[case.level] if result.verdict is Verdict.FAIL else "none",
        "message": {"text": f"{about} ({result.reason})" if result.reason else about},
        "locations": [{"physicalLocation": location}],
        "partialFingerprints": {"case/v1": f"{case.id} {system.name}"},
        "properties": {
            "case": case.id,
            "sut": system.name,
            "verdict": str(result.verdict),
            "verifies": [*case.obligations],
            "severity": case.level.upper(),
            "rerun": result.rerun,
        },
    }
