"""`reperso diff` and `baseline` say what changed, and end with the code that it calls for."""

import json

import pytest

from reperso.errors import ExitCode

GOOD = ["When a message passes", "Then all is well"]
BAD = ["Then all is well"]
UNDECIDED = ["When it breaks"]


@pytest.fixture
def shown(suite, scenarios, reperso):
    """Run a case that goes so, and give the report."""

    def run(lines, *arguments, to="report"):
        scenarios(one=lines, two=["Given a system"])
        done = reperso("run", "--sut", suite.system, "--report", to, *arguments)
        return done, suite.path / to / "report.json"

    return run


@pytest.fixture
def baseline(suite, reperso):
    """Carry out `reperso baseline` on the baseline of the suite."""
    path = suite.path / "baseline.yaml"

    def run(action, report, *arguments):
        return reperso("baseline", action, report, "--baseline", path, *arguments)

    run.path = path
    return run


@pytest.mark.parametrize(
    ("way", "word", "code"),
    [
        ((GOOD, BAD), "REGRESSED", ExitCode.FAILED),
        ((GOOD, UNDECIDED), "REGRESSED", ExitCode.UNDECIDED),
        ((BAD, GOOD), "FIXED", ExitCode.EXPECTED),
        ((BAD, BAD), "STILL-FAILING", ExitCode.EXPECTED),
        ((GOOD, GOOD), "changes: none", ExitCode.EXPECTED),
    ],
)
def test_a_diff_names_the_change_and_ends_with_its_code(shown, reperso, way, word, code):
    before, after = way
    _, old = shown(before, to="old")
    _, new = shown(after, to="new")
    done = reperso("diff", old, new)
    assert (done.code, word in done.out) == (code, True)


def test_a_diff_goes_down_to_the_first_message_that_differs(shown, reperso):
    _, old = shown(GOOD, "--seed", "1", to="old")
    _, new = shown(GOOD, "--seed", "2", to="new")
    assert "message" not in reperso("diff", old, new).out
    done = reperso("diff", old, new, "--all")
    assert "message 1 is the first that differs" in done.out
    assert "seed: 1 -> 2" in done.out
    _, none = shown(BAD, to="none")
    assert "after:  nothing more passed" in reperso("diff", old, none).out


@pytest.mark.parametrize("text", ["", "{}", '{"schema": "urn:reperso:report:99"}', '{"a": '])
def test_a_damaged_report_is_one_clear_line(shown, reperso, suite, text):
    _, good = shown(GOOD)
    (suite.path / "bad.json").write_text(text)
    done = reperso("diff", good, "bad.json")
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert done.err.startswith("reperso: bad.json")
    assert done.err.count("\n") == 1


def test_a_new_failure_needs_an_explanation(shown, baseline):
    _, report = shown(BAD)
    for words in ((), ("--reason", "old")):
        done = baseline("update", report, *words)
        assert (done.code, baseline.path.exists()) == (ExitCode.USAGE, False)
        assert "--reason" in done.err
    done = baseline("update", report, "--reason", "old", "--expires", "soon")
    assert (done.code, "'soon' is no day" in done.err) == (ExitCode.USAGE, True)


def test_what_is_explained_is_expected_from_then_on(shown, baseline):
    done, report = shown(BAD)
    assert done.code == ExitCode.FAILED
    assert baseline("update", report, "--reason", "old", "--expires", "2001-12-31").code == 0
    assert baseline("check", report).code == ExitCode.EXPECTED
    done, report = shown(BAD, "--baseline", baseline.path)
    assert done.code == ExitCode.EXPECTED
    assert "STILL-FAILING" in done.out
    result = json.loads(report.read_text())["systems"][0]["results"][0]
    assert (result["change"], result["expected"]) == ("STILL-FAILING", "FAIL")


@pytest.mark.parametrize(
    ("lines", "expires", "said"),
    [
        (GOOD, "2001-12-31", ("FIXED", ExitCode.STALE)),
        (BAD, "2001-09-08", ("STALE-EXPECTATION", ExitCode.STALE)),
        (UNDECIDED, "2001-12-31", ("REGRESSED", ExitCode.UNDECIDED)),
    ],
)
def test_an_expectation_is_held_both_ways(shown, baseline, lines, expires, said):
    word, code = said
    _, report = shown(BAD)
    baseline("update", report, "--reason", "old", "--expires", expires)
    done, report = shown(lines, "--baseline", baseline.path)
    assert (done.code, word in done.out) == (code, True)
    assert baseline("check", report).code == code


def test_an_expectation_of_a_case_that_does_not_exist_is_stale(shown, baseline):
    _, report = shown(GOOD)
    baseline("update", report, "--all")
    baseline.path.write_text(baseline.path.read_text().replace("1a/2", "1a/7"))
    done, _ = shown(GOOD, "--baseline", baseline.path)
    assert done.code == ExitCode.STALE
    assert "REMOVED           reperso/1a/7" in done.out


def test_a_baseline_that_cannot_be_read_ends_the_run_before_it_begins(shown, baseline):
    baseline.path.write_text("systems: 7\n")
    done, report = shown(GOOD, "--baseline", baseline.path)
    assert (done.code, report.exists()) == (ExitCode.USAGE, False)
    assert 'baseline.yaml:1: systems: "7" is not of type "object"' in done.err


def test_a_baseline_in_a_folder_that_is_not_there_yet_is_written(shown, suite, reperso):
    _, report = shown(GOOD)
    place = suite.path / "none/b.yaml"
    assert reperso("baseline", "update", report, "--baseline", place).code == ExitCode.EXPECTED
    done = reperso("baseline", "check", report, "--baseline", place)
    assert (done.code, done.out) == (ExitCode.EXPECTED, "changes: none\n")


def test_a_baseline_that_cannot_be_written_is_one_clear_line(shown, suite, reperso):
    _, report = shown(GOOD)
    (suite.path / "file").touch()
    done = reperso("baseline", "update", report, "--baseline", suite.path / "file/b.yaml")
    assert (done.code, done.err.count("\n")) == (ExitCode.USAGE, 1)
