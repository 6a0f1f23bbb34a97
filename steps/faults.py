"""Sentences of what goes wrong, or is done wrong."""

from steps.driver import Ban, Driver, Interface, Message, Network, Party, User
from steps.registry import given, when

EVERY = 1000
"""More messages than any change has."""


@given("the application server holds another card's admin code for {card:Card}")
def server_holds_wrong_code(driver: Driver, card: User) -> None:
    driver.exchange_admin_code(card)


@given("the application server holds the admin code of {card:Card} again")
def server_holds_right_code(driver: Driver, card: User) -> None:
    driver.restore_admin_code(card)


@given("the manufacturer has not told the application server of {card:Card} yet")
@given("{card:Card} is not in the database of the application server")
def card_is_unknown(driver: Driver, card: User) -> None:
    driver.forget_card(card)


@given("requests of devices lack the identifier of the card")
def requests_lack_identifier(driver: Driver) -> None:
    driver.omit_card_identifier()


@given("the home register of {network:Network} has no free identity")
def register_is_exhausted(driver: Driver, network: Network) -> None:
    driver.exhaust_identities(network)


@given("the home register of {network:Network} has lost how often it challenged its cards")
def register_forgot_sequence(driver: Driver, network: Network) -> None:
    driver.forget_sequence(network)


@given("the home register of {network:Network} provides identities of another network")
def register_garbles(driver: Driver, network: Network) -> None:
    driver.garble_identities(network)


@given("the home register of {network:Network} has free identities again")
def register_is_replenished(driver: Driver, network: Network) -> None:
    driver.replenish_identities(network)


@given("the home register of {network:Network} does not say for which card an identity is")
def notice_lacks_card(driver: Driver, network: Network) -> None:
    driver.omit_card_in_notice(network)


@given("the home register of {network:Network} provides identities for another card")
def notice_names_another_card(driver: Driver, network: Network) -> None:
    driver.mistake_card_in_notice(network)


@given("all that passes between application server and {network:Network} is altered on its way")
def session_is_altered(driver: Driver, network: Network) -> None:
    driver.alter_session(network)


@given("{network:Network} rejects every attach for good")
def network_rejects(driver: Driver, network: Network) -> None:
    driver.refuse_attach(network)


@given("{network:Network} accepts its subscribers again")
def network_accepts(driver: Driver, network: Network) -> None:
    driver.allow_attach(network)


@given("{network:Network} tells devices that it does not let in {ban:Ban}")
def network_bans_strangers(driver: Driver, network: Network, ban: Ban) -> None:
    driver.ban_strangers(network, ban)


@given("the home register of {network:Network} gives out keys other than those that it stores")
def register_mistakes_keys(driver: Driver, network: Network) -> None:
    driver.mistake_keys(network)


@given("the application server has mixed up the admin codes of the two cards")
def server_mixes_codes_up(driver: Driver) -> None:
    driver.swap_admin_codes()


@given("an impostor in the place of the network entity of {network:Network}")
@given("an impostor in the place of the home register of {network:Network}")
def impostor_answers(driver: Driver, network: Network) -> None:
    driver.impersonate_register(network)


@given("the operator of {network:Network} refuses acknowledgement")
def operator_refuses(driver: Driver, network: Network) -> None:
    driver.refuse_acknowledgement(network)


@given("the operator of {network:Network} grants acknowledgement again")
def operator_grants(driver: Driver, network: Network) -> None:
    driver.grant_acknowledgement(network)


@given("the operator of {network:Network} never answers a question for acknowledgement")
def operator_is_silent(driver: Driver, network: Network) -> None:
    driver.silence_acknowledgement(network)


@given("part {part_number:Number} of every personalization message is lost")
def part_is_lost(driver: Driver, part_number: int) -> None:
    driver.lose_part(part_number)


@given("no part is lost any more")
def no_part_is_lost(driver: Driver) -> None:
    driver.lose_no_part()


@given("the parts arrive in the opposite order")
def parts_arrive_reversed(driver: Driver) -> None:
    driver.reverse_parts()


@given("every part arrives twice")
def parts_arrive_twice(driver: Driver) -> None:
    driver.repeat_parts()


@given("every personalization message is altered on its way")
def message_is_altered(driver: Driver) -> None:
    driver.alter_message()


@given("the application server enciphers with another card's key")
def server_uses_wrong_key(driver: Driver) -> None:
    driver.encipher_with_another_key(User.THE_USER)


@given("somebody without the keys of {card:Card} has sent it a personalization message")
@when("somebody without the keys of {card:Card} sends it a personalization message")
def message_is_forged(driver: Driver, card: User) -> None:
    driver.forge_message(card)
    driver.settle()


@given("the next {message:Message} is lost")
def next_message_is_lost(driver: Driver, message: Message) -> None:
    driver.lose(message, 1)


@given("the {message:Message} is lost {times:Number} times")
def message_is_lost(driver: Driver, message: Message, times: int) -> None:
    driver.lose(message, times)


@given("every {message:Message} is lost")
def every_message_is_lost(driver: Driver, message: Message) -> None:
    driver.lose(message, EVERY)


@given("every {message:Message} comes late")
def every_message_is_late(driver: Driver, message: Message) -> None:
    driver.delay(message)


@given("reports of cards leave only once the device is attached to {network:Network}")
def reports_wait(driver: Driver, network: Network) -> None:
    driver.hold_reports(network)


@given("every {message:Message} so far has arrived again")
@when("every {message:Message} so far arrives again")
def message_arrives_again(driver: Driver, message: Message) -> None:
    driver.replay(message)
    driver.settle()


@given("the card loses power for a moment after {share:Number} hundredths of its replacement")
def card_loses_power(driver: Driver, share: int) -> None:
    driver.cut_power(User.THE_USER, share, comes_back=True)


@given("the card loses power for long after {share:Number} hundredths of its replacement")
def card_loses_power_for_long(driver: Driver, share: int) -> None:
    driver.cut_power(User.THE_USER, share, comes_back=False)


@given("{party:Party} dies at its {decision:Number}. decision, before it is recorded")
def party_dies_before(driver: Driver, party: Party, decision: int) -> None:
    driver.crash(party, decision, kept=False)


@given("{party:Party} dies at its {decision:Number}. decision, after it is recorded")
def party_dies_after(driver: Driver, party: Party, decision: int) -> None:
    driver.crash(party, decision, kept=True)


@given("something without meaning has arrived at {interface:Interface}")
@when("something without meaning arrives at {interface:Interface}")
def nonsense_arrives(driver: Driver, interface: Interface) -> None:
    driver.send_nonsense(interface)
    driver.settle()


@given("requests of the device of the other user name the card of the user")
def requests_name_another_card(driver: Driver) -> None:
    driver.impersonate_card(User.ANOTHER, User.THE_USER)


@when("the customer centre of {network:Network} asks for a change to {target:Network}")
def centre_overreaches(driver: Driver, network: Network, target: Network) -> None:
    driver.overreach(network, target, User.THE_USER)
    driver.settle()
