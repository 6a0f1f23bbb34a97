"""The card's menu, and the request Req that it leads to."""

from __future__ import annotations

from typing import Any

import pytest

from impl.card import image
from impl.card.menu import (
    CODE_UNKNOWN,
    ENTER_CODE,
    HELP,
    Operator,
    menu_of,
    name_of,
    read_operators,
    server_address,
    write_operators,
)
from impl.codec.address import Address
from impl.codec.apdu import CommandApdu, Ins
from impl.codec.personalization import decode_request
from impl.codec.secured_packet import open_command
from impl.codec.security_parameters import LAST_COUNTER
from impl.codec.short_message import Submit
from impl.codec.toolkit import (
    DisplayText,
    GeneralResult,
    GetInput,
    MenuSelection,
    SendShortMessage,
    SetUpEventList,
    SetUpMenu,
    ToolkitEvent,
)
from impl.errors import PowerLostError, UnencodableError
from impl.values import PLMN


def request_of(terminal: Any, sent: SendShortMessage) -> tuple[int, Any]:
    """Return counter and content of a request, opened as the server does."""
    submit = Submit.decode(sent.tpdu)
    assert submit.destination == Address("33700")
    assert submit.header[0].identifier == 0x70
    packet = open_command(submit.user_data, terminal.profile.ota_keys)
    return packet.parameters.counter, decode_request(packet.data)


def test_the_terminal_gets_menu_and_events_after_its_profile(new_terminal: Any) -> None:
    terminal = new_terminal()
    terminal.card.power_on()
    terminal.ok("8010000019ffffffff7f1f00dfff00001fe2000000030000000000000050")
    menu, events = terminal.serve()
    assert isinstance(menu, SetUpMenu)
    assert [item.text for item in menu.items] == ["One", "Two", ENTER_CODE]
    assert [item.identifier for item in menu.items] == [1, 2, 3]
    assert isinstance(events, SetUpEventList)
    assert set(events.events) == {ToolkitEvent.LOCATION_STATUS, ToolkitEvent.NETWORK_REJECTION}


@pytest.mark.parametrize(
    ("profile", "events"),
    [
        ("ffffffff01", []),
        ("ffffffff11", [ToolkitEvent.LOCATION_STATUS]),
        ("ffffffff10", []),
        ("ffffffff01" + "00" * 19 + "10", [ToolkitEvent.NETWORK_REJECTION]),
        ("ffffffff01" + "00" * 19 + "40", [ToolkitEvent.NETWORK_REJECTION]),
        ("ffffffff11" + "00" * 19 + "af", [ToolkitEvent.LOCATION_STATUS]),
    ],
)
def test_a_terminal_is_asked_for_the_events_that_it_knows_and_no_other(
    new_terminal: Any, profile: str, events: list[ToolkitEvent]
) -> None:
    """One that it does not know would make it refuse the list whole (TS 102 223 clause 6.4.16)."""
    terminal = new_terminal()
    terminal.card.power_on()
    terminal.ok(CommandApdu(0x80, Ins.TERMINAL_PROFILE, 0, 0, bytes.fromhex(profile)))
    asked = [each for each in terminal.serve() if isinstance(each, SetUpEventList)]
    assert [list(each.events) for each in asked] == ([events] if events else [])


def test_an_item_sends_the_request_for_its_network(terminal: Any) -> None:
    assert terminal.tell(MenuSelection(2)).pending
    (sent,) = terminal.serve()
    counter, request = request_of(terminal, sent)
    assert counter == 1
    assert request.iccid == terminal.profile.iccid
    assert request.plmn == "310410"


def test_the_request_is_not_ciphered_and_takes_the_usual_service_centre(terminal: Any) -> None:
    terminal.tell(MenuSelection(1))
    (sent,) = terminal.serve()
    assert sent.address is None
    assert bytes.fromhex("c70302f810") in sent.tpdu


def test_every_request_has_a_higher_counter(terminal: Any) -> None:
    counters = []
    for _ in range(3):
        terminal.tell(MenuSelection(1))
        (sent,) = terminal.serve()
        counters.append(request_of(terminal, sent)[0])
        terminal.restart()
    assert counters == [1, 2, 3]


def test_a_counter_that_could_not_be_kept_sends_no_request(terminal: Any) -> None:
    terminal.memory.fuse = 3
    with pytest.raises(PowerLostError):
        terminal.tell(MenuSelection(1))
    terminal.memory.fuse = None
    terminal.restart()
    assert terminal.serve() == []


def test_an_item_that_the_menu_does_not_have_is_refused(terminal: Any) -> None:
    for item in (0, 4, 255):
        assert terminal.tell(MenuSelection(item)).sw == 0x6A80
    assert terminal.serve() == []


def test_the_last_counter_is_used(terminal: Any) -> None:
    image.REQUEST_COUNTER.set_number(terminal.memory, LAST_COUNTER - 1)
    terminal.tell(MenuSelection(1))
    (sent,) = terminal.serve()
    assert request_of(terminal, sent)[0] == LAST_COUNTER


def test_a_counter_at_its_end_sends_no_request(terminal: Any) -> None:
    image.REQUEST_COUNTER.set_number(terminal.memory, LAST_COUNTER)
    assert terminal.tell(MenuSelection(1)).sw == 0x6985
    assert terminal.serve() == []


def type_code(terminal: Any, code: str | None, result: GeneralResult = GeneralResult.OK) -> Any:
    """Choose to type a code, type it, and return what the card then wants."""
    terminal.tell(MenuSelection(3))
    fetched = terminal.fetch()
    assert isinstance(fetched[1], GetInput)
    assert fetched[1].text == ENTER_CODE
    terminal.respond(fetched, result, **({} if code is None else {"text": code}))
    return terminal.serve()


@pytest.mark.parametrize(("code", "plmn"), [("*1#", "20801"), ("*2#", "310410")])
def test_a_command_code_sends_the_request_for_its_network(
    terminal: Any, code: str, plmn: str
) -> None:
    (sent,) = type_code(terminal, code)
    assert request_of(terminal, sent)[1].plmn == plmn


def test_an_unknown_command_code_is_told_to_the_user(terminal: Any) -> None:
    (told,) = type_code(terminal, "*3#")
    assert told == DisplayText(CODE_UNKNOWN)
    assert image.REQUEST_COUNTER.number(terminal.memory) == 0


def test_no_command_code_sends_nothing(terminal: Any) -> None:
    assert type_code(terminal, None, GeneralResult.NO_RESPONSE) == []
    assert type_code(terminal, "*2#", GeneralResult.ENDED_BY_USER) == []


def test_a_terminal_without_keys_types_no_code(new_terminal: Any) -> None:
    terminal = new_terminal()
    terminal.start(bytes.fromhex("fffffbff01"))
    terminal.tell(MenuSelection(3))
    assert terminal.serve() == []


def test_help_explains_and_requests_nothing(terminal: Any) -> None:
    terminal.tell(MenuSelection(2, help_requested=True))
    assert terminal.serve() == [DisplayText(HELP)]
    assert image.REQUEST_COUNTER.number(terminal.memory) == 0


def test_operators_are_kept_as_they_are(terminal: Any) -> None:
    operators = (Operator("Åland", PLMN("24414"), "*9#"), Operator("", PLMN("20801"), ""))
    write_operators(terminal.memory, operators)
    assert read_operators(terminal.memory) == operators
    assert name_of(terminal.memory, PLMN("24414")) == "Åland"
    assert name_of(terminal.memory, PLMN("310410")) == ""


def test_a_menu_too_long_for_a_card_is_not_written(terminal: Any) -> None:
    before = terminal.memory.image
    too_many = (Operator("x" * 50, PLMN("20801"), "1"),) * 20
    with pytest.raises(UnencodableError):
        write_operators(terminal.memory, too_many)
    assert terminal.memory.image == before


def test_a_menu_counts_its_items_from_one() -> None:
    menu = menu_of((Operator("Only", PLMN("20801"), "1"),))
    assert [(item.identifier, item.text) for item in menu.items] == [(1, "Only"), (2, ENTER_CODE)]


def test_requests_go_to_the_application_server(terminal: Any) -> None:
    assert server_address(terminal.memory) == Address("33700")
