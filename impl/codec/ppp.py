"""PPP on the radio link of eHRPD: RFC 1661, with EAP for authentication (RFC 3748 clause 3.3).

A frame here is the protocol field and what it carries: flags, escapes and checksum (RFC 1662) are
left out, since a link of this system carries a message whole or not at all.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, Final

from impl.codec.eap import EapPacket, FramedForm
from impl.codec.layout import U8, U16, Coded, Layout, Rest
from impl.errors import MalformedError


class PppProtocol(IntEnum):
    """Protocols that a frame may carry."""

    LCP = 0xC021
    EAP = 0xC227


class LcpCode(IntEnum):
    """What a packet of the link control protocol is (RFC 1661 clause 5)."""

    CONFIGURE_REQUEST = 1
    CONFIGURE_ACK = 2
    CONFIGURE_NAK = 3
    CONFIGURE_REJECT = 4
    TERMINATE_REQUEST = 5
    TERMINATE_ACK = 6
    CODE_REJECT = 7


BY_EAP: Final = bytes.fromhex("0304c227")
"""The option that asks for authentication by EAP (RFC 1661 clause 6.2)."""


class LcpPacket(Layout):
    """One packet of the link control protocol; options stand in `content` as they are."""

    code: Annotated[LcpCode, Coded(LcpCode)]
    identifier: U8
    content: Annotated[bytes, FramedForm()] = b""


INFORMATION_AT: Final = 2
"""Offset of what a frame carries."""


class PppFrame(Layout):
    """RFC 1661 clause 2, without address and control."""

    protocol: U16
    information: Annotated[bytes, Rest()]


def encode_ppp(packet: LcpPacket | EapPacket) -> bytes:
    """Write the frame that carries a packet; UnencodableError if it is too long."""
    protocol = PppProtocol.EAP if isinstance(packet, EapPacket) else PppProtocol.LCP
    return PppFrame(protocol, packet.encode()).encode()


def decode_ppp(octets: bytes) -> LcpPacket | EapPacket:
    """Read what a frame carries.

    Raises:
        MalformedError: another protocol, or no packet of it.
    """
    frame = PppFrame.decode(octets)
    if frame.protocol == PppProtocol.EAP:
        return EapPacket.decode(frame.information)
    if frame.protocol == PppProtocol.LCP:
        return LcpPacket.decode(frame.information)
    raise MalformedError("PppFrame", f"protocol {frame.protocol:04X} is none of EAP, LCP")
