"""Sentences of S4: what the card did with the personalization message."""

from steps.driver import CardReport, Driver, Standing, User
from steps.registry import then


@then("{card:Card} has reported that it has changed")
def card_reported_change(driver: Driver, card: User) -> None:
    assert driver.card_report(card) == CardReport.DONE


@then("{card:Card} has reported a wrong admin code")
def card_reported_wrong_code(driver: Driver, card: User) -> None:
    assert driver.card_report(card) == CardReport.WRONG_ADMIN_CODE


@then("{card:Card} has reported nothing")
def card_reported_nothing(driver: Driver, card: User) -> None:
    assert driver.card_report(card) == CardReport.NONE


@then("the change has ended without effect")
def change_ended_without_effect(driver: Driver) -> None:
    assert driver.standing(User.THE_USER) == Standing.UNCHANGED


@then("{card:Card} has reported a refusal")
def card_reported_refusal(driver: Driver, card: User) -> None:
    assert driver.card_report(card) == CardReport.REFUSED


@then("{card:Card} takes the PIN of its user and no other")
def card_takes_pin(driver: Driver, card: User) -> None:
    assert driver.takes_pin(card)


@then("no command to {card:Card} reads a key or an admin code, or changes identity and key")
def card_does_not_yield(driver: Driver, card: User) -> None:
    assert not driver.yields_to_commands(card)


@then("the change is complete")
def change_is_complete(driver: Driver) -> None:
    assert driver.standing(User.THE_USER) == Standing.CHANGED


@then("{card:Card} has reported that it takes no admin code any more")
def card_is_blocked(driver: Driver, card: User) -> None:
    assert driver.is_blocked(card)


@then("{card:Card} has not reported that it takes no admin code any more")
def card_is_not_blocked(driver: Driver, card: User) -> None:
    assert not driver.is_blocked(card)
