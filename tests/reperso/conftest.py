"""A small suite in a folder of its own, with a system that does what its scenarios say."""

import itertools
import sys
from types import SimpleNamespace

import pytest

from reperso.cli import main

OBLIGATIONS = """claims:
  - {id: 1a, claim: 1, level: must, step: S1, cites: [8], text: "It works"}
  - {id: 2a, claim: 2, level: must, step: S1, cites: [9], text: "It works as well"}
"""
FEATURE = """@claim-1
Feature: Claim 1 - it works

  Background:
    Given a system

  @element-1a @step-S1
  Rule: It works
    Scenario: It works well
      When a message passes
      Then all is well
"""
STEPS = """from steps.driver import Means, Network, User
from steps.registry import given, then, when

@given("a system")
def there_is_a_system(driver): driver.agree(Network.FIRST)

@when("a message passes")
def message_passes(driver): driver.request_change(Network.SECOND, Means.MENU, User.THE_USER)

@then("all is well")
def all_is_well(driver): assert driver.messages_sent(User.THE_USER) == 1

@then("nothing passed")
def nothing_passed(driver):
    assert driver.messages_sent(User.THE_USER) == 0

@when("it breaks")
def it_breaks(driver): raise ValueError(f"broken {object()} by {driver.agree}")

@when("it needs what it lacks")
def it_lacks(driver): driver.use_admin_code_as_key()

@when("it does not come to rest")
def it_does_not_rest(driver): driver.settle()

@when("somebody interrupts")
def somebody_interrupts(driver): raise KeyboardInterrupt

@when("it ends the process")
def it_ends(driver): raise SystemExit(3)
"""
SYSTEM = """from steps.driver import Exchange, UnsettledError, UnsupportedError
from steps.drivers import calls

def nothing(self, *arguments, **facts): return None

class System:
    closed = 0

    def __init__(self, setup):
        self.setup, self.sent = setup, []
        self.trail = ["OFF", "ON"]

    def __getattr__(self, name):
        if name in calls():
            return nothing.__get__(self)
        raise AttributeError(name)

    def request_change(self, network, means, user):
        facts = {"network": str(network), "seed": str(self.setup.seed)}
        self.sent.append(Exchange(1, 0.5, "device", "server", "SMS", "REQUEST", b"\\x0a", facts))

    def messages_sent(self, user): return len(self.sent)

    def exchanges(self): return tuple(self.sent)

    def use_admin_code_as_key(self): raise UnsupportedError("it has no keys")

    def settle(self): raise UnsettledError("still at work after 60 s")

    def close(self): System.closed += 1

def factory(setup): return System(setup)
"""
NAMES = (f"system_{number}" for number in itertools.count())


@pytest.fixture
def suite(tmp_path, monkeypatch):
    """Write the suite and go there; `name` is a system of which no other test has heard."""
    name = next(NAMES)
    files = {
        "features/obligations.yaml": OBLIGATIONS,
        "features/one.feature": FEATURE,
        "steps/sentences.py": STEPS,
        f"{name}.py": SYSTEM,
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    return SimpleNamespace(
        path=tmp_path,
        name=name,
        system=f"{name}:factory",
        feature=tmp_path / "features/one.feature",
        report=tmp_path / "build/report/report.json",
    )


@pytest.fixture
def scenarios(suite):
    """Write the feature with these scenarios in the place of its own: name and lines of each."""

    def write(**found):
        text = FEATURE[: FEATURE.index("    Scenario:")]
        for name, lines in found.items():
            text += f"    Scenario: {name.replace('_', ' ')}\n"
            text += "".join(f"      {line}\n" for line in lines)
        suite.feature.write_text(text)

    return write


@pytest.fixture
def reperso(suite, capfd, monkeypatch):
    """Carry out a command in the folder of the suite."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.chdir(suite.path)

    def run(*arguments):
        code = main([str(argument) for argument in arguments])
        said = capfd.readouterr()
        assert "Traceback" not in said.err
        return SimpleNamespace(code=code, out=said.out, err=said.err)

    return run
