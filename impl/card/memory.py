"""Non-volatile memory of the card: one way to write, and transactions that power loss cannot tear.

In front of the areas stands a journal. A transaction notes there what a place held, counts the
note, then writes over the place; its commit is the counter set back to zero: one octet, written or
not, never half. After a loss of power `recover` writes the noted octets back, so that the memory
holds all of a transaction or nothing of it. Behind the commit the notes are wiped: what was erased
is nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from mmap import mmap

from impl.errors import MemoryFullError, PowerLostError

JOURNAL_SIZE = 2048
"""Octets in front of the areas: the number of notes (1), then the notes."""

_NOTE_HEADER = 3  # address (2), length (1), then what stood there
_MOST_NOTES = 255  # their number stands in one octet
_LONGEST_NOTE = 255
_CLEAN = bytes(JOURNAL_SIZE)


class Memory:
    """Octets that outlive power. Reading sees what the open transaction wrote.

    `fuse` lets a test or the simulation cut the power: that many octets can still be written, the
    next one is lost with PowerLostError, and so is every access until `recover`. None: the power
    stays.
    """

    __slots__ = ("_depth", "_end_of_notes", "_octets", "_powered", "fuse")

    def __init__(self, image: bytes | bytearray | mmap) -> None:
        """Take over an image: the journal, then the areas. It has to be recovered before use.

        One that can be written, as a mapped file, is used in place and outlives the process.
        """
        assert len(image) >= JOURNAL_SIZE
        self._octets = bytearray(image) if isinstance(image, bytes) else image
        self._powered = False
        self._depth = 0
        self._end_of_notes = 1
        self.fuse: int | None = None

    @property
    def image(self) -> bytes:
        """Every octet as it is, journal included: what a card without power keeps. It is secret."""
        return bytes(self._octets)

    def recover(self) -> None:
        """Begin a life with power: undo the transaction that the last one left open.

        Raises:
            PowerLostError: power is lost again; the next `recover` does the same.
        """
        self._powered = True
        self._depth = 0
        self._roll_back()

    def read(self, address: int, size: int) -> bytes:
        """Return `size` octets from `address`."""
        if not self._powered:
            raise PowerLostError
        return bytes(self._octets[address : address + size])

    def octet(self, address: int) -> int:
        """Return the octet at `address`."""
        if not self._powered:
            raise PowerLostError
        return self._octets[address]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make all that is written inside the block happen, or nothing of it if the block raises.

        A transaction inside another is part of it.
        """
        self._depth += 1
        try:
            yield
            if self._depth == 1:
                self._commit()
        except PowerLostError:
            raise  # nothing can be written now; `recover` rolls back
        except BaseException:
            if self._depth == 1:
                self._roll_back()
            raise
        finally:
            self._depth -= 1

    def write(self, address: int, octets: bytes) -> None:
        """Write `octets` to `address`, as part of the open transaction or as one of its own.

        From the first to the last octet that differs: what is there already is not worn.

        Raises:
            MemoryFullError: the journal has no room for the note; nothing was written.
            PowerLostError: the fuse blew; `recover` finds the old state or the new one.
        """
        if not self._powered:
            raise PowerLostError
        assert JOURNAL_SIZE <= address <= address + len(octets) <= len(self._octets)
        first, end = _difference(self._octets[address : address + len(octets)], octets)
        if first == end:
            return
        with self.transaction():
            for start in range(first, end, _LONGEST_NOTE):
                part = octets[start : min(start + _LONGEST_NOTE, end)]
                self._write_noted(address + start, part)

    def _write_noted(self, address: int, octets: bytes) -> None:
        notes, at = self._octets[0], self._end_of_notes
        end = at + _NOTE_HEADER + len(octets)
        if notes == _MOST_NOTES or end > JOURNAL_SIZE:
            raise MemoryFullError
        header = address.to_bytes(2, "big") + bytes([len(octets)])
        self._burn(at, header + self._octets[address : address + len(octets)])
        self._burn(0, bytes([notes + 1]))
        self._end_of_notes = end
        self._burn(address, octets)

    def _commit(self) -> None:
        if self._octets[0]:
            self._burn(0, b"\0")
        self._wipe(self._end_of_notes)

    def _wipe(self, end: int) -> None:
        if self._octets[1:end] != _CLEAN[1:end]:
            self._burn(1, _CLEAN[1:end])
        self._end_of_notes = 1

    def _roll_back(self) -> None:
        notes, at = [], 1
        for _ in range(self._octets[0]):
            address = int.from_bytes(self._octets[at : at + 2], "big")
            size = self._octets[at + 2]
            at += _NOTE_HEADER + size
            notes.append((address, bytes(self._octets[at - size : at])))
        for address, octets in reversed(notes):  # of two notes on one place the older one holds
            self._burn(address, octets)
        self._end_of_notes = JOURNAL_SIZE
        self._commit()

    def _burn(self, address: int, octets: bytes) -> None:
        """Change the image. This is the only method that does."""
        if not self._powered:
            raise PowerLostError
        if self.fuse is None:
            self._octets[address : address + len(octets)] = octets
            return
        burnt = min(self.fuse, len(octets))
        self._octets[address : address + burnt] = octets[:burnt]
        self.fuse -= burnt
        if burnt < len(octets):
            self._powered = False
            raise PowerLostError


def _difference(old: bytes | bytearray, new: bytes) -> tuple[int, int]:
    """Return where two strings of one length begin to differ, and where they have ceased to."""
    bits = int.from_bytes(old, "big") ^ int.from_bytes(new, "big")
    if not bits:
        return 0, 0
    lowest = (bits & -bits).bit_length() - 1
    return len(new) - (bits.bit_length() + 7) // 8, len(new) - lowest // 8


@dataclass(frozen=True, slots=True)
class Area:
    """A place in every card's memory that holds `size` octets of one meaning."""

    address: int
    size: int

    def read(self, memory: Memory) -> bytes:
        """Return what the area holds."""
        return memory.read(self.address, self.size)

    def write(self, memory: Memory, octets: bytes) -> None:
        """Fill the area; `octets` are exactly as many as it has."""
        assert len(octets) == self.size
        memory.write(self.address, octets)

    def part(self, offset: int, size: int) -> Area:
        """Return the area of `size` octets that begins `offset` octets inside this one."""
        assert 0 <= offset <= offset + size <= self.size
        return Area(self.address + offset, size)

    def number(self, memory: Memory) -> int:
        """Return the unsigned number that the area holds, most significant octet first."""
        if self.size == 1:
            return memory.octet(self.address)
        return int.from_bytes(memory.read(self.address, self.size), "big")

    def set_number(self, memory: Memory, number: int) -> None:
        """Write an unsigned number, most significant octet first."""
        self.write(memory, number.to_bytes(self.size, "big"))


class Plan:
    """Hands out the places of memory, one behind the other: the same to every card."""

    def __init__(self) -> None:
        self._end = JOURNAL_SIZE

    def area(self, size: int) -> Area:
        """Return the next free `size` octets."""
        area = Area(self._end, size)
        self._end += size
        return area

    def blank_image(self) -> bytes:
        """Return the image of a card before its first write: journal empty, areas erased (FF)."""
        return bytes(JOURNAL_SIZE) + b"\xff" * (self._end - JOURNAL_SIZE)
