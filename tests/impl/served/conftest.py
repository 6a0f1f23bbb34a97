"""Parts of a deployment for the tests of the served system."""

import asyncio
import io
import json
import socket
from contextlib import AsyncExitStack

import pytest
import yaml

from impl.served.deployment import read_deployment
from impl.served.handset import make_handset
from impl.served.host import Host
from impl.served.local import deployment_text, free_ports
from impl.served.log import Log
from impl.served.processes import Process
from impl.served.set_up import insert_card, issue_card, open_server, set_up

FIRST = "20801"


class Notes:
    """A node that notes its events, and answers with commands that a test gives it."""

    def __init__(self):
        self.events = []
        self.commands = []

    def handle(self, event):
        self.events.append(event)
        commands, self.commands = self.commands, []
        return commands


class Lines(io.StringIO):
    """What a log wrote."""

    @property
    def records(self):
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def lines():
    return Lines()


@pytest.fixture
def log(lines):
    return Log("test", "debug", lines, lambda: 0.0)


@pytest.fixture
def host(log):
    return Host(log)


@pytest.fixture
def make_node():
    return Notes


@pytest.fixture
def until():
    async def wait(holds, seconds=30.0):
        """Let the loop run until something holds; fail if it does not in time."""
        async with asyncio.timeout(seconds):
            while not holds():  # noqa: ASYNC110 - what it waits for sets no event
                await asyncio.sleep(0.001)

    return wait


@pytest.fixture
def file(tmp_path):
    """The file of a deployment that is not set up."""
    path = tmp_path / "deployment.yaml"
    path.write_text(deployment_text(), "utf-8")
    return path


@pytest.fixture
def deployment(tmp_path):
    return deployed(tmp_path, lambda plan: plan)


@pytest.fixture
def deployment_with(tmp_path):
    """Make a deployment whose second network a test changes."""

    def make(change):
        def changed(plan):
            change(plan["networks"][1])
            return plan

        return deployed(tmp_path / "other", changed)

    (tmp_path / "other").mkdir()
    return make


@pytest.fixture
def gateway_deployment(deployment_with):
    """A deployment in which a network entity stands before the second home register."""
    names = ("listens", "inside_listens", "monitor")
    ports = free_ports(len(names))
    addresses = {name: f"127.0.0.1:{port}" for name, port in zip(names, ports, strict=True)}
    return deployment_with(lambda second: second.update(gateway=addresses))


def deployed(folder, change):
    file = folder / "deployment.yaml"
    file.write_text(yaml.safe_dump(change(yaml.safe_load(deployment_text()))), "utf-8")
    made = read_deployment(file)
    set_up(made)
    return made


@pytest.fixture
def unused_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Served:
    """Every party on a host of its own, in one process, joined by sockets."""

    def __init__(self, deployment, log):
        self.deployment, self.log = deployment, log
        self.stack = AsyncExitStack()
        self.parties = {}

    async def __aenter__(self):
        card = issue_card(self.deployment, FIRST, 1)
        await self.start("server", lambda process: process.add_application_server())
        for part in self.deployment.networks:
            await self.start(part.plmn, lambda process, part=part: process.add_network(part))
        iccid, memory = self.stack.enter_context(insert_card(card))
        host = Host(self.log)
        self.handset = make_handset(host, iccid, memory, self.deployment.reach)
        process = Process(self.deployment, host)
        process.add_devices([self.handset])
        await process.open(self.stack, None)
        await self.handset.reach_networks()
        return self

    async def __aexit__(self, *error):
        for name in tuple(self.parties):
            await self.stop(name)
        await self.stack.aclose()

    async def start(self, name, fill):
        stack, process = AsyncExitStack(), Process(self.deployment, Host(self.log))
        fill(process)
        await process.open(stack, None)
        self.parties[name] = stack, process

    async def stop(self, name):
        stack, _ = self.parties.pop(name)
        await stack.aclose()

    def missing(self):
        """Return links that are not there yet."""
        return [
            link
            for _, process in self.parties.values()
            for link in process.wanted
            if process.host.link(*link) is None
        ]

    @property
    def states(self):
        return [one.state for one in open_server(self.deployment).changes()]


@pytest.fixture
def serve(deployment, log, until):
    def run(test, deployment=deployment):
        async def go():
            async with Served(deployment, log) as served:
                await until(lambda: not served.missing())
                served.handset.switch_on()
                assert await served.handset.wait_for_service(FIRST, 30.0)
                await test(served)

        asyncio.run(go())

    return run
