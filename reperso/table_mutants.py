"""`reperso mutants --tables`: would a suite notice a table that is wrong in one row?

Every first-order mutant of every table is compared exactly with what it was made from. Those that
nobody could tell apart are equivalent; of the others the suite has to notice every one.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from random import Random

from model.mutants import Comparison, Fault, Mutant, mutants
from model.scopes import one_card
from model.table import Option
from reperso.errors import ExitCode, UsageError

EVERY = 200
"""Mutants between two signs of life."""


def table_mutants(arguments: argparse.Namespace) -> ExitCode:
    """Carry out `reperso mutants --tables`."""
    for name in ("sample", "faults"):
        value = getattr(arguments, name)
        if value is not None and value < 0:
            raise UsageError(f"--{name}", f"{value} is less than 0")
    scope = one_card(Option.HARDENED, Option.ACKNOWLEDGED)
    comparison = Comparison(scope.bounded(faults=arguments.faults).composition)
    found = list(mutants(scope.composition))
    if arguments.sample is not None:
        chance = Random(arguments.seed)  # noqa: S311 - nothing here is a secret
        found = chance.sample(found, min(arguments.sample, len(found)))
    made, equivalent, killed = Counter[Fault](), Counter[Fault](), Counter[Fault]()
    survivors: list[Mutant] = []
    suite = comparison.suite()
    for at, mutant in enumerate(found, start=1):
        made[mutant.fault] += 1
        if comparison.killed(mutant, suite) is not None:
            killed[mutant.fault] += 1
        elif comparison.difference(mutant) is None:
            equivalent[mutant.fault] += 1
        else:
            survivors.append(mutant)
        if at % EVERY == 0:
            sys.stderr.write(f"{at}/{len(found)} mutants, {len(survivors)} survive\n")
    sys.stdout.write(f"suite: {len(suite.words)} words, {len(suite.nodes)} states on the way\n")
    for fault in Fault:
        different = made[fault] - equivalent[fault]
        sys.stdout.write(
            f"{fault:<42} {made[fault]:>5} mutants, {equivalent[fault]:>5} equivalent, "
            f"{killed[fault]:>5}/{different} killed\n"
        )
    sys.stdout.writelines(f"survives: {one}\n" for one in survivors)
    total, different = killed.total(), len(found) - equivalent.total()
    sys.stdout.write(f"{total}/{different} killed of those that are different\n")
    return ExitCode.FAILED if survivors else ExitCode.EXPECTED
