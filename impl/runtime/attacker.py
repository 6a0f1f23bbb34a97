"""Somebody who is none of the parties: what they can say without the keys of those."""

from __future__ import annotations

from impl.codec.address import Address
from impl.codec.concatenation import split
from impl.codec.ota_profile import message_header
from impl.codec.personalization import (
    Replace,
    decode_request,
    encode_command,
    encode_request,
)
from impl.codec.relay import RpData
from impl.codec.secured_packet import COMMAND_IDENTIFIER, open_command, seal_command
from impl.codec.security_parameters import SecurityParameters
from impl.codec.short_message import Deliver
from impl.codec.user_data import InformationElement, UserData
from impl.errors import MalformedError, RefusedError
from impl.values import ICCID, IMSI, MSISDN, PLMN, OtaKeys, Secret, TransactionId

KEYS = OtaKeys(1, Secret(b"not the key of..."[:16]), Secret(b"...any other card"[:16]))
"""Keys of their own, under the version of those that cards have."""

COUNTER = 1_000_000
"""Far beyond what a card has seen."""

PID_USIM_DATA_DOWNLOAD = 0x7F
DCS_CLASS_2_BINARY = 0xF6


def forged_message(iccid: ICCID, plmn: PLMN, server: MSISDN, centre: MSISDN) -> list[bytes]:
    """Return the RPDUs of a personalization message that looks as if `server` had sent it.

    Args:
        iccid: of the card that shall obey.
        plmn: of which network it shall become a card.
        server: the number of the application server.
        centre: the number of the short message centre.
    """
    order = Replace(
        transaction=TransactionId("ffffffff"),
        iccid=iccid,
        admin_code=Secret(bytes(8)),
        plmn=plmn,
        imsi=IMSI(plmn.ljust(15, "9")),
        k=Secret(bytes(16)),
        opc=Secret(bytes(16)),
    )
    header = message_header(KEYS, report_by_submit=True)
    parameters = SecurityParameters(**vars(header), counter=COUNTER)
    packet = seal_command(parameters, encode_command(order), KEYS)
    parts = split(packet, InformationElement(COMMAND_IDENTIFIER, b""), reference=0xEE)
    return [as_delivery(part, 0xE0 + number, server, centre) for number, part in enumerate(parts)]


def nonsense_for_card(server: MSISDN, centre: MSISDN) -> bytes:
    """Return the RPDU of a short message for the card that is no secured packet."""
    header = (InformationElement(COMMAND_IDENTIFIER, b""),)
    return as_delivery(UserData(header, b"nonsense"), 0xDF, server, centre)


def as_delivery(part: UserData, reference: int, server: MSISDN, centre: MSISDN) -> bytes:
    """Return the RPDU with a part of a message to the card; `reference` is that of the RPDU."""
    tpdu = Deliver(
        Address(server),
        part.octets,
        pid=PID_USIM_DATA_DOWNLOAD,
        dcs=DCS_CLASS_2_BINARY,
        header=part.header,
    )
    return RpData(reference, Address(centre), None, tpdu.encode()).encode(from_network=True)


def misnamed(packet: bytes, keys: OtaKeys, victim: ICCID) -> bytes:
    """Return the request of a card as it would be if it named another card.

    Any packet that is not sealed with `keys`, those of the card that sends it, stays as it is.
    """
    try:
        opened = open_command(packet, keys)
        request = decode_request(opened.data)
    except (MalformedError, RefusedError):
        return packet
    renamed = request.model_copy(update={"iccid": victim})
    return seal_command(opened.parameters, encode_request(renamed), keys)
