"""Tests of the toolkit against the test sequences of TS 102 384 and TS 31.124."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from impl.codec import toolkit
from impl.codec.alpha import decode_alpha
from impl.codec.apdu import CommandApdu, Ins
from impl.codec.tlv import decode_comprehension, open_template
from impl.codec.toolkit import (
    CodedText,
    CommandType,
    MenuSelection,
    SmsPpDownload,
    TerminalResponse,
    decode_envelope,
    decode_proactive,
    encode_envelope,
    encode_proactive,
)

VECTORS: list[dict[str, Any]] = yaml.load(
    (Path(__file__).parents[2] / "vectors" / "cat.yaml").read_bytes(), yaml.CSafeLoader
)["vectors"]

# Vectors of which one decoded field is not what the octets beside it say; the octets are right.
WRONG_FIELD = {
    "select_item_1111": "items are UCS2 (annex A), given as if each octet were a character",
    "get_input_response_121": "text is packed septets, given as if each octet were a character",
}
# Vectors whose octets have the meaning of others that this codec writes.
OTHER_FORM = {
    "send_sms_213": "the alpha identifier is relative to a half page, we write whole UCS2",
}


def of(kind: str) -> pytest.MarkDecorator:
    chosen = [vector for vector in VECTORS if vector["kind"] == kind]
    return pytest.mark.parametrize("vector", chosen, ids=[vector["id"] for vector in chosen])


def encode_again(vector: dict[str, Any]) -> tuple[bytes, bytes]:
    octets = bytes.fromhex(vector.get("bytes") or vector["data"])
    if vector["kind"] == "proactive_command":
        return octets, encode_proactive(*decode_proactive(octets))
    if vector["kind"] == "terminal_response":
        return octets, TerminalResponse.decode(octets).encode()
    return octets, encode_envelope(decode_envelope(octets))


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["id"] for vector in VECTORS])
def test_a_sequence_is_read_and_written_again(vector: dict[str, Any]) -> None:
    octets, back = encode_again(vector)
    if vector["id"] in OTHER_FORM:
        assert back != octets
        assert decode_proactive(back) == decode_proactive(octets)
    else:
        assert back == octets


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["id"] for vector in VECTORS])
def test_a_sequence_has_the_objects_it_should(vector: dict[str, Any]) -> None:
    octets = bytes.fromhex(vector.get("bytes") or vector["data"])
    if vector["kind"] != "terminal_response":
        octets = open_template(octets, octets[0], vector["id"])
    objects = [
        (tag | required << 7, value.hex()) for tag, value, required in decode_comprehension(octets)
    ]
    assert objects == [(int(tlv["tag"], 16), tlv["value"]) for tlv in vector["tlvs"]]


@of("proactive_command")
def test_a_command_is_what_the_sequence_says(vector: dict[str, Any]) -> None:
    decoded = vector["decoded"]
    number, command = decode_proactive(bytes.fromhex(vector["bytes"]))
    assert number == decoded["command_number"]
    assert command.command_type == int(decoded["command_type"], 16)
    assert CommandType(command.command_type).name == decoded["command"].replace(" ", "_")
    assert command.qualifier == int(decoded["qualifier"], 16)
    assert command.destination.name.lower() == decoded["destination"]
    assert command.unknown == ()


@of("proactive_command")
def test_a_command_says_what_the_sequence_says(vector: dict[str, Any]) -> None:
    decoded = vector["decoded"]
    _, command = decode_proactive(bytes.fromhex(vector["bytes"]))
    text = getattr(command, "text", None)
    assert text == decoded.get("text", text)
    if "text_dcs" in decoded:
        assert isinstance(text, CodedText)
        assert text.coding == int(decoded["text_dcs"], 16)
    assert getattr(command, "title", None) == decoded.get("alpha", getattr(command, "title", None))


@of("proactive_command")
def test_a_menu_has_the_items_of_the_sequence(vector: dict[str, Any]) -> None:
    items = [(item["id"], item["text"]) for item in vector["decoded"].get("items", ())]
    _, command = decode_proactive(bytes.fromhex(vector["bytes"]))
    if vector["id"] in WRONG_FIELD:
        items = [(number, decode_alpha(text.encode("latin-1"))) for number, text in items]
    assert list(getattr(command, "items", ())) == items


@of("terminal_response")
def test_a_response_is_what_the_sequence_says(vector: dict[str, Any]) -> None:
    decoded = vector["decoded"]
    response = TerminalResponse.decode(bytes.fromhex(vector["data"]))
    assert CommandType(response.command_type).name == decoded["command"].replace(" ", "_")
    assert response.qualifier == int(decoded["qualifier"], 16)
    assert response.result == int(decoded["general_result"], 16)
    assert response.additional.hex() == decoded["additional"]
    assert response.item == decoded.get("item_identifier")
    if vector["id"] in WRONG_FIELD:
        assert response.text == "67*#+"
    else:
        assert response.text == decoded.get("text")


@of("terminal_response")
def test_a_response_is_the_data_of_its_command(vector: dict[str, Any]) -> None:
    command = CommandApdu(0x80, Ins.TERMINAL_RESPONSE, 0, 0, bytes.fromhex(vector["data"]))
    assert command.encode() == bytes.fromhex(vector["apdu"])


@of("envelope_menu_selection")
def test_a_selection_is_what_the_sequence_says(vector: dict[str, Any]) -> None:
    envelope = decode_envelope(bytes.fromhex(vector["bytes"]))
    assert envelope == MenuSelection(vector["decoded"]["item_identifier"])


@of("envelope_sms_pp_download")
def test_a_download_brings_the_message_of_the_sequence(vector: dict[str, Any]) -> None:
    values = {tlv["name"]: bytes.fromhex(tlv["value"]) for tlv in vector["tlvs"]}
    envelope = decode_envelope(bytes.fromhex(vector["bytes"]))
    assert isinstance(envelope, SmsPpDownload)
    assert envelope.tpdu == values["sms_tpdu"]
    assert envelope.service_centre is not None
    assert envelope.service_centre.encode() == values["address"]


def test_every_name_that_the_toolkit_offers_is_there() -> None:
    assert sorted(set(toolkit.__all__)) == sorted(toolkit.__all__)
    assert all(hasattr(toolkit, name) for name in toolkit.__all__)
