"""What our systems state of themselves is what they do, and what is expected of them is so."""

from pathlib import Path

import pytest

from conformance.baseline import read_baseline
from conformance.changes import BAD
from conformance.clock import Clock
from conformance.ics import read_applicability, read_statement
from conformance.recorder import Recorder
from conformance.verdicts import Verdict
from reperso.features import load_suite
from reperso.runner import Engine, System
from steps.drivers import load

ROOT = Path(__file__).parent.parent
STATEMENTS = sorted((ROOT / "ics").glob("[!b]*.yaml"))


@pytest.fixture(scope="module")
def engine():
    return Engine(load_suite(ROOT / "features"))


@pytest.fixture(scope="module")
def applicability(engine):
    return read_applicability(ROOT / "features", engine.suite.catalogue)


@pytest.fixture(scope="module")
def baseline():
    return read_baseline(ROOT / "ics/baseline.yaml")


@pytest.fixture(scope="module")
def verdicts(engine):
    """Run cases on a system without asking what it states."""

    def of(statement, cases=None):
        catalogue = engine.suite.catalogue
        recorder = Recorder(catalogue, "{0.id}{1}{2}".format, Clock(), evidence=False)
        system = System(statement.name, load(statement.sut), options=statement.options)
        run, _ = engine.run(system, cases or catalogue.cases, recorder, lambda _: None)
        return {result.case: result.verdict for result in run.results}

    return of


@pytest.mark.parametrize("path", STATEMENTS, ids=[path.stem for path in STATEMENTS])
def test_every_statement_answers_every_option_and_is_named_as_its_file(applicability, path):
    statement = read_statement(path, applicability.options)
    assert statement.name == path.stem
    assert statement.options.keys() == applicability.options.keys()


def test_every_condition_and_option_is_of_use(applicability):
    for option in applicability.options.values():
        answers = [{option.id: value} for value in option.values]
        left_out = [frozenset(applicability.not_applicable(one)) for one in answers]
        assert len(set(left_out)) > 1


def test_the_model_lacks_what_it_states_to_lack_and_nothing_else(applicability, verdicts):
    statement = read_statement(ROOT / "ics/modelled.yaml", applicability.options)
    lacking = {case for case, verdict in verdicts(statement).items() if verdict is Verdict.NA}
    assert lacking == set(applicability.not_applicable(statement.options)), (
        "features/applicability.yaml has to say which cases the model cannot run, and why"
    )


def test_what_is_compared_with_the_model_is_what_the_model_knows(applicability):
    modelled, shadowed = (
        read_statement(ROOT / f"ics/{name}.yaml", applicability.options)
        for name in ("modelled", "shadowed")
    )
    assert modelled.options == shadowed.options


def test_what_runs_by_itself_lacks_single_events_alone(engine, applicability, verdicts):
    served, simulated = (
        read_statement(ROOT / f"ics/{name}.yaml", applicability.options)
        for name in ("served", "simulated")
    )
    assert served.options == {**simulated.options, "single-events": "no"}
    stated = applicability.not_applicable(served.options)
    assert stated
    lacking = verdicts(served, [engine.suite.catalogue.case(case) for case in stated])
    assert set(lacking.values()) == {Verdict.NA}


def test_everything_applies_to_the_implementation_but_what_needs_a_second_pair(applicability):
    found = {}
    for name in ("simulated", "simulated-literal"):
        statement = read_statement(ROOT / f"ics/{name}.yaml", applicability.options)
        found[name] = set(applicability.not_applicable(statement.options))
    assert found == {"simulated": set(), "simulated-literal": {"reperso/B14/9"}}


def test_what_is_expected_of_the_literal_reading_is_so_and_nothing_else_goes_wrong(
    engine, applicability, baseline, verdicts
):
    statement = read_statement(ROOT / "ics/simulated-literal.yaml", applicability.options)
    lines = baseline.of(statement.name)
    lacking = applicability.not_applicable(statement.options)
    applying = [case for case in engine.suite.catalogue.cases if case.id not in lacking]
    found = verdicts(statement, applying)
    wrong = {case: verdict for case, verdict in found.items() if verdict in BAD}
    assert wrong == {case: line.verdict for case, line in lines.items()}
    assert len(wrong) > 8


def test_nothing_is_expected_to_go_wrong_of_the_systems_as_they_are_meant(baseline):
    assert list(baseline.systems) == ["simulated-literal"]
