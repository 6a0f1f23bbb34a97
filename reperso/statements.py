"""The systems of a run: those that `--sut` names, and those that `--ics` makes statements of."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from conformance.catalogue import Case
from conformance.ics import Applicability, Statement, fault_of, read_applicability, read_statement
from conformance.recorder import Rerun
from reperso.errors import UsageError
from reperso.features import Suite, here_or_installed
from reperso.hooks import DEFAULT_SYSTEM
from reperso.runner import System
from steps.driver import DriverError, Factory
from steps.drivers import load


def systems_of(arguments: argparse.Namespace, suite: Suite) -> list[System]:
    """Return the systems that a command names, each once, in the order of the command line.

    A statement goes with the `--sut` that bears its name or makes its system, or stands for itself.

    Raises:
        UsageError: a system that cannot be found, two statements of one name, a wrong option.
        SourceError: a statement, or the applicability of the suite, is not as it has to be.
    """
    statements, applicability = _statements(arguments, suite)
    suts = arguments.sut or ([] if statements else [DEFAULT_SYSTEM])
    found: dict[str, System] = {}
    for sut in suts:
        stated = [one for one in statements if sut in (one.name, one.sut)]
        found.update((one.name, _stated(one, applicability, arguments)) for one in stated)
        if not stated:
            found[sut] = System(sut, factory_of(sut), arguments.seed, dict(arguments.define))
    for one in statements:
        if one.name not in found:
            found[one.name] = _stated(one, applicability, arguments)
    return list(found.values())


def factory_of(sut: str) -> Factory:
    """Return what makes a system.

    Raises:
        UsageError: there is no such system, or it is no factory.
    """
    try:
        return load(sut)
    except DriverError as error:
        raise UsageError("--sut", str(error)) from error


def _statements(
    arguments: argparse.Namespace, suite: Suite
) -> tuple[list[Statement], Applicability]:
    if not arguments.ics:
        return [], Applicability({}, ())
    applicability = read_applicability(suite.folder, suite.catalogue)
    found: dict[str, Statement] = {}
    for name in dict.fromkeys(arguments.ics):
        path = Path(here_or_installed(name))
        statement = replace(read_statement(path, applicability.options), file=name)
        if statement.name in found:
            what = f"{found[statement.name].file} is about {statement.name}, too"
            raise UsageError(name, what)
        found[statement.name] = statement
    return list(found.values()), applicability


def _stated(
    statement: Statement, applicability: Applicability, arguments: argparse.Namespace
) -> System:
    for name, value in arguments.define:
        known = name in applicability.options
        if known and (what := fault_of(name, value, applicability.options)):
            raise UsageError("-D", what)
    options = {**statement.options, **dict(arguments.define)}
    return System(
        statement.name,
        factory_of(statement.sut),
        arguments.seed,
        options,
        statement.file,
        applicability.not_applicable(options),
    )


def rerun_command(define: Sequence[tuple[str, str]], systems: Sequence[System] = ()) -> Rerun:
    """Return what makes the command that runs a case again."""
    options = "".join(f" -D {shlex.quote(f'{name}={value}')}" for name, value in define)
    statements = {system.name: system.statement for system in systems if system.statement}

    def command(case: Case, system: str, seed: int) -> str:
        words = f"--sut {shlex.quote(system)}"
        if system in statements:
            words = f"--ics {shlex.quote(statements[system])}"
        return f"reperso run {case.id} {words} --seed {seed}{options}"

    return command
