"""What tests of the whole world share: a trial with one user, and what every party says of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import pytest
from sqlalchemy import select

from impl.application_server.change import OPEN
from impl.application_server.records import card, card_key
from impl.network.records import SubscriberState
from impl.runtime.deployment import NETWORKS, NetworkPlan
from impl.runtime.evidence import Dissection
from impl.runtime.world import SERVER, Handset, World
from impl.values import PLMN

FIRST = NETWORKS[0]


class Standing(NamedTuple):
    """Where a card belongs, as each party says."""

    accepted: tuple[PLMN, ...]
    """Networks that accept it, each asked by a real attach."""
    owner: PLMN
    """Whose card it is in the records of the application server."""
    known: tuple[PLMN, ...]
    """Networks whose home register has it as a subscriber's."""
    reserved: int
    """Identities that registers hold for changes that are not complete."""
    open: int
    """Changes that the application server has not ended."""


@dataclass
class Trial:
    """A world in which all operators agreed, and its first user."""

    world: World
    user: Handset

    def ask(self, plan: NetworkPlan, user: Handset | None = None) -> None:
        """Let the user choose a network from the menu."""
        self.world.choose(user or self.user, plan.name)

    def change(self, plan: NetworkPlan, user: Handset | None = None) -> None:
        """Let the user choose a network, and wait until all is done."""
        self.ask(plan, user)
        self.world.settle()

    def standing(self, user: Handset | None = None) -> Standing:
        """Ask all parties."""
        asked = user or self.user
        registers = {plmn: one.register for plmn, one in self.world.networks.items()}
        iccid = asked.profile.iccid
        return Standing(
            tuple(plmn for plmn in registers if self._accepts(plmn, asked)),
            self._owner(asked),
            tuple(plmn for plmn, register in registers.items() if register.knows(iccid)),
            sum(register.count(SubscriberState.RESERVED) for register in registers.values()),
            sum(change.state in OPEN for change in self.world.server.changes(iccid)),
        )

    @staticmethod
    def settled_in(plan: NetworkPlan) -> Standing:
        """Return what all parties say when they agree that a card is of that network."""
        return Standing((plan.plmn,), plan.plmn, (plan.plmn,), 0, 0)

    def _accepts(self, plmn: PLMN, user: Handset) -> bool:
        self.world.select_network(user, plmn)
        self.world.settle()
        accepted = user.terminal.serving_network == plmn
        self.world.select_network(user, None)
        self.world.settle()
        return accepted

    def _owner(self, user: Handset) -> PLMN:
        query = select(card.c.plmn).where(card.c.key == card_key(user.profile.iccid))
        with self.world.stores[SERVER].begin() as connection:
            return PLMN(connection.execute(query).scalar_one())


class Begin(Protocol):
    """Begins a trial; the world is closed at the end of the block."""

    def __call__(
        self, seed: int = 1, plan: NetworkPlan = FIRST, **options: Any
    ) -> AbstractContextManager[Trial]: ...


@pytest.fixture
def begin() -> Begin:
    return _begin


@contextmanager
def _begin(seed: int = 1, plan: NetworkPlan = FIRST, **options: Any) -> Iterator[Trial]:
    world = World(seed, options=options)
    for each in NETWORKS:
        world.agree(each.plmn)
    user = world.subscribe(plan.plmn)
    world.settle()
    yield Trial(world, user)
    world.close()


@pytest.fixture
def said() -> Callable[[Dissection, str], bytes]:
    """Return what tells the octets that say a field of a message."""

    def octets_of(dissection: Dissection, name: str) -> bytes:
        begin, end = dissection.spans[name]
        return dissection.octets[begin:end]

    return octets_of


@pytest.fixture
def shows_a_secret() -> Callable[..., bool]:
    """Return what tells whether one of some secrets stands in what is shown of a message."""

    def shows(dissection: Dissection, *secrets: bytes) -> bool:
        text, raw = f"{dissection!r} {dissection.octets.hex()}", dissection.octets
        return any(one.hex() in text or repr(one)[2:-1] in text or one in raw for one in secrets)

    return shows
