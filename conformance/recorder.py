"""Collects what a run shows, case by case, and makes the report of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from conformance.catalogue import Case, Catalogue
from conformance.clock import Clock
from conformance.evidence import (
    Background,
    Kill,
    Message,
    RecordChange,
    Report,
    Result,
    StepResult,
    SystemRun,
)
from conformance.verdicts import Judgement, Verdict

INTERRUPTED = "the run was interrupted"
NOT_REACHED = "not reached: the run was interrupted"

Rerun = Callable[[Case, str, int], str]
"""Makes the command that runs a case again: `(case, system, seed) -> command`."""


class Recorder:
    """One run over one or several systems. Between `begin_case` and `end_case` a case is open."""

    def __init__(
        self, catalogue: Catalogue, rerun: Rerun, clock: Clock, *, evidence: bool = True
    ) -> None:
        self._catalogue = catalogue
        self._rerun = rerun
        self.clock = clock
        self._began = clock.now()
        self.evidence = evidence
        self.judgement = Judgement()
        self._systems: list[SystemRun] = []
        self._results: dict[str, Result] = {}
        self._selected: tuple[str, ...] = ()
        self._system = ("", 0, dict[str, str]())
        self._open: Case | None = None
        self._case_began = 0.0

    @property
    def systems(self) -> tuple[SystemRun, ...]:
        """The systems that were closed so far."""
        return tuple(self._systems)

    def begin_system(
        self, name: str, seed: int, options: Mapping[str, str], selected: Iterable[str]
    ) -> None:
        """Open the results of a system, on which the cases `selected` will be run."""
        self._system = (name, seed, dict(options))
        self._selected = tuple(selected)
        self._results = {}

    def end_system(self) -> SystemRun:
        """Close the results of the system; cases without a result get SKIP, an open one INCONC."""
        if self._open is not None:
            self.judgement.complain(Verdict.INCONC, INTERRUPTED)
            self.end_case()
        for case_id in self._selected:
            if case_id not in self._results:
                self.decide(case_id, Verdict.SKIP, NOT_REACHED)
        name, seed, options = self._system
        results = tuple(self._results[case_id] for case_id in self._selected)
        run = SystemRun(name, seed, options, results)
        self._systems.append(run)
        return run

    def begin_case(self, case_id: str) -> None:
        """Open a case; complaints then go to `judgement`."""
        self._open = self._catalogue.case(case_id)
        self.judgement = Judgement()
        self._case_began = self.clock.now()

    def end_case(
        self,
        steps: Iterable[StepResult] = (),
        messages: Iterable[Message] = (),
        trail: Iterable[str] = (),
        records: Iterable[RecordChange] = (),
    ) -> Result:
        """Close the open case with what was seen, and return its result."""
        case, self._open = self._open, None
        assert case is not None, "no case is open"
        result = Result(
            case=case.id,
            verdict=self.judgement.verdict,
            reason=self.judgement.reason,
            trace=self.judgement.trace,
            duration_s=self.clock.took(self.clock.now() - self._case_began),
            rerun=self._rerun(case, self._system[0], self._system[1]),
            steps=tuple(steps) if self.evidence else (),
            messages=tuple(messages) if self.evidence else (),
            trail=tuple(trail) if self.evidence else (),
            records=tuple(records) if self.evidence else (),
        )
        self._results[case.id] = result
        return result

    def take(self, result: Result) -> None:
        """Take the result of a case that another recorder closed."""
        self._results[result.case] = result

    def decide(self, case_id: str, verdict: Verdict, reason: str) -> Result:
        """Give a case a verdict without running it."""
        self.begin_case(case_id)
        self.judgement.complain(verdict, reason)
        return self.end_case()

    def report(
        self,
        title: str,
        tool: str,
        *,
        complete: bool = True,
        mutants: Sequence[Kill] = (),
        background: Background | None = None,
    ) -> Report:
        """Make the report of all systems that were closed."""
        return Report(
            title=title,
            tool=tool,
            started=self.clock.started(),
            duration_s=self.clock.took(self.clock.now() - self._began),
            complete=complete,
            evidence=self.evidence,
            obligations=tuple(self._catalogue.obligations.values()),
            cases=self._catalogue.cases,
            systems=tuple(self._systems),
            mutants=tuple(mutants),
            background=background or Background(),
        )
