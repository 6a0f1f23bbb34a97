"""What an SMSC keeps: submit_sm (SMPP 3.4 clause 4.4.1), SMS-SUBMIT (TS 23.040 clause 9.2.2.2).

Each is checked field by field.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from impl.codec.short_message import PID_USIM_DATA_DOWNLOAD, Submit
from impl.codec.smpp import (
    NPI_ISDN,
    TON_INTERNATIONAL,
    CommandStatus,
    EsmClass,
    ReceiptsAsked,
    SubmitSm,
    moment_s,
)
from impl.codec.validity import Validity, read_validity
from impl.errors import MalformedError, RefusedError
from impl.network.message_queue import QueuedMessage
from impl.network.smpp_bridge import as_deliver, as_deliver_sm
from impl.values import MSISDN

MODES = {0, 3}
"""Messaging modes of esm_class: default, and store and forward, which is the default here."""

UNKNOWN = 0
"""Type of number or numbering plan that is not said: taken for international and ISDN."""

# TP-FCS (TS 23.040 clause 9.2.3.22)
INVALID_ADDRESS: Final = 0xC3
BARRED: Final = 0xC4
DUPLICATE: Final = 0xC5
VALIDITY_NOT_SUPPORTED: Final = 0xC7


class SubmitRefusedError(RefusedError):
    """A submit_sm that this centre does not take. Nothing was kept."""

    def __init__(self, status: CommandStatus) -> None:
        super().__init__(f"submit_sm: {status.name}")
        self.status = status


class DeviceRefusedError(RefusedError):
    """A SMS-SUBMIT that this centre does not keep. Nothing was kept."""

    def __init__(self, failure_cause: int) -> None:
        super().__init__(f"SMS-SUBMIT: {failure_cause:02X}")
        self.failure_cause = failure_cause


def as_queued(pdu: SubmitSm, sender: MSISDN, now: float, validity_s: float) -> QueuedMessage:
    """Make the message that is kept; `sender` is the ESME's own number, the only one it may use.

    Without validity_period, or past it, a message is valid for `validity_s` seconds.

    Raises:
        SubmitRefusedError: a field has a value that is not served.
    """
    _check_flags(pdu)
    if pdu.source_addr not in {"", sender}:
        raise SubmitRefusedError(CommandStatus.RINVSRCADR)
    message = QueuedMessage(
        destination=_destination(pdu),
        originator=sender,
        esm_class=pdu.esm_class,
        protocol_id=pdu.protocol_id,
        data_coding=pdu.data_coding,
        user_data=_user_data(pdu),
        expires=_expiry(pdu, now, validity_s),
        taken=now,
        receipts=ReceiptsAsked(pdu.registered_delivery),
    )
    try:
        as_deliver(message, bytes(7)).encode()
    except MalformedError:
        raise SubmitRefusedError(CommandStatus.RINVMSGLEN) from None
    return message


def of_device(submit: Submit, originator: MSISDN, now: float) -> QueuedMessage:
    """Make the message of what a device submitted, as if it were to be kept no longer than now.

    Raises:
        MalformedError: the number is none, or the text does not fill its octets.
    """
    pdu = as_deliver_sm(0, originator, submit)
    asks = submit.status_report
    return QueuedMessage(
        destination=MSISDN(submit.destination.digits),
        originator=originator,
        esm_class=pdu.esm_class,
        protocol_id=submit.pid,
        data_coding=submit.dcs,
        user_data=pdu.short_message,
        expires=now,
        taken=now,
        receipts=ReceiptsAsked.ALWAYS if asks else ReceiptsAsked.NEVER,
        reference=submit.reference,
    )


def as_kept(submit: Submit, originator: MSISDN, now: float, validity_s: float) -> QueuedMessage:
    """Make the message that is kept of what a device submitted for another device.

    Nobody but a server may write to the card of somebody else.

    Raises:
        DeviceRefusedError: a field has a value that is not served.
        MalformedError: the text does not fill its octets.
    """
    if submit.pid == PID_USIM_DATA_DOWNLOAD:
        raise DeviceRefusedError(BARRED)
    if not submit.destination.international:
        raise DeviceRefusedError(INVALID_ADDRESS)
    validity = _validity(submit, now)
    latest = now + validity_s
    asked = latest if validity.expires is None else validity.expires
    if asked <= now:
        raise DeviceRefusedError(VALIDITY_NOT_SUPPORTED)
    return replace(
        of_device(submit, originator, now),
        expires=min(asked, latest),
        is_single_shot=validity.is_single_shot,
    )


def _validity(submit: Submit, now: float) -> Validity:
    try:
        return read_validity(submit.validity, now, is_enhanced=submit.validity_is_enhanced)
    except MalformedError:
        raise DeviceRefusedError(VALIDITY_NOT_SUPPORTED) from None


def _check_flags(pdu: SubmitSm) -> None:
    refusals = {
        CommandStatus.RINVESMCLASS: pdu.esm_class & ~(EsmClass.UDHI | EsmClass.MODE)
        or pdu.esm_class & EsmClass.MODE not in MODES,
        # Neither are acknowledgements of users offered, nor notices of what did not end.
        CommandStatus.RINVREGDLVFLG: pdu.registered_delivery not in set(ReceiptsAsked),
        CommandStatus.RINVREPFLAG: pdu.replace_if_present_flag,
        CommandStatus.RINVDFTMSGID: pdu.sm_default_msg_id,
        CommandStatus.RINVSCHED: pdu.schedule_delivery_time,  # nor is delivery at a set time
    }
    for status, is_set in refusals.items():
        if is_set:
            raise SubmitRefusedError(status)


def _destination(pdu: SubmitSm) -> MSISDN:
    known_type = pdu.dest_addr_ton in {UNKNOWN, TON_INTERNATIONAL}
    try:
        if known_type and pdu.dest_addr_npi in {UNKNOWN, NPI_ISDN}:
            return MSISDN(pdu.destination_addr)
    except MalformedError:
        pass
    raise SubmitRefusedError(CommandStatus.RINVDSTADR)


def _user_data(pdu: SubmitSm) -> bytes:
    try:
        return pdu.user_data
    except MalformedError:
        raise SubmitRefusedError(CommandStatus.RINVOPTPARSTREAM) from None


def _expiry(pdu: SubmitSm, now: float, validity_s: float) -> float:
    latest = now + validity_s
    if not pdu.validity_period:
        return latest
    try:
        asked = moment_s(pdu.validity_period, now)
    except MalformedError:
        asked = now
    if asked <= now:
        raise SubmitRefusedError(CommandStatus.RINVEXPIRY)
    return min(asked, latest)
