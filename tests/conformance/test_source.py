"""YAML of people is read with its lines; what is wrong with it is said where it stands."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from conformance.errors import SourceError
from conformance.source import read_schema, read_source

ICS = """schema: urn:reperso:ics:1
name: lamp
sut: lamp:factory
options:
  octets: yes
  parts: 3
"""
SCHEMAS = ["ics.schema.json", "applicability.schema.json", "baseline.schema.json"]


@pytest.fixture
def read(tmp_path):
    path = tmp_path / "ics.yaml"

    def of(text):
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_source(path, "ics.schema.json")

    return of


def problems_of(read, text):
    with pytest.raises(SourceError) as caught:
        read(text)
    return [(problem.line, problem.what) for problem in caught.value.problems]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_each_schema_is_a_schema(schema):
    Draft202012Validator.check_schema(read_schema(schema))


def test_every_value_stays_the_text_that_is_written(read):
    assert read(ICS).value["options"] == {"octets": "yes", "parts": "3"}


def test_a_problem_is_said_at_the_line_or_at_the_nearest_above(read):
    source = read(ICS)
    assert source.problem("no", "options", "parts").line == 6
    assert source.problem("no", "options", "colour").line == 4
    assert source.problem("no").line == 1


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("name: lamp\n", "", 1, '"name" is a required property'),
        ("ics:1", "ics:2", 1, 'schema: "urn:reperso:ics:1" was expected'),
        ("name: lamp", "name: a lamp", 2, 'name: "a lamp" does not match'),
        ("name: lamp", "name: lamp\nname: bulb", 3, "name stands here a second time"),
        ("octets: yes", "octets: [1]", 5, 'options.octets: ["1"] is not of type "string"'),
        ("sut: lamp:factory", "sut: &a x\nabout: *a", 3, "an alias stands here"),
    ],
)
def test_what_breaks_the_schema_is_named_with_its_line(read, old, new, line, what):
    ((found, said),) = problems_of(read, ICS.replace(old, new))
    assert (found, said[: len(what)]) == (line, what)


def test_all_problems_are_listed(read):
    assert len(problems_of(read, "schema: x\n")) == 4


@pytest.mark.parametrize(
    "text", ["", "[", "- 1\n", "&a [*a]", b"\xff", "a: " * 9, "[" * 900 + "]" * 900]
)
def test_what_is_no_statement_is_refused(read, text):
    assert problems_of(read, text)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(SourceError, match="No such file"):
        read_source(tmp_path / "none.yaml", "ics.schema.json")


@given(st.text() | st.recursive(st.text(), st.lists).map(json.dumps))
def test_no_text_raises_anything_but_a_source_error(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any_source.yaml"
    path.write_text(text, encoding="utf-8", errors="replace", newline="")
    with contextlib.suppress(SourceError):
        read_source(path, "ics.schema.json")
