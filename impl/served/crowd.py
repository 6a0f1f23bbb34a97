"""Many devices in one process whose users all want to change: the load of a load test.

Each user switches the device on, waits for service, and chooses the network to go to from the menu
of the card; who is not there in time switches it off and on and asks again, as people do. What
happens to whom stands in the log; where a card is, its memory says, so a crowd that was killed
goes on where its cards are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from impl.device.dpa import NotOnMenuError
from impl.served.handset import Handset, make_handset
from impl.served.log import Log
from impl.served.processes import Process
from impl.served.set_up import insert_card
from impl.values import PLMN


class Step(StrEnum):
    """What happens to a user, in this order."""

    WAITS = "waits"  # for service by any network; again, if they were not served in time
    ASKS = "asks"  # chooses the network to go to
    RESTARTS = "restarts"  # the card has the new identity, and is reset
    ARRIVES = "arrives"  # the device has service of the network that was chosen


@dataclass(frozen=True, slots=True)
class Wish:
    """What a crowd wants."""

    target: PLMN
    item: str
    """The name of that network on the menus of the cards."""
    at_once: int
    """How many users ask at the same time; the next one asks when one has arrived."""
    rate: float | None
    """How many ask in each second, whoever has arrived; None for no such beat."""
    patience_s: float
    """After so many seconds without what they wait for users begin again."""


class User:
    """One user with a device, and what they do until they are where they want to be."""

    def __init__(self, handset: Handset, wish: Wish, log: Log) -> None:
        self.handset = handset
        self._wish = wish
        self._log = log

    @property
    def is_there(self) -> bool:
        """Whether the device has service of the network that was wished for."""
        return self.handset.serving_network == self._wish.target

    async def change(self) -> None:
        """Come to the network that is wished for, however long it takes."""
        while not await self._try():
            self.handset.switch_off()

    async def _try(self) -> bool:
        self._note(Step.WAITS)
        self.handset.switch_on()
        if not await self._until(lambda: self.handset.serving_network is not None):
            return False
        if not self.is_there:
            self._note(Step.ASKS)
            try:
                self.handset.choose(self._wish.item)
            except NotOnMenuError:
                return False
            if not await self._until(lambda: self.handset.serving_network is None):
                return False
            self._note(Step.RESTARTS)
            if not await self._until(lambda: self.is_there):
                return False
        self._note(Step.ARRIVES)
        return True

    async def _until(self, holds: Callable[[], bool]) -> bool:
        return await self.handset.until(holds, self._wish.patience_s)

    def _note(self, step: Step) -> None:
        self._log.info("user", card=self.handset.iccid, step=step)


async def let_all_change(
    process: Process, cards: Iterable[Path], wish: Wish, ended: asyncio.Event
) -> None:
    """Let the users of all these cards change, then leave their devices on until `ended` is set.

    Raises:
        NotSetUpError: a file is no card's. Nobody did anything.
    """
    host, reach = process.host, process.deployment.reach
    async with AsyncExitStack() as stack:
        inserted = [stack.enter_context(insert_card(path)) for path in cards]
        users = [User(make_handset(host, *card, reach), wish, host.log) for card in inserted]
        process.add_devices(user.handset for user in users)
        await process.open(stack, None)
        host.log.info("runs", nodes=f"{len(users)} devices")
        if users:
            await users[0].handset.reach_networks(wish.patience_s)
        changing = asyncio.create_task(change_all(users, wish))
        stack.callback(changing.cancel)
        await ended.wait()
        for user in users:
            user.handset.switch_off()


async def change_all(users: Iterable[User], wish: Wish) -> None:
    """Let users begin one after the other: in a beat, or as others arrive."""
    turns = asyncio.Semaphore(wish.at_once)

    async def take_turn(user: User) -> None:
        async with turns:
            await user.change()

    async with asyncio.TaskGroup() as tasks:
        for user in users:
            if wish.rate is None:
                tasks.create_task(take_turn(user))
            else:
                tasks.create_task(user.change())
                await asyncio.sleep(1 / wish.rate)
