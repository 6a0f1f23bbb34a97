"""Short messages as SMPP has them and as TS 23.040 has them, Rel-17.

Octets go through unchanged, header, TP-PID and TP-DCS as well. Text in the GSM 7 bit alphabet is
packed on the radio path and has an octet for each septet in SMPP (clause 5.2.19, default alphabet).
"""

from __future__ import annotations

from impl.codec.address import Address
from impl.codec.gsm7 import decode_gsm7, decode_unpacked, encode_gsm7, encode_unpacked
from impl.codec.short_message import Deliver, DeliverReport, Submit
from impl.codec.smpp import DeliverSm, EsmClass
from impl.codec.user_data import LONGEST, UserData, counts_septets, encode_header
from impl.errors import UnencodableError
from impl.network.message_queue import QueuedMessage
from impl.values import MSISDN


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


def _fill_bits(header_size: int) -> int:
    """Return the bits between a header and the next septet boundary (clause 9.2.3.24)."""
    return -8 * header_size % 7
