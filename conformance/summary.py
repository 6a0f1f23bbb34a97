"""A report in a page of Markdown, for the summary of a CI job, and its matrix as CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from conformance.evidence import Report, Result, SystemRun
from conformance.matrix import Matrix
from conformance.verdicts import Verdict
from conformance.visible import visible

GLYPHS = {
    Verdict.PASS: "✅",
    Verdict.FAIL: "❌",
    Verdict.ERROR: "💥",
    Verdict.INCONC: "❔",
    Verdict.NA: "⚪",
    Verdict.SKIP: "⏭️",
}
BAD = (Verdict.FAIL, Verdict.ERROR, Verdict.INCONC)
TOLD = 50
"""How many cases that went wrong are told in full."""

COLUMNS = ("obligation", "kind", "claim", "level", "step", "cases", "text")


def write_markdown(report: Report, path: Path) -> None:
    """Write the summary of `report` to `path`."""
    path.write_text(markdown(report), encoding="utf-8", errors="replace")


def write_csv(report: Report, path: Path) -> None:
    """Write the matrix of `report` to `path`: a row an obligation, a column a system."""
    path.write_text(matrix_csv(report), encoding="utf-8", errors="replace", newline="")


def markdown(report: Report) -> str:
    """Return the summary of `report` as GitHub and GitLab show it."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield f"# {_plain(report.title)}"
    if not report.complete:
        yield "\n**The run was interrupted: what is here is what was reached.**"
    matrix = Matrix(report)
    names = [_plain(system.name) for system in report.systems]
    yield ""
    yield f"| | {' | '.join(names)} |"
    yield f"|---|{'---|' * len(names)}"
    standings = [dict(matrix.standings(at)) for at in range(len(names))]
    for claim in matrix.claims():
        said = (one.get(claim) for one in standings)
        cells = (f"{GLYPHS[one.verdict]} {one.words}" if one else "" for one in said)
        yield f"| claim {claim} | {' | '.join(cells)} |"
    held = [", ".join(matrix.held(at)) for at in range(len(names))]
    if any(held):
        yield f"| beside the claims | {' | '.join(held)} |"
    for system in report.systems:
        yield from _system(report, system)


def _system(report: Report, system: SystemRun) -> Iterator[str]:
    changed = [result for result in system.results if result.change]
    bad = [result for result in system.results if result.verdict in BAD]
    if bad:
        yield f"\n## {_plain(system.name)}: {len(bad)} of {len(system.results)} go wrong\n"
        yield from _cases(report, bad)
    if changed:
        yield f"\n## {_plain(system.name)}: against the baseline\n"
        yield "| change | case | was | is |"
        yield "|---|---|---|---|"
        for one in changed[:TOLD]:
            yield f"| {one.change} | {one.case} | {one.expected or '-'} | {one.verdict} |"
        if len(changed) > TOLD:
            yield f"| and {len(changed) - TOLD} more | | | |"


def _cases(report: Report, bad: Sequence[Result]) -> Iterator[str]:
    cases = {case.id: case for case in report.cases}
    for result in bad[:TOLD]:
        case = cases[result.case]
        yield f"- {GLYPHS[result.verdict]} {result.verdict} {result.case} {_plain(case.name)}"
        yield f"  <br>{_plain(result.reason)}"
        yield f"  <br><code>{_plain(result.rerun)}</code>"
    if len(bad) > TOLD:
        yield f"- and {len(bad) - TOLD} more"


def _plain(text: str) -> str:
    """Return `text` so that nothing in it is markup, and it stands on one line."""
    line = visible(" ".join(text.split()))
    return re.sub(r"[^\w\s.,;:/()'\"-]", lambda sign: f"&#{ord(sign[0])};", line)


def matrix_csv(report: Report) -> str:
    """Return the matrix of `report`; no cell begins a formula, whatever a system is called."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*COLUMNS, *(_cell(system.name) for system in report.systems)])
    for row in Matrix(report).rows:
        one = row.obligation
        facts = (one.id, one.kind, one.claim or "", one.level, one.step, row.case_count, one.text)
        writer.writerow(
            [*(_cell(str(fact)) for fact in facts), *(cell.verdict for cell in row.cells)]
        )
    return text.getvalue()


def _cell(text: str) -> str:
    text = visible(text)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
