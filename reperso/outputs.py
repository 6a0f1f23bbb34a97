"""The forms in which a report is written, by name: `--format NAME --output FILE`."""

from __future__ import annotations

import contextlib
import importlib
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from conformance.evidence import Report
from reperso.errors import UsageError
from reperso.formats import FORMATS

STDOUT = "-"


def write_outputs(report: Report, formats: Sequence[str], outputs: Sequence[str]) -> None:
    """Write a report in each format, the first to the first output, and so on; else to stdout.

    Raises:
        UsageError: a file cannot be written.
    """
    for at, name in enumerate(formats):
        place = outputs[at] if at < len(outputs) else STDOUT
        write = writer_of(name)
        try:
            if place == STDOUT:
                sys.stdout.write(_text(write, report))
            else:
                Path(place).parent.mkdir(parents=True, exist_ok=True)
                write(report, Path(place))
        except OSError as error:
            raise UsageError(place, error.strerror or "cannot be written") from error


def demand_outputs(formats: Sequence[str], outputs: Sequence[str]) -> None:
    """Refuse, before anything is run, outputs for which there is no format.

    Raises:
        UsageError: more outputs than formats, or two formats for one place.
    """
    if len(outputs) > len(formats):
        raise UsageError("--output", f"{outputs[len(formats)]} has no --format before it")
    places = [*outputs, *[STDOUT] * (len(formats) - len(outputs))]
    for place in places:
        if places.count(place) > 1:
            where = "stdout" if place == STDOUT else place
            raise UsageError("--output", f"two formats go to {where}")


@contextlib.contextmanager
def results_only(formats: Sequence[str], outputs: Sequence[str]) -> Iterator[None]:
    """Let what is said go to stderr meanwhile, if one of the formats goes to stdout."""
    is_taken = len(outputs) < len(formats) or STDOUT in outputs
    with contextlib.redirect_stdout(sys.stderr) if is_taken else contextlib.nullcontext():
        yield


def writer_of(name: str) -> Callable[[Report, Path], None]:
    """Return what writes a format; what it needs is imported now."""
    module, _, function = FORMATS[name].partition(":")
    write: Callable[[Report, Path], None] = getattr(importlib.import_module(module), function)
    return write


def _text(write: Callable[[Report, Path], None], report: Report) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "output"
        write(report, path)
        return path.read_text(encoding="utf-8")
