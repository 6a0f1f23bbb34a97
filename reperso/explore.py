"""`reperso explore`: every state that the model can reach, held against what must never be."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from model.diagrams import sequence_diagram
from model.explore import Exploration, Finding, explore
from model.scopes import Scope, one_card, several_cards
from model.table import Option
from reperso.errors import ExitCode, UsageError
from reperso.scenario import scenario_of

STRANDING = ("B08", "B03 B04 B14")
"""The first of these that is found is shown at length: a device that nobody serves any more."""
MOST_CARDS = 4


def run(arguments: argparse.Namespace) -> ExitCode:
    """Carry out `reperso explore`."""
    found = {scope.name: _explore(scope, arguments.limit) for scope in _scopes(arguments)}
    for name, exploration in found.items():
        sys.stdout.write(f"{name}: {_summary(exploration)}\n")
        bounded = any(bound is not None for bound in (arguments.faults, arguments.changes))
        if exploration.complete and not bounded and arguments.cards == 1:
            sys.stdout.writelines(
                f"  {one.cites}: nothing came near: {one.sentence}\n"
                for one in exploration.unwitnessed
            )
    findings = [one for exploration in found.values() for one in exploration.findings]
    shown = _shown(findings)
    if shown is not None:
        sys.stdout.write(f"\n{_gherkin(shown)}\n{_chart(shown)}")
    if arguments.json:
        _write(arguments.json, f"{json.dumps(_document(found), indent=2)}\n")
    if shown is not None and arguments.gherkin:
        _write(arguments.gherkin, _gherkin(shown))
    if shown is not None and arguments.chart:
        _write(arguments.chart, _chart(shown))
    if findings:
        return ExitCode.FAILED
    complete = all(exploration.complete for exploration in found.values())
    return ExitCode.EXPECTED if complete else ExitCode.UNDECIDED


def _scopes(arguments: argparse.Namespace) -> list[Scope]:
    """Return what is asked for.

    Raises:
        UsageError: a number that means nothing here; nothing was explored.
    """
    for name, least in (("faults", 0), ("changes", 0), ("limit", 1), ("identities", 1)):
        if (value := getattr(arguments, name)) is not None and value < least:
            raise UsageError(f"--{name}", f"{value} is less than {least}")
    if not 1 <= arguments.cards <= MOST_CARDS:
        raise UsageError("--cards", f"{arguments.cards}: one to {MOST_CARDS} cards can be explored")
    variants = {
        "hardened": (Option.HARDENED,),
        "literal": (Option.LITERAL,),
        "both": (Option.HARDENED, Option.LITERAL),
    }[arguments.variant]
    asking = Option.ACKNOWLEDGED if arguments.acknowledged else Option.UNACKNOWLEDGED
    return [_scope(arguments, variant, asking) for variant in variants]


def _scope(arguments: argparse.Namespace, variant: Option, asking: Option) -> Scope:
    if arguments.cards == 1:
        scope = one_card(variant, asking)
    else:
        scope = several_cards(arguments.cards, arguments.identities, variant, asking)
    return scope.bounded(faults=arguments.faults, changes=arguments.changes)


def _explore(scope: Scope, limit: int | None) -> Exploration:
    progress = _Rate(scope.name, sys.stderr)
    exploration = explore(
        scope.composition, scope.invariants, scope.good_ends, limit=limit, watch=progress.layer
    )
    progress.end()
    return exploration


class _Rate:
    """Says on a terminal how far the search is, and how fast; twice a second at most."""

    def __init__(self, name: str, stream: TextIO) -> None:
        self._name = name
        self._stream = stream
        self._begun = self._said = time.monotonic()

    def layer(self, states: int, depth: int) -> None:
        """Note that a layer of states is done."""
        now = time.monotonic()
        if self._stream.isatty() and now - self._said > 0.5:
            self._said = now
            rate = states / (now - self._begun)
            text = f"{self._name}: {states:,} states, depth {depth}, {rate:,.0f} states/s"
            self._stream.write(f"\r\033[K{text}")
            self._stream.flush()

    def end(self) -> None:
        """Take the line away."""
        if self._stream.isatty():
            self._stream.write("\r\033[K")
            self._stream.flush()


def _summary(exploration: Exploration) -> str:
    counts = f"{exploration.states:,} states, {exploration.edges:,} edges"
    counts += f", depth {exploration.depth}"
    cut = "" if exploration.complete else " (cut by the limit: there are more)"
    findings = "".join(f"\n  {finding}" for finding in exploration.findings)
    return f"{counts}{cut}, {len(exploration.findings)} findings{findings}"


def _shown(findings: Sequence[Finding]) -> Finding | None:
    for cites in STRANDING:
        for one in findings:
            if one.cites == cites:
                return one
    return min(findings, key=lambda one: len(one.trace), default=None)


def _plain(trace: Sequence[str]) -> list[str]:
    """Return events without the number of their card, which charts and sentences do not know."""
    return [event.rstrip("0123456789").rstrip("_") for event in trace]


def _gherkin(finding: Finding) -> str:
    return scenario_of(_plain(finding.trace), finding.cites, finding.sentence)


def _chart(finding: Finding) -> str:
    return sequence_diagram(_plain(finding.trace))


def _document(found: dict[str, Exploration]) -> dict[str, object]:
    return {
        name: {
            "states": one.states,
            "edges": one.edges,
            "depth": one.depth,
            "complete": one.complete,
            "findings": [
                {"cites": each.cites.split(), "not": each.sentence, "trace": list(each.trace)}
                for each in one.findings
            ],
            "unwitnessed": [each.sentence for each in one.unwitnessed],
        }
        for name, one in found.items()
    }


def _write(place: str, text: str) -> None:
    try:
        Path(place).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(place, error.strerror or "cannot be written") from error
