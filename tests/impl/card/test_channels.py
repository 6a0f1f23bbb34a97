"""Logical channels: each its own selection, four at most."""

from __future__ import annotations

from typing import Any

import pytest

from impl.codec.apdu import ResponseApdu


@pytest.mark.parametrize("cla", ["01", "02", "03", "81"])
def test_a_channel_that_is_not_open_is_not_supported(terminal: Any, cla: str) -> None:
    assert terminal.send(f"{cla}a4000c023f00").sw == 0x6881


def test_each_channel_has_its_own_file_and_application(terminal: Any) -> None:
    terminal.ok("00a4080c047fff6f07")
    assert terminal.send("0070000001") == ResponseApdu(b"\x01", 0x9000)
    assert terminal.send("01b0000009").sw == 0x6986
    assert terminal.send("01a4080c047fff6f07").sw == 0x6A82
    assert terminal.send("01a4040c07a0000000871002").sw == 0x9000
    assert terminal.send("01a4080c022fe2").sw == 0x9000
    assert len(terminal.send("01b000000a").data) == 10
    assert len(terminal.send("00b0000009").data) == 9
    assert terminal.send("81f2000c").sw == 0x9000


def test_a_pin_that_was_verified_counts_in_every_channel(new_terminal: Any) -> None:
    terminal = new_terminal(asks_for_pin=True)
    terminal.ok("0070000001")
    terminal.ok("01a4040c07a0000000871002")
    terminal.ok("01a4080c047fff6f07")
    assert terminal.send("01b0000009").sw == 0x6982
    assert terminal.send("002000010830303030ffffffff").sw == 0x9000
    assert terminal.send("01b0000009").sw == 0x9000


def test_a_closed_channel_is_gone_and_the_basic_one_stays(terminal: Any) -> None:
    assert terminal.send("00700000").more == 1
    assert terminal.send("01708001").sw == 0x9000
    assert terminal.send("01a4000c023f00").sw == 0x6881
    assert terminal.send("00708001").sw == 0x6881
    assert terminal.send("00708000").sw == 0x6A86


def test_channels_are_closed_by_a_reset(terminal: Any) -> None:
    terminal.ok("0070000001")
    terminal.restart()
    assert terminal.send("01a4000c023f00").sw == 0x6881


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("0070000101", 0x6A86),
        ("0070400001", 0x6A86),
        ("0070800401", 0x6A86),
        ("007000000100", 0x6700),
        ("8070000001", 0x6E00),
        ("a070000001", 0x6E00),
        ("0170000001", 0x6881),
    ],
)
def test_a_channel_that_cannot_be_managed_so(terminal: Any, command: str, status: int) -> None:
    assert terminal.send(command).sw == status


def test_there_are_no_more_than_four_channels(terminal: Any) -> None:
    assert [terminal.ok("0070000001") for _ in range(3)] == [b"\1", b"\2", b"\3"]
    assert terminal.send("0070000001").sw == 0x6A81


def test_a_channel_opened_from_the_basic_one_begins_in_the_mf(terminal: Any) -> None:
    terminal.ok("00a4080c047fff6f07")
    terminal.ok("0070000001")
    assert terminal.send("01b0000009").sw == 0x6986
    assert terminal.send("01a4000c022fe2").sw == 0x9000


def test_a_channel_opened_from_another_begins_where_that_one_is(terminal: Any) -> None:
    terminal.ok("0070000001")
    terminal.ok("01a4040c07a0000000871002")
    terminal.ok("01a4080c047fff6f07")
    terminal.ok("0170000001")
    assert terminal.send("02b0000009").sw == 0x6986
    assert terminal.send("02a4080c047fff6f07").sw == 0x9000
    terminal.ok("02708002")
    terminal.ok("0070000001")
    assert terminal.send("02a4080c047fff6f07").sw == 0x6A82
