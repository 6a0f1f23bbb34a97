"""Structured logs: one JSON object a line on stderr. Texts of ours and public names, no secrets."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import TextIO

from impl.values import Secret

Field = str | int | float | bool | None
LEVELS = ("debug", "info", "warning", "error")


class Log:
    """Writes what happens in one process."""

    def __init__(
        self,
        process: str,
        lowest: str = "info",
        stream: TextIO | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Prepare.

        Args:
            process: what each line says that it comes from.
            lowest: the level below which nothing is written; one of `LEVELS`.
            stream: where lines go, stderr if not told.
            now: seconds since the epoch.
        """
        self._process = process
        self._lowest = LEVELS.index(lowest)
        self._stream = stream or sys.stderr
        self._now = now

    def debug(self, event: str, **fields: Field) -> None:
        """Tell what only matters to who looks for a fault."""
        self._write("debug", event, fields)

    def info(self, event: str, **fields: Field) -> None:
        """Tell what happens."""
        self._write("info", event, fields)

    def warning(self, event: str, **fields: Field) -> None:
        """Tell what goes wrong and mends itself."""
        self._write("warning", event, fields)

    def failure(self, event: str, **fields: Field) -> None:
        """Tell what somebody has to look at."""
        self._write("error", event, fields)

    def _write(self, level: str, event: str, fields: dict[str, Field]) -> None:
        if LEVELS.index(level) < self._lowest:
            return
        assert not any(isinstance(value, (Secret, bytes)) for value in fields.values())
        time_s = f"{self._now():.3f}"
        record = {"time": float(time_s), "level": level, "process": self._process, "event": event}
        self._stream.write(json.dumps(record | fields) + "\n")
        self._stream.flush()
