"""`reperso diff` and `reperso baseline`: what changed, and whether that was expected."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from conformance.baseline import Baseline, Explanation, is_day, read_baseline
from conformance.changes import (
    Change,
    Difference,
    against,
    between,
    first_divergence,
)
from conformance.document import read_report
from conformance.evidence import Message, Report, Result
from conformance.verdicts import Verdict
from reperso.errors import ExitCode, UsageError
from reperso.features import here_or_installed

WORSE = (Change.REGRESSED, Change.NEW_FAIL)
UNDECIDED = frozenset({Verdict.INCONC, Verdict.ERROR})
COUNTED = frozenset({Change.NEW_PASS})
"""Changes of which the terminal tells only how many there are."""


def diff(arguments: argparse.Namespace) -> ExitCode:
    """Say what changed from one report to another."""
    before, after = (read_report(Path(name)) for name in (arguments.before, arguments.after))
    differences = between(before, after)
    for difference in differences:
        sys.stdout.write(f"{_line(difference)}\n")
        sys.stdout.writelines(f"    {line}\n" for line in _divergence(difference, before, after))
    if arguments.all:
        sys.stdout.writelines(f"{line}\n" for line in _others(differences, before, after))
    sys.stdout.write(f"{_summary(differences)}\n")
    worse = [one for one in differences if one.change in WORSE]
    return _code_of(worse) if worse else ExitCode.EXPECTED


def baseline(arguments: argparse.Namespace) -> ExitCode:
    """Write down what a report shows as what is expected, or hold it against that."""
    path, report = Path(arguments.baseline), read_report(Path(arguments.report))
    if arguments.action == "check":
        differences = against(report, read_baseline(Path(here_or_installed(arguments.baseline))))
        said = list(told_of(differences)) or [_summary(differences)]
        sys.stdout.writelines(f"{line}\n" for line in said)
        return judged(differences)
    there = read_baseline(path) if path.exists() else Baseline({})
    explanation = _explanation(arguments)
    new = there.unexplained(report)
    if new and explanation is None:
        cases = ", ".join(f"{result.case} ({system})" for system, result in new[:5])
        more = f" and {len(new) - 5} more" if len(new) > 5 else ""
        what = f"say why these are expected to go wrong, by --reason and --expires: {cases}{more}"
        raise UsageError("", what)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        there.updated(report, explanation, every=arguments.all).write(path)
    except OSError as error:
        raise UsageError(str(path), error.strerror or "cannot be written") from error
    sys.stdout.write(f"baseline: {path}; {len(new)} explained by this reason\n")
    return ExitCode.EXPECTED


def _explanation(arguments: argparse.Namespace) -> Explanation | None:
    if not arguments.reason and not arguments.expires:
        return None
    if not (arguments.reason and arguments.expires):
        raise UsageError("", "--reason and --expires go together: why, and until when")
    if not is_day(arguments.expires):
        raise UsageError("--expires", f"{arguments.expires!r} is no day such as 2027-06-30")
    return Explanation(arguments.reason, arguments.expires, arguments.link)


def told_of(differences: Sequence[Difference]) -> Iterator[str]:
    """Yield what a baseline says of a run, a line each, and how many of each there are."""
    if not differences:
        return
    yield from (_line(one) for one in differences if one.change not in COUNTED)
    yield _summary(differences)


def judged(differences: Iterable[Difference]) -> ExitCode:
    """Return the exit code of a run that was held against a baseline."""
    found = list(differences)
    worse = [one for one in found if one.change in WORSE]
    if worse:
        return _code_of(worse)
    stale = {Change.FIXED, Change.STALE, Change.REMOVED}
    return ExitCode.STALE if any(one.change in stale for one in found) else ExitCode.EXPECTED


def _code_of(worse: Sequence[Difference]) -> ExitCode:
    decided = any(one.after not in UNDECIDED for one in worse)
    return ExitCode.FAILED if decided else ExitCode.UNDECIDED


def _line(one: Difference) -> str:
    way = f"{one.before or '-'} -> {one.after or '-'}"
    return f"{one.change:<17} {one.case:<16} {one.system}  {way}  {one.why}".rstrip()


def _summary(differences: Sequence[Difference]) -> str:
    counts = Counter(one.change for one in differences)
    said = ", ".join(f"{counts[change]} {change}" for change in Change if counts[change])
    return f"changes: {said or 'none'}"


def _results(report: Report, system: str) -> dict[str, Result]:
    runs = [run for run in report.systems if run.name == system]
    return {result.case: result for run in runs for result in run.results}


def _divergence(one: Difference, before: Report, after: Report) -> Iterator[str]:
    """Yield the first message of a case that is not the same in both reports."""
    old = _results(before, one.system).get(one.case)
    new = _results(after, one.system).get(one.case)
    if old is not None and new is not None:
        yield from _first(old, new)


def _first(old: Result, new: Result) -> Iterator[str]:
    divergence = first_divergence(old, new)
    if divergence is None:
        return
    yield f"message {divergence.number} is the first that differs"
    if divergence.parts:
        yield f"  {_way(divergence.after or divergence.before)}"
        yield from (f"  {part}" for part in divergence.parts)
    else:
        yield f"  before: {_way(divergence.before)}"
        yield f"  after:  {_way(divergence.after)}"


def _way(message: Message | None) -> str:
    if message is None:
        return "nothing more passed"
    return f"{message.sender} -> {message.receiver}: {message.protocol} {message.name}"


def _others(differences: Sequence[Difference], before: Report, after: Report) -> Iterator[str]:
    """Yield the cases of the same verdict whose messages are not the same."""
    told = {(one.system, one.case) for one in differences}
    for run in after.systems:
        was = _results(before, run.name)
        for result in run.results:
            if result.case in was and (run.name, result.case) not in told:
                lines = list(_first(was[result.case], result))
                if lines:
                    yield f"{'MESSAGES':<17} {result.case:<16} {run.name}  {result.verdict}"
                    yield from (f"    {line}" for line in lines)
