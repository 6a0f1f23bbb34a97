"""PDUs of the Short Message Peer to Peer protocol, version 3.4 issue 1.2: both directions, strict.

The server of an operator (SMSC) and the application server (ESME) exchange them; each PDU comes as
one whole message, its own length first.
"""

from __future__ import annotations

from calendar import monthrange, timegm
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Annotated, ClassVar, NamedTuple, Self

from impl.codec.layout import LV, U8, U32, Counted, Layout, Place, Text, UInt
from impl.errors import MalformedError, TrailingError, TruncatedError, UnencodableError
from impl.values import Secret

HEADER = 16
"""Octets of the header: length, id, status and sequence number, 4 each (clause 3.2)."""

INTERFACE_VERSION = 0x34
TON_INTERNATIONAL = 1
NPI_ISDN = 1


class CommandStatus(IntEnum):
    """Values of command_status that this project sends (table 5-2)."""

    ROK = 0x00
    RINVMSGLEN = 0x01
    RINVCMDLEN = 0x02
    RINVCMDID = 0x03
    RINVBNDSTS = 0x04
    RALYBND = 0x05
    RINVREGDLVFLG = 0x07
    RSYSERR = 0x08
    RINVSRCADR = 0x0A
    RINVDSTADR = 0x0B
    RBINDFAIL = 0x0D
    RINVPASWD = 0x0E
    RINVSYSID = 0x0F
    RMSGQFUL = 0x14
    RINVESMCLASS = 0x43
    RSUBMITFAIL = 0x45
    RINVREPFLAG = 0x54
    RTHROTTLED = 0x58
    RINVSCHED = 0x61
    RINVEXPIRY = 0x62
    RINVDFTMSGID = 0x63
    RX_T_APPN = 0x64
    RX_P_APPN = 0x65
    RX_R_APPN = 0x66
    RINVOPTPARSTREAM = 0xC0
    RUNKNOWNERR = 0xFF


class EsmClass(IntFlag):
    """Bits of esm_class (clause 5.2.12)."""

    MODE = 0x03  # 0 default and 3 store and forward are the same here
    DELIVERY_RECEIPT = 0x04  # of deliver_sm: what became of a message
    SME_DELIVERY_ACKNOWLEDGEMENT = 0x08  # of deliver_sm: what a device or card said to a message
    MESSAGE_TYPE = 0x3C  # which of the two a deliver_sm is; 0 for a message
    UDHI = 0x40


class ReceiptsAsked(IntEnum):
    """Bits 1 and 0 of registered_delivery: of which ends of a message its sender wants to hear."""

    NEVER = 0
    ALWAYS = 1
    ON_FAILURE = 2


class Tag(IntEnum):
    """Tags of optional parameters (table 5-7)."""

    RECEIPTED_MESSAGE_ID = 0x001E
    SC_INTERFACE_VERSION = 0x0210
    NETWORK_ERROR_CODE = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427


class Parameter(NamedTuple):
    """One optional parameter (clause 3.2.4.1)."""

    tag: int
    value: bytes


@dataclass(frozen=True, slots=True)
class _Parameters:
    """Optional parameters up to the end of the PDU."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[tuple[Parameter, ...], int]:
        found = []
        while at < len(octets):
            tag, at = UInt(2).take(octets, at, where)
            value, at = Counted(2).take(octets, at, where)
            found.append(Parameter(tag, value))
        return tuple(found), at

    def put(self, value: tuple[Parameter, ...], where: str) -> bytes:
        return b"".join(
            UInt(2).put(tag, where) + Counted(2).put(content, where) for tag, content in value
        )


@dataclass(frozen=True, slots=True)
class _SecretText:
    """A C-octet string that nobody may see: a password."""

    longest: int

    def take(self, octets: bytes, at: int, where: str) -> tuple[Secret, int]:
        text, end = Text(self.longest).take(octets, at, where)
        return Secret(text.encode("ascii")), end

    def put(self, value: Secret, where: str) -> bytes:
        octets = value.reveal()
        if len(octets) >= self.longest or b"\0" in octets or not octets.isascii():
            raise UnencodableError(where, f"must be fewer than {self.longest} ASCII characters")
        return octets + b"\0"


@dataclass(frozen=True, slots=True)
class _Moment:
    """A time of 16 characters, or none: a C-octet string of 17 or 1 octets (clause 7.1.1)."""

    def take(self, octets: bytes, at: int, where: str) -> tuple[str, int]:
        text, end = Text(17).take(octets, at, where)
        if len(text) not in (0, 16):
            raise MalformedError(where, "must be empty or 16 characters")
        return text, end

    def put(self, value: str, where: str) -> bytes:
        if len(value) not in (0, 16):
            raise UnencodableError(where, "must be empty or 16 characters")
        return Text(17).put(value, where)


class Pdu(Layout):
    """Base of the PDUs: what the header says beside length and id (clause 3.2)."""

    command_id: ClassVar[int]

    command_status: U32 = CommandStatus.ROK
    sequence_number: U32 = 0

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """Read a whole PDU; a response may lack its body, as one with an error status must.

        Raises:
            MalformedError: not this PDU, or its length or a field has no meaning.
        """
        if command_id(octets) != cls.command_id:
            raise MalformedError(cls.__name__, "is another PDU")
        if len(octets) == HEADER and cls.command_id & 0x80000000:
            status, at = UInt(4).take(octets, 8, cls.__name__)
            return cls(command_status=status, sequence_number=UInt(4).take(octets, at, "")[0])
        pdu, end = cls.take(octets, 8)
        if end != len(octets):
            raise TrailingError(cls.__name__, surplus=len(octets) - end)
        return pdu

    @classmethod
    def places(cls, octets: bytes, at: int = 0) -> Iterator[Place]:
        """Yield where each field of a whole PDU stands; a response without body has two."""
        yield from (("command_status", at + 8, at + 12), ("sequence_number", at + 12, at + HEADER))
        if len(octets) > at + HEADER:
            yield from (
                place for place in super().places(octets, at + 8) if place[1] >= at + HEADER
            )

    def encode(self) -> bytes:
        """Write a whole PDU; a response with an error status goes without its body."""
        rest = super().encode()
        if self.command_status and self.command_id & 0x80000000:
            rest = rest[:8]
        size = UInt(4).put(len(rest) + 8, type(self).__name__)
        return size + self.command_id.to_bytes(4, "big") + rest


class BindTransceiver(Pdu):
    """Clause 4.1.5: the ESME opens a session in both directions."""

    command_id: ClassVar = 0x00000009

    system_id: Annotated[str, Text(16)] = ""
    password: Annotated[Secret, _SecretText(9)] = Secret(b"")
    system_type: Annotated[str, Text(13)] = ""
    interface_version: U8 = INTERFACE_VERSION
    addr_ton: U8 = 0
    addr_npi: U8 = 0
    address_range: Annotated[str, Text(41)] = ""


class BindTransceiverResp(Pdu):
    """Clause 4.1.6: the session is open, or why not."""

    command_id: ClassVar = 0x80000009

    system_id: Annotated[str, Text(16)] = ""
    parameters: Annotated[tuple[Parameter, ...], _Parameters()] = ()


class ShortMessagePdu(Pdu):
    """Table 4-10 and table 4-12: what submit_sm and deliver_sm have in common, which is all."""

    service_type: Annotated[str, Text(6)] = ""
    source_addr_ton: U8 = TON_INTERNATIONAL
    source_addr_npi: U8 = NPI_ISDN
    source_addr: Annotated[str, Text(21)] = ""
    dest_addr_ton: U8 = TON_INTERNATIONAL
    dest_addr_npi: U8 = NPI_ISDN
    destination_addr: Annotated[str, Text(21)] = ""
    esm_class: U8 = 0
    protocol_id: U8 = 0
    priority_flag: U8 = 0
    schedule_delivery_time: Annotated[str, _Moment()] = ""
    validity_period: Annotated[str, _Moment()] = ""
    registered_delivery: U8 = 0
    replace_if_present_flag: U8 = 0
    data_coding: U8 = 0
    sm_default_msg_id: U8 = 0
    short_message: LV = b""  # sm_length and short_message, user data header included
    parameters: Annotated[tuple[Parameter, ...], _Parameters()] = ()

    @property
    def user_data(self) -> bytes:
        """The message, from short_message or from the parameter message_payload.

        Raises:
            MalformedError: it is in both (clause 4.4.1).
        """
        payloads = [value for tag, value in self.parameters if tag == Tag.MESSAGE_PAYLOAD]
        if not payloads:
            return self.short_message
        if self.short_message or len(payloads) > 1:
            raise MalformedError(type(self).__name__, "holds more than one message")
        return payloads[0]


class SubmitSm(ShortMessagePdu):
    """Clause 4.4.1: the ESME gives a short message to the SMSC."""

    command_id: ClassVar = 0x00000004


class SubmitSmResp(Pdu):
    """Clause 4.4.2: the SMSC holds the message, durably, under this id; or why not."""

    command_id: ClassVar = 0x80000004

    message_id: Annotated[str, Text(65)] = ""


class DeliverSm(ShortMessagePdu):
    """Clause 4.6.1: the SMSC gives a short message to the ESME."""

    command_id: ClassVar = 0x00000005


class DeliverSmResp(Pdu):
    """Clause 4.6.2: the ESME took the message, or why not; `message_id` is not used."""

    command_id: ClassVar = 0x80000005

    message_id: Annotated[str, Text(65)] = ""


class EnquireLink(Pdu):
    """Clause 4.11.1: are you there?"""

    command_id: ClassVar = 0x00000015


class EnquireLinkResp(Pdu):
    """Clause 4.11.2: yes."""

    command_id: ClassVar = 0x80000015


class Unbind(Pdu):
    """Clause 4.2.1: the session ends."""

    command_id: ClassVar = 0x00000006


class UnbindResp(Pdu):
    """Clause 4.2.2: it has ended."""

    command_id: ClassVar = 0x80000006


class GenericNack(Pdu):
    """Clause 4.3.1: what you sent has no command id that is known, or no length that holds."""

    command_id: ClassVar = 0x80000000


PDUS: dict[int, type[Pdu]] = {
    pdu.command_id: pdu
    for pdu in (
        BindTransceiver,
        BindTransceiverResp,
        SubmitSm,
        SubmitSmResp,
        DeliverSm,
        DeliverSmResp,
        EnquireLink,
        EnquireLinkResp,
        Unbind,
        UnbindResp,
        GenericNack,
    )
}

RESPONSES: dict[type[Pdu], type[Pdu]] = {
    BindTransceiver: BindTransceiverResp,
    SubmitSm: SubmitSmResp,
    DeliverSm: DeliverSmResp,
    EnquireLink: EnquireLinkResp,
    Unbind: UnbindResp,
}


def decode_smpp(octets: bytes) -> Pdu:
    """Read any PDU.

    Raises:
        MalformedError: no such PDU, or not well-formed; `refuse` makes the answer to it.
    """
    kind = PDUS.get(command_id(octets))
    if kind is None:
        raise MalformedError("Pdu", "has an unknown command id")
    return kind.decode(octets)


def refuse(octets: bytes) -> Pdu | None:
    """Return the answer that is due for octets which `decode_smpp` refused.

    A request of a known kind gets its own response, so that its sender finds it; what has no length
    or id that holds gets generic_nack (clause 4.3.1). A malformed response gets None: an answer
    to an answer would go round for ever.
    """
    number = int.from_bytes(octets[12:16], "big") if len(octets) >= HEADER else 0
    try:
        kind = PDUS.get(command_id(octets))
    except MalformedError:
        return GenericNack(CommandStatus.RINVCMDLEN, number)
    if octets[4] & 0x80:
        return None
    if kind is None:
        return GenericNack(CommandStatus.RINVCMDID, number)
    return RESPONSES[kind](CommandStatus.RSYSERR, number)


def command_id(octets: bytes) -> int:
    """Return the id of a PDU whose length holds.

    Raises:
        MalformedError: there is no whole header, or command_length is not the number of octets.
    """
    if len(octets) < HEADER:
        raise TruncatedError("Pdu", needed=HEADER, present=len(octets))
    if int.from_bytes(octets[:4], "big") != len(octets):
        raise MalformedError("Pdu.command_length", "is not the number of octets that came")
    return int.from_bytes(octets[4:8], "big")


def moment_s(text: str, now: float) -> float:
    """Return the seconds since the epoch that a time of 16 characters means (clause 7.1.1).

    `now` is what a relative one (`...R`) counts from; its years are 365 days and its months 30,
    which the specification leaves open. An absolute one lies in this century.

    Raises:
        MalformedError: no such time.
    """
    if len(text) != 16 or not (text[:15].isascii() and text[:15].isdigit()):
        raise MalformedError("Pdu.time", "must be 15 digits and a sign or R")
    years, months, days, hours, minutes, seconds = (int(text[i : i + 2]) for i in range(0, 12, 2))
    if text[15] == "R":
        days += 365 * years + 30 * months
        return now + 86400 * days + 3600 * hours + 60 * minutes + seconds
    quarters = int(text[13:15])
    if text[15] not in "+-" or quarters > 48 or not 1 <= months <= 12:
        raise MalformedError("Pdu.time", "is on no calendar")
    longest = monthrange(2000 + years, months)[1]
    if not 1 <= days <= longest or hours > 23 or minutes > 59 or seconds > 59:
        raise MalformedError("Pdu.time", "is on no calendar")
    ahead = quarters * (900 if text[15] == "+" else -900)
    when = timegm((2000 + years, months, days, hours, minutes, seconds))
    return when + int(text[12]) / 10 - ahead
