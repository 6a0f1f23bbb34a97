"""The toolkit engine: what the card wants is done, and the card is told how it went."""

import pytest

from impl.codec.address import Address
from impl.codec.apdu import SW, Ins
from impl.codec.toolkit import (
    NO,
    YES,
    DisplayText,
    GeneralResult,
    GetInkey,
    GetInput,
    Item,
    LocalInformation,
    MenuSelection,
    ProvideLocalInformation,
    Refresh,
    RefreshMode,
    ResponseLength,
    SelectItem,
    SendShortMessage,
    SetUpEventList,
    SetUpMenu,
    ToolkitEvent,
)
from impl.device.card_session import CardRefusedError, CardSession
from impl.device.dpa import Answer
from impl.device.toolkit_engine import ToolkitEngine

MESSAGE = SendShortMessage(address=Address("33609"), tpdu=b"\x01\x00")
MENU = SetUpMenu("Networks", (Item(1, "First"), Item(2, "Second")))


@pytest.fixture
def engine(card, dpa):
    card.power_on()
    session = CardSession(card)
    made = ToolkitEngine(session, dpa)
    made.session = session
    return made


def serve(engine, card, *commands):
    """Let the card want some things, and the engine learn of it by an envelope."""
    for number, command in enumerate(commands, start=1):
        card.want(command, number)
    engine.envelope(MenuSelection(1))
    return engine.run()


def results(card):
    return [(response.number, response.result) for response in card.responses]


def test_a_card_that_wants_nothing_is_left_in_peace(engine, card):
    assert serve(engine, card) is None
    assert [one.ins for one in card.asked] == [Ins.ENVELOPE]


def test_all_that_the_card_wants_is_done_in_its_order(engine, card, dpa):
    events = SetUpEventList((ToolkitEvent.LOCATION_STATUS, ToolkitEvent.NETWORK_REJECTION))
    assert serve(engine, card, MENU, events, DisplayText("Hello")) is None
    assert (dpa.title, dpa.items) == ("Networks", {1: "First", 2: "Second"})
    assert engine.events == {ToolkitEvent.LOCATION_STATUS, ToolkitEvent.NETWORK_REJECTION}
    assert dpa.questions == ["Hello"]
    assert results(card) == [(number, GeneralResult.OK) for number in (1, 2, 3)]


def test_a_later_list_of_events_takes_the_place_of_the_former(engine, card):
    serve(engine, card, SetUpEventList((ToolkitEvent.LOCATION_STATUS,)))
    serve(engine, card, SetUpEventList(()))
    assert engine.events == frozenset()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer.YES, (GeneralResult.OK, YES)),
        (Answer.NO, (GeneralResult.OK, NO)),
        (Answer.NONE, (GeneralResult.NO_RESPONSE, None)),
    ],
)
def test_a_question_is_answered_as_the_user_does(engine, card, dpa, answer, told):
    dpa.answer = answer
    serve(engine, card, GetInkey("Sure?"))
    (response,) = card.responses
    assert (response.result, response.text) == told
    assert dpa.questions == ["Sure?"]


def test_what_the_user_types_goes_to_the_card_once(engine, card, dpa):
    dpa.type_in("22")
    question = GetInput("Code?", ResponseLength(1, 8))
    serve(engine, card, question, question)
    first, second = card.responses
    assert (first.result, first.text) == (GeneralResult.OK, "22")
    assert (second.result, second.text) == (GeneralResult.NO_RESPONSE, None)
    assert dpa.questions == ["Code?", "Code?"]


def test_a_machine_without_a_screen_says_so(engine, card, dpa):
    dpa.has_screen = False
    serve(engine, card, DisplayText("Hello"), GetInkey("Sure?"))
    assert [result for _, result in results(card)] == [
        GeneralResult.BEYOND_CAPABILITIES,
        GeneralResult.NO_RESPONSE,
    ]


@pytest.mark.parametrize(
    "command",
    [
        SelectItem("Which?", (Item(1, "One"),)),
        ProvideLocalInformation(LocalInformation.IMEI),
    ],
)
def test_what_this_device_does_not_do_is_beyond_its_capabilities(engine, card, command):
    serve(engine, card, command)
    assert results(card) == [(1, GeneralResult.BEYOND_CAPABILITIES)]


def test_a_short_message_is_the_terminals_and_nothing_is_fetched_meanwhile(engine, card):
    demand = serve(engine, card, MESSAGE, DisplayText("later"))
    assert demand == MESSAGE
    assert engine.is_waiting
    assert card.responses == []
    assert engine.run() is None
    assert len(card.wants) == 1


def test_the_card_hears_how_its_short_message_went_and_what_it_wants_next_is_done(
    engine, card, dpa
):
    serve(engine, card, MESSAGE, DisplayText("later"))
    engine.sent(GeneralResult.SMS_RP_ERROR, b"\x29")
    assert not engine.is_waiting
    (response,) = card.responses
    assert (response.result, response.additional) == (GeneralResult.SMS_RP_ERROR, b"\x29")
    assert engine.run() is None
    assert dpa.questions == ["later"]


def test_a_refresh_is_the_terminals_and_is_answered_by_the_reset(engine, card):
    demand = serve(engine, card, Refresh(RefreshMode.UICC_RESET), DisplayText("never"))
    assert demand == Refresh(RefreshMode.UICC_RESET)
    assert card.responses == []
    assert not engine.is_waiting


def test_a_command_that_can_be_named_but_not_understood_is_answered(engine, card, dpa):
    card.wants.append(bytes.fromhex("d009 8103 01 99 00 8202 8182"))  # there is no type 99
    assert serve(engine, card, DisplayText("next")) is None
    assert results(card) == [(1, GeneralResult.TYPE_NOT_UNDERSTOOD), (1, GeneralResult.OK)]
    assert dpa.questions == ["next"]


@pytest.mark.parametrize("octets", ["", "d000", "ffff", "d003 8203 01"])
def test_what_is_no_command_at_all_is_left_alone(engine, card, octets):
    card.wants.append(bytes.fromhex(octets) or b"\x00")
    assert serve(engine, card) is None
    assert card.responses == []


def test_an_envelope_brings_the_cards_answer_whatever_it_is(engine, card):
    card.answers[Ins.ENVELOPE] = (b"", SW.TOOLKIT_BUSY)
    assert engine.envelope(MenuSelection(1)).sw == SW.TOOLKIT_BUSY
    assert card.envelopes == [MenuSelection(1)]


def test_a_card_that_refuses_to_be_fetched_from_is_not_hidden(engine, card):
    card.answers[Ins.FETCH] = (b"", SW.CONDITIONS_NOT_SATISFIED)
    with pytest.raises(CardRefusedError):
        serve(engine, card, DisplayText("Hello"))
