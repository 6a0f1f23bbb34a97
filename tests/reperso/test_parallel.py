"""Several processes write what one does, byte for byte; one that dies costs its case alone."""

import json
import os
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
DEATHS = r"""
import os, signal, time
from steps.registry import when

@when("its process ends")
def ends(driver): os._exit(7)

@when("its process is killed")
def is_killed(driver): os.kill(os.getpid(), signal.SIGKILL)

@when("it takes long")
def takes_long(driver):
    os.write(2, b"now\n")
    time.sleep(60)
"""


@pytest.fixture
def deaths(suite):
    (suite.path / "steps/deaths.py").write_text(DEATHS)


@pytest.fixture
def results(suite):
    def read():
        report = json.loads(suite.report.read_text())
        Draft202012Validator(read_schema()).validate(report)
        names = {case["id"]: case["name"] for case in report["cases"]}
        return [
            {names[one["case"]]: (one["verdict"], one["reason"]) for one in system["results"]}
            for system in report["systems"]
        ]

    return read


def no_longer_there(group):
    """Wait until no process of a group is left; False if one is after 10 s."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
    return False


def test_the_report_of_several_processes_is_that_of_one(suite, scenarios, reperso):
    source = suite.path / f"{suite.name}.py"
    pcap = "    closed = 0\n\n    def pcap(self): return b'%d' % len(self.sent)\n"
    source.write_text(source.read_text().replace("    closed = 0\n", pcap))
    endings = ["nothing passed", "all is well"]
    actions = ["it breaks", "it needs what it lacks", "it does not come to rest", "pigs fly"]
    lines = [f"Then {one}" for one in endings] + [f"When {one}" for one in actions]
    scenarios(**{f"case_{n}": ["When a message passes", lines[n % 6]] for n in range(24)})
    systems = ["--sut", suite.system, "--sut", f"{suite.name}:System", "--pcap", "build/pcap"]
    rerun = ["--rerun", "build/again.txt"]

    def files():
        build = suite.path / "build"
        return {str(p.relative_to(build)): p.read_bytes() for p in build.rglob("*") if p.is_file()}

    (suite.path / "build").mkdir()
    serial = reperso("run", *systems, *rerun)
    written = files()
    assert len(written) == 3 + 1 + 48
    parallel = reperso("run", *systems, *rerun, "-j", "3")
    assert files() == written
    assert (parallel.code, parallel.out) == (serial.code, serial.out)
    assert sorted(parallel.err.splitlines()) == sorted(serial.err.splitlines())


@pytest.mark.usefixtures("deaths")
def test_a_process_that_dies_is_an_error_of_its_case_alone(suite, scenarios, reperso, results):
    fine = {f"fine_{number}": ["Given a system"] for number in range(8)}
    ends, is_killed = ["When its process ends"], ["When its process is killed"]
    scenarios(ends=ends, **fine, is_killed=is_killed, last=["Then nothing passed"])
    done = reperso("run", "--sut", suite.system, "-j", "2")
    assert done.code == ExitCode.UNDECIDED
    (found,) = results()
    assert found.pop("ends") == ("ERROR", "its process ended with exit code 7")
    assert found.pop("is killed") == ("ERROR", "its process was ended by SIGKILL")
    assert set(found.values()) == {("PASS", "")}
    assert len(found) == 9


@pytest.mark.usefixtures("deaths")
def test_processes_that_all_die_leave_a_report(suite, scenarios, reperso, results):
    scenarios(**{f"dies_{number}": ["When its process ends"] for number in range(6)})
    assert reperso("run", "--sut", suite.system, "-j", "2").code == ExitCode.UNDECIDED
    (found,) = results()
    assert list(found.values()) == [("ERROR", "its process ended with exit code 7")] * 6


def test_an_interruption_leaves_a_valid_partial_report(scenarios, suite, reperso, results):
    many = {f"then_{number}": ["Given a system"] for number in range(40)}
    scenarios(stop=["When somebody interrupts"], **many)
    done = reperso("run", "--sut", suite.system, "--sut", f"{suite.name}:System", "-j", "2")
    assert done.code == ExitCode.INTERRUPTED
    first, second = results()
    assert first["stop"] == ("INCONC", "the run was interrupted")
    assert "SKIP" in {verdict for verdict, _ in second.values()}
    assert json.loads(suite.report.read_text())["complete"] is False


@pytest.mark.usefixtures("deaths")
@pytest.mark.parametrize("to_all", [True, False])
def test_a_real_interruption_is_survived(scenarios, suite, results, to_all):
    """As from a terminal, which interrupts every process, or to the first one alone."""
    scenarios(one=["When it takes long"], two=["When it takes long"], three=["Given a system"])
    process = subprocess.Popen(
        [sys.executable, "-m", "reperso", "run", "--sut", suite.system, "-j", "2"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    said = []
    while said.count("now\n") < 2:
        said.append(process.stderr.readline())
        assert said[-1], said
    (os.killpg if to_all else os.kill)(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == ExitCode.INTERRUPTED
    assert "Traceback" not in err
    (found,) = results()
    assert found["one"] == found["two"] == ("INCONC", "the run was interrupted")
    assert no_longer_there(process.pid)


def test_a_system_that_cannot_be_made_is_one_line_here_too(suite, reperso):
    source = suite.path / f"{suite.name}.py"
    source.write_text(source.read_text().replace("return System(setup)", "1/0"))
    done = reperso("run", "--sut", suite.system, "-j", "2")
    assert done.code == ExitCode.USAGE
    assert done.err == (
        f"reperso: {suite.system}: cannot be made: ZeroDivisionError: division by zero\n"
    )
    assert not suite.report.exists()


@pytest.mark.parametrize("number", ["-1", "x", "1.5", ""])
def test_a_number_of_processes_that_is_none_is_refused(reperso, number):
    with pytest.raises(SystemExit) as caught:
        reperso("run", "-j", number)
    assert caught.value.code == ExitCode.USAGE


def test_zero_processes_are_one_a_processor(suite, reperso):
    assert reperso("run", "--sut", suite.system, "-j", "0").code == ExitCode.EXPECTED
