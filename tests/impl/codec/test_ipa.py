from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.ipa import (
    Ccm,
    IdTag,
    IpaFrame,
    StreamId,
    ask_identity,
    carry_gsup,
    ccm,
    decode_ipa,
    read_identity,
    tell_identity,
)
from impl.errors import MalformedError, TruncatedError, UnencodableError

NAMES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=60)


@given(st.integers(0, 255), st.binary(min_size=1, max_size=300))
def test_a_frame_is_read_as_it_was_written(stream, content):
    frame = IpaFrame(stream, content)
    assert decode_ipa(frame.encode()) == frame


def test_gsup_has_its_own_stream_and_extension():
    assert carry_gsup(b"\x08").hex() == "0002ee0508"


def test_a_server_asks_as_osmocom_does():
    assert ask_identity().hex() == "0007fe04010001010108"


def test_a_client_tells_its_name_as_osmocom_does():
    assert tell_identity("vlr").hex() == "0016fe05" + "000500766c7200" + "000501766c7200" + (
        "000508766c7200"
    )


@given(NAMES)
def test_a_name_is_read_as_it_was_told(name):
    frame = decode_ipa(tell_identity(name))
    assert frame.stream == StreamId.CCM
    assert frame.content[0] == Ccm.ID_RESP
    assert read_identity(frame.content[1:]) == name


def test_a_unit_name_counts_where_there_is_no_serial_number():
    assert read_identity(bytes.fromhex("000401686c72")) == "hlr"


@pytest.mark.parametrize(
    "content", ["", "0002010", "000001", "00050041", "00020001", "0003000a00"], ids=repr
)
def test_what_tells_no_name_is_refused(content):
    with pytest.raises(MalformedError):
        read_identity(bytes.fromhex(content.rjust(len(content) + len(content) % 2, "0")))


@given(st.binary(max_size=40))
def test_any_octets_are_read_or_refused(octets):
    for read in (decode_ipa, read_identity):
        with suppress(MalformedError):
            read(octets)


def test_a_frame_that_is_cut_short_is_refused():
    with pytest.raises(TruncatedError):
        decode_ipa(b"\0\1")
    with pytest.raises(MalformedError, match="says 2 octets"):
        decode_ipa(b"\0\2\xfe\0")
    with pytest.raises(MalformedError, match="empty"):
        decode_ipa(b"\0\0\xfe")


def test_more_than_a_frame_holds_is_not_written():
    with pytest.raises(UnencodableError):
        ccm(Ccm.PING, bytes(65_535))


def test_the_serial_number_counts_before_the_unit_name():
    unit, serial = (
        (len(text) + 1).to_bytes(2, "big") + bytes([tag]) + text
        for tag, text in ((IdTag.UNIT_NAME, b"unit"), (IdTag.SERIAL_NUMBER, b"serial"))
    )
    assert read_identity(unit + serial) == read_identity(serial + unit) == "serial"


def test_an_element_of_an_identity_without_text_is_passed_over():
    empty = b"\x00\x01" + bytes([IdTag.SERIAL_NUMBER])
    assert read_identity(empty + b"\x00\x05" + bytes([IdTag.UNIT_NAME]) + b"unit") == "unit"


def test_a_name_that_cannot_be_printed_is_none():
    with pytest.raises(MalformedError):
        read_identity(b"\x00\x03" + bytes([IdTag.SERIAL_NUMBER]) + b"a\x7f")
