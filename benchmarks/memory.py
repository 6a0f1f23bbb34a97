"""Memory of a simulated world: three networks, a server, and 10,000 users whose devices attached.

Everything of it lies in this process: the records of all parties, each card's memory, each device,
and the octets of every message that passed, which are the evidence.
"""

from __future__ import annotations

import argparse
import gc
from dataclasses import replace
from pathlib import Path

from impl.runtime.deployment import NETWORKS
from impl.runtime.world import World

TARGET_MB = 300
MB = 1_000_000
PAGE_OCTETS = 4096
AT_ONCE = 500
"""How many devices attach at a time: nobody switches on a city at one moment."""


def resident() -> int:
    """Return the octets that this process has in memory."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * PAGE_OCTETS


def world(cards: int, *, has_evidence: bool = True) -> World:
    """Make a world, and let so many users of the first network attach."""
    made = World(0, plans=[replace(NETWORKS[0], identities=cards), *NETWORKS[1:]])
    for plan in NETWORKS:
        made.agree(plan.plmn)
    for number in range(1, cards + 1):
        made.subscribe(NETWORKS[0].plmn)
        if number % AT_ONCE == 0:
            made.settle()
            if not has_evidence:
                made.journal.entries.clear()
    made.settle()
    if not has_evidence:
        made.journal.entries.clear()
    return made


def main() -> None:
    """Print what the world takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cards", type=int, default=10_000)
    parser.add_argument("--no-evidence", action="store_true", help="let go of the messages")
    wanted = parser.parse_args()
    count = wanted.cards
    world(1)  # what is made once is nobody's
    before = resident()
    made = world(count, has_evidence=not wanted.no_evidence)
    after = resident()
    served = sum(one.terminal.serving_network == NETWORKS[0].plmn for one in made.handsets)
    messages = "no" if wanted.no_evidence else f"{made.journal.message_count:,}"
    print(
        f"{served:,} devices attached, {messages} messages kept:"
        f" {(after - before) / count:,.0f} octets each;"
        f" whole process {after / MB:.1f} MB  (to reach: < {TARGET_MB} MB)"
    )


if __name__ == "__main__":
    main()
