"""obligations.yaml is read strictly: whatever is wrong is named with its line."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.errors import CatalogueError
from conformance.obligations import Kind, read_obligations
from conformance.verdicts import Level

ROOT = Path(__file__).parent.parent.parent

GOOD = """claims:
  - {id: 1a, claim: 1, level: must, step: S1, cites: [8, 9], text: "It has a switch"}
embodiments:
  - {id: E01, level: may, step: S1, cites: [20], text: "It is blue"}
beyond:
  - {id: B01, text: "It does not burn"}
"""


@pytest.fixture
def read(tmp_path):
    """Write a text as obligations and read it."""

    def of(text):
        path = tmp_path / "obligations.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_obligations(path)

    return of


def problems_of(read, text):
    with pytest.raises(CatalogueError) as caught:
        read(text)
    return [(problem.line, problem.what) for problem in caught.value.problems]


def test_the_obligations_of_this_repository_are_read():
    found = read_obligations(ROOT / "features/obligations.yaml")
    assert found["1e"].claim == 1
    assert found["E14"].tag == "embodiment-E14"
    assert found["B03"].kind is Kind.BEYOND
    assert len(found) == 70


def test_every_field_of_an_entry_is_read(read):
    first = read(GOOD)["1a"]
    assert (first.id, first.kind, first.claim, first.level) == ("1a", Kind.ELEMENT, 1, Level.MUST)
    assert (first.step, first.cites, first.line) == ("S1", (8, 9), 2)
    assert first.text == "It has a switch"


def test_what_is_beyond_the_specification_is_a_must_without_a_step(read):
    beyond = read(GOOD)["B01"]
    assert (beyond.level, beyond.step, beyond.cites) == (Level.MUST, "", ())


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("level: must", "level: shall", "level has to be must, should or may, not 'shall'"),
        ("claim: 1,", "claim: one,", "claim has to be a number above 0, not 'one'"),
        ("claim: 1,", "claim: 0,", "claim has to be a number above 0, not 0"),
        ("claim: 1,", "claim: true,", "claim has to be a number above 0, not 'true'"),
        ("cites: [8, 9]", "cites: 8", "cites has to be a list of paragraph numbers, not 8"),
        ("cites: [8, 9]", "cites: [x]", "cites has to be a list of paragraph numbers, not ['x']"),
        ("id: 1a", "id: 1-a", "id has to be letters and digits, not '1-a'"),
        ("id: 1a", "id: 11", "id has to be letters and digits, not 11"),
        ("step: S1, cites: [8", "cites: [8", "an entry of claims lacks step"),
        ("claim: 1,", "claim: 1, colour: red,", "an entry of claims has no colour"),
        ('"It has a switch"', '" "', "text has to be a sentence, not ' '"),
    ],
)
def test_a_wrong_field_is_named_with_its_line(read, old, new, what):
    assert problems_of(read, GOOD.replace(old, new, 1)) == [(2, what)]


def test_all_problems_are_listed_and_not_only_the_first(read):
    text = GOOD.replace("must", "shall").replace("may", "might")
    assert [line for line, _ in problems_of(read, text)] == [2, 4]


def test_an_id_that_stands_twice_is_refused_at_its_second_place(read):
    text = GOOD.replace("id: B01", "id: E01")
    assert problems_of(read, text) == [(6, "id E01 is already that of line 4")]


def test_an_unknown_section_is_refused(read):
    ((line, what),) = problems_of(read, GOOD + "duties: []\n")
    assert (line, "duties" in what) == (7, True)


@pytest.mark.parametrize("text", ["", "- 1\n", "claims: 3\n", "claims:\n  - 7\n"])
def test_another_shape_is_refused(read, text):
    assert problems_of(read, text)


def test_a_text_that_is_no_yaml_is_refused_with_its_line(read):
    ((line, what),) = problems_of(read, "claims:\n  - {id: 1a\n")
    assert line >= 2
    assert what.startswith("no YAML")


def test_octets_that_are_no_text_are_refused(read):
    assert problems_of(read, b"\xff\xfe\x00") == [(0, "is not UTF-8 text")]


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CatalogueError, match="No such file"):
        read_obligations(tmp_path / "obligations.yaml")


@given(st.text())
def test_no_text_raises_anything_but_a_catalogue_error(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(text, encoding="utf-8", errors="replace", newline="")
    with contextlib.suppress(CatalogueError):
        read_obligations(path)
