"""The implementation in one process: real octets, a seeded simulation, virtual time."""

from __future__ import annotations

from impl.runtime.pcap import capture
from steps.driver import Driver, Setup
from steps.drivers.simulated_deaths import SimulatedDeaths
from steps.drivers.simulated_faults import SimulatedFaults
from steps.drivers.simulated_observations import SimulatedObservations
from steps.drivers.simulated_order import SimulatedOrder


class SimulatedDriver(SimulatedDeaths, SimulatedOrder, SimulatedFaults, SimulatedObservations):
    """A world of `impl`, behind the door of the steps.

    Options of the ICS: `variant`, "hardened" (default) or "literal": what the card does with the
    pair that it replaces.
    """

    def pcap(self) -> bytes:
        """Return what passed so far as a capture for Wireshark; `Driver` does not ask for it."""
        return capture(self.world.journal.entries)

    def close(self) -> None:
        """See `Driver`."""
        self.world.close()


def factory(setup: Setup) -> Driver:
    """Make the system."""
    return SimulatedDriver(setup)
