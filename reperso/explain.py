"""`reperso explain CASE`: what a case is about, and what the last report says that it showed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from conformance.catalogue import Case
from conformance.chart import attribute
from conformance.document import read_report
from conformance.evidence import Message, Report, Result
from conformance.obligations import Obligation
from reperso.errors import ExitCode, UsageError
from reperso.features import load_suite


def explain(arguments: argparse.Namespace) -> ExitCode:
    """Print a case: from the report if there is one, else from the features."""
    path = Path(arguments.report)
    report = read_report(path) if path.exists() else None
    if report is None:
        catalogue = load_suite().catalogue
        obligations, case = catalogue.obligations, catalogue.case(arguments.case)
    else:
        obligations = {one.id: one for one in report.obligations}
        case = next((one for one in report.cases if one.id == arguments.case), None)
    if case is None:
        raise UsageError(arguments.case, "there is no such case; `reperso run --list` lists them")
    sys.stdout.writelines(f"{line}\n" for line in _about(case, obligations))
    if report is None:
        sys.stdout.write(f"\nNot run yet ({path} is not there): reperso run {case.id}\n")
        return ExitCode.EXPECTED
    sys.stdout.writelines(f"{line}\n" for line in _showed(case, report, arguments.sut))
    return ExitCode.EXPECTED


def _about(case: Case, obligations: Mapping[str, Obligation]) -> Iterator[str]:
    yield f"{case.id}  {case.name}"
    yield f"{case.file}:{case.line}"
    for id_ in case.obligations:
        cites = " ".join(f"[{paragraph:03}]" for paragraph in obligations[id_].cites)
        text = f"{obligations[id_].text} {cites}".rstrip()
        yield f"\nverifies {id_} ({obligations[id_].level}): {text}"
    if case.rule:
        yield f"rule: {case.rule}"
    yield ""
    for step in case.steps:
        yield f"  {step.keyword:<5} {step.text}"


def _showed(case: Case, report: Report, sut: str | None) -> Iterator[str]:
    found = [
        (system.name, result)
        for system in report.systems
        for result in system.results
        if result.case == case.id and sut in (None, system.name)
    ]
    if not found:
        yield f"\nNot run{f' on {sut}' if sut else ''}: reperso run {case.id}"
    for system, result in found:
        yield f"\n{system}: {result.verdict}{f' - {result.reason}' if result.reason else ''}"
        yield from (f"  {line}" for line in result.trace)
        yield from _exchange(case, result)
        yield f"  again: {result.rerun}"


def _exchange(case: Case, result: Result) -> Iterator[str]:
    shares = attribute(result.messages, [step.messages for step in result.steps])
    for at, messages in enumerate(shares):
        if at < len(result.steps):
            yield f"\n  {case.steps[at].keyword} {case.steps[at].text}: {result.steps[at].status}"
            answers = (call for call in result.steps[at].calls if call.answer)
            yield from (f"      {call.call} = {call.answer}" for call in answers)
        for message in messages:
            yield from message_lines(message)


def message_lines(message: Message) -> Iterator[str]:
    """Yield a message as text: its way and name, then its octets and fields."""
    lost = "" if message.delivered else "  LOST"
    way = f"{message.sender} -> {message.receiver}"
    yield (
        f"    {message.number:>4} {message.time_s:9.3f} s  {way:<40} "
        f"{message.protocol}  {message.name}{lost}"
    )
    if message.octets:
        yield f"         {message.octets}"
    yield from (f"         {name}: {value}" for name, value in message.fields.items())
