"""What tests of the simulated system share: a driver with three agreed networks and one user."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from steps.driver import Means, Network, Setup, User
from steps.drivers.simulated import SimulatedDriver


class Begun(SimulatedDriver):
    """The driver, with the one user as what calls are about if nothing else is said."""

    def change(self, network: Network = Network.SECOND, user: User = User.THE_USER) -> None:
        """Let the user ask by the menu, and wait until all is done."""
        self.request_change(network, Means.MENU, user)
        self.settle()


@pytest.fixture
def bare() -> Iterator[Begun]:
    """Return a driver as the factory makes it: nobody agreed, there is no user."""
    made = Begun(Setup(seed=5))
    yield made
    made.close()


@pytest.fixture
def simulated(bare: Begun) -> Begun:
    """Return a driver of which all networks agreed; the user subscribes to the first."""
    for network in Network:
        bare.agree(network)
    bare.subscribe(Network.FIRST, User.THE_USER)
    return bare
