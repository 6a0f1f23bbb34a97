"""The session at a short message centre: what is under way, what waits, what is given up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impl.application_server.config import EsmeAccount
from impl.application_server.esme import (
    ANSWER_S,
    LAST_SEQUENCE,
    REMEMBERED,
    REST_S,
    TRIES,
    WINDOW,
    EsmeSession,
)
from impl.codec.smpp import (
    BindTransceiver,
    BindTransceiverResp,
    CommandStatus,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
    decode_smpp,
)
from impl.events import Interface, Peer, Send, SetTimer
from impl.values import Secret

CENTRE = Peer(Interface.SMPP, "20801")
TIMER = "smpp/20801"
ACCOUNT = EsmeAccount("reperso", Secret(b"password"))


class Centre:
    """Plays the centre, and keeps what it was given and whether the session's timer runs."""

    def __init__(self):
        self.session = EsmeSession(CENTRE, ACCOUNT)
        self.given = []
        self.timer_s = None

    def perform(self, commands):
        for command in commands:
            if isinstance(command, Send):
                assert command.target == CENTRE
                self.given.append(decode_smpp(command.octets))
            elif isinstance(command, SetTimer):
                assert command.timer == TIMER
                self.timer_s = command.after_s
            else:
                self.timer_s = None
        return commands

    def open(self):
        self.perform(self.session.open())

    def submit(self, count=1, topic="card"):
        parts = [SubmitSm(destination_addr=topic, short_message=bytes([n])) for n in range(count)]
        self.perform(self.session.submit(topic, parts))

    def say(self, pdu):
        return self.perform(self.session.take(pdu))

    def bind(self, status=CommandStatus.ROK):
        self.say(BindTransceiverResp(status, self.given[-1].sequence_number))

    def answer(self, pdu, status=CommandStatus.ROK):
        kind = BindTransceiverResp if isinstance(pdu, BindTransceiver) else SubmitSmResp
        self.say(kind(status, pdu.sequence_number))

    def expire(self):
        self.timer_s = None
        self.perform(self.session.expire())

    def take(self):
        """Return what was given since the last time."""
        taken, self.given = self.given, []
        return taken

    def names(self):
        """Return the submitted parts, as (receiver, number)."""
        return [
            (pdu.destination_addr, pdu.short_message[0])
            for pdu in self.take()
            if isinstance(pdu, SubmitSm)
        ]


@pytest.fixture
def centre():
    made = Centre()
    made.open()
    made.bind()
    made.take()
    return made


def test_a_session_is_asked_for_with_the_account_and_awaited():
    centre = Centre()
    centre.open()
    (bind,) = centre.take()
    assert isinstance(bind, BindTransceiver)
    assert (bind.system_id, bind.password) == ("reperso", Secret(b"password"))
    assert centre.timer_s == ANSWER_S


def test_nothing_is_submitted_before_the_session_is_there():
    centre = Centre()
    centre.submit(2)
    assert [type(pdu) for pdu in centre.given] == [BindTransceiver]
    centre.bind()
    assert centre.names() == [("card", 0), ("card", 1)]


def test_a_session_at_rest_has_no_timer(centre):
    assert centre.timer_s is None
    centre.submit(2)
    one, other = centre.take()
    assert centre.timer_s == ANSWER_S
    centre.answer(one)
    assert centre.timer_s == ANSWER_S
    centre.answer(other)
    assert centre.timer_s is None


def test_a_session_that_is_refused_or_not_answered_is_asked_for_less_and_less_often():
    centre = Centre()
    centre.submit()
    waits = []
    for number in range(TRIES):
        waits.append(centre.timer_s)
        if number % 2:
            centre.bind(CommandStatus.RINVPASWD)
        centre.expire()
    assert waits == [ANSWER_S * 2**number for number in range(TRIES)]
    assert centre.timer_s is None
    assert len(centre.take()) == TRIES


def test_after_a_session_was_given_up_the_next_message_asks_for_one_and_goes_alone():
    centre = Centre()
    centre.submit(topic="old")
    for _ in range(TRIES):
        centre.expire()
    centre.take()
    centre.submit(topic="new")
    centre.bind()
    assert centre.names() == [("new", 0)]


def test_no_more_than_the_window_is_under_way(centre):
    centre.submit(WINDOW + 2)
    given = centre.take()
    assert len(given) == WINDOW
    centre.answer(given[3])
    assert centre.names() == [("card", WINDOW)]
    centre.answer(given[3])  # said twice: it makes no room
    assert centre.take() == []


def test_messages_that_wait_for_room_do_not_put_off_the_end_of_waiting(centre):
    centre.submit(WINDOW)
    centre.timer_s = 1.0
    centre.submit(topic="next")
    assert centre.timer_s == 1.0


def test_what_waits_gives_way_to_a_newer_message_of_its_topic_only(centre):
    centre.submit(WINDOW + 5, topic="one")
    centre.submit(1, topic="two")
    given = centre.take()
    centre.submit(1, topic="one")
    for pdu in given:
        centre.answer(pdu)
    assert centre.names() == [("two", 0), ("one", 0)]


@pytest.mark.parametrize(
    "status", [CommandStatus.RTHROTTLED, CommandStatus.RMSGQFUL, CommandStatus.RSYSERR]
)
def test_a_centre_that_cannot_take_it_now_is_left_alone_for_a_while(centre, status):
    centre.submit(3)
    one, two, three = centre.take()
    centre.answer(one, status)
    assert centre.timer_s == 2 * REST_S
    centre.answer(two, status)
    centre.answer(three)
    centre.submit(topic="other")
    assert centre.take() == []
    centre.expire()
    assert sorted(centre.names()) == [("card", 0), ("card", 1), ("other", 0)]


def test_a_centre_that_never_can_is_given_up_and_serves_the_next_message(centre):
    centre.submit()
    for _ in range(TRIES - 1):
        centre.answer(centre.take()[-1], CommandStatus.RTHROTTLED)
        centre.expire()
    centre.answer(centre.take()[-1], CommandStatus.RTHROTTLED)
    assert centre.timer_s is None
    centre.submit(topic="next")
    assert centre.names() == [("next", 0)]


@pytest.mark.parametrize("answer", [SubmitSmResp, GenericNack])
def test_a_message_that_is_refused_for_good_is_forgotten_whole(centre, answer):
    centre.submit(WINDOW + 5)
    given = centre.take()
    centre.say(answer(CommandStatus.RINVDSTADR, given[0].sequence_number))
    for pdu in given[1:]:
        centre.answer(pdu)
    assert centre.take() == []
    assert centre.timer_s is None


def test_what_was_not_answered_is_submitted_again_in_another_session(centre):
    centre.submit(3)
    centre.answer(centre.take()[1])
    centre.expire()
    (bind,) = centre.given
    assert isinstance(bind, BindTransceiver)
    centre.bind()
    assert centre.names() == [("card", 0), ("card", 2)]


@pytest.mark.parametrize("loss", ["reconnected", "forgotten", "ended"])
def test_after_a_session_was_lost_another_takes_its_place(centre, loss):
    centre.submit(2)
    one, _ = centre.take()
    if loss == "reconnected":
        centre.open()
    elif loss == "forgotten":
        centre.answer(one, CommandStatus.RINVBNDSTS)
    else:
        centre.say(Unbind(sequence_number=7))
        assert centre.given.pop(0) == UnbindResp(sequence_number=7)
    centre.bind()
    assert sorted(centre.names()) == [("card", 0), ("card", 1)]


def test_a_centre_that_forgets_every_session_is_given_up(centre):
    centre.submit()
    rounds = 0
    while submitted := [pdu for pdu in centre.take() if isinstance(pdu, SubmitSm)]:
        rounds += 1
        centre.answer(submitted[0], CommandStatus.RINVBNDSTS)
        if centre.given:
            centre.bind()
    assert rounds == TRIES
    assert centre.timer_s is None


def test_a_question_is_answered_under_its_number(centre):
    centre.say(EnquireLink(sequence_number=5))
    assert centre.take() == [EnquireLinkResp(sequence_number=5)]


@pytest.mark.parametrize("pdu", [SubmitSm(sequence_number=4), BindTransceiver(sequence_number=4)])
def test_what_only_a_server_may_ask_is_not_acknowledged(centre, pdu):
    centre.say(pdu)
    assert centre.take() == [GenericNack(CommandStatus.RINVCMDID, 4)]


@pytest.mark.parametrize(
    "pdu",
    [
        SubmitSmResp(sequence_number=99),
        BindTransceiverResp(sequence_number=1),
        GenericNack(CommandStatus.RINVCMDID, 99),
        EnquireLinkResp(sequence_number=1),
    ],
)
def test_an_answer_that_nobody_waits_for_changes_nothing(centre, pdu):
    assert centre.say(pdu) == []


def test_a_timer_that_ran_out_late_means_nothing():
    assert EsmeSession(CENTRE, ACCOUNT).expire() == []


def test_sequence_numbers_begin_again_before_they_become_reserved(centre):
    centre.session._sequence = LAST_SEQUENCE - 1
    centre.submit(2)
    assert [pdu.sequence_number for pdu in centre.take()] == [LAST_SEQUENCE, 1]


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("submit"), st.integers(1, 25)),
            st.tuples(st.just("answer"), st.sampled_from(CommandStatus)),
            st.just(("expire", 0)),
            st.just(("open", 0)),
        ),
        max_size=40,
    )
)
def test_whatever_happens_the_window_holds_and_what_is_under_way_has_a_timer(happenings):
    centre = Centre()
    centre.open()
    for number, (kind, value) in enumerate(happenings):
        if kind == "submit":
            centre.submit(value, topic=str(number % 3))
        elif kind == "answer" and centre.given:
            centre.answer(centre.given.pop(0), value)
        elif kind == "open":
            centre.open()
        elif centre.timer_s is not None:
            centre.expire()
        assert len(centre.session._under_way) <= WINDOW
        if centre.session._messages:
            assert centre.timer_s is not None
    for _ in range(100):  # a centre that serves everything empties it
        while centre.given:
            centre.answer(centre.given.pop(0))
        if centre.timer_s is None:
            break
        centre.expire()
    assert centre.session._messages == {}


# What the centre calls the parts


def name_all(centre, first=1):
    """Let the centre take what it was given, under names that count on."""
    for number, pdu in enumerate(centre.take(), first):
        centre.say(SubmitSmResp(0, pdu.sequence_number, str(number)))


def test_a_part_of_the_last_message_of_a_topic_is_known_by_its_name(centre):
    centre.submit(2)
    name_all(centre)
    assert not centre.session.is_of_last("card", "3")
    assert not centre.session.is_of_last("other", "1")
    assert centre.session.is_of_last("card", "2")
    centre.session.settle("card")
    assert not centre.session.is_of_last("card", "1")


def test_what_gave_way_to_a_newer_message_is_not_the_last(centre):
    centre.submit(1)
    name_all(centre)
    centre.submit(1)
    name_all(centre, first=2)
    assert not centre.session.is_of_last("card", "1")
    assert centre.session.is_of_last("card", "2")


def test_what_the_centre_takes_late_of_an_older_message_has_no_name(centre):
    centre.submit(1)
    (older,) = centre.take()
    centre.submit(1)
    (newer,) = centre.take()
    centre.say(SubmitSmResp(0, older.sequence_number, "1"))
    centre.say(SubmitSmResp(0, newer.sequence_number, "2"))
    assert not centre.session.is_of_last("card", "1")
    assert centre.session.is_of_last("card", "2")


def test_so_many_messages_are_remembered_and_no_more(centre):
    for number in range(REMEMBERED + 1):
        centre.submit(1, topic=str(number))
        name_all(centre)
    assert not centre.session.is_of_last("0", "1")
    assert centre.session.is_of_last("1", "1")


def test_the_parts_of_a_message_that_was_answered_are_not_known_any_more(centre):
    centre.submit(1)
    name_all(centre)
    centre.session.settle("other")
    centre.session.settle("card")
    assert not centre.session.is_of_last("card", "1")
