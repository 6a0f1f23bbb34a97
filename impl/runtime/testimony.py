"""What the entries of a journal prove: who was attached, who said what, what a device passed on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from impl.codec.apdu import CommandApdu, Ins, ResponseApdu
from impl.codec.gsm7 import decode_gsm7
from impl.codec.gsup import GsupType, decode_gsup
from impl.codec.operator import decode_operator
from impl.codec.relay import RpData, RpMessage, decode_rp
from impl.codec.short_message import Deliver, decode_downlink
from impl.codec.toolkit import SendShortMessage, SmsPpDownload, decode_envelope, decode_proactive
from impl.errors import MalformedError
from impl.events import Interface
from impl.messages import OperatorMessage
from impl.runtime.journal import Entry
from impl.runtime.presence import Admitted, Claimed, Gone, Identity, seen
from impl.values import IMSI

PID_USIM_DATA_DOWNLOAD = 0x7F
SECURED = {Interface.OPERATOR, Interface.CENTRE}


def said(
    entries: Iterable[Entry], sender: str, receiver: str | None = None
) -> Iterator[OperatorMessage]:
    """Yield what one node said to another, or to anybody, inside secured sessions."""
    for entry in entries:
        left = entry.interface in SECURED and entry.octets
        if left and entry.sender == sender and receiver in {None, entry.receiver}:
            with suppress(MalformedError):
                yield decode_operator(entry.message)


def carried_message(entries: Iterable[Entry], centre: str) -> bool:
    """Whether a short message centre gave its register a short message for a device."""
    return any(
        entry.interface is Interface.GSUP
        and entry.sender == centre
        and decode_gsup(entry.message).message_type is GsupType.MT_FORWARD_SM_REQUEST
        for entry in entries
    )


def shared_identity(entries: Iterable[Entry]) -> bool:
    """Whether two devices were ever attached with one IMSI at the same time."""
    claimed: dict[str, Identity] = {}
    known: dict[Identity, IMSI] = {}
    attached: dict[str, IMSI] = {}
    for device, _, happening in seen(entries):
        match happening:
            case Claimed(identity):
                claimed[device] = known.get(identity, identity)
            case Admitted(temporary):
                imsi = claimed.get(device)
                assert isinstance(imsi, IMSI)
                attached[device] = imsi
                if temporary is not None:
                    known[temporary] = imsi
            case Gone():
                attached.pop(device, None)
        if len(set(attached.values())) < len(attached):
            return True
    return False


def got_text(entries: Iterable[Entry], device: str, text: str) -> bool:
    """Whether an ordinary short message of this text arrived at a device."""
    return any(
        deliver.pid != PID_USIM_DATA_DOWNLOAD
        and decode_gsm7(deliver.user_data, deliver.septets) == text
        for deliver in _delivered(entries, device)
    )


def relayed(entries: Sequence[Entry], device: str) -> bool:
    """Whether a device passed on every short message of and for its card, as it was.

    And whether the card answered every command of the device.
    """
    exchanges = [one for one in entries if one.interface is None and one.sender == device]
    answered = bool(exchanges) and all(one.message for one in exchanges)
    for_card = [
        deliver.encode()
        for deliver in _delivered(entries, device)
        if deliver.pid == PID_USIM_DATA_DOWNLOAD
    ]
    sent = [
        _bare(relay.user_data)
        for relay in _relay(entries, device, from_network=False)
        if isinstance(relay, RpData)
    ]
    into, out_of = list(_into_card(exchanges)), list(_out_of_card(exchanges))
    return answered and for_card == into and sent == out_of


def _into_card(exchanges: Iterable[Entry]) -> Iterator[bytes]:
    """Yield the TPDUs that a device handed to its card."""
    for one in exchanges:
        if one.octets[1] == Ins.ENVELOPE:
            envelope = decode_envelope(CommandApdu.decode(one.octets).data)
            if isinstance(envelope, SmsPpDownload):
                yield envelope.tpdu


def _out_of_card(exchanges: Iterable[Entry]) -> Iterator[bytes]:
    """Yield the TPDUs that a card wanted sent, without their reference."""
    for one in exchanges:
        if one.octets[1] == Ins.FETCH:
            _, command = decode_proactive(ResponseApdu.decode(one.message).data)
            if isinstance(command, SendShortMessage):
                yield _bare(command.tpdu)


def _bare(submit: bytes) -> bytes:
    """Return an SMS-SUBMIT without TP-MR, which the device sets."""
    return submit[:1] + submit[2:]


def _delivered(entries: Iterable[Entry], device: str) -> Iterator[Deliver]:
    for relay in _relay(entries, device, from_network=True):
        if isinstance(relay, RpData):
            tpdu = decode_downlink(relay.user_data)
            if isinstance(tpdu, Deliver):
                yield tpdu


def _relay(entries: Iterable[Entry], device: str, *, from_network: bool) -> Iterator[RpMessage]:
    for entry in entries:
        end = entry.receiver if from_network else entry.sender
        if entry.interface is Interface.SM and entry.delivered and end == device:
            with suppress(MalformedError):
                yield decode_rp(entry.message, from_network=from_network)
