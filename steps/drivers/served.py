"""The implementation on real sockets of this machine, each node on a host of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from impl.runtime.simulation import Runtime
from impl.runtime.world import World
from impl.served.loopback import Loopback
from steps.driver import Driver, Interface, Setup
from steps.drivers.simulated import SimulatedDriver

IN_SESSIONS = {
    Interface.SERVER_FROM_REGISTER,
    Interface.SERVER_FROM_DESK,
    Interface.REGISTER_FROM_SERVER,
    Interface.DESK_FROM_SERVER,
}
"""Where octets go inside HTTPS."""


class ServedWorld(World):
    """A world whose nodes talk in SMPP, GSUP over IPA, HTTPS and over the air that is a socket."""

    make_runtime: ClassVar[Callable[[int], Runtime]] = Loopback

    def reconfigure_server(self, **changes: Any) -> None:
        """See `World`; who is asked next finds the server where it was."""
        super().reconfigure_server(**changes)
        self._let_open()

    def start(self, name: str) -> None:
        """See `World`; the same."""
        super().start(name)
        self._let_open()

    def _let_open(self) -> None:
        assert isinstance(self.simulation, Loopback)
        self.simulation.let_open()


class ServedDriver(SimulatedDriver):
    """The same calls, on that world."""

    make_world = ServedWorld

    def refused_nonsense(self, interface: Interface) -> bool:
        """See `Observations`; what is no message gets the answer of HTTP that says so."""
        if interface not in IN_SESSIONS:
            return super().refused_nonsense(interface)
        assert isinstance(self.world.simulation, Loopback)
        return [why for _, _, why in self.world.simulation.losses][-1:] == ["status 400"]


def factory(setup: Setup) -> Driver:
    """Make the system."""
    return ServedDriver(setup)
