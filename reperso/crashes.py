"""`reperso crashes`: wherever a party dies in a change, does the change end as it should?"""

from __future__ import annotations

import argparse
import sys

from reperso.errors import ExitCode, NothingSelectedError, UsageError
from reperso.progress import Count
from reperso.runner import System
from steps.checks.crashes import Enumeration, Extent, enumerate_crashes
from steps.checks.scenarios import SCENARIOS
from steps.driver import DriverError, Factory, Setup
from steps.drivers import load

MOST_SHOWN = 20
"""Findings that are printed in full."""


def crashes(arguments: argparse.Namespace) -> ExitCode:
    """Carry out `reperso crashes`; FAILED if a death had consequences."""
    scenarios = [one for one in SCENARIOS if arguments.scenario in one.name]
    if not scenarios:
        names = ", ".join(one.name for one in SCENARIOS)
        raise NothingSelectedError("", f"no scenario {arguments.scenario!r}: there are {names}")
    factory = load_system(arguments.sut, arguments.seed)
    extent = Extent(
        stride=arguments.stride, pairs=arguments.pairs, parties=frozenset(arguments.party)
    )
    count = Count(sys.stderr)
    found = enumerate_crashes(factory, scenarios, extent, Setup(arguments.seed), count.at)
    count.end()
    _print(found)
    if found.findings:
        return ExitCode.FAILED
    if not found.runs:
        raise NothingSelectedError("", _why_none(found, arguments.party))
    return ExitCode.EXPECTED


def load_system(name: str, seed: int) -> Factory:
    """Return the factory of a system; UsageError if there is none, or it makes no driver."""
    try:
        factory = load(name)
    except DriverError as error:
        raise UsageError("--sut", str(error)) from error
    System(name, factory, seed).demand_makeable()
    return factory


def _why_none(found: Enumeration, parties: list[str]) -> str:
    if found.moments and not found.unsupported:
        known = sorted({name for moments in found.moments.values() for name in moments})
        return f"nobody is called {' or '.join(parties)}: there are {', '.join(known)}"
    return "the system has none of the scenarios"


def _print(found: Enumeration) -> None:
    for name, moments in found.moments.items():
        told = ", ".join(f"{party} {count}" for party, count in sorted(moments.items()))
        sys.stdout.write(f"{name}: moments of {told}\n")
    for name, why in found.unsupported.items():
        sys.stdout.write(f"{name}: not applicable: {why}\n")
    for finding in found.findings[:MOST_SHOWN]:
        sys.stdout.write(f"\n{finding}\n")
    if len(found.findings) > MOST_SHOWN:
        sys.stdout.write(f"\nand {len(found.findings) - MOST_SHOWN} more\n")
    sys.stdout.write(f"{found.runs} runs, {len(found.findings)} findings\n")
