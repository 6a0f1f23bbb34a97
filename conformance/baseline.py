"""Baselines: the verdict that each case is expected to have, and why where it is a bad one.

A case that is not listed is expected to pass, or not to apply. A short baseline thus holds
what goes wrong only; one that lists every case also notices cases that are gone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from conformance.errors import Problem, SourceError
from conformance.evidence import Report, Result
from conformance.source import Source, read_source
from conformance.verdicts import Verdict

SCHEMA = "urn:reperso:baseline:1"
HEADER = (
    "# What each case is expected to show on each system; what is bad says why, and how long.\n"
)


@dataclass(frozen=True, slots=True)
class Line:
    """What is expected of a case. PASS and NA need no reason."""

    verdict: Verdict
    reason: str = ""
    link: str = ""
    expires: str = ""  # the last day, as YYYY-MM-DD

    def __str__(self) -> str:
        if not self.reason:
            return str(self.verdict)
        facts = {"verdict": str(self.verdict), "reason": self.reason, "link": self.link}
        facts["expires"] = self.expires
        said = (
            f"{name}: {json.dumps(value, ensure_ascii=False) if name != 'verdict' else value}"
            for name, value in facts.items()
            if value
        )
        return f"{{{', '.join(said)}}}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why, and how long, a bad verdict is expected that was not expected before."""

    reason: str
    expires: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is expected of systems, by their names and case ids."""

    systems: Mapping[str, Mapping[str, Line]]

    def of(self, system: str) -> Mapping[str, Line]:
        """Return what is expected of a system."""
        return self.systems.get(system, {})

    def unexplained(self, report: Report) -> list[tuple[str, Result]]:
        """Return the bad results of a report that no line explains, by system."""
        return [
            (run.name, result)
            for run in report.systems
            for result in run.results
            if result.verdict in _NEED_REASON and not _explains(self.of(run.name), result)
        ]

    def updated(
        self, report: Report, explanation: Explanation | None, *, every: bool = False
    ) -> Baseline:
        """Return what a report shows as what is expected, with the explanations that still hold.

        Lines of other systems, and of cases that were not run, stay; of cases that are gone, not.
        A case that goes well gets a line only if `every` case is to have one.

        Raises:
            ValueError: a bad result is new, and there is no explanation.
        """
        if explanation is None and (new := self.unexplained(report)):
            raise ValueError(f"{len(new)} results need an explanation")
        there = {case.id for case in report.cases}
        systems = dict(self.systems)
        for run in report.systems:
            old = self.of(run.name)
            shown = {
                result.case: _line(result, old.get(result.case), explanation)
                for result in run.results
                if result.verdict is not Verdict.SKIP
            }
            kept = {case: line for case, line in old.items() if case in there}
            lines = kept | shown
            if not every:
                lines = {case: line for case, line in lines.items() if line.reason}
            systems[run.name] = {
                case.id: lines[case.id] for case in report.cases if case.id in lines
            }
        return Baseline(systems)

    def write(self, path: Path) -> None:
        """Write it as YAML, whole or not at all."""
        beside = path.with_name(f".{path.name}.partial")
        beside.write_text("".join(self._text()), encoding="utf-8")
        beside.replace(path)

    def _text(self) -> Iterator[str]:
        yield f"{HEADER}schema: {SCHEMA}\nsystems:{'' if self.systems else ' {}'}\n"
        for name, lines in self.systems.items():
            yield f"  {json.dumps(name, ensure_ascii=False)}:{'' if lines else ' {}'}\n"
            yield from (f"    {case}: {line}\n" for case, line in lines.items())


_NEED_REASON = frozenset({Verdict.FAIL, Verdict.INCONC, Verdict.ERROR})


def _explains(lines: Mapping[str, Line], result: Result) -> bool:
    line = lines.get(result.case)
    return line is not None and line.verdict is result.verdict


def _line(result: Result, old: Line | None, explanation: Explanation | None) -> Line:
    if old is not None and old.verdict is result.verdict:
        return old
    if result.verdict not in _NEED_REASON:
        return Line(result.verdict)
    assert explanation is not None
    return Line(result.verdict, explanation.reason, explanation.link, explanation.expires)


def read_baseline(path: Path) -> Baseline:
    """Read a baseline.

    Raises:
        SourceError: as `read_source`; or a day that is none.
    """
    source = read_source(path, "baseline.schema.json")
    problems: list[Problem] = []
    systems = {
        system: {case: _read_line(source, (system, case), problems) for case in lines}
        for system, lines in source.value["systems"].items()
    }
    if problems:
        raise SourceError(problems)
    return Baseline(systems)


def _read_line(source: Source, place: tuple[str, str], problems: list[Problem]) -> Line:
    system, case = place
    found = source.value["systems"][system][case]
    if isinstance(found, str):
        return Line(Verdict(found))
    if not is_day(found["expires"]):
        what = f"{case}: {found['expires']} is no day"
        problems.append(source.problem(what, "systems", system, case))
    return Line(Verdict(found["verdict"]), found["reason"], found.get("link", ""), found["expires"])


def is_day(text: str) -> bool:
    """Whether `text` is a day of the calendar, as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
