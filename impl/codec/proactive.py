"""Proactive commands, from card to terminal: ETSI TS 102 223 and 3GPP TS 31.111, clause 6.6."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, ClassVar, Final, get_type_hints

from impl.codec.address import Address
from impl.codec.layout import Coded, Place, UInt, in_turn
from impl.codec.object_record import Flag, Optional, Repeated, Required
from impl.codec.tlv import (
    ComprehensionTlv,
    comprehension_places,
    decode_comprehension,
    encode_comprehension,
    encode_tlv,
    open_template,
    tlv_places,
)
from impl.codec.toolkit_forms import (
    Alpha,
    CodedString,
    Files,
    MenuItem,
    Number,
    Record,
    Several,
    TimerValue,
)
from impl.codec.toolkit_objects import (
    ToolkitMessage,
    check_source,
    device_object,
    refuse_uncomprehended,
    take_object,
)
from impl.codec.toolkit_values import (
    CommandDetails,
    CommandType,
    Device,
    DisplayTextFlag,
    Duration,
    GeneralResult,
    GetInkeyFlag,
    GetInputFlag,
    Icon,
    Item,
    LocalInformation,
    MenuFlag,
    RefreshMode,
    ResponseLength,
    SelectItemFlag,
    SendShortMessageFlag,
    Tag,
    TimerAction,
    ToolkitEvent,
)
from impl.errors import MalformedError, MissingError, NotUnderstoodError, UnencodableError

PROACTIVE_COMMAND: Final = 0xD0
LONGEST: Final = 256
"""Octets that FETCH can bring."""


class Command(ToolkitMessage):
    """Base of every proactive command."""

    command_type: ClassVar[CommandType]
    destination: ClassVar[Device] = Device.TERMINAL

    unknown: tuple[ComprehensionTlv, ...] = field(default=(), kw_only=True)
    """Objects that need not be comprehended. A terminal that got one performed the command "with
    partial comprehension" (TS 102 223 6.10.4)."""


@dataclass(frozen=True)
class _MenuItems(Repeated):
    """The items of a menu; one item without a value removes the menu (TS 102 223 6.6.7)."""

    def take(self, values: Sequence[bytes], where: str) -> tuple[Any, ...]:
        """Read the items; none of a menu that goes."""
        return () if list(values) == [b""] else super().take(values, where)

    def put(self, value: Any, where: str) -> Sequence[bytes]:
        """Write the items, or what removes the menu."""
        return super().put(value, where) if value else (b"",)


OptionalIcon = Annotated[Icon | None, Optional(Tag.ICON_IDENTIFIER, Record(Icon))]
OptionalOctets = bytes | None


class SetUpMenu(Command):
    """TS 102 223 clause 6.6.7. Without items it removes the menu."""

    command_type = CommandType.SET_UP_MENU
    need_no_comprehension = frozenset({Tag.ITEMS_NEXT_ACTION})

    title: Annotated[str, Required(Tag.ALPHA_IDENTIFIER, Alpha())]
    items: Annotated[tuple[Item, ...], _MenuItems(Tag.ITEM, MenuItem())]
    next_actions: Annotated[OptionalOctets, Optional(Tag.ITEMS_NEXT_ACTION)] = None
    icon: OptionalIcon = None
    item_icons: Annotated[OptionalOctets, Optional(Tag.ITEM_ICON_IDENTIFIERS)] = None
    text_attribute: Annotated[OptionalOctets, Optional(Tag.TEXT_ATTRIBUTE)] = None
    item_text_attributes: Annotated[OptionalOctets, Optional(Tag.ITEM_TEXT_ATTRIBUTES)] = None
    qualifier: MenuFlag = MenuFlag(0)


class SelectItem(Command):
    """TS 102 223 clause 6.6.8; answered with the identifier of an item."""

    command_type = CommandType.SELECT_ITEM
    need_no_comprehension = frozenset({Tag.ITEMS_NEXT_ACTION})

    title: Annotated[str | None, Optional(Tag.ALPHA_IDENTIFIER, Alpha())]
    items: Annotated[tuple[Item, ...], Repeated(Tag.ITEM, MenuItem())]
    next_actions: Annotated[OptionalOctets, Optional(Tag.ITEMS_NEXT_ACTION)] = None
    default: Annotated[int | None, Optional(Tag.ITEM_IDENTIFIER, UInt(1))] = None
    icon: OptionalIcon = None
    item_icons: Annotated[OptionalOctets, Optional(Tag.ITEM_ICON_IDENTIFIERS)] = None
    text_attribute: Annotated[OptionalOctets, Optional(Tag.TEXT_ATTRIBUTE)] = None
    item_text_attributes: Annotated[OptionalOctets, Optional(Tag.ITEM_TEXT_ATTRIBUTES)] = None
    qualifier: SelectItemFlag = SelectItemFlag(0)


class DisplayText(Command):
    """TS 102 223 clause 6.6.1."""

    command_type = CommandType.DISPLAY_TEXT
    destination = Device.DISPLAY

    text: Annotated[str, Required(Tag.TEXT_STRING, CodedString())]
    icon: OptionalIcon = None
    immediate_response: Annotated[bool, Flag(Tag.IMMEDIATE_RESPONSE)] = False
    duration: Annotated[Duration | None, Optional(Tag.DURATION, Record(Duration))] = None
    text_attribute: Annotated[OptionalOctets, Optional(Tag.TEXT_ATTRIBUTE)] = None
    qualifier: DisplayTextFlag = DisplayTextFlag(0)


class GetInkey(Command):
    """TS 102 223 clause 6.6.2; answered with one character, or with yes or no."""

    command_type = CommandType.GET_INKEY

    text: Annotated[str, Required(Tag.TEXT_STRING, CodedString())]
    icon: OptionalIcon = None
    duration: Annotated[Duration | None, Optional(Tag.DURATION, Record(Duration))] = None
    text_attribute: Annotated[OptionalOctets, Optional(Tag.TEXT_ATTRIBUTE)] = None
    qualifier: GetInkeyFlag = GetInkeyFlag(0)


class GetInput(Command):
    """TS 102 223 clause 6.6.3; answered with what the user typed."""

    command_type = CommandType.GET_INPUT

    text: Annotated[str, Required(Tag.TEXT_STRING, CodedString())]
    length: Annotated[ResponseLength, Required(Tag.RESPONSE_LENGTH, Record(ResponseLength))]
    default: Annotated[str | None, Optional(Tag.DEFAULT_TEXT, CodedString())] = None
    icon: OptionalIcon = None
    text_attribute: Annotated[OptionalOctets, Optional(Tag.TEXT_ATTRIBUTE)] = None
    duration: Annotated[Duration | None, Optional(Tag.DURATION, Record(Duration))] = None
    qualifier: GetInputFlag = GetInputFlag(0)


class SendShortMessage(Command):
    """TS 31.111 clause 6.6.9. The terminal sets TP-MR."""

    command_type = CommandType.SEND_SHORT_MESSAGE
    destination = Device.NETWORK

    title: Annotated[str | None, Optional(Tag.ALPHA_IDENTIFIER, Alpha())] = field(
        default=None, kw_only=True
    )
    """None leaves the user's notice to the terminal; an empty one asks for silence."""
    address: Annotated[Address | None, Optional(Tag.ADDRESS, Number())] = field(
        default=None, kw_only=True
    )
    """Service centre; without it the terminal takes the one it knows."""
    tpdu: Annotated[bytes, Required(Tag.SMS_TPDU)]
    """An SMS-SUBMIT or SMS-COMMAND of TS 23.040."""
    icon: OptionalIcon = None
    text_attribute: Annotated[OptionalOctets, Optional(Tag.TEXT_ATTRIBUTE)] = None
    qualifier: SendShortMessageFlag = SendShortMessageFlag(0)


class Refresh(Command):
    """TS 102 223 clause 6.6.13, TS 31.111 clause 6.4.7: the card's files changed."""

    command_type = CommandType.REFRESH

    qualifier: RefreshMode
    files: Annotated[tuple[bytes, ...] | None, Optional(Tag.FILE_LIST, Files())] = None
    """Paths from 3F00."""
    aid: Annotated[OptionalOctets, Optional(Tag.AID)] = None
    title: Annotated[str | None, Optional(Tag.ALPHA_IDENTIFIER, Alpha())] = None
    icon: OptionalIcon = None
    text_attribute: Annotated[OptionalOctets, Optional(Tag.TEXT_ATTRIBUTE)] = None


class SetUpEventList(Command):
    """TS 102 223 clause 6.6.16. No event: the card wants to be told of none."""

    command_type = CommandType.SET_UP_EVENT_LIST

    events: Annotated[
        tuple[ToolkitEvent, ...], Required(Tag.EVENT_LIST, Several(Coded(ToolkitEvent)))
    ]
    qualifier: int = 0


class ProvideLocalInformation(Command):
    """TS 102 223 clause 6.6.15."""

    command_type = CommandType.PROVIDE_LOCAL_INFORMATION

    qualifier: LocalInformation


class TimerManagement(Command):
    """TS 102 223 clause 6.6.21; answered with identifier and time left."""

    command_type = CommandType.TIMER_MANAGEMENT

    qualifier: TimerAction
    timer: Annotated[int, Required(Tag.TIMER_IDENTIFIER, UInt(1))]
    """1 to 8."""
    seconds: Annotated[int | None, Optional(Tag.TIMER_VALUE, TimerValue())] = None


ProactiveCommand = (
    SetUpMenu
    | SelectItem
    | DisplayText
    | GetInkey
    | GetInput
    | SendShortMessage
    | Refresh
    | SetUpEventList
    | ProvideLocalInformation
    | TimerManagement
)
_COMMANDS: Final[dict[int, type[ProactiveCommand]]] = {
    kind.command_type: kind
    for kind in (
        SetUpMenu,
        SelectItem,
        DisplayText,
        GetInkey,
        GetInput,
        SendShortMessage,
        Refresh,
        SetUpEventList,
        ProvideLocalInformation,
        TimerManagement,
    )
}


def encode_proactive(number: int, command: ProactiveCommand) -> bytes:
    """Write what FETCH brings to the terminal.

    Raises:
        UnencodableError: `number` is not 1 to FE, a value does not fit, or it is over 256 octets.
    """
    _check_number(number, UnencodableError)
    details = CommandDetails(
        number=number, command_type=command.command_type, qualifier=command.qualifier
    )
    objects = (
        ComprehensionTlv(Tag.COMMAND_DETAILS, details.encode()),
        device_object(Device.UICC, command.destination),
        *command.objects(),
        *command.unknown,
    )
    octets = encode_tlv(PROACTIVE_COMMAND, encode_comprehension(objects))
    if len(octets) > LONGEST:
        raise UnencodableError("ProactiveCommand", f"{len(octets)} octets exceed {LONGEST}")
    return octets


def decode_proactive(octets: bytes) -> tuple[int, ProactiveCommand]:
    """Read command number and command.

    Raises:
        NotUnderstoodError: the command can be named, but its type is not known, a required object
            is absent or one has no meaning: the terminal has to answer it with `result`.
        MalformedError: not even the command's number and type can be read.
    """
    where = "ProactiveCommand"
    objects = decode_comprehension(open_template(octets, PROACTIVE_COMMAND, where), where)
    value, objects = take_object(objects, Tag.COMMAND_DETAILS, where)
    details = CommandDetails.decode(value)
    _check_number(details.number, MalformedError)
    named = (details.number, details.command_type, details.qualifier)
    kind = _COMMANDS.get(details.command_type)
    if kind is None:
        why = MalformedError(where, f"type {details.command_type:02X} is not known")
        raise NotUnderstoodError(why, named, GeneralResult.TYPE_NOT_UNDERSTOOD)
    try:
        return details.number, _read(kind, details.qualifier, objects)
    except MissingError as error:
        raise NotUnderstoodError(error, named, GeneralResult.VALUES_MISSING) from error
    except MalformedError as error:
        raise NotUnderstoodError(error, named, GeneralResult.DATA_NOT_UNDERSTOOD) from error


def proactive_places(command: ProactiveCommand, octets: bytes) -> Iterator[Place]:
    """Yield where number, type and qualifier, then the fields of `command` stand in `octets`."""
    template = next(tlv_places(octets))
    objects = list(comprehension_places(octets, template.value))
    details = next(each for each in objects if each.tag == Tag.COMMAND_DETAILS)
    yield from in_turn(details.value, number=1, command=1, qualifier=1)
    yield from command.places(objects)


def _read(
    kind: type[ProactiveCommand], qualifier: int, objects: tuple[ComprehensionTlv, ...]
) -> ProactiveCommand:
    values, others = kind.read_objects(check_source(objects, Device.UICC, kind.__name__))
    refuse_uncomprehended(others, kind.__name__)
    try:
        meaning = _qualifier_of(kind.command_type)(qualifier)
    except ValueError:
        raise MalformedError(kind.__name__, f"qualifier {qualifier:02X} is not defined") from None
    return kind(**values, qualifier=meaning, unknown=others)


@cache
def _qualifier_of(command_type: CommandType) -> Callable[[int], Any]:
    """Return what the command's annotation says its qualifier is."""
    meaning: Callable[[int], Any] = get_type_hints(_COMMANDS[command_type])["qualifier"]
    return meaning


def _check_number(number: int, error: type[MalformedError]) -> None:
    if not 1 <= number <= 0xFE:
        raise error("ProactiveCommand.number", f"{number} is not 1 to 254")
