"""What a specification obliges a system to do: reads and checks `obligations.yaml`.

Three sections, all optional: `claims` (elements of claims), `embodiments`, `beyond` (what a
deployed system must also hold). The checks are written out here and not left to a schema library:
importing one costs as much as running a hundred trivial scenarios, and this file is read at every
start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from conformance.errors import CatalogueError, Problem
from conformance.source import compose
from conformance.verdicts import Level

FILE_NAME = "obligations.yaml"


class Kind(StrEnum):
    """The sorts of obligations; a tag is the kind, a hyphen and the id: `element-1e`."""

    ELEMENT = "element"
    EMBODIMENT = "embodiment"
    BEYOND = "beyond"


@dataclass(frozen=True, slots=True)
class Obligation:
    """One sentence of the specification that a system must, should or may fulfil."""

    id: str
    kind: Kind
    claim: int | None  # elements only
    level: Level
    step: str  # the step of the method that it is about; empty where it is about none
    cites: tuple[int, ...]  # paragraphs of the specification
    text: str
    line: int = 0  # 1-based, in obligations.yaml

    @property
    def tag(self) -> str:
        """Return the tag that a feature, rule or scenario bears to say that it verifies this."""
        return f"{self.kind}-{self.id}"


def _is_id(value: object) -> bool:
    return isinstance(value, str) and value.isalnum()


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_level(value: object) -> bool:
    return value in list(Level)


def _are_numbers(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_number, value))


CHECKS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "id": (_is_id, "letters and digits"),
    "claim": (_is_number, "a number above 0"),
    "level": (_is_level, "must, should or may"),
    "step": (_is_id, "letters and digits, such as S4"),
    "cites": (_are_numbers, "a list of paragraph numbers"),
    "text": (_is_text, "a sentence"),
}
"""What each field of an entry has to be, and how to say so."""

SECTIONS: Mapping[str, tuple[Kind, frozenset[str]]] = {
    "claims": (Kind.ELEMENT, frozenset(CHECKS)),
    "embodiments": (Kind.EMBODIMENT, frozenset(CHECKS) - {"claim"}),
    "beyond": (Kind.BEYOND, frozenset({"id", "text"})),
}
"""The sections of the file: what their entries are, and the fields that each entry has."""


def read_obligations(path: Path) -> dict[str, Obligation]:
    """Read `path` and return its obligations by id, in the order of the file.

    Raises:
        CatalogueError: it cannot be read, is no YAML, or an entry is not as it has to be.
    """
    problems: list[Problem] = []
    obligations: dict[str, Obligation] = {}
    for found in _entries(compose(path, CatalogueError), str(path), problems):
        first = obligations.setdefault(found.id, found)
        if first is not found:
            what = f"id {found.id} is already that of line {first.line}"
            problems.append(Problem(str(path), found.line, what))
    if problems:
        raise CatalogueError(problems)
    return obligations


def _entries(root: yaml.Node | None, file: str, problems: list[Problem]) -> Iterator[Obligation]:
    if not isinstance(root, yaml.MappingNode):
        problems.append(Problem(file, 1, f"has to be a mapping of {', '.join(SECTIONS)}"))
        return
    for name, section in root.value:
        if name.value not in SECTIONS:
            what = f"unknown section {name.value!r}: there are {', '.join(SECTIONS)}"
            problems.append(Problem(file, name.start_mark.line + 1, what))
        elif not isinstance(section, yaml.SequenceNode):
            what = f"{name.value} has to be a list of entries"
            problems.append(Problem(file, name.start_mark.line + 1, what))
        else:
            for node in section.value:
                line = node.start_mark.line + 1
                wrong = list(_wrong(name.value, node))
                problems += [Problem(file, line, what) for what in wrong]
                if not wrong:
                    yield _obligation(SECTIONS[name.value][0], _value(node), line)


def _wrong(section: str, node: yaml.Node) -> Iterator[str]:
    expected = SECTIONS[section][1]
    entry = _value(node)
    if not isinstance(entry, dict):
        yield f"an entry of {section} has to be a mapping of {', '.join(sorted(expected))}"
        return
    for name in sorted(expected - entry.keys()):
        yield f"an entry of {section} lacks {name}"
    for name in sorted(map(str, entry.keys() - expected)):
        yield f"an entry of {section} has no {name}"
    for name in sorted(expected & entry.keys()):
        holds, wanted = CHECKS[name]
        if not holds(entry[name]):
            yield f"{name} has to be {wanted}, not {entry[name]!r}"


def _value(node: yaml.Node) -> Any:
    """Return what `node` says; ids such as `1e1` stay the texts that they are written as."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: _value(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_value(item) for item in node.value]
    is_number = node.tag == "tag:yaml.org,2002:int" and str(node.value).isdecimal()
    return int(node.value) if is_number else node.value


def _obligation(kind: Kind, entry: dict[str, Any], line: int) -> Obligation:
    return Obligation(
        id=entry["id"],
        kind=kind,
        claim=entry.get("claim"),
        level=Level(entry.get("level", Level.MUST)),
        step=entry.get("step", ""),
        cites=tuple(entry.get("cites", ())),
        text=entry["text"],
        line=line,
    )
