"""Tests of command and response APDUs and of status words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.apdu import SW, CommandApdu, Ins, ResponseApdu, describe
from impl.errors import MalformedError, TrailingError, TruncatedError, UnencodableError

VECTORS: list[dict[str, Any]] = yaml.load(
    (Path(__file__).parents[2] / "vectors" / "apdu.yaml").read_bytes(), yaml.CSafeLoader
)["vectors"]

octet = st.integers(0, 0xFF)
commands = st.builds(
    CommandApdu,
    octet,
    octet,
    octet,
    octet,
    st.binary(max_size=300),
    st.none() | st.integers(1, 0x10000),
)
status_words = st.integers(0x6100, 0x6FFF) | st.integers(0x9000, 0x9FFF)
responses = st.builds(ResponseApdu, st.binary(max_size=300), status_words)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_a_command_and_its_answer_are_read_and_written_again(vector: dict[str, Any]) -> None:
    command = bytes.fromhex(vector["command"])
    response = bytes.fromhex(vector["response"] + vector["sw"])
    assert CommandApdu.decode(command).encode() == command
    assert ResponseApdu.decode(response).encode() == response


@pytest.mark.parametrize(
    ("octets", "command", "case", "p3"),
    [
        ("80100000", CommandApdu(0x80, 0x10, 0, 0), 1, 0),
        ("00b000000a", CommandApdu(0, 0xB0, 0, 0, le=10), 2, 10),
        ("00b0000000", CommandApdu(0, 0xB0, 0, 0, le=256), 2, 0),
        ("00a40004023f00", CommandApdu(0, 0xA4, 0, 4, b"\x3f\x00"), 3, 2),
        ("00a40004023f0000", CommandApdu(0, 0xA4, 0, 4, b"\x3f\x00", 256), 4, 2),
    ],
)
def test_each_of_the_four_cases_has_its_form(
    octets: str, command: CommandApdu, case: int, p3: int
) -> None:
    assert CommandApdu.decode(bytes.fromhex(octets)) == command
    assert command.encode() == bytes.fromhex(octets)
    assert (command.case, command.p3) == (case, p3)


@given(commands)
def test_commands_come_back_as_they_were_written(command: CommandApdu) -> None:
    assert CommandApdu.decode(command.encode()) == command


@given(responses)
def test_answers_come_back_as_they_were_written(response: ResponseApdu) -> None:
    assert ResponseApdu.decode(response.encode()) == response


@given(st.binary(max_size=20))
def test_octets_are_a_command_that_has_the_same_meaning_again_or_malformed(octets: bytes) -> None:
    try:
        command = CommandApdu.decode(octets)
    except MalformedError:
        return
    assert CommandApdu.decode(command.encode()) == command
    assert octets[4:5] == b"\0" or command.encode() == octets


@pytest.mark.parametrize(
    ("octets", "command"),
    [
        ("80f20000000168", CommandApdu(0x80, 0xF2, 0, 0, le=0x168)),
        ("80f20000000000", CommandApdu(0x80, 0xF2, 0, 0, le=0x10000)),
        ("00a4000400000102", CommandApdu(0, 0xA4, 0, 4, b"\2")),
        ("00a40004000002020200ff", CommandApdu(0, 0xA4, 0, 4, b"\2\2", 0xFF)),
    ],
)
def test_extended_lengths_are_read(octets: str, command: CommandApdu) -> None:
    assert CommandApdu.decode(bytes.fromhex(octets)) == command


def test_extended_lengths_are_written_only_where_short_ones_do_not_suffice() -> None:
    assert CommandApdu(0, 0xB0, 0, 0, le=256).encode() == bytes.fromhex("00b0000000")
    assert CommandApdu(0, 0xB0, 0, 0, le=257).encode() == bytes.fromhex("00b00000000101")
    short = CommandApdu(0, 0xD6, 0, 0, bytes(255)).encode()
    assert short == bytes.fromhex("00d60000ff") + bytes(255)
    long = CommandApdu(0, 0xD6, 0, 0, bytes(256)).encode()
    assert long == bytes.fromhex("00d60000000100") + bytes(256)


@pytest.mark.parametrize("le", [1, 0x10000])
def test_the_longest_command_of_extended_form_comes_back(le: int) -> None:
    command = CommandApdu(0, 0xD6, 0, 0, bytes(0xFFFF), le)
    assert CommandApdu.decode(command.encode()) == command


def test_the_longest_answer_of_extended_form_comes_back() -> None:
    response = ResponseApdu(bytes(0x10000), SW.OK)
    assert ResponseApdu.decode(response.encode()) == response


@pytest.mark.parametrize(
    "octets", ["00a400040000", "00a40004000000aa", "00a40004000002aa", "00a40004000001aabb"]
)
def test_wrong_extended_lengths_are_refused(octets: str) -> None:
    with pytest.raises(MalformedError):
        CommandApdu.decode(bytes.fromhex(octets))


def test_a_command_of_extended_form_has_no_t0_header() -> None:
    with pytest.raises(UnencodableError):
        _ = CommandApdu(0, 0xB0, 0, 0, le=257).p3


@given(st.binary(max_size=300))
def test_octets_are_an_answer_in_one_way_only_or_malformed(octets: bytes) -> None:
    try:
        response = ResponseApdu.decode(octets)
    except MalformedError:
        return
    assert response.encode() == octets


@pytest.mark.parametrize("octets", ["", "00a400", "00a40004033f00"])
def test_a_command_cut_short_is_refused(octets: str) -> None:
    with pytest.raises(TruncatedError):
        CommandApdu.decode(bytes.fromhex(octets))


def test_a_command_cut_short_says_what_it_lacks() -> None:
    with pytest.raises(TruncatedError) as caught:
        CommandApdu.decode(bytes.fromhex("00a40004033f00"))
    assert (caught.value.needed, caught.value.present) == (3, 2)


def test_an_extended_le_cut_short_says_what_it_lacks() -> None:
    with pytest.raises(TruncatedError) as caught:
        CommandApdu.decode(bytes.fromhex("00a40004000001aabb"))
    assert (caught.value.needed, caught.value.present) == (2, 1)


@pytest.mark.parametrize(
    ("octets", "surplus"),
    [("00a40004023f000000", 1), ("00a40004013f0000", 1), ("00a400040000013f00000000", 2)],
)
def test_octets_behind_le_are_refused(octets: str, surplus: int) -> None:
    with pytest.raises(TrailingError) as caught:
        CommandApdu.decode(bytes.fromhex(octets))
    assert caught.value.surplus == surplus


def test_data_that_lc_denies_is_refused() -> None:
    with pytest.raises(MalformedError, match="zero"):
        CommandApdu.decode(bytes.fromhex("00a40004000000aa"))


@pytest.mark.parametrize(
    "command",
    [
        CommandApdu(0x100, 0, 0, 0),
        CommandApdu(0, 0, -1, 0),
        CommandApdu(0, 0, 0, 0, bytes(0x10000)),
        CommandApdu(0, 0, 0, 0, le=0),
        CommandApdu(0, 0, 0, 0, le=0x10001),
    ],
)
def test_a_command_out_of_range_is_not_written(command: CommandApdu) -> None:
    with pytest.raises(UnencodableError):
        command.encode()


@pytest.mark.parametrize(
    ("cla", "channel"),
    [(0x00, 0), (0x03, 3), (0x80, 0), (0x42, 6), (0x6F, 19), (0xC1, 5), (0xA0, 0)],
)
def test_the_class_names_the_logical_channel(cla: int, channel: int) -> None:
    assert CommandApdu(cla, Ins.SELECT, 0, 0).channel == channel


@pytest.mark.parametrize("octets", ["", "90"])
def test_an_answer_without_status_is_refused(octets: str) -> None:
    with pytest.raises(TruncatedError):
        ResponseApdu.decode(bytes.fromhex(octets))


def test_an_answer_of_more_than_65536_octets_is_refused() -> None:
    with pytest.raises(TrailingError):
        ResponseApdu.decode(bytes(0x10001) + b"\x90\x00")
    with pytest.raises(UnencodableError):
        ResponseApdu(bytes(0x10001), SW.OK).encode()


@pytest.mark.parametrize("sw", [0x0000, 0x6000, 0x60FF, 0x7000, 0x8FFF, 0xA000, 0xFFFF])
def test_what_is_no_status_word_is_refused(sw: int) -> None:
    with pytest.raises(MalformedError):
        ResponseApdu.decode(sw.to_bytes(2, "big"))
    with pytest.raises(UnencodableError):
        ResponseApdu(b"", sw).encode()


@pytest.mark.parametrize(
    ("sw", "value"),
    [
        (SW.more(1), 0x6101),
        (SW.more(256), 0x6100),
        (SW.exact_length(9), 0x6C09),
        (SW.fetch(29), 0x911D),
        (SW.gsm_more(22), 0x9F16),
        (SW.gsm_download_error(2), 0x9E02),
        (SW.tries_left(3), 0x63C3),
        (SW.tries_left(0), 0x63C0),
    ],
)
def test_status_words_with_a_number_hold_it_in_sw2(sw: int, value: int) -> None:
    assert sw == value


@pytest.mark.parametrize("count", [0, 257, -1])
def test_a_number_that_sw2_cannot_say_is_refused(count: int) -> None:
    for make in (SW.more, SW.exact_length, SW.fetch, SW.gsm_more, SW.gsm_download_error):
        with pytest.raises(UnencodableError):
            make(count)
    assert [SW.tries_left(left) for left in (0, 15)] == [0x63C0, 0x63CF]
    with pytest.raises(UnencodableError):
        SW.tries_left(16)


@pytest.mark.parametrize("count", [1, 255, 256])
def test_the_number_of_a_status_word_is_read_again(count: int) -> None:
    assert ResponseApdu(b"", SW.more(count)).more == count
    assert ResponseApdu(b"", SW.gsm_more(count)).more == count
    assert ResponseApdu(b"", SW.gsm_download_error(count)).more == count
    assert ResponseApdu(b"", SW.exact_length(count)).exact_length == count
    assert ResponseApdu(b"", SW.fetch(count)).pending == count


def test_a_status_word_says_nothing_it_does_not_mean() -> None:
    answer = ResponseApdu(b"", SW.OK)
    assert answer.more is answer.exact_length is answer.pending is answer.tries_left is None


@pytest.mark.parametrize(("sw", "left"), [(0x63C2, 2), (SW.PIN_BLOCKED, 0), (0x63F1, None)])
def test_attempts_left_are_read(sw: int, left: int | None) -> None:
    assert ResponseApdu(b"", sw).tries_left == left


@pytest.mark.parametrize(
    ("sw", "is_ok"),
    [
        (SW.OK, True),
        (0x9110, True),
        (0x9201, True),
        (0x9F10, True),
        (SW.GSM_MEMORY_PROBLEM, False),
        (SW.TOOLKIT_BUSY, False),
        (0x63C2, False),
        (0x9E10, False),
        (SW.GSM_ACCESS_NOT_FULFILLED, False),
        (SW.FILE_NOT_FOUND, False),
    ],
)
def test_only_a_command_that_was_done_is_ok(sw: int, *, is_ok: bool) -> None:
    assert ResponseApdu(b"", sw).is_ok is is_ok


@pytest.mark.parametrize(
    ("sw", "words"),
    [
        (0x9000, "9000 ok"),
        (0x9862, "9862 authentication error"),
        (0x63C2, "63C2 2 attempts left"),
        (0x9100, "9100 ok, proactive command of 256 octets pending"),
        (0x6C09, "6C09 Le must be 9"),
        (0x6701, "6701 wrong length 01"),
        (0x9999, "9999 not a word of TS 102 221 or TS 51.011"),
    ],
)
def test_a_status_word_is_described(sw: int, words: str) -> None:
    assert describe(sw) == words


@given(status_words)
def test_every_status_word_has_a_description(sw: int) -> None:
    assert describe(sw).startswith(f"{sw:04X} ")


def test_data_is_not_shown() -> None:
    secret = b"31323334"
    shown = repr(CommandApdu(0, Ins.VERIFY_PIN, 0, 0x0A, secret))
    assert shown == "CommandApdu(00 20 00 0A, 8 octets, le=None)"
    assert repr(ResponseApdu(secret, SW.OK)) == "ResponseApdu(8 octets, 9000 ok)"
