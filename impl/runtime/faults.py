"""What goes wrong on the way, or is done wrong on purpose: filters for links, doubles for nodes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TypeGuard

from impl.codec.concatenation import part_of
from impl.codec.mobility import LocationUpdatingReject, decode_mm
from impl.codec.operator import decode_operator, encode_operator
from impl.codec.relay import RpData, decode_rp
from impl.codec.secured_packet import COMMAND_IDENTIFIER, RESPONSE_IDENTIFIER
from impl.codec.short_message import Deliver, Submit, decode_downlink, decode_uplink
from impl.codec.smpp import DeliverSm, SubmitSm, decode_smpp
from impl.codec.user_data import UserData
from impl.device.terminal import Terminal
from impl.errors import MalformedError
from impl.events import Command, Event, Interface, Node, Peer, Send
from impl.messages import OperatorMessage
from impl.runtime.simulation import Frame
from impl.runtime.store import SqlStore
from impl.values import MSISDN, PLMN

PART_INTERVAL_S = 1.0
MOST_PARTS = 255


@dataclass(slots=True)
class PersonalizationFaults:
    """Filter for short messages from the application server to cards."""

    server: MSISDN
    lost_parts: set[int] = field(default_factory=set)
    """Part numbers (1-based) that never reach a device."""
    repeats: bool = False
    """Whether every part reaches the device twice."""
    reverses: bool = False
    """Whether parts reach the short message centre in the opposite order."""
    alters: bool = False
    """Whether the last octet of every part is changed over the air."""

    def __call__(self, frame: Frame) -> list[tuple[float, Frame]]:
        """Say what becomes of a frame."""
        if frame.target.interface is Interface.SMPP and self.reverses:
            return [(self._late_s(frame), frame)]
        if frame.target.interface is not Interface.SM:
            return [(0.0, frame)]
        number = self._part_number(frame)
        if number is None:
            return [(0.0, frame)]
        if number in self.lost_parts:
            return []
        octets = frame.octets
        if self.alters:
            octets = octets[:-1] + bytes([octets[-1] ^ 0x01])
        passed = (0.0, replace(frame, octets=octets))
        return [passed, passed] if self.repeats else [passed]

    def _part_number(self, frame: Frame) -> int | None:
        """Return which part of a message to a card a frame carries, None if it carries none."""
        try:
            relay = decode_rp(frame.octets, from_network=True)
            tpdu = decode_downlink(relay.user_data) if isinstance(relay, RpData) else None
        except MalformedError:
            return None
        if not isinstance(tpdu, Deliver) or tpdu.originator.digits != self.server:
            return None
        part = part_of(tpdu.header)
        return part.number if part else 1

    def _late_s(self, frame: Frame) -> float:
        """Return a delay that is the longer the earlier a part is."""
        try:
            pdu = decode_smpp(frame.octets)
            if not isinstance(pdu, SubmitSm):
                return 0.0
            part = part_of(UserData.decode(pdu.user_data, has_header=True).header)
        except MalformedError:
            return 0.0
        return (MOST_PARTS - part.number) * PART_INTERVAL_S if part else 0.0


@dataclass(frozen=True, slots=True)
class AlteringFault:
    """Filter that changes the last octet of whatever passes between two nodes."""

    ends: frozenset[str]
    """The names of both."""

    def __call__(self, frame: Frame) -> list[tuple[float, Frame]]:
        """Say what becomes of a frame."""
        if {frame.sender, frame.receiver} != self.ends:
            return [(0.0, frame)]
        octets = frame.octets[:-1] + bytes([frame.octets[-1] ^ 0x01])
        return [(0.0, replace(frame, octets=octets))]


@dataclass(slots=True)
class RequestFault:
    """Filter that changes what requests of devices say, before the server gets them."""

    change: Callable[[bytes], bytes]
    """From a whole packet to another."""

    def __call__(self, frame: Frame) -> list[tuple[float, Frame]]:
        """Say what becomes of a frame."""
        if frame.target.interface is not Interface.SMPP:
            return [(0.0, frame)]
        try:
            pdu = decode_smpp(frame.octets)
            if not isinstance(pdu, DeliverSm):
                return [(0.0, frame)]
            user_data = UserData.decode(pdu.user_data, has_header=True)
        except MalformedError:
            return [(0.0, frame)]
        if COMMAND_IDENTIFIER not in {element.identifier for element in user_data.header}:
            return [(0.0, frame)]
        changed = user_data._replace(octets=self.change(user_data.octets))
        octets = replace(pdu, short_message=changed.encode()).encode()
        return [(0.0, replace(frame, octets=octets))]


@dataclass(frozen=True, slots=True)
class BanningFault:
    """Filter that changes why a network rejects location updates."""

    network: str
    """The name of the node that serves devices there."""
    cause: int

    def __call__(self, frame: Frame) -> list[tuple[float, Frame]]:
        """Say what becomes of a frame."""
        if frame.target.interface is not Interface.MM or frame.sender != self.network:
            return [(0.0, frame)]
        if not isinstance(decode_mm(frame.message), LocationUpdatingReject):
            return [(0.0, frame)]
        octets = LocationUpdatingReject(self.cause).encode()
        return [(0.0, replace(frame, octets=octets, message=octets))]


@dataclass(slots=True)
class LateReporter:
    """A double of a device that keeps reports of its card until it is attached to a network."""

    node: Terminal
    network: PLMN
    _kept: list[bytes] = field(default_factory=list)

    def handle(self, event: Event) -> list[Command]:
        """Let the device decide, and keep or let go what is a report."""
        commands = self.node.handle(event)
        if self.node.serving_network != self.network:
            self._kept += [one.octets for one in commands if _is_report(one)]
            return [one for one in commands if not _is_report(one)]
        kept, self._kept = self._kept, []
        return [*commands, *(Send(Peer(Interface.SM, self.network), octets) for octets in kept)]


def _is_report(command: Command) -> TypeGuard[Send]:
    if not isinstance(command, Send) or command.target.interface is not Interface.SM:
        return False
    relay = decode_rp(command.octets, from_network=False)
    tpdu = decode_uplink(relay.user_data) if isinstance(relay, RpData) else None
    header = tpdu.header if isinstance(tpdu, Submit) else ()
    return RESPONSE_IDENTIFIER in {element.identifier for element in header}


@dataclass(slots=True)
class Misspoken:
    """A double of a node whose messages to the application server are not what it said."""

    node: Node
    misspeak: Callable[[OperatorMessage], OperatorMessage]

    def handle(self, event: Event) -> list[Command]:
        """Let the node decide, and change what it says to the server."""
        return [self._changed(command) for command in self.node.handle(event)]

    def _changed(self, command: Command) -> Command:
        match command:
            case Send(Peer(Interface.OPERATOR | Interface.CENTRE) as target, octets):
                message = self.misspeak(decode_operator(octets))
                return Send(target, encode_operator(message))
        return command


class DeathError(Exception):
    """A node dies here, and says nothing more."""


@dataclass(slots=True)
class Mortal:
    """A double of a durable node that dies at one of its events."""

    node: Node
    store: SqlStore
    left: int
    """At which event, 1-based."""
    kept: bool
    """Whether it dies after its records were committed, rather than before."""
    bury: Callable[[], None]
    """Takes the node away, and does what follows."""

    def handle(self, event: Event) -> list[Command]:
        """Let the node decide, or die."""
        self.left -= 1
        if self.left:
            return self.node.handle(event)
        hook = "after_commit" if self.kept else "before_commit"
        setattr(self.store, hook, _die)
        with suppress(DeathError):
            self.node.handle(event)
        setattr(self.store, hook, None)
        self.bury()
        return []


def _die() -> None:
    raise DeathError
