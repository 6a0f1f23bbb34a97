"""SEARCH RECORD, and SEEK of class A0."""

from __future__ import annotations

from typing import Any

import pytest


def test_search_finds_every_record_with_the_pattern(phone_book: Any) -> None:
    assert phone_book.ok("00a2010402" + b"0".hex() + b"1".hex()) == b"\x01"
    assert phone_book.ok("00a2010401" + b"1".hex()) == bytes([1, 10])
    assert phone_book.ok("00a20a0501" + b"1".hex()) == bytes([10, 1])
    assert phone_book.ok("00b200041c").startswith(b"name10")


def test_enhanced_search_from_an_offset_and_from_the_next_record(phone_book: Any) -> None:
    assert phone_book.ok("00a2010603" + "0405" + b"1".hex()) == b"\x01"  # only in octet 5
    phone_book.ok("00b200021c")
    assert phone_book.ok("00a2000603" + "0600" + b"1".hex()) == b"\x0a"
    assert phone_book.ok("00a2000603" + "0700" + b"1".hex()) == b"\x01"


@pytest.mark.parametrize(
    ("current", "indication", "first"),
    [
        (0, "04", 4),  # forward from P1
        (0, "05", 4),  # backward from P1
        (2, "06", 3),  # forward from the record behind the current one
        (6, "07", 5),  # backward from the one before it
        (0, "06", 1),  # without a current record, from the first
        (0, "07", 10),  # or from the last
    ],
)
def test_where_an_enhanced_search_begins(
    phone_book: Any, current: int, indication: str, first: int
) -> None:
    """TS 102 221 table 11.13: only the bits of direction and of the begin count."""
    for _ in range(current):
        phone_book.ok("00b200021c")
    found = phone_book.ok("00a2040606" + indication + "00" + b"name".hex())
    assert found[0] == first
    assert sorted(found) == list(range(1, first + 1) if indication in "0507" else range(first, 11))


def test_a_search_compares_from_the_first_octet_of_a_record(phone_book: Any) -> None:
    assert phone_book.ok("00a2010406" + b"name07".hex()) == b"\x07"
    assert phone_book.sw("00a2010608" + "0401" + b"name07".hex()) == 0x6282
    phone_book.ok("00dc02041c" + b"x1x1".ljust(28, b"\xff").hex())
    phone_book.ok("00a4080c047f106f3a")
    assert phone_book.ok("00a2020402" + b"x1".hex()) == b"\x02"
    assert phone_book.ok("00a2020604" + "0401" + b"x1".hex()) == b"\x02"  # the second place of it


def test_an_enhanced_search_behind_an_octet_of_a_value(phone_book: Any) -> None:
    """TS 102 221 table 11.13: behind the first occurrence of it in each record."""
    assert phone_book.ok("00a2010603" + "0c30" + b"1".hex()) == b"\x01"  # "name01", not "name10"
    assert phone_book.ok("00a2010603" + "0c31" + b"0".hex()) == b"\x0a"
    assert phone_book.ok("00a20a0604" + "0d30" + b"8\xff".hex()) == b"\x08"
    assert phone_book.sw("00a2010603" + "0c31" + b"1".hex()) == 0x6282


def test_a_search_that_fails_leaves_the_current_record(phone_book: Any) -> None:
    phone_book.ok("00b200021c")
    phone_book.ok("00b200021c")
    assert phone_book.sw("00a20104027a7a") == 0x6282
    assert phone_book.ok("00b200041c").startswith(b"name02")


def test_search_by_short_identifier_makes_the_file_current(terminal: Any) -> None:
    terminal.ok("00a4000c023f00")
    assert terminal.ok("00a201f401" + "61") == b"\x01"
    assert terminal.ok("00b201041a").startswith(b"\x61")
    assert terminal.sw("00a2018c01" + "61") == 0x6A82


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("00a2010600", 0x6700),
        ("00a20106020400", 0x6700),  # says where, not what
        ("00a20104027a7a", 0x6282),
        ("00a20b04016e", 0x6A83),
        ("00a20004016e", 0x6A83),  # no current record
        ("00a20107016e", 0x6A86),
        ("00a201060314006e", 0x6A81),
        ("00a20106030cee6e", 0x6282),  # behind an octet that no record has
        ("00a20106030c6e6e", 0x6282),  # behind the only one
        ("00a20104", 0x6700),
    ],
)
def test_a_search_that_finds_nothing(phone_book: Any, command: str, status: int) -> None:
    assert phone_book.sw(command) == status


def test_search_is_for_records(terminal: Any) -> None:
    terminal.ok("00a4080c022fe2")
    assert terminal.sw("00a20104016e") == 0x6981
    assert terminal.sw("a0a20000016e") == 0x9408


def test_seek_points_to_the_record_that_begins_so(phone_book: Any) -> None:
    assert phone_book.ok("a0a2001006" + b"name04".hex()) == b"\x04"
    assert phone_book.ok("a0b200041c").startswith(b"name04")
    assert phone_book.ok("a0a2000204" + b"name".hex()) == b""
    assert phone_book.ok("a0b200041c").startswith(b"name05")
    assert phone_book.ok("a0a2001304" + b"name".hex()) == b"\x04"
    assert phone_book.ok("a0a2001104" + b"name".hex()) == b"\x0a"


@pytest.mark.parametrize(
    ("command", "status"),
    [("a0a2000001aa", 0x9404), ("a0a20024016e", 0x6B00), ("a0a20000", 0x6700)],
)
def test_a_seek_that_finds_nothing(phone_book: Any, command: str, status: int) -> None:
    assert phone_book.sw(command) == status
