"""Whole personalizations a second in the simulated world, against the bare parts of one.

A personalization goes from the choice in the card's menu to the subscriber record that the left
operator deletes: every message of every party, all octets, in one process, each store a SQLite file
that is durable (WAL, FULL). The floor does what no implementation can leave out, with the bare code
of the other benchmarks, in the same files: commits, two round trips to a home register in a process
of its own, short messages with a packet each, an attach.
"""

from __future__ import annotations

import os
import socket
import tempfile
import time
from dataclasses import replace
from functools import partial
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from apdu import READ_ICCID, SELECT_ICCID
from apdu import Bare as BareCard
from measure import Work, compare, show
from milenage import FOUR, SQN, cipher, floor_of_batch
from secured_packet import aes
from short_message import HEADER, SENDER, floor_decode, floor_encode
from store import bare

from impl.events import Interface
from impl.runtime import world as worlds
from impl.runtime.deployment import NETWORKS
from impl.runtime.simulation import Frame
from impl.runtime.store import SqlStore
from impl.runtime.world import Handset, World

CARDS = 20
MESSAGE = bytes(100)  # what fits into one short message
OURS = "personalization, no evidence"
TARGET = 0.3
RP_DATA = frozenset({0, 1})
"""RP-MTI from and to a device (TS 24.011 table 8.3): all others acknowledge."""
RESERVE, DELETE = b"R", b"D"
IDENTITY_OCTETS = 8 + 16 + 16 + 8  # IMSI, K, OPc, MSISDN
LONGEST = 1024


def on_disk(folder: Path) -> None:
    """Let the stores of worlds be files from now on."""
    numbers = count()

    def make(metadata: object) -> SqlStore:
        file = folder / f"{next(numbers)}.db"
        return SqlStore(metadata, f"sqlite:///{file}")  # type: ignore[arg-type]  # MetaData

    worlds.SqlStore = make  # type: ignore[assignment,attr-defined]  # worlds have theirs in memory


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


class Taken(NamedTuple):
    """What one personalization takes."""

    frames: dict[str, int]
    """By interface."""
    exchanges: int
    """With the card."""
    short_messages: int
    """To and from the device."""
    commits: int
    """Of all nodes, without those of transactions that only read."""


def counted(mover: Mover) -> Taken:
    """Return what one personalization takes."""
    frames: dict[str, int] = dict.fromkeys(Interface, 0)
    short_messages, commits = 0, 0

    def tap(frame: Frame, *, delivered: bool) -> None:
        nonlocal short_messages
        interface = frame.target.interface
        frames[interface] += delivered
        short_messages += delivered and interface is Interface.SM and frame.message[0] in RP_DATA

    def count_commit(store: SqlStore) -> None:
        nonlocal commits
        commits += store.written != written[store]
        written[store] = store.written

    stores = mover.world.stores.values()
    written = {store: store.written for store in stores}
    for store in stores:
        store.after_commit = partial(count_commit, store)
    mover.world.simulation.taps.append(tap)
    before = len(mover.world.journal.entries)
    mover.move()
    mover.world.simulation.taps.remove(tap)
    for store in stores:
        store.after_commit = None
    exchanges = len(mover.world.journal.entries) - before - sum(frames.values())
    return Taken(frames, exchanges, short_messages, commits)


class Register:
    """A home register in a process of its own: keeps identities in memory, checks nothing."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours, theirs:
            process = get_context("fork").Process(
                target=answer, args=(theirs.dup(), ours), daemon=True
            )
            process.start()
            self._link = ours.dup()

    def ask(self, request: bytes) -> bytes:
        """Send a request and wait for its answer."""
        self._link.send(request)
        return self._link.recv(LONGEST)


def answer(link: socket.socket, others_end: socket.socket) -> None:
    """Reserve and delete identities until the other process ends."""
    others_end.close()
    subscribers: dict[bytes, bytes] = {}
    while request := link.recv(LONGEST):
        kind, name = request[:1], request[1:]
        if kind == RESERVE:
            subscribers[name] = bytes(IDENTITY_OCTETS)
            link.send(subscribers[name])
        else:
            del subscribers[name]
            link.send(name)


class Floor:
    """What is left when everything is left out that can be."""

    def __init__(self, file: Path, register: Register, short_messages: int, commits: int) -> None:
        self._short_messages = short_messages
        self._updates = commits - 1
        self._register = register
        self._database = bare(file)
        self._database.execute("CREATE TABLE change (id TEXT PRIMARY KEY, state TEXT, row BLOB)")
        self._numbers = count()
        self._packets = aes(bytes(16), bytes(16))
        self._network, self._usim = cipher(bytes(16)), cipher(bytes(16))
        self._card = BareCard({0x2FE2: bytes(10)}, {0x2FE2: b""})

    def run(self) -> None:
        """Do the parts one behind the other."""
        name = f"{next(self._numbers):08x}"
        self._commit("INSERT INTO change VALUES (?, 'requested', ?)", name, bytes(300))
        self._register.ask(RESERVE + name.encode())
        for _ in range(self._short_messages):
            self._carry()
        self._attach()
        for number in range(self._updates):
            # Another state each time: what stays as it was SQLite does not write.
            self._commit("UPDATE change SET state = ? WHERE id = ?", f"{number:9}", name)
        self._register.ask(DELETE + name.encode())

    def _carry(self) -> None:
        """Carry one short message with a packet to the card."""
        packet = self._packets.encode(MESSAGE)
        received = floor_decode(floor_encode(SENDER, HEADER, packet))["data"]
        self._packets.decode(received)
        self._card.transmit(SELECT_ICCID)
        self._card.transmit(READ_ICCID)

    def _attach(self) -> None:
        """Make the vector on both sides."""
        rands = [os.urandom(16)]
        network = floor_of_batch(self._network, 1, FOUR, rands, [SQN])
        assert network == floor_of_batch(self._usim, 1, FOUR, rands, [SQN])

    def _commit(self, statement: str, *values: object) -> None:
        self._database.execute("BEGIN IMMEDIATE")
        self._database.execute(statement, values)
        self._database.execute("COMMIT")


def measured(folder: Path) -> None:
    """Print the ratios, with all databases in this folder."""
    register = Register()
    mover = Mover()
    for _ in NETWORKS:  # so that every session is open and every statement made
        mover.move()
    taken = counted(mover)
    said = ", ".join(f"{name} {number}" for name, number in taken.frames.items())
    print(
        f"one personalization: frames {said}; {taken.exchanges} exchanges with the card;"
        f" {taken.short_messages} short messages; {taken.commits} commits that wrote"
    )
    shapes = {(1, 2), (4, 2), (taken.short_messages, taken.commits)}
    floors = {
        f"floor of {messages} short messages, {commits} commits": Floor(
            folder / f"floor{messages}_{commits}.db", register, messages, commits
        )
        for messages, commits in sorted(shapes)
    }
    works: dict[str, Work] = {OURS: mover.move}
    works |= {name: one.run for name, one in floors.items()}
    timings = compare(works, rounds=9, slice_s=0.1, clock=time.perf_counter)
    for name in floors:
        show(OURS, timings, OURS, name, TARGET)
    for name in floors:
        print(f"{name:<44} {timings.seconds(name) * 1e6:7,.0f} us")
    timings = compare(works, rounds=9)
    for name in floors:
        show("  CPU of it", timings, OURS, name)
    mover.world.close()


def main() -> None:
    """Print the ratios."""
    with tempfile.TemporaryDirectory() as folder:
        on_disk(Path(folder))
        measured(Path(folder))


if __name__ == "__main__":
    main()
