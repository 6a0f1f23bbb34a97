"""The matrix says of each obligation on each system what its cases came to."""

from dataclasses import replace

import pytest

from conformance.matrix import Matrix, standing_of, tally
from conformance.obligations import Kind
from conformance.verdicts import Verdict


def test_a_cell_is_the_worst_of_its_cases_and_leads_to_that_case(record):
    matrix = Matrix(record({"bulb": {"lamp/1a/2": Verdict.FAIL}}))
    cell = next(row for row in matrix.rows if row.obligation.id == "1a").cells[0]
    assert cell.verdict is Verdict.FAIL
    assert cell.leading.case == "lamp/1a/2"


def test_a_cell_without_a_case_is_a_skip(record):
    matrix = Matrix(record({"bulb": {}}))
    row = next(row for row in matrix.rows if row.obligation.id == "B01")
    assert (row.case_count, row.cells[0].verdict) == (0, Verdict.SKIP)


def test_the_sentence_of_a_system_names_what_is_met(record):
    matrix = Matrix(record({"bulb": {}, "tube": {"lamp/1b/1": Verdict.FAIL}}))
    assert matrix.sentence(0) == (
        "bulb: claim 1 MET 2/2 elements; claim 2 MET 1/1 elements; 1/1 embodiments held"
    )
    assert "tube: claim 1 NOT MET at 1b; claim 2 MET" in matrix.sentence(1)


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict.PASS, "1/1 embodiments held"),
        (Verdict.FAIL, "0/1 embodiments held"),
        (Verdict.NA, "0/0 embodiments held, 1 not applicable"),
    ],
)
def test_what_does_not_apply_is_not_counted_among_what_is_to_hold(record, verdict, words):
    matrix = Matrix(record({"bulb": {"lamp/E01/1": verdict}}))
    assert matrix.held(0) == [words]


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict.FAIL, "NOT MET at 1a"),
        (Verdict.ERROR, "UNDECIDED at 1a"),
        (Verdict.INCONC, "UNDECIDED at 1a"),
        (Verdict.SKIP, "MET 2/2 elements"),  # the other case of 1a passes
        (Verdict.NA, "MET 2/2 elements"),
    ],
)
def test_one_case_of_an_element_decides_if_it_is_bad(record, verdict, words):
    matrix = Matrix(record({"bulb": {"lamp/1a/1": verdict}}))
    assert standing_of(matrix.claims()[1], 0).words == words


@pytest.mark.parametrize(
    ("verdict", "words"),
    [(Verdict.NA, "NOT APPLICABLE at 1b"), (Verdict.SKIP, "PARTLY TESTED 1/2 elements")],
)
def test_a_claim_is_not_met_where_an_element_was_not_tested(record, verdict, words):
    matrix = Matrix(record({"bulb": {"lamp/1b/1": verdict}}))
    assert standing_of(matrix.claims()[1], 0).words == words


def test_a_failure_outweighs_an_error(record):
    found = {"lamp/1a/1": Verdict.ERROR, "lamp/1b/1": Verdict.FAIL}
    matrix = Matrix(record({"bulb": found}))
    assert standing_of(matrix.claims()[1], 0).words == "NOT MET at 1b"


def test_a_should_that_is_not_tested_does_not_hinder_its_claim(record):
    matrix = Matrix(record({"bulb": {}}))
    assert standing_of(matrix.claims()[2], 0).words == "MET 1/1 elements"


def test_rows_are_found_by_kind_and_what_has_no_case_is_missing(record):
    matrix = Matrix(record({"bulb": {}}))
    assert [row.obligation.id for row in matrix.rows_of(Kind.BEYOND)] == ["B01"]
    assert matrix.rows_of("beyond") == matrix.rows_of(Kind.BEYOND)
    assert [obligation.id for obligation in matrix.untested()] == ["2b", "B01"]


def test_results_are_counted_by_verdict(record):
    (system,) = record({"bulb": {"lamp/1a/1": Verdict.NA}}).systems
    assert tally(system) == {Verdict.NA: 1, Verdict.PASS: 4}


def test_a_cell_counts_what_changed_against_the_baseline(record):
    report = record({"bulb": {}, "tube": {}})
    bulb, tube = report.systems
    moved = tuple(replace(one, change="FIXED") for one in bulb.results[:2])
    bulb = replace(bulb, results=(*moved, *bulb.results[2:]))
    rows = Matrix(replace(report, systems=(bulb, tube))).rows
    assert [dict(cell.changes) for cell in rows[0].cells] == [{"FIXED": 2}, {}]
    assert not any(cell.changes for row in rows[1:] for cell in row.cells)
