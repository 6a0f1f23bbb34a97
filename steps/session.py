"""Sentences of S2: the secured session with a home register, and what it provides."""

from steps.driver import Driver, Network, User
from steps.registry import then


@then("the application server had a session with the home register of {network:Network}")
def had_session(driver: Driver, network: Network) -> None:
    assert network in driver.sessions()


@then("the application server had no session with the home register of {network:Network}")
def had_no_session(driver: Driver, network: Network) -> None:
    assert network not in driver.sessions()


@then("the home register of {network:Network} has provided {count:Number} identity")
@then("the home register of {network:Network} has provided {count:Number} identities")
def register_provided(driver: Driver, network: Network, count: int) -> None:
    assert driver.provided_identities(network) == count


@then("the home register of {network:Network} holds no identity for an open change")
def register_holds_none(driver: Driver, network: Network) -> None:
    assert driver.reserved_identities(network) == 0


@then("the home register of {network:Network} knows {card:Card}")
def register_knows(driver: Driver, network: Network, card: User) -> None:
    assert driver.register_knows(network, card)


@then("the home register of {network:Network} does not know {card:Card}")
def register_does_not_know(driver: Driver, network: Network, card: User) -> None:
    assert not driver.register_knows(network, card)
