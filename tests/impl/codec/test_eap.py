"""Tests of the packets of EAP and of the names in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.eap import (
    EapCode,
    EapPacket,
    imsi_of_identifier,
    network_access_identifier,
)
from impl.errors import MalformedError, UnencodableError
from impl.values import IMSI, PLMN

octet = st.integers(0, 255)
packets = st.builds(
    EapPacket, st.sampled_from([EapCode.SUCCESS, EapCode.FAILURE]), octet
) | st.builds(
    EapPacket,
    st.sampled_from([EapCode.REQUEST, EapCode.RESPONSE]),
    octet,
    st.binary(min_size=1, max_size=200),
)


@given(packets)
def test_every_packet_is_read_as_it_was_written(packet: EapPacket) -> None:
    assert EapPacket.decode(packet.encode()) == packet


@given(st.binary(max_size=40))
def test_any_octets_are_a_packet_or_malformed(octets: bytes) -> None:
    try:
        packet = EapPacket.decode(octets)
    except MalformedError:
        return
    assert EapPacket.decode(packet.encode()) == packet


def test_a_packet_has_the_octets_of_the_standard() -> None:
    packet = EapPacket(EapCode.RESPONSE, 7, b"\x01name")
    assert packet.encode().hex() == "02070009" + "01" + b"name".hex()
    assert (packet.method, packet.data) == (1, b"name")
    assert EapPacket(EapCode.SUCCESS, 7).encode().hex() == "03070004"
    assert EapPacket(EapCode.SUCCESS, 7).method is None


def test_what_lies_behind_a_packet_is_padding() -> None:
    assert EapPacket.decode(bytes.fromhex("03070004ffff")) == EapPacket(EapCode.SUCCESS, 7)


@pytest.mark.parametrize(
    "octets", ["", "0107", "01070003", "0107000901", "0507000501", "01070004", "0307000501"]
)
def test_octets_without_meaning_are_refused(octets: str) -> None:
    with pytest.raises(MalformedError):
        EapPacket.decode(bytes.fromhex(octets))


def test_a_packet_that_would_be_too_long_is_not_written() -> None:
    with pytest.raises(UnencodableError):
        EapPacket(EapCode.REQUEST, 1, bytes(1017)).encode()


@pytest.mark.parametrize(
    ("imsi", "plmn", "identity"),
    [
        (
            "208010000000001",
            "20801",
            b"6208010000000001@nai.epc.mnc001.mcc208.3gppnetwork.org",
        ),
        (
            "310410000000001",
            "310410",
            b"6310410000000001@nai.epc.mnc410.mcc310.3gppnetwork.org",
        ),
    ],
)
def test_a_subscriber_is_named_as_the_standard_says(imsi: str, plmn: str, identity: bytes) -> None:
    assert network_access_identifier(IMSI(imsi), PLMN(plmn)) == identity
    assert imsi_of_identifier(identity) == imsi


@pytest.mark.parametrize("identity", [b"", b"6", b"0208010000000001@x", b"62080100x00@x", b"6@x"])
def test_a_name_of_another_kind_is_nobodys(identity: bytes) -> None:
    with pytest.raises(MalformedError):
        imsi_of_identifier(identity)
