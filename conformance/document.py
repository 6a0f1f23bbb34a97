"""report.json: a report as text and back. A message stands on one line, so that texts compare."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

from conformance import source
from conformance.errors import ReportError
from conformance.evidence import SCHEMA, Message, Report

SCHEMA_FILE = "report.schema.json"


def write_report(report: Report, path: Path) -> None:
    """Write `report` to `path`, whole or not at all: then what was there before stays."""
    beside = path.with_name(f".{path.name}.partial")
    # A lone surrogate, which a system may put in a name, becomes the JSON escape of it.
    try:
        with beside.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
            stream.writelines(_lay_out(report, 1))
            stream.write("\n")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _lay_out(value: Any, depth: int) -> Iterator[str]:
    """Yield `value` as text: what holds objects has a line a member, all else stands on one."""
    if isinstance(value, Message):  # there are so many that the rest does not count beside them
        yield _encode(_members(value))
        return
    is_list = _holds_objects(value)
    if is_list:
        members = [("", item) for item in value]
    else:
        members = list(_members(value).items()) if is_dataclass(value) else []
        if not any(_holds_objects(item) for _, item in members):
            yield _encode(value)
            return
    indent = "\n" + " " * depth
    yield "[" if is_list else "{"
    separator = indent
    for name, item in members:
        yield f'{separator}"{name}": ' if name else separator
        yield from _lay_out(item, depth + 1)
        separator = f",{indent}"
    yield "\n" + " " * (depth - 1) + ("]" if is_list else "}")


def _holds_objects(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and bool(value) and is_dataclass(value[0])


def _members(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in _names(type(value))}  # type: ignore[arg-type]  # a class can be a key


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(item.name for item in fields(kind))


_encode = json.JSONEncoder(default=_members, ensure_ascii=False).encode


def read_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of report.json."""
    return source.read_schema(SCHEMA_FILE)


def read_report(path: Path) -> Report:
    """Read a report and check it against the schema.

    Raises:
        ReportError: it cannot be read, is no JSON, of another version, or breaks the schema.
    """
    document = _load(path)
    version = document.get("schema") if isinstance(document, dict) else None
    if version != SCHEMA:
        what = f"its schema is {version!r}, but this reperso reads {SCHEMA!r}"
        raise ReportError(str(path), what)
    _check(document, path)
    report = _report(document, path)
    _check_references(report, path)
    return report


def _load(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ReportError(str(path), "there is no report; a run leaves one there") from error
    except OSError as error:
        raise ReportError(str(path), error.strerror or "cannot be read") from error
    except UnicodeDecodeError as error:
        raise ReportError(str(path), "is not UTF-8 text") from error
    except json.JSONDecodeError as error:
        is_cut = not error.doc[error.pos :].strip() or error.msg.startswith("Unterminated")
        what = "it ends too early: was the run that wrote it stopped?" if is_cut else error.msg
        raise ReportError(f"{path}:{error.lineno}", f"no JSON: {what}") from error
    except ValueError as error:  # of a number with more digits than Python reads
        raise ReportError(str(path), f"no report: {error}") from error
    except RecursionError as error:
        raise ReportError(str(path), "no report: it is nested too deeply") from error


def _check(document: Any, path: Path) -> None:
    # Costs 15 ms, which a run that only writes a report does not pay.
    from jsonschema_rs import Draft202012Validator  # noqa: PLC0415

    errors = Draft202012Validator(read_schema()).iter_errors(document)
    error = min(errors, key=lambda one: len(one.instance_path), default=None)
    if error is not None:
        steps = (f"[{s}]" if isinstance(s, int) else f".{s}" for s in error.instance_path)
        raise ReportError(f"{path}: ${''.join(steps)}", _shortened(error.message))


def _check_references(report: Report, path: Path) -> None:
    obligations = {obligation.id for obligation in report.obligations}
    cases = {case.id: case for case in report.cases}
    for case in report.cases:
        if not obligations.issuperset(case.obligations):
            raise ReportError(str(path), f"case {case.id} names an obligation that is not there")
    for system in report.systems:
        for result in system.results:
            if result.case not in cases:
                raise ReportError(str(path), f"result of a case that is not there: {result.case}")
            if result.steps and len(result.steps) != len(cases[result.case].steps):
                raise ReportError(str(path), f"result of {result.case} has other steps than it")


def _shortened(text: str, limit: int = 160) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def _report(document: Any, path: Path) -> Report:
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - costs 40 ms, as above

    try:
        return TypeAdapter(Report).validate_python(document)
    except ValidationError as error:  # what no schema can say, such as a number too large
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ReportError(f"{path}: $.{where}", _shortened(first["msg"])) from error
