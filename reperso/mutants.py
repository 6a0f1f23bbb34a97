"""`reperso mutants`: does the suite notice systems that are wrong on purpose?

A mutant is killed by name if, for every obligation that it says it breaks, an assertion fails in a
case that verifies this obligation. That it crashes, or that some other case fails, is not enough.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import steps.mutants
from conformance.catalogue import Case, Catalogue
from conformance.clock import Clock
from conformance.document import read_report
from conformance.errors import ReportError
from conformance.evidence import Kill, KillState, Report, Result
from conformance.recorder import Recorder
from conformance.verdicts import Verdict
from reperso import TITLE, techniques
from reperso.errors import ExitCode, NothingSelectedError, UsageError
from reperso.features import load_suite
from reperso.kill_matrix import Judgement, KillMatrix
from reperso.parallel import Capture, Crew, Trials
from reperso.progress import Progress
from reperso.runner import Engine, System
from reperso.statements import rerun_command
from reperso.verify import TOOL, make_folder, write_all
from steps.mutants import Mutant

FEATURES = "features"
"""The technique that everything else is measured by: an assertion of the obligation fails."""

SIGNS = {Verdict.FAIL: "X", Verdict.ERROR: "!", Verdict.INCONC: "?", Verdict.PASS: "."}
"""Verdicts in the matrix on the terminal; the worst of an obligation stands there."""

ORDER = (KillState.BROKEN, KillState.SURVIVED, KillState.BY_CRASH, KillState.BY_NAME)
"""States from bad to good: a mutant that breaks several obligations gets the worst."""


def mutants(arguments: argparse.Namespace) -> ExitCode:
    """Carry out `reperso mutants`."""
    if arguments.tables:
        from reperso.table_mutants import table_mutants  # noqa: PLC0415 - another command, really

        return table_mutants(arguments)
    suite = load_suite()
    folder = make_folder(arguments.report)
    everybody = discover()
    found = _chosen(everybody, arguments)
    others = [name for name in dict.fromkeys(arguments.technique) if name != FEATURES]
    trial = Trial(Engine(suite), arguments.seed, arguments.others, arguments.jobs)
    matrix = KillMatrix(folder)
    effort = techniques.Effort(arguments.jobs, arguments.limit, arguments.resume)
    elsewhere = techniques.search(others, found, everybody, matrix, effort)
    kills: list[Kill] = []
    interrupted = elsewhere.is_interrupted
    if not interrupted and (not others or FEATURES in arguments.technique):
        try:
            for kill in trial.kills(found):
                kills.append(kill)
                matrix.note(FEATURES, kill.mutant, Judgement(kill.state, _failing(kill)))
        except KeyboardInterrupt:
            interrupted = True
    written = write_all(_report(trial, [*kills, *elsewhere.kills], folder), folder)
    killed = _say(suite.catalogue, kills)
    sys.stdout.write(f"report: {written}\n")
    if interrupted:
        return ExitCode.INTERRUPTED
    if killed < len(kills):
        return ExitCode.FAILED
    return ExitCode.EXPECTED if elsewhere.is_decided else ExitCode.UNDECIDED


def _say(catalogue: Catalogue, kills: Sequence[Kill]) -> int:
    """Say what the features made of mutants; return how many they killed by name."""
    if not kills:
        return 0
    sys.stdout.write(f"{matrix_of(catalogue, kills)}\n")
    width = _width(kills)
    for kill in kills:
        sys.stdout.write(f"{kill.state:<15} {kill.mutant:<{width}} {kill.reason or kill.what}\n")
    killed = sum(kill.state is KillState.BY_NAME for kill in kills)
    sys.stdout.write(f"{killed}/{len(kills)} killed by name\n")
    return killed


def _chosen(everybody: Iterable[Mutant], arguments: argparse.Namespace) -> list[Mutant]:
    """Return the mutants that are asked for.

    Raises:
        NothingSelectedError: there is none; nothing was run.
    """
    asked, names = set(arguments.element), set(arguments.only)
    found = [one for one in everybody if not asked or not asked.isdisjoint(one.breaks)]
    found = [one for one in found if not names or one.name in names]
    if not found:
        wanted = " or ".join(sorted(asked | names)) or "anything"
        raise NothingSelectedError("", f"no mutant breaks, or is, {wanted}")
    return found


def _failing(kill: Kill) -> tuple[str, ...]:
    """Return the cases that found it; none if no assertion of what it breaks was among them."""
    if kill.state is not KillState.BY_NAME:
        return ()
    return tuple(case for case, verdict in kill.verdicts.items() if verdict is Verdict.FAIL)


def discover(package: str = steps.mutants.__name__) -> list[Mutant]:
    """Return the mutants of all modules of a package, in the order of names.

    Raises:
        UsageError: a module cannot be imported or holds no MUTANTS, or two mutants share a name.
    """
    found: dict[str, Mutant] = {}
    path = importlib.import_module(package).__path__
    for module_info in sorted(pkgutil.iter_modules(path), key=lambda info: info.name):
        for mutant in _mutants_of(f"{package}.{module_info.name}"):
            if mutant.name in found:
                raise UsageError(f"{package}.{module_info.name}", f"two mutants {mutant.name!r}")
            found[mutant.name] = mutant
    return list(found.values())


def _mutants_of(name: str) -> Iterable[Mutant]:
    try:
        held = importlib.import_module(name).MUTANTS
    except Exception as error:
        raise UsageError(name, f"{type(error).__name__}: {error}") from error
    if not (isinstance(held, tuple) and all(isinstance(one, Mutant) for one in held)):
        raise UsageError(name, "MUTANTS has to be a tuple of steps.mutants.Mutant")
    return held


class Trial:
    """Runs mutants against the cases that have to notice them, and against others."""

    def __init__(self, engine: Engine, seed: int, others: str, jobs: int = 1) -> None:
        self.catalogue = engine.suite.catalogue
        self.clock = Clock()
        self._engine = engine
        self._seed = seed
        self._others = others
        self._jobs = jobs

    def kills(self, found: Sequence[Mutant]) -> Iterator[Kill]:
        """Try each mutant.

        Raises:
            KeyboardInterrupt: the run was interrupted; what was yielded before holds.
        """
        flaws = {mutant.name: self._flaw(mutant) for mutant in found}
        cases = {mutant.name: self._cases(mutant) for mutant in found if not flaws[mutant.name]}
        progress = Progress(sys.stderr, sum(map(len, cases.values())))
        names = {case.id: case.name for case in self.catalogue.cases}

        def done(system: System, result: Result, _: Capture = None) -> None:
            progress.case(system.name, names[result.case], result)

        trials = [
            (System(mutant.name, mutant.factory, self._seed), cases[mutant.name])
            for mutant in found
            if mutant.name in cases
        ]
        runs = self._together(trials, done) if self._jobs > 1 else self._one_by_one(trials, done)
        for mutant in found:
            flaw = flaws[mutant.name]
            verdicts = {} if flaw else {one.case: one.verdict for one in next(runs)}
            state, reason = (KillState.BROKEN, flaw) if flaw else self._judge(mutant, verdicts)
            yield Kill(mutant.name, mutant.what, mutant.breaks, state, reason, verdicts)
        progress.end()

    def _one_by_one(
        self, trials: Trials, done: Callable[[System, Result], None]
    ) -> Iterator[Sequence[Result]]:
        """Yield the results of each system; KeyboardInterrupt where they are interrupted."""
        for system, cases in trials:
            told = partial(done, system)
            run, interrupted = self._engine.run(system, cases, self._recorder(), told)
            if interrupted:
                raise KeyboardInterrupt
            yield run.results

    def _together(
        self, trials: Trials, done: Callable[[System, Result, Capture], None]
    ) -> Iterator[Sequence[Result]]:
        """Do as `_one_by_one`, in several processes."""
        found, interrupted = Crew(self._engine, self._jobs, self._recorder).run(trials, done)
        for (_, cases), results in zip(trials, found, strict=True):
            if interrupted and len(results) < len(cases):
                raise KeyboardInterrupt
            yield results
        if interrupted:
            raise KeyboardInterrupt

    def _recorder(self) -> Recorder:
        return Recorder(self.catalogue, rerun_command(()), self.clock, evidence=False)

    def _flaw(self, mutant: Mutant) -> str:
        """Return why a mutant cannot be tried; empty if it can."""
        unknown = [id_ for id_ in mutant.breaks if id_ not in self.catalogue.obligations]
        if unknown or not mutant.breaks:
            return f"it breaks {', '.join(unknown) or 'nothing'}, which is no obligation"
        try:
            System(mutant.name, mutant.factory, self._seed).demand_makeable()
        except UsageError as error:
            return str(error)
        return ""

    def _cases(self, mutant: Mutant) -> tuple[Case, ...]:
        """Return the cases of what the mutant breaks and the others that were asked for."""
        broken = set(mutant.breaks)
        return tuple(
            case
            for case in self.catalogue.cases
            if not broken.isdisjoint(case.obligations)
            or self._others == "all"
            or (self._others == "sample" and case.id.endswith("/1"))
        )

    def _judge(self, mutant: Mutant, verdicts: Mapping[str, Verdict]) -> tuple[KillState, str]:
        judged = [self._judge_one(obligation, verdicts) for obligation in mutant.breaks]
        return min(judged, key=lambda one: ORDER.index(one[0]))

    def _judge_one(self, broken: str, verdicts: Mapping[str, Verdict]) -> tuple[KillState, str]:
        of_it = [verdicts[case.id] for case in self.catalogue.cases_of(broken)]
        if not of_it:
            return KillState.SURVIVED, f"{broken} has no case"
        if Verdict.FAIL in of_it:
            return KillState.BY_NAME, ""
        if Verdict.ERROR in of_it or Verdict.INCONC in of_it:
            return KillState.BY_CRASH, f"no assertion of {broken} failed, but a case broke off"
        return KillState.SURVIVED, f"every case of {broken} is content"


def matrix_of(catalogue: Catalogue, kills: Sequence[Kill]) -> str:
    """Return mutants against obligations by SIGNS; [] stands around what a mutant breaks."""
    ids = [id_ for id_ in catalogue.obligations if catalogue.cases_of(id_)]
    width = _width(kills)
    lines = [" ".join([" " * width, *(f"{id_:^5}" for id_ in ids)])]
    for kill in kills:
        signs = (_sign(catalogue, kill, id_) for id_ in ids)
        lines.append(" ".join([f"{kill.mutant:<{width}}", *(f"{sign:^5}" for sign in signs)]))
    return "\n".join(line.rstrip() for line in lines)


def _width(kills: Sequence[Kill]) -> int:
    return max((len(kill.mutant) for kill in kills), default=0)


def _sign(catalogue: Catalogue, kill: Kill, obligation: str) -> str:
    found = {kill.verdicts.get(case.id) for case in catalogue.cases_of(obligation)}
    sign = next((sign for verdict, sign in SIGNS.items() if verdict in found), " ")
    return f"[{sign}]" if obligation in kill.breaks else sign


def _report(trial: Trial, kills: Sequence[Kill], folder: Path) -> Report:
    """Add the kills to the report that is there, if it is of the same suite; else begin one.

    What other techniques came to in that report stays in it; the features come first.
    """
    try:
        there = read_report(folder / "report.json")
    except ReportError:
        there = None
    if there is not None and there.cases == trial.catalogue.cases:
        tried = {kill.technique for kill in kills}
        kept = [kill for kill in there.mutants if kill.technique not in tried]
        kills = sorted([*kept, *kills], key=lambda kill: kill.technique != FEATURES)
        return replace(there, mutants=tuple(kills))
    empty = Recorder(trial.catalogue, rerun_command(()), trial.clock)
    return empty.report(TITLE, TOOL, mutants=tuple(kills))
