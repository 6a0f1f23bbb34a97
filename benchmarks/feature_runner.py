"""What the runner itself costs: 500 trivial scenarios under behave, reperso run and pytest-bdd.

Ratios of CPU time (user and system, start-up included) to plain behave in the same round; the
contenders take turns, and the median of the rounds counts.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = 5
SCENARIOS = 500

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
    root = str(Path(__file__).resolve().parent.parent)
    environment = {**os.environ, "PYTHONPATH": root}
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


CONTENDERS = {
    "behave": ["behave", "features"],
    "reperso run --no-evidence": ["reperso", "run", "--sut", "system:factory", "--no-evidence"],
    "reperso run": ["reperso", "run", "--sut", "system:factory"],
    "pytest-bdd": ["pytest", "-q", "-p", "no:cacheprovider", "test_counting.py"],
}


def main() -> None:
    """Measure, and print a line a contender."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder)
        rounds = [
            {who: cpu_s(command, folder) for who, command in CONTENDERS.items()}
            for _ in range(ROUNDS)
        ]
    print(f"{SCENARIOS} trivial scenarios, median of {ROUNDS} rounds")
    for who in CONTENDERS:
        seconds = statistics.median(one[who] for one in rounds)
        ratio = statistics.median(one[who] / one["behave"] for one in rounds)
        print(f"{who:<28} {seconds:6.3f} s CPU  {ratio:5.2f} x behave")


if __name__ == "__main__":
    main()
