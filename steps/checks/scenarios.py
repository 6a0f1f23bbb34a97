"""Changes of one user in which parties are made to die: each way to succeed, each way to fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from steps.driver import Driver, Exchange, Factory, Means, Message, Network, Setup, User

MOST_DEATHS = 2
"""In one run, of those that are tried."""


def begin_subscribed(factory: Factory, setup: Setup) -> Driver:
    """Make a system with which all operators agree, and whose user is of the first network."""
    driver = factory(setup)
    for network in Network:
        driver.agree(network)
    driver.subscribe(Network.FIRST, User.THE_USER)
    return driver


@dataclass(frozen=True, slots=True)
class Scenario:
    """Changes of one user, who is with the first network, and what surrounds them."""

    name: str
    prepare: Callable[[Driver], None] = lambda _: None
    by_operator: bool = False
    networks: tuple[Network, ...] = (Network.SECOND,)
    """Which networks the user asks for, one after the other."""

    @property
    def left(self) -> Network:
        """The network that the last change is to leave."""
        return (Network.FIRST, *self.networks)[-2]

    @property
    def joined(self) -> Network:
        """The network that the last change is to join."""
        return self.networks[-1]

    def begin(self, factory: Factory, setup: Setup) -> Driver:
        """Make a system in which this change can be asked for."""
        driver = begin_subscribed(factory, setup)
        self.prepare(driver)
        return driver

    def ask(self, driver: Driver) -> None:
        """Ask for each change, and wait until all are at rest.

        A request that got lost is made again, as often as deaths come at once.

        Raises:
            LostRequestError: it got lost, though the device was told that it was taken.
        """
        for network in self.networks:
            begun = len(driver.exchanges()) if network is not self.networks[0] else 0
            self._ask_for(network, driver)
            for _ in range(MOST_DEATHS):
                if driver.requested_network(User.THE_USER) == network:
                    break
                if _was_acknowledged(driver.exchanges()[begun:]):
                    raise LostRequestError
                self._ask_for(network, driver)

    def _ask_for(self, network: Network, driver: Driver) -> None:
        if self.by_operator:
            driver.ask_customer_centre(network, User.THE_USER, agrees=True)
        else:
            driver.request_change(network, Means.MENU, User.THE_USER)
        driver.settle()


class LostRequestError(Exception):
    """A request was acknowledged to its device, and nobody knows of it."""


def _was_acknowledged(exchanges: Sequence[Exchange]) -> bool:
    """Whether a device was told that what it sent last was taken (TS 24.011)."""
    for one in reversed(exchanges):
        if one.name.startswith("RP-DATA (SMS-SUBMIT"):
            return False
        if one.delivered and one.name.startswith("RP-ACK (SMS-SUBMIT-REPORT"):
            return True
    return False


def _lose_all(driver: Driver) -> None:
    driver.lose(Message.PERSONALIZATION, 1000)


SCENARIOS = (
    Scenario("the device asks"),
    Scenario("the operator asks", by_operator=True),
    Scenario(
        "two changes, one after the other; the first needs three messages",
        lambda driver: driver.lose(Message.PERSONALIZATION, 2),
        networks=(Network.SECOND, Network.THIRD),
    ),
    Scenario("the left operator is asked first", lambda driver: driver.ask_for_acknowledgement()),
    Scenario(
        "an entity asks the register",
        lambda driver: driver.interpose_entity(Network.SECOND),
    ),
    Scenario("the message has three parts", lambda driver: driver.send_in_parts(3)),
    Scenario("the admin code is wrong", lambda driver: driver.exchange_admin_code(User.THE_USER)),
    Scenario("every message is lost", _lose_all),
    Scenario("the attach is refused", lambda driver: driver.refuse_attach(Network.SECOND)),
)
"""Changes that succeed in each way there is, and that fail at each party."""
