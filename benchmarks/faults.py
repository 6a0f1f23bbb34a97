"""Steps until each planted fault is found, by lockstep and suites, against a plain random walk.

A step is an event that happened beside the model, or was tried in vain. All searches are made in
the same run with the same seeds; the suites go the same way for each. One that made CUT_OFF steps
gives up, and counts as more than that in the median. Faults named on the command line are the only
ones then; `--cut-off N` and `--seeds N` make it longer, up to hours.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from math import inf
from statistics import median

from reperso.mutants import discover
from steps.checks.searches import Search, walk_beside, walk_plainly, walk_suites
from steps.driver import UnsupportedError
from steps.mutants import Mutant

CUT_OFF = 1_500
SEEDS = 1
SEARCHES: Mapping[str, Search] = {
    "lockstep": walk_beside,
    "suites": walk_suites,
    "plain walk": walk_plainly,
}
SEEDLESS = frozenset({"suites"})


def steps_to_find(search: Search, mutant: Mutant, seeds: int, cut_off: int) -> float:
    """Return the median over seeds; inf if half of them or more gave up."""
    searched = [search(mutant.factory, seed, cut_off) for seed in range(seeds)]
    return median(one.steps if one.found else inf for one in searched)


def main() -> None:
    """Print the steps for each fault, and the median over all faults."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("fault", nargs="*")
    parser.add_argument("--cut-off", type=int, default=CUT_OFF)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    asked = parser.parse_args()
    found: dict[str, list[float]] = {name: [] for name in SEARCHES}
    print(f"{'median steps of ' + str(asked.seeds) + ' seeds':<40}" + _row(SEARCHES))
    for mutant in discover():
        if asked.fault and mutant.name not in asked.fault:
            continue
        try:
            for name, search in SEARCHES.items():
                seeds = 1 if name in SEEDLESS else asked.seeds
                found[name].append(steps_to_find(search, mutant, seeds, asked.cut_off))
        except UnsupportedError:
            continue  # the first search says so: nothing was added
        told = [_told(steps[-1], asked.cut_off) for steps in found.values()]
        print(f"{mutant.name:<40}{_row(told)}", flush=True)
    if not any(found.values()):
        parser.error("none of these faults can be searched by single events")
    counts = [f"{sum(one < inf for one in steps)}/{len(steps)}" for steps in found.values()]
    medians = [_told(median(steps), asked.cut_off) for steps in found.values()]
    print(f"{'found':<40}{_row(counts)}\n{'median over all faults':<40}{_row(medians)}")


def _told(steps: float, cut_off: int) -> str:
    return f"{steps:,.0f}" if steps < inf else f"> {cut_off:,}"


def _row(cells: Iterable[str]) -> str:
    return "".join(f"{cell:>12}" for cell in cells)


if __name__ == "__main__":
    main()
