"""Memory: one way to write, and transactions that no loss of power can tear."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.card.memory import JOURNAL_SIZE, Memory, Plan
from impl.errors import MemoryFullError, PowerLostError

SIZE = 600
ENOUGH = 100_000


def new_memory() -> Memory:
    plan = Plan()
    plan.area(SIZE)
    memory = Memory(plan.blank_image())
    memory.recover()
    return memory


def areas_of(memory: Memory) -> bytes:
    return memory.image[JOURNAL_SIZE:]


def test_a_new_memory_is_erased_and_an_area_gives_back_what_was_written() -> None:
    plan = Plan()
    first, second = plan.area(4), plan.area(2)
    memory = Memory(plan.blank_image())
    memory.recover()
    assert first.read(memory) == b"\xff" * 4
    first.write(memory, b"abcd")
    second.set_number(memory, 0x1234)
    assert first.read(memory) == b"abcd"
    assert first.part(1, 2).read(memory) == b"bc"
    assert second.number(memory) == 0x1234


def test_a_memory_without_power_answers_nothing() -> None:
    memory = Memory(Plan().blank_image() + b"\xff")
    with pytest.raises(PowerLostError):
        memory.read(JOURNAL_SIZE, 1)
    with pytest.raises(PowerLostError):
        memory.octet(JOURNAL_SIZE)
    with pytest.raises(PowerLostError):
        memory.write(JOURNAL_SIZE, b"a")


def fail_after_writing(memory: Memory, *values: bytes) -> None:
    with memory.transaction():
        for value in values:
            memory.write(JOURNAL_SIZE, value)
        raise ZeroDivisionError


def test_a_transaction_that_raises_leaves_nothing_behind() -> None:
    memory = new_memory()
    memory.write(JOURNAL_SIZE, b"old")
    with pytest.raises(ZeroDivisionError):
        fail_after_writing(memory, b"new", b"NEW")
    assert memory.read(JOURNAL_SIZE, 3) == b"old"


def test_a_transaction_that_ends_stays_when_a_later_one_raises() -> None:
    memory = new_memory()
    make(memory, [(0, b"old"), (0, b"new")])
    with pytest.raises(ZeroDivisionError):
        fail_after_writing(memory, b"bad")
    assert memory.read(JOURNAL_SIZE, 3) == b"new"


def wrap_and_fail(memory: Memory) -> None:
    with memory.transaction():
        make(memory, [(0, b"new")])
        raise ZeroDivisionError


def test_a_transaction_inside_another_is_part_of_it() -> None:
    memory = new_memory()
    with pytest.raises(ZeroDivisionError):
        wrap_and_fail(memory)
    assert memory.read(JOURNAL_SIZE, 3) == b"\xff" * 3


def test_a_change_that_the_journal_cannot_hold_is_refused_whole() -> None:
    plan = Plan()
    area = plan.area(JOURNAL_SIZE)
    memory = Memory(plan.blank_image())
    memory.recover()
    with pytest.raises(MemoryFullError):
        area.write(memory, bytes(JOURNAL_SIZE))
    assert area.read(memory) == b"\xff" * JOURNAL_SIZE


def test_too_many_small_writes_are_refused_whole() -> None:
    memory = new_memory()
    with pytest.raises(MemoryFullError):
        make(memory, [(offset, b"\0") for offset in range(SIZE)])
    assert areas_of(memory) == b"\xff" * SIZE


def test_only_what_differs_is_written() -> None:
    memory = new_memory()
    memory.write(JOURNAL_SIZE, b"abcdef")
    memory.fuse = ENOUGH
    memory.write(JOURNAL_SIZE, b"abXdYf")
    note, mark, commit = 3 + len(b"cde"), 1, 1
    assert ENOUGH - memory.fuse == note + mark + len(b"XdY") + commit + note
    assert memory.read(JOURNAL_SIZE, 6) == b"abXdYf"


def test_writing_what_is_there_costs_no_write() -> None:
    memory = new_memory()
    memory.write(JOURNAL_SIZE, b"same")
    memory.fuse = 0
    memory.write(JOURNAL_SIZE, b"same")
    assert memory.read(JOURNAL_SIZE, 4) == b"same"


Writes = st.lists(
    st.integers(0, SIZE - 1).flatmap(
        lambda at: st.tuples(st.just(at), st.binary(min_size=1, max_size=SIZE - at))
    ),
    min_size=1,
    max_size=3,
)


def make(memory: Memory, writes: list[tuple[int, bytes]]) -> None:
    with memory.transaction():
        for at, octets in writes:
            memory.write(JOURNAL_SIZE + at, octets)


@given(writes=Writes, cut=st.integers(0, 4_000), second_cut=st.integers(0, 2_000))
def test_power_lost_at_any_octet_leaves_the_old_or_the_new_state(
    writes: list[tuple[int, bytes]], cut: int, second_cut: int
) -> None:
    memory = new_memory()
    memory.write(JOURNAL_SIZE, bytes(range(256)) * 2)
    old = areas_of(memory)
    sketch = bytearray(old)
    for at, octets in writes:
        sketch[at : at + len(octets)] = octets
    memory.fuse = cut
    lost = False
    try:
        make(memory, writes)
    except PowerLostError:
        lost = True
    memory.fuse = second_cut
    try:
        memory.recover()
    except PowerLostError:
        memory.fuse = None
        memory.recover()
    assert areas_of(memory) in ([old, bytes(sketch)] if lost else [bytes(sketch)])
    assert memory.image[:JOURNAL_SIZE] == bytes(JOURNAL_SIZE)


def test_every_cut_of_one_transaction_is_tried() -> None:
    writes = [(0, b"identity"), (4, b"overlap"), (300, b"key" * 100)]
    whole = new_memory()
    whole.fuse = ENOUGH
    make(whole, writes)
    after = []
    for cut in range(ENOUGH - whole.fuse):
        memory = new_memory()
        memory.fuse = cut
        with pytest.raises(PowerLostError):
            make(memory, writes)
        with pytest.raises(PowerLostError):
            memory.read(JOURNAL_SIZE, 1)
        memory.fuse = None
        memory.recover()
        after.append(areas_of(memory))
    old, new = b"\xff" * SIZE, areas_of(whole)
    commit = after.index(new)
    assert after == [old] * commit + [new] * (len(after) - commit)
    assert commit > len(after) / 2


def test_what_was_overwritten_is_nowhere() -> None:
    memory = new_memory()
    memory.write(JOURNAL_SIZE, b"a key that nobody may find")
    memory.write(JOURNAL_SIZE, b"*" * 26)
    assert b"a key" not in memory.image


def test_what_a_cut_left_in_the_journal_is_wiped_at_the_next_power_on() -> None:
    memory = new_memory()
    memory.write(JOURNAL_SIZE, b"a key that nobody may find")
    for cut in range(100):
        memory.fuse = cut
        try:
            memory.write(JOURNAL_SIZE, b"*" * 26)
        except PowerLostError:
            memory.fuse = None
            memory.recover()
            assert memory.image[:JOURNAL_SIZE] == bytes(JOURNAL_SIZE)
        memory.fuse = None
    assert b"a key" not in memory.image


def test_an_image_carries_an_open_transaction_to_the_next_life() -> None:
    memory = new_memory()
    memory.write(JOURNAL_SIZE, b"old")
    memory.fuse = 10
    with pytest.raises(PowerLostError):
        make(memory, [(0, b"new"), (100, b"more")])
    later = Memory(memory.image)
    later.recover()
    assert later.read(JOURNAL_SIZE, 3) == b"old"
