"""A difference is told in every form, down to the first message, whatever stands in it."""

import json

import pytest

from conformance.changes import Change, between
from reperso.differences import FORMS
from reperso.errors import ExitCode

BEFORE = {
    "regressed": ["When a message passes", "Then all is well"],
    "fixed": ["When a message passes", "Then nothing passed"],
    "still_failing": ["When a message passes", "Then nothing passed"],
    "stale": ["When it breaks"],
    "new_pass": ["When it needs what it lacks"],
    "new_fail": ["When it needs what it lacks"],
    "removed": ["Given a system"],
}
AFTER = {
    "regressed": ["Then all is well"],
    "fixed": ["When a message passes", "Then all is well"],
    "still_failing": ["When a message passes", "Then nothing passed"],
    "stale": ["When it needs what it lacks"],
    "new_pass": ["Given a system"],
    "new_fail": ["Then all is well"],
}
CHANGES = [
    "REGRESSED", "FIXED", "STILL-FAILING", "STALE-EXPECTATION", "NEW-PASS", "NEW-FAIL", "REMOVED",
]  # fmt: skip


@pytest.fixture
def diff(suite, scenarios, reperso):
    """Run both suites on the system and tell what differs."""
    for to, cases in (("old", BEFORE), ("new", AFTER)):
        scenarios(**cases)
        reperso("run", "--sut", suite.system, "--report", to)

    def of(*arguments, before="old", after="new"):
        return reperso("diff", f"{before}/report.json", f"{after}/report.json", *arguments)

    return of


def test_there_is_a_case_here_of_every_change():
    assert sorted(CHANGES) == sorted(Change)
    assert between.__module__ == Change.__module__


def test_every_change_is_told_as_text(diff):
    done = diff()
    assert done.code == ExitCode.FAILED
    assert [line.split()[0] for line in done.out.splitlines() if line[0].isupper()] == CHANGES
    assert "    message 1 is the first that differs\n" in done.out
    assert "      after:  nothing more passed\n" in done.out
    assert done.out.endswith(
        "changes: 1 REGRESSED, 1 NEW-FAIL, 1 FIXED, 1 NEW-PASS, 1 STILL-FAILING, "
        "1 STALE-EXPECTATION, 1 REMOVED\n"
    )


def test_every_change_is_told_as_data(diff, suite):
    done = diff("-f", "json")
    assert done.code == ExitCode.FAILED
    found = json.loads(done.out)
    assert (found["schema"], sum(found["counts"].values())) == ("urn:reperso:diff:1", 7)
    assert [one["change"] for one in found["changes"]] == CHANGES
    regressed, *_, removed = found["changes"]
    assert (regressed["before"], regressed["after"]) == ("PASS", "FAIL")
    assert regressed["first_message"]["number"] == 1
    assert regressed["first_message"]["before"]["octets"] == "0a"
    assert regressed["first_message"]["after"] is None
    assert (removed["after"], removed["system"]) == (None, suite.system)


def test_every_change_is_a_row_of_markdown(diff):
    done = diff("-f", "markdown")
    head, _, titles, _, *rows = done.out.splitlines()
    assert head.startswith("**changes: 1 REGRESSED")
    assert titles.count("|") == 6
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows] == CHANGES
    assert "PASS → FAIL" in rows[0]
    assert "message 1 is the first that differs" in rows[0]


def test_messages_that_differ_under_the_same_verdict_are_told_on_demand(diff, suite, reperso):
    reperso("run", "--sut", suite.system, "--report", "seed", "--seed", "8")
    assert json.loads(diff("-f", "json", before="new", after="seed").out)["changes"] != []
    for form in FORMS:
        said = diff("--all", "-f", form, before="new", after="seed").out
        assert "MESSAGES" in said
        assert "seed: 0 -\\> 8" in said or "seed: 0 -> 8" in said


def test_what_a_system_says_cannot_break_out_of_a_cell(suite, scenarios, reperso):
    steps = suite.path / "steps/hostile.py"
    steps.write_text(
        "from steps.registry import then\n"
        '@then("it is hostile")\n'
        'def hostile(driver): assert False, "a | b <script>alert(1)</script> `c`\\n# d ![e](f)"\n'
    )
    scenarios(one=["Given a system"])
    reperso("run", "--sut", suite.system, "--report", "old")
    scenarios(one=["Then it is hostile"])
    reperso("run", "--sut", suite.system, "--report", "new")
    done = reperso("diff", "old/report.json", "new/report.json", "-f", "markdown")
    (row,) = [line for line in done.out.splitlines() if line.startswith("| REGRESSED")]
    assert "a \\| b \\<script\\>alert(1)\\</script\\> \\`c\\` \\# d !\\[e\\](f)" in row


def test_reports_without_a_system_in_common_are_not_compared(diff, suite, reperso):
    other = f"{suite.name}:System"
    reperso("run", "--sut", other, "--report", "other")
    done = diff(after="other")
    assert (done.code, done.out) == (ExitCode.NOTHING, "")
    assert done.err == (
        f"reperso: the reports have no system in common: {suite.system} and {other}\n"
    )
