"""Memory of a world that goes on changing: stores on disk, and the slope of what is resident.

A change after the other, with every message of every party, in one process. The evidence of each
is let go of; what then grows with the changes would be a leak. `make endurance` makes 100,000.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import linear_regression

from memory import MB, resident
from personalizations import Mover, on_disk

LOOKS = 20


def slope(changes: Sequence[int], octets: Sequence[int]) -> float:
    """Return octets a change over the second half: what is made once was made in the first."""
    half = len(changes) // 2
    return linear_regression(changes[half:], octets[half:]).slope


def main() -> None:
    """Print what is resident as changes go on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=1_000)
    wanted = parser.parse_args().changes
    with tempfile.TemporaryDirectory() as folder:
        on_disk(Path(folder))
        mover = Mover()
        done, held, began = [], [], time.monotonic()
        for number in range(1, wanted + 1):
            mover.move()
            mover.world.journal.entries.clear()
            if number % max(1, wanted // LOOKS) == 0:
                done.append(number)
                held.append(resident())
                print(f"{number:>8,} changes {held[-1] / MB:8.1f} MB", flush=True)
        rate = wanted / (time.monotonic() - began)
        on_files = sum(file.stat().st_size for file in Path(folder).iterdir()) / wanted
        mover.world.close()
    print(
        f"{slope(done, held):,.0f} octets a change resident, {on_files:,.0f} on disk; {rate:.0f}/s"
    )


if __name__ == "__main__":
    main()
