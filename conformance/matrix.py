"""Obligations against systems: the verdict of each cell, what a claim amounts to, what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
    def reason(self) -> str:
        """Return the reason of the first case that is as bad as the cell."""
        return next((r.reason for r in self.results if r.verdict is self.verdict), "")


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

    def rows_of(self, kind: Kind) -> tuple[Row, ...]:
        """Return the rows of one kind of obligations."""
        return tuple(row for row in self.rows if row.obligation.kind is kind)

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

    def sentence(self, system: int) -> str:
        """Return what the run says of a system: `simulated: claim 1 MET 7/7 elements; ...`."""
        parts = [
            f"claim {claim} {standing.words}"
            for claim, rows in self.claims().items()
            if (standing := standing_of(rows, system)).is_tested
        ]
        for kind, noun in ((Kind.EMBODIMENT, "embodiments"), (Kind.BEYOND, "further duties")):
            parts += _met_of(self.rows_of(kind), system, noun)
        said = "; ".join(parts) or "nothing was tested"
        return f"{self.systems[system].name}: {said}"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a claim amounts to on a system."""

    words: str
    verdict: Verdict
    is_tested: bool


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
    tested = any(row.cells[system].results for row in rows)
    count = f"{len(found[Verdict.PASS])}/{sum(map(len, found.values()))} elements"
    for verdict, words in _BAD.items():
        if found[verdict]:
            return Standing(f"{words} at {', '.join(found[verdict])}", verdict, tested)
    if found[Verdict.SKIP]:
        return Standing(f"PARTLY TESTED {count}", Verdict.SKIP, tested)
    if found[Verdict.NA]:
        return Standing(f"NOT APPLICABLE at {', '.join(found[Verdict.NA])}", Verdict.NA, tested)
    but = f" (but not {', '.join(lesser)}, which should be)" if lesser else ""
    return Standing(f"MET {count}{but}", Verdict.PASS, tested)


_BAD: Mapping[Verdict, str] = {
    Verdict.FAIL: "NOT MET",
    Verdict.ERROR: "UNDECIDED",
    Verdict.INCONC: "UNDECIDED",
}
"""Verdicts that stand in the way of a claim, the weightiest statement first."""


def _met_of(rows: Sequence[Row], system: int, noun: str) -> Iterator[str]:
    cells = [row.cells[system] for row in rows if row.cells[system].results]
    if cells:
        met = sum(cell.verdict is Verdict.PASS for cell in cells)
        yield f"{met}/{len(cells)} {noun} held"


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
