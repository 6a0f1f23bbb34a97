"""Sentences of S0: agreements, subscriptions and the options they fix."""

from steps.driver import Driver, Network, User
from steps.registry import given


@given(
    "the application server has agreements with the operators of the first and the second network"
)
def agreements_with_both(driver: Driver) -> None:
    driver.agree(Network.FIRST)
    driver.agree(Network.SECOND)


@given("the application server has an agreement with the operator of {network:Network}")
def agreement_with(driver: Driver, network: Network) -> None:
    driver.agree(network)


@given("{user:User} who subscribes to {network:Network}")
def user_subscribes(driver: Driver, user: User, network: Network) -> None:
    driver.subscribe(network, user)


@given("the application server asks for acknowledgement before a subscriber leaves")
def server_asks_for_acknowledgement(driver: Driver) -> None:
    driver.ask_for_acknowledgement()


@given("personalization messages take {parts:Number} parts")
def messages_take_parts(driver: Driver, parts: int) -> None:
    driver.send_in_parts(parts)


@given("admin codes are used as keys")
def admin_codes_are_keys(driver: Driver) -> None:
    driver.use_admin_code_as_key()
