"""The implementation in one process: real octets, a seeded simulation, virtual time."""

from __future__ import annotations

from steps.driver import Driver, Setup
from steps.drivers.simulated_faults import SimulatedFaults
from steps.drivers.simulated_observations import SimulatedObservations


class SimulatedDriver(SimulatedFaults, SimulatedObservations):
    """A world of `impl`, behind the door of the steps."""

    def close(self) -> None:
        """See `Driver`."""
        self.world.close()


def factory(setup: Setup) -> Driver:
    """Make the system."""
    return SimulatedDriver(setup)
