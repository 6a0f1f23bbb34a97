"""Many users who change at the same time, through processes and sockets, and what comes of it.

A load makes a deployment of its own, starts every party as a process, and lets a crowd of devices
change. Under way it may kill processes as `kill -9` does, one after the other, and start them
again. At the end everything is stopped, and what all of them keep has to hold together (`audit`).
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from impl.application_server.change import OPEN
from impl.application_server.server import ChangeView
from impl.errors import RefusedError
from impl.runtime.sessions import SERVER
from impl.served.audit import audit
from impl.served.crowd import Step
from impl.served.demo import deployment_text, free_ports
from impl.served.deployment import Deployment, read_deployment
from impl.served.fleet import Fleet, Record
from impl.served.set_up import issue_cards, open_server, set_up

ALL = "all"
"""Stands for every process that can be killed."""
CROWD = "crowd"
APART = ("hlr", "vlr", "smsc", "centre")
"""What a network is made of, if its nodes are processes of their own."""
LOOK_S = 0.25
"""How often is looked whether something has come about."""
RESEND_S = 10.0
"""After which the server sends MesP again: a load does not wait two minutes for what was lost."""

Role = tuple[str, ...]
Tell = Callable[[str, int, int], None]
"""Hears how far something is: what, how many are done, of how many."""


class LoadError(RefusedError):
    """A load was asked for that cannot be made. Nothing was started."""


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """How much, how fast, and what goes wrong under way."""

    cards: int
    at_once: int
    """How many users ask at the same time."""
    rate: float | None = None
    """How many ask in each second instead; None for as many as `at_once` allows."""
    kills: tuple[str, ...] = ()
    """Which processes are killed, in this order, evenly over the load: see `killable`, and
    `ALL`."""
    down_s: float = 1.0
    """How long each of them is gone."""
    patience_s: float = 20.0
    """After so many seconds without service users begin again."""
    longest_s: float = 600.0
    """After so many seconds the load ends, whoever has arrived."""


@dataclass(slots=True)
class Outcome:
    """What came of a load."""

    plan: LoadPlan
    arrived: int = 0
    asked: int = 0
    """How often users asked; more than cards if some had to ask again."""
    took_s: float = 0.0
    """From the first user who waits to the last who arrives."""
    phases: dict[str, list[float]] = field(default_factory=dict)
    """Seconds of each change, by phase."""
    killed: list[str] = field(default_factory=list)
    troubles: Counter[str] = field(default_factory=Counter)
    """How often which warning or error stood in a log."""
    faults: list[str] = field(default_factory=list)
    """What does not hold of what cards, registers and server keep."""

    @property
    def is_good(self) -> bool:
        """Whether everybody arrived, and all holds together."""
        return self.arrived == self.plan.cards and not self.faults


def killable(deployment: Deployment) -> list[str]:
    """Return the names of the processes that a load can kill."""
    networks = [f"network {part.plmn}" for part in deployment.networks]
    apart = [f"{role} {part.plmn}" for part in deployment.networks for role in APART]
    return [SERVER, *networks, *apart, CROWD]


class Load:
    """One load in a folder of its own."""

    def __init__(
        self, folder: Path, plan: LoadPlan, tell: Tell, show: Callable[[str], None]
    ) -> None:
        """Prepare.

        Raises:
            LoadError: a process is to be killed that there is none of.
        """
        self._file = folder / "deployment.yaml"
        self._file.write_text(_deployment_text(plan), "utf-8")
        self._deployment = read_deployment(self._file)
        self._plan = plan
        self._tell = tell
        self._fleet = Fleet(self._file, self.hear, show)
        self.outcome = Outcome(plan)
        self._asked: dict[str, float] = {}
        self._restarted: dict[str, float] = {}
        self._began_s = 0.0
        names = killable(self._deployment)
        every = tuple(name for name in names if not name.startswith("network"))
        self.kills = every if ALL in plan.kills else plan.kills
        self._roles = self._make_roles()
        for name in self.kills:
            if name not in names:
                raise LoadError(f"no process {name!r} to kill: there is {', '.join(names)}")
            if name not in self._roles:
                raise LoadError(f"{name!r} is no one process where a node of it is to be killed")

    async def run(self) -> Outcome:
        """Let everybody change, and look what came of it.

        Raises:
            NotRunningError: a process did not start, or not again.
        """
        self._make_cards()
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._fleet.stop)
            for number, role in enumerate(self._roles.values()):
                self._tell("processes", number, len(self._roles))
                await self._fleet.start(*role)
            killing = asyncio.create_task(self._kill())
            stack.callback(killing.cancel)
            await self._until(lambda: self.outcome.arrived == self._plan.cards, killing)
            await self._until(
                lambda: not any(one.state in OPEN for one in self._changes()), killing
            )
        ended = [one.ended - one.opened for one in self._changes() if one.ended is not None]
        self.outcome.phases["opened to ended, by the server"] = ended
        self.outcome.faults = list(audit(self._deployment))
        return self.outcome

    def _make_cards(self) -> None:
        set_up(self._deployment)
        numbers = range(1, self._plan.cards + 1)
        made = issue_cards(self._deployment, self._deployment.networks[0].plmn, numbers)
        for number, _ in enumerate(made):
            self._tell("cards", number + 1, self._plan.cards)

    def _make_roles(self) -> dict[str, Role]:
        """Return the processes by name, each with its arguments, in the order of their start."""
        plan, networks = self._plan, self._deployment.networks
        roles: dict[str, Role] = {SERVER: (SERVER,)}
        ports = iter(free_ports(len(APART) * len(networks)))
        for part in networks:
            apart = {
                f"{role} {part.plmn}": (role, part.plmn, "--monitor", f"127.0.0.1:{next(ports)}")
                for role in APART
            }
            whole = {f"network {part.plmn}": ("network", part.plmn)}
            roles |= whole if apart.keys().isdisjoint(self.kills) else apart
        pace = ("--rate", str(plan.rate)) if plan.rate else ("--at-once", str(plan.at_once))
        wish = ("--to", networks[1].name, "--patience", str(plan.patience_s))
        return {**roles, CROWD: (CROWD, *wish, *pace)}

    async def _kill(self) -> None:
        """Kill one process after the other while users change, and start each again."""
        for number, name in enumerate(self.kills, start=1):
            share = self._plan.cards * number // (len(self.kills) + 1)
            while self.outcome.arrived < share:  # noqa: ASYNC110 - counted as lines come
                await asyncio.sleep(LOOK_S / 10)
            await self._fleet.kill(*self._roles[name])
            self.outcome.killed.append(name)
            await asyncio.sleep(self._plan.down_s)
            await self._fleet.start(*self._roles[name])

    async def _until(self, holds: Callable[[], bool], killing: asyncio.Task[None]) -> None:
        """Wait until something holds, or the longest time is over."""
        while not holds() and time.time() - (self._began_s or time.time()) < self._plan.longest_s:
            if killing.done():
                killing.result()
            await asyncio.sleep(LOOK_S)

    def _is_quiet(self) -> bool:
        """Whether the server has nothing under way any more."""
        return not any(one.state in OPEN for one in self._changes())

    def _changes(self) -> Sequence[ChangeView]:
        return open_server(self._deployment).changes()

    def hear(self, record: Record) -> None:
        """Note one line of a log."""
        if record["event"] == "user":
            self._note(record["card"], record["step"], float(record["time"]))
        elif record["level"] in {"warning", "error"}:
            why = record.get("why") or record.get("error") or ""
            self.outcome.troubles[f"{record['process']}: {record['event']}, {why}"] += 1

    def _note(self, card: str, step: str, time_s: float) -> None:
        """Note what happened to a user; who asks again is measured from the first time."""
        outcome = self.outcome
        match step:
            case Step.WAITS:
                self._began_s = self._began_s or time_s
            case Step.ASKS:
                outcome.asked += 1
                self._asked.setdefault(card, time_s)
            case Step.RESTARTS:
                self._restarted[card] = time_s
            case Step.ARRIVES if card in self._asked:
                for phase, seconds in self._times(card, time_s):
                    outcome.phases.setdefault(phase, []).append(seconds)
                del self._asked[card]
                outcome.arrived += 1
                outcome.took_s = time_s - self._began_s
                self._tell("changes", outcome.arrived, self._plan.cards)

    def _times(self, card: str, arrived_s: float) -> Iterator[tuple[str, float]]:
        asked_s, restarted_s = self._asked[card], self._restarted.get(card)
        yield "asks to arrives, by the user", arrived_s - asked_s
        if restarted_s is not None:
            yield "asks to restarts, the card has changed", restarted_s - asked_s
            yield "restarts to arrives, the attach", arrived_s - restarted_s


def _deployment_text(plan: LoadPlan) -> str:
    """Return a deployment with identities for everybody, whose server soon says things again."""
    deployment = yaml.safe_load(deployment_text())
    deployment["application_server"] |= {"resend_after_s": RESEND_S, "attempts": 6}
    for part in deployment["networks"]:
        part["identities"] = 2 * plan.cards + 10
    return yaml.safe_dump(deployment, sort_keys=False)
