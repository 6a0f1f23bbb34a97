"""What an SMSC takes from an ESME: submit_sm, checked field by field (SMPP 3.4 clause 4.4.1)."""

from __future__ import annotations

from impl.codec.smpp import (
    NPI_ISDN,
    TON_INTERNATIONAL,
    CommandStatus,
    EsmClass,
    SubmitSm,
    moment_s,
)
from impl.errors import MalformedError, RefusedError
from impl.network.message_queue import QueuedMessage
from impl.network.smpp_bridge import as_deliver
from impl.values import MSISDN

MODES = {0, 3}
"""Messaging modes of esm_class: default, and store and forward, which is the default here."""

UNKNOWN = 0
"""Type of number or numbering plan that is not said: taken for international and ISDN."""


class SubmitRefusedError(RefusedError):
    """A submit_sm that this centre does not take. Nothing was kept."""

    def __init__(self, status: CommandStatus) -> None:
        super().__init__(f"submit_sm: {status.name}")
        self.status = status


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
    )
    try:
        as_deliver(message, bytes(7)).encode()
    except MalformedError:
        raise SubmitRefusedError(CommandStatus.RINVMSGLEN) from None
    return message


def _check_flags(pdu: SubmitSm) -> None:
    refusals = {
        CommandStatus.RINVESMCLASS: pdu.esm_class & ~(EsmClass.UDHI | EsmClass.MODE)
        or pdu.esm_class & EsmClass.MODE not in MODES,
        CommandStatus.RINVREGDLVFLG: pdu.registered_delivery,  # receipts are not offered
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
