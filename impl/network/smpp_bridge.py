"""Short messages as SMPP has them and as TS 23.040 has them, Rel-17.

Octets go through unchanged, header, TP-PID and TP-DCS as well. Text in the GSM 7 bit alphabet is
packed on the radio path and has an octet for each septet in SMPP (clause 5.2.19, default alphabet).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from impl.codec.address import Address
from impl.codec.gsm7 import decode_gsm7, decode_unpacked, encode_gsm7, encode_unpacked
from impl.codec.receipt import MessageState, Receipt
from impl.codec.relay import RpCause
from impl.codec.short_message import Deliver, DeliverReport, StatusReport, Submit
from impl.codec.smpp import DeliverSm, EsmClass
from impl.codec.timestamp import encode_timestamp
from impl.codec.user_data import LONGEST, UserData, counts_septets, encode_header
from impl.errors import UnencodableError
from impl.network.message_queue import QueuedMessage
from impl.values import MSISDN

# TP-ST (TS 23.040 clause 9.2.3.15): received, and permanent errors.
RECEIVED: Final = 0x00
PROCEDURE_FAILED: Final = 0x40
REJECTED_BY_RECEIVER: Final = 0x42
NOT_OBTAINABLE: Final = 0x43
VALIDITY_IS_OVER: Final = 0x46
_STATUSES: Final = {
    MessageState.DELIVERED: RECEIVED,
    MessageState.EXPIRED: VALIDITY_IS_OVER,
    MessageState.REJECTED: REJECTED_BY_RECEIVER,
}
_NOBODY: Final = {RpCause.UNASSIGNED_NUMBER, RpCause.UNKNOWN_SUBSCRIBER}


def as_tpdu(message: QueuedMessage, now: float, *, has_more: bool) -> bytes:
    """Write what a device is to get; `has_more` is whether other messages wait for it."""
    if message.is_report:
        report = StatusReport.decode(message.user_data)
        return replace(report, more_messages=has_more).encode()
    return replace(as_deliver(message, encode_timestamp(now)), more_messages=has_more).encode()


def as_status_report(
    message: QueuedMessage, state: MessageState, error: int, now: float, validity_s: float
) -> QueuedMessage:
    """Make the message by which a device learns what became of one of its own."""
    status = _STATUSES.get(state, NOT_OBTAINABLE if error in _NOBODY else PROCEDURE_FAILED)
    report = StatusReport(
        reference=message.reference or 0,
        recipient=Address(message.destination),
        timestamp=encode_timestamp(message.taken),
        discharge_time=encode_timestamp(now),
        status=status,
    )
    return QueuedMessage(
        destination=message.originator,
        originator=message.destination,
        esm_class=0,
        protocol_id=0,
        data_coding=0,
        user_data=report.encode(),
        expires=now + validity_s,
        taken=now,
        is_report=True,
    )


def as_deliver(message: QueuedMessage, timestamp: bytes) -> Deliver:
    """Make the SMS-DELIVER of what an ESME submitted.

    Raises:
        MalformedError: the header does not hold, a character is in no alphabet, or there are more
            than 140 octets.
    """
    has_header = bool(message.esm_class & EsmClass.UDHI)
    header, content = UserData.decode(message.user_data, has_header=has_header)
    septets = 0
    if counts_septets(message.data_coding):
        text = decode_unpacked(content)
        content, septets = encode_gsm7(text, _fill_bits(len(encode_header(header))))
    if len(encode_header(header)) + len(content) > LONGEST:
        raise UnencodableError("short message", f"has more than {LONGEST} octets")
    return Deliver(
        Address(message.originator),
        content,
        pid=message.protocol_id,
        dcs=message.data_coding,
        timestamp=timestamp,
        header=header,
        septets=septets,
    )


def as_deliver_sm(sequence_number: int, originator: MSISDN, submit: Submit) -> DeliverSm:
    """Make the deliver_sm of what a device submitted.

    Raises:
        MalformedError: the text does not fill its octets.
    """
    header, content = encode_header(submit.header), submit.user_data
    if counts_septets(submit.dcs):
        text = decode_gsm7(content, submit.septets, _fill_bits(len(header)))
        content = encode_unpacked(text)
    return DeliverSm(
        sequence_number=sequence_number,
        source_addr=originator,
        destination_addr=submit.destination.digits,
        esm_class=EsmClass.UDHI if header else 0,
        protocol_id=submit.pid,
        data_coding=submit.dcs,
        short_message=header + content,
    )


def as_acknowledgement(
    sequence_number: int, message: QueuedMessage, report: DeliverReport
) -> DeliverSm:
    """Make the deliver_sm by which an ESME learns what a card answered to its message.

    The answer has a header at its beginning although TP-UDHI does not say so (TS 31.115 clause
    4.1): here it is said.
    """
    return DeliverSm(
        sequence_number=sequence_number,
        source_addr=message.destination,
        destination_addr=message.originator,
        esm_class=EsmClass.SME_DELIVERY_ACKNOWLEDGEMENT | EsmClass.UDHI,
        protocol_id=report.pid or 0,
        data_coding=report.dcs or 0,
        short_message=report.user_data or b"",
    )


def as_receipt(
    sequence_number: int, sender: MSISDN, receiver: MSISDN, receipt: Receipt
) -> DeliverSm:
    """Make the deliver_sm by which an ESME learns what became of its message to `sender`."""
    return DeliverSm(
        sequence_number=sequence_number,
        source_addr=sender,
        destination_addr=receiver,
        esm_class=EsmClass.DELIVERY_RECEIPT,
        short_message=receipt.encode(),
        parameters=receipt.parameters(),
    )


def beginning(message: QueuedMessage) -> bytes:
    """Return how a text begins, as its receipt repeats it; of octets nothing is repeated."""
    if not counts_septets(message.data_coding):
        return b""
    has_header = bool(message.esm_class & EsmClass.UDHI)
    return UserData.decode(message.user_data, has_header=has_header).octets


def _fill_bits(header_size: int) -> int:
    """Return the bits between a header and the next septet boundary (clause 9.2.3.24)."""
    return -8 * header_size % 7
