import pytest

from impl.runtime.sessions import SERVER
from steps.driver import Setup, UnsupportedError
from steps.drivers import load
from steps.drivers.simulated_mail import Letter
from steps.drivers.simulated_scene import Scene


@pytest.fixture
def scene():
    driver = load("simulated")(Setup(seed=1))
    yield Scene(driver)
    driver.close()


def test_the_scene_begins_with_a_subscriber_of_the_first_network(scene):
    assert scene.handset.terminal.serving_network == scene.left
    assert scene.change() is None
    assert scene.missing("provide_identity") == f"not under way: {Letter.RESERVE.value}"


def test_a_server_that_is_restarted_is_there_again(scene):
    before = scene.world.server
    scene.restart(SERVER)
    assert scene.world.server is not before
    assert scene.without_change_timer()
    assert scene.without_question()
    assert scene.without_lease()


def test_where_the_parties_run_by_themselves_there_is_no_scene():
    driver = load("served")(Setup(seed=1))
    with pytest.raises(UnsupportedError, match="by themselves"):
        Scene(driver)
    driver.close()
