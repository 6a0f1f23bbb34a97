"""A claim chart says of every element what supports, tests and decides it."""

from dataclasses import replace

import pytest

from conformance.evidence import Background
from conformance.glossary import Term
from conformance.matrix import Matrix
from conformance.render.claims import MOST_TESTS, claim_charts
from conformance.specification import Specification
from conformance.verdicts import Verdict


@pytest.fixture
def charts(record):
    """Make the charts of a run."""

    def of(verdicts=None, **facts):
        report = record({"bulb": verdicts or {}})
        report = replace(report, background=Background(**facts))
        return claim_charts(report, Matrix(report))

    return of


def test_independent_claims_come_first(charts):
    found = charts(specification=Specification({}, (2,)))
    assert [(chart.claim, chart.is_independent) for chart in found] == [(2, True), (1, False)]


def test_a_paragraph_is_quoted_once_in_a_chart(record):
    report = record({"bulb": {}})
    first, second, *others = report.obligations
    both = (first, replace(second, cites=(9, 10)), *others)
    text = Specification({8: "one", 9: "two", 10: "three"}, (1,))
    report = replace(report, obligations=both, background=Background(specification=text))
    rows = claim_charts(report, Matrix(report))[0].rows
    assert [(one.number, one.text, one.quoted_at) for one in rows[1].support] == [
        (9, "", "1a"),
        (10, "three", ""),
    ]


def test_without_a_text_the_numbers_are_cited(charts):
    (row, *_) = charts()[0].rows
    assert [one.number for one in row.support] == [8, 9]
    assert not any(one.text or one.quoted_at for one in row.support)


def test_words_that_an_element_uses_are_construed_and_others_are_not(charts):
    terms = (
        Term("switch", "what turns it on", ""),
        Term("Lamp, lamp (old) / light", "what shines", ""),
        Term("swit", "no word of it", ""),
    )
    rows = charts(terms=terms)[0].rows
    assert [term.meaning for term in rows[0].terms] == ["what turns it on", "what shines"]
    assert [term.meaning for term in rows[1].terms] == ["what turns it on"]


def test_tests_evidence_and_standing_are_those_of_the_run(charts):
    chart = charts({"lamp/1a/2": Verdict.FAIL})[0]
    row = chart.rows[0]
    assert chart.standings == ("NOT MET at 1a",)
    assert [case.id for case in row.tests] == ["lamp/1a/1", "lamp/1a/2"]
    (decided,) = row.evidence
    assert (decided.case, decided.messages, decided.answer) == ("lamp/1a/2", 3, "shines() = True")
    assert row.rules == ("A rule",)


def test_an_element_without_a_case_has_no_evidence(charts):
    (_, without) = charts()[1].rows
    assert (without.tests, without.evidence) == ((), (None,))


def test_of_very_many_tests_only_the_first_are_named(record):
    report = record({"bulb": {}}, messages=0)
    copies = tuple(replace(report.cases[0], id=f"lamp/1a/{at}") for at in range(1, 31))
    report = replace(report, cases=copies, systems=())
    row = claim_charts(report, Matrix(report))[0].rows[0]
    assert (len(row.tests), row.more_tests) == (MOST_TESTS, 30 - MOST_TESTS)
