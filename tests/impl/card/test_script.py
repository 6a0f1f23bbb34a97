"""Scripts: one after the other, all or nothing, and what they answer."""

from __future__ import annotations

from typing import Any

import pytest

from impl.card import image
from impl.card.memory import Memory
from impl.card.script import Script, run
from impl.card.status import StatusError
from impl.codec.apdu import CommandApdu, ResponseApdu
from impl.codec.expanded_command import BadFormat, ExpandedResponse, encode_expanded
from impl.codec.remote_command import RemoteResponse


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


def told(recorder: Recorder, octets: bytes) -> bytes:
    script = Script(octets)
    assert script.is_read
    run(script, recorder, recorder.memory, recorder)
    return script.answer()


def answer(recorder: Recorder, script: str) -> RemoteResponse:
    return RemoteResponse.decode(told(recorder, bytes.fromhex(script)))


def expanded(recorder: Recorder, *commands: str) -> ExpandedResponse:
    script = encode_expanded([CommandApdu.decode(bytes.fromhex(each)) for each in commands])
    return ExpandedResponse.decode(told(recorder, script))


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


def test_in_the_expanded_format_every_command_answers_for_itself(recorder: Recorder) -> None:
    response = expanded(recorder, "000300000101" + "00", "000100000b" + "01" * 11, "00b0000006")
    assert response.answers == (
        ResponseApdu(b"answer", 0x9000),
        ResponseApdu(b"", 0x9000),
        ResponseApdu(b"answer", 0x9000),
    )
    assert image.LOCI_FILE.read(recorder.memory) == b"\x01" * 11


def test_an_expanded_script_is_undone_as_well_and_says_where_it_failed(recorder: Recorder) -> None:
    before = recorder.memory.image
    response = expanded(recorder, "000100000b" + "01" * 11, "00020000", "00030000")
    assert [answer.sw for answer in response.answers] == [0x9000, 0x6A80]
    assert recorder.memory.image == before


def test_a_conclusion_that_fails_is_the_answer_to_the_last_command(recorder: Recorder) -> None:
    recorder.refuses = True
    response = expanded(recorder, "000100000b" + "01" * 11, "0003000000")
    assert [answer.sw for answer in response.answers] == [0x9000, 0x6985]


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        ("0001", RemoteResponse(0, 0x6700).encode()),
        ("aa03810100", ExpandedResponse((), BadFormat.UNKNOWN_TAG).encode()),
        ("aa0422", ExpandedResponse((), BadFormat.WRONG_LENGTH).encode()),
    ],
)
def test_what_cannot_be_read_says_so_in_its_own_format(octets: str, said: bytes) -> None:
    script = Script(bytes.fromhex(octets))
    assert (script.is_read, script.is_ok, script.commands) == (False, False, ())
    assert script.answer() == said
