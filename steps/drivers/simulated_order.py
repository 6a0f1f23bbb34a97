"""Letting the messages of the implementation arrive in any order (`steps.checks.interleavings`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from impl.runtime.evidence import dissect
from impl.runtime.sessions import SERVER
from impl.runtime.simulation import Frame, Simulation
from steps.drivers.simulated_parties import SimulatedParties


class SimulatedOrder(SimulatedParties):
    """What a world offers beyond `Driver`: somebody else decides what arrives next."""

    def under_way(self) -> Mapping[str, tuple[str, Sequence[object]]]:
        """Return by way who receives, and what is under way, the next to arrive first."""
        return {
            f"{sender} > {target.interface} {target.name}": (frames[0].receiver, frames)
            for (sender, target), frames in self._simulation.under_way().items()
        }

    def let_arrive(self, message: object) -> None:
        """Let the first message of a way arrive."""
        assert isinstance(message, Frame)
        self._simulation.let_arrive(message)

    def let_time_pass(self) -> bool:
        """Let the next timer run out; return whether there was one."""
        return self._simulation.step()

    @property
    def _simulation(self) -> Simulation:
        assert isinstance(self.world.simulation, Simulation)
        return self.world.simulation

    def tell(self, message: object) -> str:
        """Say in words what a message is."""
        assert isinstance(message, Frame)
        from_network = message.sender.startswith(("VLR", "MME", "MSC"))
        shown = dissect(message.target.interface, message.message, from_network=from_network)
        return f"{message.sender} -> {message.receiver}: {shown.name}"

    def meeting_places(self) -> frozenset[str]:
        """Return the parties that decide for several requests: by what arrives there first."""
        kinds = ("HLR", "SMSC")
        return frozenset(
            {SERVER, *(f"{kind} {plmn}" for plmn in self.world.networks for kind in kinds)}
        )
