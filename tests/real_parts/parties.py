"""Our parties in one loop, each process of theirs on a host of its own, for the scripts here."""

import asyncio
import socket
import time
from contextlib import AsyncExitStack, contextmanager

import yaml

from impl.served.deployment import read_deployment, split_address
from impl.served.handset import make_handset
from impl.served.host import Host
from impl.served.local import deployment_text
from impl.served.log import Log
from impl.served.processes import Process
from impl.served.set_up import insert_card, issue_card, open_register, open_server, set_up

PATIENCE_S = 20.0
FIRST, SECOND = "20801", "26202"
NAMES = {FIRST: "First Mobile", SECOND: "Zweites Netz"}
OPEN = {"requested", "asking", "sent", "personalized", "confirmed", "releasing"}
"""States of a change that is not over."""


def wait(holds, what, seconds=PATIENCE_S):
    """Wait until something holds; a wait in vain ends the script."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"in vain: {what}"
        time.sleep(0.02)


async def until(holds, what, seconds=PATIENCE_S):
    """Let the loop run until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"in vain: {what}"
        await asyncio.sleep(0.01)


def listens(address):
    """Return whether somebody listens there."""
    try:
        socket.create_connection(split_address(address), 1.0).close()
    except OSError:
        return False
    return True


def deployed(folder, change=len):
    """Set up the example on free ports of loopback, after `change` had its way with the file."""
    plan = yaml.safe_load(deployment_text())
    change(plan)
    file = folder / "deployment.yaml"
    file.write_text(yaml.safe_dump(plan, sort_keys=False), "utf-8")
    deployment = read_deployment(file)
    set_up(deployment)
    return deployment


class Parties:
    """Server and networks; each can be stopped and started again."""

    def __init__(self, deployment, watch=None, register_elsewhere=()):
        """Prepare.

        Args:
            deployment: of all.
            watch: hears of each message, as `Trace` says.
            register_elsewhere: networks whose register is no process here.
        """
        self.deployment, self.watch = deployment, watch
        self._elsewhere = register_elsewhere
        self.log = Log("parties", "error")
        self.stack = AsyncExitStack()
        self.processes = {}

    async def __aenter__(self):
        await self.start("server", lambda one: one.add_application_server())
        for part in self.deployment.networks:
            await self.start(part.plmn, lambda one, part=part: self._fill(one, part))
        await until(lambda: not self.missing(), "links between the parties")
        return self

    async def __aexit__(self, *error):
        for name in tuple(self.processes):
            await self.stop(name)
        await self.stack.aclose()

    async def start(self, name, fill, deployment=None):
        """Let a process run; it may have read another deployment file."""
        stack = AsyncExitStack()
        process = Process(deployment or self.deployment, Host(self.log, self.watch))
        fill(process)
        await process.open(stack, None)
        self.processes[name] = stack, process

    def _fill(self, process, part):
        if part.plmn not in self._elsewhere:
            process.add_register(part)
        process.add_visitors(part)
        process.add_messages(part)
        process.add_centre(part)

    async def stop(self, name):
        stack, _ = self.processes.pop(name)
        await stack.aclose()

    def host(self, name):
        return self.processes[name][1].host

    def missing(self):
        """Return links that are not there yet."""
        return [
            link
            for _, process in self.processes.values()
            for link in process.wanted
            if process.host.link(*link) is None
        ]

    async def device(self, make):
        """Let a device run that `make` makes of a host, and switch it on."""
        process = Process(self.deployment, Host(self.log))
        handset = make(process.host)
        process.add_devices([handset])
        await process.open(self.stack, None)
        await until(lambda: all(air.is_open for air in handset.airs), "the air of all networks")
        handset.switch_on()
        return handset

    async def handset(self, path):
        """Let a device run with the card of that file."""
        iccid, memory = self.stack.enter_context(insert_card(path))
        reach = self.deployment.reach
        return await self.device(lambda host: make_handset(host, iccid, memory, reach))

    def request(self, plmn, iccid):
        """Let the user of a card go to the customer centre of a network."""
        _, process = self.processes[plmn]
        (centre,) = process.centres
        process.host.perform(f"centre {plmn}", centre.request(iccid, user_agreed=True))

    @property
    def states(self):
        """In which state each change is, the first one first."""
        return [str(one.state) for one in open_server(self.deployment).changes()]

    def register(self, plmn):
        """Return the register of a network, or the gateway before it, over its database."""
        return open_register(self.deployment, self.deployment.network(plmn))


@contextmanager
def issued(deployment, number=1):
    """Issue a card of the first network."""
    path = issue_card(deployment, FIRST, number)
    with insert_card(path) as (iccid, _):
        yield path, iccid
