import pytest

from steps.driver import Setup
from steps.drivers import load
from steps.drivers.stage import (
    ObstacleError,
    PairView,
    Place,
    RecordView,
    ServerView,
    disagreements,
)

TO_THE_CARD = (
    "request_change", "take_request", "open_session", "provide_identity", "take_identity",
    "retrieve_admin_code", "send_message", "receive_message", "replace_identity",
)  # fmt: skip
GIVEN_UP = ("resend_message", "give_up", "release_identity", "send_order")


@pytest.fixture
def stage():
    driver = load("simulated")(Setup(seed=1))
    yield driver.stage()
    driver.close()


def play(stage, *events):
    for event in events:
        stage.carry_out(event)
    return stage.seen()


def test_nothing_happens_by_itself(stage):
    seen = play(stage, "request_change")
    assert seen.server is ServerView.NONE
    assert seen.under_way["request"]


def test_the_card_has_both_pairs_when_it_has_replaced_the_first(stage):
    seen = play(stage, *TO_THE_CARD)
    assert (seen.in_use, seen.sealed) == (PairView.NEW, PairView.OLD)
    assert seen.device is Place.NOWHERE
    assert seen.under_way["report"]


def test_an_accept_that_is_lost_leaves_the_device_searching_and_the_identity_taken(stage):
    seen = play(stage, *TO_THE_CARD, "lose_accept")
    assert seen.device is Place.NOWHERE
    assert seen.joined is RecordView.ACTIVE
    assert play(stage, "accept_joined").device is Place.JOINED


def test_a_power_cut_leaves_the_card_as_it_was(stage):
    seen = play(stage, *TO_THE_CARD[:-1], "cut_power")
    assert (seen.in_use, seen.sealed) == (PairView.OLD, PairView.NONE)


def test_a_change_that_is_given_up_ends_with_an_order(stage):
    seen = play(stage, *TO_THE_CARD[:-2], *GIVEN_UP)
    assert seen.server is ServerView.ORDERING
    assert play(stage, "leave_order").server is ServerView.ABANDONED


def test_an_event_of_which_there_is_nothing_cannot_be_brought_about(stage):
    before = stage.seen()
    with pytest.raises(ObstacleError, match="no report is under way"):
        stage.carry_out("hear_done")
    with pytest.raises(ObstacleError, match="no call of this system"):
        stage.carry_out("fly")
    assert stage.seen() == before


def test_an_impostor_is_rejected_and_the_register_has_its_place_again(stage):
    play(stage, "ask_centre", "take_request", "reject_impostor", "start_over")
    seen = play(stage, *TO_THE_CARD)
    assert seen.in_use is PairView.NEW


def test_left_alone_from_the_middle_the_parties_come_to_agree(stage):
    play(stage, *TO_THE_CARD)
    seen = stage.drain()
    assert seen.server is ServerView.DONE
    assert not list(disagreements(seen))


def test_the_pool_that_is_exhausted_is_of_the_network_that_is_joined_now(stage):
    changed = ("accept_joined", "confirm_change", "inform_left", "delete_subscriber")
    play(stage, *TO_THE_CARD, *changed, "note_deletion", "turn_round", *TO_THE_CARD[:3])
    seen = play(stage, "exhaust_pool", "refuse_exhausted")
    assert seen.server is ServerView.ABANDONED
    assert seen.joined is RecordView.NOTHING


def test_a_left_network_that_answers_late_is_waited_for_and_heard(stage):
    play(stage, *TO_THE_CARD, "accept_joined", "confirm_change", "inform_left")
    assert play(stage, "stop_informing").server is ServerView.UNANSWERED
    assert stage.obstacle("stop_informing") == "the server waits for no answer"
    assert play(stage, "delete_subscriber", "note_deletion").server is ServerView.DONE


def test_what_is_said_again_of_an_earlier_change_is_not_about_this_one(stage):
    """A register that starts again confirms what the server learned from its refusal to release."""
    play(stage, *TO_THE_CARD, "hear_done", "accept_joined", "give_up", "refuse_release")
    play(stage, "inform_left", "delete_subscriber", "note_deletion", "turn_round")
    seen = play(stage, *TO_THE_CARD, "accept_joined", "crash_left")
    assert seen.server is ServerView.SENT
    assert play(stage, "confirm_change").server is ServerView.CONFIRMED
