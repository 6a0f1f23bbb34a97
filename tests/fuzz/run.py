"""Deep fuzzing of everything that reads what others wrote: `make fuzz`, for a night.

Alters what a run of the system said, at random but seeded, and gives it to every target of the
test files beside this one. What a target does not take as it should is printed with its octets,
once a place in the source, and the exit status is 1. So is what takes too long, or too much memory.

`make test` has a share of it: a million inputs for the decoders together, another for the commands
that a card gets, in 12 and 26 seconds of CPU as last seen. The other targets make a node or a card
anew for a few inputs, which is a hundred times slower: they are for the night.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

import test_fuzz_card
import test_fuzz_codec
import test_fuzz_dialled
import test_fuzz_files
import test_fuzz_nodes
import test_fuzz_session
import wires

Check = Callable[[bytes], object]

MODULES = (
    test_fuzz_codec,
    test_fuzz_card,
    test_fuzz_session,
    test_fuzz_files,
    test_fuzz_nodes,
    test_fuzz_dialled,
    wires,
)
TELLING = (0x00, 0x01, 0x0F, 0x10, 0x1F, 0x7F, 0x80, 0x81, 0x82, 0x83, 0x91, 0xF0, 0xFE, 0xFF)
LONGEST = 600
MOST_CHANGES = 6
MOST_CPU_S = 2.0
"""Of one input: thousands of times what the slowest takes."""
MOST_OCTETS = 2 << 30
"""Of address space for the whole process: who believes a length that it was told goes past it."""
MOST_GROWTH = 96 << 20
"""Of resident octets while one target is fuzzed: no input may leave something behind for good."""


@dataclass
class Tally:
    """What became of the inputs of one target."""

    inputs: int = 0
    slowest_s: float = 0.0
    slowest: bytes = b""
    faults: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    """By place: the shortest input, and the error."""


class Mutator:
    """Makes hostile octets of friendly ones."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def next(self, seeds: Sequence[bytes]) -> bytes:
        """Return one of the seeds, altered in some places, or anything."""
        draw = self._random
        if not seeds or draw.random() < 0.02:
            return draw.randbytes(draw.randrange(LONGEST))
        octets = bytearray(draw.choice(seeds))
        for _ in range(draw.randint(1, MOST_CHANGES)):
            draw.choice(self._changes)(self, octets, seeds)
        return bytes(octets[:LONGEST])

    def _at(self, octets: bytearray) -> int:
        return self._random.randrange(len(octets) + 1)

    def _flip(self, octets: bytearray, _: Sequence[bytes]) -> None:
        if octets:
            octets[self._random.randrange(len(octets))] ^= 1 << self._random.randrange(8)

    def _set(self, octets: bytearray, _: Sequence[bytes]) -> None:
        if octets:
            octets[self._random.randrange(len(octets))] = self._random.choice(TELLING)

    def _step(self, octets: bytearray, _: Sequence[bytes]) -> None:
        """Count a place up or down, as where it is a length or a number."""
        if octets:
            at = self._random.randrange(len(octets))
            octets[at] = (octets[at] + self._random.choice((-2, -1, 1, 2))) & 0xFF

    def _digit(self, octets: bytearray, _: Sequence[bytes]) -> None:
        """Exchange a digit of a text, so that it stays one."""
        places = [at for at, octet in enumerate(octets) if 0x30 <= octet <= 0x39]
        if places:
            octets[self._random.choice(places)] = 0x30 + self._random.randrange(10)

    def _cut(self, octets: bytearray, _: Sequence[bytes]) -> None:
        at = self._at(octets)
        del octets[at : at + self._random.randint(1, 8)]

    def _end(self, octets: bytearray, _: Sequence[bytes]) -> None:
        del octets[self._at(octets) :]

    def _insert(self, octets: bytearray, _: Sequence[bytes]) -> None:
        at = self._at(octets)
        octets[at:at] = self._random.randbytes(self._random.randint(1, 8))

    def _repeat(self, octets: bytearray, _: Sequence[bytes]) -> None:
        at = self._at(octets)
        octets[at:at] = octets[at : at + self._random.randint(1, 40)]

    def _splice(self, octets: bytearray, seeds: Sequence[bytes]) -> None:
        other = self._random.choice(seeds)
        octets[self._at(octets) :] = other[self._random.randrange(len(other) + 1) :]

    _changes = (_flip, _set, _step, _digit, _cut, _end, _insert, _repeat, _splice)


def fuzz(check: Check, seeds: Sequence[bytes], inputs: int, mutator: Mutator) -> Tally:
    """Give one target so many inputs."""
    tally = Tally()
    for octets in chain(seeds, (mutator.next(seeds) for _ in range(inputs))):
        began = time.process_time()
        try:
            check(octets)
        except Exception as error:  # noqa: BLE001 - any error is what is looked for
            _note(tally, octets, error)
        took = time.process_time() - began
        tally.inputs += 1
        if took > MOST_CPU_S:
            tally.faults.setdefault("unbounded time", (octets, f"{took:.1f} s\n"))
        if took > tally.slowest_s:
            tally.slowest_s, tally.slowest = took, octets
    return tally


def measured(check: Check, seeds: Sequence[bytes], inputs: int, mutator: Mutator) -> Tally:
    """Fuzz one target, and look at what stays of it in memory."""
    before = _peak_octets()
    tally = fuzz(check, seeds, inputs, mutator)
    growth = _peak_octets() - before
    if growth > MOST_GROWTH:
        tally.faults["unbounded memory"] = b"", f"{growth >> 20} MiB more than before\n"
    return tally


def _peak_octets() -> int:
    """Return the most that was resident so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _note(tally: Tally, octets: bytes, error: Exception) -> None:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{type(error).__name__} at {frame.filename}:{frame.lineno}"
    known = tally.faults.get(place)
    if known is None or len(octets) < len(known[0]):
        tally.faults[place] = octets, "".join(traceback.format_exception(error))


def lines(name: str, tally: Tally, *, traces: bool) -> Iterator[str]:
    """Yield what is to be said of one target."""
    slowest = f"slowest {tally.slowest_s * 1e3:.1f} ms"
    yield f"{name:<50} {tally.inputs:>10,} inputs, {slowest}, {len(tally.faults)} faults\n"
    for place, (octets, trace) in tally.faults.items():
        yield f"    {place}\n        {octets.hex()}\n"
        if traces:
            yield trace


def main() -> int:
    """Fuzz the targets that were asked for; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--inputs", type=int, default=20_000, help="for each target")
    parser.add_argument("--seed", type=int, default=0, help="of the alterations")
    parser.add_argument("--only", default="", metavar="TEXT", help="targets whose name holds TEXT")
    parser.add_argument("--traces", action="store_true", help="print where each fault came from")
    arguments = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_OCTETS, hard))
    targets = {
        name: target
        for module in MODULES
        for name, target in module.targets().items()
        if arguments.only in name
    }
    inputs, faults = 0, 0
    for name, (check, seeds) in targets.items():
        tally = measured(check, seeds, arguments.inputs, Mutator(arguments.seed))
        inputs += tally.inputs
        faults += len(tally.faults)
        sys.stdout.writelines(lines(name, tally, traces=arguments.traces))
        sys.stdout.flush()
    what = f"{inputs:,} inputs, {len(targets)} targets, seed {arguments.seed}: {faults} faults"
    sys.stdout.write(f"{what}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
