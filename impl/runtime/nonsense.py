"""Octets without meaning at every interface, and how each is to answer them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from impl.codec.gsup import GsupType, decode_gsup
from impl.codec.mobility import MmStatus, decode_mm
from impl.codec.operator import decode_operator
from impl.codec.relay import RpError, decode_rp
from impl.codec.smpp import decode_smpp
from impl.errors import MalformedError
from impl.events import Peer
from impl.messages import Malformed
from impl.runtime.journal import Entry


@dataclass(frozen=True, slots=True)
class Nonsense:
    """What is said to whom, and what has to come back."""

    sender: str
    target: Peer
    receiver: str
    octets: bytes
    is_answer: Callable[[bytes], bool]
    """Whether a message is the answer that the interface defines for such octets."""

    def was_answered(self, entries: Iterable[Entry]) -> bool:
        """Whether the receiver gave that answer."""
        return any(
            (entry.sender, entry.receiver) == (self.receiver, self.sender)
            and entry.interface is self.target.interface
            and self.is_answer(entry.message)
            for entry in entries
        )


def at_session(sender: str, target: Peer, receiver: str) -> Nonsense:
    """Say something that is no message of ours inside a secured session."""
    return Nonsense(sender, target, receiver, b'{"kind": "nonsense", "id": 7', _is_malformed)


def at_message_service(sender: str, target: Peer, receiver: str) -> Nonsense:
    """Send a PDU of SMPP of a command that there is not, and without a body."""
    octets = bytes.fromhex("00000014 000000ff 00000000 00000063 deadbeef")
    return Nonsense(sender, target, receiver, octets, _is_smpp_error)


def at_register(sender: str, target: Peer, receiver: str) -> Nonsense:
    """Ask a home register in GSUP for an element that ends before it begins."""
    octets = bytes([GsupType.SEND_AUTH_INFO_REQUEST]) + bytes.fromhex("0108 0921")
    return Nonsense(sender, target, receiver, octets, _is_gsup_error)


def at_attach(sender: str, target: Peer, receiver: str) -> Nonsense:
    """Ask a network to attach, and leave out who."""
    return Nonsense(sender, target, receiver, bytes.fromhex("0508 71"), _is_mm_status)


def at_relay(sender: str, target: Peer, receiver: str, *, from_network: bool) -> Nonsense:
    """Hand over a short message that is none."""
    octets = bytes.fromhex("01 2a 0491336009 00 03 ffffff" if from_network else "00 2a 00 00 01 ff")
    return Nonsense(
        sender, target, receiver, octets, lambda answer: _is_rp_error(answer, not from_network)
    )


def _is_malformed(octets: bytes) -> bool:
    return isinstance(decode_operator(octets), Malformed)


def _is_smpp_error(octets: bytes) -> bool:
    return decode_smpp(octets).command_status != 0


def _is_gsup_error(octets: bytes) -> bool:
    return decode_gsup(octets).message_type is GsupType.SEND_AUTH_INFO_ERROR


def _is_mm_status(octets: bytes) -> bool:
    return isinstance(decode_mm(octets), MmStatus)


def _is_rp_error(octets: bytes, from_network: bool) -> bool:  # noqa: FBT001 - as decode_rp has it
    try:
        return isinstance(decode_rp(octets, from_network=from_network), RpError)
    except MalformedError:
        return False
