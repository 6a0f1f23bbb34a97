"""A device of a deployment with the card in its slot, and what its user does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from impl.card.memory import Memory
from impl.card.menu import ENTER_CODE
from impl.card.uicc import Uicc
from impl.device.dpa import DevicePersonalizationApplication
from impl.device.registration import Radio
from impl.device.terminal import Terminal, TerminalConfig
from impl.events import Command, Event
from impl.ports import CardReader
from impl.served.host import Host
from impl.served.radio_link import DeviceAir
from impl.values import ICCID, PLMN

RADIO_S, STEP_S = 5.0, 0.01


class Watched:
    """A device whose changes of service are noted as they happen."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._changed = asyncio.Event()
        """Set whenever the device is served by another network, or by none."""

    def handle(self, event: Event) -> list[Command]:
        """Let the device handle it, and look where it is."""
        served_by = self._terminal.serving_network
        commands = self._terminal.handle(event)
        if self._terminal.serving_network != served_by:
            self._changed.set()
        return commands

    async def until(self, holds: Callable[[], bool], patience_s: float) -> bool:
        """Wait until something holds of the service; return whether it did in time."""
        try:
            async with asyncio.timeout(patience_s):
                while not holds():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True


class Handset:
    """One device; its node is called `device` and the ICCID of its card."""

    def __init__(
        self, host: Host, iccid: ICCID, card: CardReader, reach: Mapping[PLMN, Radio]
    ) -> None:
        """Put a card into a device that hears the networks `reach`."""
        self.iccid = iccid
        self.name = f"device {iccid}"
        self.screen = DevicePersonalizationApplication()
        self.terminal = Terminal(TerminalConfig(tuple(reach), reach), card, self.screen)
        self.node = Watched(self.terminal)
        """What a host runs."""
        self.airs: list[DeviceAir] = []
        """To the networks that it may hear."""
        self._host = host

    @property
    def serving_network(self) -> PLMN | None:
        """Where the device has service now."""
        return self.terminal.serving_network

    def switch_on(self) -> None:
        """Power the card and look for service."""
        self._host.perform(self.name, self.terminal.switch_on())

    def switch_off(self) -> None:
        """Leave the network and take the power from the card."""
        self._host.perform(self.name, self.terminal.switch_off())

    async def reach_networks(self, patience_s: float = RADIO_S) -> None:
        """Wait until the air of some network is there, as far as it comes in time."""
        for _ in range(round(patience_s / STEP_S)):
            if any(air.is_open for air in self.airs):
                return
            await asyncio.sleep(STEP_S)

    async def wait_for_service(self, plmn: PLMN | None, patience_s: float) -> bool:
        """Wait for service by `plmn`, by any network if None; return whether it came in time."""
        return await self.until(
            lambda: self.serving_network is not None and plmn in {None, self.serving_network},
            patience_s,
        )

    async def until(self, holds: Callable[[], bool], patience_s: float) -> bool:
        """Wait until something holds of the service; return whether it did in time."""
        return await self.node.until(holds, patience_s)

    def choose(self, item: str) -> None:
        """Let the user choose from the menu of the card [063].

        Raises:
            NotOnMenuError: there is no such item.
        """
        self._host.perform(self.name, self.terminal.choose(item))

    def type_code(self, code: str) -> None:
        """Let the user type a command code, as the operator's document says [063]."""
        self.screen.type_in(code)
        self.choose(ENTER_CODE)


def make_handset(host: Host, iccid: ICCID, memory: Memory, reach: Mapping[PLMN, Radio]) -> Handset:
    """Put a card that runs in this process into a device."""
    return Handset(host, iccid, Uicc(memory), reach)
