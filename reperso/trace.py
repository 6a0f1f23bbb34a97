"""`reperso trace`: does every obligation lead to a case, and everything else somewhere?

A scenario without an obligation and a tag that names none are refused when features are read, so
they never get this far.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator

from conformance.reviews import FILE_NAME as REVIEWS
from conformance.reviews import outdated, read_reviews, write_reviews
from conformance.verdicts import Level
from reperso.background import read_text
from reperso.errors import ExitCode, UsageError
from reperso.features import Suite, load_suite
from reperso.runner import Engine


def trace(arguments: argparse.Namespace) -> ExitCode:
    """Print what leads nowhere; FAILED if a must has no case, or a case is older than its text."""
    suite = load_suite()
    if arguments.accept:
        return _accept(suite)
    catalogue = suite.catalogue
    faults = list(_faults(suite))
    bare = [id_ for id_ in catalogue.obligations if not catalogue.cases_of(id_)]
    sys.stdout.writelines(f"{fault}\n" for fault in faults)
    sys.stdout.write(
        f"{len(catalogue.obligations) - len(bare)} of {len(catalogue.obligations)} obligations "
        f"have cases, {len(catalogue.cases)} cases have obligations; {_counted(faults)}\n"
    )
    return ExitCode.FAILED if faults else ExitCode.EXPECTED


def _counted(faults: Iterable[str]) -> str:
    """Say how many faults there are of each kind."""
    kinds = Counter(fault.split()[0].lower() for fault in faults)
    return ", ".join(f"{count} {kind}" for kind, count in kinds.items()) or "nothing is amiss"


def _accept(suite: Suite) -> ExitCode:
    path = suite.folder / REVIEWS
    try:
        write_reviews(suite.catalogue, read_text(suite), path)
    except OSError as error:
        raise UsageError(str(path), error.strerror or "cannot be written") from error
    sys.stdout.write(f"reviewed: every case stands for the text as it is now ({path.name})\n")
    return ExitCode.EXPECTED


def _faults(suite: Suite) -> Iterator[str]:
    catalogue = suite.catalogue
    for id_, obligation in catalogue.obligations.items():
        if obligation.level is Level.MUST and not catalogue.cases_of(id_):
            yield f"UNTESTED {id_} {obligation.text}"
    for sentence in Engine(suite).unused():
        yield f"UNUSED   {sentence}"
    changed = outdated(catalogue, read_text(suite), read_reviews(suite.folder / REVIEWS))
    for id_ in changed:
        cases = ", ".join(case.id for case in catalogue.cases_of(id_))
        yield f"OUTDATED {id_} its text changed; look at {cases}, then `reperso trace --accept`"
