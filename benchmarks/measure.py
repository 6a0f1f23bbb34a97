"""Measures works against one another: in alternating rounds of one process, so that ratios hold.

Absolute times of a shared machine drift twofold between runs; the ratio of two works that took
turns does not.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

Work = Callable[[], Any]
Clock = Callable[[], float]

ROUNDS = 15
SLICE_S = 0.02


class Timings:
    """Seconds that each work took a call, round by round."""

    def __init__(self, seconds: Mapping[str, list[float]]) -> None:
        self._seconds = seconds

    def seconds(self, name: str) -> float:
        """Return the median seconds of one call."""
        return median(self._seconds[name])

    def ratio(self, name: str, floor: str) -> float:
        """Return the speed of `name` as a multiple of that of `floor`, the median over rounds."""
        pairs = zip(self._seconds[floor], self._seconds[name], strict=True)
        return median(slow / fast for slow, fast in pairs)


def compare(
    works: Mapping[str, Work],
    *,
    rounds: int = ROUNDS,
    slice_s: float = SLICE_S,
    clock: Clock = time.process_time,
) -> Timings:
    """Time each work in turn, `slice_s` seconds a round, by CPU time unless told otherwise."""
    calls = {name: _calls_in(work, slice_s, clock) for name, work in works.items()}
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            seconds[name].append(timed(work, calls[name], clock) / calls[name])
    return Timings(seconds)


def timed(work: Work, calls: int = 1, clock: Clock = time.process_time) -> float:
    """Return the seconds that so many calls take together, without collections of garbage."""
    gc.collect()
    gc.disable()
    try:
        began = clock()
        for _ in range(calls):
            work()
        return clock() - began
    finally:
        gc.enable()


def show(what: str, timings: Timings, name: str, floor: str, target: float | None = None) -> None:
    """Print one line: the speed of `name`, and its ratio to `floor` beside what was aimed at."""
    seconds = timings.seconds(name)
    aim = "" if target is None else f"  (to reach: {target:g})"
    ratio = timings.ratio(name, floor)
    print(f"{what:<44} {_said(seconds):>10} {1 / seconds:>12,.0f}/s  {ratio:>7.2f} x {floor}{aim}")


def _said(seconds: float) -> str:
    return f"{seconds * 1e3:.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.2f} us"


def _calls_in(work: Work, slice_s: float, clock: Clock) -> int:
    """Return how many calls fill a slice; the first calls fill caches and are not counted."""
    work()
    calls = 1
    while True:
        took = timed(work, calls, clock)
        if took >= slice_s / 4:
            return max(1, round(calls * slice_s / took))
        calls *= 4
