"""Cases are chosen by place, tag, claim and element, in whatever spelling."""

import pytest

from reperso.errors import UsageError
from reperso.features import load_suite
from reperso.selection import Wanted, is_case_id, locate, select

TWO = """@claim-2
Feature: Two

  @element-2a @step-S1
  Rule: R
    Scenario: A
      Given a system

    Scenario: B
      Given a system

  @element-1a
  Rule: S
    Scenario: C
      Given a system
"""


@pytest.fixture
def chosen(suite):
    """Select from a suite of two features; give the case ids."""
    (suite.path / "features/two.feature").write_text(TWO)

    def of(**wanted):
        loaded = load_suite(suite.path / "features")
        return [case.id for case in select(loaded, Wanted(**wanted))]

    return of


ALL = ["reperso/1a/1", "reperso/2a/1", "reperso/2a/2", "reperso/1a/2"]


def test_nothing_asked_for_is_all(chosen):
    assert chosen() == ALL


@pytest.mark.parametrize(
    ("place", "ids"),
    [
        ("features/two.feature", ALL[1:]),
        ("features", ALL),
        ("features/two.feature:6", ALL[1:2]),
        ("features/two.feature:8", ALL[1:2]),
        ("features/two.feature:5", ALL[1:3]),
        ("features/two.feature:1", ALL[1:]),
        ("reperso/1a/2", ALL[3:]),
    ],
)
def test_a_place_is_a_file_a_folder_a_line_or_a_case(chosen, place, ids):
    assert chosen(places=[place]) == ids


def test_several_places_add_up(chosen):
    assert chosen(places=["reperso/1a/2", "features/one.feature"]) == [ALL[0], ALL[3]]


@pytest.mark.parametrize(
    ("tag", "ids"),
    [
        ("claim-1", ALL[:1]),
        ("@claim-1", ALL[:1]),
        ("claim_2 and element_2a", ALL[1:3]),
        ("claim-2 and not element-2a", ALL[3:]),
        ("(claim-1 or element_1a)", [ALL[0], ALL[3]]),
        ("step-S1", ALL[:3]),
        ("claim-7", []),
    ],
)
def test_a_tag_expression_selects_in_both_spellings(chosen, tag, ids):
    assert chosen(tags=[tag]) == ids


def test_several_tag_expressions_all_have_to_hold(chosen):
    assert chosen(tags=["claim-1 or claim-2", "element-1a"]) == [ALL[0], ALL[3]]


def test_a_claim_selects_by_obligation_also_outside_its_feature(chosen):
    assert chosen(claims=[1]) == [ALL[0], ALL[3]]


def test_elements_add_up_and_narrow_a_claim(chosen):
    assert chosen(elements=["1a", "2a"]) == ALL
    assert chosen(claims=[1], elements=["2a"]) == []


@pytest.mark.parametrize(
    "wanted",
    [
        {"claims": [3]},
        {"elements": ["1z"]},
        {"elements": ["element-1a"]},
        {"tags": ["and or"]},
        {"places": ["reperso/1a/9"]},
        {"places": ["features/three.feature"]},
        {"places": ["steps/sentences.py"]},
    ],
)
def test_what_means_nothing_is_refused(chosen, wanted):
    with pytest.raises(UsageError) as caught:
        chosen(**wanted)
    assert "\n" not in str(caught.value)


def test_a_feature_of_another_suite_is_refused(chosen, tmp_path_factory):
    other = tmp_path_factory.mktemp("other") / "x.feature"
    other.write_text(TWO)
    with pytest.raises(UsageError, match="does not belong"):
        chosen(places=[str(other)])


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("reperso/1e/2", True),
        ("reperso/E04/12", True),
        ("reperso/1e/0", False),
        ("reperso/1e", False),
        ("other/1e/2", False),
        ("features/1e/2.feature", False),
    ],
)
def test_a_case_id_is_told_from_a_path(text, holds):
    assert is_case_id(text) is holds


def test_a_folder_is_located_as_its_features(chosen):
    assert len(chosen()) == 4
    assert [location.line for location in locate(["features"])] == [None, None]
