"""What evidence costs: the same scenarios on the implementation, bare, recorded, and with a report.

Ratios of CPU time to the bare run in the same round; the contenders take turns, and the median of
the rounds counts. The page and the files are the report's cost, not the recorder's.
"""

from __future__ import annotations

import contextlib
import io
import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from conformance.clock import Clock
from conformance.document import write_report
from conformance.recorder import Recorder
from conformance.render.html import write_html
from reperso.features import load_suite
from reperso.runner import Engine, System
from steps.drivers import load

ROUNDS = 5
OBLIGATIONS = ("1e", "1f", "5a", "7a", "9b", "B03", "B04", "E16")


def main() -> None:
    """Measure, and print a line a contender."""
    engine = Engine(load_suite(Path(__file__).resolve().parent.parent / "features"))
    catalogue = engine.suite.catalogue
    cases = [case for case in catalogue.cases if {*case.obligations} & {*OBLIGATIONS}]

    def run(*, evidence: bool) -> Recorder:
        recorder = Recorder(catalogue, "{0.id}{1}{2}".format, Clock(), evidence=evidence)
        with contextlib.redirect_stderr(io.StringIO()):
            engine.run(System("simulated", load("simulated")), cases, recorder, lambda _: None)
        return recorder

    seconds: dict[str, list[float]] = {"bare": [], "recorded": [], "report.json": [], "page": []}
    run(evidence=True)
    with TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            began = time.process_time()
            run(evidence=False)
            seconds["bare"].append(time.process_time() - began)
            began = time.process_time()
            report = run(evidence=True).report("", "")
            seconds["recorded"].append(time.process_time() - began)
            for name, write in (("report.json", write_report), ("page", write_html)):
                began = time.process_time()
                write(report, Path(folder) / name)
                seconds[name].append(time.process_time() - began)
    print(f"{len(cases)} scenarios on simulated, median of {ROUNDS} rounds")
    for name, took in seconds.items():
        ratio = statistics.median(
            one / bare for one, bare in zip(took, seconds["bare"], strict=True)
        )
        aim = "  (to reach: 1.2)" if name == "recorded" else ""
        print(f"{name:<12} {statistics.median(took):6.3f} s CPU  {ratio:5.2f} x bare{aim}")


if __name__ == "__main__":
    main()
