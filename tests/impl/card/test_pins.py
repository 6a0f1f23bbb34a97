"""PINs of the user: right and wrong, counted, blocked, unblocked, in both classes."""

from __future__ import annotations

from typing import Any

import pytest

from impl.card import image
from impl.errors import PowerLostError

RIGHT = "30303030ffffffff"
WRONG = "39393939ffffffff"
NEW = "3132333435363738"
UNBLOCK = "3030303030303030"


@pytest.fixture
def locked(new_terminal: Any) -> Any:
    return new_terminal(asks_for_pin=True)


def can_read(terminal: Any) -> bool:
    terminal.ok("00a4080c047fff6f07")
    return bool(terminal.send("00b0000009").sw == 0x9000)


def test_the_right_pin_opens_until_the_power_goes(locked: Any) -> None:
    assert not can_read(locked)
    assert locked.sw("0020000108" + RIGHT) == 0x9000
    assert can_read(locked)
    locked.restart()
    assert not can_read(locked)


def test_a_wrong_pin_is_counted_and_the_right_one_forgives(locked: Any) -> None:
    assert locked.sw("0020000108" + WRONG) == 0x63C2
    assert locked.sw("00200001") == 0x63C2
    assert not can_read(locked)
    assert locked.sw("0020000108" + RIGHT) == 0x9000
    assert locked.sw("00200001") == 0x63C3


def test_a_wrong_pin_takes_away_what_the_right_one_gave(locked: Any) -> None:
    locked.ok("0020000108" + RIGHT)
    locked.sw("0020000108" + WRONG)
    assert not can_read(locked)


def test_three_wrong_pins_block_and_the_unblocking_code_unblocks(locked: Any) -> None:
    assert [locked.sw("0020000108" + WRONG) for _ in range(4)] == [0x63C2, 0x63C1, 0x63C0, 0x6983]
    assert locked.sw("0020000108" + RIGHT) == 0x6983
    assert locked.sw("00200001") == 0x6983
    assert locked.sw("002c0001") == 0x63CA
    assert locked.sw("002c000110" + UNBLOCK + NEW) == 0x9000
    assert can_read(locked)
    locked.restart()
    assert locked.sw("0020000108" + RIGHT) == 0x63C2
    assert locked.sw("0020000108" + NEW) == 0x9000


def test_ten_wrong_unblocking_codes_end_it(locked: Any) -> None:
    answers = [locked.sw("002c000110" + WRONG + NEW) for _ in range(11)]
    assert answers == [*range(0x63C9, 0x63BF, -1), 0x6983]
    assert locked.sw("002c000110" + UNBLOCK + NEW) == 0x6983
    assert locked.sw("0020000108" + RIGHT) == 0x9000


def test_change_needs_the_old_pin(locked: Any) -> None:
    assert locked.sw("0024000110" + WRONG + NEW) == 0x63C2
    assert locked.sw("0024000110" + RIGHT + NEW) == 0x9000
    locked.restart()
    assert locked.sw("0020000108" + NEW) == 0x9000
    assert locked.sw("0020000108" + RIGHT) == 0x63C2


def test_change_opens_as_verify_does_and_a_wrong_old_pin_closes(locked: Any) -> None:
    assert locked.sw("0024000110" + RIGHT + "31323334ffffffff") == 0x9000
    assert can_read(locked)
    assert locked.sw("0024000110" + WRONG + NEW) == 0x63C2
    assert not can_read(locked)
    assert locked.sw("0020000108" + "31323334ffffffff") == 0x9000


@pytest.mark.parametrize(
    "bad", ["ff30303030303030", "303030ffffffffff", "3a303030ffffffff", "3030ff3030ffffff"]
)
def test_a_new_pin_has_to_be_four_to_eight_digits(locked: Any, bad: str) -> None:
    assert locked.sw("0024000110" + RIGHT + bad) == 0x6A80
    assert locked.sw("002c000110" + UNBLOCK + bad) == 0x6A80
    assert locked.sw("0020000108" + RIGHT) == 0x9000


def test_disable_and_enable(locked: Any) -> None:
    assert locked.sw("0026000108" + WRONG) == 0x63C2
    assert locked.sw("0028000108" + RIGHT) == 0x6984
    assert locked.sw("0026000108" + RIGHT) == 0x9000
    locked.restart()
    assert can_read(locked)
    assert locked.sw("0020000108" + RIGHT) == 0x6984
    assert locked.sw("0024000110" + RIGHT + NEW) == 0x6984
    assert locked.sw("0026000108" + RIGHT) == 0x6984
    assert locked.sw("0028000108" + RIGHT) == 0x9000
    locked.restart()
    assert not can_read(locked)


def test_the_second_pin_is_another_one(locked: Any) -> None:
    assert locked.sw("0020008108" + RIGHT) == 0x9000
    assert not can_read(locked)
    assert locked.sw("0020008108" + WRONG) == 0x63C2
    assert locked.sw("00200001") == 0x63C3
    assert locked.sw("0026008108" + RIGHT) == 0x6A86


@pytest.mark.parametrize("reference", ["00", "02", "0a", "82", "ff"])
def test_there_are_no_other_pins_and_no_admin_code_at_the_contacts(
    locked: Any, reference: str
) -> None:
    admin_code = locked.profile.admin_code.reveal().hex()
    assert locked.sw(f"002000{reference}08{admin_code}") == 0x6A88
    assert locked.sw(f"002000{reference}") == 0x6A88


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("0020000107" + "30" * 7, 0x6700),
        ("0024000108" + RIGHT, 0x6700),
        ("002c000108" + RIGHT, 0x6700),
        ("0020010108" + RIGHT, 0x6A86),
        ("00240001", 0x6700),
    ],
)
def test_ill_formed_commands_cost_no_try(locked: Any, command: str, status: int) -> None:
    assert locked.sw(command) == status
    assert locked.sw("00200001") == 0x63C3


def test_class_a0_says_it_in_its_own_words(locked: Any) -> None:
    assert locked.sw("a020000108" + WRONG) == 0x9804
    assert locked.sw("a020000108" + RIGHT) == 0x9000
    assert locked.sw("a020000208" + RIGHT) == 0x9000
    assert locked.sw("a028000108" + RIGHT) == 0x9808
    assert [locked.sw("a020000108" + WRONG) for _ in range(4)] == [0x9804, 0x9804, 0x9840, 0x9840]
    assert locked.sw("a02c000010" + UNBLOCK + NEW) == 0x9000
    assert locked.sw("a020000308" + RIGHT) == 0x9802


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("a0200001", 0x6700),  # TS 51.011 has no question for tries: that is in the status
        ("a02c0000", 0x6700),
        ("a020000008" + RIGHT, 0x9802),  # CHV1 is 01, but to UNBLOCK CHV
        ("a028000008" + RIGHT, 0x9802),
        ("a02c000110" + UNBLOCK + NEW, 0x9802),  # and 00 there
    ],
)
def test_class_a0_names_chvs_in_its_own_way_and_asks_for_no_tries(
    locked: Any, command: str, status: int
) -> None:
    assert locked.sw(command) == status
    assert locked.sw("00200001") == 0x63C3
    assert locked.sw("002c0001") == 0x63CA


def test_power_cut_after_a_wrong_pin_gives_no_try_back(locked: Any) -> None:
    for cut in range(12):
        memory = locked.memory
        memory.fuse = cut
        try:
            locked.sw("0020000108" + WRONG)
        except PowerLostError:
            memory.fuse = None
            locked.restart()
        memory.fuse = None
        left = image.PIN1.tries.number(memory)
        assert left in {2, 3}
        locked.ok("0020000108" + RIGHT)
    assert image.PIN1.tries.number(memory) == 3


@pytest.mark.parametrize(
    ("command", "tries"),
    [
        ("0020000108" + RIGHT, image.PIN1.tries),
        ("0024000110" + RIGHT + RIGHT, image.PIN1.tries),
        ("0026000108" + RIGHT, image.PIN1.tries),
        ("002c000110" + UNBLOCK + RIGHT, image.PIN1.unblock_tries),
    ],
    ids=["verify", "change", "disable", "unblock"],
)
def test_a_try_is_spent_before_the_card_knows_whether_it_is_right(
    new_terminal: Any, command: str, tries: Any
) -> None:
    """Who cuts the power as soon as the card begins to write learns nothing for free."""
    left = []
    for cut in range(80):
        locked = new_terminal(asks_for_pin=True)
        most = tries.number(locked.memory)
        locked.memory.fuse = cut
        try:
            locked.sw(command)
        except PowerLostError:
            locked.memory.fuse = None
            locked.restart()
        left.append(tries.number(locked.memory) - most)
    assert set(left) == {0, -1}
    assert left[0] == left[-1] == 0


def test_unblocking_enables_a_pin_that_was_blocked_while_it_was_disabled(locked: Any) -> None:
    """TS 51.011 clause 8.13, TS 102 221 clause 11.1.13."""
    locked.ok("0026000108" + RIGHT)
    assert [locked.sw("0028000108" + WRONG) for _ in range(3)] == [0x63C2, 0x63C1, 0x63C0]
    assert locked.sw("0028000108" + RIGHT) == 0x6983
    locked.restart()
    assert can_read(locked)  # disabled it stays
    assert locked.sw("002c000110" + UNBLOCK + NEW) == 0x9000
    locked.restart()
    assert not can_read(locked)
    assert locked.sw("0020000108" + NEW) == 0x9000


def test_no_try_is_spent_without_being_answered_with_a_count(locked: Any) -> None:
    memory = locked.memory
    memory.fuse = 0
    with pytest.raises(PowerLostError):
        locked.send("0020000108" + WRONG)
    memory.fuse = None
    locked.restart()
    assert locked.sw("00200001") == 0x63C3
