import pytest

from impl.card import image
from steps.driver import Setup
from steps.drivers import load
from steps.drivers.stage import PairView, Place

SENT = (
    "request_change", "take_request", "open_session", "provide_identity", "take_identity",
    "retrieve_admin_code", "send_message",
)  # fmt: skip


@pytest.fixture
def stage():
    driver = load("simulated")(Setup(seed=1))
    yield driver.stage()
    driver.close()


def play(stage, *events):
    for event in events:
        stage.carry_out(event)
    return stage.seen()


def test_some_parts_do_nothing_and_the_rest_does_it(stage):
    seen = play(stage, *SENT, "receive_some_parts", "repeat_part")
    assert seen.in_use is PairView.OLD
    assert play(stage, "receive_rest", "replace_identity").in_use is PairView.NEW


def test_an_altered_message_changes_nothing(stage):
    seen = play(stage, *SENT, "alter_message", "refuse_altered_message")
    assert seen.in_use is PairView.OLD
    assert not seen.under_way["report"]


def test_parts_that_were_refused_with_an_altered_one_are_not_held(stage):
    play(stage, *SENT, "receive_some_parts", "alter_message", "refuse_altered_message")
    seen = play(stage, "repeat_message", "receive_message", "replace_identity")
    assert seen.in_use is PairView.NEW


def test_a_user_who_refuses_keeps_the_pair_and_is_asked_once_only(stage):
    seen = play(stage, *SENT, "receive_message", "refuse_by_user")
    assert seen.in_use is PairView.OLD
    assert seen.under_way["report"]
    memory = stage._scene.handset.memory
    assert image.ASK_USER.number(memory) == image.NO


def test_the_card_changes_back_where_the_new_network_is_not_heard(stage):
    seen = play(stage, *SENT, "receive_message", "replace_identity", "hear_done", "miss_joined")
    assert (seen.in_use, seen.sealed) == (PairView.OLD, PairView.NEW)
    assert play(stage, "accept_left").device is Place.LEFT


def test_a_wrong_code_that_is_one_too_many_blocks_the_card(stage):
    wrong = [event.replace("admin", "wrong") for event in SENT]
    play(stage, *wrong, "receive_message", "block_admin_code", "hear_wrong_code")
    memory = stage._scene.handset.memory
    assert image.GUESSES.number(memory) == image.GUESS_LIMIT.number(memory)


def test_what_the_card_does_not_have_it_cannot_obey(stage):
    play(stage, *SENT)
    assert stage.obstacle("replace_identity") == "the card has no whole message"
    assert stage.obstacle("obey_order") == "no order is under way"
    assert stage.obstacle("repeat_report") == "no report was sent"
