"""Verdicts are ordered, and only get worse."""

import itertools

import pytest

from conformance.verdicts import Judgement, Verdict, worst


def test_the_order_of_verdicts_is_the_one_of_the_enumeration():
    assert list(Verdict) == ["SKIP", "NA", "PASS", "INCONC", "FAIL", "ERROR"]


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(Verdict, 2)))
def test_the_worst_of_two_verdicts_is_the_later_one(first, second):
    assert worst([first, second]) is worst([second, first]) is second


def test_the_worst_of_nothing_is_a_skip():
    assert worst([]) is Verdict.SKIP


def test_a_case_without_a_complaint_passes():
    assert Judgement().verdict is Verdict.PASS


def test_a_complaint_changes_the_verdict_and_says_why():
    judgement = Judgement()
    judgement.complain(Verdict.NA, "no octets")
    assert (judgement.verdict, judgement.reason) == (Verdict.NA, "no octets")


def test_a_worse_complaint_replaces_a_better_one():
    judgement = Judgement()
    judgement.complain(Verdict.FAIL, "dark")
    judgement.complain(Verdict.ERROR, "burnt", ["lamp.py:1 in on"])
    assert (judgement.verdict, judgement.reason) == (Verdict.ERROR, "burnt")
    assert judgement.trace == ("lamp.py:1 in on",)


@pytest.mark.parametrize("later", [Verdict.NA, Verdict.INCONC, Verdict.FAIL])
def test_a_verdict_never_gets_better_and_keeps_its_first_reason(later):
    judgement = Judgement()
    judgement.complain(Verdict.FAIL, "dark")
    judgement.complain(later, "other")
    assert (judgement.verdict, judgement.reason) == (Verdict.FAIL, "dark")
