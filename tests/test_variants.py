"""Both readings of the specification, on model and implementation: what the literal one costs."""

from pathlib import Path

import pytest

from conformance.clock import Clock
from conformance.recorder import Recorder
from conformance.verdicts import Verdict
from reperso.features import load_suite
from reperso.runner import Engine, System
from steps.drivers import load

ROOT = Path(__file__).parent.parent
KEPT_BY_BOTH = ("1e", "1f", "1p", "5b", "E25", "B02")
BROKEN_BY_THE_LITERAL = ("E10", "E16", "B03", "B04", "B07", "B08")
"""Obligations by whose scenarios the literal reading is found out."""
STRANDED = "reperso/B04/1"


@pytest.fixture(scope="module")
def engine():
    return Engine(load_suite(ROOT / "features"))


@pytest.fixture(scope="module")
def verdicts(engine):
    """Run the cases of some obligations on a system; give the verdicts of those that it knows."""

    def of(system, variant, obligations):
        catalogue = engine.suite.catalogue
        cases = [case for case in catalogue.cases if case.id.split("/")[1] in obligations]
        assert len(cases) > 3 * len(obligations)
        recorder = Recorder(catalogue, "{0.id}{1}{2}".format, Clock(), evidence=False)
        chosen = System(system, load(system), options={"variant": variant})
        run, _ = engine.run(chosen, cases, recorder, lambda _: None)
        found = {result.case: result.verdict for result in run.results}
        return {case: verdict for case, verdict in found.items() if verdict is not Verdict.NA}

    return of


def broken(verdicts):
    return {case for case, verdict in verdicts.items() if verdict is not Verdict.PASS}


@pytest.mark.parametrize("system", ["modelled", "simulated"])
def test_under_the_hardened_reading_nobody_is_stranded(verdicts, system):
    assert broken(verdicts(system, "hardened", BROKEN_BY_THE_LITERAL)) == set()


def test_the_literal_reading_strands_the_same_cards_in_model_and_implementation(verdicts):
    in_model = verdicts("modelled", "literal", BROKEN_BY_THE_LITERAL)
    in_implementation = verdicts("simulated", "literal", BROKEN_BY_THE_LITERAL)
    known_to_both = in_model.keys() & in_implementation.keys()
    assert len(known_to_both) > 30
    assert broken(in_model) == broken(in_implementation) & known_to_both
    assert STRANDED in broken(in_model)
    assert {in_model[case] for case in broken(in_model)} == {Verdict.FAIL}
    assert {case.split("/")[1] for case in broken(in_model)} == set(BROKEN_BY_THE_LITERAL)


@pytest.mark.parametrize("system", ["modelled", "simulated"])
def test_the_literal_reading_keeps_what_the_claims_demand(verdicts, system):
    assert broken(verdicts(system, "literal", KEPT_BY_BOTH)) == set()
