"""A case applies to a system if the conditions that name it hold of the options it states."""

import pytest

from conformance.errors import SourceError
from conformance.ics import read_applicability, read_statement

APPLICABILITY = """schema: urn:reperso:applicability:1
options:
  - {id: dimmer, values: ["yes", "no"], text: "It can be dimmed"}
  - {id: colour, values: [white, blue], text: "What it shines in"}
conditions:
  - {id: C01, expression: dimmer, cases: [2a]}
  - {id: C02, expression: "dimmer and not colour=blue", cases: [lamp/1a/1..2]}
"""
STATEMENT = """schema: urn:reperso:ics:1
name: bulb
sut: lamp:factory
options: {dimmer: yes}
"""


@pytest.fixture
def applicability(tmp_path, catalogue):
    """Read an applicability."""

    def read(text=APPLICABILITY):
        (tmp_path / "applicability.yaml").write_text(text)
        return read_applicability(tmp_path, catalogue)

    return read


@pytest.fixture
def statement(tmp_path, applicability):
    """Read a statement."""

    def read(text=STATEMENT):
        path = tmp_path / "ics.yaml"
        path.write_text(text)
        return read_statement(path, applicability().options)

    return read


def refusal(read, *arguments):
    with pytest.raises(SourceError) as caught:
        read(*arguments)
    return str(caught.value)


def test_what_holds_leaves_every_case_applicable(applicability):
    assert applicability().not_applicable({"dimmer": "yes", "colour": "white"}) == {}


def test_a_statement_that_is_silent_means_the_first_value(applicability):
    assert applicability().not_applicable({}) == {}
    assert applicability().answers({"colour": "blue"}) == {"dimmer": "yes", "colour": "blue"}


def test_what_does_not_apply_names_the_expression_that_made_it_so(applicability):
    assert applicability().not_applicable({"colour": "blue"}) == dict.fromkeys(
        ["lamp/1a/1", "lamp/1a/2"],
        "C02: dimmer and not colour=blue, and the ICS says dimmer=yes, colour=blue",
    )


def test_an_obligation_stands_for_all_its_cases(applicability):
    assert set(applicability().not_applicable({"dimmer": "no"})) == {
        "lamp/2a/1", "lamp/1a/1", "lamp/1a/2",
    }  # fmt: skip


def test_a_sentence_stands_for_all_cases_that_say_it(applicability):
    found = applicability(APPLICABILITY.replace("cases: [2a]", 'sentences: ["the lamp *"]'))
    assert len(found.not_applicable({"dimmer": "no"})) == 5


def test_a_suite_without_the_file_has_no_options(tmp_path, catalogue):
    assert read_applicability(tmp_path, catalogue).options == {}


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("cases: [2a]", "cases: [9z]", ":6: 9z: there is no such case"),
        ("lamp/1a/1..2", "lamp/1a/1..3", ":7: lamp/1a/1..3: there is no such case"),
        ("lamp/1a/1..2", "lamp/1a/2..1", ":7: lamp/1a/2..1: there is no such case"),
        ("expression: dimmer,", "expression: dimer,", ":6: unknown option 'dimer': there are"),
        ("colour=blue", "colour=red", ":7: colour is white or blue, not 'red'"),
        ("not colour=blue", "not colour", ":7: colour is white or blue, not 'yes'"),
        ("expression: dimmer,", "expression: (dimmer,", ":6: '(dimmer' is no expression"),
        ("cases: [2a]", 'sentences: ["pigs *"]', ":6: pigs *: there is no such case"),
        (", cases: [2a]", "", ":6: conditions.0: "),
        ("id: C02", "id: C01", ":7: C01 stands here a second time"),
        ("id: colour", "id: dimmer", ":4: dimmer stands here a second time"),
    ],
)
def test_a_wrong_condition_is_refused_where_it_stands(applicability, old, new, what):
    assert what in refusal(applicability, APPLICABILITY.replace(old, new))


def test_a_statement_is_what_it_says(statement):
    found = statement()
    assert (found.name, found.sut, found.options) == ("bulb", "lamp:factory", {"dimmer": "yes"})


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ("{dimer: yes}", ":4: unknown option 'dimer': there are colour, dimmer"),
        ("{dimmer: true}", ":4: dimmer is yes or no, not 'true'"),
    ],
)
def test_an_option_that_there_is_not_is_refused(statement, options, what):
    text = STATEMENT.replace("{dimmer: yes}", options)
    assert what in refusal(statement, text)
