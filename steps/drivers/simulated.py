"""The implementation in one process: real octets, a seeded simulation, virtual time."""

from __future__ import annotations

from typing import ClassVar

from impl.runtime.pcap import capture
from impl.runtime.stepping import SteppedWorld
from impl.runtime.world import World
from steps.driver import Driver, Setup
from steps.drivers.simulated_deaths import SimulatedDeaths
from steps.drivers.simulated_faults import SimulatedFaults
from steps.drivers.simulated_observations import SimulatedObservations
from steps.drivers.simulated_order import SimulatedOrder
from steps.drivers.simulated_stage import SimulatedStage
from steps.drivers.stage import OnStage


class SimulatedDriver(
    SimulatedDeaths, SimulatedOrder, SimulatedFaults, SimulatedObservations, OnStage
):
    """A world of `impl`, behind the door of the steps.

    Options of the ICS: `variant`, "hardened" (default) or "literal": what the card does with the
    pair that it replaces.
    """

    make_world: ClassVar[type[World]] = SteppedWorld

    def pcap(self) -> bytes:
        """Return what passed so far as a capture for Wireshark; `Driver` does not ask for it."""
        return capture(self.world.journal.entries)

    def stage(self) -> SimulatedStage:
        """Put one card on a stage; see `steps.drivers.stage`."""
        return SimulatedStage(self)

    def close(self) -> None:
        """See `Driver`."""
        self.world.close()


def factory(setup: Setup) -> Driver:
    """Make the system."""
    return SimulatedDriver(setup)
