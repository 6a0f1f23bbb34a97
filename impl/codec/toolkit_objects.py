"""Data objects of the card application toolkit, and records declared as lists of them.

ETSI TS 102 223 clause 8, 3GPP TS 31.111 clause 8; tags of ETSI TS 101 220 table 7.23. A record states
each object once, as an annotated field in the order of the standard's table, and both directions
follow. On reception clause 6.10 of TS 102 223 holds: order is free, the first of two equal objects
counts, an unknown object is kept aside unless it must be comprehended.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from enum import IntEnum
from typing import (
    Any,
    ClassVar,
    Final,
    NamedTuple,
    Protocol,
    Self,
    TypeVar,
    dataclass_transform,
    get_type_hints,
)

from impl.codec.address import Address
from impl.codec.alpha import decode_alpha, encode_alpha
from impl.codec.layout import U8, Layout
from impl.codec.tlv import ComprehensionTlv
from impl.codec.toolkit_text import decode_text, encode_text
from impl.errors import MalformedError, MissingError, TruncatedError, UnencodableError


class Tag(IntEnum):
    """Data objects, without the comprehension required flag."""

    COMMAND_DETAILS = 0x01
    DEVICE_IDENTITIES = 0x02
    RESULT = 0x03
    DURATION = 0x04
    ALPHA_IDENTIFIER = 0x05
    ADDRESS = 0x06
    SMS_TPDU = 0x0B
    TEXT_STRING = 0x0D
    ITEM = 0x0F
    ITEM_IDENTIFIER = 0x10
    RESPONSE_LENGTH = 0x11
    FILE_LIST = 0x12
    LOCATION_INFORMATION = 0x13
    IMEI = 0x14
    HELP_REQUEST = 0x15
    NETWORK_MEASUREMENT_RESULTS = 0x16
    DEFAULT_TEXT = 0x17
    ITEMS_NEXT_ACTION = 0x18
    EVENT_LIST = 0x19
    LOCATION_STATUS = 0x1B
    ICON_IDENTIFIER = 0x1E
    ITEM_ICON_IDENTIFIERS = 0x1F
    TIMER_IDENTIFIER = 0x24
    TIMER_VALUE = 0x25
    DATE_TIME = 0x26
    IMMEDIATE_RESPONSE = 0x2B
    LANGUAGE = 0x2D
    TIMING_ADVANCE = 0x2E
    AID = 0x2F
    ACCESS_TECHNOLOGY = 0x3F
    ESN = 0x46
    TEXT_ATTRIBUTE = 0x50
    ITEM_TEXT_ATTRIBUTES = 0x51
    IMEISV = 0x62
    NETWORK_SEARCH_MODE = 0x65
    ROUTING_AREA = 0x73
    UPDATE_TYPE = 0x74
    REJECTION_CAUSE = 0x75
    TRACKING_AREA = 0x7D


class Device(IntEnum):
    """Who speaks to whom (TS 102 223 clause 8.7)."""

    KEYPAD = 0x01
    DISPLAY = 0x02
    EARPIECE = 0x03
    UICC = 0x81
    TERMINAL = 0x82
    NETWORK = 0x83


class Event(IntEnum):
    """Events that a card can ask to be told of (TS 102 223 clause 8.25)."""

    MT_CALL = 0x00
    CALL_CONNECTED = 0x01
    CALL_DISCONNECTED = 0x02
    LOCATION_STATUS = 0x03
    USER_ACTIVITY = 0x04
    IDLE_SCREEN_AVAILABLE = 0x05
    CARD_READER_STATUS = 0x06
    LANGUAGE_SELECTION = 0x07
    BROWSER_TERMINATION = 0x08
    DATA_AVAILABLE = 0x09
    CHANNEL_STATUS = 0x0A
    ACCESS_TECHNOLOGY_CHANGE = 0x0B
    DISPLAY_PARAMETERS_CHANGED = 0x0C
    LOCAL_CONNECTION = 0x0D
    NETWORK_SEARCH_MODE_CHANGE = 0x0E
    BROWSING_STATUS = 0x0F
    FRAMES_INFORMATION_CHANGE = 0x10
    WLAN_ACCESS_STATUS = 0x11
    NETWORK_REJECTION = 0x12
    HCI_CONNECTIVITY = 0x13
    ACCESS_TECHNOLOGIES_CHANGE = 0x14
    CSG_CELL_SELECTION = 0x15
    CONTACTLESS_STATE_REQUEST = 0x16
    IMS_REGISTRATION = 0x17
    INCOMING_IMS_DATA = 0x18
    PROFILE_CONTAINER = 0x19
    SECURED_PROFILE_CONTAINER = 0x1B
    POLL_INTERVAL_NEGOTIATION = 0x1C


class CommandDetails(Layout):
    """TS 102 223 clause 8.6."""

    number: U8  # 1 to FE, chosen by the card, repeated in the terminal response
    command_type: U8
    qualifier: U8


class DeviceIdentities(Layout):
    """TS 102 223 clause 8.7."""

    source: U8
    destination: U8


class Icon(Layout):
    """TS 102 223 clause 8.31."""

    qualifier: U8  # 0 the icon says all, 1 it goes with the text
    identifier: U8  # record of EF.IMG


class ResponseLength(Layout):
    """TS 102 223 clause 8.11, in characters."""

    minimum: U8
    maximum: U8  # FF: no limit


class Duration(Layout):
    """TS 102 223 clause 8.8."""

    unit: U8
    interval: U8

    @property
    def seconds(self) -> float:
        """The time in seconds; a unit that is not defined counts as tenths."""
        return self.interval * {0: 60.0, 1: 1.0}.get(self.unit, 0.1)


class Item(NamedTuple):
    """TS 102 223 clause 8.9: what the user can choose."""

    identifier: int
    """1 to 255."""
    text: str


Value = TypeVar("Value")


class ValueForm(Protocol):
    """How a value stands in the value field of an object."""

    def read(self, octets: bytes, where: str) -> Any:
        """Read a value that fills `octets`; MalformedError if it does not."""

    def write(self, value: Any, where: str) -> bytes:
        """Write a value; UnencodableError if it does not fit."""


class Plain:
    """Any octets."""

    def read(self, octets: bytes, where: str) -> bytes:
        return octets

    def write(self, value: bytes, where: str) -> bytes:
        return value


class Number:
    """One octet; an IntEnum `kind` says which are defined."""

    def __init__(self, kind: type[IntEnum] | type[int] = int) -> None:
        self._kind = kind

    def read(self, octets: bytes, where: str) -> int:
        if len(octets) != 1:
            raise MalformedError(where, f"must be one octet, is {len(octets)}")
        return self._one(octets[0], where)

    def write(self, value: int, where: str) -> bytes:
        if not 0 <= value <= 0xFF:
            raise UnencodableError(where, "does not fit in one octet")
        return bytes((value,))

    def _one(self, octet: int, where: str) -> int:
        try:
            return self._kind(octet)
        except ValueError:
            raise MalformedError(where, f"{octet:02X} is not defined") from None


class Numbers(Number):
    """Any number of such octets, as a tuple."""

    def read(self, octets: bytes, where: str) -> tuple[int, ...]:  # type: ignore[override]
        return tuple(self._one(octet, where) for octet in octets)

    def write(self, value: Iterable[int], where: str) -> bytes:  # type: ignore[override]
        return b"".join(Number.write(self, one, where) for one in value)
