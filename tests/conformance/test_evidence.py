"""Several results together are as bad as the worst of them."""

from conformance.evidence import verdict_of
from conformance.verdicts import Verdict


def test_the_verdict_of_several_results_is_the_worst(record):
    (system,) = record({"bulb": {"lamp/1a/2": Verdict.INCONC}}).systems
    assert verdict_of(system.results) is Verdict.INCONC
    assert verdict_of(system.results[:1]) is Verdict.PASS


def test_no_result_is_a_skip():
    assert verdict_of(()) is Verdict.SKIP
