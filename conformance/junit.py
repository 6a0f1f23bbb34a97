"""JUnit XML of a report: a test suite a system; properties verifies, sut, severity and rerun."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

from conformance.catalogue import Case
from conformance.evidence import Report, Result, SystemRun
from conformance.verdicts import Verdict

ELEMENTS = {
    Verdict.FAIL: "failure",
    Verdict.ERROR: "error",
    Verdict.INCONC: "error",
    Verdict.NA: "skipped",
    Verdict.SKIP: "skipped",
}
"""How a verdict is said in JUnit, which has fewer words; the message keeps ours."""

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(report: Report, path: Path) -> None:
    """Write `report` to `path` as JUnit XML."""
    cases = {case.id: case for case in report.cases}
    root = ET.Element("testsuites", name=_xml(report.title))
    for system in report.systems:
        root.append(_suite(system, cases, report.started))
    ET.indent(root)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _suite(system: SystemRun, cases: dict[str, Case], started: str) -> ET.Element:
    said = [ELEMENTS.get(result.verdict) for result in system.results]
    suite = ET.Element(
        "testsuite",
        name=_xml(system.name),
        tests=str(len(said)),
        failures=str(said.count("failure")),
        errors=str(said.count("error")),
        skipped=str(said.count("skipped")),
        time=f"{sum(result.duration_s for result in system.results):.6f}",
        timestamp=started.removesuffix("Z"),
    )
    for result in system.results:
        suite.append(_test_case(system, cases[result.case], result))
    return suite


def _test_case(system: SystemRun, case: Case, result: Result) -> ET.Element:
    element = ET.Element(
        "testcase",
        classname=_xml(f"{system.name}.{case.feature}"),
        name=_xml(f"{case.id} {case.name}"),
        file=_xml(case.file),
        line=str(case.line),
        time=f"{result.duration_s:.6f}",
    )
    properties = ET.SubElement(element, "properties")
    facts = [("verifies", obligation) for obligation in case.obligations]
    facts += [("sut", system.name), ("severity", case.level.upper()), ("rerun", result.rerun)]
    for name, value in facts:
        ET.SubElement(properties, "property", name=name, value=_xml(value))
    if result.verdict in ELEMENTS:
        message = _xml(f"{result.verdict}: {result.reason}")
        child = ET.SubElement(element, ELEMENTS[result.verdict], message=message)
        child.text = _xml("\n".join(result.trace)) or None
    return element


def _xml(text: str) -> str:
    """Replace what XML 1.0 cannot hold, such as control characters."""
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
