import pytest

from steps.driver import Setup
from steps.drivers import load
from steps.drivers.stage import ObstacleError, PairView, Place

CHANGED = (
    "request_change", "take_request", "open_session", "provide_identity", "take_identity",
    "retrieve_admin_code", "send_message", "receive_message", "replace_identity",
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


def test_a_device_attaches_where_its_card_is_known_and_only_once(stage):
    assert play(stage, *CHANGED, "accept_joined").device is Place.JOINED
    with pytest.raises(ObstacleError, match="it is attached"):
        stage.carry_out("accept_joined")


def test_a_lost_accept_leaves_the_device_searching_and_it_asks_again(stage):
    assert play(stage, *CHANGED, "lose_accept").device is Place.NOWHERE
    assert play(stage, "accept_joined").device is Place.JOINED


def test_after_four_tries_in_vain_a_device_asks_another_network_first(stage):
    play(stage, *CHANGED, *["lose_accept"] * 4)
    with pytest.raises(ObstacleError, match="four times"):
        stage.carry_out("lose_accept")
    with pytest.raises(ObstacleError, match="other networks first"):
        stage.carry_out("accept_joined")


def test_a_card_without_another_pair_has_none_to_change_to(stage):
    assert play(stage, *CHANGED, "miss_joined").in_use is PairView.OLD
    play(stage, "miss_left", "accept_joined")
    assert stage.obstacle("miss_left") == "the card has no other pair"


def test_a_device_restarts_but_not_while_its_card_executes_a_message(stage):
    assert play(stage, "restart_device").device is Place.NOWHERE
    assert play(stage, "accept_left", *CHANGED[:-1]).device is Place.LEFT
    with pytest.raises(ObstacleError, match="executes a message"):
        stage.carry_out("restart_device")
