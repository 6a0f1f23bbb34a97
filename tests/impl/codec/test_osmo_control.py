"""Tests of the control interface; the lines are those that osmo-hlr 1.5.0 was heard to say."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.osmo_control import ControlError, SetReply, SetRequest, Trap, decode_control
from impl.errors import MalformedError, UnencodableError
from impl.values import Secret

WORDS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=80)
KEY = SetRequest("7", "subscriber.by-imsi-262020000000001.aud3g", Secret(b"MILENAGE,00,OPC,11"))


@given(st.from_regex(r"[0-9]{1,18}", fullmatch=True), WORDS)
def test_a_request_is_read_as_it_was_written(number, value):
    request = SetRequest(number, "subscriber.create", Secret(value.encode()))
    assert decode_control(request.encode()) == request


@pytest.mark.parametrize(
    ("line", "read"),
    [
        (b"SET_REPLY 2 subscriber.create 1", SetReply("2", "subscriber.create", Secret(b"1"))),
        (b"ERROR 3 Subscriber already exists.", ControlError("3", "Subscriber already exists.")),
        (b"ERROR err Request type unknown", ControlError("err", "Request type unknown")),
        (b"TRAP 0 alarm text of many words", Trap("alarm")),
    ],
)
def test_answers_are_read(line, read):
    assert decode_control(line) == read


@pytest.mark.parametrize(
    "octets", [b"", b"SET", b"SET x a b", b"GET_REPLY 1 a b", b"SET 1\xff", b"Welcome to the VTY"]
)
def test_what_means_nothing_here_is_refused(octets):
    with pytest.raises(MalformedError):
        decode_control(octets)


@given(st.binary(max_size=60) | st.from_regex(rb"(SET|TRAP|ERROR|SET_REPLY) [0-9]* .{0,30}"))
def test_any_octets_are_read_or_refused(octets):
    with suppress(MalformedError):
        decode_control(octets)


@pytest.mark.parametrize(
    ("number", "variable", "value"),
    [
        ("", "a", b"b"),
        ("1" * 19, "a", b"b"),
        ("1x", "a", b"b"),
        ("1", "two words", b"b"),
        ("1", "a", b"two words"),
        ("1", "a", b"line\nSET 2 subscriber.delete 1"),
        ("1", "a", b"\xff"),
    ],
)
def test_what_would_be_another_line_is_not_written(number, variable, value):
    with pytest.raises(UnencodableError):
        SetRequest(number, variable, Secret(value)).encode()


def test_keys_are_not_shown():
    assert "MILENAGE" in KEY.encode().decode()
    assert "MILENAGE" not in repr(KEY)
