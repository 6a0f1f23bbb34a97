"""A case is outdated when the text of its obligation is not what it was reviewed against."""

import pytest

from conformance.errors import CatalogueError
from conformance.reviews import outdated, read_reviews, write_reviews
from conformance.specification import Specification

TEXT = {8: "a", 9: "b", 10: "c", 11: "d", 12: "e", 20: "f"}


@pytest.fixture
def path(tmp_path):
    """Say where the reviews are kept."""
    return tmp_path / "reviewed.json"


@pytest.fixture
def reviewed(catalogue, path):
    """Review everything as it is."""
    write_reviews(catalogue, Specification(TEXT), path)
    return read_reviews(path)


def test_what_was_reviewed_as_it_is_is_not_outdated(catalogue, reviewed):
    assert outdated(catalogue, Specification(TEXT), reviewed) == ()


def test_only_obligations_with_cases_are_reviewed(reviewed):
    assert list(reviewed) == ["1a", "1b", "2a", "E01"]


def test_a_paragraph_that_changed_outdates_the_obligations_that_cite_it(catalogue, reviewed):
    changed = Specification(TEXT | {9: "other", 12: "cited by none with a case"})
    assert outdated(catalogue, changed, reviewed) == ("1a",)


def test_an_obligation_that_nobody_reviewed_is_outdated(catalogue, reviewed):
    del reviewed["2a"]
    assert outdated(catalogue, Specification(TEXT), reviewed) == ("2a",)


def test_without_reviews_nothing_is_outdated(catalogue, path):
    assert read_reviews(path) is None
    assert outdated(catalogue, Specification(TEXT), None) == ()


@pytest.mark.parametrize("text", ["", "[]", '{"1a": 7}', '{"1a": "x"}', "[" * 100_000, "\x00"])
def test_what_is_no_review_is_refused_in_one_line(path, text):
    path.write_text(text)
    with pytest.raises(CatalogueError) as caught:
        read_reviews(path)
    assert "\n" not in str(caught.value)


def test_a_folder_in_its_place_is_refused(path):
    path.mkdir()
    with pytest.raises(CatalogueError, match="directory"):
        read_reviews(path)
