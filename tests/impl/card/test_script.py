"""Scripts: one after the other, all or nothing, and what they answer."""

from __future__ import annotations

from typing import Any

import pytest

from impl.card import image
from impl.card.memory import Memory
from impl.card.script import run
from impl.card.status import StatusError
from impl.codec.apdu import CommandApdu
from impl.codec.remote_command import RemoteResponse, decode_script


class Recorder:
    """An application that writes, fails or speaks, and the errand that brought the script."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.refuses = False

    def accept(self) -> None:
        image.COMMAND_COUNTER.set_number(self.memory, 9)

    def answer(self, result: bytes) -> None:
        raise AssertionError(result)

    def carry_out(self, command: CommandApdu) -> bytes:
        if command.ins == 1:
            image.LOCI_FILE.write(self.memory, command.data)
        elif command.ins == 2:
            raise StatusError(0x6A80)
        elif command.ins == 4:
            for number in range(200):
                image.LOCI_FILE.write(self.memory, bytes([number] * 11))
        return b"answer" if command.ins in {3, 0xB0} else b""

    def conclude(self) -> None:
        if self.refuses:
            raise StatusError(0x6985)


@pytest.fixture
def recorder(terminal: Any) -> Recorder:
    return Recorder(terminal.memory)


def answer(recorder: Recorder, script: str) -> RemoteResponse:
    return run(decode_script(bytes.fromhex(script)), recorder, recorder.memory, recorder)


def test_commands_are_carried_out_in_turn_and_the_last_one_answers(recorder: Recorder) -> None:
    assert answer(recorder, "000100000b" + "01" * 11 + "000100000b" + "02" * 11) == (2, 0x9000, b"")
    assert image.LOCI_FILE.read(recorder.memory) == b"\x02" * 11
    assert image.COMMAND_COUNTER.number(recorder.memory) == 9


def test_a_script_without_commands_keeps_its_counter(recorder: Recorder) -> None:
    assert answer(recorder, "") == (0, 0x9000, b"")
    assert image.COMMAND_COUNTER.number(recorder.memory) == 9


def test_a_command_that_fails_ends_the_script_and_undoes_it(recorder: Recorder) -> None:
    before = recorder.memory.image
    script = "000100000b" + "01" * 11 + "0002000000" + "0003000000"
    assert answer(recorder, script) == (2, 0x6A80, b"")
    assert recorder.memory.image == before


def test_a_conclusion_that_fails_undoes_the_script(recorder: Recorder) -> None:
    before = recorder.memory.image
    recorder.refuses = True
    assert answer(recorder, "000100000b" + "01" * 11) == (1, 0x6985, b"")
    assert recorder.memory.image == before


def test_too_much_at_once_is_a_matter_of_memory(recorder: Recorder) -> None:
    before = recorder.memory.image
    assert answer(recorder, "0004000000") == (1, 0x6581, b"")
    assert recorder.memory.image == before


@pytest.mark.parametrize(
    ("script", "sw", "data"),
    [
        ("0003000000", 0x6106, b""),
        ("000300000000c0000000", 0x9000, b"answer"),
        ("000300000000c0000006", 0x9000, b"answer"),
        ("000300000000c0000002", 0x9000, b"an"),
        ("000300000000c0000007", 0x6C06, b""),
        ("0003000000000500000000c0000001", 0x6985, b""),
        ("00c0000001", 0x6985, b""),
        ("00b0000000", 0x9000, b"answer"),
        ("00b0000006", 0x9000, b"answer"),
        ("00b0000007", 0x6C06, b""),
    ],
)
def test_what_a_command_says_comes_with_the_answer_or_waits(
    recorder: Recorder, script: str, sw: int, data: bytes
) -> None:
    assert answer(recorder, script)[1:] == (sw, data)
