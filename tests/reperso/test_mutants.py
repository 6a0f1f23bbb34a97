"""A mutant is killed by name only: by an assertion of the obligation that it says it breaks."""

import importlib
import itertools
import json
import sys

import pytest
from jsonschema import Draft202012Validator

from conformance.document import read_schema
from reperso.cli import main
from reperso.errors import ExitCode, UsageError
from reperso.features import load_suite
from reperso.mutants import discover

LEAST = 40
"""How many realistic faults are planted at least."""
PACKAGES = (f"mutants_{number}" for number in itertools.count())
MODULE = """from steps.mutants import Mutant
from {system} import System

def silent(setup):
    system = System(setup)
    system.messages_sent = lambda user: 0
    return system

def crashing(setup):
    system = System(setup)
    system.messages_sent = lambda user: 1 / 0
    return system

def refusing(setup): raise ValueError("not today")

MUTANTS = ({mutants},)
"""


@pytest.fixture
def tried(suite, reperso, monkeypatch):
    """Try mutants: name, what it breaks, factory. Give the outcome and the kills of the report."""

    def of(*mutants, arguments=()):
        package = suite.path / next(PACKAGES)
        package.mkdir()
        (package / "__init__.py").write_text("")
        listed = ", ".join(
            f"Mutant({name!r}, {breaks!r}, 'does it', {made})" for name, breaks, made in mutants
        )
        text = MODULE.format(system=suite.name, mutants=listed)
        (package / "first.py").write_text(text)
        monkeypatch.setattr("steps.mutants.__path__", [str(package)])
        for name in [name for name in sys.modules if name.startswith("steps.mutants.")]:
            monkeypatch.delitem(sys.modules, name)
        done = reperso("mutants", *arguments)
        if not suite.report.exists():
            return done, []
        report = json.loads(suite.report.read_text())
        Draft202012Validator(read_schema()).validate(report)
        return done, report["mutants"]

    return of


@pytest.mark.parametrize(
    ("made", "breaks", "state"),
    [
        ("silent", ("1a",), "KILLED-BY-NAME"),
        ("crashing", ("1a",), "KILLED-BY-CRASH"),
        ("System", ("1a",), "SURVIVED"),
        ("silent", ("2a",), "SURVIVED"),  # an assertion of 1a fails, and 2a has no case
        ("silent", ("1a", "2a"), "SURVIVED"),
        ("refusing", ("1a",), "BROKEN"),
        ("silent", ("9z",), "BROKEN"),
        ("silent", (), "BROKEN"),
    ],
)
def test_each_mutant_has_the_state_that_it_deserves(tried, made, breaks, state):
    done, (kill,) = tried(("it", breaks, made))
    assert kill["state"] == state
    assert bool(kill["reason"]) == (state != "KILLED-BY-NAME")
    assert done.code == (0 if state == "KILLED-BY-NAME" else ExitCode.FAILED)
    assert state in done.out


def test_the_matrix_frames_what_a_mutant_breaks(tried):
    done, _ = tried(("dark", ("1a",), "silent"), ("meek", ("1a",), "System"))
    assert done.out.splitlines()[:3] == ["      1a", "dark  [X]", "meek  [.]"]
    assert "1/2 killed by name" in done.out


def test_only_mutants_of_an_element_are_tried(tried):
    _, kills = tried(
        ("a", ("1a",), "silent"), ("b", ("2a",), "silent"), arguments=["--element", "1a"]
    )
    assert [kill["mutant"] for kill in kills] == ["a"]


def test_no_mutant_of_an_element_is_nothing_selected(tried):
    done, _ = tried(("a", ("1a",), "silent"), arguments=["--element", "2a"])
    assert done.code == ExitCode.NOTHING


@pytest.mark.parametrize(("others", "count"), [("none", 1), ("sample", 2), ("all", 3)])
def test_other_obligations_are_sampled_run_or_left_out(suite, tried, others, count):
    text = suite.feature.read_text().replace("claim-1", "claim-2").replace("1a", "2a")
    text += text[text.index("    Scenario:") :]
    (suite.path / "features/two.feature").write_text(text)
    _, (kill,) = tried(("a", ("1a",), "silent"), arguments=["--others", others])
    assert len(kill["verdicts"]) == count


def test_the_kills_are_added_to_the_report_of_the_same_suite(suite, reperso, tried):
    reperso("run", "--sut", suite.system)
    _, kills = tried(("a", ("1a",), "silent"))
    report = json.loads(suite.report.read_text())
    assert [system["name"] for system in report["systems"]] == [suite.system]
    assert kills
    assert "Kill matrix" in suite.report.with_suffix(".html").read_text()


def test_a_report_of_another_suite_or_a_damaged_one_is_replaced(suite, reperso, tried):
    reperso("run", "--sut", suite.system)
    suite.feature.write_text(suite.feature.read_text().replace("well", "better"))
    tried(("a", ("1a",), "silent"))
    assert json.loads(suite.report.read_text())["systems"] == []
    suite.report.write_text("{")
    assert tried(("a", ("1a",), "silent"))[1]


def test_an_interruption_keeps_what_was_tried_before(scenarios, tried):
    scenarios(one=["When somebody interrupts"])
    done, kills = tried(
        ("a", ("9z",), "silent"), ("b", ("1a",), "System"), ("c", ("1a",), "System")
    )
    assert done.code == ExitCode.INTERRUPTED
    assert [kill["mutant"] for kill in kills] == ["a"]


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Write a package of mutants of these modules, and name it."""

    def of(**modules):
        name = next(PACKAGES)
        (tmp_path / name).mkdir()
        for module, text in {"__init__": "", **modules}.items():
            (tmp_path / name / f"{module}.py").write_text(text)
        monkeypatch.syspath_prepend(str(tmp_path))
        return name

    return of


ONE = "from steps.mutants import Mutant\nMUTANTS = (Mutant('a', ('1a',), 'w', print),)\n"


def test_mutants_are_found_in_the_order_of_the_modules(package):
    found = discover(package(b=ONE, a=ONE.replace("'a'", "'z'")))
    assert [mutant.name for mutant in found] == ["z", "a"]


@pytest.mark.parametrize(
    ("modules", "said"),
    [
        ({"a": ONE, "b": ONE}, "two mutants 'a'"),
        ({"a": "1/0"}, "ZeroDivisionError"),
        ({"a": "x = 1"}, "MUTANTS"),
        ({"a": "MUTANTS = [1]"}, "tuple"),
        ({"a": "MUTANTS = (1,)"}, "tuple"),
    ],
)
def test_a_module_that_holds_no_mutants_is_refused_by_name(package, modules, said):
    with pytest.raises(UsageError, match=said):
        discover(package(**modules))


def test_the_mutants_of_this_repository_break_obligations_that_there_are():
    for mutant in discover():
        assert mutant.breaks
        assert mutant.what
    assert main(["mutants", "--element", "nothing"]) == ExitCode.NOTHING


def test_every_obligation_has_a_mutant_of_its_own_that_does_something_wrong():
    null = set(importlib.import_module("steps.mutants.null").MUTANTS)
    broken = {id_ for one in discover() if one not in null for id_ in one.breaks}
    assert broken == set(load_suite().catalogue.obligations)
    assert len(discover()) - len(null) >= LEAST


def test_several_processes_find_what_one_does(tried, suite):
    these = [("a", ("1a",), "silent"), ("b", ("1a",), "crashing"), ("c", ("1a",), "refusing"),
             ("d", ("1a",), "System")]  # fmt: skip
    serial, kills = tried(*these)
    written = {file.name: file.read_bytes() for file in suite.report.parent.iterdir()}
    parallel, same = tried(*these, arguments=("-j", "2"))
    assert (parallel.code, parallel.out, same) == (serial.code, serial.out, kills)
    assert {file.name: file.read_bytes() for file in suite.report.parent.iterdir()} == written
