"""Mutants against obligations, and against techniques: what noticed each mutant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from conformance.evidence import Kill, KillState, Report
from conformance.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class KillCell:
    """A mutant against an obligation."""

    obligation: str
    failed: int  # cases in which an assertion failed
    run: int  # cases that were run
    is_broken: bool  # the mutant says that it breaks this obligation


@dataclass(frozen=True, slots=True)
class KillRow:
    """A mutant, the cases that had to notice it and did, and its cells."""

    kill: Kill
    killers: tuple[str, ...]  # ids of cases
    others: int  # cases of other obligations in which an assertion failed, too
    cells: tuple[KillCell, ...]  # one for each obligation of which any mutant was run


def kill_rows(report: Report) -> list[KillRow]:
    """Return the mutants of a report, each against every obligation of which a case was run."""
    verifying: dict[str, list[str]] = {obligation.id: [] for obligation in report.obligations}
    for case in report.cases:
        for obligation in case.obligations:
            verifying[obligation].append(case.id)
    run = {case for kill in report.mutants for case in kill.verdicts}
    shown = {id_: cases for id_, cases in verifying.items() if run.intersection(cases)}
    return [_row(kill, shown) for kill in report.mutants]


def _row(kill: Kill, cases: Mapping[str, Sequence[str]]) -> KillRow:
    due = {case for id_ in kill.breaks for case in cases.get(id_, ())}
    failed = [case for case, verdict in kill.verdicts.items() if verdict is Verdict.FAIL]
    killers = tuple(case for case in failed if case in due)
    return KillRow(kill, killers, len(failed) - len(killers), tuple(_cells(kill, cases)))


def _cells(kill: Kill, cases: Mapping[str, Sequence[str]]) -> Iterator[KillCell]:
    for obligation, ids in cases.items():
        verdicts = [kill.verdicts[case] for case in ids if case in kill.verdicts]
        failed = verdicts.count(Verdict.FAIL)
        yield KillCell(obligation, failed, len(verdicts), obligation in kill.breaks)


@dataclass(frozen=True, slots=True)
class Technique:
    """How many mutants something found out that had to."""

    name: str
    killed: int
    tried: int


def techniques(report: Report) -> tuple[Technique, ...]:
    """Return what each technique killed by name, of what it was tried on, in order."""
    tried: dict[str, list[Kill]] = {}
    for kill in report.mutants:
        tried.setdefault(kill.technique, []).append(kill)
    return tuple(
        Technique(name, sum(kill.state is KillState.BY_NAME for kill in found), len(found))
        for name, found in tried.items()
    )


@dataclass(frozen=True, slots=True)
class Notice:
    """A mutant, and what became of it by each technique, in the order of `techniques`."""

    mutant: str
    states: tuple[KillState | None, ...]  # None where the technique was not tried on it


def notices(report: Report) -> list[Notice]:
    """Return each mutant of a report against every technique."""
    names = [one.name for one in techniques(report)]
    states = {(kill.mutant, kill.technique): kill.state for kill in report.mutants}
    return [
        Notice(mutant, tuple(states.get((mutant, name)) for name in names))
        for mutant in dict.fromkeys(kill.mutant for kill in report.mutants)
    ]
