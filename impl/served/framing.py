"""Where one message ends and the next begins on a stream; every length is bounded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from impl.errors import MalformedError

IPA_HEADER = 3
SMPP_SHORTEST, SMPP_LONGEST = 16, 66_000
"""A header alone; and a message_payload of 64 Ki octets with what goes with it."""


class Framing(Protocol):
    """One way to frame messages."""

    def split(self, buffer: bytearray) -> Iterator[bytes]:
        """Take the whole messages from the front of `buffer`, each as it stood on the wire.

        Raises:
            MalformedError: what stands there is the beginning of no message. The stream is of no
                use any more.
        """


class SmppFraming:
    """command_length, 4 octets with themselves (SMPP 3.4 clause 3.2)."""

    def split(self, buffer: bytearray) -> Iterator[bytes]:
        """See `Framing`."""
        while len(buffer) >= 4:
            length = int.from_bytes(buffer[:4], "big")
            if not SMPP_SHORTEST <= length <= SMPP_LONGEST:
                raise MalformedError("SMPP command_length", f"is {length}")
            if len(buffer) < length:
                return
            yield _take(buffer, length)


class IpaFraming:
    """Length of what follows the header, 2 octets, then the stream identifier (ip.access)."""

    def split(self, buffer: bytearray) -> Iterator[bytes]:
        """See `Framing`."""
        while len(buffer) >= IPA_HEADER:
            end = IPA_HEADER + int.from_bytes(buffer[:2], "big")
            if len(buffer) < end:
                return
            yield _take(buffer, end)


class RadioFraming:
    """Length of what follows, 2 octets; see `radio_link.py`."""

    longest = 1024

    def split(self, buffer: bytearray) -> Iterator[bytes]:
        """See `Framing`."""
        while len(buffer) >= 2:
            length = int.from_bytes(buffer[:2], "big")
            if length > self.longest:
                raise MalformedError("radio frame", f"announces {length} octets")
            if len(buffer) < 2 + length:
                return
            yield _take(buffer, 2 + length)


def _take(buffer: bytearray, length: int) -> bytes:
    message = bytes(buffer[:length])
    del buffer[:length]
    return message
