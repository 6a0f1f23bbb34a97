"""Requests that are made at once, what they come to, and what the model says they may come to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import permutations, product
from typing import NamedTuple

from steps.checks.scenarios import begin_subscribed
from steps.driver import Driver, Factory, Means, Network, Setup, User
from steps.drivers import load


class Ask(NamedTuple):
    """One request."""

    user: User
    network: Network
    by_operator: bool = False

    def make(self, driver: Driver) -> None:
        """Make it, without waiting."""
        if self.by_operator:
            driver.ask_customer_centre(self.network, self.user, agrees=True)
        else:
            driver.request_change(self.network, Means.MENU, self.user)


@dataclass(frozen=True, slots=True)
class Case:
    """Requests that are made at once."""

    name: str
    asks: tuple[Ask, ...]
    prepare: Callable[[Driver], None] = lambda _: None

    def begin(self, factory: Factory, setup: Setup) -> Driver:
        """Make a system in which all of it can be asked for."""
        driver = begin_subscribed(factory, setup)
        self.prepare(driver)
        driver.settle()
        return driver

    @property
    def users(self) -> tuple[User, ...]:
        """Whose cards are concerned."""
        return tuple(dict.fromkeys(ask.user for ask in self.asks))


def _leave_one_identity(driver: Driver) -> None:
    """Let the second network have one identity: that of a user who has just left it."""
    driver.subscribe(Network.SECOND, User.ANOTHER)
    driver.exhaust_identities(Network.SECOND)
    driver.request_change(Network.FIRST, Means.MENU, User.ANOTHER)
    driver.settle()


ME, OTHER = User.THE_USER, User.ANOTHER
CASES = (
    Case(
        "device and operator ask for different networks",
        (Ask(ME, Network.SECOND), Ask(ME, Network.THIRD, by_operator=True)),
    ),
    Case(
        "device and operator ask for the same network",
        (Ask(ME, Network.SECOND), Ask(ME, Network.SECOND, by_operator=True)),
    ),
    Case(
        "two operators ask",
        (
            Ask(ME, Network.SECOND, by_operator=True),
            Ask(ME, Network.THIRD, by_operator=True),
        ),
    ),
    Case(
        "three ask",
        (
            Ask(ME, Network.SECOND),
            Ask(ME, Network.SECOND, by_operator=True),
            Ask(ME, Network.THIRD, by_operator=True),
        ),
    ),
    Case(
        "two cards ask for the last identity",
        (Ask(ME, Network.SECOND), Ask(OTHER, Network.SECOND, by_operator=True)),
        _leave_one_identity,
    ),
)


class Outcome(NamedTuple):
    """What requests came to: the answers, and the end."""

    users: tuple[tuple[User, Network | None, int, int], ...]
    """Whose subscriber each is by the word of all, requests refused, messages sent."""
    provided: tuple[int, ...]
    """Identities that each register provided."""
    reserved: int
    shares_identity: bool

    def __str__(self) -> str:
        users = [
            f"{user} is of {network or 'no network that all agree on'}, {refused} refused, "
            f"{sent} messages sent"
            for user, network, refused, sent in self.users
        ]
        given = "/".join(map(str, self.provided))
        shared = ", one identity at two cards" * self.shares_identity
        return "; ".join([*users, f"{given} identities given, {self.reserved} kept{shared}"])


def outcome_of(driver: Driver, users: Sequence[User]) -> Outcome:
    """Ask all parties at rest."""
    return Outcome(
        tuple(
            (
                user,
                driver.agreed_network(user),
                driver.refused_requests(user),
                driver.messages_sent(user),
            )
            for user in users
        ),
        tuple(map(driver.provided_identities, Network)),
        sum(map(driver.reserved_identities, Network)),
        driver.shares_identity(),
    )


def sequential_outcomes(case: Case, setup: Setup) -> frozenset[Outcome]:
    """Ask the model for every outcome of the requests one after the other.

    In every order; each is made when the one before has been decided on, or when its change has
    ended.
    """
    found = set()
    for order in permutations(case.asks):
        for waits in product((False, True), repeat=len(order) - 1):
            driver = case.begin(load("modelled"), setup)
            for ask, wait in zip(order, (*waits, True), strict=True):
                ask.make(driver)
                if wait:
                    driver.settle()
            found.add(outcome_of(driver, case.users))
            driver.close()
    return frozenset(found)
