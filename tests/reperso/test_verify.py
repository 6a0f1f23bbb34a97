"""`reperso run` runs what was asked for, writes the report, and ends with the code it documents."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from conformance.document import read_schema
from reperso.errors import ExitCode

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def verified(suite, reperso):
    """Run the suite on its system; give the outcome and the results by name of the scenario."""

    def run(*arguments):
        done = reperso("run", "--sut", suite.system, *arguments)
        report = json.loads(suite.report.read_text())
        Draft202012Validator(read_schema()).validate(report)
        names = {case["id"]: case["name"] for case in report["cases"]}
        (system,) = report["systems"]
        return done, {names[result["case"]]: result for result in system["results"]}

    return run


def test_a_case_that_passes_leaves_all_its_evidence(suite, verified):
    done, results = verified("--seed", "7")
    assert done.code == ExitCode.EXPECTED
    result = results["It works well"]
    assert (result["verdict"], result["reason"]) == ("PASS", "")
    assert [step["status"] for step in result["steps"]] == ["passed"] * 3
    assert [step["messages"] for step in result["steps"]] == [0, 1, 0]
    assert result["steps"][2]["calls"] == [{"call": "messages_sent(the user)", "answer": "1"}]
    assert result["messages"] == [
        {
            "number": 1, "time_s": 0.5, "sender": "device", "receiver": "server",
            "protocol": "SMS", "name": "REQUEST", "octets": "0a", "delivered": True, "spans": {},
            "fields": {"network": "the second network", "seed": "7"},
        }
    ]  # fmt: skip
    assert result["trail"] == ["OFF", "ON"]
    assert result["rerun"] == f"reperso run reperso/1a/1 --sut {suite.system} --seed 7"
    assert f"{suite.system}: claim 1 MET 1/1 elements" in done.out


def test_the_command_of_a_case_runs_that_case_alone(scenarios, verified):
    scenarios(one=["Then nothing passed"], two=["Then nothing passed"])
    _, results = verified()
    words = results["two"]["rerun"].split()
    assert list(verified(*words[2:3], *words[5:])[1]) == ["two"]


def test_each_way_to_end_has_its_verdict_and_reason(scenarios, verified):
    scenarios(
        fails=["When a message passes", "Then nothing passed", "And all is well"],
        breaks=["When it breaks"],
        lacks=["When it needs what it lacks", "Then all is well"],
        works_on=["When it does not come to rest"],
        is_unheard_of=["When pigs fly"],
    )
    done, results = verified()
    assert done.code == ExitCode.FAILED
    found = {name: (result["verdict"], result["reason"]) for name, result in results.items()}
    assert found["fails"] == (
        "FAIL",
        (
            "Then nothing passed: `assert driver.messages_sent(User.THE_USER) == 0` does not hold; "
            "messages_sent(the user) = 1"
        ),
    )
    verdict, reason = found["breaks"]
    assert verdict == "ERROR"
    assert reason.startswith("When it breaks: ValueError: broken <object object at 0x...> by")
    assert found["lacks"] == ("NA", "it has no keys")
    assert found["works on"] == ("INCONC", "still at work after 60 s")
    assert found["is unheard of"] == (
        "ERROR",
        "When pigs fly: no sentence matches this step",
    )
    statuses = {
        name: [one["status"] for one in result["steps"]] for name, result in results.items()
    }
    assert statuses["fails"] == ["passed", "passed", "failed", "skipped"]
    assert statuses["lacks"] == ["passed", "skipped", "skipped"]
    assert statuses["is unheard of"] == ["passed", "undefined"]
    assert results["breaks"]["trace"][-1] == "steps/sentences.py:18 in it_breaks"
    assert all(result["reason"] in done.out for result in results.values())


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Then nothing passed", ExitCode.EXPECTED),
        ("When it needs what it lacks", ExitCode.EXPECTED),
        ("Then all is well", ExitCode.FAILED),
        ("When it breaks", ExitCode.UNDECIDED),
        ("When it does not come to rest", ExitCode.UNDECIDED),
        ("When pigs fly", ExitCode.UNDECIDED),
    ],
)
def test_the_exit_code_says_what_came_of_it(scenarios, verified, line, code):
    scenarios(one=[line])
    assert verified()[0].code == code


def test_the_same_seed_gives_the_same_bytes(suite, scenarios, verified):
    scenarios(one=["When a message passes"], two=["When it breaks"])
    verified()
    before = {file.name: file.read_bytes() for file in suite.report.parent.iterdir()}
    assert set(before) == {"report.json", "report.html", "junit.xml"}
    verified()
    assert before == {file.name: file.read_bytes() for file in suite.report.parent.iterdir()}
    verified("--seed", "8")
    assert suite.report.read_bytes() != before["report.json"]


def test_without_evidence_only_verdicts_are_left(suite, verified):
    done, results = verified("--no-evidence")
    result = results["It works well"]
    assert (result["verdict"], result["steps"], result["messages"]) == ("PASS", [], [])
    assert not suite.report.with_suffix(".html").exists()
    assert done.out.endswith("report: build/report/report.json\n")


def test_several_systems_stand_side_by_side(suite, reperso):
    other = f"{suite.name}:System"
    done = reperso("run", "--sut", suite.system, "--sut", other, "--sut", suite.system)
    assert done.code == ExitCode.EXPECTED
    systems = json.loads(suite.report.read_text())["systems"]
    assert [system["name"] for system in systems] == [suite.system, other]
    assert {result["verdict"] for one in systems for result in one["results"]} == {"PASS"}


def test_an_option_of_the_system_reaches_it_and_the_report(suite, reperso):
    source = suite.path / f"{suite.name}.py"
    picky = "def picky(setup):\n    assert setup.options == {'mode': 'b c'}\n"
    source.write_text(f"{source.read_text()}\n{picky}    return System(setup)\n")
    assert reperso("run", "--sut", f"{suite.name}:picky", "-D", "mode=b c").code == 0
    (system,) = json.loads(suite.report.read_text())["systems"]
    assert system["options"] == {"mode": "b c"}
    assert system["results"][0]["rerun"].endswith("--seed 0 -D 'mode=b c'")


def test_a_system_without_the_option_at_all_is_not_applicable(suite, verified):
    source = suite.path / f"{suite.name}.py"
    source.write_text(
        source.read_text().replace(
            "return System(setup)", 'raise UnsupportedError("only in colour")'
        )
    )
    done, results = verified()
    assert done.code == ExitCode.EXPECTED
    assert results["It works well"]["verdict"] == "NA"
    assert results["It works well"]["reason"] == "only in colour"


def test_every_system_is_closed_whatever_happened(suite, scenarios, verified):
    scenarios(a=["When it breaks"], b=["Then all is well"], c=["When it needs what it lacks"])
    verified()
    assert sys.modules[suite.name].System.closed == 3 + 1  # the first one only shows that it can be


def test_a_system_that_cannot_be_closed_makes_the_case_an_error(suite, verified):
    source = suite.path / f"{suite.name}.py"
    text = source.read_text().replace(
        "def close(self): System.closed += 1",
        'def close(self):\n        if self.sent: raise OSError("stuck")',
    )
    source.write_text(text)
    _, results = verified()
    assert results["It works well"]["verdict"] == "ERROR"
    assert "cannot be closed: OSError: stuck" in results["It works well"]["reason"]


def test_evidence_that_cannot_be_had_makes_the_case_an_error(suite, verified):
    source = suite.path / f"{suite.name}.py"
    source.write_text(source.read_text().replace("return tuple(self.sent)", 'return ["nonsense"]'))
    _, results = verified()
    assert results["It works well"]["verdict"] == "ERROR"
    assert "the evidence of the system" in results["It works well"]["reason"]


def test_an_interruption_leaves_a_valid_partial_report(scenarios, suite, verified):
    scenarios(
        one=["Then nothing passed"], two=["When somebody interrupts"], three=["Given a system"]
    )
    done, results = verified()
    assert done.code == ExitCode.INTERRUPTED
    found = {name: result["verdict"] for name, result in results.items()}
    assert found == {"one": "PASS", "two": "INCONC", "three": "SKIP"}
    assert json.loads(suite.report.read_text())["complete"] is False
    assert "Interrupted." in suite.report.with_suffix(".html").read_text()


def test_after_an_interruption_the_other_systems_are_not_run(scenarios, suite, reperso):
    scenarios(one=["When somebody interrupts"])
    done = reperso("run", "--sut", suite.system, "--sut", f"{suite.name}:System")
    assert done.code == ExitCode.INTERRUPTED
    systems = json.loads(suite.report.read_text())["systems"]
    verdicts = [result["verdict"] for one in systems for result in one["results"]]
    assert verdicts == ["INCONC", "SKIP"]


def test_a_real_interruption_is_survived(scenarios, suite):
    slow = "import time\nfrom steps.registry import when\n"
    slow += '@when("it takes long")\ndef slow(driver):\n'
    slow += "    print('now', flush=True)\n    time.sleep(60)\n"
    (suite.path / "steps/slow.py").write_text(slow)
    scenarios(one=["Given a system"], two=["When it takes long"], three=["Given a system"])
    process = subprocess.Popen(
        [sys.executable, "-m", "reperso", "run", "--sut", suite.system],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until = time.monotonic() + 60
    while process.stderr.readline() != "now\n":
        assert time.monotonic() < until
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == ExitCode.INTERRUPTED
    assert "Traceback" not in err
    report = json.loads(suite.report.read_text())
    Draft202012Validator(read_schema()).validate(report)
    assert [r["verdict"] for r in report["systems"][0]["results"]] == ["PASS", "INCONC", "SKIP"]


def test_a_system_that_ends_the_process_does_not_end_the_report(scenarios, verified):
    scenarios(one=["When it ends the process"], two=["Given a system"])
    _, results = verified()
    assert {name: result["verdict"] for name, result in results.items()} == {
        "one": "ERROR",
        "two": "SKIP",
    }
    assert "SystemExit: 3" in results["one"]["reason"]


def test_what_went_wrong_is_noted_and_can_be_run_again_alone(scenarios, suite, verified):
    scenarios(good=["Given a system"], bad=["Then all is well"], worse=["When it breaks"])
    (suite.path / "build").mkdir()
    verified("--rerun", "build/again.txt")
    _, results = verified("@build/again.txt")
    assert list(results) == ["bad", "worse"]


def test_a_list_of_nothing_selects_nothing(reperso, verified):
    verified("--rerun", "again.txt")
    assert reperso("run", "@again.txt").code == ExitCode.NOTHING


def test_cases_are_listed_without_being_run(suite, reperso):
    done = reperso("run", "--list")
    assert (done.code, done.out) == (0, "reperso/1a/1       It works well\n")
    assert not suite.report.exists()


def test_a_dry_run_names_steps_without_a_sentence_and_proposes_one(scenarios, suite, reperso):
    scenarios(one=['When a "pig" flies'], two=["Given a system"])
    done = reperso("run", "--dry-run")
    assert done.code == ExitCode.UNDECIDED
    assert done.out.startswith("2 cases, 1 steps that no sentence matches\n")
    assert re.search(r"one\.feature:\d+: When a \"pig\" flies", done.out)
    assert '@when("a \\"pig\\" flies")' in done.err
    assert not suite.report.exists()


def test_a_dry_run_of_what_is_complete_is_content(reperso):
    done = reperso("run", "--dry-run")
    assert (done.code, done.out) == (0, "1 cases, 0 steps that no sentence matches\n")


def test_what_a_step_prints_does_not_get_between_the_results(scenarios, suite, verified):
    (suite.path / "steps/loud.py").write_text(
        'from steps.registry import when\n@when("it shouts")\ndef shouts(driver): print("HEY")\n'
    )
    scenarios(one=["When it shouts"])
    done, _ = verified()
    assert "HEY" not in done.out
    assert "HEY" in done.err


def test_the_terminal_shows_the_first_of_many_reasons_and_counts_the_rest(scenarios, verified):
    steps = ["Then all is well"] * 3 + [f"When pigs fly {number} miles" for number in range(22)]
    scenarios(**{f"number_{number}": [step] for number, step in enumerate(steps)})
    done, _ = verified()
    assert (done.out.count("FAIL"), done.out.count("ERROR")) == (1, 19)
    assert "and 2 more for the same reason" in done.out
    assert "and 3 more, which are in the report" in done.out


def test_progress_is_a_line_a_case_where_nobody_watches(suite, verified):
    assert verified()[0].err == f"PASS   reperso/1a/1     {suite.system}  It works well\n"


def test_nothing_selected_has_a_code_of_its_own(reperso):
    done = reperso("run", "--claim", "2")
    assert done.code == ExitCode.NOTHING
    assert done.err == "reperso: no case is selected; `reperso run --list` lists them\n"


BAD_FEATURES = {
    "no colon": "Feature A\n",
    "no feature": "",
    "broken row": "Feature: A\n  Scenario: B\n    Given x\n      | a | b\n",
    "unknown language": "# language: xx\nFeature: A\n",
    "broken table": "Feature: A\n  Scenario: B\n    Given x\n      | a |\n      | b | c |\n",
    "binary": b"\xff\xfe\x00",
    "open text": 'Feature: A\n  Scenario: B\n    Given x\n      """\n      text\n',
}


@pytest.mark.parametrize("text", BAD_FEATURES.values(), ids=BAD_FEATURES)
def test_a_malformed_feature_is_one_line_with_its_place(suite, reperso, text):
    suite.feature.write_bytes(text if isinstance(text, bytes) else text.encode())
    done = reperso("run", "--sut", suite.system)
    assert done.code == ExitCode.USAGE
    assert "one.feature" in done.err
    assert done.err.count("\n") == 1


def test_all_problems_of_tags_are_listed_one_a_line(suite, reperso):
    text = suite.feature.read_text().replace("@step-S1", "@step-S7 @wip")
    suite.feature.write_text(text)
    done = reperso("run", "--sut", suite.system)
    assert done.code == ExitCode.USAGE
    assert done.err == (
        "reperso: features/one.feature:7: unknown tag @step-S7\n"
        "reperso: features/one.feature:7: unknown tag @wip\n"
    )


def change(suite, path, old, new):
    file = suite.path / path
    file.write_text(file.read_text().replace(old, new))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda s: (s.path / "features/obligations.yaml").write_text("a: [b"), "obligations.yaml"),
        (lambda s: (s.path / "features/obligations.yaml").unlink(), "no obligations.yaml"),
        (lambda s: (s.path / "steps/sentences.py").write_text("def x(:\n"), "SyntaxError"),
        (lambda s: (s.path / "steps/sentences.py").write_text("import nowhere"), "nowhere"),
        (lambda s: (s.path / "environment.py").write_text("1/0"), "ZeroDivisionError"),
        (
            lambda s: (s.path / "environment.py").write_text("def before_all(context): 1/0"),
            "ZeroDivisionError",
        ),
        (lambda s: change(s, f"{s.name}.py", "def factory", "def other"), "has no factory"),
        (lambda s: change(s, f"{s.name}.py", "return System(setup)", "return 3"), "lacks"),
        (lambda s: change(s, f"{s.name}.py", "return System(setup)", "1/0"), "cannot be made"),
        (lambda s: change(s, f"{s.name}.py", "def factory", "factory = 3\ndef other"), "int"),
        (lambda s: s.report.parent.parent.write_text("a file"), "build"),
    ],
)
def test_what_is_wrong_is_one_clear_line(suite, reperso, spoil, said):
    spoil(suite)
    done = reperso("run", "--sut", suite.system)
    assert done.code == ExitCode.USAGE
    lines = [line for line in done.err.splitlines() if line.startswith("reperso: ")]
    assert len(lines) == 1
    assert said in lines[0]
    assert not suite.report.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--sut", "nonsense"], "no system 'nonsense'"),
        (["--sut", "nowhere:factory"], "nowhere"),
        (["features/two.feature"], "no such file"),
        (["features/obligations.yaml"], "is no feature"),
        (["reperso/9z/1"], "no such case"),
        (["@nothing.txt"], "no such file"),
        (["--element", "9z"], "no '9z'"),
        (["--claim", "9"], "no claim 9"),
        (["-t", "claim-1 and ("], "--tags"),
    ],
)
def test_a_wrong_argument_is_one_clear_line(suite, reperso, arguments, said):
    done = reperso("run", "--sut", suite.system, *arguments)
    assert done.code == ExitCode.USAGE
    assert said in done.err
    assert done.err.count("\n") == 1


def test_a_time_that_is_none_is_one_clear_line(reperso, suite, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    done = reperso("run", "--sut", suite.system)
    assert done.code == ExitCode.USAGE
    assert "SOURCE_DATE_EPOCH" in done.err
