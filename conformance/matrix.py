"""Obligations against systems: the verdict of each cell, and what a claim amounts to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.evidence import Report, Result, SystemRun, verdict_of
from conformance.obligations import Kind, Obligation
from conformance.verdicts import Level, Verdict


@dataclass(frozen=True, slots=True)
class Cell:
    """An obligation on a system: the results of the cases that verify it."""

    results: tuple[Result, ...]

    @property
    def verdict(self) -> Verdict:
        """Return the worst verdict of the cases; SKIP if none was run."""
        return verdict_of(self.results)

    @property
    def changes(self) -> Mapping[str, int]:
        """Return how many of the cases are not as the baseline has them, by what became of them."""
        return Counter(result.change for result in self.results if result.change)

    @property
    def leading(self) -> Result:
        """Return the first of the cases that are as bad as the cell; there has to be one."""
        return next(result for result in self.results if result.verdict is self.verdict)


@dataclass(frozen=True, slots=True)
class Row:
    """An obligation and its cells, one a system, in the order of the systems."""

    obligation: Obligation
    cells: tuple[Cell, ...]
    case_count: int


class Matrix:
    """The rows of a report, and sentences about them."""

    def __init__(self, report: Report) -> None:
        self.systems = report.systems
        verifying: dict[str, list[str]] = {item.id: [] for item in report.obligations}
        for case in report.cases:
            for obligation in case.obligations:
                verifying[obligation].append(case.id)
        results = [{result.case: result for result in run.results} for run in report.systems]
        self.rows = tuple(
            _row(obligation, verifying[obligation.id], results) for obligation in report.obligations
        )

    def rows_of(self, kind: Kind | str) -> tuple[Row, ...]:
        """Return the rows of one kind of obligations."""
        return tuple(row for row in self.rows if row.obligation.kind == kind)

    def claims(self) -> dict[int, tuple[Row, ...]]:
        """Return the rows of elements by the number of their claim."""
        found: dict[int, list[Row]] = {}
        for row in self.rows_of(Kind.ELEMENT):
            if row.obligation.claim is not None:
                found.setdefault(row.obligation.claim, []).append(row)
        return {claim: tuple(rows) for claim, rows in found.items()}

    def untested(self) -> tuple[Obligation, ...]:
        """Return the obligations that no case verifies."""
        return tuple(row.obligation for row in self.rows if not row.case_count)

    def standings(self, system: int) -> list[tuple[int, Standing]]:
        """Return what each claim that was run amounts to on a system, by its number."""
        standings = (
            (claim, standing_of(rows, system))
            for claim, rows in self.claims().items()
            if any(row.cells[system].results for row in rows)
        )
        return list(standings)

    def held(self, system: int) -> list[str]:
        """Return how many other obligations are held, of those tested that apply.

        As in `3/4 embodiments held, 1 not applicable`.
        """
        counted = []
        for kind, noun in NOUNS.items():
            cells = [row.cells[system] for row in self.rows_of(kind) if row.cells[system].results]
            apart = sum(cell.verdict is Verdict.NA for cell in cells)
            met = sum(cell.verdict is Verdict.PASS for cell in cells)
            words = f"{met}/{len(cells) - apart} {noun} held"
            counted += [f"{words}, {apart} not applicable" if apart else words] if cells else []
        return counted

    def sentence(self, system: int) -> str:
        """Return what the run says of a system: `simulated: claim 1 MET 7/7 elements; ...`."""
        claims = [f"claim {claim} {standing.words}" for claim, standing in self.standings(system)]
        said = "; ".join([*claims, *self.held(system)]) or "nothing was run"
        return f"{self.systems[system].name}: {said}"


NOUNS = {Kind.EMBODIMENT: "embodiments", Kind.BEYOND: "further duties"}
"""What the obligations that are no elements of claims are called when they are counted."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a claim amounts to on a system."""

    words: str
    verdict: Verdict


def standing_of(rows: Sequence[Row], system: int) -> Standing:
    """Say whether a claim is met: each `must` has to pass; a failed `should` is mentioned."""
    found: dict[Verdict, list[str]] = {verdict: [] for verdict in Verdict}
    lesser = []
    for row in rows:
        verdict = row.cells[system].verdict
        if row.obligation.level is Level.MUST:
            found[verdict].append(row.obligation.id)
        elif verdict in _BAD:
            lesser.append(row.obligation.id)
    count = f"{len(found[Verdict.PASS])}/{sum(map(len, found.values()))} elements"
    for verdict, words in _BAD.items():
        if found[verdict]:
            return Standing(f"{words} at {', '.join(found[verdict])}", verdict)
    if found[Verdict.SKIP]:
        return Standing(f"PARTLY TESTED {count}", Verdict.SKIP)
    if found[Verdict.NA]:
        return Standing(f"NOT APPLICABLE at {', '.join(found[Verdict.NA])}", Verdict.NA)
    but = f" (but not {', '.join(lesser)}, which should be)" if lesser else ""
    return Standing(f"MET {count}{but}", Verdict.PASS)


_BAD: Mapping[Verdict, str] = {
    Verdict.FAIL: "NOT MET",
    Verdict.ERROR: "UNDECIDED",
    Verdict.INCONC: "UNDECIDED",
}
"""Verdicts that stand in the way of a claim, the weightiest statement first."""


def _row(
    obligation: Obligation, case_ids: Sequence[str], results: Sequence[Mapping[str, Result]]
) -> Row:
    cells = tuple(
        Cell(tuple(found[case_id] for case_id in case_ids if case_id in found)) for found in results
    )
    return Row(obligation, cells, len(case_ids))


def tally(run: SystemRun) -> dict[Verdict, int]:
    """Count the results of a system by verdict, in their order; what did not occur is left out."""
    counts = dict.fromkeys(Verdict, 0)
    for result in run.results:
        counts[result.verdict] += 1
    return {verdict: count for verdict, count in counts.items() if count}
