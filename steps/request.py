"""Sentences of S1: asking for another operator."""

from steps.driver import Driver, Means, Network, Standing, User
from steps.registry import given, then, when


@given("{device:Device} has requested a change to {network:Network}")
@when("{device:Device} requests a change to {network:Network}")
def device_requests_change(driver: Driver, device: User, network: Network) -> None:
    driver.request_change(network, Means.MENU, device)
    driver.settle()


@when("the user selects {network:Network} in the menu")
def user_selects_in_menu(driver: Driver, network: Network) -> None:
    driver.request_change(network, Means.MENU, User.THE_USER)
    driver.settle()


@when("the user types the command code of {network:Network}")
def user_types_command_code(driver: Driver, network: Network) -> None:
    driver.request_change(network, Means.COMMAND_CODE, User.THE_USER)
    driver.settle()


@when("the user types a command code that is in no document")
def user_types_unknown_code(driver: Driver) -> None:
    driver.request_change(Network.SECOND, Means.UNKNOWN_CODE, User.THE_USER)
    driver.settle()


@when("the user agrees with the customer centre of {network:Network} to change")
def user_agrees_with_centre(driver: Driver, network: Network) -> None:
    driver.ask_customer_centre(network, User.THE_USER, agrees=True)
    driver.settle()


@when("the user does not agree with the customer centre of {network:Network} to change")
def user_does_not_agree(driver: Driver, network: Network) -> None:
    driver.ask_customer_centre(network, User.THE_USER, agrees=False)
    driver.settle()


@when("the user asks on the web site of {network:Network} to change")
def user_asks_web_site(driver: Driver, network: Network) -> None:
    driver.ask_web_site(network, User.THE_USER, reads_code=True)
    driver.settle()


@when("somebody who knows only the number of the card asks on the web site of {network:Network}")
def stranger_asks_web_site(driver: Driver, network: Network) -> None:
    driver.ask_web_site(network, User.THE_USER, reads_code=False)
    driver.settle()


@then("the application server has taken a request for {network:Network}")
def request_is_taken(driver: Driver, network: Network) -> None:
    assert driver.requested_network(User.THE_USER) == network


@then("the application server has taken no request")
def no_request_is_taken(driver: Driver) -> None:
    assert driver.requested_network(User.THE_USER) is None


@then("the application server has refused the request")
def request_is_refused(driver: Driver) -> None:
    assert driver.standing(User.THE_USER) == Standing.REFUSED


@then("the request was carried by the short message centre of {network:Network}")
def centre_carried_request(driver: Driver, network: Network) -> None:
    assert driver.carried_request(network)


@then("the request was not carried by the short message centre of {network:Network}")
def centre_did_not_carry_request(driver: Driver, network: Network) -> None:
    assert not driver.carried_request(network)


@given(
    "{device:Device} has changed to {one:Network} and back to {other:Network} {times:Number} times"
)
def device_has_changed_often(
    driver: Driver, device: User, one: Network, other: Network, times: int
) -> None:
    driver.change_again_and_again(device, [one, other], times)


@when("the device requests a change to {one:Network} and, at once, one to {other:Network}")
def device_requests_two_changes(driver: Driver, one: Network, other: Network) -> None:
    driver.request_change(one, Means.MENU, User.THE_USER)
    driver.request_change(other, Means.MENU, User.THE_USER)
    driver.settle()


@when("both devices request a change to {network:Network} at once")
def both_devices_request(driver: Driver, network: Network) -> None:
    driver.request_change(network, Means.MENU, User.THE_USER)
    driver.request_change(network, Means.MENU, User.ANOTHER)
    driver.settle()


@then("the application server has refused {count:Number} request for {card:Card}")
@then("the application server has refused {count:Number} requests for {card:Card}")
def requests_were_refused(driver: Driver, count: int, card: User) -> None:
    assert driver.refused_requests(card) == count


@given("the device has requested {times:Number} changes to {network:Network} in vain")
def device_has_requested_often(driver: Driver, times: int, network: Network) -> None:
    driver.change_again_and_again(User.THE_USER, [network], times)
