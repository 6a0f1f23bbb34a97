"""What goes wrong in the model, and what an outsider sees of it."""

import pytest

from steps.driver import (
    Answer,
    CardReport,
    Means,
    Message,
    Network,
    Party,
    Setup,
    Standing,
    UnsupportedError,
    User,
)
from steps.drivers.modelled import ModelledDriver

FIRST, SECOND, THIRD = Network
USER, ANOTHER = User.THE_USER, User.ANOTHER


def modelled() -> ModelledDriver:
    driver = ModelledDriver(Setup())
    driver.agree(FIRST)
    driver.agree(SECOND)
    driver.subscribe(FIRST, USER)
    return driver


def change(driver: ModelledDriver, network: Network = SECOND, user: User = USER) -> None:
    driver.request_change(network, Means.MENU, user)
    driver.settle()


def test_the_agreement_of_the_operator_that_is_left_is_needed_as_well() -> None:
    driver = ModelledDriver(Setup())
    driver.agree(SECOND)
    driver.subscribe(FIRST, USER)
    change(driver)
    assert driver.standing(USER) is Standing.REFUSED
    assert driver.refused_requests(USER) == 1


@pytest.mark.parametrize("answer", Answer)
def test_a_card_that_asks_changes_only_if_the_user_says_yes(answer: Answer) -> None:
    driver = modelled()
    driver.let_card_ask()
    driver.answer(USER, answer)
    change(driver)
    changed = answer is Answer.YES
    assert driver.question(USER) == SECOND
    assert driver.card_report(USER) is (CardReport.DONE if changed else CardReport.REFUSED)
    assert driver.agreed_network(USER) == (SECOND if changed else FIRST)
    assert driver.reserved_identities(SECOND) == 0


def test_nobody_asks_a_machine() -> None:
    driver = modelled()
    driver.let_card_ask()
    driver.use_machine(USER)
    change(driver)
    assert driver.question(USER) is None
    assert driver.agreed_network(USER) == FIRST


@pytest.mark.parametrize(
    ("message", "was_resent"),
    [
        (Message.NOTICE, False),
        (Message.PERSONALIZATION, True),
        (Message.REPORT, False),
        (Message.CONFIRMATION, False),
        (Message.LEAVING, False),
        (Message.RELEASE, False),
    ],
)
def test_one_message_that_is_lost_does_not_matter(message: Message, *, was_resent: bool) -> None:
    driver = modelled()
    driver.lose(message, 1)
    change(driver)
    assert driver.agreed_network(USER) == SECOND
    assert driver.was_resent(USER) == was_resent
    assert driver.provided_identities(SECOND) == 1


@pytest.mark.parametrize("message", [Message.REQUEST, Message.NOTICE, Message.PERSONALIZATION])
def test_messages_that_are_always_lost_change_nothing(message: Message) -> None:
    driver = modelled()
    driver.lose(message, 1000)
    change(driver)
    assert driver.agreed_network(USER) == FIRST
    assert driver.reserved_identities(SECOND) == 0


def test_a_message_that_comes_after_it_was_given_up_is_undone() -> None:
    driver = modelled()
    driver.delay(Message.PERSONALIZATION)
    change(driver)
    assert "replace_identity" in driver.trace
    assert driver.agreed_network(USER) == FIRST


def test_only_personalization_messages_are_late() -> None:
    with pytest.raises(UnsupportedError):
        modelled().delay(Message.REPORT)


@pytest.mark.parametrize("message", Message)
def test_what_is_said_again_after_a_change_changes_nothing(message: Message) -> None:
    driver = modelled()
    change(driver)
    driver.replay(message)
    driver.settle()
    assert driver.agreed_network(USER) == SECOND
    assert driver.standing(USER) is Standing.CHANGED


def test_power_that_is_lost_for_a_moment_costs_one_message() -> None:
    driver = modelled()
    driver.cut_power(USER, 50, comes_back=True)
    change(driver)
    assert driver.trace.count("cut_power") == 1
    assert driver.was_resent(USER)
    assert driver.agreed_network(USER) == SECOND


@pytest.mark.parametrize(("share", "comes_back"), [(100, True), (-1, True), (50, False)])
def test_other_losses_of_power_the_model_does_not_know(share: int, *, comes_back: bool) -> None:
    with pytest.raises(UnsupportedError):
        modelled().cut_power(USER, share, comes_back=comes_back)


def test_a_network_that_rejects_sends_the_subscriber_back() -> None:
    driver = modelled()
    driver.refuse_attach(SECOND)
    change(driver)
    assert driver.agreed_network(USER) == driver.attached_to(USER) == FIRST
    assert not driver.has_confirmed(SECOND, USER)
    driver.allow_attach(SECOND)
    change(driver)
    assert driver.agreed_network(USER) == SECOND
    assert driver.has_confirmed(SECOND, USER)


def test_an_operator_may_not_ask_for_another_one() -> None:
    driver = modelled()
    driver.agree(THIRD)
    driver.overreach(SECOND, THIRD, USER)
    driver.settle()
    assert driver.requested_network(USER) is None
    driver.ask_customer_centre(THIRD, USER, agrees=True)
    driver.settle()
    assert driver.agreed_network(USER) == THIRD


def test_a_request_that_names_another_card_is_nobodys() -> None:
    driver = modelled()
    driver.subscribe(FIRST, ANOTHER)
    driver.impersonate_card(ANOTHER, USER)
    change(driver, user=ANOTHER)
    assert driver.requested_network(USER) is driver.requested_network(ANOTHER) is None


def test_a_party_that_does_not_run_is_as_if_it_were_not_there() -> None:
    driver = modelled()
    driver.stop(Party.APPLICATION_SERVER)
    change(driver)
    assert driver.requested_network(USER) is None
    driver.start(Party.APPLICATION_SERVER)
    driver.stop(Party.SECOND_REGISTER)
    change(driver)
    assert driver.sessions() == frozenset()
    assert driver.standing(USER) is Standing.UNCHANGED


def test_a_device_without_power_is_nowhere_and_nothing_can_rest() -> None:
    driver = modelled()
    driver.switch_off(USER)
    assert driver.attached_to(USER) is None
    with pytest.raises(UnsupportedError):
        driver.settle()
    driver.switch_on(USER)
    driver.settle()
    assert driver.attached_to(USER) == FIRST
