"""Errors of this package: every one says what is wrong and where, in one line each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class ConformanceError(Exception):
    """Root of all that this package raises."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in a source: `file:line` and what it is."""

    file: str
    line: int  # 1-based; 0 where no line is to blame
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}" if self.line else f"{self.file}: {self.what}"


class SourceError(ConformanceError):
    """A file that people write cannot be read, or does not fit the suite; lists every problem."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


class CatalogueError(SourceError):
    """The obligations and the features do not fit together."""


class ReportError(ConformanceError):
    """A report cannot be read: it is damaged, or of a version that this package does not know."""

    def __init__(self, where: str, what: str) -> None:
        self.where = where
        self.what = what
        super().__init__(f"{where}: {what}")


class ClockError(ConformanceError):
    """SOURCE_DATE_EPOCH does not hold a number of seconds."""
