"""The public vectors themselves: whole, distinct, of known origin, and none without a test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

TESTS = Path(__file__).parent
FILES = sorted((TESTS / "vectors").glob("*.yaml"))
SCHEMA = json.loads((TESTS / "vectors" / "vectors.schema.json").read_text())


def load(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.load(file.read_bytes(), yaml.CSafeLoader)
    return content


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_file_has_the_form_of_the_schema(file: Path) -> None:
    errors = Draft202012Validator(SCHEMA).iter_errors(load(file))
    assert [f"{error.json_path}: {error.message}" for error in errors] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_two_vectors_of_a_file_have_the_same_id(file: Path) -> None:
    ids = [vector["id"] for vector in load(file)["vectors"]]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_file_is_used_by_a_test(file: Path) -> None:
    sources = (path.read_text() for path in TESTS.rglob("test_*.py"))
    assert any(f'"{file.name}"' in source for source in sources)


@pytest.mark.parametrize(
    ("flaw", "where"),
    [
        ({"vectors": [{"verified_by": ["x"], "k": "00", "source": "x"}]}, "$.vectors[0]"),
        ({"vectors": [{"id": "x", "verified_by": [], "k": "00", "source": "x"}]}, "verified_by"),
        (
            {"vectors": [{"id": "x", "verified_by": ["x"], "k": "0", "source": "x"}]},
            "$.vectors[0].k",
        ),
        ({"vectors": [{"id": "x", "verified_by": ["x"], "k": "00"}]}, "$"),
        ({"vectors": []}, "$.vectors"),
    ],
    ids=["no id", "unconfirmed", "half an octet", "no source", "empty"],
)
def test_a_flaw_is_found(flaw: dict[str, Any], where: str) -> None:
    errors = list(Draft202012Validator(SCHEMA).iter_errors({"kind": "of a test"} | flaw))
    assert any(error.json_path.endswith(where) for error in errors)
