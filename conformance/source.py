"""YAML that people write: read with the lines where things stand, checked against a JSON Schema.

Every scalar stays the text that it is written as: `yes` is "yes", `1e1` an id and a date a date.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from conformance.errors import Problem, SourceError

Place = tuple[str | int, ...]
"""The way to a value: keys of mappings and indexes of lists, from the root."""

ALIAS = "an alias stands here: write it out"
DEEPEST = 50
"""Keys and indexes of the way to a value: many times what any schema of this package has."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file as data, and where each part of it stands."""

    file: str
    value: Any
    lines: Mapping[Place, int] = field(default_factory=dict)

    def problem(self, what: str, *place: str | int) -> Problem:
        """Return a problem with what stands at `place`, or with the nearest thing above it."""
        while place and place not in self.lines:
            place = place[:-1]
        return Problem(self.file, self.lines.get(place, 1), what)


def read_source(path: Path, schema_file: str) -> Source:
    """Read `path` and check it against a schema of this package.

    Raises:
        SourceError: it cannot be read, is no YAML, or breaks the schema; lists every problem.
    """
    problems: list[Problem] = []
    lines: dict[Place, int] = {}
    seen: set[int] = set()

    def walk(node: yaml.Node | None, place: Place) -> Any:
        line = node.start_mark.line + 1 if node else 1
        lines[place] = line
        if id(node) in seen or len(place) > DEEPEST:
            what = ALIAS if id(node) in seen else "nests too deeply"
            problems.append(Problem(str(path), line, what))
            return ""
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return dict(pairs(node, place))
        if isinstance(node, yaml.SequenceNode):
            return [walk(item, (*place, at)) for at, item in enumerate(node.value)]
        return node.value if node else None

    def pairs(node: yaml.MappingNode, place: Place) -> Iterator[tuple[str, Any]]:
        names: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in names:
                what = f"{name} stands here a second time"
                problems.append(Problem(str(path), key.start_mark.line + 1, what))
            names.add(name)
            yield name, walk(value, (*place, name))
            lines[*place, name] = key.start_mark.line + 1

    source = Source(str(path), walk(compose(path, SourceError), ()), lines)
    problems += _breaches(source, schema_file)
    if problems:
        raise SourceError(problems)
    return source


def compose(path: Path, raises: type[SourceError]) -> yaml.Node | None:
    """Read the nodes of a YAML file, None if it is empty.

    Raises:
        SourceError: of the kind `raises`: it cannot be read, is no UTF-8 text or no YAML.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.compose(path.read_text(encoding="utf-8"), Loader=loader)
    except OSError as error:
        raise raises([Problem(str(path), 0, error.strerror or "cannot be read")]) from error
    except UnicodeDecodeError as error:
        raise raises([Problem(str(path), 0, "is not UTF-8 text")]) from error
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        what = f"no YAML: {getattr(error, 'problem', None) or 'it cannot be scanned'}"
        raise raises([Problem(str(path), line, what)]) from error


def read_schema(schema_file: str) -> dict[str, Any]:
    """Return a JSON Schema (draft 2020-12) of this package."""
    text = resources.files("conformance").joinpath(schema_file).read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def _breaches(source: Source, schema_file: str) -> Iterator[Problem]:
    # Costs 15 ms, which only those pay who give such a file.
    from jsonschema_rs import Draft202012Validator  # noqa: PLC0415

    for error in Draft202012Validator(read_schema(schema_file)).iter_errors(source.value):
        place = tuple(error.instance_path)
        where = ".".join(map(str, place))
        said = " ".join(error.message.split())
        what = said if len(said) <= 160 else f"{said[:159]}…"
        yield source.problem(f"{where}: {what}" if where else what, *place)
