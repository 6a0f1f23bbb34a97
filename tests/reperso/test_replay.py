"""A case is run again as it ran, and shown step by step and message by message."""

import pytest

from reperso.errors import ExitCode

CASE = "reperso/1a/1"


@pytest.fixture
def replayed(suite, scenarios, reperso):
    """Replay a case of one step."""

    def of(line):
        scenarios(one=[line])
        return reperso("replay", CASE, "--sut", suite.system)

    return of


def test_steps_and_messages_are_shown_in_order_with_the_verdict(suite, reperso):
    done = reperso("replay", CASE, "--sut", suite.system)
    assert done.code == ExitCode.EXPECTED
    at = [
        done.out.index(words)
        for words in (
            "Given a system",
            "When a message passes",
            "device -> server",
            "Then all",
            "PASS",
        )
    ]
    assert at == sorted(at)
    assert "0a" not in done.out


def test_octets_and_fields_are_shown_if_asked_for(suite, reperso):
    done = reperso("replay", CASE, "--sut", suite.system, "--octets", "--seed", "5")
    assert "seed: 5" in done.out
    assert "\n         0a\n" in done.out


def test_it_runs_with_system_seed_and_options_of_the_report(suite, reperso):
    reperso("run", "--sut", suite.system, "--seed", "9", "-D", "colour=red")
    done = reperso("replay", CASE, "--octets")
    assert f"({suite.system}, seed 9)" in done.out
    assert "seed: 9" in done.out
    assert "seed: 3" in reperso("replay", CASE, "--octets", "--seed", "3").out


def test_it_runs_what_a_statement_named(suite, reperso):
    (suite.path / "ours.yaml").write_text(
        f"schema: urn:reperso:ics:1\nname: ours\nsut: {suite.system}\noptions: {{}}\n"
    )
    reperso("run", "--ics", "ours.yaml")
    assert "(ours, seed 0)" in reperso("replay", CASE).out


@pytest.mark.parametrize(
    ("line", "code", "verdict"),
    [
        ("Then all is well", ExitCode.FAILED, "FAIL - Then all is well"),
        ("When it breaks", ExitCode.UNDECIDED, "ERROR - When it breaks"),
        ("When it needs what it lacks", ExitCode.EXPECTED, "NA - it has no keys"),
    ],
)
def test_it_ends_as_the_run_does(replayed, line, code, verdict):
    done = replayed(line)
    assert (done.code, verdict in done.out) == (code, True)


def test_a_case_that_there_is_not_is_refused(reperso):
    done = reperso("replay", "reperso/9z/1")
    assert (done.code, done.err.count("\n")) == (ExitCode.USAGE, 1)
