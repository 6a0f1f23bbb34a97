"""`reperso run`: runs cases on systems, writes the report, and says what came of it."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from behave.runner_util import make_undefined_step_snippets

from conformance.baseline import read_baseline
from conformance.catalogue import Case
from conformance.changes import BAD, Change, Difference, against, marked
from conformance.clock import Clock
from conformance.document import write_report
from conformance.evidence import Report, Result
from conformance.matrix import Matrix
from conformance.recorder import Recorder
from conformance.verdicts import Verdict
from conformance.visible import visible
from reperso import TITLE, __version__
from reperso.background import gather
from reperso.captures import Captures
from reperso.comparison import judged, told_of
from reperso.errors import ExitCode, NothingSelectedError, UsageError
from reperso.features import Suite, here_or_installed, load_suite
from reperso.outputs import demand_outputs, results_only, write_outputs
from reperso.progress import Progress, painted, wants_colour
from reperso.runner import Engine, System
from reperso.selection import Wanted, is_case_id, locate, select
from reperso.statements import rerun_command, systems_of
from reperso.suite_runs import read_suite_runs

if TYPE_CHECKING:
    from reperso.parallel import Capture, Crew

TOOL = f"reperso {__version__}"
TOLD = 20
"""How many results of a system the terminal shows that are not PASS."""

SNIPPET = """@{keyword}("{text}")
def name_it(driver: Driver) -> None:
    ...
"""
"""A sentence that is missing, as this repository writes sentences."""


def run(arguments: argparse.Namespace) -> ExitCode:
    """Carry out `reperso run`."""
    demand_outputs(arguments.format, arguments.output)
    suite, cases = chosen(arguments)
    if arguments.list:
        sys.stdout.writelines(f"{case.id:<18} {case.name}\n" for case in cases)
        return ExitCode.EXPECTED
    if arguments.dry_run:
        return _rehearse(Engine(suite), cases, systems_of(arguments, suite))
    expected = arguments.baseline and Path(here_or_installed(arguments.baseline))
    baseline = read_baseline(expected) if expected else None
    systems = systems_of(arguments, suite)
    met = read_suite_runs(arguments.suites)
    captures = Captures(make_folder(arguments.pcap)) if arguments.pcap else None
    if captures:
        systems = [replace(one, factory=captures.of(one.factory)) for one in systems]
    folder = make_folder(arguments.report)
    engine = Engine(suite)
    recorder, interrupted = _recorded(arguments, engine, systems, cases, captures)
    background = gather(suite, engine, recorder.systems, met) if recorder.evidence else None
    report = recorder.report(TITLE, TOOL, complete=not interrupted, background=background)
    differences = against(report, baseline) if baseline else []
    report = marked(report, differences)
    written = write_all(report, folder)
    if arguments.rerun:
        _write_rerun(report, Path(arguments.rerun), suite.root)
    with results_only(arguments.format, arguments.output):
        _say(report, differences, written)
        if captures:
            sys.stdout.write(f"captures: {captures.write()} in {arguments.pcap}\n")
    write_outputs(report, arguments.format, arguments.output)
    if interrupted:
        return ExitCode.INTERRUPTED
    return judged(differences) if baseline else exit_code(report)


def _recorded(
    arguments: argparse.Namespace,
    engine: Engine,
    systems: Sequence[System],
    cases: Sequence[Case],
    captures: Captures | None,
) -> tuple[Recorder, bool]:
    """Run `cases` on each system; return what was recorded, and whether it was interrupted."""
    clock, again = Clock(), rerun_command(arguments.define, systems)

    def new() -> Recorder:
        evidence = not arguments.no_evidence
        return Recorder(engine.suite.catalogue, again, clock, evidence=evidence)

    recorder = new()
    if arguments.jobs == 1:
        return recorder, _run_all(engine, systems, cases, recorder, captures)
    from reperso.parallel import Crew  # noqa: PLC0415 - one process does without

    crew = Crew(engine, arguments.jobs, new, captures.last if captures else None)
    return recorder, _run_in_processes(crew, systems, cases, recorder, captures)


def chosen(arguments: argparse.Namespace) -> tuple[Suite, Sequence[Case]]:
    """Return the suite and the cases that the arguments of a command select.

    Raises:
        NothingSelectedError: there is no such case.
    """
    places = [one if is_case_id(one) else here_or_installed(one) for one in arguments.places]
    files = [place for place in places if not is_case_id(place)]
    suite = load_suite(_start(files[0]) if files else None)
    wanted = Wanted(places, arguments.tags, arguments.claim, arguments.element)
    cases = select(suite, wanted)
    if not cases:
        raise NothingSelectedError("", "no case is selected; `reperso run --list` lists them")
    return suite, cases


def _start(place: str) -> Path:
    """Return a file or folder of the suite that a place such as `x.feature:12` or `@list` names."""
    locations = locate([place])
    if locations:
        return Path(locations[0].filename)
    if place.startswith("@"):
        raise NothingSelectedError(place, "lists no feature")
    return Path(place)


def _run_all(
    engine: Engine,
    systems: Sequence[System],
    cases: Sequence[Case],
    recorder: Recorder,
    captures: Captures | None,
) -> bool:
    """Run `cases` on each system; after an interruption the other systems get SKIP only."""
    for system in systems:
        system.demand_makeable()
    progress = Progress(sys.stderr, len(cases) * len(systems))
    names = {case.id: case.name for case in cases}
    interrupted = False
    for system in systems:
        if interrupted:
            ids = [case.id for case in cases]
            recorder.begin_system(system.name, system.seed, system.options, ids)
            recorder.end_system()
            continue

        def done(result: Result, name: str = system.name) -> None:
            progress.case(name, names[result.case], result)
            if captures:
                captures.keep(name, result.case, captures.last())

        _, interrupted = engine.run(system, cases, recorder, done)
    progress.end()
    return interrupted


def _run_in_processes(
    crew: Crew,
    systems: Sequence[System],
    cases: Sequence[Case],
    recorder: Recorder,
    captures: Captures | None,
) -> bool:
    """Do as `_run_all`, in several processes. No system is made in this one: see `processes`."""
    progress = Progress(sys.stderr, len(cases) * len(systems))
    names = {case.id: case.name for case in cases}

    def done(system: System, result: Result, capture: Capture) -> None:
        progress.case(system.name, names[result.case], result)
        if captures:
            captures.keep(system.name, result.case, capture)

    found, interrupted = crew.run([(system, cases) for system in systems], done)
    for system, results in zip(systems, found, strict=True):
        recorder.begin_system(system.name, system.seed, system.options, [c.id for c in cases])
        for result in results:
            recorder.take(result)
        recorder.end_system()
    progress.end()
    return interrupted


def make_folder(folder: str) -> Path:
    """Make the folder of the report before anything is run: a wrong one is known at once."""
    path = Path(folder)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise UsageError(folder, "is no folder: a report is several files") from error
    except OSError as error:
        raise UsageError(folder, error.strerror or "cannot be made") from error
    return path


def write_all(report: Report, folder: Path) -> Path:
    """Write a report in every form; return the one for people.

    Raises:
        UsageError: a form cannot be written; those before it are there.
    """
    from conformance.junit import write_junit  # noqa: PLC0415 - not for a dry run

    writers = {"report.json": write_report, "junit.xml": write_junit}
    if report.evidence:
        from conformance.render.html import write_html  # noqa: PLC0415 - its engine is heavy

        writers["report.html"] = write_html
    for name, write in writers.items():
        try:
            write(report, folder / name)
        except OSError as error:
            what = error.strerror or "cannot be written"
            raise UsageError(str(folder / name), what) from error
    return folder / ("report.html" if report.evidence else "report.json")


def _write_rerun(report: Report, path: Path, root: Path) -> None:
    """Write where the cases stand that did not go well, as behave's rerun formatter does.

    behave takes such places relative to the folder of the list.
    """
    bad = (Verdict.FAIL, Verdict.ERROR, Verdict.INCONC)
    results = [result for system in report.systems for result in system.results]
    again = {result.case for result in results if result.verdict in bad}
    places = [
        f"{os.path.relpath(root / case.file, path.parent)}:{case.line}\n"
        for case in report.cases
        if case.id in again
    ]
    try:
        path.write_text("".join([f"# RERUN: {len(places)} scenarios\n", *places]), encoding="utf-8")
    except OSError as error:
        raise UsageError(str(path), error.strerror or "cannot be written") from error


def _say(report: Report, differences: Sequence[Difference], written: Path) -> None:
    matrix = Matrix(report)
    names = {case.id: case.name for case in report.cases}
    for at, system in enumerate(report.systems):
        sys.stdout.write(f"{visible(matrix.sentence(at))}\n")
        why = [result.reason for result in system.results if result.verdict is Verdict.NA]
        sys.stdout.writelines(f"  {line}\n" for line in _not_applicable(why))
        expected = {Change.STILL_FAILING}
        told = [one for one in system.results if one.verdict in BAD and one.change not in expected]
        for result, alike in _grouped(told)[:TOLD]:
            sys.stdout.writelines(f"{line}\n" for line in _lines(result, names[result.case]))
            if alike:
                sys.stdout.write(f"         and {alike} more for the same reason\n")
        if len(_grouped(told)) > TOLD:
            sys.stdout.write(f"  and {len(_grouped(told)) - TOLD} more, which are in the report\n")
    sys.stdout.writelines(f"{line}\n" for line in told_of(differences))
    sys.stdout.write(f"report: {written}\n")


def _grouped(results: Iterable[Result]) -> list[tuple[Result, int]]:
    """Return the first result of each verdict and reason, and how many more are like it."""
    groups: dict[tuple[Verdict, str], list[Result]] = {}
    for result in results:
        groups.setdefault((result.verdict, result.reason), []).append(result)
    return [(alike[0], len(alike) - 1) for alike in groups.values()]


def _not_applicable(why: Iterable[str]) -> Iterator[str]:
    """Yield why cases do not apply, a line a reason: there are often many of the same."""
    reasons = Counter(why)
    word = painted(Verdict.NA, colour=wants_colour(sys.stdout))
    for reason, count in list(reasons.items())[:TOLD]:
        yield f"{word} {count} case{'s' * (count > 1)}: {reason}"
    if len(reasons) > TOLD:
        yield f"       and {len(reasons) - TOLD} more reasons, which are in the report"


def _lines(result: Result, name: str) -> Iterator[str]:
    verdict = painted(result.verdict, colour=wants_colour(sys.stdout))
    yield f"  {verdict} {result.case}  {visible(name)}"
    yield f"         {visible(result.reason)}"
    yield f"         {visible(result.rerun)}"


def exit_code(report: Report) -> ExitCode:
    """Return what the verdicts of a run amount to."""
    verdicts = {result.verdict for system in report.systems for result in system.results}
    if Verdict.FAIL in verdicts:
        return ExitCode.FAILED
    if verdicts & {Verdict.ERROR, Verdict.INCONC}:
        return ExitCode.UNDECIDED
    return ExitCode.EXPECTED


def _rehearse(engine: Engine, cases: Sequence[Case], systems: Iterable[System]) -> ExitCode:
    """Say which steps of `cases` no sentence matches, and what the sentences could be.

    And for each system which cases do not apply to it, by what is stated of it.
    """
    undefined = engine.rehearse(cases)
    sys.stdout.write(f"{len(cases)} cases, {len(undefined)} steps that no sentence matches\n")
    for step in undefined:
        sys.stdout.write(f"  {step.filename}:{step.line}: {step.keyword} {step.name}\n")
    for system in systems:
        out = [system.not_applicable[case.id] for case in cases if case.id in system.not_applicable]
        if out:
            name, applicable = visible(system.name), len(cases) - len(out)
            sys.stdout.write(f"{name}: {applicable} of {len(cases)} cases apply\n")
            sys.stdout.writelines(f"  {line}\n" for line in _not_applicable(out))
    snippets: Iterable[str] = make_undefined_step_snippets(undefined, _snippet)
    sys.stderr.writelines(f"\n{snippet}" for snippet in snippets)
    return ExitCode.UNDECIDED if undefined else ExitCode.EXPECTED


def _snippet(step: object) -> str:
    text = str(getattr(step, "name", "")).replace("\\", "\\\\").replace('"', '\\"')
    return SNIPPET.format(keyword=getattr(step, "step_type", "given"), text=text)
