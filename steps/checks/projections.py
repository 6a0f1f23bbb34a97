"""What learning asks a system: small alphabets of calls, and what an outsider sees after each.

A projection is what users and the world do, one call of the driver each, with the sentence of the
features that stands for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from steps.driver import (
    CardReport,
    Driver,
    Factory,
    Means,
    Message,
    Network,
    Setup,
    Standing,
    User,
)

USER = User.THE_USER

Answer = tuple[str, ...]
"""What is seen, as sentences."""


@dataclass(frozen=True, slots=True)
class Call:
    """An input: the sentence that stands for it, and what it does to a driver."""

    sentence: str
    carry_out: Callable[[Driver], object]


@dataclass(frozen=True, slots=True)
class Projection:
    """An alphabet, and what is so from the beginning."""

    name: str
    calls: Mapping[str, Call]
    given: tuple[Call, ...] = ()

    def begin(self, factory: Factory) -> Driver:
        """Make a system in which the user subscribes to the first network."""
        driver = factory(Setup())
        try:
            for call in (*BACKGROUND, *self.given):
                call.carry_out(driver)
            driver.settle()
        except BaseException:
            driver.close()  # nobody else has it
            raise
        return driver

    def step(self, driver: Driver, letter: str) -> Answer:
        """Carry a call out, wait for rest, and say what is seen then."""
        self.calls[letter].carry_out(driver)
        driver.settle()
        return tuple(seen(driver))


def _agree(driver: Driver) -> None:
    driver.agree(Network.FIRST)
    driver.agree(Network.SECOND)


BACKGROUND = (
    Call(
        "the application server has agreements with the operators of the first and the second "
        "network",
        _agree,
    ),
    Call(
        f"a user who subscribes to {Network.FIRST}",
        lambda driver: driver.subscribe(Network.FIRST, USER),
    ),
)


def _request(network: Network) -> Call:
    return Call(
        f"the device has requested a change to {network}",
        lambda driver: driver.request_change(network, Means.MENU, USER),
    )


def _request_amid(fault: Call) -> Call:
    """Return a request during which something goes wrong, once."""

    def carry_out(driver: Driver) -> None:
        fault.carry_out(driver)
        driver.request_change(Network.SECOND, Means.MENU, USER)

    return Call(f"{fault.sentence}\n  And {_request(Network.SECOND).sentence}", carry_out)


def _lose(message: Message) -> Call:
    return Call(f"the next {message} is lost", lambda driver: driver.lose(message, 1))


def _refused(driver: Driver) -> None:
    driver.refuse_attach(Network.SECOND)
    driver.request_change(Network.SECOND, Means.MENU, USER)
    driver.settle()
    driver.allow_attach(Network.SECOND)


REQUESTS = {"to second": _request(Network.SECOND), "to first": _request(Network.FIRST)}
# The quickest to learn come first: what is wrong in one of them is found soon.
PROJECTIONS = (
    Projection(
        "attach",
        {
            "to second": REQUESTS["to second"],
            "refused": Call(
                f"{Network.SECOND} rejects every attach for good\n"
                f"  And {REQUESTS['to second'].sentence}\n"
                f"  And {Network.SECOND} accepts its subscribers again",
                _refused,
            ),
        },
    ),
    Projection(
        "delivery",
        {
            **REQUESTS,
            "message lost": _request_amid(_lose(Message.PERSONALIZATION)),
            "report lost": _request_amid(_lose(Message.REPORT)),
            "request lost": _request_amid(_lose(Message.REQUEST)),
        },
    ),
    Projection(
        "acknowledgement",
        {
            **REQUESTS,
            "refusing": Call(
                f"the operator of {Network.FIRST} refuses acknowledgement",
                lambda driver: driver.refuse_acknowledgement(Network.FIRST),
            ),
            "silent": Call(
                f"the operator of {Network.FIRST} never answers a question for acknowledgement",
                lambda driver: driver.silence_acknowledgement(Network.FIRST),
            ),
            "granting": Call(
                f"the operator of {Network.FIRST} grants acknowledgement again",
                lambda driver: driver.grant_acknowledgement(Network.FIRST),
            ),
        },
        given=(
            Call(
                "the application server asks for acknowledgement before a subscriber leaves",
                lambda driver: driver.ask_for_acknowledgement(),
            ),
        ),
    ),
    Projection(
        "admin code",
        {
            **REQUESTS,
            "wrong code": Call(
                "the application server holds another card's admin code for the card",
                lambda driver: driver.exchange_admin_code(USER),
            ),
            "right code": Call(
                "the application server holds the admin code of the card again",
                lambda driver: driver.restore_admin_code(USER),
            ),
        },
    ),
)

STANDINGS = {
    Standing.CHANGED: "the change is complete",
    Standing.UNCHANGED: "the change has ended without effect",
    Standing.REFUSED: "the application server has refused the request",
}
REPORTS = {
    CardReport.NONE: "the card has reported nothing",
    CardReport.DONE: "the card has reported that it has changed",
    CardReport.WRONG_ADMIN_CODE: "the card has reported a wrong admin code",
    CardReport.REFUSED: "the card has reported a refusal",
}


def seen(driver: Driver) -> Iterator[str]:
    """Yield what an outsider sees of the user's card, as sentences of the features."""
    if agreed := driver.agreed_network(USER):
        yield f"all parties agree that the card is of {agreed}"
    yield f"the device is attached to {driver.attached_to(USER) or 'no network'}"
    for network in (Network.FIRST, Network.SECOND):
        knows = "knows" if driver.register_knows(network, USER) else "does not know"
        yield f"the home register of {network} {knows} the card"
    if (standing := driver.standing(USER)) in STANDINGS:
        yield STANDINGS[standing]
    yield REPORTS[driver.card_report(USER)]
