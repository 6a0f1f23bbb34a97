"""Sentences of S5: which network authenticates the card."""

from steps.driver import Driver, Generation, Network, User
from steps.registry import then


@then("{card:Card} authenticates in {network:Network}")
def card_authenticates(driver: Driver, card: User, network: Network) -> None:
    assert driver.authenticates_in(network, card)


@then("{card:Card} does not authenticate in {network:Network}")
def card_does_not_authenticate(driver: Driver, card: User, network: Network) -> None:
    assert not driver.authenticates_in(network, card)


@then("{network:Network} has authenticated {card:Card} as {generation:Generation} does")
def network_authenticated_as(
    driver: Driver, network: Network, card: User, generation: Generation
) -> None:
    assert driver.authenticated_as(network, card) == generation


@then("the operator of {network:Network} was told that the user left")
def operator_was_informed(driver: Driver, network: Network) -> None:
    assert driver.was_informed(network, User.THE_USER)


@then("the operator of {network:Network} was not told that the user left")
def operator_was_not_informed(driver: Driver, network: Network) -> None:
    assert not driver.was_informed(network, User.THE_USER)


@then("{device:Device} is attached to {network:Network}")
def device_is_attached(driver: Driver, device: User, network: Network) -> None:
    assert driver.attached_to(device) == network


@then("{device:Device} is attached to no network")
def device_is_not_attached(driver: Driver, device: User) -> None:
    assert driver.attached_to(device) is None


@then("the operator of {network:Network} has confirmed that the card attached")
def operator_confirmed(driver: Driver, network: Network) -> None:
    assert driver.has_confirmed(network, User.THE_USER)


@then("the operator of {network:Network} has not confirmed that the card attached")
def operator_did_not_confirm(driver: Driver, network: Network) -> None:
    assert not driver.has_confirmed(network, User.THE_USER)


@then("all parties agree that {card:Card} is of {network:Network}")
def all_parties_agree(driver: Driver, card: User, network: Network) -> None:
    assert driver.agreed_network(card) == network
