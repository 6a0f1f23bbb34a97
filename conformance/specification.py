"""The text that obligations cite: paragraphs by number, and which claims stand on their own.

The file is the text as published: a line `[067] ...` is a paragraph, `independent: 1 10` says which
claims depend on no other, and every other line is about the document and of no interest here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from conformance.errors import CatalogueError, Problem
from conformance.obligations import Obligation

FILE_NAME = "specification.txt"
_PARAGRAPH = re.compile(r"\[(\d+)\] +(\S.*)")
_INDEPENDENT = re.compile(r"independent:([ \d]*)")
_DIGITS = 16  # of a fingerprint


@dataclass(frozen=True, slots=True)
class Specification:
    """What the specification says, as far as obligations cite it."""

    paragraphs: Mapping[int, str] = field(default_factory=dict)
    independent: tuple[int, ...] = ()  # numbers of claims

    def fingerprint(self, obligation: Obligation) -> str:
        """Return 16 hex digits that change with the obligation and the paragraphs it cites."""
        texts = (self.paragraphs.get(number, "") for number in obligation.cites)
        whole = "\n".join([obligation.level, obligation.text, *texts])
        return hashlib.sha256(whole.encode()).hexdigest()[:_DIGITS]

    def cited(self, obligations: Mapping[str, Obligation]) -> Specification:
        """Return this text with only the paragraphs that `obligations` cite."""
        numbers = {number for one in obligations.values() for number in one.cites}
        kept = {number: text for number, text in self.paragraphs.items() if number in numbers}
        return Specification(kept, self.independent)


def read_specification(path: Path, obligations: Mapping[str, Obligation]) -> Specification:
    """Read `path`, and hold the citations of `obligations` against it.

    Raises:
        CatalogueError: it cannot be read, numbers a paragraph twice, or lacks one that is cited.
    """
    problems: list[Problem] = []
    paragraphs: dict[int, str] = {}
    independent: tuple[int, ...] = ()
    for at, line in enumerate(_lines(path), start=1):
        if found := _PARAGRAPH.fullmatch(line):
            number = int(found[1])
            if number in paragraphs:
                problems.append(Problem(str(path), at, f"a second paragraph [{found[1]}]"))
            paragraphs[number] = " ".join(found[2].split())
        elif found := _INDEPENDENT.fullmatch(line):
            independent = tuple(map(int, found[1].split()))
    for one in obligations.values():
        missing = [number for number in one.cites if number not in paragraphs]
        problems += [
            Problem(str(path), 0, f"{one.id} cites [{number:03}], which is not there")
            for number in missing
        ]
    if problems:
        raise CatalogueError(problems)
    return Specification(paragraphs, independent)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise CatalogueError([Problem(str(path), 0, error.strerror or "cannot be read")]) from error
    except UnicodeDecodeError as error:
        raise CatalogueError([Problem(str(path), 0, "is not UTF-8 text")]) from error
