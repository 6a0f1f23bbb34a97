"""What the runner itself costs: 500 trivial scenarios under behave, reperso run and pytest-bdd.

And what this repository adds to pytest-bdd: its features with empty steps, with its conftest and
without.

Ratios of CPU time (user and system, start-up included, modules compiled) to plain behave in the
same round; the contenders take turns, and the median of the rounds counts.
"""

from __future__ import annotations

import ast
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROUNDS = 5
SCENARIOS = 500
ROOT = Path(__file__).resolve().parent.parent

OBLIGATIONS = """claims:
  - {id: 1a, claim: 1, level: must, step: S1, cites: [1], text: "It counts"}
"""
FEATURE = """@claim-1
Feature: Counting

  @element-1a @step-S1
  Rule: It counts
"""
SCENARIO = """
    Scenario: From {0}
      Given a counter
      And it is at {0}
      When it counts
      Then it is {1}
"""
STEPS = """from steps.registry import given, then, when

@given("a counter")
def make(driver): driver.value = 0

@given("it is at {value:Number}")
def put(driver, value): driver.value = value

@when("it counts")
def count(driver): driver.value += 1

@then("it is {value:Number}")
def check(driver, value): assert driver.value == value
"""
COUNTER = """from types import SimpleNamespace

class Counter(SimpleNamespace):
    def exchanges(self): return ()
    def close(self): pass
"""
ENVIRONMENT = """from counter import Counter

def before_scenario(context, scenario): context.driver = Counter()

def after_scenario(context, scenario): context.driver.close()
"""
SYSTEM = """from steps.drivers import calls
from counter import Counter

def nothing(self, *arguments, **facts): pass

class System(Counter):
    def __getattr__(self, name):
        if name in calls():
            return nothing.__get__(self)
        raise AttributeError(name)

def factory(setup): return System()
"""
BARE = """import pytest

{0}

@pytest.fixture
def driver(): return None
"""
ALL_FEATURES = """from pytest_bdd import scenarios

scenarios("features")
"""
PYTEST = """import pytest
from pytest_bdd import scenarios
from counter import Counter
from counting import *

@pytest.fixture
def driver(): return Counter()

scenarios("features")
"""


def write(folder: Path) -> None:
    """Write the suite in a form that all contenders run."""
    features = "".join(SCENARIO.format(at, at + 1) for at in range(SCENARIOS))
    files = {
        "features/counting.feature": FEATURE + features,
        "features/obligations.yaml": OBLIGATIONS,
        "steps/counting.py": STEPS,
        "counter.py": COUNTER,
        "environment.py": ENVIRONMENT,
        "system.py": SYSTEM,
        "test_counting.py": PYTEST,
        "pytest.ini": "[pytest]\npythonpath = . steps\n",
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


def cpu_s(command: list[str], folder: Path) -> float:
    """Run a command and return its CPU time in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    cache = {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(folder / "cache")}
    environment = {**os.environ, **cache}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # whoever installed it has it compiled
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


RUN = ["reperso", "run", "--sut", "system:factory"]
PYTEST_BDD = ["pytest", "-q", "-p", "no:cacheprovider"]
Contenders = Mapping[str, tuple[list[str], str]]
"""By name, a command and the folder in which it is run."""

CONTENDERS: Contenders = {
    "behave": (["behave", "features"], "."),
    "reperso run --no-evidence": ([*RUN, "--no-evidence"], "."),
    "reperso run": (RUN, "."),
    "pytest-bdd": ([*PYTEST_BDD, "test_counting.py"], "."),
}
EMPTIED: Contenders = {
    "pytest-bdd": ([*PYTEST_BDD, "test_features.py"], "bare"),
    "with reperso's conftest": ([*PYTEST_BDD, "features", "--sut", "system:factory"], "ours"),
}


def write_emptied(folder: Path) -> None:
    """Write the features of this repository with sentences that do nothing, and two conftests.

    The one is this repository's; the other has the fixture `driver` and nothing else.
    """
    for name in ("features", "steps"):
        shutil.copytree(ROOT / name, folder / "ours" / name)
    shutil.copy(ROOT / "conftest.py", folder / "ours")
    for path in (folder / "ours/steps").glob("*.py"):
        path.write_text(emptied(path.read_text("utf-8")), encoding="utf-8")
    shutil.copytree(folder / "ours", folder / "bare")
    modules = re.search(r"pytest_plugins = \[.*?\]", (ROOT / "conftest.py").read_text(), re.DOTALL)
    assert modules is not None
    (folder / "bare/conftest.py").write_text(BARE.format(modules[0]), encoding="utf-8")
    (folder / "bare/test_features.py").write_text(ALL_FEATURES, encoding="utf-8")
    for name in ("ours", "bare"):
        (folder / name / "pytest.ini").write_text("[pytest]\npythonpath = . ..\n")


def emptied(source: str) -> str:
    """Return a module with a `pass` for the body of every sentence."""
    module = ast.parse(source)
    for one in ast.walk(module):
        if isinstance(one, ast.FunctionDef) and any(map(_is_of_sentence, one.decorator_list)):
            one.body = [ast.Pass()]
    return ast.unparse(module)


def _is_of_sentence(decorator: ast.expr) -> bool:
    return (
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Name)
        and decorator.func.id in {"given", "when", "then"}
    )


def main() -> None:
    """Measure, and print a line a contender."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder)
        write_emptied(folder)
        tell(f"{SCENARIOS} trivial scenarios", CONTENDERS, "behave", folder)
        tell("features of this repository, empty steps", EMPTIED, "pytest-bdd", folder)


def tell(what: str, contenders: Contenders, peer: str, folder: Path) -> None:
    """Let contenders take turns, and print what they cost."""

    def took(who: str) -> float:
        command, place = contenders[who]
        return cpu_s(command, folder / place)

    for who in contenders:
        took(who)  # which leaves the modules compiled
    rounds = [{who: took(who) for who in contenders} for _ in range(ROUNDS)]
    print(f"{what}, median of {ROUNDS} rounds")
    for who in contenders:
        seconds = statistics.median(one[who] for one in rounds)
        ratio = statistics.median(one[who] / one[peer] for one in rounds)
        print(f"{who:<28} {seconds:6.3f} s CPU  {ratio:5.2f} x {peer}")


if __name__ == "__main__":
    main()
