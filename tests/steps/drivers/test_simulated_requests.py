import pytest

from steps.driver import Setup
from steps.drivers import load
from steps.drivers.stage import ServerView


@pytest.fixture
def stage():
    driver = load("simulated")(Setup(seed=1))
    yield driver.stage()
    driver.close()


@pytest.mark.parametrize("asks", ["request_change", "ask_centre"])
@pytest.mark.parametrize("refusal", ["refuse_own_network", "refuse_unknown_card"])
def test_a_request_that_is_wrong_is_refused_whoever_asks(stage, asks, refusal):
    stage.carry_out(asks)
    stage.carry_out(refusal)
    assert stage.seen().refused == 1
    assert stage.seen().server is ServerView.NONE


def test_a_request_without_card_leaves_no_trace(stage):
    stage.carry_out("request_change")
    stage.carry_out("refuse_nameless_request")
    assert stage.seen().refused == 0
    assert stage.seen().server is ServerView.NONE


def test_a_request_said_again_is_refused_and_a_lost_one_is_gone(stage):
    for event in ("request_change", "take_request", "repeat_request", "refuse_repeated_request"):
        stage.carry_out(event)
    assert stage.seen().refused == 1
    stage.carry_out("request_change")
    stage.carry_out("lose_request")
    assert not stage.seen().under_way["request"]


def test_a_customer_centre_asks_for_its_own_network_only_and_not_without_the_user(stage):
    stage.carry_out("decline_at_centre")
    assert not stage.seen().under_way["request"]
    stage.carry_out("ask_centre")
    assert stage.obstacle("refuse_unagreed")
    stage.carry_out("refuse_centre")
    assert stage.seen().refused == 1


CHANGE = (
    "request_change", "take_request", "open_session", "provide_identity", "take_identity",
    "retrieve_admin_code", "send_message", "receive_message", "replace_identity", "hear_done",
    "accept_joined", "confirm_change", "inform_left", "delete_subscriber", "note_deletion",
)  # fmt: skip


@pytest.mark.parametrize("asks", ["request_change", "ask_centre"])
def test_a_request_held_until_the_card_is_another_networks_is_refused(stage, asks):
    for event in (*CHANGE, asks):
        stage.carry_out(event)
    assert stage.obstacle("refuse_outdated_request")
    stage.carry_out("turn_round")
    assert stage.obstacle("take_request")
    stage.carry_out("refuse_outdated_request")
    assert stage.seen().refused == 1
    assert stage.seen().server is ServerView.NONE


def test_over_a_change_only_what_names_no_card_is_refused_before_it_is_left_behind(stage):
    for event in (*CHANGE, "request_change"):
        stage.carry_out(event)
    for event in ("take_request", "refuse_unagreed", "refuse_unknown_card", "refuse_own_network"):
        assert stage.obstacle(event)
    assert stage.obstacle("refuse_nameless_request") is None
