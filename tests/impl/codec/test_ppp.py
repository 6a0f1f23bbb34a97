"""Tests of the frames of PPP."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.codec.eap import EapCode, EapPacket
from impl.codec.ppp import BY_EAP, LcpCode, LcpPacket, PppFrame, decode_ppp, encode_ppp
from impl.errors import MalformedError

lcp = st.builds(LcpPacket, st.sampled_from(LcpCode), st.integers(0, 255), st.binary(max_size=40))


@given(lcp)
def test_every_packet_of_the_link_is_read_as_it_was_written(packet: LcpPacket) -> None:
    assert decode_ppp(encode_ppp(packet)) == packet


@given(st.binary(max_size=40))
def test_any_octets_are_a_packet_or_malformed(octets: bytes) -> None:
    try:
        packet = decode_ppp(octets)
    except MalformedError:
        return
    assert decode_ppp(encode_ppp(packet)) == packet


@pytest.mark.parametrize(
    ("packet", "octets"),
    [
        (LcpPacket(LcpCode.CONFIGURE_REQUEST, 1, BY_EAP), "c021" + "01010008" + "0304c227"),
        (EapPacket(EapCode.FAILURE, 3), "c227" + "04030004"),
    ],
)
def test_a_frame_says_what_it_carries(packet: LcpPacket | EapPacket, octets: str) -> None:
    assert encode_ppp(packet).hex() == octets
    assert decode_ppp(bytes.fromhex(octets)) == packet
    assert PppFrame.decode(bytes.fromhex(octets)).encode().hex() == octets


@pytest.mark.parametrize(
    "octets", ["", "c0", "c021", "c02101", "c0210a010004", "80210101" + "0004"]
)
def test_octets_without_meaning_are_refused(octets: str) -> None:
    with pytest.raises(MalformedError):
        decode_ppp(bytes.fromhex(octets))
