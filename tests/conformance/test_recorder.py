"""The recorder keeps a result for each selected case, also of a run that was cut short."""

from conformance.clock import Clock
from conformance.recorder import Recorder
from conformance.verdicts import Verdict


def begun(catalogue, **facts):
    clock = Clock({"SOURCE_DATE_EPOCH": "0"})
    recorder = Recorder(catalogue, "again {0.id} {1} {2}".format, clock, **facts)
    recorder.begin_system("bulb", 3, {"a": "b"}, ["lamp/1a/1", "lamp/1a/2"])
    return recorder


def test_every_selected_case_has_a_result_in_order(record, catalogue):
    report = record({"bulb": {}})
    (system,) = report.systems
    assert [result.case for result in system.results] == [case.id for case in catalogue.cases]
    assert {result.verdict for result in system.results} == {Verdict.PASS}


def test_a_result_says_how_to_run_it_again(catalogue):
    recorder = begun(catalogue)
    recorder.begin_case("lamp/1a/2")
    assert recorder.end_case().rerun == "again lamp/1a/2 bulb 3"


def test_a_complaint_is_the_verdict_of_the_open_case_only(catalogue):
    recorder = begun(catalogue)
    recorder.begin_case("lamp/1a/1")
    recorder.judgement.complain(Verdict.FAIL, "dark")
    assert recorder.end_case().verdict is Verdict.FAIL
    recorder.begin_case("lamp/1a/2")
    assert recorder.end_case().verdict is Verdict.PASS


def test_cases_that_were_not_reached_are_skipped_with_the_reason(catalogue):
    recorder = begun(catalogue)
    recorder.begin_case("lamp/1a/1")
    recorder.end_case()
    first, second = recorder.end_system().results
    assert (first.verdict, second.verdict) == (Verdict.PASS, Verdict.SKIP)
    assert "interrupted" in second.reason


def test_a_case_that_is_still_open_is_inconclusive(catalogue):
    recorder = begun(catalogue)
    recorder.begin_case("lamp/1a/2")
    first, second = recorder.end_system().results
    assert (first.verdict, second.verdict) == (Verdict.SKIP, Verdict.INCONC)


def test_without_evidence_only_the_verdict_is_kept(record):
    (system,) = record({"bulb": {}}, evidence=False).systems
    assert not any(result.steps or result.messages or result.trail for result in system.results)


def test_a_fixed_clock_makes_reports_of_the_same_run_equal(record):
    assert record({"bulb": {}}) == record({"bulb": {}})


def test_the_report_holds_all_obligations_and_cases_whatever_was_run(catalogue):
    recorder = begun(catalogue)
    recorder.end_system()
    report = recorder.report("A lamp", "test 1", complete=False)
    assert report.cases == catalogue.cases
    assert report.obligations == tuple(catalogue.obligations.values())
    assert (report.complete, report.duration_s) == (False, 0)
