"""Sentences of the device: what it is, its power, and what passes between it and its card."""

from steps.driver import Answer, Driver, Network, User
from steps.registry import given, then


@given("the device of the user is a machine without a screen")
def device_is_machine(driver: Driver) -> None:
    driver.use_machine(User.THE_USER)


@given("cards ask their user before they change")
def cards_ask(driver: Driver) -> None:
    driver.let_card_ask()


@given("the user answers {answer:Answer} when asked")
def user_answers(driver: Driver, answer: Answer) -> None:
    driver.answer(User.THE_USER, answer)


@given("{device:Device} is switched off")
def device_is_off(driver: Driver, device: User) -> None:
    driver.switch_off(device)
    driver.settle()


@given("{device:Device} is switched on again")
def device_is_on(driver: Driver, device: User) -> None:
    driver.switch_on(device)
    driver.settle()


@given("{device:Device} was switched off and on again")
def device_was_restarted(driver: Driver, device: User) -> None:
    driver.switch_off(device)
    driver.switch_on(device)
    driver.settle()


@given("{device:Device} was switched off and on again {times:d} times")
def device_was_restarted_often(driver: Driver, device: User, times: int) -> None:
    for _ in range(times):
        device_was_restarted(driver, device)


@then("the user was asked whether to become a subscriber of {network:Network}")
def user_was_asked(driver: Driver, network: Network) -> None:
    assert driver.question(User.THE_USER) == network


@then("the user was asked nothing")
def user_was_not_asked(driver: Driver) -> None:
    assert driver.question(User.THE_USER) is None


@then("the device passed on, unchanged, every short message of its card and for its card")
def device_relayed(driver: Driver) -> None:
    assert driver.relays_faithfully(User.THE_USER)


@then("an ordinary short message reaches the user")
def user_is_reachable(driver: Driver) -> None:
    assert driver.is_reachable(User.THE_USER)


@then("no ordinary short message reaches the user")
def user_is_not_reachable(driver: Driver) -> None:
    assert not driver.is_reachable(User.THE_USER)


@given("{device:Device} is where only {network:Network} can be heard")
def device_travels(driver: Driver, device: User, network: Network) -> None:
    driver.travel(device, network)
    driver.settle()


@given("cards come without their personalization application")
def cards_lack_application(driver: Driver) -> None:
    driver.omit_application()


@given("the operator had the application installed in {card:Card} over the air")
def application_is_installed(driver: Driver, card: User) -> None:
    driver.install_application(card)
    driver.settle()
