"""What changed: between two reports, and between a report and what is expected of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import zip_longest

from conformance.baseline import Baseline, Line
from conformance.evidence import Message, Report, Result, SystemRun
from conformance.verdicts import RANK, Verdict


class Change(StrEnum):
    """What became of a case since then."""

    REGRESSED = "REGRESSED"  # it is worse than it was
    NEW_FAIL = "NEW-FAIL"  # it did not apply or was not there, and goes wrong
    FIXED = "FIXED"  # it went wrong, and passes
    NEW_PASS = "NEW-PASS"  # noqa: S105 - it did not apply or was not there, and passes
    STILL_FAILING = "STILL-FAILING"  # it goes wrong as it did
    STALE = "STALE-EXPECTATION"  # what is expected of it does not hold any more
    REMOVED = "REMOVED"  # it was there, and is not


BAD = frozenset({Verdict.FAIL, Verdict.INCONC, Verdict.ERROR})
"""Verdicts that need an explanation."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One case of one system that is not what it was, or goes wrong still."""

    change: Change
    system: str
    case: str
    before: Verdict | None  # None if the case was not there
    after: Verdict | None
    why: str = ""  # the reason of the result, or of what was expected


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first message in which two exchanges differ."""

    number: int  # 1-based
    before: Message | None  # None if the exchange had ended there
    after: Message | None
    parts: tuple[str, ...]  # `field: before -> after`, or what else is not the same


def between(before: Report, after: Report) -> list[Difference]:
    """Return what changed from one report to another, system by system, in the order of cases.

    Systems that only one of them has are left out; so are cases that one of them did not run.
    """
    found: list[Difference] = []
    for run in after.systems:
        was = next((one for one in before.systems if one.name == run.name), None)
        if was is not None:
            there = {case.id for case in after.cases}
            found += _between(was, run, there)
    return found


def _between(before: SystemRun, after: SystemRun, there: set[str]) -> Iterator[Difference]:
    was = _results(before)
    now = _results(after)
    for case, result in now.items():
        old = was[case].verdict if case in was else None
        if change := _change(old, result.verdict):
            yield Difference(change, after.name, case, old, result.verdict, result.reason)
    for case, result in was.items():
        if case not in there:
            yield Difference(Change.REMOVED, after.name, case, result.verdict, None)


def _results(run: SystemRun) -> dict[str, Result]:
    return {one.case: one for one in run.results if one.verdict is not Verdict.SKIP}


def _change(before: Verdict | None, after: Verdict) -> Change | None:
    """Say what became of a case; None if nothing worth a line did."""
    if before in (None, Verdict.NA):
        if after in BAD:
            return Change.NEW_FAIL
        return Change.NEW_PASS if after is Verdict.PASS else None
    if before is Verdict.PASS:
        return None if after is Verdict.PASS else Change.REGRESSED
    if after is Verdict.PASS:
        return Change.FIXED
    assert before is not None
    if after in BAD and RANK[after] <= RANK[before]:
        return Change.STILL_FAILING
    return Change.REGRESSED if after in BAD else Change.STALE


def against(report: Report, baseline: Baseline) -> list[Difference]:
    """Hold a report against what is expected of it, both ways.

    Cases that were not run are not judged; an expectation of a case that does not exist is stale.
    That a case passes is only new to a baseline that lists those that do.
    """
    today = report.started[:10]
    there = {case.id for case in report.cases}
    found: list[Difference] = []
    for run in report.systems:
        lines = baseline.of(run.name)
        lists_all = any(line.verdict is Verdict.PASS for line in lines.values())
        judged = (
            _judge(run.name, case, result, lines.get(case), today)
            for case, result in _results(run).items()
        )
        found += (one for one in judged if one and (lists_all or one.change is not Change.NEW_PASS))
        found += (
            Difference(Change.REMOVED, run.name, case, line.verdict, None, _gone(line))
            for case, line in lines.items()
            if case not in there
        )
    return found


def _gone(line: Line) -> str:
    return f"there is no such case any more{f' ({line.reason})' if line.reason else ''}"


def _judge(
    system: str, case: str, result: Result, line: Line | None, today: str
) -> Difference | None:
    if line is None or line.verdict not in BAD:
        before = line.verdict if line else None
        change = _change(before, result.verdict)
        if before is Verdict.NA and change is Change.NEW_PASS:
            change = Change.FIXED
        why = result.reason
    else:
        change, why = _judge_bad(result, line, today)
        before = line.verdict
    if change is None:
        return None
    return Difference(change, system, case, before, result.verdict, why)


def _judge_bad(result: Result, line: Line, today: str) -> tuple[Change | None, str]:
    """Judge a case that is expected to go wrong."""
    change = _change(line.verdict, result.verdict)
    if change is not Change.STILL_FAILING:
        return change, result.reason or line.reason
    if result.verdict is not line.verdict:
        return Change.STALE, f"{line.verdict} was expected: {line.reason}"
    if line.expires < today:
        return Change.STALE, f"expired on {line.expires}: {line.reason}"
    return Change.STILL_FAILING, f"{line.reason}{f' ({line.link})' if line.link else ''}"


def marked(report: Report, differences: Iterable[Difference]) -> Report:
    """Return `report` with what changed noted in each result."""
    changes = {(one.system, one.case): one for one in differences}

    def noted(system: str, result: Result) -> Result:
        change = changes.get((system, result.case))
        if change is None:
            return result
        return replace(result, change=change.change, expected=change.before or "")

    systems = tuple(
        replace(run, results=tuple(noted(run.name, result) for result in run.results))
        for run in report.systems
    )
    return replace(report, systems=systems)


def first_divergence(before: Result, after: Result, *, contents: bool = True) -> Divergence | None:
    """Return the first message that is not the same in both; None if all are.

    Numbers and times are not compared: what is late is not other. Without `contents` messages are
    the same that go the same way by the same name, whatever they say.
    """
    pairs = zip_longest(before.messages, after.messages)
    for number, (old, new) in enumerate(pairs, start=1):
        if old is None or new is None:
            return Divergence(number, old, new, ())
        if parts := tuple(_parts(old, new, contents=contents)):
            return Divergence(number, old, new, parts)
    return None


def _parts(old: Message, new: Message, *, contents: bool) -> Iterator[str]:
    for name in ("sender", "receiver", "protocol", "name", "delivered"):
        if getattr(old, name) != getattr(new, name):
            yield f"{name}: {getattr(old, name)} -> {getattr(new, name)}"
    if not contents:
        return
    yield from _fields(old.fields, new.fields)
    if old.octets != new.octets:
        pairs = zip_longest(_octets(old.octets), _octets(new.octets))
        at = next(at for at, (one, other) in enumerate(pairs) if one != other)
        yield f"octet {at + 1} of {len(old.octets) // 2} -> {len(new.octets) // 2}"


def _fields(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            yield f"{name}: {old.get(name, '(none)')} -> {new.get(name, '(none)')}"


def _octets(digits: str) -> list[str]:
    return [digits[at : at + 2] for at in range(0, len(digits), 2)]
