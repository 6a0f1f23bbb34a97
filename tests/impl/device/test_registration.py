"""Where a device looks for service, and what it makes of what networks say."""

from dataclasses import dataclass, field, replace

import pytest

from impl.codec.card_file import UpdateStatus
from impl.codec.mobility import (
    TMSI,
    AuthenticationReject,
    AuthenticationRequest,
    ImsiDetachIndication,
    LocationArea,
    LocationUpdatingAccept,
    LocationUpdatingReject,
    LocationUpdatingRequest,
    MmMessage,
    MmStatus,
    RejectCause,
    TmsiReallocationComplete,
    Updating,
    decode_mm,
)
from impl.device.dialogue import Refused, Step
from impl.device.mobility_dialogue import MobilityDialogue
from impl.device.registration import (
    AGAIN_TIMER,
    ANSWER_TIMER,
    DIALOGUES,
    MOST_UNPROVEN,
    PLACES_S,
    PLACES_TIMER,
    SEARCH_TIMER,
    UPDATE_TIMER,
    Accepted,
    Lost,
    Radio,
    Registration,
    Rejected,
    Service,
)
from impl.device.reject_causes import Effect
from impl.device.usim_session import Whereabouts
from impl.events import Interface, Send, SetTimer, StopTimer
from impl.values import IMSI, PLMN, Generation

HOME, OTHER = PLMN("26202"), PLMN("20801")
IDENTITY = IMSI("262020000000001")
HERE = LocationArea(HOME, 1)
CHALLENGE = AuthenticationRequest(0, bytes(16), bytes(16))


@dataclass
class FakeUsim:
    stored: list[object] = field(default_factory=list)
    forbidden: tuple[PLMN, ...] = ()

    def forbidden_networks(self):
        return self.forbidden

    def store_forbidden_networks(self, networks):
        self.forbidden = networks

    def imsi(self):
        return IDENTITY

    def location(self):
        return Whereabouts(None, LocationArea(None, 0), is_updated=False)

    def key_sequence(self):
        return 7

    def forget_keys(self):
        self.stored.append("no keys")

    def store_location(self, tmsi, location):
        self.stored.append((tmsi, location))

    def forget_location(self, status):
        self.stored.append(status)


class GsmUsim(FakeUsim):
    def gsm_key_sequence(self):
        return 7

    def forget_gsm_key(self):
        self.stored.append("no key")


def started(usim=None, **facts):
    registration = Registration(reach=(OTHER, HOME), **facts)
    return registration, registration.start(usim or FakeUsim())


def said(commands):
    return [
        (command.target.name, decode_mm(command.octets))
        for command in commands
        if isinstance(command, Send)
    ]


def hear(registration, network, message: MmMessage):
    return registration.take(Interface.MM, network, message.encode())


def test_the_network_of_the_identity_is_asked_first():
    _, commands = started()
    ((network, request),) = said(commands)
    assert network == HOME
    assert isinstance(request, LocationUpdatingRequest)
    assert request.identity == IDENTITY


def test_acceptance_gives_service_and_is_written_in_the_card():
    usim = FakeUsim()
    registration, _ = started(usim)
    commands = hear(registration, HOME, LocationUpdatingAccept(HERE, TMSI(b"abcd")))
    assert said(commands) == [(HOME, TmsiReallocationComplete())]
    assert (registration.service, registration.plmn) == (Service.NORMAL, HOME)
    assert usim.stored == [(TMSI(b"abcd"), HERE)]
    assert registration.news == [Accepted(HERE)]


UNPROVEN = pytest.mark.parametrize(
    "message",
    [
        LocationUpdatingReject(RejectCause.IMSI_UNKNOWN_IN_HLR),
        LocationUpdatingReject(RejectCause.ILLEGAL_MS),
        LocationUpdatingReject(0x06),
        AuthenticationReject(),
    ],
)


@UNPROVEN
@pytest.mark.parametrize("first", [HOME, OTHER])
def test_who_says_without_proof_that_the_card_is_invalid_gives_way_to_the_next(message, first):
    usim = FakeUsim()
    registration = Registration(reach=(first, PLMN("310410")))
    registration.start(usim)
    commands = hear(registration, first, message)
    assert [network for network, _ in said(commands)] == ["310410"]
    assert usim.stored == [UpdateStatus.LOCATION_AREA_NOT_ALLOWED, "no keys"]
    assert [type(news) for news in registration.news] == [Rejected]


@UNPROVEN
def test_a_card_that_was_said_to_be_invalid_is_tried_again_after_half_an_hour_or_more(message):
    registration, _ = started()
    hear(registration, HOME, message)
    commands = hear(registration, OTHER, LocationUpdatingReject(RejectCause.PLMN_NOT_ALLOWED))
    assert commands[-1] == SetTimer(SEARCH_TIMER, 1801.0)
    assert registration.news[-1] == Lost(heard=True)
    assert [network for network, _ in said(registration.expire(SEARCH_TIMER))] == [HOME]


def test_doubt_ends_with_the_search_in_which_it_arose():
    registration, _ = started()
    registration.reach = (HOME,)
    hear(registration, HOME, LocationUpdatingReject(RejectCause.ILLEGAL_MS))
    hear(registration, OTHER, LocationUpdatingReject(RejectCause.PLMN_NOT_ALLOWED))
    registration.expire(SEARCH_TIMER)
    commands = hear(registration, HOME, LocationUpdatingReject(RejectCause.PLMN_NOT_ALLOWED))
    assert commands[-1] == SetTimer(SEARCH_TIMER, 1440.0)


def test_what_is_said_often_enough_is_believed_and_ends_all_searches():
    registration = Registration(reach=(HOME, OTHER), searches=20)
    registration.start(FakeUsim())
    for times in range(1, MOST_UNPROVEN + 1):
        network = (HOME, OTHER)[(times + 1) % 2]
        commands = hear(registration, network, LocationUpdatingReject(RejectCause.ILLEGAL_MS))
        assert any(isinstance(command, SetTimer) for command in commands)
        registration.expire(SEARCH_TIMER)
    commands = hear(registration, HOME, LocationUpdatingReject(RejectCause.ILLEGAL_MS))
    assert said(commands) == []
    assert not any(isinstance(command, SetTimer) for command in commands)
    assert registration.service is Service.NONE
    assert said(registration.start(FakeUsim())) != []


@pytest.mark.parametrize(("is_proven", "asked"), [(True, []), (False, [OTHER])])
def test_a_proven_rejection_for_good_ends_all_searches(monkeypatch, is_proven, asked):
    registration, _ = started()
    refused = Step(verdict=Refused(RejectCause.ILLEGAL_MS, Effect.CARD, is_proven))
    monkeypatch.setattr(MobilityDialogue, "take", lambda *_: refused)
    commands = hear(registration, HOME, AuthenticationReject())
    assert [network for network, _ in said(commands)] == asked
    assert (registration.service is Service.NONE) is is_proven


def test_a_rejected_authentication_is_a_rejection_for_good():
    registration, _ = started()
    hear(registration, HOME, AuthenticationReject())
    assert registration.news[0] == Rejected(LocationArea(HOME, 0), RejectCause.ILLEGAL_MS)


def test_a_network_that_is_not_allowed_gives_way_to_the_next():
    registration, _ = started()
    commands = hear(registration, HOME, LocationUpdatingReject(RejectCause.PLMN_NOT_ALLOWED))
    assert [network for network, _ in said(commands)] == [OTHER]


def fail(registration, answer=None):
    """Let a request fail, by a reject or without any answer, and the wait for the next go by."""
    commands = (
        hear(registration, registration.plmn, answer)
        if answer
        else registration.expire(ANSWER_TIMER)
    )
    return registration.expire(AGAIN_TIMER) or commands


@pytest.mark.parametrize("answer", [None, LocationUpdatingReject(RejectCause.CONGESTION)])
def test_a_network_that_is_silent_or_busy_is_asked_four_times(answer):
    registration, _ = started()
    asked = [said(fail(registration, answer))[0][0] for _ in range(4)]
    assert asked == [HOME, HOME, HOME, OTHER]


def test_a_request_that_failed_is_followed_by_the_next_after_a_while():
    registration, _ = started()
    wait = [StopTimer(ANSWER_TIMER), SetTimer(AGAIN_TIMER, 15.0)]
    assert registration.expire(ANSWER_TIMER) == wait
    assert registration.expire(ANSWER_TIMER) == []
    assert hear(registration, HOME, LocationUpdatingAccept(HERE)) == []
    assert [network for network, _ in said(registration.expire(AGAIN_TIMER))] == [HOME]
    assert registration.expire(AGAIN_TIMER) == []
    busy = LocationUpdatingReject(RejectCause.CONGESTION)
    assert hear(registration, HOME, busy) == wait
    assert registration.news == [Rejected(LocationArea(HOME, 0), RejectCause.CONGESTION)]
    registration.stop()
    assert registration.expire(AGAIN_TIMER) == []


def test_a_device_that_waits_to_ask_again_is_served_as_before():
    registration, _ = served()
    registration.expire(UPDATE_TIMER)
    registration.expire(ANSWER_TIMER)
    assert (registration.service, registration.news) == (Service.NORMAL, [])
    assert registration.expire(UPDATE_TIMER) == []


FORBIDDEN = LocationUpdatingReject(RejectCause.PLMN_NOT_ALLOWED)
CLOSED = LocationUpdatingReject(RejectCause.ROAMING_NOT_ALLOWED)


def test_a_forbidden_network_is_kept_in_the_card_and_not_asked_again():
    usim = FakeUsim(forbidden=(PLMN("310410"),))
    registration, _ = started(usim)
    hear(registration, HOME, CLOSED)
    hear(registration, OTHER, FORBIDDEN)
    assert usim.forbidden == ("310410", OTHER)
    again = Registration(reach=(OTHER, HOME))
    assert [network for network, _ in said(again.start(usim))] == [HOME]
    assert said(hear(again, HOME, CLOSED)) == []
    assert again.news[-1] == Lost(heard=True)


def test_the_network_of_the_identity_is_asked_even_if_it_is_forbidden():
    usim = FakeUsim(forbidden=(HOME,))
    _, commands = started(usim)
    assert [network for network, _ in said(commands)] == [HOME]


def test_a_forbidden_network_that_serves_is_forbidden_no_more():
    usim = FakeUsim(forbidden=(HOME, OTHER))
    registration = Registration(reach=(OTHER, HOME))
    registration.start(usim, only=OTHER)
    hear(registration, OTHER, LocationUpdatingAccept(LocationArea(OTHER, 1)))
    assert (registration.service, usim.forbidden) == (Service.NORMAL, (HOME,))


def test_a_forbidden_area_is_not_asked_for_half_a_day():
    registration, _ = started()
    commands = hear(registration, HOME, CLOSED)
    assert SetTimer(PLACES_TIMER, PLACES_S, is_idle=True) in commands
    hear(registration, OTHER, CLOSED)
    assert said(registration.expire(SEARCH_TIMER)) == []
    assert registration.service is Service.NONE
    assert [network for network, _ in said(registration.expire(PLACES_TIMER))] == [HOME]
    assert registration.expire(PLACES_TIMER) == []


def test_an_area_is_forbidden_until_the_card_is_powered_again():
    usim = FakeUsim()
    registration, _ = started(usim)
    hear(registration, HOME, CLOSED)
    assert usim.forbidden == ()
    registration.stop()
    assert [network for network, _ in said(registration.start(usim))] == [HOME]


def test_a_device_that_is_served_elsewhere_stays_when_an_area_is_forbidden_no_more():
    registration, _ = started()
    hear(registration, HOME, CLOSED)
    hear(registration, OTHER, LocationUpdatingAccept(LocationArea(OTHER, 1)))
    assert registration.expire(PLACES_TIMER) == []
    assert registration.plmn == OTHER


def test_a_card_that_is_invalid_is_so_after_half_a_day(monkeypatch):
    registration, _ = started()
    hear(registration, HOME, CLOSED)
    refused = Step(verdict=Refused(RejectCause.ILLEGAL_MS, Effect.CARD, is_proven=True))
    monkeypatch.setattr(MobilityDialogue, "take", lambda *_: refused)
    hear(registration, OTHER, AuthenticationReject())
    assert registration.expire(PLACES_TIMER) == []
    assert registration.service is Service.NONE


def test_without_any_answer_the_search_begins_again_a_bounded_number_of_times():
    registration, _ = started(searches=1)
    for _ in range(8):
        fail(registration)
    assert (registration.service, registration.news) == (Service.NONE, [Lost(heard=False)])
    assert [network for network, _ in said(registration.expire(SEARCH_TIMER))] == [HOME]
    for _ in range(8):
        fail(registration)
    assert registration.service is Service.NONE


def test_the_search_begins_again_ever_more_rarely():
    registration, _ = started(searches=3)
    waits = []
    for _ in range(3):
        for _ in range(7):
            fail(registration)
        commands = fail(registration)
        waits += [each.after_s for each in commands if isinstance(each, SetTimer)]
        registration.expire(SEARCH_TIMER)
    assert waits == [720.0, 1440.0, 2880.0]


def test_a_network_selected_by_hand_is_the_only_one():
    registration = Registration(reach=(OTHER, HOME))
    commands = registration.start(FakeUsim(), only=OTHER)
    assert [network for network, _ in said(commands)] == [OTHER]
    commands = hear(registration, OTHER, LocationUpdatingReject(RejectCause.PLMN_NOT_ALLOWED))
    assert commands == [StopTimer(ANSWER_TIMER)]


def test_what_another_network_says_or_what_comes_out_of_turn_is_ignored():
    registration, _ = started()
    assert hear(registration, OTHER, LocationUpdatingAccept(HERE)) == []
    hear(registration, HOME, LocationUpdatingAccept(HERE))
    reject = LocationUpdatingReject(RejectCause.ILLEGAL_MS)
    assert hear(registration, HOME, reject) == []
    assert registration.service is Service.NORMAL


def test_each_timer_runs_as_long_as_somebody_waits_for_it():
    registration, commands = started()
    assert commands[:2] == [StopTimer(PLACES_TIMER), StopTimer(SEARCH_TIMER)]
    assert commands[-1] == SetTimer(ANSWER_TIMER, MobilityDialogue.answer_s)
    assert registration.expire(SEARCH_TIMER) == []
    assert hear(registration, HOME, LocationUpdatingAccept(HERE)) == [StopTimer(ANSWER_TIMER)]
    each = [
        StopTimer(timer)
        for timer in (ANSWER_TIMER, AGAIN_TIMER, SEARCH_TIMER, UPDATE_TIMER, PLACES_TIMER)
    ]
    assert [one for one in registration.stop() if isinstance(one, StopTimer)] == each


def test_a_network_that_was_heard_before_a_silent_one_was_heard():
    registration, _ = started()
    hear(registration, HOME, LocationUpdatingReject(RejectCause.PLMN_NOT_ALLOWED))
    hear(registration, OTHER, MmStatus(RejectCause.MESSAGE_NOT_COMPATIBLE))
    for _ in range(4):
        fail(registration)
    assert registration.news[-1] == Lost(heard=True)


def test_a_network_is_spoken_to_as_its_generation_and_name_ask(monkeypatch):
    made = []

    def make(*facts):
        made.append(facts[1:])
        return MobilityDialogue(*facts)

    monkeypatch.setitem(DIALOGUES, Generation.GSM, make)
    registration, _ = started(GsmUsim(), radios={HOME: Radio(Generation.GSM)})
    assert made == [(IDENTITY, HOME, Generation.GSM)]
    hear(registration, HOME, LocationUpdatingReject(RejectCause.PLMN_NOT_ALLOWED))
    area, cause = LocationArea(HOME, 0), RejectCause.PLMN_NOT_ALLOWED
    assert registration.news == [Rejected(area, cause, Generation.GSM)]


def test_a_device_that_leaves_says_so_only_where_it_had_service():
    registration, _ = started()
    hear(registration, HOME, LocationUpdatingAccept(HERE))
    ((network, message),) = said(registration.stop())
    assert (network, message.identity) == (HOME, IDENTITY)
    assert isinstance(message, ImsiDetachIndication)
    assert said(registration.stop()) == []
    assert hear(registration, HOME, CHALLENGE) == []


def test_what_comes_over_another_link_is_ignored():
    registration, _ = started()
    accept = LocationUpdatingAccept(HERE).encode()
    assert registration.take(Interface.SM, HOME, accept) == []
    assert registration.service is Service.SEARCHING


def test_the_news_say_of_which_generation_the_network_is():
    registration, _ = started(GsmUsim(), radios={HOME: Radio(Generation.GSM)})
    hear(registration, HOME, LocationUpdatingAccept(HERE))
    assert registration.news[-1] == Accepted(HERE, Generation.GSM)


def test_a_network_that_cannot_be_heard_is_not_asked():
    registration, _ = started()
    registration.reach = (OTHER,)
    assert [network for network, _ in said(registration.start(FakeUsim()))] == [OTHER]
    assert said(registration.start(FakeUsim(), HOME)) == []
    assert registration.service is Service.NONE
    assert registration.news[-1] == Lost(heard=False)


def served(**facts):
    """Return a registration with normal service that is heard again after four hours."""
    registration, _ = started(radios={HOME: Radio(t3212=40)}, **facts)
    commands = hear(registration, HOME, LocationUpdatingAccept(HERE, TMSI(b"abcd")))
    registration.news.clear()
    return registration, commands


def test_a_device_says_as_often_as_its_network_wants_that_it_is_there():
    registration, commands = served()
    again = SetTimer(UPDATE_TIMER, 4 * 3600.0, is_idle=True)
    assert commands[-1] == again
    ((network, request),) = said(registration.expire(UPDATE_TIMER))
    assert (network, request.updating.kind) == (HOME, Updating.PERIODIC)
    assert registration.service is Service.NORMAL
    assert hear(registration, HOME, LocationUpdatingAccept(HERE))[-1] == again
    assert registration.news == []


@pytest.mark.parametrize("radio", [Radio(), Radio(Generation.LTE, 40), Radio(Generation.CDMA, 40)])
def test_no_device_says_it_where_no_network_wants_it(radio):
    assert radio.update_s == 0.0
    registration, _ = started(radios={HOME: replace(radio, generation=Generation.UMTS, t3212=0)})
    assert hear(registration, HOME, LocationUpdatingAccept(HERE)) == [StopTimer(ANSWER_TIMER)]


def test_a_device_whose_network_forgot_it_looks_elsewhere_and_tells_its_card():
    registration, _ = served()
    registration.expire(UPDATE_TIMER)
    unknown = LocationUpdatingReject(RejectCause.IMSI_UNKNOWN_IN_HLR)
    commands = hear(registration, HOME, unknown)
    assert [network for network, _ in said(commands)] == [OTHER]
    assert registration.service is Service.SEARCHING
    assert [type(news) for news in registration.news] == [Rejected]


def test_a_network_that_does_not_answer_an_update_is_asked_four_times_then_others():
    registration, _ = served()
    asked = [said(registration.expire(UPDATE_TIMER))[0][0]]
    asked += [said(fail(registration))[0][0] for _ in range(4)]
    assert asked == [HOME] * 4 + [OTHER]


def test_an_update_that_failed_is_followed_by_as_many_searches_as_ever():
    registration, _ = served(searches=1)
    registration.expire(UPDATE_TIMER)
    for _ in range(8):
        commands = fail(registration)
    assert commands[-1] == SetTimer(SEARCH_TIMER, 720.0)
    assert (registration.service, registration.news) == (Service.NONE, [Lost(heard=False)])


def test_an_update_at_a_network_selected_by_hand_is_followed_by_no_search():
    registration = Registration(reach=(OTHER, HOME), radios={HOME: Radio(t3212=1)})
    registration.start(FakeUsim(), only=HOME)
    hear(registration, HOME, LocationUpdatingAccept(HERE))
    registration.expire(UPDATE_TIMER)
    commands = hear(registration, HOME, LocationUpdatingReject(RejectCause.PLMN_NOT_ALLOWED))
    assert commands == [StopTimer(ANSWER_TIMER)]
    assert registration.service is Service.NONE


def test_time_for_an_update_means_nothing_without_service_or_while_one_is_under_way():
    registration, _ = started(radios={HOME: Radio(t3212=40)})
    assert registration.expire(UPDATE_TIMER) == []
    hear(registration, HOME, LocationUpdatingAccept(HERE))
    assert registration.expire(ANSWER_TIMER) == []
    registration.expire(UPDATE_TIMER)
    assert registration.expire(UPDATE_TIMER) == []
    registration.stop()
    assert registration.expire(ANSWER_TIMER) == []
