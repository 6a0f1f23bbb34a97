"""report.html: one file that opens anywhere, offline, without scripts, and prints.

The page is derived from the report alone. Every text is escaped by the template engine; the policy
in the page forbids everything but its own style sheet, which it names by its hash.
"""

from __future__ import annotations

import hashlib
import shlex
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from conformance.catalogue import Case, StepText
from conformance.chart import Step, draw_chart
from conformance.evidence import Report, Result, StepResult, StepStatus, SystemRun
from conformance.kills import kill_rows
from conformance.matrix import Matrix, tally
from conformance.obligations import Obligation
from conformance.render.shelf import Exhibit, Part, Shelf, anchor
from conformance.verdicts import Verdict

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class StepCell:
    """One step on one system: what became of it, and the answers to what it asked."""

    status: StepStatus
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step of a case across the systems that carried it out."""

    step: StepText
    calls: tuple[str, ...]
    cells: tuple[StepCell, ...]


@dataclass(frozen=True, slots=True)
class ResultView:
    """One case on one system, as the page shows it."""

    system: SystemRun
    result: Result
    anchor: str
    exhibit: Exhibit
    chart: Markup


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
    def lines(self) -> tuple[StepLine, ...]:
        """Return the steps, each with the questions that it asked, and the answers."""
        carried_out = [shown.result.steps for shown in self.results if shown.result.steps]
        return tuple(
            _line(step, [steps[at] for steps in carried_out])
            for at, step in enumerate(self.case.steps)
        )


def render_html(report: Report) -> str:
    """Return `report` as one HTML page."""
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    matrix = Matrix(report)
    shelf = Shelf(report)
    cases = {view.case.id: view for view in _case_views(report, shelf)}
    return (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            matrix=matrix,
            cases=cases,
            groups=_groups(report, cases),
            standings=[dict(matrix.standings(at)) for at in range(len(report.systems))],
            titles=_titles(report),
            kills=kill_rows(report),
            style=Markup(style),  # noqa: S704 - our own file
            style_hash=digest,
        )
    )


def write_html(report: Report, path: Path) -> None:
    """Write `report` to `path` as one HTML page."""
    # A lone surrogate, which a system may put in a name, becomes a character reference.
    with path.open("w", encoding="utf-8", errors="xmlcharrefreplace", newline="\n") as stream:
        stream.write(render_html(report))


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["octets"] = octets
    environment.filters["anchor"] = anchor
    environment.filters["quoted"] = shlex.quote
    environment.filters["duration"] = duration
    environment.globals.update(tally=tally)
    return environment


def octets(digits: str) -> str:
    """Group hex digits by octets: `00 A4 00 04`."""
    upper = digits.upper()
    return " ".join(upper[at : at + 2] for at in range(0, len(upper), 2))


def duration(seconds: float) -> str:
    """Say how long something took."""
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


def _case_views(report: Report, shelf: Shelf) -> Iterator[CaseView]:
    obligations = {obligation.id: obligation for obligation in report.obligations}
    results = [{result.case: result for result in run.results} for run in report.systems]
    for case in report.cases:
        shown = (
            _result_view(case, run, found[case.id], shelf)
            for run, found in zip(report.systems, results, strict=True)
            if case.id in found
        )
        verified = tuple(obligations[id_] for id_ in case.obligations)
        yield CaseView(case, anchor(case.id), verified, tuple(shown))


def _line(step: StepText, results: Sequence[StepResult]) -> StepLine:
    calls = tuple(dict.fromkeys(c.call for result in results for c in result.calls if c.answer))
    cells = (
        StepCell(result.status, tuple(call.answer for call in result.calls if call.answer))
        for result in results
    )
    return StepLine(step, calls, tuple(cells))


def _result_view(case: Case, run: SystemRun, result: Result, shelf: Shelf) -> ResultView:
    exhibit = shelf.exhibit(run.name, case.id)
    chart = ""
    if exhibit.parts:
        texts = [f"{step.keyword} {step.text}" for step in case.steps] or ["The case"]
        drawn = (_drawn(text, part) for text, part in zip(texts, exhibit.parts, strict=False))
        chart = draw_chart(drawn, f"Messages of {case.id} on {run.name}")
    # The chart escapes every text that it holds.
    return ResultView(run, result, anchor(case.id, run.name), exhibit, Markup(chart))  # noqa: S704


def _drawn(text: str, part: Part) -> Step:
    if part.same_as is None:
        return Step(text, part.messages)
    return Step(text, (), f": {len(part.messages)} messages, as in {part.same_as.name}")


def _groups(
    report: Report, cases: dict[str, CaseView]
) -> Sequence[tuple[Obligation, Sequence[CaseView]]]:
    """Return the cases under the obligation that names them, in the order of the obligations."""
    named: dict[str, list[CaseView]] = {obligation.id: [] for obligation in report.obligations}
    for view in cases.values():
        named[view.case.obligations[0]].append(view)
    return [(obligation, named[obligation.id]) for obligation in report.obligations]


def _titles(report: Report) -> dict[Any, str]:
    """Return, for each claim, the name of the feature that is tagged with it."""
    titles: dict[Any, str] = {}
    for case in report.cases:
        for tag in case.tags:
            kind, _, number = tag.partition("-")
            if kind == "claim" and number.isdecimal():
                titles.setdefault(int(number), case.feature)
    return titles
