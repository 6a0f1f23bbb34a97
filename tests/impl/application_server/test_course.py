"""The course of a change by itself: what is written, what is asked, which timers run."""

import pytest

from impl.application_server import changes
from impl.application_server.change import Occasion, State
from impl.application_server.course import (
    ASK,
    INFORM,
    RELEASE,
    RESERVE,
    ChangeUnderWayError,
)
from impl.application_server.records import OUTBOX
from impl.application_server.takeover import CHANGE_TIMER
from impl.codec.operator import decode_operator
from impl.codec.personalization import Outcome
from impl.events import Interface, Peer, Send, SetTimer, StopTimer
from impl.messages import IdentityNotice, InformLeft, ReleaseIdentity, ReserveIdentity
from impl.values import ICCID, IMSI, MSISDN, PLMN, Secret, TransactionId

TN1, TN2 = PLMN("20801"), PLMN("26202")
CARD = ICCID("8933010000000000017")
NOBODYS = TransactionId("0badbeef")


@pytest.fixture
def connection(bench):
    with bench.store.begin() as opened:
        yield opened


class Drive:
    """Moves the change of the one card, by the course of the server."""

    def __init__(self, bench, connection):
        self.course = bench.server._course
        self._messaging = bench.server._messaging
        self._codes = bench.server._codes
        self._connection = connection

    def begin(self):
        card = self._codes.find(self._connection, CARD)
        return self.course.begin(self._connection, card, TN1, TN2)

    @property
    def row(self):
        return changes.newest(self._connection, CARD)

    def go_on(self, occasion, reason=""):
        return self._kept(self.course.go_on(self._connection, self.row, occasion, reason))

    def take_identity(self, **facts):
        fields = {
            "id": RESERVE + self.row.transaction_id,
            "transaction": self.row.transaction_id,
            "imsi": IMSI("262020000000001"),
            "k": Secret(b"k" * 16),
            "opc": Secret(b"o" * 16),
            "msisdn": MSISDN("49612345678"),
            "service_centre": MSISDN("49609001"),
        }
        notice = IdentityNotice(**fields | facts)
        return self._kept(self.course.take_identity(self._connection, self.row, notice))

    def report(self, outcome, counter=1):
        return self._kept(self.course.take_report(self._connection, self.row, outcome, counter))

    def expire(self):
        return self._kept(self.course.expire(self._connection, self.row))

    def _kept(self, commands):
        """Return what follows once that is committed."""
        return [*commands, *self._messaging.keep()]

    def reach(self, state):
        """Bring a new change to that state."""
        self.begin()
        ways = {
            State.REQUESTED: [],
            State.SENT: [self.take_identity],
            State.PERSONALIZED: [self.take_identity, lambda: self.go_on(Occasion.CARD_CHANGED)],
            State.CONFIRMED: [self.take_identity, lambda: self.go_on(Occasion.CONFIRMED)],
            State.UNANSWERED: [
                self.take_identity,
                lambda: self.go_on(Occasion.CONFIRMED),
                lambda: self.go_on(Occasion.EXHAUSTED, "no-answer"),
            ],
            State.RELEASING: [self.take_identity, lambda: self.go_on(Occasion.CARD_REFUSED)],
            State.ABANDONED: [lambda: self.go_on(Occasion.NO_IDENTITY)],
        }
        for step in ways[state]:
            step()
        assert self.row.state == state

    def questions(self):
        """Return the names of what is asked and not answered."""
        transaction = self.row.transaction_id
        names = (RESERVE, ASK, RELEASE, INFORM)
        return {name for name in names if OUTBOX.attempts(self._connection, name + transaction)}


@pytest.fixture
def drive(bench, connection):
    return Drive(bench, connection)


def told(commands):
    """Return what operators are told."""
    return [
        decode_operator(command.octets)
        for command in commands
        if isinstance(command, Send) and command.target.interface is not Interface.SMPP
    ]


def waits(commands):
    """Return the timers of changes that are set, in seconds."""
    prefix = f"{CHANGE_TIMER}/"
    return [
        command.after_s
        for command in commands
        if isinstance(command, SetTimer) and command.timer.startswith(prefix)
    ]


def messages(commands):
    """Return how many short messages leave for the card."""
    smpp = [one for one in commands if isinstance(one, Send)]
    return sum(one.target == Peer(Interface.SMPP, TN1) for one in smpp)


def test_a_change_begins_with_a_question_to_the_joined_network_only(drive):
    transaction, commands = drive.begin()
    assert told(commands) == [
        ReserveIdentity(id=RESERVE + transaction, transaction=transaction, iccid=CARD)
    ]
    assert commands[0].target == Peer(Interface.OPERATOR, TN2)
    row = drive.row
    assert (row.state, row.open, row.source_plmn, row.target_plmn) == (
        State.REQUESTED,
        1,
        TN1,
        TN2,
    )


def test_a_second_change_of_the_card_is_refused_and_the_first_is_as_it_was(drive):
    drive.begin()
    before = drive.row
    with pytest.raises(ChangeUnderWayError):
        drive.begin()
    assert drive.row == before


@pytest.mark.parametrize(
    ("state", "occasion"),
    [
        (State.REQUESTED, Occasion.CONFIRMED),
        (State.SENT, Occasion.RELEASED),
        (State.SENT, Occasion.INFORMED),
        (State.CONFIRMED, Occasion.CARD_REFUSED),
        (State.ABANDONED, Occasion.GRANTED),
    ],
)
def test_an_occasion_that_does_not_concern_a_change_leaves_it_as_it_is(drive, state, occasion):
    drive.reach(state)
    before = drive.row
    assert drive.go_on(occasion, reason="foreign") == []
    assert drive.row == before


@pytest.mark.parametrize(
    ("state", "asked"),
    [
        (State.REQUESTED, {RESERVE}),
        (State.SENT, set()),
        (State.PERSONALIZED, set()),
        (State.CONFIRMED, {INFORM}),
        (State.UNANSWERED, set()),
        (State.RELEASING, {RELEASE}),
        (State.ABANDONED, set()),
    ],
)
def test_in_each_state_only_its_own_question_is_open(drive, state, asked):
    drive.reach(state)
    assert drive.questions() == asked


def test_an_identity_is_kept_sealed_and_the_message_leaves_with_a_timer(drive, bench):
    drive.begin()
    commands = drive.take_identity()
    assert messages(commands) > 0
    assert waits(commands) == [bench.config.resend_after_s]
    assert drive.row.attempts == 1
    assert drive.row.due == bench.time + bench.config.resend_after_s
    assert b"k" * 16 not in drive.row.identity


def test_an_identity_that_comes_again_changes_nothing(drive):
    drive.reach(State.SENT)
    before = drive.row
    assert drive.take_identity(imsi=IMSI("262020000000002")) == []
    assert drive.row == before


@pytest.mark.parametrize(
    "facts", [{"imsi": IMSI("208010000000001")}, {"iccid": ICCID("8933010000000000025")}]
)
def test_an_unusable_identity_is_not_kept_but_given_back(drive, facts):
    drive.begin()
    commands = drive.take_identity(**facts)
    assert messages(commands) == 0
    assert isinstance(told(commands)[-1], ReleaseIdentity)
    assert (drive.row.state, drive.row.identity) == (State.RELEASING, None)
    assert drive.row.reason == "unusable-identity"


def test_a_message_is_sent_as_often_as_there_are_attempts_and_then_given_up(drive, bench):
    drive.reach(State.SENT)
    for attempt in range(2, bench.config.attempts + 1):
        assert messages(drive.expire()) > 0
        assert (drive.row.state, drive.row.attempts) == (State.SENT, attempt)
    commands = drive.expire()
    assert messages(commands) == 0
    assert isinstance(told(commands)[-1], ReleaseIdentity)
    assert drive.row.reason == "no-confirmation"


def test_a_card_that_changed_has_its_own_time_to_attach(drive, bench):
    drive.reach(State.SENT)
    commands = drive.go_on(Occasion.CARD_CHANGED)
    assert waits(commands) == [bench.config.confirmation_wait_s]
    assert drive.row.due == bench.time + bench.config.confirmation_wait_s
    drive.expire()
    assert drive.row.state == State.RELEASING


def test_the_left_network_is_informed_once_the_change_is_certain_and_not_before(drive):
    drive.reach(State.PERSONALIZED)
    commands = drive.go_on(Occasion.CONFIRMED)
    (informed,) = told(commands)
    assert isinstance(informed, InformLeft)
    assert StopTimer(f"{CHANGE_TIMER}/{drive.row.transaction_id}") in commands
    assert drive.row.due is None


def test_a_change_that_is_done_is_ended_and_its_card_is_of_the_joined_network(
    drive, bench, connection
):
    drive.reach(State.CONFIRMED)
    commands = drive.go_on(Occasion.INFORMED)
    assert messages(commands) == 0
    assert (drive.row.state, drive.row.open) == (State.DONE, None)
    record = bench.server._codes.find(connection, CARD)
    assert (record.plmn, record.msisdn) == (TN2, MSISDN("49612345678"))
    assert drive.questions() == set()


def test_a_card_that_may_hold_a_released_identity_is_told_to_forget_it_some_times(drive, bench):
    drive.reach(State.SENT)
    drive.go_on(Occasion.EXHAUSTED)
    orders = [drive.go_on(Occasion.RELEASED)]
    while drive.row.due is not None:
        orders.append(drive.expire())
    assert [messages(commands) > 0 for commands in orders] == [True] * bench.config.attempts + [
        False
    ]
    assert drive.row.state == State.ABANDONED


def test_a_card_that_refused_holds_nothing_to_forget(drive):
    drive.reach(State.SENT)
    drive.report(Outcome.WRONG_ADMIN_CODE)
    assert drive.row.reason == "wrong-admin-code"
    assert messages(drive.go_on(Occasion.RELEASED)) == 0
    assert drive.row.due is None


def test_a_change_that_was_given_up_before_any_message_has_nothing_to_forget(drive):
    drive.begin()
    drive.go_on(Occasion.EXHAUSTED)
    assert messages(drive.go_on(Occasion.RELEASED)) == 0


@pytest.mark.parametrize("state", [State.REQUESTED, State.RELEASING])
def test_a_question_without_an_answer_is_asked_again_and_then_given_up(
    drive, bench, connection, state
):
    drive.reach(state)
    (question,) = drive.questions()
    name = question + drive.row.transaction_id
    for _ in range(bench.config.attempts - 1):
        assert len(told(drive.course.expire_question(connection, name))) == 1
        assert drive.row.state == state
    drive.course.expire_question(connection, name)
    assert drive.row.state != state
    assert drive.row.reason == "no-answer"


def test_a_left_network_that_never_answers_is_told_for_long_and_then_it_shows(
    drive, bench, connection
):
    drive.reach(State.CONFIRMED)
    name = INFORM + drive.row.transaction_id
    for _ in range(bench.config.inform_attempts - 1):
        assert len(told(drive.course.expire_question(connection, name))) == 1
        assert drive.row.state == State.CONFIRMED
    assert told(drive.course.expire_question(connection, name)) == []
    assert (drive.row.state, drive.row.reason) == (State.UNANSWERED, "no-answer")
    assert (drive.row.open, drive.row.identity) == (None, None)
    assert drive._codes.find(connection, CARD).plmn == TN2


def test_a_left_network_is_told_again_by_hand_and_its_late_answer_is_the_end(drive, connection):
    drive.reach(State.UNANSWERED)
    (informed,) = told(drive.course.inform_again(connection, drive.row))
    assert isinstance(informed, InformLeft)
    assert drive.questions() == {INFORM}
    drive._codes.settle(connection, CARD, TN1, MSISDN("33600000001"))  # it went on meanwhile
    drive.go_on(Occasion.INFORMED)
    assert drive.row.state == State.DONE
    assert drive.questions() == set()
    assert drive._codes.find(connection, CARD).plmn == TN1


def test_only_a_network_that_did_not_answer_is_told_again(drive, connection):
    drive.reach(State.CONFIRMED)
    assert drive.course.inform_again(connection, drive.row) == []


def test_a_card_whose_left_network_is_silent_can_change_again(drive):
    drive.reach(State.UNANSWERED)
    drive.begin()
    assert drive.row.state == State.REQUESTED


def test_a_question_about_a_change_that_nobody_knows_is_no_question(drive, connection):
    assert drive.course.expire_question(connection, RESERVE + NOBODYS) == []


def test_after_a_restart_questions_are_asked_again_and_timers_have_what_was_left(
    drive, bench, connection
):
    drive.reach(State.SENT)
    bench.time = 50.0
    assert waits(drive.course.restore(connection)) == [bench.config.resend_after_s - 50.0]
    bench.time = 1e6
    assert waits(drive.course.restore(connection)) == [0.0]
    drive.go_on(Occasion.EXHAUSTED)
    restored = drive.course.restore(connection)
    assert waits(restored) == []
    assert [type(message) for message in told(restored)] == [ReleaseIdentity]


def test_the_keys_of_an_identity_are_kept_no_longer_than_needed(drive):
    drive.reach(State.CONFIRMED)
    assert drive.row.identity
    drive.go_on(Occasion.INFORMED)
    assert (drive.row.state, drive.row.identity) == (State.DONE, None)


def test_an_identity_that_was_released_is_not_kept_either(drive):
    drive.reach(State.RELEASING)
    drive.go_on(Occasion.RELEASED)
    assert drive.row.identity is None


def test_a_change_says_when_it_began_and_ended(drive, bench):
    drive.reach(State.SENT)
    bench.time = 70.0
    assert (drive.row.opened, drive.row.ended) == (0.0, None)
    drive.go_on(Occasion.EXHAUSTED)
    drive.go_on(Occasion.RELEASED)
    assert drive.row.ended == 70.0


@pytest.mark.parametrize("outcome", [Outcome.DONE, Outcome.CHANGED_BACK, None])
def test_a_card_that_may_hold_the_pair_is_told_to_forget_it(drive, outcome):
    drive.reach(State.SENT)
    if outcome is not None:
        drive.report(outcome)
    if drive.row.state != State.RELEASING:
        drive.go_on(Occasion.EXHAUSTED)
    assert messages(drive.go_on(Occasion.RELEASED)) > 0


def test_a_card_that_says_its_pair_was_accepted_is_believed_to_have_changed(drive):
    drive.reach(State.SENT)
    drive.report(Outcome.CONFIRMED)
    assert (drive.row.state, drive.row.reason) == (State.PERSONALIZED, None)


def test_a_late_report_on_the_message_does_not_end_the_order_to_forget(drive):
    drive.reach(State.SENT)
    drive.go_on(Occasion.EXHAUSTED)
    drive.go_on(Occasion.RELEASED)
    assert drive.report(Outcome.DONE, counter=drive.row.first_order - 1) == []
    assert (drive.row.report, drive.row.due) == (Outcome.DONE, 120.0)
    drive.expire()
    stop = StopTimer(f"{CHANGE_TIMER}/{drive.row.transaction_id}")
    assert drive.report(Outcome.DONE, counter=drive.row.first_order + 1) == [stop]
    assert drive.row.due is None


def test_a_timer_that_ran_out_as_it_was_stopped_means_nothing(drive):
    drive.reach(State.CONFIRMED)
    before = drive.row
    assert drive.expire() == []
    assert drive.row == before


def test_a_card_that_was_removed_is_told_nothing_more(drive, bench, connection):
    drive.reach(State.SENT)
    drive.go_on(Occasion.EXHAUSTED)
    drive.go_on(Occasion.RELEASED)
    bench.server._codes.remove(connection, CARD)
    assert messages(drive.expire()) == 0
    assert drive.row.due is None


def test_a_name_that_a_change_had_before_is_not_drawn_again(drive, bench):
    drive.reach(State.ABANDONED)
    used = int(drive.row.transaction_id, 16)
    bench.drawn = used - 1
    transaction, _ = drive.begin()
    assert int(transaction, 16) == used + 1


def test_a_source_of_names_that_draws_one_forever_opens_nothing(drive, bench):
    drive.reach(State.ABANDONED)
    ended = drive.row
    bench.random_octets = lambda _: bytes.fromhex(ended.transaction_id)
    with pytest.raises(ChangeUnderWayError):
        drive.begin()
    assert drive.row == ended
