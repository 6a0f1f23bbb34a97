"""Relay messages that carry short messages between device and network: 3GPP TS 24.011 7.3, Rel-17.

A type of message has one code from the device and another, one higher, from the network, so that
encoding and decoding are told the direction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, ClassVar, Self

from impl.codec.address import Address
from impl.codec.layer3 import Between, LengthValue, OptionalElement, skip_unknown
from impl.codec.layout import U8, Layout, Place, UInt
from impl.errors import MalformedError, TruncatedError, UnencodableError

USER_DATA = Between(1, 232)
"""A TPDU (clause 8.2.5.3: 233 octets with its length)."""


class RpCause(IntEnum):
    """Why a short message was not taken (TS 24.011 table 8.4)."""

    UNASSIGNED_NUMBER = 1
    CALL_BARRED = 10
    TRANSFER_REJECTED = 21
    MEMORY_EXCEEDED = 22
    DESTINATION_OUT_OF_ORDER = 27
    UNIDENTIFIED_SUBSCRIBER = 28
    UNKNOWN_SUBSCRIBER = 30
    NETWORK_OUT_OF_ORDER = 38
    TEMPORARY_FAILURE = 41
    CONGESTION = 42
    FACILITY_NOT_SUBSCRIBED = 50
    SEMANTICALLY_INCORRECT = 95
    INVALID_MANDATORY_INFORMATION = 96
    MESSAGE_TYPE_NON_EXISTENT = 97
    MESSAGE_NOT_COMPATIBLE = 98
    PROTOCOL_ERROR = 111


@dataclass(frozen=True, slots=True)
class _CauseForm:
    """The cause, and a diagnostic octet that is not kept (clause 8.2.5.4)."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[int, int]:
        value, end = Between(1, 2).take(octets, at, where)
        return value[0] & 0x7F, end

    def put(self, value: int, where: str) -> bytes:
        if not 0 <= value <= 0x7F:
            raise UnencodableError(where, "must be 0 to 127")
        return bytes((value,))


@dataclass(frozen=True, slots=True)
class _AddressForm:
    """Type, plan and digits; no octet at all for no address (clause 8.2.5.1 and 8.2.5.2)."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[Address | None, int]:
        value, end = Between(0, 11).take(octets, at, where)
        return Address.decode(value) if value else None, end

    def put(self, value: Address | None, where: str) -> bytes:
        return Between(0, 11).put(b"" if value is None else value.encode(), where)


class RpMessage(Layout):
    """Base of the messages: type and reference, then the rows (clause 8.1)."""

    from_device: ClassVar[int]
    """Message type indicator from the device; from the network it is one higher."""

    reference: U8

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """Read a whole message; which direction it goes is not looked at (see `decode_rp`).

        Raises:
            MalformedError: an element is missing or wrong, or has to be understood and is not.
        """
        if message_type(octets) & 0x06 != cls.from_device:
            raise MalformedError(cls.__name__, "is another message")
        message, end = cls.take(octets, 1)
        skip_unknown(octets, end, cls.__name__)
        return message

    @classmethod
    def places(cls, octets: bytes, at: int = 0) -> Iterator[Place]:
        """Yield where each field of a whole message stands."""
        return super().places(octets, at + 1)

    def encode(self, *, from_network: bool = False) -> bytes:
        """Write a whole message.

        Raises:
            UnencodableError: a value does not fit, or this message does not go in that direction.
        """
        name = type(self).__name__
        if not self.goes(from_network=from_network):
            raise UnencodableError(name, "does not go in this direction")
        return UInt(1).put(self.from_device + from_network, name) + super().encode()

    def goes(self, *, from_network: bool) -> bool:  # noqa: ARG002 - some messages look at it
        """Whether this message may go in that direction."""
        return True


class RpData(RpMessage):
    """Clause 7.3.1: a TPDU. One address is the service centre's, the other is None.

    From the device it is `destination`, from the network `originator`.
    """

    from_device: ClassVar = 0

    originator: Annotated[Address | None, LengthValue(_AddressForm())]
    destination: Annotated[Address | None, LengthValue(_AddressForm())]
    user_data: Annotated[bytes, LengthValue(USER_DATA)]

    def goes(self, *, from_network: bool) -> bool:
        """Whether the service centre stands where this direction has it."""
        centre, nobody = self.destination, self.originator
        if from_network:
            centre, nobody = nobody, centre
        return centre is not None and nobody is None


class RpAck(RpMessage):
    """Clause 7.3.3: the TPDU was taken; `user_data` may be its report."""

    from_device: ClassVar = 2

    user_data: Annotated[bytes | None, OptionalElement(0x41, USER_DATA)] = None


class RpError(RpMessage):
    """Clause 7.3.4: the TPDU was not taken; `user_data` may be its report."""

    from_device: ClassVar = 4

    cause: Annotated[int, LengthValue(_CauseForm())]
    user_data: Annotated[bytes | None, OptionalElement(0x41, USER_DATA)] = None


class RpSmma(RpMessage):
    """Clause 7.3.2: the device has memory for short messages again."""

    from_device: ClassVar = 6

    def goes(self, *, from_network: bool) -> bool:
        """Only a device says so."""
        return not from_network


MESSAGES: dict[int, type[RpMessage]] = {
    message.from_device: message for message in (RpData, RpAck, RpError, RpSmma)
}


def decode_rp(octets: bytes, *, from_network: bool) -> RpMessage:
    """Read any relay message that came in this direction.

    Raises:
        MalformedError: no such message in this direction, or not well-formed.
    """
    kind = message_type(octets)
    message = MESSAGES.get(kind & 0x06)
    if message is None or bool(kind & 0x01) != from_network:
        raise MalformedError("RpMessage", "is of no type of this direction")
    decoded = message.decode(octets)
    if not decoded.goes(from_network=from_network):
        raise MalformedError(message.__name__, "does not go in this direction")
    return decoded


def message_type(octets: bytes) -> int:
    """Return the message type indicator, 3 bits (clause 8.2.2).

    Raises:
        TruncatedError: there are no octets of type and reference.
    """
    if len(octets) < 2:
        raise TruncatedError("RpMessage", needed=2, present=len(octets))
    return octets[0] & 0x07
