"""`reperso load`: do many users change through the served system, also while parts of it die?"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from impl.errors import RepersonalizationError
from impl.served.load import Load, LoadError, LoadPlan, Outcome
from reperso.errors import ExitCode, UndecidedError, UsageError
from reperso.progress import Count

SHARES = {"median": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}
"""What is told of times: below it are so many of them."""
MOST_SHOWN = 20
"""Faults that are printed, and kinds of trouble in the logs."""


def load(arguments: argparse.Namespace) -> ExitCode:
    """Carry out `reperso load`; FAILED if somebody did not arrive, or something does not hold."""
    plan = LoadPlan(
        cards=arguments.cards,
        at_once=arguments.at_once,
        rate=arguments.rate,
        faults=tuple(arguments.faults),
        down_s=arguments.down,
        patience_s=arguments.patience,
        longest_s=arguments.longest,
        servers=arguments.servers,
        databases=tuple(arguments.databases),
    )
    if arguments.output is not None:
        arguments.output.touch()  # what cannot be written is to be known before the load
    count = Count(sys.stderr)
    with tempfile.TemporaryDirectory(prefix="reperso-load-") as passing:
        folder = arguments.folder or Path(passing)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            outcome = asyncio.run(Load(folder, plan, count.at, _show).run())
        except LoadError as error:
            raise UsageError("", str(error)) from error
        except RepersonalizationError as error:
            raise UndecidedError("", str(error)) from error
        finally:
            count.end()
    for line in told(outcome):
        sys.stdout.write(f"{line}\n")
    if arguments.output is not None:
        arguments.output.write_text(json.dumps(as_json(outcome), indent=2) + "\n", "utf-8")
    return ExitCode.EXPECTED if outcome.is_good else ExitCode.FAILED


def told(outcome: Outcome) -> Iterable[str]:
    """Yield what came of a load, line by line."""
    plan, rate = outcome.plan, outcome.arrived / (outcome.took_s or 1.0)
    again = outcome.asked - outcome.arrived
    yield (
        f"{outcome.arrived} of {plan.cards} users changed in {outcome.took_s:.1f} s: "
        f"{rate:.1f} a second; asked again: {again}"
    )
    if outcome.struck:
        yield f"meanwhile: {'; '.join(outcome.struck)}"
    yield f"\n{'seconds':42}" + "".join(f"{name:>9}" for name in SHARES)
    for phase, times in outcome.phases.items():
        yield f"{phase:42}" + "".join(f"{one:9.3f}" for one in shares(times).values())
    if outcome.troubles:
        yield "\nin the logs:"
    often = sorted(outcome.troubles.items(), key=lambda one: one[1], reverse=True)
    for trouble, count in often[:MOST_SHOWN]:
        yield f"  {count} x {trouble}"
    if not outcome.faults:
        yield f"\nall that {plan.cards} cards, the registers and the server keep holds together"
        return
    yield f"\n{len(outcome.faults)} faults in what cards, registers and server keep:"
    yield from (f"  {fault}" for fault in outcome.faults[:MOST_SHOWN])


def shares(times: Sequence[float]) -> Mapping[str, float]:
    """Return by name how long at most that share of the times is; nothing if there are none."""
    ordered = sorted(times)
    return {
        name: ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan
        for name, share in SHARES.items()
    }


def as_json(outcome: Outcome) -> Mapping[str, object]:
    """Return the same for a program: seconds, and counts."""
    found = asdict(outcome)
    found["phases"] = {phase: shares(times) for phase, times in outcome.phases.items() if times}
    found["plan"]["databases"] = [node for node, _ in outcome.plan.databases]  # no password
    return {"schema": "urn:reperso:load:1", "is_good": outcome.is_good, **found}


def _show(line: str) -> None:
    """Pass on what a process wrote that is no line of a log."""
    sys.stderr.write(f"{line}\n")
