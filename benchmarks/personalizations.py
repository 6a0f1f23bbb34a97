"""Whole personalizations a second in the simulated world, against the bare parts of one.

A personalization goes from the choice in the card's menu to the subscriber record that the left
operator deletes: every message of every party, all octets, in one process, stores in memory. The
floor does what no implementation can leave out, with the bare code of the other benchmarks: two
commits, two changes in home registers, the short messages with their packets, an attach.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from itertools import count
from typing import Any

from apdu import Bare as BareCard
from measure import Work, compare, show
from milenage import FOUR, RAND, cipher, floor
from secured_packet import aes
from short_message import HEADER, SENDER, floor_decode, floor_encode

from impl.events import Interface
from impl.runtime.deployment import NETWORKS
from impl.runtime.simulation import Frame
from impl.runtime.world import Handset, World

CARDS = 20
MESSAGE = bytes(160)  # about what a personalization message says
TARGET = 0.3


def world() -> World:
    """Make a world in which every card can go to every network."""
    made = World(0, plans=[replace(plan, identities=2 * CARDS) for plan in NETWORKS])
    for plan in NETWORKS:
        made.agree(plan.plmn)
    for _ in range(CARDS):
        made.subscribe(NETWORKS[0].plmn)
    made.settle()
    return made


class Mover:
    """Moves one card after the other to the next network."""

    def __init__(self) -> None:
        self.world = world()
        self._numbers = count()
        self._at = [0] * CARDS

    def move(self) -> None:
        """Let the next card change."""
        card = next(self._numbers) % CARDS
        target = self._at[card] = (self._at[card] + 1) % len(NETWORKS)
        handset = self.world.handsets[card]
        self.world.choose(handset, NETWORKS[target].name)
        self.world.settle()
        self.demand_moved(handset, target)

    def demand_moved(self, handset: Handset, target: int) -> None:
        """Check that it is served by the network that it chose."""
        assert handset.terminal.serving_network == NETWORKS[target].plmn


def counted(mover: Mover) -> tuple[dict[str, int], int]:
    """Return what one personalization takes: frames by interface, and exchanges with the card."""
    frames: dict[str, int] = dict.fromkeys(Interface, 0)

    def tap(frame: Frame, *, delivered: bool) -> None:
        frames[frame.target.interface] += delivered

    mover.world.simulation.taps.append(tap)
    before = len(mover.world.journal.entries)
    mover.move()
    mover.world.simulation.taps.remove(tap)
    return frames, len(mover.world.journal.entries) - before - sum(frames.values())


class Floor:
    """What is left when everything is left out that can be."""

    def __init__(self, short_messages: int) -> None:
        self._short_messages = short_messages
        self._database = sqlite3.connect(":memory:", isolation_level=None)
        self._database.execute("CREATE TABLE change (id TEXT PRIMARY KEY, state TEXT, row BLOB)")
        self._numbers = count()
        self._subscribers: dict[str, Any] = {}
        self._packets = aes(bytes(16), bytes(16))
        self._encrypt = cipher(bytes(16))
        self._card = BareCard({0x2FE2: bytes(10)}, {0x2FE2: b""})

    def run(self) -> None:
        """Do the parts one behind the other."""
        name = f"{next(self._numbers):08x}"
        self._commit("INSERT INTO change VALUES (?, 'requested', ?)", name, bytes(300))
        self._ask({"kind": "reserve", "transaction": name})
        packet = self._packets.encode(MESSAGE)
        size = -(-len(packet) // self._short_messages)
        parts = []
        for at in range(0, len(packet), size):
            message = floor_encode(SENDER, HEADER, packet[at : at + size])
            parts.append(floor_decode(message)["data"])
        self._packets.decode(b"".join(parts))
        self._card.transmit(bytes.fromhex("00a4000c022fe2"))
        self._card.transmit(bytes.fromhex("00b000000a"))
        network = floor(self._encrypt, 1, FOUR)
        card = floor(self._encrypt, 1, FOUR)
        assert network == card
        self._commit("UPDATE change SET state = 'done' WHERE id = ?", name)
        self._ask({"kind": "delete", "transaction": name})

    def _commit(self, statement: str, *values: object) -> None:
        self._database.execute("BEGIN IMMEDIATE")
        self._database.execute(statement, values)
        self._database.execute("COMMIT")

    def _ask(self, message: dict[str, str]) -> None:
        """Ask a home register, and read its answer."""
        asked = json.loads(json.dumps(message).encode())
        self._subscribers[asked["transaction"]] = asked if asked["kind"] == "reserve" else None
        json.loads(json.dumps({"transaction": asked["transaction"], "rand": RAND.hex()}).encode())


def main() -> None:
    """Print the ratios."""
    mover = Mover()
    mover.move()
    frames, exchanges = counted(mover)
    said = ", ".join(f"{name} {number}" for name, number in frames.items())
    print(f"one personalization: frames {said}; {exchanges} exchanges with the card")
    works: dict[str, Work] = {
        "personalization": mover.move,
        "bare parts, 1 short message": Floor(1).run,
        "bare parts, 2 short messages": Floor(2).run,
    }
    timings = compare(works, rounds=9, slice_s=0.1)
    for name in list(works)[1:]:
        show("personalization, no evidence", timings, "personalization", name, TARGET)


if __name__ == "__main__":
    main()
