"""Features are read by behave's parser, all of a suite at once, and made plain data."""

from pathlib import Path

import pytest

from conformance.catalogue import StepText
from reperso.errors import UsageError
from reperso.features import INSTALLED, here_or_installed, load_suite, shown

OUTLINE = '''@claim-1 @element-1a
Feature: Claim 1 - it works

  Background:
    Given a system

  Scenario Outline: <word> of it
    When <word> passes
      | kind   |
      | <word> |

    @step-S1
    Examples:
      | word |
      | one  |
      | two  |

  Rule: A rule
    Background:
      Given another system

    Scenario: With a text
      Then it says
        """
        hello
        """
'''


@pytest.fixture
def loaded(suite):
    """Load the suite with another feature."""

    def of(text):
        suite.feature.write_text(text)
        return load_suite(suite.path / "features")

    return of


def test_every_row_of_an_outline_is_a_case_with_its_words_in_place(loaded):
    one, two, _ = loaded(OUTLINE).catalogue.cases
    assert (one.id, one.name) == ("reperso/1a/1", "one of it")
    assert (two.id, two.name) == ("reperso/1a/2", "two of it")
    assert two.steps[1] == StepText("When", "two passes", (("kind",), ("two",)))
    assert two.tags == ("claim-1", "element-1a", "step-S1")


def test_backgrounds_come_first_and_rules_are_named(loaded):
    *_, last = loaded(OUTLINE).catalogue.cases
    assert last.rule == "A rule"
    assert [step.text for step in last.steps] == ["a system", "another system", "it says"]
    assert last.steps[-1].doc == "hello"


def test_tags_keep_the_line_where_they_stand(loaded):
    with pytest.raises(Exception, match=r"features/one\.feature:12: unknown tag @wip"):
        loaded(OUTLINE.replace("@step-S1", "@wip"))


def test_paths_are_shown_relative_to_the_root(suite):
    loaded = load_suite(suite.feature)
    assert loaded.root == suite.path
    assert loaded.catalogue.cases[0].file == "features/one.feature"
    assert shown("/elsewhere/x", suite.path) == "/elsewhere/x"


def test_the_whole_suite_is_read_whichever_feature_it_is_found_by(suite):
    deep = suite.path / "features/deep"
    deep.mkdir()
    text = suite.feature.read_text().replace("claim-1", "claim-2").replace("1a", "2a")
    (deep / "two.feature").write_text(text)
    ids = [case.id for case in load_suite(deep / "two.feature").catalogue.cases]
    assert ids == ["reperso/2a/1", "reperso/1a/1"]  # in the order of the paths


def test_a_place_without_obligations_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"no obligations\.yaml"):
        load_suite(tmp_path)


def test_a_place_without_steps_is_refused(suite):
    (suite.path / "steps/sentences.py").unlink()
    (suite.path / "steps").rmdir()
    with pytest.raises(UsageError, match="no folder steps"):
        load_suite(suite.feature)


def test_a_place_that_is_not_there_is_refused(suite):
    with pytest.raises(UsageError, match="no such file"):
        load_suite(suite.path / "nothing")


def test_the_features_of_this_repository_hold_together():
    root = Path(__file__).parent.parent.parent
    catalogue = load_suite(root / "features").catalogue
    assert len(catalogue.cases) >= 60
    assert catalogue.case("reperso/1e/2")


def test_where_there_are_no_features_those_that_were_installed_are_read(suite, monkeypatch):
    elsewhere = suite.path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    found = load_suite()
    assert found.folder == INSTALLED / "features"
    assert all(case.file.startswith("features/") for case in found.catalogue.cases)
    assert load_suite(suite.path / "features").folder == suite.path / "features"


def test_what_is_here_goes_before_what_was_installed(suite):
    assert load_suite().folder == suite.path / "features"
    assert here_or_installed("features/one.feature:3") == "features/one.feature:3"
    installed = here_or_installed("features/claims/claim_01_method.feature:3")
    assert installed == f"{INSTALLED}/features/claims/claim_01_method.feature:3"
    assert here_or_installed("features/nowhere.feature") == "features/nowhere.feature"
