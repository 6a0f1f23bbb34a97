"""`reperso interleavings`: do requests at once end as some sequence of them would?"""

from __future__ import annotations

import argparse
import sys

from reperso.crashes import MOST_SHOWN, load_system
from reperso.errors import ExitCode, NothingSelectedError
from reperso.progress import Count
from steps.checks.concurrency import CASES
from steps.checks.interleavings import Interleavings, explore_interleavings
from steps.driver import Setup, UnsupportedError


def interleavings(arguments: argparse.Namespace) -> ExitCode:
    """Carry out `reperso interleavings`; FAILED if no sequence explains an order."""
    cases = [one for one in CASES if arguments.case in one.name]
    if not cases:
        names = ", ".join(one.name for one in CASES)
        raise NothingSelectedError("", f"no case {arguments.case!r}: there are {names}")
    factory = load_system(arguments.sut, arguments.seed)
    count = Count(sys.stderr)
    try:
        found = explore_interleavings(
            factory, cases, arguments.most, Setup(arguments.seed), count.at
        )
    except UnsupportedError as error:
        raise NothingSelectedError(arguments.sut, str(error)) from error
    count.end()
    _print(found)
    return ExitCode.FAILED if found.findings else ExitCode.EXPECTED


def _print(found: Interleavings) -> None:
    for name, runs in found.runs.items():
        extent = "all that differ" if found.is_complete[name] else "of more"
        ends = len(found.outcomes[name])
        sys.stdout.write(f"{name}: {runs} orders, {extent}; {ends} different ends\n")
    for finding in found.findings[:MOST_SHOWN]:
        sys.stdout.write(f"\n{finding}\n")
    sys.stdout.write(f"{sum(found.runs.values())} runs, {len(found.findings)} findings\n")
