import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.application_server import Change
from model.card import Card
from model.device import Device
from model.errors import ForbiddenTransitionError, UnknownEventError, ViolationError
from model.home_register import Record
from model.invariants import INVARIANTS, Invariant
from model.method import Method
from model.system import System, compose
from model.table import Arrow, Kind, Option

REQUESTED = ("request_change", "take_request")
TO_THE_CARD = (
    *REQUESTED,
    "open_session",
    "provide_identity",
    "take_identity",
    "retrieve_admin_code",
    "send_message",
    "receive_message",
)
CHANGE = (
    *TO_THE_CARD,
    "replace_identity",
    "hear_done",
    "accept_joined",
    "confirm_change",
    "inform_left",
    "delete_subscriber",
    "note_deletion",
)


def walk(system: System, *events: str) -> System:
    for event in events:
        system.fire(event)
    return system


def test_a_change_moves_all_parties() -> None:
    system = walk(System(compose()), *CHANGE)
    state = system.state
    assert state["application_server"] is Change.CHANGED
    assert state["card"] is Card.NEW_ONLY
    assert (state["home_left"], state["home_joined"]) == (Record.FREE, Record.ACTIVE)
    assert state["device"] is Device.ATTACHED_JOINED
    assert state["method"] is Method.MOVED
    assert system.rests()


def test_there_and_back_again_is_the_beginning() -> None:
    system = System(compose())
    beginning = system.state
    for _ in range(3):
        walk(system, *CHANGE, "turn_round")
        assert system.state == beginning


def test_a_change_that_was_given_up_can_be_asked_for_again() -> None:
    system = walk(System(compose()), *REQUESTED, "open_session", "stop_waiting", "release_identity")
    assert system.rests()
    walk(system, "start_over", *CHANGE)
    assert system.state["card"] is Card.NEW_ONLY


def test_an_event_that_one_participant_forbids_moves_none() -> None:
    system = walk(System(compose()), *TO_THE_CARD)
    before, trail = system.state, list(system.trail)
    with pytest.raises(ForbiddenTransitionError, match="accept_joined"):
        system.fire("accept_joined")  # the device is still attached, the card still old
    assert (system.state, system.trail) == (before, trail)


def test_participants_that_could_move_go_back_when_a_later_one_cannot() -> None:
    system = System(compose())
    with pytest.raises(ForbiddenTransitionError, match="request"):
        system.fire("take_request")  # method and server could, but no request is under way
    assert system.state == compose().initial


def test_an_unknown_event_is_named() -> None:
    with pytest.raises(UnknownEventError, match="fly_away"):
        System(compose()).fire("fly_away")


def test_the_trail_tells_who_moved_and_how() -> None:
    system = walk(System(compose()), *REQUESTED)
    moves = {move.component: (move.source, move.target) for move in system.trail[-3:]}
    assert moves["application_server"] == (Change.IDLE, Change.REQUESTED)
    assert moves["method"] == (Method.AGREED, Method.REQUESTED)
    assert system.trace == list(REQUESTED)


def test_what_is_enabled_can_be_fired_and_nothing_else() -> None:
    composition = compose()
    system = walk(System(composition), *TO_THE_CARD)
    enabled = set(system.enabled())
    assert {"replace_identity", "cut_power", "resend_message"} <= enabled
    assert "refuse_wrong_code" not in enabled


def test_a_state_that_an_obligation_excludes_is_a_violation() -> None:
    system = System(compose(Option.LITERAL))
    with pytest.raises(ViolationError, match="B04 1e is broken") as caught:
        walk(system, *TO_THE_CARD, "replace_identity")
    assert caught.value.trace == (*TO_THE_CARD, "replace_identity")
    assert system.state["card"] is Card.NEW_ONLY


def test_an_event_that_an_obligation_excludes_does_not_happen() -> None:
    composition = compose()
    (server,) = (one for one in composition.components if one.name == "application_server")
    greedy = Arrow("S1", "B06", "take_request", Change.SENT, Change.REQUESTED)
    system = System(composition.with_arrows("application_server", [*server.arrows, greedy]))
    (method,) = (one for one in composition.components if one.name == "method")
    careless = Arrow("S1", "1a", "take_request", Method.SENT, Method.REQUESTED)
    composition = system.composition.with_arrows("method", [*method.arrows, careless])
    system = walk(System(composition), *TO_THE_CARD[:-1], "request_change")
    before = system.state
    with pytest.raises(ViolationError, match="B06"):
        system.fire("take_request")
    assert system.state == before


def test_rest_in_a_state_that_an_obligation_excludes_is_a_violation() -> None:
    never = Invariant(
        "B14",
        "nothing rests",
        never=({"application_server": {Change.IDLE}},),
        witness={},
        moment=next(one.moment for one in INVARIANTS if one.cites == "B03 1p"),
    )
    with pytest.raises(ViolationError, match="nothing rests"):
        System(compose(), invariants=[never]).rests()


def test_a_system_with_something_to_do_does_not_rest() -> None:
    assert not walk(System(compose()), "request_change").rests()


def test_a_composition_has_the_components_of_its_options() -> None:
    names = {part.name for part in compose().components}
    assert "order" in names
    assert "acknowledgement" not in names
    asking = compose(Option.LITERAL, Option.ACKNOWLEDGED)
    names = {part.name for part in asking.components}
    assert "order" not in names
    assert "acknowledgement" in names


def test_a_composition_is_joined_once() -> None:
    assert compose() is compose()


@given(st.data())
def test_whatever_is_tried_moves_all_participants_or_none(data: st.DataObject) -> None:
    composition = compose()
    system = System(composition)
    events = st.sampled_from(sorted(composition.events))
    for event in data.draw(st.lists(events, max_size=30)):
        before = system.state
        drawn = composition.arrows(event, before)
        if drawn is None:
            with pytest.raises(ForbiddenTransitionError):
                system.fire(event)
            assert system.state == before
            continue
        system.fire(event)
        names = [part.name for part in composition.participants(event)]
        expected = before | dict(zip(names, (row.target for row in drawn), strict=True))
        assert system.state == expected


def test_kinds_are_those_of_the_rows() -> None:
    kinds = compose().kinds
    assert kinds["replace_identity"] is Kind.NORMAL
    assert kinds["lose_accept"] is Kind.FAULT
    assert kinds["give_up"] is Kind.TIMER
