"""behave's engine runs the selected cases and no others, afresh for every system."""

from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from behave.runner import ContextMaskWarning, the_step_registry

from conformance.clock import Clock
from conformance.recorder import Recorder
from conformance.verdicts import Verdict
from reperso.errors import UsageError
from reperso.features import load_suite
from reperso.runner import Engine, Layers, Sentences, System
from steps.driver import UnsupportedError
from steps.drivers import load


@pytest.fixture
def engine(suite, scenarios):
    """Load a suite of three scenarios."""
    scenarios(one=["Given a system"], two=["Then all is well"], three=["When it breaks"])
    return Engine(load_suite(suite.path / "features"))


@pytest.fixture
def run(suite, engine):
    """Run cases on a system, by id; give the verdicts."""

    def of(*ids, system=None):
        catalogue = engine.suite.catalogue
        recorder = Recorder(catalogue, "{0.id}{1}{2}".format, Clock())
        done = []
        found, interrupted = engine.run(
            System("it", system or load(suite.system)),
            [catalogue.case(f"reperso/1a/{number}") for number in ids],
            recorder,
            done.append,
        )
        assert not interrupted
        assert sorted(one.case for one in done) == sorted(one.case for one in found.results)
        return [result.verdict for result in found.results]

    return of


def test_only_the_selected_cases_are_run(run):
    assert run(1, 3) == [Verdict.PASS, Verdict.ERROR]
    assert run(2) == [Verdict.FAIL]


def test_a_run_leaves_nothing_behind_for_the_next(run, suite):
    class Lacking:
        def __init__(self, system):
            self.system = system

        def __getattr__(self, name):
            return getattr(self.system, name)

        def agree(self, _network):
            raise UnsupportedError("no agreements")

    def lacking(setup):
        return Lacking(load(suite.system)(setup))

    assert run(1, 2, 3) == [Verdict.PASS, Verdict.FAIL, Verdict.ERROR]
    assert run(1, 2, 3, system=lacking) == [Verdict.NA] * 3
    assert run(1, 2, 3) == [Verdict.PASS, Verdict.FAIL, Verdict.ERROR]


def test_a_suite_with_hooks_of_its_own_runs_with_those(suite):
    (suite.path / "environment.py").write_text(
        "from types import SimpleNamespace as Driver\n"
        "def before_scenario(context, scenario):\n"
        "    context.driver = Driver(agree=print, request_change=print)\n"
        "    context.driver.messages_sent = lambda user: 1\n"
    )
    engine = Engine(load_suite(suite.path / "features"))
    recorder = Recorder(engine.suite.catalogue, "{0.id}{1}{2}".format, Clock())
    found, _ = engine.run(
        System("it", load(suite.system)), engine.suite.catalogue.cases, recorder, lambda _: None
    )
    assert [result.verdict for result in found.results] == [Verdict.PASS]


def test_a_hook_that_skips_a_scenario_makes_it_a_skip_and_not_a_pass(suite):
    (suite.path / "environment.py").write_text(
        "def before_scenario(context, scenario): scenario.skip('not on Sundays')\n"
    )
    engine = Engine(load_suite(suite.path / "features"))
    recorder = Recorder(engine.suite.catalogue, "{0.id}{1}{2}".format, Clock())
    found, _ = engine.run(
        System("it", load(suite.system)), engine.suite.catalogue.cases, recorder, lambda _: None
    )
    (result,) = found.results
    assert (result.verdict, result.reason) == (Verdict.SKIP, "not on Sundays")


@pytest.mark.usefixtures("engine")
def test_sentences_of_another_suite_are_forgotten(suite):
    assert any(the_step_registry.steps.values())
    (suite.path / "steps/sentences.py").write_text("")
    Engine(load_suite(suite.path / "features"))
    assert not any(the_step_registry.steps.values())


@pytest.mark.usefixtures("engine")
def test_an_attribute_of_a_scenario_is_gone_with_it_however_often_it_was_set():
    runner = Mock(config=None)  # held here: a context does not keep its runner
    context = Layers(runner)
    context.value = "of the run"
    context._push(layer="scenario")
    with context.use_with_user_mode():
        with pytest.warns(ContextMaskWarning, match="value"):
            context.value = "of the scenario"
        context.value = "of its second step"
    assert context.value == "of its second step"
    context._stack.pop(0)
    assert context.value == "of the run"


def test_a_text_is_matched_once_and_what_matches_nothing_stays_so():
    sentences = Sentences(the_step_registry)
    step = SimpleNamespace(step_type="given", name="a system")
    assert sentences.find_match(step) is sentences.find_match(step)
    assert sentences.find_match(SimpleNamespace(step_type="given", name="a pig")) is None
    assert sentences.find_match(SimpleNamespace(step_type="when", name="a system")) is None


def test_a_rehearsal_runs_nothing_and_names_steps_without_a_sentence(suite, scenarios):
    scenarios(one=["When it breaks", "Then pigs fly"])
    engine = Engine(load_suite(suite.path / "features"))
    (step,) = engine.rehearse(engine.suite.catalogue.cases)
    assert step.name == "pigs fly"


def refuse(setup):
    raise ValueError(f"no {setup.seed}")


def lack(_setup):
    raise UnsupportedError("not this one")


def test_a_system_that_cannot_be_made_is_refused_by_name():
    with pytest.raises(UsageError, match="lamp: cannot be made: ValueError: no 3"):
        System("lamp", refuse, seed=3).demand_makeable()


def test_a_system_without_an_option_may_be_made_with_another():
    System("lamp", lack).demand_makeable()
