"""Over-the-air security in the card: short messages in, checked orders on, proof of receipt back.

The order of the checks is that of TS 102 225 clause 5: TAR, minimum security level, keys,
ciphering, checksum, counter. What fails before the checksum held is answered without keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from impl.card import image
from impl.card.cpa import Errand
from impl.card.keyset import command_keys
from impl.card.memory import Memory
from impl.card.menu import server_address
from impl.card.outgoing import submissions
from impl.card.status import StatusError
from impl.card.toolkit import Toolkit
from impl.codec.address import Address
from impl.codec.apdu import SW
from impl.codec.concatenation import Reassembler
from impl.codec.ota_profile import MINIMUM_SECURITY
from impl.codec.secured_packet import (
    COMMAND_IDENTIFIER,
    RESPONSE_IDENTIFIER,
    InsufficientSecurityError,
    SecuredPacketError,
    open_command,
    peek_command,
    seal_response,
)
from impl.codec.security_parameters import (
    CommandHeader,
    CounterMode,
    PorStatus,
    SecurityParameters,
    Spi1,
    judge_counter,
)
from impl.codec.short_message import Deliver
from impl.codec.toolkit import SmsPpDownload
from impl.codec.user_data import UserData
from impl.errors import MalformedError
from impl.values import OtaKeys

REASSEMBLED_AT_ONCE: Final = 8
"""Incomplete messages that the card holds; past it the oldest is dropped."""

_COMPARED: Final = (CounterMode.HIGHER, CounterMode.NEXT)
_RESPONSE_HEADER: Final = bytes((2, RESPONSE_IDENTIFIER, 0))


class Application(Protocol):
    """What a TAR stands for."""

    @property
    def is_selectable(self) -> bool:
        """Whether the card has it now: else its TAR is unknown."""

    def execute(self, octets: bytes, errand: Errand) -> bytes | None:
        """Carry out an order and return the result; None if that comes later, by the errand."""


class Service(NamedTuple):
    """One row of the table of TARs."""

    application: Application
    minimum: Spi1 = MINIMUM_SECURITY
    """Its minimum security level (MSL)."""


@dataclass(frozen=True, slots=True)
class _Delivery:
    """A command packet in the card: where it came from, and how to prove what became of it."""

    memory: Memory
    toolkit: Toolkit
    parameters: SecurityParameters
    keys: OtaKeys | None
    """None as long as no key is trusted."""
    sender: Address
    service_centre: Address | None
    """The way back: EF.SMSP may be that of another network by the time of the answer."""

    def accept(self) -> None:
        """Keep the packet's counter if it was compared, as part of the open transaction."""
        if self.parameters.spi1.counter_mode in _COMPARED:
            image.COMMAND_COUNTER.set_number(self.memory, self.parameters.counter)

    def answer(self, result: bytes) -> None:
        """Send the result of an order that took its time."""
        if self.parameters.spi2.wants_response(PorStatus.OK):
            self._submit(PorStatus.OK, result)

    def report(self, status: PorStatus, result: bytes = b"") -> bytes:
        """Prove what became of the packet as its SPI asks; return what the delivery report has.

        What anybody may have sent is answered by a short message only to the server's own number:
        nobody makes the card send messages to numbers of their choice.
        """
        if not self.parameters.spi2.wants_response(status):
            return b""
        if not self.parameters.spi2.is_by_submit:
            return _RESPONSE_HEADER + self._seal(status, result)
        if self.keys is not None or self.sender == server_address(self.memory):
            self._submit(status, result)
        return b""

    def report_delay(self) -> bytes:
        """Say in the delivery report, if that was asked for, that a short message will answer."""
        spi2 = self.parameters.spi2
        if spi2.is_by_submit or not spi2.wants_response(PorStatus.OK):
            return b""
        return self.report(PorStatus.RESPONSE_BY_SUBMIT)

    def _submit(self, status: PorStatus, result: bytes) -> None:
        packet = self._seal(status, result)
        for message in submissions(packet, RESPONSE_IDENTIFIER, self.sender, self.service_centre):
            self.toolkit.ask(message)

    def _seal(self, status: PorStatus, result: bytes) -> bytes:
        return seal_response(self.parameters, status, result, self.keys)


class OverTheAir:
    """Receiver of secured packets during one life of the card."""

    __slots__ = ("_memory", "_reassembler", "_services", "_toolkit")

    def __init__(self, memory: Memory, toolkit: Toolkit, services: Mapping[bytes, Service]) -> None:
        self._memory = memory
        self._toolkit = toolkit
        self._services = services
        """By TAR."""
        self._reassembler = Reassembler(capacity=REASSEMBLED_AT_ONCE)

    def receive(self, envelope: SmsPpDownload) -> bytes:
        """Take a short message; return what the delivery report has to carry, nothing for most.

        Raises:
            StatusError: it cannot be read (62xx: the terminal reports a data download error), or an
                application is busy (9300). Nothing changed.
        """
        try:
            message = Deliver.decode(envelope.tpdu)
            whole = self._reassembler.add(
                message.originator, UserData(message.header, message.user_data)
            )
            if whole is None or all(each.identifier != COMMAND_IDENTIFIER for each in whole.header):
                return b""
            header = peek_command(whole.octets)
        except MalformedError:
            raise StatusError(SW.WARNING_MEMORY_UNCHANGED) from None
        way_back = (message.originator, envelope.service_centre)
        return self._take_packet(whole.octets, header, way_back)

    def _take_packet(
        self, packet: bytes, header: CommandHeader, way_back: tuple[Address, Address | None]
    ) -> bytes:
        try:
            application = self._find_application(header)
            keys = command_keys(self._memory)
            command = open_command(packet, keys)
            seal_response(command.parameters, PorStatus.OK, b"", keys)  # else it promises too much
        except SecuredPacketError as refusal:
            unproved = SecurityParameters(**vars(header), counter=0)
            delivery = _Delivery(self._memory, self._toolkit, unproved, None, *way_back)
            return delivery.report(refusal.status)
        delivery = _Delivery(self._memory, self._toolkit, command.parameters, keys, *way_back)
        stored = image.COMMAND_COUNTER.number(self._memory)
        mode, counter = header.spi1.counter_mode, command.parameters.counter
        status = judge_counter(mode, counter, stored)
        if status is not PorStatus.OK:
            return delivery.report(status)
        result = application.execute(command.data, delivery)
        delivery.accept()  # the application has, unless it changed nothing
        return delivery.report_delay() if result is None else delivery.report(PorStatus.OK, result)

    def _find_application(self, header: CommandHeader) -> Application:
        """Return the addressee of a packet.

        Raises:
            SecuredPacketError: there is none, or it asks for more security.
        """
        service = self._services.get(header.tar)
        if service is None or not service.application.is_selectable:
            raise UnknownTarError(f"no application {header.tar.hex()}")
        if not header.spi1.meets(service.minimum):
            raise InsufficientSecurityError("below the minimum security level")
        return service.application


class UnknownTarError(SecuredPacketError):
    """The card has no such application."""

    status = PorStatus.TAR_UNKNOWN
