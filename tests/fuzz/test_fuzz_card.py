"""The card against hostile commands: always a status word, and what it refuses leaves no trace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from impl.card.memory import Memory
from impl.card.uicc import Uicc
from impl.codec.apdu import SW, ResponseApdu
from impl.runtime.deployment import NETWORKS
from impl.runtime.world import World

DEADLINE = timedelta(seconds=2)
INPUTS_OF_A_CARD = 50
PRELUDE = 12
"""Commands with which a device starts the card; hostile ones come behind them."""

REFUSED = frozenset((0x67, 0x68, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x94)) | {
    SW.COMMAND_NOT_ALLOWED,
    SW.INCOMPATIBLE_WITH_FILE_STRUCTURE,
    SW.SECURITY_STATUS_NOT_SATISFIED,
    SW.CONDITIONS_NOT_SATISFIED,
    SW.NO_EF_SELECTED,
}
"""Status words, or their first octets, by which nothing was done: no counter of tries is among."""


@cache
def run() -> tuple[bytes, tuple[bytes, ...]]:
    """Return the memory of a card that changed its network, and the commands that it got."""
    world = World(0, options={"further_contents": bytes(200)})
    first, second, _ = NETWORKS
    world.agree(first.plmn)
    world.agree(second.plmn)
    handset = world.subscribe(first.plmn)
    world.settle()
    image = handset.slot.card._memory.image
    world.choose(handset, second.name)
    world.settle()
    commands = [entry.octets for entry in world.journal.entries if entry.interface is None]
    world.close()
    return image, tuple(dict.fromkeys(commands))


class Bench:
    """A card that was just started."""

    def __init__(self) -> None:
        image, commands = run()
        self._memory = Memory(image)
        self.card = Uicc(self._memory)
        self.card.power_on()
        for command in commands[:PRELUDE]:
            self.card.transmit(command)

    def demand_answer(self, command: bytes) -> int:
        """Give a command and return the status word."""
        before = self._memory.image
        response = ResponseApdu.decode(self.card.transmit(command))
        if response.sw in REFUSED or response.sw >> 8 in REFUSED:
            assert self._memory.image == before, f"{response.sw:04X} and a trace in memory"
        return response.sw

    def demand_recovery(self) -> None:
        """Take the power; the card comes up, and remembers what it had committed."""
        self.card.power_off()
        self.card.power_on()
        before = self._memory.image
        self.card.power_on()
        assert self._memory.image == before


class LongBench:
    """One card after the other, each for so many inputs."""

    def __init__(self) -> None:
        self._left = 0

    def __call__(self, command: bytes) -> None:
        """Give a command to the card of now."""
        if not self._left:
            self._bench, self._left = Bench(), INPUTS_OF_A_CARD
        self._left -= 1
        self._bench.demand_answer(command)
        if not self._left:
            self._bench.demand_recovery()


def targets() -> dict[str, tuple[Callable[[bytes], object], list[bytes]]]:
    """Return what deep fuzzing gives its inputs to, with their seeds."""
    return {"card.Uicc.transmit": (LongBench(), list(run()[1]))}


def hostile() -> st.SearchStrategy[bytes]:
    """Draw a command of the run with a few places written over, or anything."""
    places = st.tuples(st.integers(0, 260), st.integers(0, 3), st.binary(max_size=4))
    chosen = st.sampled_from(run()[1])
    return st.binary(max_size=270) | st.builds(altered, chosen, st.lists(places, max_size=3))


def altered(command: bytes, places: list[tuple[int, int, bytes]]) -> bytes:
    """Replace, at each place, so many octets by others."""
    for at, count, others in places:
        start = at % (len(command) + 1)
        command = command[:start] + others + command[start + count :]
    return command


@settings(max_examples=200, deadline=DEADLINE)
@given(st.lists(st.deferred(hostile), min_size=1, max_size=6))
def test_the_card_answers_hostile_commands_and_keeps_what_it_had(commands):
    bench = Bench()
    for command in commands:
        bench.demand_answer(command)
    bench.demand_recovery()


def test_the_run_has_commands_of_every_kind():
    instructions = {command[1] for command in run()[1]}
    assert {0x10, 0x12, 0x14, 0x88, 0xA4, 0xB0, 0xC2, 0xD6} <= instructions
