"""`reperso replay CASE`: runs a case again as it ran, and shows it as it happens."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO, cast

from conformance.clock import Clock
from conformance.document import read_report
from conformance.evidence import Message
from conformance.recorder import Recorder
from conformance.visible import visible
from reperso.cli import make_parser
from reperso.errors import ExitCode, UsageError
from reperso.explain import message_lines
from reperso.features import load_suite
from reperso.listener import Writer
from reperso.progress import painted, wants_colour
from reperso.runner import Engine
from reperso.statements import rerun_command, systems_of
from reperso.verify import exit_code
from steps.driver import Driver, Factory, Setup


def replay(arguments: argparse.Namespace) -> ExitCode:
    """Carry out `reperso replay`."""
    suite = load_suite()
    case = suite.catalogue.case(arguments.case)
    if case is None:
        raise UsageError(arguments.case, "there is no such case; `reperso run --list` lists them")
    system = systems_of(_again(arguments), suite)[0]
    system.demand_makeable()
    stage = Stage(sys.stdout, octets=arguments.octets)
    recorder = Recorder(suite.catalogue, rerun_command(()), Clock())
    sys.stdout.write(f"{case.id}  {case.name}  ({system.name}, seed {system.seed})\n")
    told = replace(system, factory=stage.of(system.factory))
    run, interrupted = Engine(suite).run(told, [case], recorder, lambda _: None, stage.step)
    (result,) = run.results
    verdict = painted(result.verdict, colour=wants_colour(sys.stdout)).strip()
    sys.stdout.write(f"\n{verdict}{f' - {visible(result.reason)}' if result.reason else ''}\n")
    report = recorder.report("", "")
    return ExitCode.INTERRUPTED if interrupted else exit_code(report)


def _again(arguments: argparse.Namespace) -> argparse.Namespace:
    """Return the command by which the report runs the case again, but for what is said now.

    Without a report, or where the case did not run on that system, it is as by default.
    """
    words = ["run", arguments.case]
    path = Path(arguments.report)
    runs = read_report(path).systems if path.exists() else ()
    results = [(run.name, one) for run in runs for one in run.results if one.case == arguments.case]
    found = [one.rerun for name, one in results if arguments.sut in (None, name)]
    if found:
        words = shlex.split(found[0])[1:]
    elif arguments.sut:
        words += ["--sut", arguments.sut]
    again = make_parser().parse_args(words)
    again.define += arguments.define
    if arguments.seed is not None:
        again.seed = arguments.seed
    return again


@dataclass(slots=True)
class Stage:
    """Shows what happens: each step when it begins, and each message once it has passed."""

    stream: TextIO
    octets: bool = False
    _shown: int = 0
    _writer: Writer = field(default_factory=Writer)

    def of(self, factory: Factory) -> Factory:
        """Return a factory whose drivers are watched from here."""

        def make(setup: Setup) -> Driver:
            self._shown = 0
            return cast("Driver", _Watched(factory(setup), self.catch_up))

        return make

    def step(self, step: Any) -> None:
        """Say that a step begins."""
        self.stream.write(visible(f"\n{step.keyword} {step.name}\n"))
        self.stream.flush()

    def catch_up(self, driver: Any) -> None:
        """Show what passed since."""
        ask = getattr(driver, "exchanges", None)
        exchanges = ask() if ask is not None else ()
        for message in map(self._writer.message_of, exchanges[self._shown :]):
            self.stream.writelines(f"{line}\n" for line in self._lines(message))
        self._shown = len(exchanges)
        self.stream.flush()

    def _lines(self, message: Message) -> list[str]:
        lines = list(message_lines(message))
        return lines if self.octets else lines[:1]


class _Watched:
    """A driver after each call of which somebody looks."""

    def __init__(self, driver: Driver, look: Callable[[Any], None]) -> None:
        self._driver = driver
        self._look = look

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._driver, name)
        if not callable(member) or name in ("close", "exchanges"):
            return member

        def call(*arguments: Any, **facts: Any) -> Any:
            try:
                return member(*arguments, **facts)
            finally:
                self._look(self._driver)

        return call
