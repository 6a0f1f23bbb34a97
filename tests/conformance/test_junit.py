"""JUnit XML says the verdicts in its own words, and ours beside them."""

from xml.etree import ElementTree as ET

import pytest

from conformance.junit import write_junit
from conformance.verdicts import Verdict


@pytest.fixture
def written(record, tmp_path):
    """Write a report of one case that came to a verdict, and read it as XML."""

    def of(verdict, **facts):
        report = record({"bulb": {"lamp/1a/1": verdict}}, **facts)
        write_junit(report, tmp_path / "junit.xml")
        return ET.parse(tmp_path / "junit.xml").getroot()

    return of


def test_a_case_bears_what_it_verifies_its_system_and_its_severity(written):
    case = written(Verdict.PASS).find(".//testcase")
    found = {item.get("name"): item.get("value") for item in case.iter("property")}
    assert found["verifies"] == "1a"
    assert (found["sut"], found["severity"]) == ("bulb", "MUST")
    assert found["rerun"] == "lamp lamp/1a/1 --sut bulb --seed 7"


@pytest.mark.parametrize(
    ("verdict", "element", "count"),
    [
        (Verdict.FAIL, "failure", "failures"),
        (Verdict.ERROR, "error", "errors"),
        (Verdict.INCONC, "error", "errors"),
        (Verdict.NA, "skipped", "skipped"),
        (Verdict.SKIP, "skipped", "skipped"),
    ],
)
def test_a_verdict_is_said_as_junit_says_it_and_keeps_our_word(written, verdict, element, count):
    root = written(verdict)
    found = root.find(f".//testcase/{element}")
    assert found.get("message") == f"{verdict}: because {verdict}"
    assert found.text == "lamp.py:1 in on"
    assert root.find("testsuite").get(count) == "1"


def test_a_case_that_passes_has_no_such_element(written):
    case = written(Verdict.PASS).find(".//testcase")
    assert [child.tag for child in case] == ["properties"]


def test_what_xml_cannot_hold_is_replaced(record, tmp_path):
    report = record({"bu\x00lb\ud800<&>": {}})
    write_junit(report, tmp_path / "junit.xml")
    suite = ET.parse(tmp_path / "junit.xml").getroot().find("testsuite")
    assert suite.get("name") == "bu\N{REPLACEMENT CHARACTER}lb\N{REPLACEMENT CHARACTER}<&>"
