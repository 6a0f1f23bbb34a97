"""The registry binds a sentence to whichever runner is there, and to none that is not."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from steps import registry
from steps.driver import Network

ROOT = Path(__file__).parents[2]
SENTENCE = "the registry is tested with {network:Network}"
SPOKEN = "the registry is tested with the second network"


class Told:
    """What runners were asked to register."""

    def __init__(self):
        self.patterns = []
        self.steps = []
        self.types = {}

    def keyword(self, name):
        def register(pattern, **facts):
            self.patterns.append((name, pattern, facts))

            def decorate(function):
                self.steps.append(function)
                return function

            return decorate

        return register

    def register_type(self, **types):
        self.types |= types


@pytest.fixture
def behave(monkeypatch):
    """Stand in for behave, running."""
    told = Told()
    module = SimpleNamespace(
        register_type=told.register_type,
        **{name: told.keyword(name) for name in ("given", "when", "then")},
    )
    monkeypatch.setitem(sys.modules, "behave", module)
    monkeypatch.setitem(sys.modules, "behave.step_registry", module)
    return told


@pytest.fixture
def no_runner(monkeypatch):
    for name in ("behave", "behave.step_registry", "pytest_bdd"):
        monkeypatch.delitem(sys.modules, name, raising=False)


def sentence(driver, network):
    driver.heard.append(network)


@pytest.mark.parametrize("keyword", ["given", "when", "then"])
def test_behave_gets_the_sentence_under_its_keyword_with_all_words(behave, monkeypatch, keyword):
    monkeypatch.delitem(sys.modules, "pytest_bdd", raising=False)
    getattr(registry, keyword)(SENTENCE)(sentence)
    assert [(name, pattern) for name, pattern, _ in behave.patterns] == [(keyword, SENTENCE)]
    assert {"Network", "User", "Card", "Number"} <= set(behave.types)


def test_what_behave_calls_gives_the_sentence_the_driver_of_the_context(behave, monkeypatch):
    monkeypatch.delitem(sys.modules, "pytest_bdd", raising=False)
    registry.given(SENTENCE)(sentence)
    (step,) = behave.steps
    driver = SimpleNamespace(heard=[])
    step(SimpleNamespace(driver=driver), network=Network.SECOND)
    assert driver.heard == [Network.SECOND]
    assert step.__wrapped__ is sentence  # behave reports where the sentence itself stands


@pytest.mark.usefixtures("no_runner")
def test_pytest_bdd_gets_a_parser_that_reads_the_words(monkeypatch):
    told = Told()
    parsers = SimpleNamespace(parse=lambda pattern, extra_types: (pattern, extra_types))
    monkeypatch.setitem(
        sys.modules, "pytest_bdd", SimpleNamespace(parsers=parsers, when=told.keyword("when"))
    )
    assert registry.when(SENTENCE)(sentence) is sentence
    ((name, (pattern, types), facts),) = told.patterns
    assert (name, pattern) == ("when", SENTENCE)
    assert types["Network"]("the third network") is Network.THIRD
    assert facts == {"stacklevel": 3}


@pytest.mark.usefixtures("no_runner")
def test_without_a_runner_a_sentence_is_a_function():
    assert registry.then(SENTENCE)(sentence) is sentence
    assert "behave" not in sys.modules
    assert "pytest_bdd" not in sys.modules


@pytest.mark.parametrize("runner", ["behave", "pytest_bdd"])
def test_a_run_of_one_runner_does_not_pay_for_the_other(runner):
    other = {"behave": "pytest_bdd", "pytest_bdd": "behave"}[runner]
    told = {"behave": "behave.step_registry", "pytest_bdd": "pytest_bdd"}[runner]
    script = (
        f"import sys, {told}\n"
        "import steps.request\n"
        f"assert {other!r} not in sys.modules, {other!r}\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)


def test_both_runners_get_every_sentence_where_both_are_there(behave):
    pytest.importorskip("pytest_bdd")
    registry.given(SPOKEN)(sentence)
    assert [pattern for _, pattern, _ in behave.patterns] == [SPOKEN]
