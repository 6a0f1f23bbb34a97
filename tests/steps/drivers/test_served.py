import pytest

from steps.driver import Interface, Means, Network, Setup, User
from steps.drivers.served import factory

FIRST, SECOND, USER = Network.FIRST, Network.SECOND, User.THE_USER


@pytest.fixture
def driver():
    made = factory(Setup(0))
    made.agree(FIRST)
    made.agree(SECOND)
    made.subscribe(FIRST, USER)
    yield made
    made.close()


def test_a_change_over_sockets_ends_as_it_does_in_memory(driver):
    driver.request_change(SECOND, Means.MENU, USER)
    driver.settle()
    assert driver.attached_to(USER) is SECOND
    assert driver.agreed_network(USER) is SECOND


def test_the_same_seed_shows_the_same_messages():
    def names():
        driver = factory(Setup(7))
        driver.agree(FIRST)
        driver.agree(SECOND)
        driver.subscribe(FIRST, USER)
        driver.request_change(SECOND, Means.MENU, USER)
        driver.settle()
        shown = sorted((one.sender, one.receiver, one.name) for one in driver.exchanges())
        driver.close()
        return shown

    assert names() == names()


def test_nonsense_in_a_session_is_refused_by_status(driver):
    driver.send_nonsense(Interface.SERVER_FROM_REGISTER)
    driver.settle()
    assert driver.refused_nonsense(Interface.SERVER_FROM_REGISTER)


def test_sense_in_a_session_is_not_taken_for_nonsense(driver):
    driver.request_change(SECOND, Means.MENU, USER)
    driver.settle()
    assert not driver.refused_nonsense(Interface.SERVER_FROM_REGISTER)
