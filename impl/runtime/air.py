"""The air between the networks of a world and its devices: what these hear and speak over."""

from __future__ import annotations

from collections.abc import Sequence

from impl.device.terminal import TerminalConfig
from impl.events import Interface, Peer
from impl.network.vlr import ATTACHMENTS
from impl.runtime.deployment import NetworkPlan
from impl.runtime.simulation import Runtime
from impl.values import ICCID

DELAY_S = 0.05
"""How long a message is on the air."""


class Air:
    """Every device hears every network: what is the same for all of them is kept once."""

    def __init__(self, plans: Sequence[NetworkPlan]) -> None:
        self.heard = TerminalConfig(
            tuple(plan.plmn for plan in plans), {plan.plmn: plan.radio for plan in plans}
        )
        self._cells = [
            (plan.serving_node, Peer(interface, plan.plmn))
            for plan in plans
            for interface in (ATTACHMENTS[plan.generation][0].interface, Interface.SM)
        ]

    def join(self, runtime: Runtime, device: str, iccid: ICCID) -> None:
        """Make the links of a device, which networks know by the identifier of its card."""
        for serving, network in self._cells:
            there = Peer(network.interface, iccid)
            runtime.connect((device, network), (serving, there), DELAY_S)
