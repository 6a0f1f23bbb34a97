"""How the user asks for another operator: an item of the menu, or a code of command [063] [064].

The request Req leaves as a short message to the application server, under a counter of the card's
own that is kept before it is sent.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from impl.card import image
from impl.card.keyset import factory_keys
from impl.card.memory import Memory
from impl.card.outgoing import submissions
from impl.card.status import StatusError
from impl.card.toolkit import Toolkit
from impl.codec.address import Address
from impl.codec.apdu import SW
from impl.codec.digits import decode_iccid, decode_plmn, encode_plmn
from impl.codec.ota_profile import request_header
from impl.codec.personalization import encode_request
from impl.codec.secured_packet import COMMAND_IDENTIFIER, seal_command
from impl.codec.security_parameters import LAST_COUNTER, SecurityParameters
from impl.codec.terminal_profile import Facility
from impl.codec.tlv import Tlv, decode_tlvs, encode_tlv, encode_tlvs
from impl.codec.toolkit import (
    DisplayText,
    GetInput,
    Item,
    MenuSelection,
    ResponseLength,
    SetUpEventList,
    SetUpMenu,
    TerminalResponse,
    ToolkitEvent,
)
from impl.errors import UnencodableError
from impl.messages import ChangeRequest
from impl.values import PLMN

TITLE: Final = "Change of operator"
ENTER_CODE: Final = "Enter command code"
CODE_UNKNOWN: Final = "Unknown command code"
HELP: Final = "Choose the operator whose subscriber you want to become."

_OPERATOR: Final = 0xE0
_NAME: Final = 0xC1
_PLMN: Final = 0xC2
_CODE: Final = 0xC3
_LENGTH_SIZE: Final = 2
_EVENTS: Final = {
    ToolkitEvent.LOCATION_STATUS: (Facility.LOCATION_STATUS_EVENT,),
    ToolkitEvent.NETWORK_REJECTION: (
        Facility.NETWORK_REJECTION_EVENT,
        Facility.EUTRAN_REJECTION_EVENT,
    ),
}
"""Of what the card wants to hear, and as what a terminal says that it can tell it. A list with an
event that the terminal does not know it may refuse whole (TS 102 223 clause 6.4.16)."""
_CODE_LENGTH: Final = ResponseLength(minimum=1, maximum=20)


class Operator(NamedTuple):
    """An operator whom the user may choose."""

    name: str
    plmn: PLMN
    command_code: str
    """What the operator's documents tell the user to type: digits, `*` and `#`; empty for none."""


def write_operators(memory: Memory, operators: tuple[Operator, ...]) -> None:
    """Write the menu.

    Raises:
        UnencodableError: it does not fit in the memory of a card.
    """
    octets = b"".join(encode_tlv(_OPERATOR, _encode_operator(*each)) for each in operators)
    coded = len(octets).to_bytes(_LENGTH_SIZE, "big") + octets
    if len(coded) > image.MENU.size:
        raise UnencodableError("operators", f"take {len(coded)} octets, {image.MENU.size} are free")
    image.MENU.write(memory, coded.ljust(image.MENU.size, b"\xff"))


def read_operators(memory: Memory) -> tuple[Operator, ...]:
    """Return the operators of the menu, in its order."""
    coded = image.MENU.read(memory)
    end = _LENGTH_SIZE + int.from_bytes(coded[:_LENGTH_SIZE], "big")
    return tuple(_decode_operator(each.value) for each in decode_tlvs(coded[_LENGTH_SIZE:end]))


def menu_of(operators: tuple[Operator, ...]) -> SetUpMenu:
    """Return the menu: an item for each operator, counted from 1, and one to type a code."""
    texts = [*(operator.name for operator in operators), ENTER_CODE]
    return SetUpMenu(TITLE, tuple(Item(number, text) for number, text in enumerate(texts, 1)))


class Menu:
    """The card's menu during one life of the card."""

    __slots__ = ("_memory", "_toolkit")

    def __init__(self, memory: Memory, toolkit: Toolkit) -> None:
        self._memory = memory
        self._toolkit = toolkit

    def start(self) -> None:
        """Show the menu, and ask to hear of service gained, lost or refused, as far as can be."""
        if self._is_installed:
            self.show()
        can = self._toolkit.can
        if events := tuple(event for event, by in _EVENTS.items() if any(map(can, by))):
            self._toolkit.ask(SetUpEventList(events))

    def show(self) -> None:
        """Show the menu; where the application that it belongs to is gone, take it away."""
        operators = read_operators(self._memory)
        self._toolkit.ask(menu_of(operators) if self._is_installed else SetUpMenu(TITLE, ()))

    def select(self, selection: MenuSelection) -> None:
        """Do what the user chose.

        Raises:
            StatusError: the menu has no such item; nothing was done.
        """
        operators = read_operators(self._memory)
        if not self._is_installed or not 1 <= selection.item <= len(operators) + 1:
            raise StatusError(SW.INCORRECT_DATA)
        if selection.help_requested:
            self._toolkit.ask(DisplayText(HELP))
        elif selection.item <= len(operators):
            self._request(operators[selection.item - 1].plmn)
        else:
            self._toolkit.ask(GetInput(ENTER_CODE, _CODE_LENGTH), self._take_code)

    @property
    def _is_installed(self) -> bool:
        return image.APPLICATION.number(self._memory) == image.INSTALLED

    def _take_code(self, response: TerminalResponse | None) -> None:
        if response is None or not response.result.is_performed:
            return
        for operator in read_operators(self._memory):
            if operator.command_code and operator.command_code == response.text:
                self._request(operator.plmn)
                return
        self._toolkit.ask(DisplayText(CODE_UNKNOWN))

    def _request(self, plmn: PLMN) -> None:
        """Send Req: which card, to which network [064]."""
        if not self._is_installed:
            raise StatusError(SW.CONDITIONS_NOT_SATISFIED)
        counter = image.REQUEST_COUNTER.number(self._memory) + 1
        if counter > LAST_COUNTER:
            raise StatusError(SW.CONDITIONS_NOT_SATISFIED)
        image.REQUEST_COUNTER.set_number(self._memory, counter)
        keys = factory_keys(self._memory)
        parameters = SecurityParameters(**vars(request_header(keys)), counter=counter)
        request = ChangeRequest(iccid=decode_iccid(image.ICCID_FILE.read(self._memory)), plmn=plmn)
        packet = seal_command(parameters, encode_request(request), keys)
        for message in submissions(packet, COMMAND_IDENTIFIER, server_address(self._memory)):
            self._toolkit.ask(message)


def server_address(memory: Memory) -> Address:
    """Return the number of the application server."""
    octets = image.SERVER.read(memory)
    return Address.decode(octets[1 : 1 + octets[0]])


def name_of(memory: Memory, plmn: PLMN) -> str:
    """Return the name of a network as the menu has it, empty if it has none."""
    names = {operator.plmn: operator.name for operator in read_operators(memory)}
    return names.get(plmn, "")


def _encode_operator(name: str, plmn: PLMN, command_code: str) -> bytes:
    return encode_tlvs(
        [
            Tlv(_NAME, name.encode()),
            Tlv(_PLMN, encode_plmn(plmn)),
            Tlv(_CODE, command_code.encode()),
        ]
    )


def _decode_operator(octets: bytes) -> Operator:
    name, plmn, code = (each.value for each in decode_tlvs(octets))
    return Operator(name.decode(), decode_plmn(plmn), code.decode())
