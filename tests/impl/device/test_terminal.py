"""The device between card, user and network, message by message."""

import pytest

from impl.codec.address import Address
from impl.codec.apdu import SW, Ins
from impl.codec.card_file import ShortMessageParameters
from impl.codec.eps_mobility import AttachReject, EmmCause
from impl.codec.mobility import (
    AuthenticationRequest,
    ImsiDetachIndication,
    LocationArea,
    LocationUpdatingAccept,
    LocationUpdatingReject,
    LocationUpdatingRequest,
    RejectCause,
    decode_mm,
)
from impl.codec.relay import RpAck, RpData, RpError, decode_rp
from impl.codec.short_message import Deliver, DeliverReport, Submit, decode_uplink
from impl.codec.toolkit import (
    AccessTechnology,
    DisplayText,
    GeneralResult,
    Item,
    LocationStatus,
    LocationStatusEvent,
    MenuSelection,
    NetworkRejectionEvent,
    Refresh,
    RefreshMode,
    SendShortMessage,
    SetUpEventList,
    SetUpMenu,
    SmsPpDownload,
    ToolkitEvent,
    UpdateType,
)
from impl.device.dpa import NotOnMenuError
from impl.device.registration import AGAIN_TIMER, ANSWER_TIMER, SEARCH_TIMER, Radio
from impl.device.terminal import (
    PID_USIM_DATA_DOWNLOAD,
    REPORT_S,
    REPORT_TIMER,
    START_ATTEMPTS,
    Terminal,
    TerminalConfig,
)
from impl.device.usim_session import EF_IMSI, EF_SMSP
from impl.events import Arrived, Expired, Interface, Peer, Send, SetTimer, Started, StopTimer
from impl.values import PLMN, Generation

HOME, OTHER = PLMN("20801"), PLMN("26202")
HERE = LocationArea(HOME, 1)
PROTOCOL_ERROR = 111  # TS 24.011 clause 8.2.5.4
CENTRE, SERVER = Address("33609001001"), Address("33700")
EVENTS = SetUpEventList((ToolkitEvent.LOCATION_STATUS, ToolkitEvent.NETWORK_REJECTION))
MENU = SetUpMenu("Networks", (Item(7, "Second"),))
FOR_THE_CARD = Deliver(SERVER, b"order", pid=PID_USIM_DATA_DOWNLOAD, dcs=0xF6).encode()
REQUEST = SendShortMessage(
    address=CENTRE, tpdu=Submit(SERVER, b"request", dcs=0xF6, reference=0).encode()
)
SERVICE = LocationStatusEvent(LocationStatus.NORMAL, HERE.octets + b"\x00\x01")


@pytest.fixture
def terminal(card, dpa):
    return Terminal(TerminalConfig((HOME, OTHER)), card, dpa)


def hear(terminal, message, plmn=HOME):
    """Let a network say something of mobility."""
    return terminal.handle(Arrived(Peer(Interface.MM, plmn), message.encode()))


def relay(terminal, message, plmn=HOME):
    """Let a network relay a short message, or what became of one."""
    octets = message.encode(from_network=True)
    return terminal.handle(Arrived(Peer(Interface.SM, plmn), octets))


def attach(terminal, card, *wants):
    """Switch on, with a card that wants some things, and get service."""
    for number, command in enumerate(wants, start=1):
        card.want(command, number)
    terminal.switch_on()
    return hear(terminal, LocationUpdatingAccept(HERE))


def mobility(commands):
    """Return what was said of mobility, and to whom."""
    return [
        (command.target.name, type(decode_mm(command.octets)))
        for command in commands
        if isinstance(command, Send) and command.target.interface is Interface.MM
    ]


def relayed(commands):
    """Return what was relayed."""
    return [
        decode_rp(command.octets, from_network=False)
        for command in commands
        if isinstance(command, Send) and command.target.interface is Interface.SM
    ]


# On and off


def test_a_device_that_is_switched_on_shows_the_menu_and_asks_for_service(terminal, card, dpa):
    card.want(MENU)
    commands = terminal.switch_on()
    assert dpa.items == {7: "Second"}
    assert mobility(commands) == [(HOME, LocationUpdatingRequest)]
    assert (terminal.is_on, terminal.serving_network) == (True, None)


def test_a_device_says_what_it_is_and_where_it_came(terminal, card):
    attach(terminal, card)
    assert terminal.config == TerminalConfig((HOME, OTHER))
    terminal.move((OTHER,))
    assert terminal.config == TerminalConfig((OTHER,))


def test_service_is_what_the_network_accepted(terminal, card):
    attach(terminal, card)
    assert terminal.serving_network == HOME


def test_a_device_that_is_switched_off_leaves_network_card_and_menu(terminal, card, dpa):
    attach(terminal, card, MENU)
    commands = terminal.switch_off()
    assert mobility(commands) == [(HOME, ImsiDetachIndication)]
    assert StopTimer(REPORT_TIMER) in commands
    assert (terminal.is_on, terminal.serving_network, card.is_on) == (False, None, False)
    assert (dpa.title, dpa.items) == ("", {})


@pytest.mark.parametrize(
    "event",
    [
        Arrived(Peer(Interface.MM, HOME), LocationUpdatingAccept(HERE).encode()),
        Arrived(
            Peer(Interface.SM, HOME),
            RpData(1, CENTRE, None, FOR_THE_CARD).encode(from_network=True),
        ),
        Expired(SEARCH_TIMER),
        Expired(REPORT_TIMER),
    ],
)
def test_a_device_that_is_off_hears_nothing_and_stays_off(terminal, card, event):
    attach(terminal, card)
    terminal.switch_off()
    before = len(card.asked)
    assert terminal.handle(event) == []
    assert (terminal.is_on, card.is_on, len(card.asked)) == (False, False, before)


def test_without_a_card_that_answers_a_device_stays_off(terminal, card):
    card.mute_on[Ins.SELECT] = 100
    assert mobility(terminal.switch_on()) == []
    assert (terminal.is_on, card.powered) == (False, START_ATTEMPTS)


def test_a_card_that_is_mute_at_first_is_powered_again(terminal, card):
    card.mute_on[Ins.SELECT] = START_ATTEMPTS - 1
    assert mobility(terminal.switch_on()) == [(HOME, LocationUpdatingRequest)]
    assert card.powered == START_ATTEMPTS


@pytest.mark.parametrize("ins", [Ins.SELECT, Ins.READ_BINARY])
def test_a_card_that_refuses_what_it_must_do_is_rejected(terminal, card, ins):
    card.answers[ins] = (b"", SW.TECHNICAL_PROBLEM)
    terminal.switch_on()
    assert (terminal.is_on, card.is_on, card.powered) == (False, False, 1)


def test_a_card_without_an_identity_is_rejected(terminal, card):
    card.files[EF_IMSI] = b"\xff" * 9
    terminal.switch_on()
    assert (terminal.is_on, card.is_on) == (False, False)


def test_a_card_that_goes_mute_later_is_powered_anew(terminal, card):
    attach(terminal, card, EVENTS)
    card.mute_on[Ins.ENVELOPE] = 1
    commands = relay(terminal, RpData(1, CENTRE, None, FOR_THE_CARD))
    assert mobility(commands)[-1] == (HOME, LocationUpdatingRequest)
    assert relayed(commands) == []
    assert card.powered == 2


def test_a_card_that_answers_nonsense_later_is_rejected(terminal, card):
    attach(terminal, card)
    card.answers[Ins.AUTHENTICATE] = (b"nonsense", SW.OK)
    hear(terminal, AuthenticationRequest(0, bytes(16), bytes(16)))
    assert (terminal.is_on, card.is_on) == (False, False)


# Networks


def test_a_network_chosen_by_hand_is_tried_alone_and_kept_over_a_reset(terminal, card):
    attach(terminal, card)
    assert mobility(terminal.select_network(OTHER)) == [(OTHER, LocationUpdatingRequest)]
    terminal.switch_off()
    assert mobility(terminal.switch_on()) == [(OTHER, LocationUpdatingRequest)]


def test_looking_by_itself_again_changes_nothing_where_there_is_service(terminal, card):
    attach(terminal, card)
    assert terminal.select_network(None) == []
    assert terminal.serving_network == HOME


def test_looking_by_itself_again_begins_at_home_where_there_is_none(terminal):
    terminal.switch_on()
    terminal.select_network(OTHER)
    hear(terminal, LocationUpdatingReject(RejectCause.PLMN_NOT_ALLOWED), OTHER)
    assert mobility(terminal.select_network(None)) == [(HOME, LocationUpdatingRequest)]


def test_a_choice_made_while_the_device_is_off_holds_once_it_is_on(terminal, card):
    assert terminal.select_network(OTHER) == []
    assert card.powered == 0
    assert mobility(terminal.switch_on()) == [(OTHER, LocationUpdatingRequest)]


# What the card hears


def test_the_card_hears_of_service_if_it_asked_to(terminal, card):
    attach(terminal, card, EVENTS)
    assert card.envelopes == [SERVICE]


def test_a_card_that_did_not_ask_hears_nothing(terminal, card):
    attach(terminal, card)
    assert card.envelopes == []


def test_the_card_hears_of_a_rejection_and_of_the_service_that_is_lost_by_it(terminal, card):
    card.want(EVENTS)
    terminal.switch_on()
    hear(terminal, LocationUpdatingReject(RejectCause.IMSI_UNKNOWN_IN_HLR))
    hear(terminal, LocationUpdatingReject(RejectCause.PLMN_NOT_ALLOWED), OTHER)
    assert card.envelopes == [
        NetworkRejectionEvent(LocationArea(HOME, 0).octets, cause=RejectCause.IMSI_UNKNOWN_IN_HLR),
        NetworkRejectionEvent(LocationArea(OTHER, 0).octets, cause=RejectCause.PLMN_NOT_ALLOWED),
        LocationStatusEvent(LocationStatus.LIMITED),
    ]


def test_the_card_hears_through_which_access_it_was_rejected(card, dpa):
    terminal = Terminal(TerminalConfig((HOME,), {HOME: Radio(Generation.LTE)}), card, dpa)
    card.want(EVENTS)
    terminal.switch_on()
    rejection = AttachReject(EmmCause.PLMN_NOT_ALLOWED)
    terminal.handle(Arrived(Peer(Interface.EMM, HOME), rejection.encode()))
    assert card.envelopes[0] == NetworkRejectionEvent(
        None,
        tracking_area=LocationArea(HOME, 0).octets,
        access_technology=AccessTechnology.EUTRAN,
        update_type=UpdateType.COMBINED_EPS_IMSI_ATTACH,
        cause=EmmCause.PLMN_NOT_ALLOWED,
    )


def test_the_card_hears_that_there_is_no_network_at_all(terminal, card):
    card.want(EVENTS)
    terminal.switch_on()
    for _ in range(8):
        terminal.handle(Expired(ANSWER_TIMER))
        terminal.handle(Expired(AGAIN_TIMER))
    assert card.envelopes == [LocationStatusEvent(LocationStatus.NO_SERVICE)]


def test_a_refresh_resets_the_card_and_ends_what_it_should_have_heard(terminal, card):
    card.want(EVENTS)
    terminal.switch_on()
    card.want(Refresh(RefreshMode.UICC_RESET))
    commands = hear(terminal, LocationUpdatingReject(RejectCause.IMSI_UNKNOWN_IN_HLR))
    assert card.powered == 2
    assert len(card.envelopes) == 1
    assert mobility(commands) == [(HOME, LocationUpdatingRequest)]
    assert StopTimer(REPORT_TIMER) in commands


def test_a_reset_takes_back_what_was_to_be_asked_of_the_next_network(terminal, card):
    card.want(EVENTS)
    terminal.switch_on()
    card.want(Refresh(RefreshMode.UICC_RESET))
    commands = hear(terminal, LocationUpdatingReject(RejectCause.PLMN_NOT_ALLOWED))
    assert mobility(commands) == [(HOME, LocationUpdatingRequest)]
    assert terminal.handle(Expired(ANSWER_TIMER)) != []


def test_without_a_reset_the_next_network_is_asked(terminal, card):
    card.want(EVENTS)
    terminal.switch_on()
    commands = hear(terminal, LocationUpdatingReject(RejectCause.PLMN_NOT_ALLOWED))
    assert mobility(commands) == [(OTHER, LocationUpdatingRequest)]


def test_the_users_choice_reaches_the_card_and_what_it_wants_then_is_done(terminal, card, dpa):
    attach(terminal, card, MENU)
    card.want(DisplayText("Hello"))
    terminal.choose("Second")
    assert card.envelopes[-1] == MenuSelection(7)
    assert dpa.questions == ["Hello"]


def test_what_is_not_on_the_menu_reaches_nobody(terminal, card):
    attach(terminal, card, MENU)
    with pytest.raises(NotOnMenuError):
        terminal.choose("Fourth")
    assert card.envelopes == []


def test_a_card_that_goes_mute_at_the_users_choice_is_powered_anew(terminal, card):
    attach(terminal, card, MENU)
    card.mute_on[Ins.ENVELOPE] = 1
    assert mobility(terminal.choose("Second"))[-1] == (HOME, LocationUpdatingRequest)


# Short messages to the card


def test_a_short_message_for_the_card_goes_into_it_and_is_acknowledged(terminal, card):
    attach(terminal, card)
    commands = relay(terminal, RpData(5, CENTRE, None, FOR_THE_CARD))
    assert card.envelopes == [SmsPpDownload(CENTRE, FOR_THE_CARD)]
    assert relayed(commands) == [RpAck(5)]


def test_what_the_card_answers_goes_back_in_the_report(terminal, card):
    attach(terminal, card)
    card.answers[Ins.ENVELOPE] = (b"\x02\x71\x00proof", SW.OK)
    (acknowledgement,) = relayed(relay(terminal, RpData(5, CENTRE, None, FOR_THE_CARD)))
    report = DeliverReport.decode(acknowledgement.user_data)
    assert (report.failure_cause, report.user_data) == (None, b"\x02\x71\x00proof")


@pytest.mark.parametrize(
    ("sw", "cause"),
    [(SW.TOOLKIT_BUSY, 0xD4), (SW.WARNING_MEMORY_UNCHANGED, 0xD5), (SW.TECHNICAL_PROBLEM, 0xD5)],
)
def test_a_card_that_takes_no_message_is_said_to_be_busy_or_in_error(terminal, card, sw, cause):
    attach(terminal, card)
    card.answers[Ins.ENVELOPE] = (b"why", sw)
    (error,) = relayed(relay(terminal, RpData(5, CENTRE, None, FOR_THE_CARD)))
    assert error == RpError(5, PROTOCOL_ERROR, error.user_data)
    report = DeliverReport.decode(error.user_data)
    assert (report.failure_cause, report.user_data) == (cause, b"why")


def test_a_message_for_the_user_does_not_go_into_the_card(terminal, card):
    attach(terminal, card)
    for_the_user = Deliver(SERVER, b"Hello", dcs=0x04).encode()
    assert relayed(relay(terminal, RpData(5, CENTRE, None, for_the_user))) == [RpAck(5)]
    assert card.envelopes == []


@pytest.mark.parametrize("dcs", [0x04, 0x08, 0xF4, 0xF5, 0xF7])
def test_a_download_that_is_not_of_class_2_does_not_go_into_the_card(terminal, card, dcs):
    """TS 31.111 clause 7.1.1.1 asks for both, protocol identifier and class."""
    attach(terminal, card)
    other = Deliver(SERVER, b"order", pid=PID_USIM_DATA_DOWNLOAD, dcs=dcs).encode()
    assert relayed(relay(terminal, RpData(5, CENTRE, None, other))) == [RpAck(5)]
    assert card.envelopes == []


def test_a_text_for_the_user_is_shown(terminal, card, dpa):
    attach(terminal, card)
    heard = []
    dpa.announce = heard.append
    text = Deliver(SERVER, "Grüße".encode("utf-16-be"), dcs=0x08).encode()
    assert relayed(relay(terminal, RpData(5, CENTRE, None, text))) == [RpAck(5)]
    assert dpa.texts == heard == ["Grüße"]


@pytest.mark.parametrize(("octets", "dcs"), [(b"odd", 0x08), (b"\xd8\x00", 0x08), (b"\x00a", 0x04)])
def test_what_is_no_text_is_taken_and_not_shown(terminal, card, dpa, octets, dcs):
    attach(terminal, card)
    message = Deliver(SERVER, octets, dcs=dcs).encode()
    assert relayed(relay(terminal, RpData(5, CENTRE, None, message))) == [RpAck(5)]
    assert dpa.texts == []
    assert terminal.is_on


def test_a_device_without_a_screen_shows_no_text(terminal, card, dpa):
    attach(terminal, card)
    dpa.has_screen = False
    text = Deliver(SERVER, "Hi".encode("utf-16-be"), dcs=0x08).encode()
    assert relayed(relay(terminal, RpData(5, CENTRE, None, text))) == [RpAck(5)]
    assert dpa.texts == []


def test_a_message_that_cannot_be_read_is_refused(terminal, card):
    attach(terminal, card)
    (error,) = relayed(relay(terminal, RpData(5, CENTRE, None, FOR_THE_CARD[:4])))
    assert error == RpError(5, PROTOCOL_ERROR)
    assert card.envelopes == []


@pytest.mark.parametrize("interface", [Interface.MM, Interface.SM, Interface.GSUP])
@pytest.mark.parametrize("octets", [b"", b"\x05", b"\xff" * 20])
def test_what_cannot_be_read_at_all_is_ignored(terminal, card, interface, octets):
    attach(terminal, card)
    assert terminal.handle(Arrived(Peer(interface, HOME), octets)) == []
    assert terminal.serving_network == HOME


def test_an_event_that_is_none_of_a_devices_is_ignored(terminal, card):
    attach(terminal, card)
    assert terminal.handle(Started()) == []


# Short messages of the card


def send(terminal, card, message=REQUEST):
    """Let the card want a short message sent, at the user's choice."""
    card.want(message)
    return terminal.choose("Second")


def test_what_the_card_sends_goes_out_under_the_devices_own_reference(terminal, card):
    attach(terminal, card, MENU)
    references = []
    for expected in (1, 2):
        commands = send(terminal, card)
        (data,) = relayed(commands)
        assert commands[0].target == Peer(Interface.SM, HOME)
        assert SetTimer(REPORT_TIMER, REPORT_S) in commands
        assert data.destination == CENTRE
        submit = decode_uplink(data.user_data)
        assert (submit.destination, submit.user_data) == (SERVER, b"request")
        references.append((data.reference, submit.reference))
        assert references[-1] == (expected, expected)
        relay(terminal, RpAck(data.reference))


def test_references_begin_again_after_the_last(terminal, card):
    attach(terminal, card, MENU)
    references = []
    for _ in range(257):
        (data,) = relayed(send(terminal, card))
        references.append((data.reference, decode_uplink(data.user_data).reference))
        relay(terminal, RpAck(data.reference))
    assert references[-3:] == [(255, 255), (0, 0), (1, 1)]


def test_a_card_that_names_no_service_centre_has_one_in_its_files(terminal, card):
    card.files[EF_SMSP] = ShortMessageParameters(service_centre=CENTRE).encode(40)
    attach(terminal, card, MENU)
    (data,) = relayed(send(terminal, card, SendShortMessage(tpdu=REQUEST.tpdu)))
    assert data.destination == CENTRE


def test_without_any_service_centre_nothing_is_sent(terminal, card):
    attach(terminal, card, MENU)
    assert relayed(send(terminal, card, SendShortMessage(tpdu=REQUEST.tpdu))) == []
    assert card.responses[-1].result is GeneralResult.NETWORK_UNABLE


def test_without_service_nothing_is_sent(terminal, card):
    card.want(MENU)
    terminal.switch_on()
    assert relayed(send(terminal, card)) == []
    assert card.responses[-1].result is GeneralResult.NETWORK_UNABLE


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (RpAck(1), GeneralResult.OK),
        (RpError(1, cause=41), GeneralResult.SMS_RP_ERROR),
    ],
)
def test_the_card_hears_what_became_of_its_message(terminal, card, answer, result):
    attach(terminal, card, MENU)
    send(terminal, card)
    assert StopTimer(REPORT_TIMER) in relay(terminal, answer)
    assert card.responses[-1].result is result
    assert card.responses[-1].additional == (b"\x29" if result else b"")


def test_an_answer_to_another_message_is_none_to_this(terminal, card):
    attach(terminal, card, MENU)
    send(terminal, card)
    before = len(card.responses)
    assert relay(terminal, RpAck(99)) == []
    assert relay(terminal, RpError(99, cause=41)) == []
    assert len(card.responses) == before


def test_a_network_that_does_not_say_what_became_of_it_was_not_able(terminal, card):
    attach(terminal, card, MENU)
    send(terminal, card)
    terminal.handle(Expired(REPORT_TIMER))
    assert card.responses[-1].result is GeneralResult.NETWORK_UNABLE


def test_an_answer_that_comes_when_nobody_waits_any_more_is_ignored(terminal, card):
    attach(terminal, card, MENU)
    send(terminal, card)
    terminal.handle(Expired(REPORT_TIMER))
    before = len(card.responses)
    assert relay(terminal, RpAck(1)) == []
    assert len(card.responses) == before


def test_while_a_message_is_under_way_the_card_still_takes_others(terminal, card):
    attach(terminal, card, MENU)
    send(terminal, card)
    card.want(DisplayText("later"))
    assert relayed(relay(terminal, RpData(5, CENTRE, None, FOR_THE_CARD))) == [RpAck(5)]
    assert len(card.wants) == 1
