"""Where a result went wrong: the step that did not hold, the message that is not as elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.catalogue import Case
from conformance.changes import first_divergence
from conformance.evidence import Message, Report, Result, StepStatus
from conformance.verdicts import Verdict

_HELD = frozenset({StepStatus.PASSED, StepStatus.SKIPPED})


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first message of a result that is not as on another system, where the case passed."""

    number: int  # of the message; one behind the last where messages are missing
    other: str  # the name of that system


Divergences = Mapping[tuple[str, str], Divergence]
"""By system and case."""


def divergences(report: Report) -> Divergences:
    """Return where results leave what passed on another system."""
    of_case: dict[str, list[tuple[str, Result]]] = {}
    for run in report.systems:
        for result in run.results:
            of_case.setdefault(result.case, []).append((run.name, result))
    found = {}
    for case, results in of_case.items():
        for name, result in results:
            leaves = divergence(result, [one for one in results if one[0] != name])
            if leaves is not None:
                found[name, case] = leaves
    return found


def failing(result: Result) -> int:
    """Return the number of the first step that did not hold, 1-based; 0 if there is none."""
    steps = enumerate(result.steps, start=1)
    return next((at for at, step in steps if step.status not in _HELD), 0)


def step_texts(case: Case) -> list[str]:
    """Return the steps of a case as a chart calls them; it has one even if the case has none."""
    return [f"{step.keyword} {step.text}" for step in case.steps] or ["The case"]


def divergence(result: Result, others: Sequence[tuple[str, Result]]) -> Divergence | None:
    """Return where `result` leaves what passed elsewhere; None if it does not, or nothing did.

    Only a system whose first message is the same, by protocol and name, is compared: others speak
    of other things.
    """
    if result.verdict in {Verdict.PASS, Verdict.NA, Verdict.SKIP} or not result.messages:
        return None
    for name, other in others:
        if other.verdict is not Verdict.PASS or not other.messages:
            continue
        if not _speaks_of_the_same(result.messages[0], other.messages[0]):
            continue
        first = first_divergence(other, result, contents=False)
        if first is not None:
            return Divergence(first.after.number if first.after else first.number, name)
    return None


def _speaks_of_the_same(one: Message, other: Message) -> bool:
    return (one.protocol, one.name) == (other.protocol, other.name)
