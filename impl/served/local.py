"""A deployment on this machine alone, at addresses that are free now."""

from __future__ import annotations

import socket
from contextlib import ExitStack

import yaml

from impl.served.deployment import EXAMPLE


def deployment_text() -> str:
    """Return the example deployment with addresses that are free on this machine."""
    plan = yaml.safe_load(EXAMPLE.read_text("utf-8"))
    ports = iter(free_ports(2 + 7 * len(plan["networks"])))
    server = plan["application_server"]
    for part, names in [
        (server, ("listens", "monitor")),
        *(
            (
                one,
                ("register_listens", "centre_listens", "site", "gsup", "smpp", "radio", "monitor"),
            )
            for one in plan["networks"]
        ),
    ]:
        part.update({name: f"127.0.0.1:{next(ports)}" for name in names})
    return yaml.safe_dump(plan, sort_keys=False)


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on, all held at once so that none comes twice."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
