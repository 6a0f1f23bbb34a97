"""`reperso trace` says what leads nowhere, and fails if anything does."""

from reperso.errors import ExitCode

SENTENCE = "Given a system\n"


def test_what_has_no_case_and_no_scenario_is_named(reperso):
    done = reperso("trace")
    assert done.code == ExitCode.FAILED
    assert "UNTESTED 2a It works as well\n" in done.out
    assert "UNUSED   When it breaks\n" in done.out
    assert "1 of 2 obligations have cases, 1 cases have obligations" in done.out


def test_a_text_that_changed_outdates_its_cases_until_they_are_accepted(suite, reperso):
    text = suite.path / "features" / "specification.txt"
    text.write_text("[008] It works.\n[009] Well.\n")
    assert reperso("trace", "--accept").code == ExitCode.EXPECTED
    assert "OUTDATED" not in reperso("trace").out
    text.write_text("[008] It works, always.\n[009] Well.\n")
    done = reperso("trace")
    assert done.code == ExitCode.FAILED
    assert "OUTDATED 1a" in done.out
    assert done.out.splitlines()[-1].endswith(" 1 outdated")
    assert "reperso/1a/1" in done.out
    reperso("trace", "--accept")
    assert "OUTDATED" not in reperso("trace").out


def test_where_nothing_can_be_written_it_says_so(suite, reperso):
    (suite.path / "features" / "reviewed.json").mkdir()
    done = reperso("trace", "--accept")
    assert done.code == ExitCode.USAGE
    assert "reviewed.json" in done.err


def test_where_everything_leads_somewhere_it_is_content(suite, reperso, scenarios):
    steps = suite.path / "steps" / "sentences.py"
    kept = steps.read_text().partition('@then("nothing passed")')[0]
    steps.write_text(kept)
    scenarios(one=["Given a system", "When a message passes", "Then all is well"])
    obligations = suite.path / "features" / "obligations.yaml"
    obligations.write_text("".join(obligations.read_text().splitlines(keepends=True)[:2]))
    done = reperso("trace")
    assert (done.code, "; nothing is amiss" in done.out) == (ExitCode.EXPECTED, True)
