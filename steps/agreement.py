"""Sentences of S0: agreements, subscriptions and the options they fix."""

from steps.driver import Driver, Generation, Network, Party, User
from steps.registry import given


@given(
    "the application server has agreements with the operators of the first and the second network"
)
def agreements_with_both(driver: Driver) -> None:
    driver.agree(Network.FIRST)
    driver.agree(Network.SECOND)


@given("{network:Network} is of {generation:Generation}")
def network_is_of_generation(driver: Driver, network: Network, generation: Generation) -> None:
    driver.use_generation(network, generation)


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


@given("personalization messages are scripts of commands on files")
def messages_are_scripts(driver: Driver) -> None:
    driver.send_scripts()


@given("admin codes are used as keys")
def admin_codes_are_keys(driver: Driver) -> None:
    driver.use_admin_code_as_key()


@given("a network entity in front of the home register of {network:Network}")
def entity_in_front_of_register(driver: Driver, network: Network) -> None:
    driver.interpose_entity(network)


@given("the program of {party:Party} does not run")
def program_does_not_run(driver: Driver, party: Party) -> None:
    driver.stop(party)


@given("the program of {party:Party} runs again")
def program_runs_again(driver: Driver, party: Party) -> None:
    driver.start(party)


@given("the application server is managed by the operator of {network:Network}")
def operator_manages_server(driver: Driver, network: Network) -> None:
    driver.let_manage(network)


@given("the manufacturer has told the application server of {card:Card}")
def manufacturer_has_told(driver: Driver, card: User) -> None:
    driver.announce_card(card)


@given("subscribers of {home:Network} may roam in {visited:Network}")
def roaming_is_permitted(driver: Driver, home: Network, visited: Network) -> None:
    driver.permit_roaming(home, visited)
