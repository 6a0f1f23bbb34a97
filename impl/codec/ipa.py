"""The IPA multiplex that carries GSUP over TCP: what Osmocom programs speak to each other.

A frame is the length of its content (2 octets), the stream identifier (1), then the content.
Connection management (CCM) says who is there: the server asks, the client names itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from impl.errors import MalformedError, TruncatedError, UnencodableError

HEADER_OCTETS = 3
MOST_OCTETS = 0xFFFF


class StreamId(IntEnum):
    """What a frame belongs to."""

    CCM = 0xFE
    OSMO = 0xEE  # the first octet of the content says which protocol


class Extension(IntEnum):
    """Protocols of the stream OSMO."""

    CTRL = 0x00
    GSUP = 0x05


class Ccm(IntEnum):
    """Message types of connection management."""

    PING = 0x00
    PONG = 0x01
    ID_GET = 0x04
    ID_RESP = 0x05
    ID_ACK = 0x06


class IdTag(IntEnum):
    """What a client says of itself."""

    SERIAL_NUMBER = 0x00
    UNIT_NAME = 0x01
    UNIT_ID = 0x08


ASKED = (IdTag.SERIAL_NUMBER, IdTag.UNIT_NAME, IdTag.UNIT_ID)


@dataclass(frozen=True, slots=True)
class IpaFrame:
    """One frame."""

    stream: int
    content: bytes

    def encode(self) -> bytes:
        """Write the frame.

        Raises:
            UnencodableError: the content has more than 65,535 octets.
        """
        if len(self.content) > MOST_OCTETS:
            raise UnencodableError("IPA frame", f"{len(self.content)} octets do not fit")
        return len(self.content).to_bytes(2, "big") + bytes([self.stream]) + self.content


def decode_ipa(octets: bytes) -> IpaFrame:
    """Read one whole frame.

    Raises:
        MalformedError: its length is not what it says, or its content is empty.
    """
    if len(octets) < HEADER_OCTETS:
        raise TruncatedError("IPA frame", HEADER_OCTETS, len(octets))
    length = int.from_bytes(octets[:2], "big")
    if length != len(octets) - HEADER_OCTETS:
        raise MalformedError("IPA frame", f"says {length} octets, has {len(octets)} with header")
    if not length:
        raise MalformedError("IPA frame", "is empty")
    return IpaFrame(octets[2], octets[HEADER_OCTETS:])


def carry_gsup(gsup: bytes) -> bytes:
    """Return the frame that carries a GSUP message."""
    return IpaFrame(StreamId.OSMO, bytes([Extension.GSUP]) + gsup).encode()


def ccm(kind: Ccm, content: bytes = b"") -> bytes:
    """Return the frame of a message of connection management."""
    return IpaFrame(StreamId.CCM, bytes([kind]) + content).encode()


def ask_identity() -> bytes:
    """Return the frame by which a server asks who its client is: a length and a tag for each."""
    return ccm(Ccm.ID_GET, b"".join(bytes([1, tag]) for tag in ASKED))


def tell_identity(name: str) -> bytes:
    """Return the frame by which a client tells its name, closed by a zero octet as in C."""
    text = name.encode("ascii") + b"\0"
    elements = ((len(text) + 1).to_bytes(2, "big") + bytes([tag]) + text for tag in ASKED)
    return ccm(Ccm.ID_RESP, b"".join(elements))


def read_identity(content: bytes) -> str:
    """Return the name that a client tells: its serial number, or else its unit name.

    Args:
        content: of ID_RESP, behind its message type.

    Raises:
        MalformedError: it is cut short, tells no name, or the name is not printable ASCII.
    """
    found: dict[int, bytes] = {}
    at = 0
    while at < len(content):
        end = at + 2 + int.from_bytes(content[at : at + 2], "big")
        if end > len(content) or end < at + 3:
            raise TruncatedError("IPA identity", end, len(content))
        found[content[at + 2]] = content[at + 3 : end].rstrip(b"\0")
        at = end
    name = found.get(IdTag.SERIAL_NUMBER) or found.get(IdTag.UNIT_NAME) or b""
    if not name or not all(0x20 <= octet < 0x7F for octet in name):
        raise MalformedError("IPA identity", "tells no name")
    return name.decode("ascii")
