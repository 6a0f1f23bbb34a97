"""What people and programs write in files: deployments, keys, statements, baselines, reports.

Each is read or refused by the one error that its reader documents, which a command says in a line.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from functools import cache, partial
from io import StringIO
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.baseline import read_baseline
from conformance.document import read_report
from conformance.errors import ReportError, SourceError
from conformance.glossary import read_terms
from conformance.ics import read_applicability, read_statement
from conformance.obligations import read_obligations
from conformance.reviews import read_reviews
from conformance.specification import read_specification
from impl.runtime.tls import make_identity
from impl.served.deployment import EXAMPLE, DeploymentError, read_deployment
from impl.served.pki import CERTIFICATE, PINNED, KeyFolderError, Pins, write_identity
from reperso.cli import main
from reperso.errors import UsageError
from reperso.features import load_suite
from reperso.suite_runs import read_suite_runs
from steps.driver import DriverError
from steps.drivers import calls, jsonl

ROOT = Path(__file__).parents[2]
FEATURES = ROOT / "features"


class Reader(NamedTuple):
    """Reads one kind of file."""

    read: Callable[[Path], object]
    refusal: type[Exception]
    name: str
    """Of the file, as its reader looks for it."""
    seeds: Callable[[], Sequence[bytes]]
    """Files that it understands."""


@cache
def folder() -> Path:
    """Return where what is read is written first, in a place of this run's own."""
    return Path(mkdtemp(prefix="fuzz-"))


@pytest.fixture(scope="module", autouse=True)
def _swept() -> Iterator[None]:
    yield
    shutil.rmtree(folder())
    folder.cache_clear()


@cache
def catalogue() -> Any:
    """Return the cases of the features."""
    return load_suite().catalogue


@cache
def options() -> Any:
    """Return what systems can be asked."""
    return read_applicability(FEATURES, catalogue()).options


@cache
def report() -> bytes:
    """Return a report of one case, as a run writes it."""
    place = folder() / "report"
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        main(["run", "reperso/1a/1", "--sut", "modelled", "--report", str(place)])
    return (place / "report.json").read_bytes()


def keys() -> Pins:
    """Return a folder with keys of its own, and places for those of others."""
    place = folder() / "keys"
    if not place.exists():
        (place / PINNED).mkdir(parents=True)
        write_identity(place, make_identity("application-server"))
    return Pins(place)


def read_pins(path: Path) -> None:
    """Read a folder in which `path` is what somebody shows."""
    pins = keys()
    shutil.copy(path, pins.folder / PINNED / "20801.operator.pem")
    pins.reload()


def of(*names: str) -> Callable[[], Sequence[bytes]]:
    """Return what reads files of the repository."""
    return lambda: [(ROOT / name).read_bytes() for name in names]


BEYOND_REASON = (
    b"[" * 3_000,
    b'{"a":' * 3_000,
    b"[" * 900 + b"]" * 900,
    b"9" * 5_000,
    b"[" + b"9" * 5_000 + b"]",
)
"""What nests or counts beyond what Python takes."""

NO_VALUES = (
    b"state: !!timestamp now",
    b"state: !!int ''",
    b"state: !!bool maybe",
    b"state: 0001-01-01t00:00:00+23:59",
    b"&a [*a]",
)
"""YAML whose values are not what they are said to be."""
SUITES = (
    json.dumps(
        {
            "system": "simulated",
            "options": {"acknowledgement": "yes"},
            "kinds": [{"kind": "transitions", "there": 9, "met": 4, "hidden": 2}],
            "steps": 7,
            "hidden": [{"kind": "transitions", "goal": "a leap", "reason": "there is no wind"}],
            "trails": [["request_change", "take_request"]],
        }
    ).encode(),
    b'{"kinds": [], "options": {}, "trails": [], "hidden": [], "system": "a", "steps": Infinity}',
)
ANSWERS = (
    b'{"id": 1, "answer": null}',
    b'{"id": 1, "answer": true}',
    b'{"id": 1, "answer": 2}',
    b'{"id": 1, "answer": ["changed", "unchanged"]}',
    b'{"id": 1, "answer": [{"source": "a", "target": "b", "octets": "0011", "at_s": 1.5}]}',
    b'{"id": 1, "unsupported": "there is none"}',
    b'{"id": 1, "unsettled": "it goes on"}',
    b'{"id": 1, "error": "it fell over"}',
)
READERS = {
    "deployment": Reader(
        read_deployment, DeploymentError, "a.yaml", lambda: [EXAMPLE.read_bytes(), *NO_VALUES]
    ),
    "keys": Reader(
        read_pins, KeyFolderError, "a.pem", lambda: [(keys().folder / CERTIFICATE).read_bytes()]
    ),
    "statement": Reader(
        lambda path: read_statement(path, options()),
        SourceError,
        "a.yaml",
        of("ics/simulated.yaml", "ics/modelled.yaml"),
    ),
    "baseline": Reader(read_baseline, SourceError, "a.yaml", of("ics/baseline.yaml")),
    "applicability": Reader(
        lambda path: read_applicability(path.parent, catalogue()),
        SourceError,
        "applicability.yaml",
        of("features/applicability.yaml"),
    ),
    "obligations": Reader(read_obligations, SourceError, "a.yaml", of("features/obligations.yaml")),
    "reviews": Reader(read_reviews, SourceError, "a.json", of("features/reviewed.json")),
    "specification": Reader(
        lambda path: read_specification(path, read_obligations(FEATURES / "obligations.yaml")),
        SourceError,
        "a.txt",
        of("features/specification.txt"),
    ),
    "glossary": Reader(read_terms, SourceError, "a.md", of("features/glossary.md")),
    "report": Reader(read_report, ReportError, "a.json", lambda: [report()]),
    "suites": Reader(
        lambda path: read_suite_runs([str(path)]), UsageError, "a.json", lambda: list(SUITES)
    ),
}


def demand_refusal(reader: Reader, octets: bytes) -> None:
    """Read octets as a file; every error but that of the reader is a fault."""
    path = folder() / reader.name
    path.write_bytes(octets)
    with suppress(reader.refusal):
        reader.read(path)


def demand_answer(octets: bytes) -> None:
    """Take a line as the answer of a program to each call that there is."""
    program = jsonl.Program("nobody")
    program._number = 1
    for call in calls():
        with suppress(DriverError):
            jsonl._read_as(call, program._answer(call, octets.decode("utf-8", "replace")))


def targets() -> dict[str, tuple[Callable[[bytes], object], list[bytes]]]:
    """Return what deep fuzzing gives its inputs to, with their seeds."""
    return {
        f"files.{kind}": (partial(demand_refusal, reader), [*reader.seeds(), *BEYOND_REASON])
        for kind, reader in READERS.items()
    } | {"files.lines of a system": (demand_answer, list(ANSWERS))}


@pytest.mark.parametrize("kind", READERS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_file_is_read_or_refused_by_its_reader(kind, data, hostile, bounded):
    octets = data.draw(hostile(READERS[kind].seeds()))
    with bounded():
        demand_refusal(READERS[kind], octets)


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize(
    "octets", BEYOND_REASON, ids=["lists", "objects", "whole", "digits", "a number"]
)
def test_what_nests_or_counts_beyond_reason_is_refused(kind, octets, bounded):
    with bounded():
        demand_refusal(READERS[kind], octets)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_line_of_a_system_is_an_answer_or_refused(data, hostile, bounded):
    octets = data.draw(hostile(ANSWERS))
    with bounded():
        demand_answer(octets)


@pytest.mark.parametrize("kind", READERS)
def test_a_reader_understands_the_files_that_are_altered(kind):
    reader = READERS[kind]
    path = folder() / reader.name
    path.write_bytes(reader.seeds()[0])
    reader.read(path)


@pytest.mark.parametrize("octets", NO_VALUES)
def test_a_deployment_with_values_that_are_none_is_refused(octets):
    path = folder() / READERS["deployment"].name
    path.write_bytes(octets)
    with pytest.raises(DeploymentError):
        read_deployment(path)


def test_a_number_of_steps_that_is_none_is_refused():
    path = folder() / READERS["suites"].name
    path.write_bytes(SUITES[1])
    with pytest.raises(UsageError):
        READERS["suites"].read(path)
