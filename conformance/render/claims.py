"""Claim charts in the form of patent practice, one for each claim, the independent ones first.

A row is an element, how it is construed, where the specification supports it (quoted), the tests,
the evidence and the verdict. The construction of an element is the rule that the features state of
it, in plain words, and what the glossary says of the words that the element uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from conformance.catalogue import Case
from conformance.evidence import Report, Result
from conformance.glossary import Term
from conformance.matrix import Matrix, Row

MOST_TESTS = 12
"""Cases that a row names one by one; the page has the others."""


@dataclass(frozen=True, slots=True)
class Support:
    """A paragraph that an element cites."""

    number: int
    text: str  # empty where the report has no text of it
    quoted_at: str  # the element of this chart whose row quotes it already; else empty


@dataclass(frozen=True, slots=True)
class Evidence:
    """What decided an element on one system: of the case that leads its cell."""

    system: str
    case: str
    messages: int
    answer: str  # the last thing that was asked and answered


@dataclass(frozen=True, slots=True)
class ChartRow:
    """One element of a claim."""

    row: Row
    rules: tuple[str, ...]
    terms: tuple[Term, ...]
    support: tuple[Support, ...]
    tests: tuple[Case, ...]
    more_tests: int
    evidence: tuple[Evidence | None, ...]  # one for each system


@dataclass(frozen=True, slots=True)
class ClaimChart:
    """One claim, as far as it has cases."""

    claim: int
    title: str
    is_independent: bool
    rows: tuple[ChartRow, ...]
    standings: tuple[str, ...]  # one for each system


def claim_charts(report: Report, matrix: Matrix) -> tuple[ClaimChart, ...]:
    """Return a chart of every claim with a case: independent claims first, then the others."""
    independent = report.background.specification.independent
    titles = _titles(report)
    standings = [dict(matrix.standings(at)) for at in range(len(report.systems))]
    verifying: dict[str, list[Case]] = {one.id: [] for one in report.obligations}
    for case in report.cases:
        for obligation in case.obligations:
            verifying[obligation].append(case)
    charts = []
    for claim, rows in matrix.claims().items():
        if not any(row.case_count for row in rows):
            continue
        said = tuple(found[claim].words if claim in found else "not run" for found in standings)
        title = titles.get(claim, f"Claim {claim}")
        shown = tuple(_rows(report, rows, verifying))
        charts.append(ClaimChart(claim, title, claim in independent, shown, said))
    return tuple(sorted(charts, key=lambda chart: not chart.is_independent))


def _rows(
    report: Report, rows: Sequence[Row], verifying: Mapping[str, Sequence[Case]]
) -> Iterator[ChartRow]:
    quoted: dict[int, str] = {}
    for row in rows:
        id_ = row.obligation.id
        tests = tuple(verifying[id_])
        yield ChartRow(
            row=row,
            rules=tuple(dict.fromkeys(case.rule for case in tests if case.rule)),
            terms=tuple(_terms(row.obligation.text, report.background.terms)),
            support=tuple(_support(report, row, quoted)),
            tests=tests[:MOST_TESTS],
            more_tests=max(0, len(tests) - MOST_TESTS),
            evidence=tuple(
                _evidence(system.name, cell.leading) if cell.results else None
                for system, cell in zip(report.systems, row.cells, strict=True)
            ),
        )


def _support(report: Report, row: Row, quoted: dict[int, str]) -> Iterator[Support]:
    paragraphs = report.background.specification.paragraphs
    for number in row.obligation.cites:
        text = paragraphs.get(number, "")
        at = quoted.get(number, "") if text else ""
        yield Support(number, "" if at else text, at)
        quoted.setdefault(number, row.obligation.id)


def _terms(text: str, terms: Sequence[Term]) -> Iterator[Term]:
    words = set(re.findall(r"\w+", text))
    for term in terms:
        labels = (label.split("(")[0] for label in re.split(r" / |, |\(", term.term))
        if any(label.strip(" )") in words for label in labels):
            yield term


def _evidence(system: str, result: Result) -> Evidence:
    said = [call for step in result.steps for call in step.calls if call.answer]
    answer = f"{said[-1].call} = {said[-1].answer}" if said else ""
    return Evidence(system, result.case, len(result.messages), answer)


def _titles(report: Report) -> dict[int, str]:
    """Return, for each claim, the name of the feature that is tagged with it."""
    titles: dict[int, str] = {}
    for case in report.cases:
        for tag in case.tags:
            kind, _, number = tag.partition("-")
            if kind == "claim" and number.isdecimal():
                titles.setdefault(int(number), case.feature)
    return titles
