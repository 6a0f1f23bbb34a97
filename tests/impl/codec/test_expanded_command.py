"""Scripts of the expanded format, and their answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.apdu import CommandApdu, ResponseApdu
from impl.codec.expanded_command import (
    BadFormat,
    ExpandedResponse,
    UnknownTagError,
    decode_expanded,
    encode_expanded,
    is_expanded,
)
from impl.codec.remote_command import encode_script
from impl.errors import MalformedError

SELECT = CommandApdu(0, 0xA4, 0x08, 0x04, bytes.fromhex("7fff6f07"), 256)
VERIFY = CommandApdu(0, 0x20, 0x00, 0x0A, b"12345678")
SCRIPT = "aa1b220d0020000a083132333435363738220a00a40804047fff6f0700"
Commands = st.lists(
    st.builds(
        CommandApdu,
        *[st.integers(0, 255)] * 4,
        st.binary(max_size=255),
        st.none() | st.integers(1, 256),
    ),
    max_size=5,
)
Answers = st.lists(st.builds(ResponseApdu, st.binary(max_size=20), st.integers(0x9000, 0x9FFF)))


def test_each_command_is_an_object_of_its_own_and_may_bring_and_expect_data() -> None:
    assert encode_expanded([VERIFY, SELECT]).hex() == SCRIPT
    assert decode_expanded(bytes.fromhex(SCRIPT)) == (VERIFY, SELECT)


@given(Commands)
def test_what_is_written_is_read(commands: list[CommandApdu]) -> None:
    octets = encode_expanded(commands)
    assert is_expanded(octets)
    assert decode_expanded(octets) == tuple(commands)


def test_the_first_octet_tells_the_formats_apart() -> None:
    assert not is_expanded(encode_script([VERIFY]))
    assert not is_expanded(b"")


@pytest.mark.parametrize("size", range(len(bytes.fromhex(SCRIPT))))
def test_a_script_that_is_cut_short_is_refused(size: int) -> None:
    with pytest.raises(MalformedError):
        decode_expanded(bytes.fromhex(SCRIPT)[:size])


def test_what_is_no_command_is_told_from_a_wrong_length() -> None:
    with pytest.raises(UnknownTagError, match="object 81 is no command"):
        decode_expanded(bytes.fromhex("aa03810100"))
    with pytest.raises(MalformedError) as caught:
        decode_expanded(bytes.fromhex("aa05220300a408"))
    assert not isinstance(caught.value, UnknownTagError)


def test_the_answer_of_another_card_is_read_and_written() -> None:
    octets = bytes.fromhex("ab0780010123029000")  # ota_por.yaml
    response = ExpandedResponse.decode(octets)
    assert response == ExpandedResponse((ResponseApdu(b"", 0x9000),))
    assert response.encode() == octets


@given(Answers, st.none() | st.sampled_from(BadFormat))
def test_what_is_answered_is_read(answers: list[ResponseApdu], fault: BadFormat | None) -> None:
    response = ExpandedResponse(tuple(answers), fault)
    assert ExpandedResponse.decode(response.encode()) == response


@pytest.mark.parametrize(
    "octets",
    [
        "",
        "ab00",
        "aa0780010123029000",
        "ab0780010223029000",  # counts one that is not there
        "ab0423029000",
        "ab0680010090017f",
        "ab09800100900101900101",
        "ab06800100910101",
        "ab0780010123020000",
    ],
)
def test_what_is_no_answer_is_refused(octets: str) -> None:
    with pytest.raises(MalformedError):
        ExpandedResponse.decode(bytes.fromhex(octets))


@pytest.mark.parametrize(("count", "coded"), [(1, "800101"), (255, "8001ff"), (256, "80020100")])
def test_answers_are_counted_in_as_few_octets_as_suffice(count: int, coded: str) -> None:
    response = ExpandedResponse((ResponseApdu(b"", 0x9000),) * count)
    octets = response.encode()
    assert bytes.fromhex(coded) in octets[:8]
    assert ExpandedResponse.decode(octets) == response
