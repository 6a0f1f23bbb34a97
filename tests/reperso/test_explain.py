"""A case is explained from the last report, or from the features if there is none."""

from reperso.errors import ExitCode


def test_what_was_not_run_is_explained_from_the_features(reperso):
    done = reperso("explain", "reperso/1a/1")
    assert done.code == ExitCode.EXPECTED
    for words in ("It works well", "verifies 1a (must): It works [008]", "When  a message passes"):
        assert words in done.out
    assert "Not run yet" in done.out


def test_what_was_run_is_explained_with_its_evidence(suite, reperso):
    reperso("run", "--sut", suite.system)
    done = reperso("explain", "reperso/1a/1")
    for words in (
        f"{suite.system}: PASS",
        "device -> server",
        "0a",
        "network: the second network",
        "messages_sent(the user) = 1",
        f"again: reperso run reperso/1a/1 --sut {suite.system} --seed 0",
    ):
        assert words in done.out


def test_a_failure_is_explained_with_reason_and_place(suite, scenarios, reperso):
    scenarios(one=["When it breaks"])
    reperso("run", "--sut", suite.system)
    done = reperso("explain", "reperso/1a/1")
    assert ": ERROR - When it breaks: ValueError" in done.out
    assert "steps/sentences.py:18 in it_breaks" in done.out


def test_only_one_system_is_explained_if_asked(suite, reperso):
    other = f"{suite.name}:System"
    reperso("run", "--sut", suite.system, "--sut", other)
    done = reperso("explain", "reperso/1a/1", "--sut", other)
    assert f"{other}: PASS" in done.out
    assert f"{suite.system}: PASS" not in done.out
    assert "Not run on lamp" in reperso("explain", "reperso/1a/1", "--sut", "lamp").out


def test_a_case_that_is_not_there_is_one_clear_line(suite, reperso):
    for _ in range(2):
        done = reperso("explain", "reperso/1a/9")
        assert done.code == ExitCode.USAGE
        assert done.err.startswith("reperso: reperso/1a/9: there is no such case")
        reperso("run", "--sut", suite.system)


def test_a_damaged_report_is_one_clear_line(suite, reperso):
    suite.report.parent.mkdir(parents=True)
    suite.report.write_text("{")
    done = reperso("explain", "reperso/1a/1")
    assert (done.code, done.err.count("\n")) == (ExitCode.USAGE, 1)
