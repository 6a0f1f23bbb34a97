"""docs/bad_input.md: every interface of the features stands there, and what it names is there."""

import ast
import importlib
import re
from pathlib import Path

import pytest

from steps.terms import Interface

ROOT = Path(__file__).parents[1]
PACKAGES = ("impl", "reperso", "conformance", "steps")
CELL = re.compile(r"`([^`]+)`")


def rows():
    """Return the cells of each row of the table: interface, error, answer, test."""
    lines = (ROOT / "docs/bad_input.md").read_text().splitlines()
    table = [line.strip("|").split(" | ") for line in lines if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in table[1:]]


ROWS = rows()


def errors():
    """Return where each class of an error is defined, by its name."""
    return {
        node.name: str(path.relative_to(ROOT).with_suffix("")).replace("/", ".")
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef) and node.name.endswith("Error")
    }


def test_every_interface_of_the_features_has_its_row():
    named = [row[0] for row in ROWS]
    assert len(set(named)) == len(named)
    assert {interface.value for interface in Interface} <= set(named)


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_row_names_an_error_and_a_test_that_are_there(row):
    _, error, answer, test = row
    (name,), (where,) = CELL.findall(error), CELL.findall(test)
    raised = getattr(importlib.import_module(errors()[name]), name)
    assert issubclass(raised, Exception)
    assert answer
    file, _, function = where.partition("::")
    defined = ast.parse((ROOT / file).read_text()).body
    assert function in {node.name for node in defined if isinstance(node, ast.FunctionDef)}
