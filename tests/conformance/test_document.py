"""report.json holds a report, is valid against its schema, and is refused when it is damaged."""

import contextlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from conformance.document import read_report, read_schema, write_report
from conformance.errors import ReportError
from conformance.evidence import Background, Finding, Kill, KillState, RecordChange
from conformance.glossary import Term
from conformance.machines import Goals, Machine, State, SuiteRun, Transition
from conformance.specification import Specification
from conformance.verdicts import Verdict


@pytest.fixture
def path(tmp_path):
    """Say where the report goes."""
    return tmp_path / "report.json"


@pytest.fixture
def document(record, path):
    """Write a report, and return what it says as plain data."""
    write_report(record({"bulb": {"lamp/1b/1": Verdict.FAIL}}), path)
    return json.loads(path.read_text())


def refusal(path, document):
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    with pytest.raises(ReportError) as caught:
        read_report(path)
    return str(caught.value)


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(read_schema())


def test_a_report_is_valid_against_the_schema(document):
    Draft202012Validator(read_schema()).validate(document)


@pytest.mark.parametrize("evidence", [True, False])
def test_a_report_that_is_read_is_the_report_that_was_written(record, path, evidence):
    kill = Kill("dark", "stays dark", ("1a",), KillState.BY_NAME, "", {"lamp/1a/1": Verdict.FAIL})
    report = record({"bulb": {}, "tube": {}}, evidence=evidence, mutants=[kill], complete=False)
    write_report(report, path)
    assert read_report(path) == report


def test_what_is_known_beside_the_results_is_read_as_it_was_written(record, message, path):
    report = record({"bulb": {}})
    (system,) = report.systems
    spoken = replace(message(1), spans={"level": (0, 1)})
    changed = RecordChange("lamp / filament", "whole", "")
    first = replace(system.results[0], messages=(spoken,), records=(changed,))
    lamp = Machine(
        "lamp", "OFF", (State("OFF", "dark"),),
        (Transition("OFF", "press", "OFF", "normal", ("1a",)),),
    )  # fmt: skip
    background = Background(
        specification=Specification({8: "A lamp."}, (1,)),
        terms=(Term("lamp", "it shines", "TS 1"),),
        unused=("Given a candle",),
        outdated=("1a",),
        machines=(lamp,),
        suites=(
            SuiteRun(
                "tour",
                "bulb",
                3,
                (Goals("moves", 4, 2, 1),),
                ("leap: no wind",),
                (("lamp: OFF - press -> OFF",),),
            ),
        ),
        findings=(Finding("t", "a", ("1a",), ("press",), (spoken,)),),
    )
    systems = (replace(system, results=(first, *system.results[1:])),)
    whole = replace(report, systems=systems, background=background)
    write_report(whole, path)
    assert read_report(path) == whole


def test_a_report_from_before_there_was_a_background_is_read(document, path):
    del document["background"]
    for result in document["systems"][0]["results"]:
        del result["records"]
    path.write_text(json.dumps(document))
    assert read_report(path).background == Background()


def test_the_same_report_is_written_as_the_same_bytes(record, path):
    write_report(record({"bulb": {}}), path)
    before = path.read_bytes()
    write_report(record({"bulb": {}}), path)
    assert path.read_bytes() == before


def test_a_message_stands_on_a_line_of_its_own(document, path):
    lines = [line for line in path.read_text().splitlines() if '"octets"' in line]
    assert len(lines) == 3 * len(document["cases"])


@pytest.mark.parametrize("name", ["\ud800", "\x00\x1b[31m", "</script>", '"\\', "\u2028 é"])
def test_hostile_names_are_written_and_read_as_they_are(record, path, name):
    report = record({name: {}})
    write_report(report, path)
    assert read_report(path) == report


def test_a_report_that_cannot_be_written_leaves_the_one_before(record, path):
    write_report(record({"bulb": {}}), path)
    before = path.read_bytes()
    with pytest.raises(TypeError):
        write_report(record({"bulb": {}, "tube": {}}, mutants=[object()]), path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("version", ["urn:reperso:report:2", None, 1, []])
def test_another_version_is_refused_by_name(document, path, version):
    assert f"its schema is {version!r}" in refusal(path, document | {"schema": version})


@pytest.mark.parametrize("text", ["", "{", "[1]", "7", "[" * 100_000, "9" * 5_000, '{"schema": }'])
def test_what_is_no_report_is_refused_in_one_line(path, text):
    assert "\n" not in refusal(path, text)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda d: d["systems"][0]["results"][2].update(verdict="MAYBE"), "results[2].verdict"),
        (lambda d: d["systems"][0]["results"][0]["messages"][1].update(octets="xy"), "octets"),
        (lambda d: d["cases"][0].pop("name"), "cases[0]"),
        (lambda d: d.update(surprise=1), "surprise"),
        (lambda d: d["obligations"][0].update(level="shall"), "obligations[0].level"),
        (lambda d: d["cases"][0].update(id="../../x"), "cases[0].id"),
        (lambda d: d.update(duration_s=-1), "duration_s"),
        (lambda d: d["background"].update(surprise=1), "background"),
        (lambda d: d["background"].update(unused=[7]), "background.unused[0]"),
    ],
)
def test_what_breaks_the_schema_is_refused_where_it_does(document, path, change, where):
    change(document)
    said = refusal(path, document)
    assert where in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda d: d["systems"][0]["results"][0].update(case="lamp/9z/1"), "not there"),
        (lambda d: d["cases"][0].update(obligations=["9z"]), "not there"),
        (lambda d: d["systems"][0]["results"][0]["steps"].pop(), "other steps"),
    ],
)
def test_a_report_that_refers_to_nothing_is_refused(document, path, change, what):
    change(document)
    assert what in refusal(path, document)


def test_a_file_that_is_not_there_is_refused(path):
    with pytest.raises(ReportError, match="there is no report; a run leaves one"):
        read_report(path)


@pytest.mark.parametrize(
    "text", ["", "{", '{"schema"', '{"schema": "rep', '{"a": [1, 2', '{"a": 1,\n']
)
def test_a_report_that_was_not_written_to_its_end_is_told_to_be_that(path, text):
    path.write_text(text)
    with pytest.raises(ReportError, match="it ends too early: was the run"):
        read_report(path)


def test_what_is_wrong_before_its_end_is_no_early_end(path):
    path.write_text('{"a": 1 "b": 2}')
    with pytest.raises(ReportError, match="no JSON: Expecting"):
        read_report(path)


def test_octets_that_are_no_text_are_refused(path):
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ReportError, match="UTF-8"):
        read_report(path)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(
    key=st.sampled_from(["systems", "cases", "obligations", "mutants", "title", "complete"]),
    value=VALUES,
)
def test_no_document_raises_anything_but_a_report_error(tmp_path_factory, key, value):
    path = tmp_path_factory.getbasetemp() / "any.json"
    whole = {
        "title": "t", "tool": "t", "started": "2000-01-01T00:00:00Z", "duration_s": 0,
        "complete": True, "evidence": True, "obligations": [], "cases": [], "systems": [],
        "mutants": [], "schema": "urn:reperso:report:1",
    }  # fmt: skip
    path.write_text(json.dumps(whole | {key: value}))
    with contextlib.suppress(ReportError):
        read_report(path)
