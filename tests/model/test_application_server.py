import pytest

from model.application_server import CLOSED, COMPONENTS, OPEN, ORDERING, Change, Sealing
from model.errors import ForbiddenTransitionError, UnknownEventError
from model.table import Automaton, Component, Option

SERVER, SEALING = COMPONENTS
TO_SENT = (
    "take_request",
    "open_session",
    "provide_identity",
    "take_identity",
    "retrieve_admin_code",
    "send_message",
)


def server(state: Change = Change.IDLE, *options: Option) -> Automaton:
    chosen = options or (Option.HARDENED, Option.UNACKNOWLEDGED)
    return Automaton(SERVER.under({*chosen}), state)


def fire(automaton: Automaton, *events: str) -> Automaton:
    for event in events:
        automaton.fire(event, {})
    return automaton


def test_every_state_is_open_or_closed_or_over_but_for_the_order() -> None:
    assert set(Change) == OPEN | CLOSED | ORDERING
    assert len(Change) == len(OPEN) + len(CLOSED) + len(ORDERING)


@pytest.mark.parametrize("state", sorted(ORDERING, key=lambda state: state.name))
def test_who_is_still_to_be_told_to_forget_may_ask_again(state: Change) -> None:
    assert fire(server(state), "start_over", "take_request").state is Change.REQUESTED
    with pytest.raises(ForbiddenTransitionError):
        server(state).fire("refuse_second_request", {})
    with pytest.raises(ForbiddenTransitionError):
        server(Change.GIVING_UP).fire("start_over", {})


def test_a_left_network_that_never_answers_leaves_the_change_to_a_person() -> None:
    automaton = fire(server(Change.INFORMED), "stop_informing")
    assert automaton.state is Change.UNANSWERED
    assert fire(automaton, "delete_subscriber", "note_deletion").state is Change.CHANGED
    with pytest.raises(ForbiddenTransitionError):
        server(Change.CONFIRMED).fire("stop_informing", {})


def test_a_change_goes_from_request_to_certain_end() -> None:
    automaton = fire(server(), *TO_SENT)
    assert automaton.state is Change.SENT
    certain = ("confirm_change", "inform_left", "delete_subscriber", "note_deletion")
    assert fire(automaton, *certain).state is Change.CHANGED


@pytest.mark.parametrize("state", [state for state in Change if state in OPEN])
def test_a_second_request_changes_nothing_while_a_change_is_open(state: Change) -> None:
    automaton = fire(server(state), "refuse_second_request")
    assert automaton.state is state
    with pytest.raises(ForbiddenTransitionError):
        automaton.fire("take_request", {})


@pytest.mark.parametrize("state", Change)
def test_a_request_once_more_is_refused_wherever_the_server_stands(state: Change) -> None:
    assert fire(server(state), "refuse_repeated_request").state is state


@pytest.mark.parametrize("state", [Change.SENT, Change.RESENT, Change.REPORTED])
def test_operator_1_is_not_told_before_operator_2_confirmed(state: Change) -> None:
    with pytest.raises(ForbiddenTransitionError):
        server(state).fire("inform_left", {})


def test_a_report_of_the_card_does_not_make_the_change_certain() -> None:
    automaton = fire(server(Change.SENT), "hear_done")
    assert automaton.state is Change.REPORTED
    assert fire(automaton, "give_up").state is Change.GIVING_UP


def test_a_message_is_resent_once_and_then_given_up() -> None:
    automaton = fire(server(Change.SENT), "resend_message")
    with pytest.raises(ForbiddenTransitionError):
        automaton.fire("resend_message", {})
    assert fire(automaton, "give_up").state is Change.GIVING_UP


def test_a_refused_release_makes_the_change_certain() -> None:
    assert fire(server(Change.GIVING_UP), "refuse_release").state is Change.CONFIRMED


def test_the_order_to_forget_is_sent_only_after_the_release() -> None:
    automaton = server(Change.GIVING_UP)
    with pytest.raises(ForbiddenTransitionError):
        automaton.fire("send_order", {})
    assert fire(automaton, "release_identity", "send_order").state is Change.ORDERED


def test_the_literal_server_orders_nothing() -> None:
    automaton = server(Change.GIVING_UP, Option.LITERAL, Option.UNACKNOWLEDGED)
    assert fire(automaton, "release_identity").state is Change.UNCHANGED
    with pytest.raises(UnknownEventError):
        automaton.fire("send_order", {})


def test_without_the_option_operator_1_is_not_asked() -> None:
    with pytest.raises(UnknownEventError):
        server(Change.RESERVED).fire("ask_acknowledgement", {})


def test_with_the_option_nothing_is_prepared_before_operator_1_said_yes() -> None:
    automaton = server(Change.RESERVED, Option.HARDENED, Option.ACKNOWLEDGED)
    with pytest.raises(ForbiddenTransitionError):
        automaton.fire("retrieve_admin_code", {})
    asked = fire(automaton, "ask_acknowledgement", "grant_acknowledgement", "retrieve_admin_code")
    assert asked.state is Change.PREPARED


@pytest.mark.parametrize("answer", ["refuse_acknowledgement", "miss_acknowledgement"])
def test_a_no_and_no_answer_both_cancel(answer: str) -> None:
    automaton = server(Change.ASKED, Option.HARDENED, Option.ACKNOWLEDGED)
    assert fire(automaton, answer, "release_identity").state is Change.UNCHANGED


@pytest.mark.parametrize(
    ("event", "state"),
    [
        ("retrieve_admin_code", Sealing.RIGHT),
        ("retrieve_wrong_code", Sealing.WRONG_CODE),
        ("retrieve_wrong_keys", Sealing.WRONG_KEYS),
    ],
)
def test_what_is_retrieved_is_retrieved_once_a_change(event: str, state: Sealing) -> None:
    automaton = fire(Automaton(SEALING), event)
    assert automaton.state is state
    with pytest.raises(ForbiddenTransitionError):
        automaton.fire("retrieve_admin_code", {})
    assert fire(automaton, "start_over").state is Sealing.NONE


def test_the_components_have_the_names_that_conditions_use() -> None:
    assert [part.name for part in COMPONENTS] == ["application_server", "sealing"]
    assert all(isinstance(part, Component) for part in COMPONENTS)
