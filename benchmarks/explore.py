"""Exploration: states a second of our explorer and of SPIN, over the same tables in the same run.

TLC is not measured: the tables are exported as Promela only.
"""

from __future__ import annotations

import gc
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from model.compile import Space
from model.explore import Search, explore
from model.export import promela
from model.scopes import Scope, one_card, several_cards

ROUNDS = 5
SPIN_OPTIONS = ("-O2", "-DSAFETY", "-DNOREDUCE")


def searched(scope: Scope) -> tuple[int, float, float]:
    """Return how many states there are, and the seconds that it takes to find them.

    First with the tables still to be compiled, then with tables that are, as pan's are.
    """
    began = time.perf_counter()
    space = Space(scope.composition)
    search = Search(space)
    search.run()
    cold = time.perf_counter() - began
    states = len(search.reached)
    del search
    gc.collect()
    again = Search(space)
    began = time.perf_counter()
    again.run()
    return states, cold, time.perf_counter() - began


def compiled(scope: Scope, folder: Path) -> None:
    """Make pan of a scope."""
    (folder / "model.pml").write_text(promela(scope.composition))
    for command in (["spin", "-a", "model.pml"], ["gcc", *SPIN_OPTIONS, "-o", "pan", "pan.c"]):
        subprocess.run(command, cwd=folder, check=True, capture_output=True)


def spun(folder: Path) -> float:
    """Return the seconds that pan takes, its start included."""
    began = time.perf_counter()
    command = ["./pan", "-E", "-m1000000", "-w22"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - began


def measure(scope: Scope) -> None:
    """Print how fast a scope is explored; the best of the rounds, which take turns."""
    colds, warms, spins = [], [], []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        there = bool(shutil.which("spin") and shutil.which("gcc"))
        if there:
            compiled(scope, folder)
        for _ in range(ROUNDS):
            states, cold, warm = searched(scope)
            colds.append(cold)
            warms.append(warm)
            if there:
                spins.append(spun(folder))
    print(f"{scope.name}: {states:,} states")
    print(f"  ours     {states / min(warms):>9,.0f} states/s  ({min(warms):.2f} s)")
    print(f"  ours, tables compiled as well {states / min(colds):>9,.0f} states/s")
    if not there:
        print("  SPIN     not installed")
        return
    print(f"  SPIN     {states / min(spins):>9,.0f} states/s  ({min(spins):.2f} s)")
    ratio = min(warms) / min(spins)
    print(f"  we take {ratio:.2f} times as long as SPIN (to reach: at most 3)")


def main() -> None:
    """Measure."""
    scope = one_card()
    began = time.perf_counter()
    found = explore(scope.composition, scope.invariants, scope.good_ends)
    took = time.perf_counter() - began
    print(f"one card with all that is proved of it: {took:.2f} s, {len(found.findings)} findings")
    for one in (one_card(), several_cards(2, 1).bounded(faults=0, changes=0)):
        measure(one)


if __name__ == "__main__":
    main()
