"""A statement of a system decides which cases apply to it, and is found out if it is untrue."""

import json

import pytest

from reperso.errors import ExitCode

APPLICABILITY = """schema: urn:reperso:applicability:1
options:
  - {id: keys, values: ["yes", "no"], text: "It has keys"}
  - {id: colour, values: [white, blue], text: "What it shines in"}
conditions:
  - {id: C01, expression: keys, cases: [reperso/1a/2]}
"""


@pytest.fixture
def stated(suite, scenarios, reperso):
    """Run two cases, of which the second needs keys, on a system that states what it has."""
    scenarios(one=["When a message passes"], two=["When it needs what it lacks"])
    (suite.path / "features/applicability.yaml").write_text(APPLICABILITY)

    def run(options, *arguments, name="ours"):
        text = f"schema: urn:reperso:ics:1\nname: {name}\nsut: {suite.system}\noptions: {options}\n"
        (suite.path / f"{name}.yaml").write_text(text)
        done = reperso("run", "--ics", f"{name}.yaml", *arguments)
        report = json.loads(suite.report.read_text()) if suite.report.exists() else {"systems": []}
        return done, report["systems"]

    return run


def test_a_case_that_does_not_apply_is_not_run_and_names_the_expression(stated):
    done, (system,) = stated("{keys: no}")
    assert (done.code, system["name"]) == (ExitCode.EXPECTED, "ours")
    assert [result["verdict"] for result in system["results"]] == ["PASS", "NA"]
    assert system["results"][1]["reason"] == "C01: keys, and the ICS says keys=no"
    assert system["results"][1]["steps"] == []
    assert "1 case: C01: keys, and the ICS says keys=no" in done.out


def test_a_dry_run_says_which_cases_would_not_apply_and_why(stated, suite):
    done, _ = stated("{keys: no}", "--dry-run")
    assert done.code == ExitCode.EXPECTED
    assert "ours: 1 of 2 cases apply\n" in done.out
    assert "1 case: C01: keys, and the ICS says keys=no" in done.out
    assert not suite.report.exists()
    done, _ = stated("{keys: yes}", "--dry-run")
    assert "apply" not in done.out


def test_a_statement_that_is_untrue_is_an_error(stated):
    done, (system,) = stated("{keys: yes}")
    assert done.code == ExitCode.UNDECIDED
    result = system["results"][1]
    assert result["verdict"] == "ERROR"
    assert (
        "ours.yaml says that this applies, the system does not: it has no keys" in result["reason"]
    )


def test_without_a_statement_what_a_system_lacks_is_not_applicable(stated, suite, reperso):
    stated("{keys: yes}")
    assert reperso("run", "--sut", suite.system).code == ExitCode.EXPECTED


def test_the_options_of_the_statement_reach_the_system_and_the_command_line_goes_before(stated):
    _, (system,) = stated("{keys: no, colour: blue}", "-D", "colour=white", "-D", "size=7")
    assert system["options"] == {"keys": "no", "colour": "white", "size": "7"}
    assert "--ics ours.yaml --seed 0 -D colour=white" in system["results"][0]["rerun"]


def test_a_statement_goes_with_the_system_that_it_is_about(stated, suite):
    _, systems = stated("{keys: no}", "--sut", "modelled", "--sut", suite.system, "--dry-run")
    assert systems == []
    _, systems = stated("{keys: no}", "--sut", suite.system)
    assert [system["name"] for system in systems] == ["ours"]
    _, systems = stated("{keys: no}", "--sut", "ours", "--ics", "ours.yaml")
    assert [system["name"] for system in systems] == ["ours"]


def test_two_statements_about_one_name_are_refused(stated, suite):
    stated("{keys: no}")
    (suite.path / "theirs.yaml").write_text((suite.path / "ours.yaml").read_text())
    done, _ = stated("{keys: no}", "--ics", "theirs.yaml")
    assert (done.code, done.err) == (
        ExitCode.USAGE,
        "reperso: theirs.yaml: ours.yaml is about ours, too\n",
    )


@pytest.mark.parametrize(
    ("options", "arguments", "what"),
    [
        ("{locks: yes}", (), "ours.yaml:4: unknown option 'locks': there are colour, keys"),
        ("{keys: maybe}", (), "ours.yaml:4: keys is yes or no, not 'maybe'"),
        ("{keys: no}", ("-D", "colour=red"), "-D: colour is white or blue, not 'red'"),
        ("{keys: no}", ("--ics", "none.yaml"), "none.yaml: No such file"),
        ("[", (), "ours.yaml:5: no YAML"),
    ],
)
def test_a_wrong_statement_ends_the_command_with_one_clear_line(stated, options, arguments, what):
    done, systems = stated(options, *arguments)
    assert (done.code, systems) == (ExitCode.USAGE, [])
    assert what in done.err
    assert done.err.count("\n") == 1
