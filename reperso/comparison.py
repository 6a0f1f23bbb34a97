"""`reperso diff` and `reperso baseline`: what changed, and whether that was expected."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from conformance.baseline import Baseline, Explanation, is_day, read_baseline
from conformance.changes import (
    Change,
    Difference,
    against,
    between,
)
from conformance.document import read_report
from conformance.verdicts import Verdict
from reperso.differences import FORMS, demand_comparable, entries, line_of, summary_of
from reperso.errors import ExitCode, UsageError
from reperso.features import here_or_installed

WORSE = (Change.REGRESSED, Change.NEW_FAIL)
UNDECIDED = frozenset({Verdict.INCONC, Verdict.ERROR})
COUNTED = frozenset({Change.NEW_PASS})
"""Changes of which the terminal tells only how many there are."""


def diff(arguments: argparse.Namespace) -> ExitCode:
    """Say what changed from one report to another."""
    before, after = (read_report(Path(name)) for name in (arguments.before, arguments.after))
    demand_comparable(before, after)
    differences = between(before, after)
    found = list(entries(differences, before, after, every=arguments.all))
    sys.stdout.write(FORMS[arguments.format](found))
    worse = [one for one in differences if one.change in WORSE]
    return _code_of(worse) if worse else ExitCode.EXPECTED


def baseline(arguments: argparse.Namespace) -> ExitCode:
    """Write down what a report shows as what is expected, or hold it against that."""
    path, report = Path(arguments.baseline), read_report(Path(arguments.report))
    if arguments.action == "check":
        differences = against(report, read_baseline(Path(here_or_installed(arguments.baseline))))
        said = list(told_of(differences)) or [summary_of(differences)]
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
    yield from (line_of(one) for one in differences if one.change not in COUNTED)
    yield summary_of(differences)


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
