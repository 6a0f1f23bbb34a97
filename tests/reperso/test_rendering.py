"""A report is checked and rendered again, or refused with what is wrong and where."""

import json

import pytest

from reperso.errors import ExitCode


@pytest.fixture
def report(suite, reperso):
    """Run the suite, and give where its report is."""
    reperso("run", "--sut", suite.system)
    return suite.report


def test_the_page_is_written_again_byte_for_byte(report, reperso, tmp_path):
    page = report.with_suffix(".html").read_bytes()
    both = ("-f", "html", "-o", tmp_path / "x.html", "-f", "junit", "-o", tmp_path / "x.xml")
    done = reperso("report", report, *both)
    assert done.code == ExitCode.EXPECTED
    assert (tmp_path / "x.html").read_bytes() == page
    assert (tmp_path / "x.xml").read_bytes() == report.with_name("junit.xml").read_bytes()
    assert "claim 1 MET 1/1 elements" in done.out


def test_without_a_name_the_page_stands_beside_the_report(report, reperso):
    report.with_suffix(".html").unlink()
    reperso("report", report)
    assert report.with_suffix(".html").exists()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda text: text[:100], "no JSON"),
        (lambda text: text.replace("report:1", "report:2"), "urn:reperso:report:2"),
        (lambda text: text.replace('"PASS"', '"MAYBE"'), "MAYBE"),
    ],
)
def test_a_damaged_report_is_one_clear_line(report, reperso, spoil, said):
    report.write_text(spoil(report.read_text()))
    page = report.with_suffix(".html").read_bytes()
    done = reperso("report", report)
    assert done.code == ExitCode.USAGE
    assert said in done.err
    assert done.err.startswith("reperso: ")
    assert done.err.count("\n") == 1
    assert report.with_suffix(".html").read_bytes() == page


def test_a_report_that_is_not_there_is_one_clear_line(reperso):
    done = reperso("report", "nothing.json")
    assert (done.code, done.err.count("\n")) == (ExitCode.USAGE, 1)


def test_a_page_that_cannot_be_written_is_one_clear_line(report, reperso, suite):
    (suite.path / "one.feature").write_text("no folder")
    done = reperso("report", report, "-f", "html", "-o", "one.feature/x.html")
    assert (done.code, done.err.count("\n")) == (ExitCode.USAGE, 1)
    assert "one.feature/x.html" in done.err


def test_the_schema_is_printed_as_json(reperso):
    done = reperso("schema")
    assert json.loads(done.out)["$id"] == "urn:reperso:report:1"
