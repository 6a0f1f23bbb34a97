"""`reperso lockstep` and `reperso suites`: a system and the model beside it, event by event."""

from __future__ import annotations

import json
import sys
import time
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reperso.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from steps.checks.coverage import Coverage
    from steps.driver import Factory, Setup


def lockstep(arguments: Namespace) -> ExitCode:
    """Walk at random, and write what differs as feature, chart and trace."""
    from model.compile import Space  # noqa: PLC0415 - only where it is wanted
    from model.system import compose  # noqa: PLC0415 - likewise
    from steps.checks.lockstep import Lockstep, Mode, as_data  # noqa: PLC0415 - likewise
    from steps.checks.suites import options_of  # noqa: PLC0415 - likewise

    factory, setup = _system(arguments)
    mode = Mode.GUARDED if arguments.guarded else Mode.INOPPORTUNE
    space = Space(compose(*options_of(setup)))
    walker = Lockstep(factory, setup, space, mode)
    begun = time.perf_counter()
    walks = max(1, arguments.steps // arguments.length)
    difference = walker.run(arguments.seed, walks, arguments.length)
    took_s = time.perf_counter() - begun
    _say(f"{walker.walks} walks, {walker.steps} events, {walker.steps / took_s:.0f} events/s")
    for event in walker.never:
        _say(f"  never happened: {event}")
    for event, reason in sorted(walker.hidden.items()):
        _say(f"  could not be brought about at least once: {event}: {reason}")
    _write(arguments.output, as_data(walker))
    if difference is None:
        return ExitCode.EXPECTED
    _show(difference.trace, difference.event, difference.found)
    return ExitCode.FAILED


def suites(arguments: Namespace) -> ExitCode:
    """Walk until every transition and refusal was met, and say what was not and why."""
    from steps.checks.coverage import summary  # noqa: PLC0415 - only where it is wanted

    factory, setup = _system(arguments)
    begun = time.perf_counter()
    coverage = _walk_suites(arguments, factory, setup)
    took_s = time.perf_counter() - begun
    _say(f"{coverage.walks} walks, {coverage.steps} steps in {took_s:.1f} s")
    for kind, text in summary(coverage).items():
        _say(f"  {kind}: {text}")
    for how, count in coverage.by_how().most_common():
        _say(f"  of the events that were refused, {count}: {how.value}")
    for goal in sorted(coverage.untried(), key=str):
        _say(f"  never tried: {goal}")
    for goal, reason in sorted(coverage.hidden.items(), key=str):
        _say(f"  out of reach: {goal}: {reason}")
    of = {"system": arguments.sut, "options": setup.options}
    _write(arguments.output, {**of, **coverage.as_data()})
    for one in coverage.differences:
        _shorten_and_show(factory, setup, one.trace, one.event)
    lacks = bool(coverage.hidden or coverage.untried()) and arguments.whole
    return ExitCode.EXPECTED if coverage.is_complete and not lacks else ExitCode.FAILED


def _walk_suites(arguments: Namespace, factory: Factory, setup: Setup) -> Coverage:
    """Walk the tour of all kinds that one tour meets, and the W-method."""
    from model.compile import Space  # noqa: PLC0415 - only where it is wanted
    from model.suites import What  # noqa: PLC0415 - likewise
    from model.system import compose  # noqa: PLC0415 - likewise
    from steps.checks.coverage import Walks  # noqa: PLC0415 - likewise
    from steps.checks.identify import identify  # noqa: PLC0415 - likewise
    from steps.checks.suites import options_of, tour  # noqa: PLC0415 - likewise

    kinds = [What[kind.upper()] for kind in arguments.kind or ("transition", "refusal")]
    space = Space(compose(*options_of(setup)))
    walks = Walks(factory, setup, space, most_steps=arguments.steps)
    toured = [kind for kind in kinds if kind is not What.TARGET]
    if toured:
        tour(walks, toured, _progress)
    if What.TARGET in kinds and not walks.are_over:
        identify(walks, _progress)
    return walks.coverage


def _system(arguments: Namespace) -> tuple[Factory, Setup]:
    """Return the factory of a system that can be carried on by single events.

    Raises:
        UsageError: there is none of this name, or it cannot.
    """
    from steps.checks.script import put_on_stage  # noqa: PLC0415 - only where it is wanted
    from steps.driver import DriverError, Setup  # noqa: PLC0415 - likewise
    from steps.drivers import load  # noqa: PLC0415 - likewise

    setup = Setup(seed=arguments.seed, options=dict(arguments.define))
    try:
        factory = load(arguments.sut)
        driver = factory(setup)
        try:
            put_on_stage(driver)
        finally:
            driver.close()
    except DriverError as error:
        raise UsageError("--sut", str(error)) from error
    return factory, setup


def _shorten_and_show(factory: Factory, setup: Setup, trace: Sequence[str], event: str) -> None:
    from model.compile import Space  # noqa: PLC0415 - only where it is wanted
    from model.system import compose  # noqa: PLC0415 - likewise
    from steps.checks.replay import replay, shorten  # noqa: PLC0415 - likewise
    from steps.checks.suites import options_of  # noqa: PLC0415 - likewise

    space = Space(compose(*options_of(setup)))
    found = replay(factory, setup, space, trace)
    if found is None:
        _say(f"after {event}: seen once, and not again by the same events")
        return
    shortest = shorten(factory, setup, space, found)
    _show(shortest.trace, shortest.event, shortest.found)


def _show(trace: Sequence[str], event: str, found: Sequence[str]) -> None:
    from model.diagrams import sequence_diagram  # noqa: PLC0415 - only where it is wanted
    from steps.checks.replay import as_feature  # noqa: PLC0415 - likewise

    _say("")
    _say(as_feature(trace, event, found))
    happened = [one for one in trace if not one.startswith("(")]
    _say(sequence_diagram(happened))
    _say(json.dumps({"after": event, "what": list(found), "trace": list(trace)}))


def _progress(coverage: Coverage) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{coverage.walks} walks, {coverage.steps} steps")
        sys.stderr.flush()


def _write(place: str | None, data: Mapping[str, Any]) -> None:
    if place is None:
        return
    text = json.dumps(data, indent=1, default=list) + "\n"
    path = Path(place)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(place, error.strerror or "cannot be written") from error


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
