"""Envelopes, what a terminal tells the card: ETSI TS 102 223 clause 7, 3GPP TS 31.111 clause 7."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from typing import Annotated, ClassVar, Final

from impl.codec.address import Address
from impl.codec.apdu import LONGEST_COMMAND_DATA
from impl.codec.layout import Coded, Place, UInt
from impl.codec.object_record import Flag, Optional, Required, read_whole
from impl.codec.tlv import (
    ComprehensionTlv,
    comprehension_places,
    decode_comprehension,
    decode_tlvs,
    encode_comprehension,
    encode_tlv,
    tlv_places,
)
from impl.codec.toolkit_forms import Number, TimerValue
from impl.codec.toolkit_objects import (
    ToolkitMessage,
    check_source,
    device_object,
    refuse_uncomprehended,
    take_object,
)
from impl.codec.toolkit_values import (
    AccessTechnology,
    Device,
    LocationStatus,
    Tag,
    ToolkitEvent,
    UpdateType,
)
from impl.errors import MalformedError, UnencodableError

_WHERE: Final = "Envelope"
_EVENT: Final = Coded(ToolkitEvent)

SMS_PP_DOWNLOAD: Final = 0xD1
MENU_SELECTION: Final = 0xD3
EVENT_DOWNLOAD: Final = 0xD6
TIMER_EXPIRATION: Final = 0xD7


class Message(ToolkitMessage):
    """Base of every envelope."""

    template: ClassVar[int]
    event: ClassVar[ToolkitEvent | None] = None
    source: ClassVar[Device] = Device.TERMINAL

    unknown: tuple[ComprehensionTlv, ...] = field(default=(), kw_only=True)
    """Objects that need not be comprehended."""


class SmsPpDownload(Message):
    """TS 31.111 clause 7.1.1: a short message for the card."""

    template = SMS_PP_DOWNLOAD
    source = Device.NETWORK
    need_no_comprehension = frozenset({Tag.ADDRESS})

    service_centre: Annotated[Address | None, Optional(Tag.ADDRESS, Number())]
    tpdu: Annotated[bytes, Required(Tag.SMS_TPDU)]
    """An SMS-DELIVER of TS 23.040."""


class MenuSelection(Message):
    """TS 102 223 clause 7.2: what the user chose from the menu."""

    template = MENU_SELECTION
    source = Device.KEYPAD

    item: Annotated[int, Required(Tag.ITEM_IDENTIFIER, UInt(1))]
    help_requested: Annotated[bool, Flag(Tag.HELP_REQUEST)] = False


class LocationStatusEvent(Message):
    """TS 102 223 clause 7.5.4: the terminal got or lost service."""

    template = EVENT_DOWNLOAD
    event = ToolkitEvent.LOCATION_STATUS

    status: Annotated[LocationStatus, Required(Tag.LOCATION_STATUS, Coded(LocationStatus))]
    location: Annotated[bytes | None, Optional(Tag.LOCATION_INFORMATION)] = None
    """PLMN, location area code and cell (TS 31.111 clause 8.19); with normal service only."""


class NetworkRejectionEvent(Message):
    """TS 31.111 clause 7.5.2: the network rejected an attach or an update.

    Of the three areas there is the one that the access technology knows.
    """

    template = EVENT_DOWNLOAD
    event = ToolkitEvent.NETWORK_REJECTION
    source = Device.NETWORK

    location: Annotated[bytes | None, Optional(Tag.LOCATION_INFORMATION)]
    """PLMN and location area code, 5 octets."""
    routing_area: Annotated[bytes | None, Optional(Tag.ROUTING_AREA)] = field(
        default=None, kw_only=True
    )
    """PLMN, location area code and routing area code, 6 octets."""
    tracking_area: Annotated[bytes | None, Optional(Tag.TRACKING_AREA)] = field(
        default=None, kw_only=True
    )
    """PLMN and tracking area code, 5 octets."""
    access_technology: Annotated[
        AccessTechnology, Required(Tag.ACCESS_TECHNOLOGY, Coded(AccessTechnology))
    ] = field(default=AccessTechnology.UTRAN, kw_only=True)
    update_type: Annotated[UpdateType, Required(Tag.UPDATE_TYPE, Coded(UpdateType))] = field(
        default=UpdateType.IMSI_ATTACH, kw_only=True
    )
    cause: Annotated[int, Required(Tag.REJECTION_CAUSE, UInt(1))]
    """Reject cause of TS 24.008 clause 10.5.3.6, or of TS 24.301 clause 9.9.3.9 for EPS."""


class TimerExpiration(Message):
    """TS 102 223 clause 7.4: a timer that the card started ran out."""

    template = TIMER_EXPIRATION

    timer: Annotated[int, Required(Tag.TIMER_IDENTIFIER, UInt(1))]
    seconds: Annotated[int, Required(Tag.TIMER_VALUE, TimerValue())]
    """How long it ran."""


Envelope = (
    SmsPpDownload | MenuSelection | LocationStatusEvent | NetworkRejectionEvent | TimerExpiration
)
_KINDS: Final[dict[tuple[int, int | None], type[Envelope]]] = {
    (kind.template, kind.event): kind
    for kind in (
        SmsPpDownload,
        MenuSelection,
        LocationStatusEvent,
        NetworkRejectionEvent,
        TimerExpiration,
    )
}


def encode_envelope(envelope: Envelope) -> bytes:
    """Write the data of an ENVELOPE.

    Raises:
        UnencodableError: a value does not fit, or over 255 octets.
    """
    event = envelope.event
    head = () if event is None else (ComprehensionTlv(Tag.EVENT_LIST, bytes((event,))),)
    objects = (
        *head,
        device_object(envelope.source, Device.UICC),
        *envelope.objects(),
        *envelope.unknown,
    )
    octets = encode_tlv(envelope.template, encode_comprehension(objects))
    if len(octets) > LONGEST_COMMAND_DATA:
        raise UnencodableError(_WHERE, f"{len(octets)} octets exceed {LONGEST_COMMAND_DATA}")
    return octets


def decode_envelope(octets: bytes) -> Envelope:
    """Read the data of an ENVELOPE.

    Raises:
        MissingError: a required object is absent.
        MalformedError: an envelope or event that this card does not know, a value without meaning,
            or another source than its kind has.
    """
    templates = decode_tlvs(octets, _WHERE)
    if len(templates) != 1:
        raise MalformedError(_WHERE, f"holds {len(templates)} templates, not one")
    template, value = templates[0]
    objects = decode_comprehension(value, _WHERE)
    event = None
    if template == EVENT_DOWNLOAD:
        events, objects = take_object(objects, Tag.EVENT_LIST, _WHERE)
        event = read_whole(_EVENT, events, f"{_WHERE}.event")
    kind = _KINDS.get((template, event))
    if kind is None:
        raise MalformedError(_WHERE, f"template {template:02X} or its event is not known")
    return _read(kind, objects)


def envelope_places(envelope: Envelope, octets: bytes) -> Iterator[Place]:
    """Yield where each field of `envelope`, which `octets` say, stands in them."""
    template = next(tlv_places(octets))
    return envelope.places(comprehension_places(octets, template.value))


def _read(kind: type[Envelope], objects: tuple[ComprehensionTlv, ...]) -> Envelope:
    values, others = kind.read_objects(check_source(objects, kind.source, kind.__name__))
    refuse_uncomprehended(others, kind.__name__)
    return kind(**values, unknown=others)
