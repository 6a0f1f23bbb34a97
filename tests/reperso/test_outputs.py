"""A report is written in the forms that were asked for, each to its own place."""

import json
from xml.etree import ElementTree as ET

import pytest

from reperso.errors import ExitCode
from reperso.formats import FORMATS


def test_every_form_is_written_to_its_own_place(suite, reperso, tmp_path):
    reperso("run", "--sut", suite.system)
    places = [(name, tmp_path / "out" / name) for name in FORMATS]
    words = [word for name, place in places for word in ("-f", name, "-o", place)]
    done = reperso("report", suite.report, *words)
    assert done.code == ExitCode.EXPECTED
    assert all(place.stat().st_size > 100 for _, place in places)
    assert (tmp_path / "out/json").read_bytes() == suite.report.read_bytes()


def test_a_form_without_a_place_goes_to_stdout_and_nothing_else_does(suite, reperso):
    done = reperso("run", "--sut", suite.system, "--format", "sarif")
    assert json.loads(done.out)["version"] == "2.1.0"
    assert "claim 1 MET" in done.err
    done = reperso("report", suite.report, "-f", "junit", "-o", "-")
    assert ET.fromstring(done.out).tag == "testsuites"


def test_a_run_writes_more_forms_beside_its_report(suite, reperso, tmp_path):
    done = reperso("run", "--sut", suite.system, "-f", "csv", "-o", tmp_path / "m.csv")
    assert (tmp_path / "m.csv").read_text().startswith("obligation,")
    assert "claim 1 MET" in done.out
    assert suite.report.exists()


@pytest.mark.parametrize(
    "words",
    [("-o", "x"), ("-f", "csv", "-f", "sarif"), ("-f", "csv", "-o", "x", "-f", "html", "-o", "x")],
)
def test_outputs_that_do_not_fit_are_refused_before_anything_is_run(suite, reperso, words):
    done = reperso("run", "--sut", suite.system, *words)
    assert (done.code, done.err.count("\n")) == (ExitCode.USAGE, 1)
    assert not suite.report.exists()


@pytest.mark.parametrize("name", ["report.json", "junit.xml", "report.html"])
def test_a_report_that_cannot_be_written_is_one_clear_line(suite, reperso, name):
    (suite.report.parent / name).mkdir(parents=True)
    done = reperso("run", "--sut", suite.system)
    assert done.code == ExitCode.USAGE
    assert done.err.splitlines()[-1] == f"reperso: build/report/{name}: Is a directory"
    assert list(suite.report.parent.glob(".*")) == []


def test_a_file_is_no_place_for_a_report(suite, reperso):
    place = suite.path / "place"
    place.write_text("a file")
    done = reperso("run", "--report", str(place))
    told = f"reperso: {place}: is no folder: a report is several files\n"
    assert (done.code, done.err) == (ExitCode.USAGE, told)
    assert place.read_text() == "a file"
