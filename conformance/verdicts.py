"""Verdicts of cases: six words, ordered; a verdict only gets worse (as in TTCN-3)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """What came of a case, in rising order of badness."""

    SKIP = "SKIP"  # it was not run
    NA = "NA"  # the system does not have the option that the case is about
    PASS = "PASS"  # noqa: S105 - a verdict, no password
    INCONC = "INCONC"  # the system did not come to rest, or the run was interrupted
    FAIL = "FAIL"  # an assertion of the case does not hold
    ERROR = "ERROR"  # the case could not be carried out: nothing is said about the system


RANK = {verdict: rank for rank, verdict in enumerate(Verdict)}
"""How bad a verdict is."""


class Level(StrEnum):
    """How binding an obligation is: claim language, a described embodiment, an option."""

    MUST = "must"
    SHOULD = "should"
    MAY = "may"


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst of `verdicts`, SKIP if there is none."""
    return max(verdicts, key=RANK.__getitem__, default=Verdict.SKIP)


class Judgement:
    """The verdict of one case while it runs. Without a complaint it is PASS."""

    def __init__(self) -> None:
        self._verdict: Verdict | None = None
        self.reason = ""
        self.trace: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """What the verdict is, as things stand."""
        return self._verdict or Verdict.PASS

    def complain(self, verdict: Verdict, reason: str, trace: Iterable[str] = ()) -> None:
        """Make the verdict `verdict`, unless it is as bad already: then the first reason stays."""
        if self._verdict is None or RANK[verdict] > RANK[self._verdict]:
            self._verdict = verdict
            self.reason = reason
            self.trace = tuple(trace)
