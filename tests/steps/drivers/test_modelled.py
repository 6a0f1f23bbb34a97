import subprocess
import sys
from collections.abc import Callable

import pytest

from steps.driver import (
    CardReport,
    DriverError,
    Means,
    Network,
    Setup,
    Standing,
    UnsupportedError,
    User,
)
from steps.drivers.modelled import ModelledDriver, factory

FIRST, SECOND, THIRD = Network
USER, ANOTHER = User.THE_USER, User.ANOTHER


def modelled(**options: str) -> ModelledDriver:
    driver = ModelledDriver(Setup(options=options))
    driver.agree(FIRST)
    driver.agree(SECOND)
    driver.subscribe(FIRST, USER)
    return driver


def change(driver: ModelledDriver, network: Network = SECOND, user: User = USER) -> None:
    driver.request_change(network, Means.MENU, user)
    driver.settle()


@pytest.mark.parametrize("variant", ["hardened", "literal"])
def test_a_change_moves_the_user(variant: str) -> None:
    driver = modelled(variant=variant)
    change(driver)
    assert driver.authenticates_in(SECOND, USER)
    assert not driver.authenticates_in(FIRST, USER)
    assert driver.standing(USER) is Standing.CHANGED
    assert driver.register_knows(SECOND, USER)
    assert not driver.register_knows(FIRST, USER)
    assert driver.was_informed(FIRST, USER)
    assert driver.card_report(USER) is CardReport.DONE
    assert driver.sessions() == {FIRST, SECOND}
    assert driver.requested_network(USER) == SECOND
    assert driver.messages_sent(USER) == 1
    assert driver.provided_identities(SECOND) == 1
    assert driver.reserved_identities(SECOND) == 0


def test_before_the_change_nothing_is_seen() -> None:
    driver = modelled()
    assert driver.authenticates_in(FIRST, USER)
    assert not driver.authenticates_in(SECOND, USER)
    assert driver.standing(USER) is Standing.NEVER_ASKED
    assert driver.card_report(USER) is CardReport.NONE
    assert driver.sessions() == frozenset()
    assert driver.requested_network(USER) is None
    assert not driver.carried_request(FIRST)
    assert driver.exchanges() == ()


def test_a_user_goes_there_and_back_hundreds_of_times() -> None:
    driver = modelled()
    for _ in range(100):
        change(driver, SECOND)
        assert driver.authenticates_in(SECOND, USER)
        change(driver, FIRST)
        assert driver.authenticates_in(FIRST, USER)
    assert driver.provided_identities(FIRST) == 100


def test_a_user_goes_round_three_networks() -> None:
    driver = modelled()
    driver.agree(THIRD)
    for network in (SECOND, THIRD, FIRST):
        change(driver, network)
        assert [one for one in Network if driver.authenticates_in(one, USER)] == [network]


def test_two_users_do_not_touch_each_other() -> None:
    driver = modelled()
    driver.subscribe(FIRST, ANOTHER)
    driver.exchange_admin_code(USER)
    driver.request_change(SECOND, Means.MENU, USER)
    driver.request_change(SECOND, Means.MENU, ANOTHER)
    driver.settle()
    assert driver.standing(USER) is Standing.UNCHANGED
    assert driver.standing(ANOTHER) is Standing.CHANGED


def test_a_request_returns_at_once() -> None:
    driver = modelled()
    driver.request_change(SECOND, Means.COMMAND_CODE, USER)
    assert driver.requested_network(USER) is None
    driver.settle()
    assert driver.requested_network(USER) == SECOND


def test_an_unknown_command_code_requests_nothing() -> None:
    driver = modelled()
    driver.request_change(SECOND, Means.UNKNOWN_CODE, USER)
    driver.settle()
    assert driver.standing(USER) is Standing.NEVER_ASKED
    assert driver.trace == ()


Fault = Callable[[ModelledDriver], None]


@pytest.mark.parametrize(
    ("fault", "standing", "sent"),
    [
        (lambda driver: driver.exchange_admin_code(USER), Standing.UNCHANGED, 1),
        (lambda driver: driver.encipher_with_another_key(USER), Standing.UNCHANGED, 1),
        (lambda driver: driver.alter_message(), Standing.UNCHANGED, 1),
        (lambda driver: driver.lose_part(1), Standing.UNCHANGED, 1),
        (lambda driver: driver.exhaust_identities(SECOND), Standing.UNCHANGED, 0),
        (lambda driver: driver.garble_identities(SECOND), Standing.UNCHANGED, 0),
        (lambda driver: driver.impersonate_register(SECOND), Standing.UNCHANGED, 0),
        (lambda driver: driver.forget_card(USER), Standing.REFUSED, 0),
        (lambda driver: driver.omit_card_identifier(), Standing.NEVER_ASKED, 0),
    ],
)
def test_what_goes_wrong_changes_nothing(fault: Fault, standing: Standing, sent: int) -> None:
    driver = modelled()
    fault(driver)
    change(driver)
    assert driver.standing(USER) is standing
    assert driver.messages_sent(USER) == sent
    assert driver.authenticates_in(FIRST, USER)
    assert not driver.authenticates_in(SECOND, USER)
    assert driver.reserved_identities(SECOND) == 0
    assert not driver.was_informed(FIRST, USER)


def test_what_goes_wrong_in_another_network_does_not_matter() -> None:
    driver = modelled()
    driver.exhaust_identities(THIRD)
    driver.garble_identities(THIRD)
    driver.impersonate_register(THIRD)
    driver.exchange_admin_code(ANOTHER)
    change(driver)
    assert driver.standing(USER) is Standing.CHANGED


def test_only_a_wrong_admin_code_is_reported_as_one() -> None:
    driver = modelled()
    driver.exchange_admin_code(USER)
    change(driver)
    assert driver.card_report(USER) is CardReport.WRONG_ADMIN_CODE
    driver.restore_admin_code(USER)
    change(driver)
    assert driver.card_report(USER) is CardReport.DONE


def test_an_admin_code_that_is_a_key_cannot_be_reported_as_wrong() -> None:
    driver = modelled()
    driver.use_admin_code_as_key()
    driver.exchange_admin_code(USER)
    change(driver)
    assert driver.card_report(USER) is CardReport.NONE
    assert driver.standing(USER) is Standing.UNCHANGED


@pytest.mark.parametrize("missing", [1, 2, 3])
def test_without_one_part_of_three_nothing_happens(missing: int) -> None:
    driver = modelled()
    driver.send_in_parts(3)
    driver.lose_part(missing)
    change(driver)
    assert driver.standing(USER) is Standing.UNCHANGED
    driver.lose_no_part()
    change(driver)
    assert driver.standing(USER) is Standing.CHANGED


@pytest.mark.parametrize(("parts", "repeats", "delivered"), [(1, 1, 1), (3, 1, 3), (3, 2, 6)])
def test_parts_are_counted(parts: int, repeats: int, delivered: int) -> None:
    driver = modelled()
    driver.send_in_parts(parts)
    driver.reverse_parts()
    if repeats == 2:
        driver.repeat_parts()
    change(driver)
    assert driver.parts_delivered(USER) == delivered
    assert driver.authenticates_in(SECOND, USER)


def test_a_part_that_the_message_does_not_have_is_not_lost() -> None:
    driver = modelled()
    driver.lose_part(2)
    change(driver)
    assert driver.standing(USER) is Standing.CHANGED


@pytest.mark.parametrize("answer", ["refuse_acknowledgement", "silence_acknowledgement"])
def test_without_acknowledgement_nothing_is_sent(answer: str) -> None:
    driver = modelled()
    driver.ask_for_acknowledgement()
    getattr(driver, answer)(FIRST)
    change(driver)
    assert driver.was_asked(FIRST, USER)
    assert driver.messages_sent(USER) == 0
    assert driver.standing(USER) is Standing.UNCHANGED
    driver.grant_acknowledgement(FIRST)
    change(driver)
    assert driver.standing(USER) is Standing.CHANGED


def test_the_customer_centre_asks_for_a_user_who_agrees() -> None:
    driver = modelled()
    driver.ask_customer_centre(SECOND, USER, agrees=False)
    driver.settle()
    assert driver.standing(USER) is Standing.NEVER_ASKED
    driver.ask_customer_centre(SECOND, USER, agrees=True)
    driver.settle()
    assert driver.standing(USER) is Standing.CHANGED
    assert not driver.carried_request(FIRST)


def test_a_centre_without_agreement_is_not_heard() -> None:
    driver = modelled()
    driver.ask_customer_centre(THIRD, USER, agrees=True)
    driver.settle()
    assert driver.requested_network(USER) is None
    assert driver.standing(USER) is Standing.NEVER_ASKED


@pytest.mark.parametrize("network", [FIRST, THIRD])
def test_a_request_for_the_own_network_or_one_without_agreement_is_refused(
    network: Network,
) -> None:
    driver = modelled()
    change(driver, network)
    assert driver.standing(USER) is Standing.REFUSED
    assert driver.authenticates_in(FIRST, USER)


def test_a_refused_request_does_not_undo_the_change_before_it() -> None:
    driver = modelled()
    change(driver)
    driver.omit_card_identifier()
    change(driver, FIRST)
    assert driver.standing(USER) is Standing.CHANGED
    assert driver.authenticates_in(SECOND, USER)


def test_the_centre_that_carries_a_request_is_that_of_the_network_that_is_left() -> None:
    driver = modelled()
    change(driver)
    assert driver.carried_request(FIRST)
    change(driver, FIRST)
    assert driver.carried_request(SECOND)
    assert not driver.carried_request(FIRST)


def test_exchanges_are_numbered_and_name_the_networks() -> None:
    driver = modelled()
    change(driver)
    exchanges = driver.exchanges()
    assert [one.number for one in exchanges] == list(range(1, len(exchanges) + 1))
    (notice,) = (one for one in exchanges if one.name == "MesN")
    assert notice.sender == "home register of the second network"
    assert notice.fields == {"user": "the user", "event": "provide_identity"}
    assert all(one.delivered and not one.octets for one in exchanges)


def test_a_lost_message_is_shown_as_lost() -> None:
    driver = modelled()
    driver.lose_part(1)
    change(driver)
    lost = [one.name for one in driver.exchanges() if not one.delivered]
    assert set(lost) == {"MesP"}


def test_nothing_secret_is_overheard() -> None:
    driver = modelled()
    change(driver)
    assert not driver.overheard_secrets()


def test_the_trail_covers_every_party_of_a_change() -> None:
    driver = modelled()
    change(driver)
    moved = {move.component for move in driver.trail}
    assert {"method", "application_server", "card", "device", "home_left", "message"} <= moved
    assert driver.trace[0] == "request_change"


def test_a_user_who_never_subscribed_is_an_error() -> None:
    with pytest.raises(DriverError, match="another user does not subscribe"):
        modelled().standing(ANOTHER)


def test_a_variant_that_the_model_does_not_have_is_unsupported() -> None:
    with pytest.raises(UnsupportedError, match="variant 'softened'"):
        factory(Setup(options={"variant": "softened"}))


def test_the_model_runs_without_the_implementation() -> None:
    script = "import sys, steps.drivers.modelled; sys.exit('impl' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_records_are_the_states_of_what_each_party_holds() -> None:
    driver = factory(Setup())
    for network in Network:
        driver.agree(network)
    driver.subscribe(Network.FIRST, User.THE_USER)
    before = driver.records()
    driver.request_change(Network.SECOND, Means.MENU, User.THE_USER)
    driver.settle()
    after = driver.records()
    changed = {place for place in before if before[place] != after[place]}
    assert "card of the user" in changed
    assert after["home register of the first network, of the user"].startswith("nothing")
    assert before.keys() == after.keys()
