"""A system in any language: calls and answers are lines of JSON on a program's stdin and stdout.

`--sut "jsonl:node system.mjs"`. The program runs as long as the run lasts; `setup` begins a
scenario and `close` ends it. docs/verify_your_own.md describes the lines, jsonl.schema.json their
shape.
"""

from __future__ import annotations

import inspect
import json
import queue
import shlex
import subprocess
import threading
import typing
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError

from steps.driver import (
    Driver,
    DriverError,
    Exchange,
    Factory,
    Setup,
    UnsettledError,
    UnsupportedError,
)
from steps.drivers import calls

ANSWER_S = 60.0
"""Real seconds that a program may take to answer a call; then it is ended."""

MOST = 1_000
"""Letters of a line that an error shows."""


class ProgramError(DriverError):
    """The program is not there, ended, or said what is no answer. It is started anew."""


class Program:
    """A program that answers a line with a line; it is started when it is first asked."""

    def __init__(self, command: str, answer_s: float = ANSWER_S) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._command = command
        self._answer_s = answer_s
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._number = 0

    def ask(self, call: str, arguments: Mapping[str, Any]) -> Any:
        """Return the answer to a call.

        Raises:
            UnsupportedError: the system does not have it.
            UnsettledError: the system did not come to rest, or did not answer in time.
            ProgramError: the program ended, or its line is no answer.
        """
        process = self._running()
        self._number += 1
        line = json.dumps({"id": self._number, "call": call, "arguments": arguments})
        assert process.stdin is not None
        try:
            process.stdin.write(f"{line}\n")
            process.stdin.flush()
        except OSError as error:
            self.end()
            raise ProgramError(f"{call}: the program has ended") from error
        return self._answer(call, self._next_line(call))

    def _running(self) -> subprocess.Popen[str]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.end()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the user names the program
                shlex.split(self._command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
            )
        except (OSError, IndexError, ValueError) as error:
            raise ProgramError(f"{self._command!r} cannot be started: {error}") from error
        self._lines = queue.SimpleQueue()
        threading.Thread(target=_read, args=(self._process, self._lines), daemon=True).start()
        return self._process

    def _next_line(self, call: str) -> str:
        try:
            line = self._lines.get(timeout=self._answer_s)
        except queue.Empty:
            self.end()
            raise UnsettledError(f"{call}: no answer within {self._answer_s:g} s") from None
        if not line:
            self.end()
            raise ProgramError(f"{call}: the program ended before it answered")
        return line

    def _answer(self, call: str, line: str) -> Any:
        said = _object(line)
        if said.get("id") != self._number:
            self.end()
            what = f"{line.strip()[:MOST]!r} is no answer to request {self._number}"
            raise ProgramError(f"{call}: {what}")
        if "unsupported" in said:
            raise UnsupportedError(str(said["unsupported"]))
        if "unsettled" in said:
            raise UnsettledError(str(said["unsettled"]))
        if "answer" not in said:
            raise ProgramError(f"{call}: {said.get('error', 'neither answer nor error')}")
        return said["answer"]

    def end(self) -> None:
        """End the program, if it runs."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None and not stream.closed:
                    _close(stream)

    def __del__(self) -> None:
        self.end()


def _object(line: str) -> dict[str, Any]:
    """Return the JSON object of a line; an empty one if it is none."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _close(stream: typing.IO[str]) -> None:
    try:
        stream.close()
    except OSError:
        return  # what was not written to a program that is gone goes nowhere


def _read(process: subprocess.Popen[str], lines: queue.SimpleQueue[str]) -> None:
    """Put each line of a program in the queue, and an empty one when there are no more."""
    assert process.stdout is not None
    try:
        for line in process.stdout:
            lines.put(line)
    except (OSError, ValueError):
        pass  # it was ended while somebody read
    lines.put("")


class LinesDriver:
    """Hands each call of `Driver` to a program, and its answer back as what `Driver` says it is."""

    def __init__(self, program: Program, setup: Setup) -> None:
        self._program = program
        program.ask("setup", {"seed": setup.seed, "options": dict(setup.options)})

    def __getattr__(self, name: str) -> Any:
        declared = calls().get(name)
        if declared is None:
            raise AttributeError(name)

        def call(*arguments: Any, **facts: Any) -> Any:
            named = declared.bind(*arguments, **facts).arguments
            return _read_as(name, self._program.ask(name, _plain(named)))

        call.__signature__ = declared  # type: ignore[attr-defined]  # what load() looks at
        return call


def _plain(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments as JSON has them: enumerations are their texts."""
    return {
        name: value if isinstance(value, (str, int)) else [str(one) for one in value]
        for name, value in arguments.items()
    }


def _read_as(call: str, answer: Any) -> Any:
    """Return an answer as the type that `Driver` declares for a call.

    Raises:
        ProgramError: it is none of these.
    """
    try:
        if call == "exchanges":
            found = TypeAdapter(list[Exchange]).validate_python(answer)
            return [replace(one, octets=bytes.fromhex(one.octets.decode())) for one in found]
        return _TYPES[call].validate_json(json.dumps(answer), strict=True)
    except (ValidationError, ValueError) as error:
        why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise ProgramError(f"{call}: {str(answer)[:MOST]!r} is no answer to it: {why}") from error


def _declared(name: str) -> Any:
    return typing.get_type_hints(inspect.getattr_static(Driver, name))["return"]


_TYPES: dict[str, TypeAdapter[Any]] = {name: TypeAdapter(_declared(name)) for name in calls()}


def over_lines(command: str) -> Factory:
    """Return a factory of systems that a program is; it is started once, for all scenarios."""
    program = Program(command)

    def factory(setup: Setup) -> Driver:
        return cast("Driver", LinesDriver(program, setup))

    return factory
