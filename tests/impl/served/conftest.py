"""Parts of a deployment for the tests of the served system."""

import asyncio
import io
import json
import socket

import pytest
import yaml

from impl.served.demo import deployment_text, free_ports
from impl.served.deployment import read_deployment
from impl.served.host import Host
from impl.served.log import Log
from impl.served.set_up import set_up


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
