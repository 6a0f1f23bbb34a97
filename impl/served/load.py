"""Many users who change at the same time, through processes and sockets, and what comes of it.

A load makes a deployment of its own, starts every party as a process, and lets a crowd of devices
change. Under way processes may die as by `kill -9`, lines be cut and disks be full, one after the
other, and each is mended. At the end everything is stopped, and what all of them keep has to hold
together (`audit`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

import yaml

from impl.application_server.change import OPEN
from impl.application_server.server import ApplicationServer, ChangeView
from impl.errors import RefusedError, StoreBusyError, StoreLostError
from impl.runtime.sessions import SERVER
from impl.served.audit import audit
from impl.served.crowd import Step
from impl.served.deployment import read_deployment
from impl.served.fleet import Fleet, Record
from impl.served.lines import Lines, lines_of, servers_of
from impl.served.local import deployment_text, free_ports
from impl.served.set_up import issue_cards, open_server, set_up

ALL = "all"
"""Stands for everything of a kind, one after the other."""
KINDS = {"kill": "killed", "cut": "cut the line", "fill": "filled the disk of"}
"""What can go wrong, and how it is told: a process dies as by `kill -9` and is started again, all
connections to an address end and none begins, or nothing more can be written."""
CROWD = "crowd"
APART = ("hlr", "vlr", "smsc", "centre")
"""What a network is made of, if its nodes are processes of their own."""
KEEPERS = {"hlr": "register_database", "smsc": "smsc_database"}
"""Which of them have a database, and where the deployment says that it is elsewhere."""
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
    faults: tuple[tuple[str, str], ...] = ()
    """What goes wrong, in this order, evenly over the load: a kind of `KINDS` and a name, or `ALL`
    of that kind."""
    down_s: float = 1.0
    """How long each of it lasts."""
    patience_s: float = 20.0
    """After so many seconds without service users begin again."""
    longest_s: float = 600.0
    """After so many seconds the load ends, whoever has arrived."""
    servers: int = 1
    """How many application servers share one database and one address."""
    databases: tuple[tuple[str, str], ...] = ()
    """Nodes that keep their state elsewhere than in SQLite, each with a URL."""


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
    struck: list[str] = field(default_factory=list)
    """What went wrong, in words."""
    troubles: dict[str, int] = field(default_factory=dict)
    """How often which warning or error stood in a log."""
    faults: list[str] = field(default_factory=list)
    """What does not hold of what cards, registers and server keep."""

    @property
    def is_good(self) -> bool:
        """Whether everybody arrived, and all holds together."""
        return self.arrived == self.plan.cards and not self.faults


def strikable(
    kind: str, plmns: Sequence[str], servers: int = 1, elsewhere: Collection[str] = ()
) -> list[str]:
    """Return the names of what can go wrong in that way.

    Args:
        kind: one of `KINDS`.
        plmns: of the networks.
        servers: how many application servers there are.
        elsewhere: nodes whose database is not on a disk that they fill.
    """
    if kind == "cut":
        return lines_of(plmns)
    if kind == "kill":
        return [*servers_of(servers), *_nodes(plmns, APART), CROWD]
    own = [] if SERVER in elsewhere else servers_of(servers)
    return [*own, *(node for node in _nodes(plmns, KEEPERS) if node not in elsewhere)]


def _nodes(plmns: Iterable[str], roles: Collection[str]) -> list[str]:
    return [f"{role} {plmn}" for plmn in plmns for role in roles]


class Load:
    """One load in a folder of its own."""

    def __init__(
        self, folder: Path, plan: LoadPlan, tell: Tell, show: Callable[[str], None]
    ) -> None:
        """Prepare.

        Raises:
            LoadError: the folder holds something, what is to go wrong is not there, or who is to
                have a database has none.
        """
        if any(folder.iterdir()):
            raise LoadError(f"{folder}: holds something; name a new folder")
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
        self.faults = list(self._all_faults())
        cut = [name for kind, name in self.faults if kind == "cut"]
        self._lines = Lines(self._file, cut, plan.servers)
        self._roles = self._make_roles()

    async def run(self) -> Outcome:
        """Let everybody change, and look what came of it.

        Raises:
            NotRunningError: a process did not start, or not again.
        """
        self._make_cards()
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._lines.close)
            await self._lines.open()
            stack.push_async_callback(self._fleet.stop)
            for number, name in enumerate(self._roles):
                self._tell("processes", number, len(self._roles))
                await self._start(name)
            striking = asyncio.create_task(self._strike_all())
            stack.callback(striking.cancel)
            await self._until(lambda: self.outcome.arrived == self._plan.cards, striking)
            await self._until(self._is_quiet, striking)
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
        ports = iter(free_ports(len(APART) * len(networks) + plan.servers - 1))
        roles: dict[str, Role] = {SERVER: (SERVER,)}
        for name in servers_of(plan.servers)[1:]:
            roles[name] = (SERVER, "--monitor", f"127.0.0.1:{next(ports)}")
        for part in networks:
            apart = {
                f"{role} {part.plmn}": (role, part.plmn, "--monitor", f"127.0.0.1:{next(ports)}")
                for role in APART
            }
            whole = {f"network {part.plmn}": ("network", part.plmn)}
            is_struck = any(name.endswith(f" {part.plmn}") for _, name in self.faults)
            roles |= apart if is_struck else whole
        pace = ("--rate", str(plan.rate)) if plan.rate else ("--at-once", str(plan.at_once))
        wish = ("--to", networks[1].name, "--patience", str(plan.patience_s))
        return {**roles, CROWD: (CROWD, *wish, *pace)}

    def _all_faults(self) -> Iterator[tuple[str, str]]:
        plan, plmns = self._plan, [part.plmn for part in self._deployment.networks]
        for kind, wanted in plan.faults:
            names = strikable(kind, plmns, plan.servers, dict(plan.databases))
            if wanted not in {*names, ALL}:
                raise LoadError(f"--{kind} {wanted!r}: there is {ALL}, {', '.join(names)}")
            yield from ((kind, name) for name in names if wanted in {name, ALL})

    async def _start(self, name: str) -> None:
        await self._fleet.start(*self._roles[name], file=self._lines.file_of(name))

    async def _strike_all(self) -> None:
        """Let one thing after the other go wrong while users change, and mend each."""
        for number, (kind, name) in enumerate(self.faults, start=1):
            share = self._plan.cards * number // (len(self.faults) + 1)
            while self.outcome.arrived < share:  # noqa: ASYNC110 - counted as lines come
                await asyncio.sleep(LOOK_S / 10)
            self.outcome.struck.append(f"{KINDS[kind]} {name}")
            await self._strike(kind, name)

    async def _strike(self, kind: str, name: str) -> None:
        down = partial(asyncio.sleep, self._plan.down_s)
        if kind == "cut":
            await self._lines[name].cut()
            await down()
            self._lines[name].mend()
        elif kind == "fill":
            self._fleet.fill_disk(*self._roles[name])
            await down()
            self._fleet.empty_disk(*self._roles[name])
        else:
            await self._fleet.kill(*self._roles[name])
            await down()
            await self._start(name)

    async def _until(self, holds: Callable[[], bool], striking: asyncio.Task[None]) -> None:
        """Wait until something holds, or the longest time is over."""
        while not holds() and time.time() - (self._began_s or time.time()) < self._plan.longest_s:
            if striking.done():
                striking.result()
            await asyncio.sleep(LOOK_S)

    def _is_quiet(self) -> bool:
        """Whether the server has nothing under way any more."""
        try:
            return not any(one.state in OPEN for one in self._changes())
        except (StoreBusyError, StoreLostError):
            return False  # looked at again soon

    def _changes(self) -> Sequence[ChangeView]:
        return self._server.changes()

    @cached_property
    def _server(self) -> ApplicationServer:
        """The application server over its database, to read what it keeps."""
        return open_server(self._deployment)

    def hear(self, record: Record) -> None:
        """Note one line of a log."""
        if record["event"] == "user":
            self._note(record["card"], record["step"], float(record["time"]))
        elif record["level"] in {"warning", "error"}:
            why = record.get("why") or record.get("error") or ""
            trouble = f"{record['process']}: {record['event']}, {why}"
            self.outcome.troubles[trouble] = self.outcome.troubles.get(trouble, 0) + 1

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
    places = {SERVER: (deployment["application_server"], "database")}
    for part in deployment["networks"]:
        part["identities"] = 2 * plan.cards + 10
        places |= {f"{role} {part['plmn']}": (part, key) for role, key in KEEPERS.items()}
    for node, url in plan.databases:
        if node not in places:
            raise LoadError(f"--database {node!r}: there is {', '.join(places)}")
        part, key = places[node]
        part[key] = url
    return yaml.safe_dump(deployment, sort_keys=False)
