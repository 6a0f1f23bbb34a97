"""Tests of proactive commands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.address import Address
from impl.codec.proactive import (
    DisplayText,
    GetInkey,
    GetInput,
    ProactiveCommand,
    ProvideLocalInformation,
    Refresh,
    SelectItem,
    SendShortMessage,
    SetUpEventList,
    SetUpMenu,
    TimerManagement,
    decode_proactive,
    encode_proactive,
    proactive_places,
)
from impl.codec.tlv import ComprehensionTlv
from impl.codec.toolkit_values import (
    DisplayTextFlag,
    Duration,
    GeneralResult,
    GetInkeyFlag,
    Icon,
    Item,
    LocalInformation,
    MenuFlag,
    RefreshMode,
    ResponseLength,
    TimerAction,
    ToolkitEvent,
)
from impl.errors import MalformedError, MissingError, NotUnderstoodError, UnencodableError

octet = st.integers(0, 255)
texts = st.text("abz 19+@\u0417", min_size=1, max_size=12)
alphas = st.none() | texts
icons = st.none() | st.builds(Icon, octet, octet)
durations = st.none() | st.builds(Duration, octet, octet)
attributes = st.none() | st.binary(max_size=4)
items = st.builds(Item, st.integers(1, 255), texts)
tpdus = st.binary(max_size=60)
addresses = st.text("0123456789", min_size=1, max_size=15).map(Address)
paths = st.lists(st.sampled_from([b"\x3f\x00\x2f\xe2", b"\x3f\x00\x7f\xff\x6f\x07"]), max_size=4)
optional = ComprehensionTlv(0x7E, b"?", comprehension_required=False)
unknown = st.sampled_from([(), (optional,)])

commands: st.SearchStrategy[ProactiveCommand] = st.one_of(
    st.builds(
        SetUpMenu,
        texts,
        st.lists(items, max_size=4).map(tuple),
        attributes,
        icons,
        qualifier=st.sampled_from(MenuFlag),
        unknown=unknown,
    ),
    st.builds(SelectItem, alphas, st.lists(items, min_size=1, max_size=4).map(tuple)),
    st.builds(DisplayText, texts, icons, st.booleans(), durations, attributes, unknown=unknown),
    st.builds(GetInkey, texts, icons, durations, attributes, st.sampled_from(GetInkeyFlag)),
    st.builds(GetInput, texts, st.builds(ResponseLength, octet, octet), texts, icons),
    st.builds(SendShortMessage, tpdus, title=alphas, address=st.none() | addresses),
    st.builds(Refresh, st.sampled_from(RefreshMode), st.none() | paths.map(tuple)),
    st.builds(SetUpEventList, st.lists(st.sampled_from(ToolkitEvent), max_size=5).map(tuple)),
    st.builds(ProvideLocalInformation, st.sampled_from(LocalInformation), unknown=unknown),
    st.builds(TimerManagement, st.sampled_from(TimerAction), octet, st.integers(0, 86399)),
)


def packed(objects: str) -> bytes:
    """Return the template of a proactive command around `objects`, in hexadecimal."""
    body = bytes.fromhex(objects)
    return bytes((0xD0, len(body))) + body


@given(st.integers(1, 0xFE), commands)
def test_commands_come_back_as_they_were_written(number: int, command: ProactiveCommand) -> None:
    assert decode_proactive(encode_proactive(number, command)) == (number, command)


@given(st.binary(max_size=60))
def test_objects_of_a_command_decode_or_are_malformed(octets: bytes) -> None:
    try:
        number, command = decode_proactive(packed("810301210082028102" + octets.hex()))
    except MalformedError:
        return
    assert decode_proactive(encode_proactive(number, command)) == (number, command)


@given(st.binary(max_size=60))
def test_octets_are_a_command_or_malformed(octets: bytes) -> None:
    try:
        number, command = decode_proactive(octets)
    except MalformedError:
        return
    assert decode_proactive(encode_proactive(number, command)) == (number, command)


def test_a_command_has_the_octets_of_the_standard() -> None:
    command = SendShortMessage(bytes(8), address=Address("33609001000"))
    octets = packed("810301130082028183 8607913306091000f0 8b080000000000000000")
    assert encode_proactive(1, command) == octets


def test_a_menu_without_items_removes_the_menu() -> None:
    octets = bytes.fromhex("d00d81030125008202818285008f00")
    assert decode_proactive(octets) == (1, SetUpMenu("", ()))
    assert encode_proactive(1, SetUpMenu("", ())) == octets


def test_a_question_without_items_is_no_question() -> None:
    with pytest.raises(UnencodableError):
        encode_proactive(1, SelectItem("Choose", ()))
    with pytest.raises(NotUnderstoodError):
        decode_proactive(bytes.fromhex("d00d81030124008202818285008f00"))


def test_the_order_of_the_objects_is_free() -> None:
    octets = packed("8d020441 82028102 8103012180")
    expected = DisplayText("A", qualifier=DisplayTextFlag.WAIT_FOR_USER)
    assert decode_proactive(octets) == (1, expected)


def test_an_unknown_object_is_kept_aside_where_it_may_be() -> None:
    octets = packed("8103012180 82028102 8d020441 7e013f")
    number, command = decode_proactive(octets)
    assert command.unknown == (optional,)
    assert encode_proactive(number, command) == octets


def test_a_menu_to_the_display_is_a_menu_all_the_same() -> None:
    octets = bytes.fromhex("d00d81030125008202810285008f00")
    assert decode_proactive(octets) == (1, SetUpMenu("", ()))


@pytest.mark.parametrize(
    ("octets", "result"),
    [
        ("8103017f00 82028182", GeneralResult.TYPE_NOT_UNDERSTOOD),
        ("8103012100 82028102", GeneralResult.VALUES_MISSING),
        ("8103012100", GeneralResult.VALUES_MISSING),
        ("8103012100 82028102 8d020c41", GeneralResult.DATA_NOT_UNDERSTOOD),
        ("8103012100 82028102 8d020441 fe013f", GeneralResult.DATA_NOT_UNDERSTOOD),
        ("8103012100 82028202 8d020441", GeneralResult.DATA_NOT_UNDERSTOOD),
        ("8103010142 82028182", GeneralResult.DATA_NOT_UNDERSTOOD),
        ("8103012600 82028182 8d0404414243", GeneralResult.DATA_NOT_UNDERSTOOD),
    ],
    ids=[
        "type",
        "no text",
        "no devices",
        "coding scheme",
        "unknown object",
        "not from the card",
        "refresh mode",
        "object of another command",
    ],
)
def test_what_cannot_be_carried_out_says_how_to_answer(octets: str, result: GeneralResult) -> None:
    with pytest.raises(NotUnderstoodError) as caught:
        decode_proactive(packed(octets))
    assert (caught.value.number, caught.value.result) == (1, result)


@pytest.mark.parametrize(
    "octets",
    [
        "",
        "d000",
        "d109810301260182028182",  # an envelope
        "d003810101",  # command details of one octet
        "d009810300260182028182",  # command number 0
        "d0ff",
    ],
)
def test_what_cannot_even_be_named_is_malformed(octets: str) -> None:
    with pytest.raises(MalformedError) as caught:
        decode_proactive(bytes.fromhex(octets.replace(" ", "")))
    assert not isinstance(caught.value, NotUnderstoodError)


def test_a_command_without_details_misses_them() -> None:
    with pytest.raises(MissingError):
        decode_proactive(bytes.fromhex("d00482028182"))


@pytest.mark.parametrize("number", [0, 0xFF])
def test_a_number_out_of_range_is_refused_in_both_directions(number: int) -> None:
    with pytest.raises(UnencodableError):
        encode_proactive(number, SetUpMenu("", ()))
    with pytest.raises(MalformedError):
        decode_proactive(bytes.fromhex(f"d0098103{number:02x}260182028182"))


def test_a_command_that_fetch_cannot_bring_is_not_written() -> None:
    assert len(encode_proactive(1, DisplayText("x" * 240))) == 256
    with pytest.raises(UnencodableError):
        encode_proactive(1, DisplayText("x" * 241))


def test_number_type_and_each_field_of_a_command_stand_where_their_objects_do() -> None:
    command = DisplayText("Hi")
    octets = encode_proactive(5, command)
    places = {name: octets[begin:end] for name, begin, end in proactive_places(command, octets)}
    assert (places["number"], places["command"]) == (b"\5", bytes((command.command_type,)))
    assert places["text"].endswith(b"Hi")
