"""Cases in several processes: the same results in the same order as in one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from conformance.catalogue import Case
from conformance.evidence import Result
from conformance.recorder import Recorder
from conformance.verdicts import Verdict
from reperso.processes import Death, Processes
from reperso.runner import Engine, System

Trials = Sequence[tuple[System, Sequence[Case]]]
"""Systems, each with the cases to run on it, in the order of the suite."""
Capture = bytes | None


class Errand(NamedTuple):
    """Cases for one process: the number of their system, and their places among its cases."""

    system: int
    cases: tuple[int, ...]


class Told(NamedTuple):
    """What a process tells of a case when it is done."""

    case: int
    result: Result
    capture: Capture


class Crew:
    """Runs cases in at most `jobs` processes at a time."""

    def __init__(
        self,
        engine: Engine,
        jobs: int,
        new_recorder: Callable[[], Recorder],
        capture: Callable[[], Capture] | None = None,
    ) -> None:
        """Make ready; `capture` tells, in the process, what passed in the case that was just run.

        Of `new_recorder` each errand gets one of its own.
        """
        self._engine = engine
        self._jobs = jobs
        self._new_recorder = new_recorder
        self._capture = capture or (lambda: None)
        self._trials: Trials = ()
        self._makeable: set[int] = set()  # systems that this process has made

    def run(
        self, trials: Trials, done: Callable[[System, Result, Capture], None]
    ) -> tuple[list[list[Result]], bool]:
        """Run all, calling `done` after each case in whatever order they end.

        Return the results of each system in the order of its cases, and whether the run was
        interrupted: then results are missing. A process that dies gives ERROR to the case that it
        was at.

        Raises:
            UsageError: a system cannot be made, or the hook before all failed.
        """
        self._trials = trials
        self._makeable.clear()
        found: list[dict[int, Result]] = [{} for _ in trials]
        errands = deque(self._errands())
        processes: Processes[Errand, Told] = Processes(self._carry_out, self._jobs)
        with self._engine.standing():
            for errand, news in processes.run(errands):
                results = found[errand.system]
                told, left = self._told(errand, results, news)
                errands.extendleft(left)
                for one in told:
                    results[one.case] = one.result
                    done(trials[errand.system][0], one.result, one.capture)
        in_order = [[results[at] for at in sorted(results)] for results in found]
        return in_order, processes.is_interrupted

    def _errands(self) -> Iterator[Errand]:
        """Yield large errands first and small ones last, so that all processes end together."""
        left = sum(len(cases) for _, cases in self._trials)
        for number, (_, cases) in enumerate(self._trials):
            at = 0
            while at < len(cases):
                size = max(1, left // (2 * self._jobs))
                places = range(len(cases))[at : at + size]
                yield Errand(number, tuple(places))
                at += len(places)
                left -= len(places)

    def _carry_out(self, errand: Errand, tell: Callable[[Told], None]) -> None:
        system, all_cases = self._trials[errand.system]
        if errand.system not in self._makeable:
            system.demand_makeable()
            self._makeable.add(errand.system)
        places: Mapping[str, int] = {all_cases[at].id: at for at in errand.cases}
        _, interrupted = self._engine.run(
            system,
            [all_cases[at] for at in errand.cases],
            self._new_recorder(),
            lambda result: tell(Told(places[result.case], result, self._capture())),
        )
        if interrupted:
            raise KeyboardInterrupt

    def _told(
        self, errand: Errand, results: Mapping[int, Result], news: Told | Death
    ) -> tuple[list[Told], list[Errand]]:
        """Return what news of an errand tell, and what is to be done again because of them."""
        if not isinstance(news, Death):
            return [news], []
        left = [at for at in errand.cases if at not in results]  # the first one killed it
        died = [Told(at, self._died(errand.system, at, news), None) for at in left[:1]]
        return died, [Errand(errand.system, tuple(left[1:]))] if left[1:] else []

    def _died(self, number: int, at: int, death: Death) -> Result:
        system, cases = self._trials[number]
        recorder = self._new_recorder()
        recorder.begin_system(system.name, system.seed, system.options, [cases[at].id])
        return recorder.decide(cases[at].id, Verdict.ERROR, str(death))
