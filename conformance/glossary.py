"""The words of a suite: the tables of a Markdown file, so that there is one glossary and no second.

A table whose columns are `term ... meaning ... source` is read; the columns are found by name, and
inline code and emphasis are taken off the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from conformance.errors import CatalogueError, Problem

MEANINGS = ("meaning", "what it is")
SOURCE = "source"
_RULE = re.compile(r"\|[\s:|-]+\|")
_MARKS = re.compile(r"[`*]")


@dataclass(frozen=True, slots=True)
class Term:
    """A word, what it means here, and where it comes from."""

    term: str
    meaning: str
    source: str  # empty where nobody else has it


def read_terms(path: Path) -> tuple[Term, ...]:
    """Return the terms of the tables of `path`, in order.

    Raises:
        CatalogueError: it cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise CatalogueError([Problem(str(path), 0, error.strerror or "cannot be read")]) from error
    except UnicodeDecodeError as error:
        raise CatalogueError([Problem(str(path), 0, "is not UTF-8 text")]) from error
    return tuple(_terms(lines))


def _terms(lines: Sequence[str]) -> Iterator[Term]:
    head: list[str] = []
    for line, below in pairwise([*lines, ""]):
        if not line.startswith("|"):
            head = []
        elif _RULE.fullmatch(below):
            head = _cells(line)
        elif head and not _RULE.fullmatch(line):
            yield from _term(dict(zip(head, _cells(line), strict=False)), head[0])


def _term(row: dict[str, str], first: str) -> Iterator[Term]:
    meaning = next((row[name] for name in MEANINGS if row.get(name)), "")
    here = row.get("here", "")
    if meaning:
        words = [word for word in (row[first], here) if word.strip("-")]
        yield Term(" / ".join(dict.fromkeys(words)), meaning, row.get(SOURCE, "").strip("-"))


def _cells(line: str) -> list[str]:
    return [_MARKS.sub("", cell).strip() for cell in line.strip().strip("|").split("|")]
