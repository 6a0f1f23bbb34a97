"""Progress on stderr: a bar where a person watches, a line a case where a log is kept."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Mapping
from typing import TextIO

from conformance.evidence import Result
from conformance.verdicts import Verdict
from conformance.visible import visible

COLOURS = {
    Verdict.PASS: "32",
    Verdict.FAIL: "31",
    Verdict.INCONC: "33",
    Verdict.ERROR: "35",
    Verdict.NA: "2",
    Verdict.SKIP: "2",
}
"""ANSI colours of the verdicts."""

WIDTH = 24  # of the bar, in letters
GUESS_S = 2  # before that nobody knows how long the rest takes
EVERY_S = 30  # a log is told how far something is


def wants_colour(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether to colour what goes to `stream`: a terminal, and no NO_COLOR (https://no-color.org)."""
    return stream.isatty() and not environment.get("NO_COLOR")


def painted(verdict: Verdict, *, colour: bool) -> str:
    """Return a verdict as a word of six letters, coloured if wanted."""
    word = f"{verdict:<6}"
    return f"\033[{COLOURS[verdict]}m{word}\033[0m" if colour else word


class Count:
    """Says how far something is that has many small parts: to a log, only now and then."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._is_terminal = stream.isatty()
        self._what = ""
        self._began_s = self._last_s = self._told_s = clock()

    def at(self, what: str, done: int, total: int) -> None:
        """Note that `done` of `total` parts of `what` are done."""
        now_s = self._clock()
        if what != self._what:
            self._what, self._began_s = what, self._last_s
        self._last_s = now_s
        left = _left(now_s - self._began_s, done, total)
        if self._is_terminal:
            _draw(self._stream, f"{left}{what}", done, total)
        elif now_s - self._told_s >= EVERY_S:
            self._told_s = now_s
            self._stream.write(f"{done}/{total}  {left}{what}\n")
            self._stream.flush()

    def end(self) -> None:
        """Take the bar away."""
        if self._is_terminal:
            self._stream.write("\r\033[K")
            self._stream.flush()


class Progress:
    """Says how far a run is. On a terminal only what went wrong stays on the screen."""

    def __init__(
        self, stream: TextIO, total: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream
        self._clock = clock
        self._began_s = clock()
        self._total = total
        self._done = 0
        self._is_terminal = stream.isatty()
        self._colour = wants_colour(stream)

    def case(self, system: str, name: str, result: Result) -> None:
        """Note that a case is done."""
        self._done += 1
        told = visible(f"{result.case:<16} {system}  {name}")
        line = f"{painted(result.verdict, colour=self._colour)} {told}"
        if not self._is_terminal:
            self._stream.write(f"{line}\n")
            return
        if result.verdict in (Verdict.FAIL, Verdict.ERROR, Verdict.INCONC):
            self._stream.write(f"\r\033[K{line}\n")
        self._draw(visible(f"{system}  {result.case}  {name}"))

    def end(self) -> None:
        """Take the bar away."""
        if self._is_terminal:
            self._stream.write("\r\033[K")
            self._stream.flush()

    def _draw(self, what: str) -> None:
        left = _left(self._clock() - self._began_s, self._done, self._total)
        _draw(self._stream, f"{left}{what}", self._done, self._total)


def _left(took_s: float, done: int, total: int) -> str:
    """Say how long the rest takes if it goes on like this; nothing while that is a guess."""
    left_s = round(took_s / done * (total - done)) if done else 0
    if took_s < GUESS_S or not left_s:
        return ""
    return f"{left_s // 60} min {left_s % 60} s left  " if left_s >= 60 else f"{left_s} s left  "


def _draw(stream: TextIO, what: str, done: int, total: int) -> None:
    full = WIDTH * done // max(total, 1)
    bar = "#" * full + "." * (WIDTH - full)
    line = f"[{bar}] {done}/{total}  {what}"
    room = shutil.get_terminal_size().columns - 1
    stream.write(f"\r\033[K{line[:room]}")
    stream.flush()
