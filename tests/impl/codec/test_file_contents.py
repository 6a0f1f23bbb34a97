"""Contents of card files on their way to the card."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.file_contents import FileContent, decode_file_contents, encode_file_contents
from impl.errors import MalformedError, TruncatedError, UnencodableError

Contents = st.lists(
    st.builds(FileContent, st.integers(0x0100, 0xFEFF), st.binary(max_size=300)), max_size=4
)


@given(contents=Contents)
def test_contents_come_back(contents: list[FileContent]) -> None:
    assert decode_file_contents(encode_file_contents(contents)) == tuple(contents)


@given(contents=Contents, filler=st.lists(st.sampled_from([0x00, 0xFF]), max_size=5))
def test_filler_between_contents_means_nothing(
    contents: list[FileContent], filler: list[int]
) -> None:
    padding = bytes(filler)
    octets = padding + b"".join(encode_file_contents([each]) + padding for each in contents)
    assert decode_file_contents(octets) == tuple(contents)


def test_the_octets_of_one_content() -> None:
    octets = encode_file_contents([FileContent(0x6F61, bytes(200))])
    assert octets == bytes.fromhex("6f6181c8") + bytes(200)


@pytest.mark.parametrize("octets", ["6f", "6f61", "6f6102aa", "6f6181", "6f618200", "6f61820100aa"])
def test_what_is_cut_short_is_refused(octets: str) -> None:
    with pytest.raises(TruncatedError):
        decode_file_contents(bytes.fromhex(octets))


@pytest.mark.parametrize("octets", ["6f618101aa", "6f61820001aa", "6f6183000001aa", "6f6180"])
def test_a_length_not_in_its_shortest_form_is_refused(octets: str) -> None:
    with pytest.raises(MalformedError):
        decode_file_contents(bytes.fromhex(octets))


@pytest.mark.parametrize("fid", [0x0001, 0xFF00, 0x10000, -1])
def test_an_identifier_that_reads_as_filler_is_not_written(fid: int) -> None:
    with pytest.raises(UnencodableError):
        encode_file_contents([FileContent(fid, b"")])


def test_a_content_beyond_two_octets_of_length_is_not_written() -> None:
    with pytest.raises(UnencodableError):
        encode_file_contents([FileContent(0x6F61, bytes(0x10000))])


@given(octets=st.binary(max_size=60))
def test_any_octets_are_contents_or_malformed(octets: bytes) -> None:
    try:
        contents = decode_file_contents(octets)
    except MalformedError:
        return
    assert decode_file_contents(encode_file_contents(contents)) == contents
