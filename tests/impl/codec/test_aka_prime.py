"""Tests of the messages of EAP-AKA': attributes, and the code that protects them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.aka_prime import (
    GENERAL_FAILURE,
    HRPD,
    KDF_PRIME,
    AkaPrimeMessage,
    Subtype,
    is_sealed,
    seal,
)
from impl.codec.eap import EapCode, EapPacket
from impl.crypto.eap_aka_prime import packet_mac
from impl.errors import MalformedError, UnencodableError

KEY = bytes(range(32))
CHALLENGE = AkaPrimeMessage(
    Subtype.CHALLENGE, rand=b"r" * 16, autn=b"a" * 16, kdf=KDF_PRIME, network=HRPD
)
sixteen = st.none() | st.binary(min_size=16, max_size=16)
number = st.none() | st.integers(0, 0xFFFF)
messages = st.builds(
    AkaPrimeMessage,
    st.sampled_from(Subtype),
    sixteen,
    sixteen,
    st.none() | st.binary(min_size=4, max_size=16),
    st.none() | st.binary(min_size=14, max_size=14),
    number,
    number,
    number,
    st.none() | st.binary(min_size=1, max_size=255),
    sixteen,
)


@given(messages)
def test_every_message_is_read_as_it_was_written(message: AkaPrimeMessage) -> None:
    octets = message.encode()
    assert AkaPrimeMessage.decode(octets) == message
    assert (len(octets) + 5) % 4 == 0


@given(st.binary(max_size=80))
def test_any_octets_are_a_message_or_malformed(octets: bytes) -> None:
    try:
        message = AkaPrimeMessage.decode(octets)
    except MalformedError:
        return
    assert AkaPrimeMessage.decode(message.encode()) == message


def test_a_challenge_has_the_octets_of_the_standard() -> None:
    assert CHALLENGE.encode().hex() == (
        "010000"
        "01050000"
        + b"r".hex() * 16
        + "02050000"
        + b"a".hex() * 16
        + "18010001"  # AT_KDF
        + "17020004"
        + b"HRPD".hex()  # AT_KDF_INPUT
    )


def test_a_response_says_its_length_in_bits_and_is_filled_up() -> None:
    message = AkaPrimeMessage(Subtype.CHALLENGE, res=b"12345")
    assert message.encode().hex() == "010000" + "03030028" + b"12345".hex() + "000000"


def test_attributes_come_in_any_order_and_what_need_not_be_known_is_passed_over() -> None:
    notification = f"{GENERAL_FAILURE:04x}"
    octets = bytes.fromhex("0c0000" + "87020000aabbccdd" + "0c01" + notification)
    message = AkaPrimeMessage(Subtype.NOTIFICATION, notification=GENERAL_FAILURE)
    assert AkaPrimeMessage.decode(octets) == message


def test_of_several_derivations_the_first_counts() -> None:
    octets = bytes.fromhex("010000" + "18010002" + "18010001")
    assert AkaPrimeMessage.decode(octets).kdf == 2


@pytest.mark.parametrize(
    "octets",
    [
        "",
        "01",
        "0100",
        "030000",  # no such message
        "010000" + "0100",  # an attribute of no length
        "010000" + "01050000" + "00" * 12,  # cut off
        "010000" + "01060000" + "00" * 20,  # too long
        "010000" + "0c014000" + "0c014000",  # twice
        "010000" + "7f010000",  # has to be understood
        "010000" + "03020021" + "00" * 4,  # bits that make no octet
        "010000" + "0302001800000000",  # RES of 3 octets
        "010000" + "03030020" + "00" * 8,  # more padding than a word wants
    ],
)
def test_octets_without_meaning_are_refused(octets: str) -> None:
    with pytest.raises(MalformedError):
        AkaPrimeMessage.decode(bytes.fromhex(octets))


@pytest.mark.parametrize(
    "facts", [{"res": b"123"}, {"network": b""}, {"rand": b"short"}, {"kdf": 0x10000}]
)
def test_values_that_do_not_fit_are_not_written(facts: dict[str, bytes]) -> None:
    with pytest.raises(UnencodableError):
        replace(CHALLENGE, **facts).encode()


def test_a_sealed_packet_holds_the_code_over_itself_with_zeros_in_its_place() -> None:
    packet = seal(EapCode.REQUEST, 3, CHALLENGE, KEY)
    octets = packet.encode()
    assert octets[-16:] == packet_mac(KEY, octets[:-16] + bytes(16))
    assert is_sealed(packet, KEY)
    assert not is_sealed(packet, bytes(32))
    assert not is_sealed(seal(EapCode.REQUEST, 3, CHALLENGE), KEY)


@given(st.data())
def test_a_changed_octet_is_noticed(data: st.DataObject) -> None:
    octets = bytearray(seal(EapCode.REQUEST, 3, CHALLENGE, KEY).encode())
    at = data.draw(st.sampled_from([1, *range(8, len(octets))]))
    octets[at] ^= data.draw(st.integers(1, 255))
    try:
        assert not is_sealed(EapPacket.decode(bytes(octets)), KEY)
    except MalformedError:
        return


def test_each_attribute_stands_with_its_type_and_length_and_unknown_ones_do_not() -> None:
    message = AkaPrimeMessage(Subtype.CHALLENGE, rand=bytes(16), kdf=1)
    unknown = bytes((200, 1, 0, 0))
    octets = b"\xff" + message.encode() + unknown
    places = {name: octets[begin:end] for name, begin, end in AkaPrimeMessage.places(octets, 1)}
    assert places == {
        "subtype": b"\1",
        "rand": b"\1\5" + bytes(18),
        "kdf": b"\x18\1\0\1",
    }
