"""Where the systems of a report differ: in verdicts, and in answers to the same questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conformance.evidence import Report, Result
from conformance.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Pattern:
    """Cases that came to the same verdicts, system by system."""

    verdicts: tuple[Verdict | None, ...]  # None: not run there
    reasons: tuple[str, ...]  # why a verdict is not PASS, as far as it is the same for all
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """A question of a case to which systems gave different answers."""

    case: str
    call: str
    answers: tuple[str, ...]  # one for each system; empty where it was not asked


@dataclass(frozen=True, slots=True)
class Differences:
    """All of both."""

    patterns: tuple[Pattern, ...]
    answers: tuple[Answers, ...]


def differences(report: Report) -> Differences:
    """Return where systems differ; nothing if there is only one."""
    results = [{result.case: result for result in run.results} for run in report.systems]
    cases: dict[tuple[Verdict | None, ...], list[str]] = {}
    answers: list[Answers] = []
    for case in report.cases:
        found = [of_system.get(case.id) for of_system in results]
        verdicts = tuple(result.verdict if result else None for result in found)
        if len(set(verdicts)) > 1:
            cases.setdefault(verdicts, []).append(case.id)
        answers += _answers(case.id, found)
    patterns = (
        Pattern(verdicts, tuple(_reasons(results, ids)), tuple(ids))
        for verdicts, ids in cases.items()
    )
    return Differences(tuple(patterns), tuple(answers))


def _reasons(results: list[dict[str, Result]], ids: list[str]) -> Iterator[str]:
    for of_system in results:
        found = {of_system[id_].reason for id_ in ids if id_ in of_system}
        yield found.pop() if len(found) == 1 else ""


def _answers(case: str, results: list[Result | None]) -> Iterator[Answers]:
    said = [_said(result) for result in results]
    for call in dict.fromkeys(call for one in said for call in one):
        given = tuple(one.get(call, "") for one in said)
        if len({answer for answer in given if answer}) > 1:
            yield Answers(case, call[1], given)


def _said(result: Result | None) -> Mapping[tuple[int, str, int], str]:
    """Return the answers by step, question, and how often the step had asked it before."""
    found: dict[tuple[int, str, int], str] = {}
    for at, step in enumerate(result.steps if result else ()):
        for call in step.calls:
            if call.answer:
                again = sum(key[:2] == (at, call.call) for key in found)
                found[at, call.call, again] = call.answer
    return found
