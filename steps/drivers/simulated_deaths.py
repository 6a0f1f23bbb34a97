"""Letting parties of the implementation die at any of their moments (`steps.checks.crashes`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from impl.runtime.deaths import STORE, Death, Deaths
from steps.drivers.simulated_parties import NODES, SimulatedParties

PARTY_OF = {node: party.value for party, node in NODES.items()}
PARTY_OF |= {STORE + node: STORE + party for node, party in PARTY_OF.items()}
NODE_OF = {party: node for node, party in PARTY_OF.items()}


class SimulatedDeaths(SimulatedParties):
    """What a world offers beyond `Driver`: its parties can be made to die."""

    _deaths: Deaths | None = None

    def expose(self, deaths: Iterable[tuple[str, int]], absent_s: float) -> None:
        """Count moments from now on, and let parties die at some of them."""
        dying = [Death(NODE_OF.get(party, party), moment) for party, moment in deaths]
        self._deaths = Deaths(self.world, dying, absent_s)

    def spare(self) -> Sequence[tuple[str, object]]:
        """Let nobody die any more; return every moment that passed, in order, with its party."""
        assert self._deaths is not None
        self._deaths.end()
        return [(PARTY_OF.get(one.party, one.party), one) for one in self._deaths.moments]
