"""`reperso completion SHELL`: a script for the shell, made once: completing runs nothing."""

from __future__ import annotations

import argparse
import sys

import shtab

from reperso.cli import make_parser
from reperso.errors import ExitCode


def completion(arguments: argparse.Namespace) -> ExitCode:
    """Print the script that completes commands and options in a shell."""
    sys.stdout.write(f"{shtab.complete(make_parser(), arguments.shell)}\n")
    return ExitCode.EXPECTED
