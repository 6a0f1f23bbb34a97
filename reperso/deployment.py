"""`reperso init-deployment`: the file that says which parties run as processes, and where."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from reperso.errors import ExitCode, UsageError


def begin(arguments: argparse.Namespace) -> ExitCode:
    """Write a deployment to begin with; what is there already stays as it is."""
    from impl.served.deployment import EXAMPLE  # noqa: PLC0415 - slow to import

    path = Path(arguments.file)
    text = EXAMPLE.read_text(encoding="utf-8")
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise UsageError(str(path), "is there already, and stays as it is") from error
    except OSError as error:
        raise UsageError(str(path), error.strerror or "cannot be written") from error
    sys.stdout.write(f"written: {path}\nnow: python -m impl set-up -d {shlex.quote(str(path))}\n")
    return ExitCode.EXPECTED
