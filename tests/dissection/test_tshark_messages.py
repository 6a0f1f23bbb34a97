"""What Wireshark makes of messages that a change rarely has, or never: one row each.

The expected values are those of the standards; the rows pass tshark in one capture.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from impl.codec.address import Address, TypeOfNumber
from impl.codec.apdu import CommandApdu, Ins, ResponseApdu
from impl.codec.gsup import AlertReason, CancelType, CnDomain, Gsup, GsupType
from impl.codec.gsup_elements import RpAddress, RpAddressKind
from impl.codec.layout import Layout
from impl.codec.mobility import (
    IMEI,
    TMSI,
    AuthenticationFailure,
    AuthenticationReject,
    AuthenticationRequest,
    AuthenticationResponse,
    IdentityKind,
    IdentityRequest,
    IdentityResponse,
    ImsiDetachIndication,
    LocationArea,
    LocationUpdatingReject,
    LocationUpdatingRequest,
    MmStatus,
    RejectCause,
    Updating,
    UpdatingType,
)
from impl.codec.relay import RpAck, RpCause, RpData, RpError, RpMessage, RpSmma
from impl.codec.short_message import (
    Deliver,
    DeliverReport,
    InformationElement,
    StatusReport,
    Submit,
    SubmitReport,
)
from impl.codec.smpp import (
    BindTransceiverResp,
    CommandStatus,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Parameter,
    SubmitSm,
    SubmitSmResp,
    Tag,
    Unbind,
    UnbindResp,
)
from impl.codec.toolkit import (
    CommandType,
    DisplayText,
    Duration,
    Envelope,
    GeneralResult,
    GetInkey,
    GetInput,
    Item,
    LocationStatus,
    LocationStatusEvent,
    MenuSelection,
    NetworkRejectionEvent,
    ProactiveCommand,
    ProvideLocalInformation,
    Refresh,
    RefreshMode,
    ResponseLength,
    SelectItem,
    SetUpEventList,
    SetUpMenu,
    SmsPpDownload,
    TerminalResponse,
    TimerAction,
    TimerExpiration,
    TimerManagement,
    ToolkitEvent,
    encode_envelope,
    encode_proactive,
)
from impl.codec.toolkit import LocalInformation as Local
from impl.events import Interface
from impl.runtime.journal import Entry
from impl.values import IMSI, MSISDN, PLMN

Fields = dict[str, Any]
"""Value or values of fields; a number stands for however Wireshark writes it."""


class Row(NamedTuple):
    entry: Entry
    fields: Fields


IDENTITY = IMSI("310410123456789")
AREA = LocationArea(PLMN("310410"), 0x1234)
TEMPORARY = TMSI(b"\x01\x02\x03\x04")
CENTRE, SERVER = Address("33609001"), Address("33700")
TIME = bytes.fromhex("62101011213140")  # 2026-01-01 11:12:13, an hour east
USER_DATA = InformationElement(0x71, b"")


def mm(message: Layout, **fields: Any) -> Row:
    names = {f"gsm_a.{name}" if "3gpp" not in name else "3gpp.tmsi": value for name, value in fields.items()}
    octets = message.encode()
    return Row(Entry(0.0, "device 1", "VLR 1", octets, octets, Interface.MM), names)
