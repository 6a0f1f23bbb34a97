"""`reperso completion SHELL`: a script for the shell, made once: completing runs nothing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence

import shtab

from reperso.cli import make_parser
from reperso.errors import ExitCode
from reperso.features import load_suite
from steps.drivers import SYSTEMS


def completion(arguments: argparse.Namespace) -> ExitCode:
    """Print the script that completes commands, options, systems and case ids in a shell."""
    parser = make_parser()
    cases = [case.id for case in load_suite().catalogue.cases]
    _offer(parser, {"sut": sorted(SYSTEMS), "case": cases, "places": cases})
    sys.stdout.write(f"{shtab.complete(parser, arguments.shell)}\n")
    return ExitCode.EXPECTED


def _offer(parser: argparse.ArgumentParser, words: Mapping[str, Sequence[str]]) -> None:
    """Let arguments of these names have choices, in a parser that is printed and never parses."""
    for action in parser._actions:  # noqa: SLF001 - argparse lists its arguments nowhere else
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - and names no commands
            for command in action.choices.values():
                _offer(command, words)
        elif action.dest in words:
            action.choices = words[action.dest]
