"""`reperso steps`: the sentences that features can use, in behave's own catalogue."""

from __future__ import annotations

import argparse
import sys

from behave.configuration import Configuration
from behave.formatter.base import StreamOpener
from behave.formatter.steps import StepsCatalogFormatter, StepsUsageFormatter

from reperso.errors import ExitCode
from reperso.features import load_suite
from reperso.runner import Engine


def steps(arguments: argparse.Namespace) -> ExitCode:
    """List the sentences; or where each is used, those that are not, or steps that match none."""
    suite = load_suite()
    engine = Engine(suite)  # fills behave's registry, which the formatters read
    if arguments.unused:
        return _told([*engine.unused()])
    if arguments.undefined:
        undefined = engine.rehearse(suite.catalogue.cases)
        return _told([f"{one.filename}:{one.line}: {one.keyword} {one.name}" for one in undefined])
    formatter = StepsUsageFormatter if arguments.usage else StepsCatalogFormatter
    shown = formatter(StreamOpener(stream=sys.stdout), Configuration([], load_config=False))
    for feature in suite.features:
        shown.feature(feature)
    shown.close()
    return ExitCode.EXPECTED


def _told(found: list[str]) -> ExitCode:
    sys.stdout.writelines(f"{line}\n" for line in found)
    return ExitCode.FAILED if found else ExitCode.EXPECTED
