"""`reperso report` and `reperso schema`: a report as it was written, checked and rendered again."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from conformance.document import read_report
from conformance.matrix import Matrix
from conformance.source import read_schema
from reperso.errors import ExitCode
from reperso.outputs import STDOUT, demand_outputs, write_outputs


def report(arguments: argparse.Namespace) -> ExitCode:
    """Check a report against its schema and write it in other forms."""
    source = Path(arguments.json)
    formats, outputs = arguments.format, arguments.output
    demand_outputs(formats, outputs)
    found = read_report(source)
    if not formats:
        formats, outputs = ["html"], [str(source.with_suffix(".html"))]
    write_outputs(found, formats, outputs)
    if len(outputs) == len(formats) and STDOUT not in outputs:
        matrix = Matrix(found)
        sys.stdout.writelines(f"{matrix.sentence(at)}\n" for at in range(len(found.systems)))
        sys.stdout.writelines(f"report: {place}\n" for place in outputs)
    return ExitCode.EXPECTED


def schema(arguments: argparse.Namespace) -> ExitCode:
    """Print the JSON Schema of report.json, or of another file."""
    found = read_schema(f"{arguments.of}.schema.json")
    sys.stdout.write(f"{json.dumps(found, indent=2)}\n")
    return ExitCode.EXPECTED
