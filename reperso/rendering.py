"""`reperso report` and `reperso schema`: a report as it was written, checked and rendered again."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from conformance.document import read_report
from conformance.junit import write_junit
from conformance.matrix import Matrix
from conformance.source import read_schema
from reperso.errors import ExitCode, UsageError


def report(arguments: argparse.Namespace) -> ExitCode:
    """Check a report against its schema and write the page of it."""
    source = Path(arguments.json)
    found = read_report(source)
    from conformance.render.html import write_html  # noqa: PLC0415 - not for a damaged report

    page = Path(arguments.html) if arguments.html else source.with_suffix(".html")
    try:
        write_html(found, page)
        if arguments.junit:
            write_junit(found, Path(arguments.junit))
    except OSError as error:
        raise UsageError(str(error.filename), error.strerror or "cannot be written") from error
    matrix = Matrix(found)
    sys.stdout.writelines(f"{matrix.sentence(at)}\n" for at in range(len(found.systems)))
    sys.stdout.write(f"report: {page}\n")
    return ExitCode.EXPECTED


def schema(arguments: argparse.Namespace) -> ExitCode:
    """Print the JSON Schema of report.json, or of another file."""
    found = read_schema(f"{arguments.of}.schema.json")
    sys.stdout.write(f"{json.dumps(found, indent=2)}\n")
    return ExitCode.EXPECTED
