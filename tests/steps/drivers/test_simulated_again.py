"""What comes once more changes nothing; what there was nothing of cannot come once more."""

import dataclasses

import pytest

from steps.driver import Setup
from steps.drivers import load
from steps.drivers.simulated_again import ATTACHES, LETTERS, TIMERS
from steps.drivers.stage import ServerView

CHANGE = (
    "request_change", "take_request", "open_session", "provide_identity", "take_identity",
    "retrieve_admin_code", "send_message", "receive_message", "replace_identity", "hear_done",
    "reject_late", "accept_joined", "confirm_change", "inform_left", "delete_subscriber",
    "note_deletion",
)  # fmt: skip
GIVEN_UP = (
    *CHANGE[:7], "resend_message", "give_up", "release_identity", "send_order", "obey_order",
    "hear_receipt",
)  # fmt: skip
OF_A_CHANGE = (
    *sorted(set(LETTERS) - {"refuse_acknowledgement", "miss_acknowledgement"}),
    *sorted(set(TIMERS) - {"miss_acknowledgement"}),
    *sorted(ATTACHES),
    "replace_identity",
    "refuse_wrong_code",
    "refuse_replay",
    "refuse_altered_message",
)
NEVER = {"release_identity", "refuse_release", "reject_joined", "reject_left", "reject_late"}


@pytest.fixture
def stage():
    driver = load("simulated")(Setup(seed=1))
    yield driver.stage()
    driver.close()


def test_what_never_came_does_not_come_again(stage):
    before = stage.seen()
    again = {event for event in OF_A_CHANGE if stage.offer(event)}
    assert again == {"accept_joined", "accept_left", "lose_accept"} & again
    assert stage.seen() == before


@pytest.mark.parametrize("event", sorted(set(OF_A_CHANGE) - NEVER))
def test_what_came_in_a_change_comes_again_and_changes_nothing(stage, event):
    for one in CHANGE:
        if one != "reject_late":
            stage.carry_out(one)
    before = stage.seen()
    assert before.server is ServerView.DONE
    assert stage.offer(event)
    assert dataclasses.replace(stage.seen(), refused=before.refused) == before


@pytest.mark.parametrize("event", ["obey_order", "refuse_order", "hear_receipt", "refuse_release"])
def test_so_does_what_came_when_a_change_was_given_up(stage, event):
    for one in GIVEN_UP:
        stage.carry_out(one)
    before = stage.seen()
    assert stage.offer(event)
    assert stage.seen() == before


def test_what_is_answered_to_it_is_lost(stage):
    for one in CHANGE[:4]:
        stage.carry_out(one)
    stage.carry_out("lose_notice")
    assert stage.offer("provide_identity")
    assert not stage.seen().under_way["notice"]


def test_what_the_world_does_is_nobodys_to_offer(stage):
    assert not stage.offer("lose_message")
