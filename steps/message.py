"""Sentences of S3: the acknowledgement of the first operator and the personalization message."""

from steps.driver import Driver, Interface, Network, User
from steps.registry import then


@then("{count:Number} personalization message has left for {card:Card}")
def messages_have_left(driver: Driver, count: int, card: User) -> None:
    assert driver.messages_sent(card) == count


@then("no personalization message has left for {card:Card}")
def no_message_has_left(driver: Driver, card: User) -> None:
    assert driver.messages_sent(card) == 0


@then("{count:Number} parts have reached {card:Card}")
def parts_have_reached(driver: Driver, count: int, card: User) -> None:
    assert driver.parts_delivered(card) == count


@then("no key and no admin code was overheard")
def nothing_overheard(driver: Driver) -> None:
    assert not driver.overheard_secrets()


@then("the operator of {network:Network} was asked for acknowledgement")
def operator_was_asked(driver: Driver, network: Network) -> None:
    assert driver.was_asked(network, User.THE_USER)


@then("the operator of {network:Network} was not asked for acknowledgement")
def operator_was_not_asked(driver: Driver, network: Network) -> None:
    assert not driver.was_asked(network, User.THE_USER)


@then("the message was carried by the short message centre of {network:Network}")
def centre_carried_message(driver: Driver, network: Network) -> None:
    assert driver.carried_message(network)


@then("the message was not carried by the short message centre of {network:Network}")
def centre_did_not_carry_message(driver: Driver, network: Network) -> None:
    assert not driver.carried_message(network)


@then("the personalization message was sent again")
def message_was_resent(driver: Driver) -> None:
    assert driver.was_resent(User.THE_USER)


@then("the personalization message was not sent again")
def message_was_not_resent(driver: Driver) -> None:
    assert not driver.was_resent(User.THE_USER)


@then("no key and no admin code was shown in evidence, records or errors")
def nothing_shown(driver: Driver) -> None:
    assert not driver.shows_secrets()


@then("{interface:Interface} has answered with the error that is defined there")
def nonsense_was_refused(driver: Driver, interface: Interface) -> None:
    assert driver.refused_nonsense(interface)
