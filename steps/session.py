"""Sentences of S2: the secured session with a home register, and what it provides."""

from steps.driver import Driver, Network, User
from steps.registry import then


@then("the application server had a session with the home register of {network:Network}")
def had_session(driver: Driver, network: Network) -> None:
    assert network in driver.sessions()


@then("the application server had no session with the home register of {network:Network}")
def had_no_session(driver: Driver, network: Network) -> None:
    assert network not in driver.sessions()


@then("a network entity has asked the home register of {network:Network} for an identity")
def entity_has_asked(driver: Driver, network: Network) -> None:
    assert driver.interrogated_by_entity(network)


@then("no network entity has asked the home register of {network:Network} for an identity")
def no_entity_has_asked(driver: Driver, network: Network) -> None:
    assert not driver.interrogated_by_entity(network)


@then("the home register of {network:Network} has provided {count:Number} identity")
@then("the home register of {network:Network} has provided {count:Number} identities")
def register_provided(driver: Driver, network: Network, count: int) -> None:
    assert driver.provided_identities(network) == count


@then("the home register of {network:Network} holds no identity for an open change")
def register_holds_none(driver: Driver, network: Network) -> None:
    assert driver.reserved_identities(network) == 0


@then("no two cards were attached with one identity")
def no_shared_identity(driver: Driver) -> None:
    assert not driver.shares_identity()


@then("the home register of {network:Network} locates {device:Device} in {place:Network}")
def register_locates(driver: Driver, network: Network, device: User, place: Network) -> None:
    assert driver.locates(network, device) == place


@then("the home register of {network:Network} locates {device:Device} nowhere")
def register_locates_nowhere(driver: Driver, network: Network, device: User) -> None:
    assert driver.locates(network, device) is None


@then("the home register of {network:Network} knows {card:Card}")
def register_knows(driver: Driver, network: Network, card: User) -> None:
    assert driver.register_knows(network, card)


@then("the home register of {network:Network} does not know {card:Card}")
def register_does_not_know(driver: Driver, network: Network, card: User) -> None:
    assert not driver.register_knows(network, card)
