"""The time of a run. SOURCE_DATE_EPOCH fixes it, so that the same run writes the same bytes."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from conformance.errors import ClockError

VARIABLE = "SOURCE_DATE_EPOCH"  # https://reproducible-builds.org/specs/source-date-epoch/


class Clock:
    """Says when a run began and how long things took; stands still where the time is fixed.

    Raises:
        ClockError: the variable holds no number of seconds since 1970 that is a date.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        fixed = environment.get(VARIABLE)
        self.is_fixed = fixed is not None
        try:
            begin = float(int(fixed)) if fixed is not None else time.time()
            self._begin = datetime.fromtimestamp(begin, UTC)
        except (ValueError, OverflowError, OSError) as error:
            what = f"{VARIABLE} has to be a number of seconds since 1970, not {fixed!r}"
            raise ClockError(what) from error

    def started(self) -> str:
        """Return when the run began: UTC, ISO 8601, whole seconds."""
        return self._begin.strftime("%Y-%m-%dT%H:%M:%SZ")

    def now(self) -> float:
        """Return seconds of a clock that only goes forward; 0 where the time is fixed."""
        return 0.0 if self.is_fixed else time.perf_counter()

    def took(self, seconds: float) -> float:
        """Return `seconds` to the microsecond; 0 where the time is fixed."""
        return 0.0 if self.is_fixed else round(seconds, 6)
