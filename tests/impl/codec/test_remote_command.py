"""Scripts of remote management in the compact format, and their answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.apdu import CommandApdu, Ins
from impl.codec.remote_command import (
    MOST_COMMANDS,
    RemoteResponse,
    decode_script,
    encode_script,
)
from impl.errors import MalformedError, TruncatedError, UnencodableError

VECTORS = [
    vector
    for vector in yaml.load(
        (Path(__file__).parents[2] / "vectors" / "ota_por.yaml").read_bytes(), yaml.CSafeLoader
    )["vectors"]
    if "compact_response" in vector
]
EXPANDED = {
    "gsm0348-java-por-aes-cc": "tag AB: a response template of the expanded format (clause 5.2), "
    "which the vector reads as 171 commands of the compact one",
}
SCRIPT = bytes.fromhex(
    "0020000a083132333435363738"  # VERIFY
    "00a40804047fff6f07"  # SELECT
    "00d6000009082926000000002143"  # UPDATE BINARY
    "00b0000009"  # READ BINARY
    "00c0000000"  # GET RESPONSE
)

Output = st.builds(
    CommandApdu,
    st.integers(0, 255),
    st.sampled_from([0xB0, 0xB2, 0xC0, 0xF2]),
    st.integers(0, 255),
    st.integers(0, 255),
    st.just(b""),
    st.integers(1, 256),
)
Input = st.builds(
    CommandApdu,
    st.integers(0, 255),
    st.integers(0, 255).filter(lambda ins: ins not in {0xB0, 0xB2, 0xC0, 0xF2}),
    st.integers(0, 255),
    st.integers(0, 255),
    st.binary(max_size=255),
    st.none(),
)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_answers_of_other_cards_are_read_and_written(vector: dict[str, Any]) -> None:
    octets = bytes.fromhex(vector["data"])
    if vector["id"] in EXPANDED:
        assert octets[:1] == b"\xab"
        return
    response, expected = RemoteResponse.decode(octets), vector["compact_response"]
    assert response.executed == expected["commands_executed"]
    assert response.sw == int(expected["last_sw"], 16)
    assert response.data == bytes.fromhex(expected["last_data"])
    assert response.encode() == octets


def test_a_script_is_read_command_by_command() -> None:
    verify, select, update, read, more = decode_script(SCRIPT)
    assert (verify.ins, verify.data) == (Ins.VERIFY_PIN, b"12345678")
    assert (select.p1, select.data.hex(), select.le) == (8, "7fff6f07", None)
    assert len(update.data) == 9
    assert (read.data, read.le, more.le) == (b"", 9, 256)
    assert encode_script((verify, select, update, read, more)) == SCRIPT


def test_no_script_is_a_script_without_commands() -> None:
    assert decode_script(b"") == ()
    assert encode_script(()) == b""


@given(st.lists(st.one_of(Output, Input), max_size=20))
def test_a_script_comes_back_as_it_went(commands: list[CommandApdu]) -> None:
    assert decode_script(encode_script(commands)) == tuple(commands)


@given(st.binary(max_size=80))
def test_octets_that_are_a_script_are_written_so_again(octets: bytes) -> None:
    try:
        commands = decode_script(octets)
    except MalformedError:
        return
    assert encode_script(commands) == octets


@pytest.mark.parametrize("size", [1, 4, 5, 12, 14, len(SCRIPT) - 1])
def test_a_script_that_is_cut_short_is_none(size: int) -> None:
    with pytest.raises(TruncatedError):
        decode_script(SCRIPT[:size])


def test_a_script_has_as_many_commands_as_an_octet_counts() -> None:
    command = CommandApdu(0, Ins.READ_BINARY, 0, 0, le=1)
    assert len(decode_script(encode_script([command] * MOST_COMMANDS))) == MOST_COMMANDS
    with pytest.raises(MalformedError, match="255"):
        decode_script(command.encode() * (MOST_COMMANDS + 1))
    with pytest.raises(UnencodableError, match="255"):
        encode_script([command] * (MOST_COMMANDS + 1))


def test_the_longest_data_that_an_octet_counts_is_written() -> None:
    command = CommandApdu(0, Ins.UPDATE_BINARY, 0, 0, bytes(255))
    assert decode_script(encode_script([command])) == (command,)
    most = RemoteResponse(MOST_COMMANDS, 0x9000)
    assert RemoteResponse.decode(most.encode()) == most


@pytest.mark.parametrize(
    "command",
    [
        CommandApdu(0, Ins.SELECT, 0, 0, b"\x3f\0", 256),
        CommandApdu(0, Ins.SELECT, 0, 0, le=5),
        CommandApdu(0, Ins.READ_BINARY, 0, 0),
        CommandApdu(0, Ins.READ_BINARY, 0, 0, b"\0", 5),
        CommandApdu(0, Ins.READ_BINARY, 0, 0, le=257),
        CommandApdu(0, Ins.UPDATE_BINARY, 0, 0, bytes(256)),
    ],
)
def test_what_the_compact_form_cannot_say_is_not_written(command: CommandApdu) -> None:
    with pytest.raises(UnencodableError):
        encode_script([command])


@given(st.integers(0, 255), st.integers(0, 0xFFFF), st.binary(max_size=40))
def test_an_answer_comes_back_as_it_went(executed: int, sw: int, data: bytes) -> None:
    response = RemoteResponse(executed, sw, data)
    assert RemoteResponse.decode(response.encode()) == response


@pytest.mark.parametrize("octets", [b"", b"\x01\x90"])
def test_an_answer_without_a_status_word_is_none(octets: bytes) -> None:
    with pytest.raises(TruncatedError):
        RemoteResponse.decode(octets)


@pytest.mark.parametrize("response", [RemoteResponse(256, 0x9000), RemoteResponse(1, 0x10000)])
def test_an_answer_that_does_not_fit_is_not_written(response: RemoteResponse) -> None:
    with pytest.raises(UnencodableError):
        response.encode()


def test_only_a_last_command_that_was_done_is_success() -> None:
    assert RemoteResponse(1, 0x9000).is_ok
    assert RemoteResponse(1, 0x6132).is_ok
    assert not RemoteResponse(1, 0x6982).is_ok
    assert not RemoteResponse(1, 0x63C2).is_ok


def test_an_answer_shows_no_data() -> None:
    assert "01" not in repr(RemoteResponse(3, 0x9000, b"\x01\x02"))
