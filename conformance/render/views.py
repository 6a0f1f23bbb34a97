"""Cases as a page shows them: in the layout of 3GPP test specifications, one result a system.

Initial conditions, procedure and acceptance criteria are the Given, When and Then of a scenario.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from conformance.catalogue import Case, StepText
from conformance.chart import Step, draw_chart
from conformance.evidence import Report, Result, StepResult, StepStatus, SystemRun
from conformance.obligations import Obligation
from conformance.render.divergence import Divergence, Divergences, failing, step_texts
from conformance.render.shelf import Exhibit, Part, Shelf, anchor
from conformance.verdicts import Verdict

PHASES = {"given": "Initial conditions", "when": "Procedure", "then": "Acceptance criteria"}
"""What the parts of a scenario are called; another keyword goes on with the part before."""


@dataclass(frozen=True, slots=True)
class StepCell:
    """One step on one system: what became of it, and the answers to what it asked."""

    status: StepStatus
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step of a case across the systems that carried it out."""

    number: int  # 1-based
    phase: str
    step: StepText
    calls: tuple[str, ...]
    cells: tuple[StepCell, ...]

    @property
    def merged(self) -> tuple[tuple[StepCell, int], ...]:
        """Return the cells; neighbours that are the same are one, with how many they are."""
        return tuple((cell, len(list(same))) for cell, same in groupby(self.cells))


@dataclass(frozen=True, slots=True)
class ResultView:
    """One case on one system, as the page shows it."""

    system: SystemRun
    result: Result
    anchor: str
    exhibit: Exhibit
    chart: Markup
    divergence: Divergence | None


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case, its obligations, and its results on the systems that ran it."""

    case: Case
    anchor: str
    obligations: tuple[Obligation, ...]
    results: tuple[ResultView, ...]

    @property
    def agreed(self) -> Verdict | None:
        """Return the verdict on which all systems agree, None if there is no such."""
        verdicts = {shown.result.verdict for shown in self.results}
        return verdicts.pop() if len(verdicts) == 1 else None

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the systems that carried steps out."""
        return tuple(shown.system.name for shown in self.results if shown.result.steps)

    @property
    def phases(self) -> tuple[tuple[str, tuple[StepLine, ...]], ...]:
        """Return the steps by part of the scenario, each with what it asked, and the answers."""
        carried_out = [shown.result.steps for shown in self.results if shown.result.steps]
        phases = phases_of(self.case.steps)
        lines = [
            _line(at + 1, phases[at], step, [steps[at] for steps in carried_out])
            for at, step in enumerate(self.case.steps)
        ]
        return tuple((name, tuple(part)) for name, part in groupby(lines, lambda one: one.phase))


def phases_of(steps: Sequence[StepText]) -> list[str]:
    """Return what each step belongs to; And and But belong to what stands before them."""
    found: list[str] = []
    for step in steps:
        before = found[-1] if found else PHASES["given"]
        found.append(PHASES.get(step.keyword.lower(), before))
    return found


def case_views(report: Report, shelf: Shelf, leaving: Divergences) -> dict[str, CaseView]:
    """Return every case of a report as the page shows it, by id; `leaving` of its results."""
    obligations = {obligation.id: obligation for obligation in report.obligations}
    results = [{result.case: result for result in run.results} for run in report.systems]
    views = {}
    for case in report.cases:
        of_it = [
            (run, found[case.id])
            for run, found in zip(report.systems, results, strict=True)
            if case.id in found
        ]
        shown = (
            _result_view(case, run, result, shelf, leaving.get((run.name, case.id)))
            for run, result in of_it
        )
        verified = tuple(obligations[id_] for id_ in case.obligations)
        views[case.id] = CaseView(case, anchor(case.id), verified, tuple(shown))
    return views


def _line(number: int, phase: str, step: StepText, results: Sequence[StepResult]) -> StepLine:
    calls = tuple(dict.fromkeys(c.call for result in results for c in result.calls if c.answer))
    cells = (
        StepCell(result.status, tuple(call.answer for call in result.calls if call.answer))
        for result in results
    )
    return StepLine(number, phase, step, calls, tuple(cells))


def _result_view(
    case: Case,
    run: SystemRun,
    result: Result,
    shelf: Shelf,
    leaves: Divergence | None,
) -> ResultView:
    exhibit = shelf.exhibit(run.name, case.id)
    chart = ""
    if exhibit.parts:
        drawn = _drawn(case, result, exhibit.parts)
        mark = leaves.number if leaves else 0
        chart = draw_chart(drawn, f"Messages of {case.id} on {run.name}", mark)
    place = anchor(case.id, run.name)
    # The chart escapes every text that it holds.
    return ResultView(run, result, place, exhibit, Markup(chart), leaves)  # noqa: S704


def _drawn(case: Case, result: Result, parts: Sequence[Part]) -> Iterator[Step]:
    bad = failing(result)
    for at, (text, part) in enumerate(zip(step_texts(case), parts, strict=False), start=1):
        if part.same_as is None:
            yield Step(text, part.messages, is_bad=at == bad)
        else:
            note = f": {len(part.messages)} messages, as in {part.same_as.name}"
            yield Step(text, (), note, at == bad)


def groups(
    report: Report, cases: Mapping[str, CaseView]
) -> Sequence[tuple[Obligation, Sequence[CaseView]]]:
    """Return the cases under the obligation that names them, in the order of the obligations."""
    named: dict[str, list[CaseView]] = {obligation.id: [] for obligation in report.obligations}
    for view in cases.values():
        named[view.case.obligations[0]].append(view)
    return [(obligation, named[obligation.id]) for obligation in report.obligations]
