"""What evidence costs: the same scenarios on the implementation, bare, recorded, and with a report.

A round is a process of its own, in which nothing that is recorded was read before: messages that
are met again are read once. Ratios of CPU time to the bare run of the same round, the median of the
rounds; the page and the files are the report's cost, not the recorder's.
"""

from __future__ import annotations

import contextlib
import io
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from conformance.catalogue import Case
from conformance.clock import Clock
from conformance.document import write_report
from conformance.recorder import Recorder
from conformance.render.html import write_html
from reperso.features import load_suite
from reperso.runner import Engine, System
from steps.drivers import load

Made = TypeVar("Made")

ROOT: Final = Path(__file__).resolve().parent.parent
ROUNDS = 5
EVERY = 5
"""One scenario of so many is run, so that all kinds are among them."""


def main() -> None:
    """Measure, and print a line a contender."""
    rounds = [_in_a_process() for _ in range(ROUNDS)]
    print(f"every {EVERY}th scenario on simulated, median of {ROUNDS} processes")
    for name in rounds[0]:
        ratio = statistics.median(one[name] / one["bare"] for one in rounds)
        seconds = statistics.median(one[name] for one in rounds)
        aim = "  (to reach: 1.2)" if name == "recorded" else ""
        print(f"{name:<12} {seconds:6.3f} s CPU  {ratio:5.2f} x bare{aim}")


def _in_a_process() -> dict[str, float]:
    """Return the CPU seconds of each contender in one round."""
    command = [sys.executable, __file__, "round"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    seconds: dict[str, float] = json.loads(done.stdout)
    return seconds


def measure() -> dict[str, float]:
    """Measure one round: bare before and after, so that a machine that slows down is seen to."""
    engine = Engine(load_suite(ROOT / "features"))
    cases = engine.suite.catalogue.cases[::EVERY]
    _run(engine, cases, evidence=False)  # imports, compiled statements, certificates
    before, _ = _timed(lambda: _run(engine, cases, evidence=False))
    recorded, recorder = _timed(lambda: _run(engine, cases, evidence=True))
    after, _ = _timed(lambda: _run(engine, cases, evidence=False))
    seconds = {"bare": (before + after) / 2, "recorded": recorded}
    report = recorder.report("", "")
    with TemporaryDirectory() as folder:
        for name, write in (("report.json", write_report), ("page", write_html)):
            seconds[name], _ = _timed(partial(write, report, Path(folder) / name))
    return seconds


def _run(engine: Engine, cases: Sequence[Case], *, evidence: bool) -> Recorder:
    recorder = Recorder(engine.suite.catalogue, "{0.id}".format, Clock(), evidence=evidence)
    with contextlib.redirect_stderr(io.StringIO()):
        engine.run(System("simulated", load("simulated")), cases, recorder, lambda _: None)
    return recorder


def _timed(work: Callable[[], Made]) -> tuple[float, Made]:
    began = time.process_time()
    made = work()
    return time.process_time() - began, made


if __name__ == "__main__":
    if sys.argv[1:] == ["round"]:
        json.dump(measure(), sys.stdout)
    else:
        main()
