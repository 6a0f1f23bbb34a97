"""behave's hooks give every scenario a fresh system and close it once."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from reperso.hooks import after_scenario, after_step, before_all, before_scenario
from steps.driver import Setup, UnsupportedError
from steps.drivers import load

ROOT = Path(__file__).parent.parent.parent


class Scenario:
    """Stands in for a scenario of behave."""

    def __init__(self):
        self.reason = self.exception = None

    def skip(self, reason):
        self.reason = reason

    def store_exception_context(self, error):
        self.exception = error


@pytest.fixture
def context():
    """Make a context of behave, with cleanups that the test runs itself."""
    cleanups = []
    config = SimpleNamespace(userdata={})
    return SimpleNamespace(config=config, cleanups=cleanups, add_cleanup=cleanups.append)


class Driver:
    """Counts how often it is closed."""

    def __init__(self, setup):
        self.setup, self.closed = setup, 0

    def close(self):
        self.closed += 1


def test_user_data_chooses_system_seed_and_options(context):
    context.config.userdata = {"factory": Driver, "seed": "7", "sut": "x", "mode": "m"}
    before_all(context)
    before_scenario(context, Scenario())
    assert context.driver.setup == Setup(seed=7, options={"mode": "m"})


def test_the_default_is_the_simulated_system(context):
    before_all(context)
    assert context.factory is load("simulated")


def test_a_system_is_closed_once_after_the_scenario_and_not_again_by_the_cleanup(context):
    context.config.userdata = {"factory": Driver}
    before_all(context)
    before_scenario(context, Scenario())
    after_scenario(context, Scenario())
    for cleanup in context.cleanups:
        cleanup()
    assert context.driver.closed == 1


def test_a_system_is_closed_by_the_cleanup_when_the_scenario_was_cut_short(context):
    context.config.userdata = {"factory": Driver}
    before_all(context)
    before_scenario(context, Scenario())
    for cleanup in context.cleanups:
        cleanup()
    assert context.driver.closed == 1


def test_a_system_that_cannot_have_the_options_skips_the_scenario(context):
    def factory(setup):
        raise UnsupportedError(f"not with {setup.seed}")

    context.config.userdata = {"factory": factory, "seed": "3"}
    before_all(context)
    scenario = Scenario()
    before_scenario(context, scenario)
    assert scenario.reason == "NA: not with 3"
    after_scenario(context, scenario)


def test_a_step_that_needs_what_is_missing_skips_the_rest(context):
    context.scenario = Scenario()
    step = SimpleNamespace(exception=UnsupportedError("no keys"), status=None)
    after_step(context, step)
    assert context.scenario.reason == "NA: no keys"
    assert step.status.name == "skipped"


def test_a_step_that_fails_otherwise_stays_as_it_is(context):
    context.scenario = Scenario()
    step = SimpleNamespace(exception=ValueError("x"), status="failed")
    after_step(context, step)
    assert (context.scenario.reason, step.status) == (None, "failed")


def test_plain_behave_runs_a_suite_with_these_hooks(suite):
    (suite.path / "environment.py").write_text("from reperso.hooks import *\n")
    done = subprocess.run(
        [sys.executable, "-m", "behave", "-D", f"sut={suite.system}", "features"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 scenario passed, 0 failed" in done.stdout
